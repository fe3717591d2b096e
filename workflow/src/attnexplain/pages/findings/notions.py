"""Do the notions of faithfulness agree about models? From the table `agreement`, signs turned to `more faithful`."""

from collections.abc import Mapping
from typing import Any

from attnexplain.figures.cells import inside_sentence
from attnexplain.figures.report.grid import count, missing, number
from attnexplain.pages.findings.study import Study
from attnexplain.pages.markdown import bullets, escaped, folded, joined, table
from attnexplain.registry import facts, targets
from attnexplain.statistics.intervals.base import EXAMPLES_ONLY
from attnexplain.statistics.notions import HIGHER, LOWER, NOTIONS, Notion
from attnexplain.statistics.ranked import MODELS

Pairs = dict[frozenset[str], dict[str, Any]]
AGREE, OPPOSE, OPEN = "agree", "contradict each other", "neither"


def agreement(study: Study) -> str:
    """Per data set, counts of pairs that agree, and the rank correlations."""
    parts = []
    for dataset in study.datasets:
        pairs = aligned(study, dataset)
        if pairs:
            parts.append(f"{_sentence(study, dataset, pairs)}\n\n{folded('Rank correlations', _square(pairs))}")
    return "\n\n".join(parts) or "The study ranks too few models to compare its notions."


def aligned(study: Study, dataset: str) -> Pairs:
    """Pairs of notions -> tau-b over trained models, positive where both call the same models more faithful."""
    rows = study.agreement
    chosen = rows[(rows["dataset"] == dataset) & (rows["kind"] == "metrics") & (rows["ranked"] == MODELS)]
    found: Pairs = {}
    for row in chosen.to_dict("records"):
        sides = [_notion(row, suffix) for suffix in ("", "_other")]
        if any(side is None for side in sides) or missing(row["value"]):
            continue
        first, second = (side for side in sides if side is not None)
        sign = _sign(first) * _sign(second)
        key = frozenset((first.name, second.name))
        if len(key) == 2:
            found.setdefault(key, _turned(row, sign))
    return found


def _notion(row: Mapping[Any, Any], suffix: str) -> Notion | None:
    side = {name: row[f"{name}{suffix}"] for name in ("metric", "method", "method_b")}
    found = [notion for notion in NOTIONS if notion.better and not missing(side["metric"]) and notion.is_of(side)]
    return found[0] if found else None


def _sign(notion: Notion) -> int:
    """-1 where the table ranks the other end first: it goes by what an experiment's FACTS call its direction.

    What is no experiment, a metric or the area of a curve, is ranked from the high end.
    """
    experiment, _, column = notion.metric.partition(":")
    known = facts("experiment", experiment)["columns"] if experiment in targets("experiment") else {}
    direction = str(known.get(column, {}).get("direction", HIGHER)).partition(":")[0]
    return 1 if (direction == LOWER) == (notion.better == LOWER) else -1


def _turned(row: Mapping[Any, Any], sign: int) -> dict[str, Any]:
    ends = [row["ci_low"], row["ci_high"]]
    low, high = ends if sign > 0 else [None if missing(end) else -end for end in reversed(ends)]
    about = {name: row[name] for name in ("ci_kind", "p_value", "n_ranked", "n_seeds")}
    return {"value": sign * row["value"], "low": low, "high": high, **about}


def verdict(pair: Mapping[str, Any]) -> str | None:
    """What an interval over seeds and texts says of two notions; None without one."""
    if missing(pair["low"]) or missing(pair["high"]) or pair["ci_kind"] == EXAMPLES_ONLY:
        return None
    return AGREE if pair["low"] > 0 else OPPOSE if pair["high"] < 0 else OPEN


def _sentence(study: Study, dataset: str, pairs: Pairs) -> str:
    verdicts = {key: verdict(pair) for key, pair in pairs.items()}
    models = max(pair["n_ranked"] for pair in pairs.values())
    start = f"**{escaped(study.label(dataset))}**, {count(models)} models, {count(len(pairs))} pairs of notions: "
    if not any(verdicts.values()):
        return f"{start}no interval over seeds, so nothing is told."
    counted = [f"{count(sum(one == word for one in verdicts.values()))} {word}" for word in (AGREE, OPPOSE, OPEN)]
    opposed = [_names(key) for key, one in verdicts.items() if one == OPPOSE]
    said = f"{start}{', '.join(counted)} (by the interval of the rank correlation)."
    return said + (f" Contradicting: {escaped('; '.join(opposed))}." if opposed else "")


def _names(key: frozenset[str]) -> str:
    return joined([inside_sentence(notion.title) for notion in NOTIONS if notion.name in key])


def _square(pairs: Pairs) -> str:
    names = [notion for notion in NOTIONS if any(notion.name in key for key in pairs)]
    rows = []
    for place, first in enumerate(names[1:], start=1):
        cells = [_cell(pairs.get(frozenset((first.name, second.name)))) for second in names[:place]]
        rows.append([first.title, *cells, *[""] * (len(names) - 1 - place)])
    note = bullets(
        ["Kendall's τ-b over models; a star where the interval over resampled seeds and texts leaves out 0."]
    )
    return f"{table(['', *(notion.title for notion in names[:-1])], rows)}\n\n{note}"


def _cell(pair: Mapping[str, Any] | None) -> str:
    if pair is None:
        return "–"
    return number(pair["value"], 2) + ("*" if verdict(pair) in (AGREE, OPPOSE) else "")
