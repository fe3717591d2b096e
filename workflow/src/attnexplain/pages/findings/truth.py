"""Which method finds the evidence under which remedy: the truth where it was planted, people's marks elsewhere."""

from collections import Counter
from collections.abc import Mapping
from typing import Any

import pandas as pd

from attnexplain.figures.remedies import PLAIN, sorted_remedies
from attnexplain.figures.report.grid import count, missing
from attnexplain.identifiers import base_name
from attnexplain.pages.findings.study import Study, value_text
from attnexplain.pages.markdown import bullets, escaped, folded, joined, table
from attnexplain.statistics.intervals.base import EXAMPLES_ONLY
from attnexplain.statistics.notions import is_remedy

METRIC, ATTENTION = "evidence-auprc", "attention"
PLANTED = "planted-"
_KEYS = ["encoder", "attention", "normaliser", "regulariser"]


def truth(study: Study) -> str:
    """A part per data set with evidence: sentences, then a row per model and a column per method."""
    rows = evidence(study)
    parts = [
        _part(study, name, rows[rows["dataset"] == name]) for name in study.datasets if (rows["dataset"] == name).any()
    ]
    return "\n\n".join(parts) or "No data set of this study has evidence, or `evidence-auprc` is not among its metrics."


def evidence(study: Study) -> pd.DataFrame:
    """Means of evidence AUPRC by model and method, of trained models."""
    table_ = study.statistics
    wanted = (table_["metric"].map(base_name) == METRIC) & (table_["class"] == "all") & table_["mean"].notna()
    rows = table_[wanted & table_["method"].notna()]
    kept = rows[[is_remedy(row) for row in rows.to_dict("records")]] if len(rows) else rows
    departures = study.gains.drop_duplicates(["dataset", *_KEYS])[["dataset", *_KEYS, "axis"]]
    return sorted_remedies(kept.merge(departures, on=["dataset", *_KEYS], how="inner"), study.plain)


def firsts(study: Study) -> dict[str, Counter[str]]:
    """Per data set with evidence, under how many models each method has the highest mean."""
    rows = evidence(study)
    best = rows.loc[rows.groupby(["dataset", *_KEYS], sort=False)["mean"].idxmax()] if len(rows) else rows
    return {
        name: Counter(best.loc[best["dataset"] == name, "method"])
        for name in study.datasets
        if (best["dataset"] == name).any()
    }


def _part(study: Study, dataset: str, rows: pd.DataFrame) -> str:
    methods = sorted(set(rows["method"]), key=lambda name: (base_name(name) != ATTENTION, name))
    models = [(study.remedy(group.iloc[0]), group.set_index("method")) for _, group in rows.groupby(_KEYS, sort=False)]
    of = "planted" if dataset.startswith(PLANTED) else "marked by people"
    lines = [_winners(study, models), *_beside_attention(study, dataset, methods), _at_random(models)]
    body = table(
        ["Model", *(study.label(one) for one in methods)], [_line(name, group, methods) for name, group in models]
    )
    title = f"**{escaped(study.label(dataset))}** (evidence {of})"
    return f"{title}\n\n{bullets(line for line in lines if line)}\n\n{folded('Evidence AUPRC of every method', body)}"


def _winners(study: Study, models: list[tuple[str, pd.DataFrame]]) -> str:
    first: dict[str, list[str]] = {}
    for name, group in models:
        first.setdefault(str(group["mean"].idxmax()), []).append(name)
    order = Counter({method: len(names) for method, names in first.items()}).most_common()
    said = [f"{study.label(method)} in {count(n)} ({', '.join(first[method])})" for method, n in order]
    return f"Highest mean of {count(len(models))} models: {escaped('; '.join(said))}."


def _beside_attention(study: Study, dataset: str, methods: list[str]) -> list[str]:
    """Per other method, under how many models it finds more than attention, or less, by the interval."""
    rows = study.comparisons
    wanted = (rows["dataset"] == dataset) & (rows["axis"] == "method") & (rows["metric"].map(base_name) == METRIC)
    found = [row for row in rows[wanted].to_dict("records") if is_remedy(row)]
    return [line for method in methods if (line := _against(study, method, found))]


def _against(study: Study, method: str, rows: list[dict[Any, Any]]) -> str:
    more: list[str] = []
    less: list[str] = []
    told = 0
    for row in rows:
        sides = [base_name(row["value"]), base_name(row["other"])]
        if {row["value"], row["other"]} != {method, ATTENTION} or method == ATTENTION or _silent(row):
            continue
        told += 1
        above, below = row["ci_low"] > 0, row["ci_high"] < 0
        ahead = more if (above and sides[1] == ATTENTION) or (below and sides[0] == ATTENTION) else less
        if above or below:
            ahead.append(study.remedy(row))
    if not told:
        return ""
    name, rest = escaped(study.label(method)), told - len(more) - len(less)
    said = f"{name} finds more than attention under {count(len(more))} of {count(told)} models"
    said += f", less under {count(len(less))}" + (f" ({escaped(joined(less))})" if less else "")
    return f"{said}, and no difference is found under {count(rest)}."


def _silent(row: Mapping[Any, Any]) -> bool:
    return missing(row["ci_low"]) or missing(row["ci_high"]) or row["ci_kind"] == EXAMPLES_ONLY


def _at_random(models: list[tuple[str, pd.DataFrame]]) -> str:
    """Models whose attention ranks no better than chance: its interval reaches down to the null range."""
    lost = []
    for name, group in models:
        rows = [row for method, row in group.iterrows() if base_name(str(method)) == ATTENTION]
        if rows and not missing(rows[0]["ci_low"]) and not missing(rows[0]["null_high"]):
            lost += [name] if rows[0]["ci_low"] <= rows[0]["null_high"] else []
    if not lost:
        return "Attention ranks evidence above chance under every model that has an interval."
    return f"Attention is not told from a random ranking, or lies below one, under: {escaped(joined(lost))}."


def _line(name: str, group: pd.DataFrame, methods: list[str]) -> list[str]:
    found = {str(method): row for method, row in group.iterrows()}
    said = "plain" if name == PLAIN else name
    return [said, *(value_text(found[one]) if one in found else "–" for one in methods)]
