"""What a study trained: its grid, its training options, its runs, and the cells that have no value."""

from collections.abc import Iterable, Mapping
from typing import Any

import pandas as pd

from attnexplain.figures.cells import sort_cells
from attnexplain.figures.report.answer import NAMES, cell_names
from attnexplain.figures.report.grid import Cell, Grid, compact, count, measured, missing, plural, quantity, words
from attnexplain.figures.style import Style
from attnexplain.tables.statistics import CELL

_AXES = {
    "dataset": "Data sets",
    "encoder": "Encoders",
    "attention": "Attentions",
    "normaliser": "Normalisers",
    "regulariser": "Regularisers",
    "control": "Controls",
}
_COUNTS = {"n_train": "Train texts", "n_test": "Test texts", "vocabulary_size": "Words", "n_parameters": "Parameters"}
_EPOCHS = {"epochs": "Epochs", "best_epoch": "Kept epoch"}
_SCORES = {
    "dev_accuracy": "Dev accuracy",
    "test_accuracy": "Test accuracy",
    "test_f1": "Test F1",
    "test_roc_auc": "Test ROC-AUC",
}


def overview(runs: pd.DataFrame, settings: Mapping[str, Any], style: Style) -> list[tuple[str, str]]:
    """(term, what the study has of it): the axes of the grid, seeds, limits, runs, level of the intervals."""
    facts = [(title, _values(runs[axis], style)) for axis, title in _AXES.items()]
    facts.append(("Seeds", ", ".join(str(seed) for seed in sorted(set(runs["seed"]))) or "none"))
    facts.append(("Limits on the data", "; ".join(sorted(set(runs["limits"]))) or "none"))
    absent = int(runs["missing_reason"].notna().sum())
    facts.append(("Runs", count(len(runs) - absent) + (f", and {count(absent)} without result" if absent else "")))
    facts.append(("Intervals", f"{100 * settings['confidence']:g} %"))
    return facts


def training(specs: Iterable[Mapping[str, Any]], style: Style) -> Grid:
    """Options of training, one row per distinct set of them, with the data sets and encoders trained so."""
    groups: dict[tuple[tuple[str, str], ...], list[Mapping[str, Any]]] = {}
    for spec in specs:
        groups.setdefault(tuple(_options(spec).items()), []).append(spec)
    names = list(dict.fromkeys(name for options in groups for name, _ in options))
    rows = [
        [
            Cell(", ".join(sorted({style.label(spec["dataset"]["name"]) for spec in members}))),
            Cell(", ".join(sorted({style.label(spec["encoder"]["id"]) for spec in members}))),
            *(words(dict(options).get(name)) for name in names),
        ]
        for options, members in groups.items()
    ]
    return Grid(["Data sets", "Encoders", *names], rows)


def runs_grid(runs: pd.DataFrame, style: Style) -> Grid:
    """Every planned run: what it is, its sizes and its scores; or why it has none."""
    titles = ["Seed", *_COUNTS.values(), *_EPOCHS.values(), *_SCORES.values()]
    rows = [_run(row, style) for _, row in sort_cells(runs).iterrows()]
    return Grid([*NAMES, *titles, "Run"], rows, frozenset(titles))


def missing_grid(runs: pd.DataFrame, statistics: pd.DataFrame, replication: pd.DataFrame, style: Style) -> Grid:
    """Cells without a value, with the reason: of runs, of statistics, of published numbers."""
    rows = [
        [*cell_names(group.iloc[0], style), Cell(_what_run(group)), Cell(str(group["missing_reason"].iloc[0]))]
        for group in _groups(runs, [*CELL, "missing_reason"])
    ]
    rows += [
        [
            *cell_names(group.iloc[0], style),
            Cell(_what_statistics(group, style)),
            Cell(str(group["missing_reason"].iloc[0])),
        ]
        for group in _groups(statistics, [*CELL, "missing_reason"])
    ]
    for group in _groups(replication, ["dataset", "encoder", "attention", "missing_reason"]):
        first = group.iloc[0]
        model = f"{style.label(first['encoder'])}, {style.label(first['attention'])}"
        names = [Cell(style.label(first["dataset"])), Cell(model)]
        what = Cell(plural(len(group), "published number", "published numbers"))
        rows.append([*names, words(None), what, Cell(str(first["missing_reason"]))])
    return Grid([*NAMES, "What", "Reason"], rows)


def _groups(table: pd.DataFrame, keys: list[str]) -> list[pd.DataFrame]:
    absent = table[table["missing_reason"].notna()]
    return [group for _, group in absent.groupby(keys, sort=True)]


def _what_statistics(group: pd.DataFrame, style: Style) -> str:
    """Metrics without a value, and of which predicted classes where it is not all texts."""
    parts = []
    for metric, rows in group.groupby("metric", sort=True):
        classes = sorted(set(rows["class"]) - {"all"})
        of_classes = f" of class {', '.join(classes)}" if classes else ""
        parts.append(f"{style.label(str(metric))}{of_classes} ({plural(len(rows), 'value', 'values')})")
    return "; ".join(parts)


def _what_run(group: pd.DataFrame) -> str:
    seeds = ", ".join(str(seed) for seed in sorted(group["seed"]))
    return f"{'runs' if len(group) > 1 else 'run'} of seed {seeds}"


def _run(row: pd.Series, style: Style) -> list[Cell]:
    reason = row["missing_reason"]
    last = Cell(f"no result: {reason}") if not missing(reason) else words(row["run"])
    numbers = [quantity(row[name]) for name in ("seed", *_COUNTS, *_EPOCHS)]
    return [*cell_names(row, style), *numbers, *(measured(row[name]) for name in _SCORES), last]


def _options(spec: Mapping[str, Any]) -> dict[str, str]:
    vectors = f"SHA-256 {spec['vectors']['sha256'][:12]}…" if spec.get("vectors") else "none"
    tokeniser = spec["tokeniser"]["id"]
    return {"vectors": vectors, "tokeniser": tokeniser} | {
        name.replace("_", " "): _text(value) for name, value in spec["training"].items()
    }


def _text(value: Any) -> str:
    return compact(value) if isinstance(value, int | float) and not isinstance(value, bool) else str(value or "none")


def _values(column: pd.Series, style: Style) -> str:
    return ", ".join(style.label(value) for value in sorted(set(column.dropna()))) or "none"
