"""The figures on the page: title, what each shows, and what its numbers rest on."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd

from attnexplain.errors import UnknownNameError
from attnexplain.figures.report.grid import count
from attnexplain.registry import facts


@dataclass(frozen=True)
class Picture:
    """A figure of the page; `numbers` is the csv of what it plots, empty where there is none, `columns` its width."""

    name: str
    title: str
    caption: str
    sample: str
    source: str
    image: str
    numbers: str
    columns: int


def picture(svg: Path, confidence: float) -> Picture:
    """Facts of a figure and, from the numbers it plots, n and the kind of its intervals."""
    about = _facts(svg.stem)
    csv = svg.with_suffix(".csv")
    sample = sample_text(pd.read_csv(csv), confidence) if csv.is_file() else ""
    numbers = f"figures/{csv.name}" if csv.is_file() else ""
    source = f"After {about['citation']}." if about.get("citation") else ""
    words = about["title"], about.get("caption", ""), sample, source
    return Picture(svg.stem, *words, f"figures/{svg.name}", numbers, about.get("columns", 2))


def sample_text(plotted: pd.DataFrame, confidence: float) -> str:
    """How many texts and seeds the plotted numbers rest on, how many values are undefined, and the interval."""
    parts = []
    for column, unit in (("n_examples", "texts per cell"), ("n", "values per class"), ("n_seeds", "seeds per cell")):
        if column in plotted and plotted[column].notna().any():
            parts.append(f"{_span(plotted[column])} {unit}")
    if "n_undefined" in plotted:
        distinct = plotted.drop_duplicates([column for column in plotted if column not in _WITHIN])
        parts.append(f"{count(distinct['n_undefined'].sum())} undefined values in all")
    kinds = sorted(set(plotted["ci_kind"].dropna())) if "ci_kind" in plotted else []
    parts += [f"{100 * confidence:g} % intervals ({', '.join(kinds)})"] if kinds else []
    text = "; ".join(parts)
    return f"{text[:1].upper()}{text[1:]}." if text else ""


# Columns that differ between the rows of one histogram or curve.
_WITHIN = ("kind", "bin_low", "bin_high", "fraction", "x", "density")


def _span(column: pd.Series) -> str:
    low, high = column.min(), column.max()
    return count(low) if low == high else f"{count(low)} to {count(high)}"


def _facts(name: str) -> dict[str, Any]:
    try:
        return facts("figure", name)
    except UnknownNameError:
        return {"title": name}  # a figure whose plug-in is not installed here is still shown
