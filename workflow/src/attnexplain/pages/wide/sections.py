"""The wide table for people: per data set and group of metrics a narrow table, of text that is no markup yet.

A model has a line of values and, where there are any, lines below it: chance, ceiling, published numbers, sizes.
"""

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import groupby
from typing import Any

import pandas as pd

from attnexplain.figures.cells import dataset_name, model_name
from attnexplain.figures.report.grid import NOTHING, compact, count, number, plural
from attnexplain.figures.style import Style
from attnexplain.identifiers import base_name
from attnexplain.pages.numbers import Notes
from attnexplain.pages.wide.measures import PERFORMANCE, Axes, Measure, Row, Wide
from attnexplain.statistics.intervals.base import EXAMPLES_ONLY
from attnexplain.tables.statistics import CELL

WIDEST = 4  # columns of values that a page takes
DIGITS = 3  # decimals, the same in a whole column; wide.csv has all
CHANCE = "chance"  # the line of null ranges
DIFFERS, EQUIVALENT = "*", "≈"
_KIND_MARKS = ("†", "‡", "§", "¶")


@dataclass(frozen=True)
class Marks:
    """What is set behind a value: signs of tests at `level`, and of intervals of another kind than the usual one."""

    level: float
    usual: str | None = None
    kinds: Mapping[str, str] = field(default_factory=dict)

    def of(self, row: Row) -> str:
        """The marks of one value; tests of a single seed, which say nothing about other seeds, have none."""
        single = row.get("ci_kind") == EXAMPLES_ONLY
        signs = {} if single else {DIFFERS: row.get("p_adjusted"), EQUIVALENT: row.get("p_equivalence_adjusted")}
        tests = "".join(sign for sign, p in signs.items() if p is not None and p <= self.level)
        return tests + self.kinds.get(row.get("ci_kind") or "", "")

    def legend(self, texts: str) -> list[str]:
        """What each mark that stands in `texts` means."""
        p = f"p ≤ {bare(f'{self.level:g}')}, Holm over the tests of the study"
        meanings = {
            DIFFERS: f"{DIFFERS} differs from chance ({p})",
            EQUIVALENT: f"{EQUIVALENT} equal to chance within the declared margin ({p})",
            **{mark: f"{mark} interval: {kind}" for kind, mark in self.kinds.items()},
        }
        return [meaning for mark, meaning in meanings.items() if mark in texts]


@dataclass(frozen=True)
class Model:
    """A model's name and its lines: what each is ("" for the values) and a text per column."""

    name: str
    lines: list[tuple[str, list[str]]]


@dataclass(frozen=True)
class Section:
    """One table: what its values are, what they rest on, and notes by letter."""

    title: str
    columns: list[str]
    models: list[Model]
    sizes: str
    legend: list[str]
    notes: dict[str, str]


@dataclass(frozen=True)
class Block:
    """A data set: its tables, and groups of metrics that have no value at all, with the reasons."""

    title: str
    identifier: str
    limits: str
    sections: list[Section]
    absent: list[tuple[str, list[str]]]


def marks_of(table: Wide, confidence: float) -> Marks:
    """The most frequent kind of interval goes without a mark."""
    kinds = Counter(row["ci_kind"] for row in table.rows.values() if row.get("ci_kind"))
    ordered = sorted(kinds, key=lambda kind: (-kinds[kind], kind))
    signs = {kind: _KIND_MARKS[place % len(_KIND_MARKS)] for place, kind in enumerate(ordered[1:])}
    return Marks(round(1 - confidence, 12), ordered[0] if ordered else None, signs)


def blocks(table: Wide, marks: Marks, style: Style) -> Iterator[Block]:
    """The blocks of all data sets; a data set under two limits has two."""
    for (dataset, limits), group in groupby(table.cells, key=lambda cell: cell[:2]):
        cells = list(group)
        sections: list[Section] = []
        absent: list[tuple[str, list[str]]] = []
        present = [one for one in table.measures if any((cell, one) in table.rows for cell in cells)]
        for title, measures in groups(present, style):
            reasons = _reasons(table, cells, measures)
            if reasons is None:
                sections += _sections(table, cells, (title, measures), marks, style)
            else:
                absent.append((title, reasons))
        name = dataset_name(_series(cells[0]), style)
        yield Block(name, dataset, limits, sections, absent)


def groups(measures: Sequence[Measure], style: Style) -> Iterator[tuple[str, list[Measure]]]:
    """Title and measures of what stands in one table; of pairs those with attention apart."""
    for (group, with_attention), found in groupby(measures, key=lambda one: (one.group, one.with_attention)):
        chosen = list(found)
        title = "Performance on test" if group == PERFORMANCE else style.label(group)
        if with_attention:
            title += f" of {style.label('attention').lower()} with other scores"
        elif chosen[0].method_b is not None:
            title += " between other scores"
        yield title, chosen


