"""Names and colours. Expected values are the literal settings; colour distances follow the CIE 1976 formula."""

from itertools import combinations

import matplotlib as mpl
import numpy as np
import pytest

from attnexplain.figures.style import COLOURS, CYCLE, Style, style_of, theme
from attnexplain.identifiers import base_name

# Machado et al. (2009), severity 1: how linear RGB looks without the red and without the green receptor.
_SEEN = {
    "protanopia": [[0.152286, 1.052583, -0.204868], [0.114503, 0.786281, 0.099216], [-0.003882, -0.048116, 1.051998]],
    "deuteranopia": [[0.367322, 0.860646, -0.227968], [0.280085, 0.672501, 0.047413], [-0.01182, 0.04294, 0.968881]],
    "trichromacy": np.eye(3).tolist(),
}
_XYZ = np.array([[0.4124, 0.3576, 0.1805], [0.2126, 0.7152, 0.0722], [0.0193, 0.1192, 0.9505]])


@pytest.mark.parametrize(
    ("identifier", "name"),
    [
        ("bilstm", "BiLSTM"),
        ("integrated-gradients-3fa94c", "Integrated gradients (3fa94c)"),
        ("mlm+tying", "MLM + tying"),
        ("never-heard-of", "never-heard-of"),
    ],
)
def test_identifiers_are_named_and_unknown_ones_stand_as_they_are(identifier: str, name: str) -> None:
    assert Style().label(identifier) == name


def test_display_settings_go_before_built_in_names_and_colours() -> None:
    settings = {"display": {"labels": {"bilstm": "LSTM, both ways"}, "colours": {"dot": "#123456"}}}
    style = style_of(settings)
    assert style.label("bilstm") == "LSTM, both ways"
    assert style.colour_of_each(["additive", "dot"]) == {"additive": COLOURS["additive"], "dot": "#123456"}


def test_unknown_identifiers_take_colours_that_no_other_has() -> None:
    found = Style().colour_of_each(["additive", "dot", "mine", "yours"])
    assert len(set(found.values())) == 4


@pytest.mark.parametrize("seen", _SEEN)
def test_all_colours_differ_for_every_kind_of_colour_vision(seen: str) -> None:
    distances = [np.linalg.norm(_lab(a, seen) - _lab(b, seen)) for a, b in combinations(CYCLE, 2)]
    assert min(distances) > 12  # 2.3 is just noticeable


def test_a_variant_belongs_to_its_plug_in() -> None:
    assert base_name("gradient-3fa94c") == "gradient"
    assert base_name("leave-one-out") == "leave-one-out"


def test_the_theme_leaves_no_trace() -> None:
    before = dict(mpl.rcParams)
    with theme():
        assert mpl.rcParams["svg.hashsalt"] == "attnexplain"
    assert dict(mpl.rcParams) == before


def _lab(colour: str, seen: str) -> np.ndarray:
    rgb = np.array([int(colour[i : i + 2], 16) for i in (1, 3, 5)]) / 255
    linear = np.where(rgb <= 0.04045, rgb / 12.92, ((rgb + 0.055) / 1.055) ** 2.4)
    xyz = _XYZ @ np.clip(np.array(_SEEN[seen]) @ linear, 0, 1) / np.array([0.9505, 1.0, 1.089])
    x, y, z = np.where(xyz > 0.008856, np.cbrt(xyz), 7.787 * xyz + 16 / 116)
    return np.array([116 * y - 16, 500 * (x - y), 200 * (y - z)])
