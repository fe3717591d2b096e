"""What each model costs and gains against its plain model: the difference in accuracy and in each notion.

The plain model of a model is the same but for one axis, which is reset: first the regulariser (to `none`), else the
normaliser (to softmax), else the attention, else the encoder, to those of most of the study's models. So a regulariser
is set beside the same encoder without it, and an encoder beside the study's main one. Differences are those of the
table `comparisons`: paired by text and seed, with its interval. A trained adversary is no remedy and has no row, nor
has a control.

`gain` says what a difference amounts to: better or worse where its interval leaves out 0, no difference found where it
holds 0. It takes no side where a notion takes none, and none at one seed, whose interval is over texts alone. These are
intervals of single comparisons: of twenty of models that are alike, one will leave out 0 at 95 %. `p_adjusted`, where
the study tests the metric, is adjusted for all of them.
"""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from attnexplain.statistics.intervals.base import EXAMPLES_ONLY
from attnexplain.statistics.notions import HIGHER, NOTIONS, Notion, is_remedy, rows_of
from attnexplain.tables.statistics import CELL

Row = Mapping[str, Any]
Cell = tuple[str, ...]
BETTER, WORSE, OPEN = "better", "worse", "no difference found"
_PLAIN = {"regulariser": "none", "normaliser": "softmax"}
_AXES = ("regulariser", "normaliser", "attention", "encoder")  # in the order in which they are reset
_NUMBERS = ("mean", "ci_low", "ci_high", "ci_kind", "n_examples", "n_seeds", "n_undefined", "missing_reason")


def gain_rows(statistics: Sequence[Row], comparisons: Sequence[Row]) -> Iterator[dict[str, Any]]:
    """Rows of the table `gains` from those of `statistics` and `comparisons` of a whole study."""
    kept = [row for row in statistics if is_remedy(row)]
    cells = list(dict.fromkeys(_cell(row) for row in kept))
    plain = {cell: _departure(cell, cells) for cell in cells}
    for notion in NOTIONS:
        found = rows_of(notion, kept)
        means = {_cell(row): row for row in found}
        pairs = _pairs(rows_of(notion, comparisons))
        yield from (_row(notion, means[cell], plain[cell], pairs) for cell in cells if cell in means)


def gain(better: str | None, low: float | None, high: float | None, kind: str | None) -> str | None:
    """What an interval of a difference says."""
    if better is None or low is None or high is None or kind == EXAMPLES_ONLY:
        return None
    if low <= 0 <= high:
        return OPEN
    return BETTER if (low > 0) == (better == HIGHER) else WORSE


def _cell(row: Row) -> Cell:
    return tuple(row[axis] for axis in CELL)


def _departure(cell: Cell, cells: Sequence[Cell]) -> dict[str, str | None]:
    """Axis, value and plain value of the first axis that can be reset to a model of the study; nulls for none."""
    own = dict(zip(CELL, cell, strict=True))
    for axis in _AXES:
        plain = _PLAIN.get(axis) or _main(axis, cells)
        other = tuple({**own, axis: plain}.values())
        if own[axis] != plain and other in cells:
            return {"axis": axis, "value": own[axis], "plain": plain}
    return dict.fromkeys(("axis", "value", "plain"))


def _main(axis: str, cells: Sequence[Cell]) -> str:
    """What most models are on an axis; of equals the first by name."""
    counts = Counter(cell[CELL.index(axis)] for cell in cells)
    return min(counts, key=lambda name: (-counts[name], name))


def _pairs(comparisons: Sequence[Row]) -> dict[tuple[Any, ...], dict[str, Any]]:
    """Differences by (cell, axis, other), both ways."""
    found: dict[tuple[Any, ...], dict[str, Any]] = {}
    for row in comparisons:
        if row["axis"] in _AXES:
            own = dict(zip(CELL, _cell(row), strict=True))
            first = tuple({**own, row["axis"]: row["value"]}.values())
            second = tuple({**own, row["axis"]: row["other"]}.values())
            found[first, row["axis"], row["other"]] = _difference(row, 1)
            found[second, row["axis"], row["value"]] = _difference(row, -1)
    return found


def _difference(row: Row, sign: int) -> dict[str, Any]:
    ends = [None if row[name] is None else sign * row[name] for name in ("ci_low", "ci_high")]
    low, high = ends if sign > 0 else reversed(ends)
    value = None if row["difference"] is None else sign * row["difference"]
    about = {"difference_kind": row["ci_kind"], "p_adjusted": row["p_adjusted"]}
    return {"difference": value, "difference_low": low, "difference_high": high, **about}


def _row(notion: Notion, row: Row, departure: Mapping[str, str | None], pairs: Mapping[Any, Row]) -> dict[str, Any]:
    against = pairs.get((_cell(row), departure["axis"], departure["plain"]), {})
    ends = [against.get(name) for name in ("difference_low", "difference_high", "difference_kind")]
    about = {name: row.get(name) for name in ("study", *CELL, "metric", "method", "method_b", *_NUMBERS)}
    return {
        **about,
        **departure,
        "notion": notion.name,
        "better": notion.better,
        **against,
        "gain": gain(notion.better, *ends),
    }
