"""What each remedy costs and buys: one table of all data sets, and one of each with its numbers."""

from collections.abc import Mapping
from typing import Any

import pandas as pd

from attnexplain.figures.remedies import PLAIN
from attnexplain.figures.report.grid import count, missing
from attnexplain.pages.findings.claims import AS_CLAIMED, KEPT, KEPT_WITHIN, LOST, MAY_LOSE, decided
from attnexplain.pages.findings.study import Study, difference_text, value_text
from attnexplain.pages.markdown import bullets, escaped, joined, table
from attnexplain.statistics.gains import BETTER, OPEN, WORSE
from attnexplain.statistics.notions import ACCURACY, BY_NAME, HIGHER, LOWER

MARKS = {BETTER: " ▲", WORSE: " ▼"}
_SIGNS = {BETTER: "▲", WORSE: "▼", OPEN: "·", "": "–"}
_ENDS = {HIGHER: "↑", LOWER: "↓"}
_KEEPS = {AS_CLAIMED: " ✓", LOST: " ✗", MAY_LOSE: ""}
_KEYS = ["encoder", "attention", "normaliser", "regulariser"]


def overview(study: Study) -> str:
    """A row per remedy, a column per notion that takes a side, and in it one mark per data set with several seeds."""
    told = study.known[study.known["gain"].notna()]
    if told.empty:
        return "No data set has two seeds, so no difference can be told from chance."
    datasets = [name for name in study.datasets if (told["dataset"] == name).any()]
    notions = [name for name in study.notions if (told["notion"] == name).any()]
    marks: dict[str, dict[tuple[str, str], str]] = {}
    for row in told.to_dict("records"):
        marks.setdefault(study.remedy(row), {})[row["notion"], row["dataset"]] = row["gain"]
    rows = [
        [remedy, *(" ".join(_SIGNS[found.get((notion, name), "")] for name in datasets) for notion in notions)]
        for remedy, found in marks.items()
    ]
    order = escaped(joined([study.label(name) for name in datasets]))
    how = (
        f"One mark per data set with several seeds, in this order: {order}. "
        f"{_SIGNS[BETTER]} better, {_SIGNS[WORSE]} worse, {_SIGNS[OPEN]} no difference found, {_SIGNS['']} not "
        "measured. Arrows beside a notion: its better end."
    )
    titles = [f"{BY_NAME[name].title} {_ENDS[str(BY_NAME[name].better)]}" for name in notions]
    return f"{how}\n\n{table(['Remedy', *titles], rows)}"


def costs(study: Study) -> str:
    """A row per remedy, a column per data set with several seeds: the difference in accuracy, and if it is kept."""
    rows = study.known[(study.known["notion"] == ACCURACY) & study.known["gain"].notna()]
    if rows.empty:
        return ""
    datasets = [name for name in study.datasets if (rows["dataset"] == name).any()]
    found: dict[str, dict[str, str]] = {}
    for row in rows.to_dict("records"):
        found.setdefault(study.remedy(row), {})[row["dataset"]] = difference_text(row) + _KEEPS[decided(row, KEPT)]
    lines = [[remedy, *(cells.get(name, "–") for name in datasets)] for remedy, cells in found.items()]
    how = (
        f"Differences in accuracy; ✓ kept within {KEPT_WITHIN:g}, ✗ loses more than that, by the whole interval. "
        "No mark: cannot be told."
    )
    return f"{how}\n\n{table(['Remedy', *map(study.label, datasets)], lines)}"


def answer(study: Study, dataset: str) -> str:
    """A row per model, a column per notion."""
    own = study.known[study.known["dataset"] == dataset]
    notions = [name for name in study.notions if (own["notion"] == name).any()]
    rows = []
    for _, model in own.groupby(_KEYS, sort=False):
        records = {row["notion"]: row for row in model.to_dict("records")}
        first = next(iter(records.values()))
        name = study.remedy(first)
        rows.append([_plain_name(study) if name == PLAIN else name, *(_cell(records.get(one)) for one in notions)])
    return table(["Model", *(BY_NAME[name].title for name in notions)], rows)


def _plain_name(study: Study) -> str:
    return f"plain: {study.label(study.plain['encoder'])}, {study.label(study.plain['attention'])}"


def _cell(row: Mapping[Any, Any] | None) -> str:
    if row is None:
        return "–"
    return value_text(row) + MARKS.get(row["gain"] if isinstance(row["gain"], str) else "", "")


def ran(study: Study) -> str:
    """What was run: a row per data set; then what is missing, and why."""
    rows = []
    for dataset in study.datasets:
        own = study.runs[(study.runs["dataset"] == dataset) & study.runs["run"].notna()]
        models = own[["encoder", "attention", "normaliser", "regulariser"]].drop_duplicates()
        seeds = joined([count(one) for one in sorted(set(own["seed"]))])
        spans = [_span(own[name]) for name in ("n_train", "n_test", "epochs")]
        rows.append(
            [study.label(dataset), *spans, seeds, count(len(models)), count(len(own)), _plain_accuracy(study, dataset)]
        )
    columns = ("Data set", "Train", "Test", "Epochs", "Seeds", "Models", "Runs", "Accuracy of the plain model")
    absent = study.runs[~study.runs["dataset"].isin(study.datasets)]
    missing_ones = [
        f"not run: {escaped(joined([study.label(one) for one in sorted(set(group['dataset']))]))}"
        f" ({escaped(str(reason))})"
        for reason, group in absent.groupby("missing_reason")
    ]
    return "\n\n".join(part for part in (table(columns, rows), bullets(missing_ones)) if part)


def _plain_accuracy(study: Study, dataset: str) -> str:
    rows = study.known[(study.known["dataset"] == dataset) & (study.known["notion"] == ACCURACY)]
    found = [row for row in rows.to_dict("records") if study.remedy(row) == PLAIN]
    return value_text(found[0]) if found else "–"


def _span(column: pd.Series) -> str:
    known = column.dropna()
    if known.empty or missing(known.min()):
        return "–"
    low, high = count(known.min()), count(known.max())
    return low if low == high else f"{low} to {high}"
