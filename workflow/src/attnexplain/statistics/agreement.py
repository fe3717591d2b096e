"""Do measures rank models alike, and methods; and would other seeds and examples have ranked them so?

Per data set, three kinds of rows:

rank       an item (a model or a method) under one metric: its rank, the range of its resampled ranks, the share of
           resamples in which it is first, and in which it stays on its side of the next one.
stability  one metric: the mean tau-b between the observed ranking and the resampled ones, and the share of resamples
           that keep the whole order.
metrics    two metrics: tau-b between their rankings, its interval, and the exact p of independent rankings.

What is ranked, and which end is first, is said in `statistics/ranked.py`. What a high value means differs (of
`permutation:tvd_median` that attention matters, of `adversary-exact:jsd_max` that it does not): tau near -1 can be
agreement about the models.

Interval and p answer two questions. The interval is of these very models: would their rankings agree so, had other
seeds and examples been drawn? p is of the rankings as they are: would two that have nothing to do with each other agree
so? Few models can say little: of three p is at least 1/3, of four 1/12. p is of one pair; it is
adjusted for their number where the study is known as a whole (the stage `tables`).

Resamples are those of `statistics/panel.py`, the same for all that is compared. Percentiles of a resampled tau are its
interval; resampling adds to the noise that is in the observed means already, so close items part more often, and taus
near 1 have intervals that lie below them. Two or three seeds are few for any bootstrap. With a model of one seed
intervals say `examples-only`.
"""

from collections.abc import Iterator, Sequence
from itertools import combinations

import numpy as np

from attnexplain.metrics.ragged import Floats
from attnexplain.statistics import rankings
from attnexplain.statistics.cells import Row
from attnexplain.statistics.intervals.base import EXAMPLES_ONLY
from attnexplain.statistics.quantiles import CROSSED_BOOTSTRAP
from attnexplain.statistics.ranked import ABOUT, METHODS, Group, Measured, Ranking, groups

FEWEST = 3  # of two items tau is 1 or -1, whatever is measured
NO_VALUE = "no value under this metric"


def agreement_rows(found: Measured, confidence: float) -> Iterator[Row]:
    """Every row of a data set."""
    for group in groups(found):
        if len(group.items) < 2 or not group.rankings:
            if group.model is None:
                yield _nothing(group)
            continue
        for ranking in group.rankings:
            yield from _ranks(group, ranking, confidence)
            yield _stability(group, ranking, confidence)
        if len(group.items) >= FEWEST:
            yield from _agreements(group, confidence)
        else:
            yield _nothing(group)


def _ranks(group: Group, ranking: Ranking, confidence: float) -> Iterator[Row]:
    """A row per item, in the order of the observed ranking; those without a value last."""
    own, drawn = rankings.ranks(ranking.scores)[0], rankings.ranks(ranking.complete)
    order = np.argsort(own, kind="stable")  # NaN last
    hold = rankings.neighbours_hold(ranking.scores).mean(axis=0) if ranking.ci_kind else []
    first = rankings.first_shares(ranking.complete) if ranking.ci_kind else None
    for place, item in enumerate(order):
        row = {**group.row("rank", ranking), "item": group.items[item], "n_ranked": int(ranking.known.sum())}
        if not ranking.known[item]:
            yield {**row, **ranking.counts, "missing_reason": NO_VALUE}
            continue
        row |= {"value": float(own[item]), "mean": float(ranking.means[item]), **ranking.counts}
        if first is not None:
            row |= _range(drawn[:, item], confidence, ranking.ci_kind) | {"first_share": float(first[item])}
        yield row | ({"order_share": float(hold[place])} if place < len(hold) else {})


def _stability(group: Group, ranking: Ranking, confidence: float) -> Row:
    row = {**group.row("stability", ranking), "n_ranked": int(ranking.known.sum()), **ranking.counts}
    reason = _why_no_tau(group, ranking.known, [ranking])
    if reason is None and ranking.ci_kind is None:
        reason = "one example: nothing to resample"
    if reason is not None:
        return {**row, "missing_reason": reason}
    drawn = rankings.taus_with_observed(ranking.signs)
    drawn = drawn[~np.isnan(drawn)]
    if not len(drawn):
        return {**row, "missing_reason": "no resample ranks them"}
    whole = rankings.neighbours_hold(ranking.scores).all(axis=1)
    value = {"value": float(drawn.mean()), "order_share": float(whole.mean())}
    return {**row, **value, **_range(drawn, confidence, ranking.ci_kind)}


def _agreements(group: Group, confidence: float) -> Iterator[Row]:
    """A row per pair of metrics."""
    pairs = np.stack([rankings.ranked_pairs(ranking.scores) for ranking in group.rankings])
    found = rankings.taus(np.stack([ranking.signs for ranking in group.rankings]), pairs)
    for (i, first), (j, second) in combinations(enumerate(group.rankings), 2):
        yield _agreement(group, first, second, found[:, i, j], confidence)


def _agreement(group: Group, first: Ranking, second: Ranking, taus: Floats, confidence: float) -> Row:
    """The row of two metrics, of tau as observed and as resampled (1 + resamples,)."""
    both = first.known & second.known
    row = {**group.row("metrics", first), **{f"{name}_other": second.about[name] for name in ABOUT}}
    row |= {"n_ranked": int(both.sum())}
    row |= {name: min(first.counts[name], second.counts[name]) for name in first.counts}
    reason = _why_no_tau(group, both, [first, second])
    if reason is not None:
        return {**row, "missing_reason": reason}
    p_value, p_least = rankings.p_value(first.scores[0, both], second.scores[0, both])
    row |= {"value": float(taus[0]), "p_value": p_value, "p_least": None if np.isnan(p_least) else p_least}
    kinds = {first.ci_kind, second.ci_kind}
    drawn = taus[1:][~np.isnan(taus[1:])]
    if None in kinds or not len(drawn):
        return row
    return row | _range(drawn, confidence, EXAMPLES_ONLY if EXAMPLES_ONLY in kinds else CROSSED_BOOTSTRAP)


def _range(drawn: Floats, confidence: float, kind: str | None) -> Row:
    """Percentiles of what is resampled: values that occur, since neither a rank nor tau has those in between."""
    low = np.quantile(drawn, 0.5 - confidence / 2, method="lower")
    high = np.quantile(drawn, 0.5 + confidence / 2, method="higher")
    return {"ci_low": float(low), "ci_high": float(high), "ci_kind": kind, "n_resamples": len(drawn)}


def _why_no_tau(group: Group, ranked: rankings.Bools, of: Sequence[Ranking]) -> str | None:
    """Why there is no tau over the items that are `ranked`; None where there is one."""
    if ranked.sum() < FEWEST:
        return f"{ranked.sum()} {group.noun} with a value: tau needs {FEWEST}"
    if any(len(np.unique(one.scores[0, ranked])) == 1 for one in of):
        return f"all {group.noun} have the same value"
    return None


def _nothing(group: Group) -> Row:
    """The one row of a group that is too small to compare metrics by."""
    reason = f"{len(group.items)} {group.noun}: tau needs {FEWEST}"
    if group.ranked == METHODS and not group.rankings:
        reason = "no metric with a direction measures two methods"
    elif not group.rankings:
        reason = "no metric with a direction"
    return {
        **group.row("metrics"),
        "n_ranked": len(group.items),
        "n_examples": 0,
        "n_seeds": 0,
        "missing_reason": reason,
    }
