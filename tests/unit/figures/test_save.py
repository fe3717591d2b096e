"""Files of a figure. Expected: the same bytes twice, and no date or version in them."""

from pathlib import Path

import pandas as pd
import pytest
from matplotlib.figure import Figure

from attnexplain.figures.save import save


def _figure(height: float = 1.0) -> Figure:
    figure = Figure(figsize=(2, height))
    figure.subplots().plot([0, 1], marker="o", label="a line")
    return figure


def test_the_same_figure_is_written_as_the_same_bytes(tmp_path: Path) -> None:
    plotted = pd.DataFrame({"x": [0.1, None], "name": ["a", "b"]})
    first, second = (save(_figure(), plotted, tmp_path / name / "one") for name in "ab")
    assert [path.name for path in first] == ["one.svg", "one.png", "one.csv"]
    assert [path.read_bytes() for path in first] == [path.read_bytes() for path in second]


def test_metadata_names_neither_date_nor_software(tmp_path: Path) -> None:
    svg, png, _ = save(_figure(), pd.DataFrame({"x": [1]}), tmp_path / "one")
    assert b"<dc:date>" not in svg.read_bytes() and b"matplotlib.org" not in png.read_bytes().lower()


def test_the_csv_holds_the_numbers_exactly(tmp_path: Path) -> None:
    plotted = pd.DataFrame({"x": [1 / 3, 2e-17], "n": [1, 2]})
    csv = save(_figure(), plotted, tmp_path / "one")[2]
    pd.testing.assert_frame_equal(pd.read_csv(csv, float_precision="round_trip"), plotted, check_exact=True)


def test_a_very_tall_figure_still_fits_a_png(tmp_path: Path) -> None:
    assert save(_figure(height=500), pd.DataFrame({"x": [1]}), tmp_path / "tall")[1].is_file()


def test_nothing_half_written_is_left_behind(tmp_path: Path) -> None:
    broken = _figure()
    broken.axes[0].set_title("$\\unknown{$")
    with pytest.raises(ValueError, match="unknown"):
        save(broken, pd.DataFrame(), tmp_path / "one")
    assert not (tmp_path / "one.svg").exists()
