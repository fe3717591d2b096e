"""What was run, counts over all published numbers, and what word vectors change."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import pandas as pd

from attnexplain.figures.report.grid import count, missing, number
from attnexplain.pages.markdown import bullets, escaped, joined, table
from attnexplain.pages.numbers import KINDS
from attnexplain.pages.results import Results, StudyTables, label, text
from attnexplain.statistics.differences import Estimate, difference
from attnexplain.statistics.published import printed_as_nan

NARROW = 0.1  # half-width of an interval that can tell something
COUNTED = (
    "",
    "Published",
    "Beside ours",
    "With interval",
    "Inside",
    f"Interval within ±{NARROW:g}",
    "Inside of these",
    "Median absolute difference",
    "Median difference",
)

RUN = ("Data set", "Limits", "Train", "Test", "Seeds", "Epochs", "Kept", "Accuracy", "Vectors", "Models", "Controls")
LEARNT = (
    "Accuracy is that of single trained runs on test, the least and the greatest. Where it is hardly above that of "
    "guessing, the models have learnt next to nothing, and what is said of their attention below says little."
)


def setup(studies: Sequence[StudyTables]) -> str:
    """A table of the data sets of each study, those that are missing, and versions."""
    return "\n\n".join(_setup(study) for study in studies)


def _setup(study: StudyTables) -> str:
    rows = [_dataset(study, name) for name in study.datasets_with_runs]
    absent = study.runs[~study.runs["dataset"].isin(study.datasets_with_runs)]
    missing_ones = [
        f"not run: {_names(group['dataset'].unique())} ({escaped(str(reason))})"
        for reason, group in absent.groupby("missing_reason")
    ]
    versions = ", ".join(f"{name} {version}" for name, version in sorted(study.libraries.items()))
    said = f"Tables written with {versions}." if versions else ""
    parts = [f"**Study `{study.name}`**", table(RUN, rows), LEARNT, bullets(missing_ones), said]
    return "\n\n".join(part for part in parts if part)


def _dataset(study: StudyTables, name: str) -> list[str]:
    runs = study.runs[(study.runs["dataset"] == name) & study.runs["run"].notna()]
    plain = runs[runs["control"] == "none"]
    vectors = study.replication.loc[study.replication["dataset"] == name, "vectors"].dropna().unique()
    seeds = ", ".join(str(seed) for seed in sorted(set(runs["seed"])))
    models = plain[["encoder", "attention", "normaliser", "regulariser"]].drop_duplicates()
    controls = ", ".join(label(one) for one in sorted(set(runs["control"]) - {"none"}))
    cells = ["; ".join(sorted(set(runs["limits"]))), *(_span(runs[column]) for column in ("n_train", "n_test"))]
    epochs = [_span(plain[column]) for column in ("epochs", "best_epoch")]
    accuracy = _between(plain["test_accuracy"])
    known = "; ".join(vectors) or "–"
    return [label(name), *cells, seeds, *epochs, accuracy, known, str(len(models)), controls or "none"]


def _span(column: pd.Series) -> str:
    """`8`, or `5 to 8`."""
    known = column.dropna()
    if known.empty:
        return "–"
    low, high = count(known.min()), count(known.max())
    return low if low == high else f"{low} to {high}"


def _between(column: pd.Series) -> str:
    """`0.79 to 0.81`: of single runs."""
    return "–" if column.dropna().empty else " to ".join(number(one, 2) for one in (column.min(), column.max()))


def counts(replication: pd.DataFrame, confidence: float) -> str:
    """How many published numbers stand beside ours and lie inside; by kind, set and data set; what is missing."""
    beside = replication[replication["ours"].notna()]
    judged = beside[beside["inside"].notna()]
    start = (
        f"Of {count(len(replication))} published numbers of the planned models, {count(len(beside))} stand beside "
        f"ours. {count(len(judged))} of these have an interval, and {count(_inside(judged))} lie inside it. An "
        "interval is where our mean would lie over other seeds and texts; the published number, of one run, varies "
        f"too, so fewer than {100 * confidence:g} % inside are expected even of a perfect replication. A wide interval "
        "holds much: two seeds that differ leave it wide, so narrow ones are counted apart. Published numbers are "
        f"taken as printed, rounded. {printed_as_nan()} more numbers are printed as NaN by the authors and are left "
        "out."
    )
    kinds = {kind: replication[replication["metric"].map(test)] for kind, test in KINDS.items()}
    sets = {f"Set {name}": part for name, part in replication.groupby("result_set")}
    datasets = {label(str(name)): part for name, part in replication.groupby("dataset")}
    tables = [
        table(COUNTED, [_counted(name, part) for name, part in parts.items()]) for parts in (kinds, sets, datasets)
    ]
    return "\n\n".join([start, *tables, "Missing, by reason:", _missing(replication)])


def _counted(name: str, part: pd.DataFrame) -> list[str]:
    judged = part[part["inside"].notna()]
    narrow = judged[(judged["ci_high"] - judged["ci_low"]) / 2 <= NARROW]
    differences = part["difference"].dropna()
    medians = [differences.abs().median(), differences.median()] if len(differences) else [None, None]
    whole = [len(part), part["ours"].notna().sum(), len(judged), _inside(judged), len(narrow), _inside(narrow)]
    return [name, *(count(one) for one in whole), *(number(one, 3) for one in medians)]


def _inside(judged: pd.DataFrame) -> int:
    return int(judged["inside"].astype(bool).sum())


def _missing(replication: pd.DataFrame) -> str:
    absent = replication[replication["ours"].isna()]
    if absent.empty:
        return bullets(["none"])
    found = absent.groupby("missing_reason")["dataset"].agg(["size", "unique"]).sort_values("size", ascending=False)
    return bullets(
        f"{count(row['size'])}: {escaped(str(reason))} ({_names(row['unique'])})" for reason, row in found.iterrows()
    )


def _names(datasets: Iterable[str]) -> str:
    return escaped(joined([label(str(name)) for name in sorted(datasets)]))


def vectors(results: Results, other: StudyTables) -> str | None:
    """Tau and accuracy with other vectors beside those without and the published ones; None where none differ."""
    keys = ["dataset", "encoder", "attention", "class", "metric", "method", "method_b"]
    kept = [_compared(table_) for table_ in (results.replication, other.replication)]
    both = kept[0].merge(kept[1], on=keys, suffixes=("", "_other"))
    both = both[both["vectors"] != both["vectors_other"]]
    if both.empty:
        return None
    rows = [_moved(row) for row in both.to_dict("records")]
    sentences = [_sentence(both, rows, metric) for metric in ("kendall-tau", "accuracy")]
    columns = ("Data set", "Model", "Measure", "Published, B", "Ours", "Ours with them", "Nearer", "Change is clear")
    lines = [[*row["cells"], "yes" if row["nearer"] else "no", row["clear"]] for row in rows]
    body = table(columns, lines, left=3)
    swaps = both[["dataset", "vectors", "vectors_other"]].drop_duplicates().to_dict("records")
    listed = bullets(
        f"{label(swap['dataset'])}: {escaped(swap['vectors_other'])} in place of {escaped(swap['vectors'])}"
        for swap in swaps
    )
    explained = (
        "`Nearer`: whether the number with the other vectors is nearer to the published one (set B). `Change is "
        "clear`: whether the interval of the change holds 0 (no) or not (yes); only then did the vectors do more than "
        "seeds do."
    )
    return "\n\n".join([listed, *(sentence for sentence in sentences if sentence), explained, body])


def _compared(replication: pd.DataFrame) -> pd.DataFrame:
    """Tau of all classes and accuracy of set B, where ours is known."""
    rows = replication[(replication["result_set"].str.endswith("B")) & replication["ours"].notna()]
    rows = rows[rows["metric"].isin(["kendall-tau", "accuracy"]) & (rows["class"] == "all")]
    return rows.assign(method=rows["method"].fillna(""), method_b=rows["method_b"].fillna(""))


def _moved(row: Mapping[Any, Any]) -> dict[str, Any]:
    before, after = (_estimate(row, suffix) for suffix in ("", "_other"))
    change = difference(after, before)
    known = change.low is not None and change.high is not None
    clear = "–" if not known else "no" if (change.low or 0) <= 0 <= (change.high or 0) else "yes"
    pair = f"{label(row['method'])} vs {label(row['method_b']).lower()}" if row["method"] else ""
    model = f"{label(row['encoder'])}, {label(row['attention'])}"
    measure = f"{label(row['metric'])}{f': {pair}' if pair else ''}"
    published = number(row["published"], 2 if row["metric"] == "kendall-tau" else 3)
    cells = [label(row["dataset"]), model, measure, published]
    cells += [text(before), text(after)]
    nearer = abs(after.value - row["published"]) < abs(before.value - row["published"])
    return {"cells": cells, "nearer": nearer, "clear": clear, "metric": row["metric"]}


def _estimate(row: Mapping[Any, Any], suffix: str) -> Estimate:
    low, high = (
        None if missing(row[f"{end}{suffix}"]) else float(row[f"{end}{suffix}"]) for end in ("ci_low", "ci_high")
    )
    counted = (int(row[f"n_examples{suffix}"]), int(row[f"n_seeds{suffix}"]))
    return Estimate(float(row[f"ours{suffix}"]), low, high, *counted)


def _sentence(both: pd.DataFrame, rows: Sequence[Mapping[str, Any]], metric: str) -> str:
    """Whether the vectors move a metric towards the published values, by counts and by the median distance."""
    chosen, table_ = [row for row in rows if row["metric"] == metric], both[both["metric"] == metric]
    if not chosen:
        return ""
    before, after = ((table_[f"ours{suffix}"] - table_["published"]).abs().median() for suffix in ("", "_other"))
    nearer = sum(row["nearer"] for row in chosen)
    clear = sum(row["nearer"] and row["clear"] == "yes" for row in chosen)
    away = sum(not row["nearer"] and row["clear"] == "yes" for row in chosen)
    moved = "move towards" if nearer > len(chosen) / 2 and after < before else "do not move towards"
    return (
        f"**{label(metric)}**: with the other vectors the numbers {moved} the published ones: {nearer} of "
        f"{len(chosen)} lie nearer, {clear} of them by a clear change, and {away} lie farther by a clear change; the "
        f"median distance to the published numbers goes from {number(before, 3)} to {number(after, 3)}."
    )