def column_name(measure: Measure, style: Style) -> str:
    """Name of a measure's column under the title of its group."""
    if measure.method_b is not None:
        both = [one for one in (measure.method, measure.method_b) if one is not None]
        others = [one for one in both if base_name(one) != "attention"] or both
        return ", ".join(map(style.label, others if measure.with_attention else both))
    if measure.group == PERFORMANCE or measure.method is None:
        return style.label(measure.metric)
    _, _, column = measure.metric.partition(":")
    if not column:
        return style.label(measure.method)
    name = style.labels.get(measure.metric, column.replace(":", ", "))
    return name if measure.method == "attention" else f"{name}: {style.label(measure.method)}"


def bare(text: str) -> str:
    """A number without the zero before its point: .235, −.071."""
    return text.removeprefix("0") if text.startswith("0.") else text.replace("−0.", "−.", 1)


def _sections(
    table: Wide, cells: Sequence[Axes], group: tuple[str, list[Measure]], marks: Marks, style: Style
) -> Iterator[Section]:
    title, measures = group
    n_parts = -(-len(measures) // WIDEST)
    for part in range(n_parts):
        chosen = measures[part * len(measures) // n_parts : (part + 1) * len(measures) // n_parts]
        numbered = f"{title} ({part + 1} of {n_parts})" if n_parts > 1 else title
        yield _section(table, cells, (numbered, chosen), marks, style)


def _section(
    table: Wide, cells: Sequence[Axes], group: tuple[str, list[Measure]], marks: Marks, style: Style
) -> Section:
    title, measures = group
    rows = {cell: [table.row(cell, measure) for measure in measures] for cell in cells}
    sizes = {_size(row) for of_cell in rows.values() for row in of_cell if row.get("mean") is not None}
    notes = Notes()
    lines: dict[str, Callable[[Row], str]] = {
        "": lambda row: _value(row, marks, notes),
        CHANCE: lambda row: _limits(row, "null_low", "null_high"),
        "ceiling": lambda row: "" if row.get("ceiling") is None else _number(row["ceiling"]),
        "published": lambda row: _published(row, notes),
        "texts × seeds": lambda row: "" if len(sizes) == 1 or row.get("mean") is None else _short_size(row),
    }
    models = []
    for cell, of_cell in rows.items():
        texts = [(what, [text(row) for row in of_cell]) for what, text in lines.items()]
        models.append(Model(_model(cell, style), [line for line in texts if any(line[1])]))
    said = "".join(text for model in models for text in model.lines[0][1])
    columns = [column_name(measure, style) for measure in measures]
    return Section(title, columns, models, _sizes(sizes), marks.legend(said), notes.by_letter())


def _value(row: Row, marks: Marks, notes: Notes) -> str:
    if row.get("mean") is None:
        reason = row.get("missing_reason") or f"undefined for all {count(row.get('n_undefined'))} texts × seeds"
        return f"{NOTHING} ({notes.letter(f'no value: {reason}')})"
    limits = _limits(row, "ci_low", "ci_high")
    return " ".join(part for part in (_number(row["mean"]), limits, marks.of(row)) if part)


def _published(row: Row, notes: Notes) -> str:
    if row.get("published") is None:
        return ""
    return f"{bare(compact(row['published']))} ({notes.letter(str(row.get('published_source') or 'source not known'))})"


def _limits(row: Row, low: str, high: str) -> str:
    if row.get(low) is None or row.get(high) is None:
        return ""
    return f"[{_number(row[low])}, {_number(row[high])}]"


def _number(value: float) -> str:
    return bare(number(value, DIGITS))


def _size(row: Row) -> tuple[int, int, int]:
    return int(row["n_examples"]), int(row["n_seeds"]), int(row["n_undefined"])


def _short_size(row: Row) -> str:
    examples, seeds, undefined = _size(row)
    return f"{count(examples)} × {seeds}" + (f", {count(undefined)} undefined" if undefined else "")


def _sizes(found: set[tuple[int, int, int]]) -> str:
    """`872 texts × 3 seeds, 9 undefined`; ranges where models or columns differ."""
    examples, seeds, undefined = (sorted({size[place] for size in found}) for place in range(3))
    texts = plural(examples[-1], "text", "texts") if len(examples) == 1 else f"{_range(examples)} texts"
    runs = plural(seeds[-1], "seed", "seeds") if len(seeds) == 1 else f"{_range(seeds)} seeds"
    return f"{texts} × {runs}, {_range(undefined)} undefined"


def _range(values: Sequence[int]) -> str:
    return count(values[0]) if len(values) == 1 else f"{count(values[0])} to {count(values[-1])}"


def _reasons(table: Wide, cells: Sequence[Axes], measures: Sequence[Measure]) -> list[str] | None:
    """Why no cell has a value of any of the measures, each reason once; None where some cell has one."""
    rows = [table.row(cell, measure) for cell in cells for measure in measures]
    if any(row.get("mean") is not None for row in rows):
        return None
    return sorted({str(row.get("missing_reason") or "undefined for every text") for row in rows})


def _model(cell: Axes, style: Style) -> str:
    row = _series(cell)
    return model_name(row, style) + ("" if row["control"] == "none" else f" ({style.label(row['control'])})")


def _series(cell: Axes) -> Any:
    return pd.Series(dict(zip(CELL, cell, strict=True)))
