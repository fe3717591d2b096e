"""What each remedy costs and buys: a table per data set, and sentences that count what its intervals say."""

from collections.abc import Mapping
from typing import Any

import pandas as pd

from attnexplain.figures.remedies import PLAIN
from attnexplain.figures.report.grid import count, missing
from attnexplain.pages.findings.study import Study, difference_text, value_text
from attnexplain.pages.markdown import bullets, escaped, joined, table
from attnexplain.statistics.gains import BETTER, OPEN, WORSE
from attnexplain.statistics.notions import ACCURACY, BY_NAME

MARKS = {BETTER: " ▲", WORSE: " ▼"}
_KEYS = ["encoder", "attention", "normaliser", "regulariser"]


def in_short(study: Study) -> str:
    """Per notion, how many remedies better and worsen it, by data set; of data sets with several seeds."""
    decided = study.known[study.known["gain"].notna()]
    lines = [
        _counted(study, notion, decided[decided["notion"] == notion])
        for notion in study.notions
        if (decided["notion"] == notion).any()
    ]
    return bullets(lines) if lines else "No data set has two seeds, so no difference can be told from chance."


def _counted(study: Study, notion: str, rows: pd.DataFrame) -> str:
    parts = []
    for dataset in (name for name in study.datasets if (rows["dataset"] == name).any()):
        own = rows[rows["dataset"] == dataset]
        said = [f"{study.label(dataset)}, of {count(len(own))} models"]
        for gain in (BETTER, WORSE):
            chosen = own[own["gain"] == gain].to_dict("records")
            names = joined([f"{study.remedy(row)} {difference_text(row)}" for row in chosen])
            said.append(f"{count(len(chosen))} {gain}" + (f" ({names})" if names else ""))
        said.append(f"{count((own['gain'] == OPEN).sum())} {OPEN}")
        parts.append(escaped(", ".join(said)))
    better = BY_NAME[notion].better
    return f"**{escaped(BY_NAME[notion].title)}** ({better} is better): {'; '.join(parts)}."


def both_ways(study: Study) -> str:
    """Which remedies better some notion while accuracy is not found to suffer, and which pay for it."""
    lines = []
    for dataset in study.datasets:
        own = study.known[(study.known["dataset"] == dataset) & study.known["gain"].notna()]
        cost = {study.remedy(row): row["gain"] for row in own[own["notion"] == ACCURACY].to_dict("records")}
        won: dict[str, list[str]] = {}
        for row in own[(own["notion"] != ACCURACY) & (own["gain"] == BETTER)].to_dict("records"):
            won.setdefault(study.remedy(row), []).append(BY_NAME[row["notion"]].title.lower())
        if not cost:
            continue
        paid = [f"{name} ({', '.join(notions)})" for name, notions in won.items() if cost.get(name) == WORSE]
        free = [f"{name} ({', '.join(notions)})" for name, notions in won.items() if cost.get(name) in (OPEN, BETTER)]
        said = [f"better in some notion and no loss of accuracy found: {joined(free) or 'none'}"]
        said.append(f"better in some notion at a loss of accuracy: {joined(paid) or 'none'}")
        lines.append(f"**{escaped(study.label(dataset))}**: {escaped('; '.join(said))}.")
    return bullets(lines)


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
