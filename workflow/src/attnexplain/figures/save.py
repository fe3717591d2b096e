"""Write a figure as svg and png, and the numbers it shows as csv; the same figure gives the same bytes."""

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pandas as pd
from matplotlib.figure import Figure

from attnexplain.figures.style import theme

_DPI = 160
_LARGEST = 60_000  # pixels: a png may not have more than 65,535 on a side


def save(figure: Figure, plotted: pd.DataFrame, stem: Path) -> list[Path]:
    """Write `stem`.svg, `stem`.png and `stem`.csv, each whole or not at all; returns the three paths."""
    stem.parent.mkdir(parents=True, exist_ok=True)
    dpi = min(_DPI, _LARGEST / max(figure.get_size_inches()))
    with theme():
        return [
            # The salt of ids is in the theme; a date or a version in the metadata would differ between runs.
            _write(stem, ".svg", lambda path: _savefig(figure, path, "svg", {"Date": None, "Creator": None}, dpi)),
            _write(stem, ".png", lambda path: _savefig(figure, path, "png", {"Software": None}, dpi)),
            _write(stem, ".csv", lambda path: plotted.to_csv(path, index=False, lineterminator="\n")),
        ]


def _savefig(figure: Figure, path: Path, kind: str, metadata: dict[str, Any], dpi: float) -> None:
    figure.savefig(path, format=kind, metadata=metadata, dpi=dpi)


def _write(stem: Path, suffix: str, writer: Callable[[Path], None]) -> Path:
    path = stem.with_name(stem.name + suffix)
    partial = path.with_name(f".{path.name}.{os.getpid()}.tmp")
    writer(partial)
    partial.replace(path)
    return path
