"""The page in short: what holds on every data set, what pulls both ways, and how often papers were right.

Only data sets with several seeds are counted, and only what an interval says.
"""

from collections import Counter

import pandas as pd

from attnexplain.figures.cells import inside_sentence
from attnexplain.figures.report.grid import count, missing
from attnexplain.pages.findings.claims import (
    AS_CLAIMED,
    CLAIMS,
    KEPT,
    KEPT_WITHIN,
    LOST,
    MAY_LOSE,
    NO_INTERVAL,
    ONE_SEED,
    OPPOSITE,
    decided,
    judged,
)
from attnexplain.pages.findings.notions import AGREE, OPEN, OPPOSE, aligned, verdict
from attnexplain.pages.findings.study import Study, difference_text, value_text
from attnexplain.pages.findings.truth import firsts
from attnexplain.pages.markdown import bullets, escaped, joined
from attnexplain.statistics.gains import BETTER, WORSE
from attnexplain.statistics.notions import ACCURACY, BY_NAME, NOTIONS


def in_short(study: Study) -> str:
    """A sentence per question, each counted from the tables."""
    told = study.known[study.known["gain"].notna()]
    if told.empty:
        return "No data set has two seeds, so no difference can be told from chance."
    lines = [_everywhere(study, told), _both_ways(study, told), _price(study, told), _papers(study)]
    lines += [_curves(study), _agreement(study), *_finders(study)]
    return bullets(line for line in lines if line)


def _everywhere(study: Study, told: pd.DataFrame) -> str:
    """Remedies that better a notion on every data set where it is told, two at least."""
    if told["dataset"].nunique() < 2:
        return ""
    bought: dict[str, list[str]] = {}
    faithful = told[told["notion"] != ACCURACY]
    for name, group in faithful.groupby(_remedies(study, faithful), sort=False):
        for notion, rows in group.groupby("notion", sort=False):
            if len(rows) > 1 and (rows["gain"] == BETTER).all():
                bought.setdefault(name, []).append(inside_sentence(BY_NAME[str(notion)].title))
    if not bought:
        return "No remedy betters a notion on every data set of several."
    order = sorted(bought, key=lambda name: -len(bought[name]))
    said = "; ".join(f"{name} ({', '.join(bought[name])})" for name in order)
    return f"**Better on every data set where it is told** (two at least): {escaped(said)}."


def _both_ways(study: Study, told: pd.DataFrame) -> str:
    """How many remedies better one notion and worsen another on one data set."""
    faithful = told[told["notion"] != ACCURACY]
    found = faithful.groupby(["dataset", _remedies(study, faithful)], sort=False)["gain"].agg(set)
    mixed = sum({BETTER, WORSE} <= gains for gains in found)
    clean = sum(BETTER in gains and WORSE not in gains for gains in found)
    return (
        f"**Notions pull apart**: of {count(len(found))} pairs of a remedy and a data set, {count(mixed)} are better "
        f"in one notion of faithfulness and worse in another, {count(clean)} better in some and worse in none."
    )


def _price(study: Study, told: pd.DataFrame) -> str:
    rows = told[told["notion"] == ACCURACY].to_dict("records")
    words = Counter(decided(row, KEPT) for row in rows)
    lost = [f"{study.remedy(row)} on {study.label(row['dataset'])}" for row in rows if decided(row, KEPT) == LOST]
    return (
        f"**Price**: of {count(len(rows))} differences in accuracy, {count(words[AS_CLAIMED])} stay within "
        f"{KEPT_WITHIN:g}, {count(words[LOST])} lose more"
        + (f" ({escaped(joined(lost))})" if lost else "")
        + f", and of {count(words[MAY_LOSE])} neither can be told."
    )


def _papers(study: Study) -> str:
    """How often the papers' claims hold, by paper."""
    words: dict[str, Counter[str]] = {}
    for claim in CLAIMS:
        found = [row["found"] for row in judged(study, claim) if row["found"] not in (ONE_SEED, NO_INTERVAL)]
        if found:
            words.setdefault(claim.source, Counter()).update(found)
    parts = []
    for source, counts in words.items():
        against = counts[OPPOSITE] + counts[LOST]
        neither = counts.total() - counts[AS_CLAIMED] - against
        parts.append(f"{source} {counts[AS_CLAIMED]} of {counts.total()} (against: {against}, neither: {neither})")
    return f"**Papers' claims** that are found as they are said: {escaped('; '.join(parts))}." if parts else ""


def _curves(study: Study) -> str:
    """The area under the curve of trained adversaries, which is one number per model and data set."""
    rows = study.known[study.known["notion"] == "curve"].to_dict("records")
    said = [
        f"{study.label(row['dataset'])}, {study.remedy(row)} {value_text(row)}"
        + ("" if missing(row["difference"]) else f" (difference {difference_text(row)})")
        for row in rows
    ]
    return (
        f"**Trained adversaries**, area under the curve (higher is harder): {escaped('; '.join(said))}." if said else ""
    )


def _agreement(study: Study) -> str:
    """Pairs of notions that agree, or contradict each other, wherever their interval says something."""
    words: dict[frozenset[str], list[str]] = {}
    for dataset in study.datasets:
        for key, pair in aligned(study, dataset).items():
            if said := verdict(pair):
                words.setdefault(key, []).append(said)
    if not words:
        return ""
    always = [key for key, found in words.items() if set(found) == {AGREE}]
    opposed = [key for key, found in words.items() if OPPOSE in found and AGREE not in found]
    mixed = [key for key, found in words.items() if OPPOSE in found and AGREE in found]
    rest = len(words) - len(always) - len(opposed) - len(mixed)
    accuracy = [key for key in opposed if ACCURACY in key]
    return (
        f"**Do notions rank models alike?** Of {count(len(words))} pairs, {count(len(always))} agree on every data "
        f"set, {count(len(opposed))} contradict each other on some and agree on none ({count(len(accuracy))} of these "
        f"are accuracy with another), {count(len(mixed))} do the one here and the other there, and {count(rest)} are "
        f"{OPEN} on some. Contradicting: {escaped(_pairs(opposed))}."
    )


def _pairs(keys: list[frozenset[str]]) -> str:
    """`a with b and c; d with e`: pairs, gathered under the notion that comes first."""
    partners: dict[str, list[str]] = {}
    for first, second in ([notion.title for notion in NOTIONS if notion.name in key] for key in keys):
        partners.setdefault(inside_sentence(first), []).append(inside_sentence(second))
    return "; ".join(f"{first} with {joined(others)}" for first, others in partners.items()) or "none"


def _finders(study: Study) -> list[str]:
    """Which method finds the evidence best, per data set, and under how many models."""
    parts = []
    for dataset, counts in firsts(study).items():
        total = sum(counts.values())
        said = ", ".join(f"{study.label(method)} under {count(n)}" for method, n in counts.most_common())
        parts.append(f"{study.label(dataset)}, of {count(total)} models: {said}")
    return [f"**Evidence is found best** (highest mean) by: {escaped('; '.join(parts))}."] if parts else []


def _remedies(study: Study, rows: pd.DataFrame) -> pd.Series:
    """The name of each row's remedy."""
    return pd.Series([study.remedy(row) for row in rows.to_dict("records")], index=rows.index, dtype=object)
