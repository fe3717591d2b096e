"""Agreement of two attribution methods with the noise of seeds taken out (Spearman 1904).

Scores of a method under one seed are what all seeds share and what is the seed's own. What the seeds' own part hides is
agreement of methods across seeds, m under run a with n under run b: within a run m and n explain the same trained model
and share that part too, so their agreement there is not attenuated by it (it may lie above what is found here). With
the agreement of each method with itself across seeds as its reliability,

    r = r_mn / sqrt(r_mm r_nn)

is the correlation of what each method says of all models of the cell. Tau is no correlation, and the ratio of taus is
biased: normal scores that correlate by .5 have a noiseless tau of .33, and across noise of reliability .5 a ratio of
taus of .48. Each mean tau is therefore first turned into r = sin(pi tau / 2) (Greiner 1909; Kendall 1970, Rank
Correlation Methods, chapter 9), and r back into tau.

In the simulation of this module's test (20 tokens, two seeds, noiseless correlation .2, .5 and .8, reliabilities .3 to
.9) the bias of that, and of the ratio of taus, lies between

    normal scores                              -.00 and +.00      +.05 and +.19
    heavy tails (t with 3 degrees), skewed     -.03 and +.01      +.04 and +.20
    normal, reliability differs by example     -.06 and -.01      +.04 and +.15
    magnitudes of normal scores                +.00 and +.08      +.01 and +.27

It is the worse one of the two where the noiseless scores agree perfectly and reliabilities differ between the methods
or examples: -.23 for -.05 to -.13 with normal scores, more with magnitudes. A value near 1 is then too small.

r is above 1 where methods agree across seeds better than each with itself. arcsine ends at 1; above it the value is r
itself, and below -1 likewise: nothing is clipped, and a value beyond 1 says that noise is not all that differs.

The interval is a jackknife of r, whose limits are turned into tau: V = V_seeds + V_examples, each of the leave-one-out
estimates r_(-k) of K seeds or examples, V = (K - 1) / K sum_k (r_(-k) - r_.)^2 (Efron & Tibshirani 1993, chapter 11;
seeds go with every pair they are in, as in `statistics/jackknife.py`), t with S - 1 degrees of freedom. Two seeds leave
nothing to jackknife: `examples-only`, N - 1 degrees of freedom.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy.special import stdtrit

from attnexplain.metrics.ragged import Floats
from attnexplain.statistics.between import ONE_SEED, Key, Pairs
from attnexplain.statistics.cells import Row, empty
from attnexplain.statistics.intervals.base import EXAMPLES_ONLY
from attnexplain.statistics.jackknife import JACKKNIFE, per_run
from attnexplain.statistics.reliability import DISATTENUATED, reliabilities


@dataclass(frozen=True)
class Disattenuated:
    """A tau without the seeds' noise; NaN where a reliability is not positive. `kind` is None without an interval."""

    value: float
    low: float
    high: float
    kind: str | None


def disattenuated_tau(cross: float, first: float, second: float) -> float:
    """Tau from mean taus: of two methods across seeds, of the first across seeds, of the second."""
    return float(_as_tau(_correlation(np.array([cross]), np.array([first]), np.array([second])))[0])


def ratio_of_taus(cross: float, first: float, second: float) -> float:
    """The same without Greiner's relation, for comparison: cross / sqrt(first second); NaN as above."""
    return cross / float(np.sqrt(first * second)) if first > 0 and second > 0 else float("nan")


def disattenuate(cross: Floats, first: Floats, second: Floats, confidence: float) -> Disattenuated:
    """Estimate and interval from taus (S, S, N) of run a beside run b, NaN where undefined and on the diagonal.

    `cross`: of two methods, the first under run a and the second under run b; `first`, `second`: of one method each.
    """
    used = np.any([~np.isnan(per_run(values)).all(axis=0) for values in (cross, first, second)], axis=0)
    every = [values[:, :, used] for values in (cross, first, second)]
    r, n_seeds, n_examples = float(_estimates(every)[0]), len(cross), int(used.sum())
    if np.isnan(r) or n_examples < 2:
        return Disattenuated(float(_as_tau(np.array([r]))[0]), float("nan"), float("nan"), None)
    variance, df, kind = _jackknife(_without_examples(every)), n_examples - 1.0, EXAMPLES_ONLY
    if n_seeds > 2:
        left = np.array([_estimates(_without_seed(every, seed))[0] for seed in range(n_seeds)])
        variance, df, kind = variance + _jackknife(left), n_seeds - 1.0, JACKKNIFE
    half = float(stdtrit(df, 0.5 + confidence / 2)) * float(np.sqrt(variance))
    value, low, high = (float(one) for one in _as_tau(np.array([r, r - half, r + half])))
    return Disattenuated(value, low, high, None if np.isnan(variance) else kind)


def disattenuated_rows(
    pairs: Mapping[Key, Pairs | None],
    metrics: Sequence[Mapping[str, Any]],
    between: Sequence[Mapping[str, Any]],
    options: Mapping[str, str],
    confidence: float,
) -> Iterator[Row]:
    """Rows `<kendall-tau>:disattenuated` of every pair of methods, class `all`, where the study has the reliabilities.

    `pairs`: as from `pairs_of`; `options`: as for `measure_rows`.
    """
    for metric, retest in reliabilities(metrics, between).items():
        for (name, method, method_b), found in pairs.items():
            if name == retest and method_b is not None:
                about = {"metric": f"{metric}:{DISATTENUATED}", "method": method, "method_b": method_b, "class": "all"}
                methods = [found, pairs[(name, method, None)], pairs[(name, method_b, None)]]
                yield {**about, "options": options[metric], **_summary(methods, (method, method_b), confidence)}


def _summary(found: Sequence[Pairs | None], methods: tuple[str, str], confidence: float) -> Row:
    """`found`: of both methods, of the first, of the second."""
    known = [one for one in found if one is not None]
    if len(known) < len(found):
        return empty(ONE_SEED)
    cross, first, second = (one.values for one in known)
    own = [per_run(values) for values in (cross, first, second)]
    undefined = next((one.reason for one, mine in zip(known, own, strict=True) if np.isnan(mine).all()), None)
    if any(np.isnan(mine).all() for mine in own):
        return empty(f"undefined for every example; most often: {undefined}")
    unreliable = [name for name, mine in zip(methods, own[1:], strict=True) if not np.nanmean(mine) > 0]
    if unreliable:
        return empty(f"{' and '.join(unreliable)}: no agreement across seeds to correct by")
    result = disattenuate(cross, first, second, confidence)
    if result.kind is None:
        # Near 0 the correction is mostly noise: a number without an interval would look like a finding.
        return empty("agreement across seeds too near 0 to correct by: without one seed or example it is not positive")
    defined = ~np.isnan(own[0])
    return {
        "mean": result.value,
        "n_examples": int(defined.any(axis=0).sum()),
        "n_undefined": int((~defined).sum()),
        "n_seeds": len(cross),
        "ci_low": result.low,
        "ci_high": result.high,
        "ci_kind": result.kind,
    }


def _correlation(cross: Floats, first: Floats, second: Floats) -> Floats:
    """r of mean taus (K,); NaN where a method does not agree with itself."""
    r_mn, r_mm, r_nn = (np.sin(np.pi / 2 * tau) for tau in (cross, first, second))
    reliable = (first > 0) & (second > 0)
    product = np.where(reliable, r_mm * r_nn, np.nan)
    return np.asarray(r_mn / np.sqrt(product))


def _as_tau(r: Floats) -> Floats:
    """Tau of correlations (K,); beyond -1 and 1 the correlation itself."""
    inside = np.abs(r) <= 1
    return np.where(inside, 2 / np.pi * np.arcsin(np.where(inside, r, 0.0)), r)


def _estimates(every: Sequence[Floats]) -> Floats:
    """r (1,) of taus (S, S, N), each mean as in the table `statistics`."""
    means = []
    for values in every:
        own = per_run(values)
        defined = own[~np.isnan(own)]
        means.append(np.array([defined.mean() if len(defined) else np.nan]))
    return _correlation(*means)


def _without_examples(every: Sequence[Floats]) -> Floats:
    """r (N,) without each example in turn."""
    means = []
    for values in every:
        own = per_run(values)  # (S, N)
        count, total = (~np.isnan(own)).sum(axis=0), np.nansum(own, axis=0)
        rest = count.sum() - count
        means.append(np.divide(total.sum() - total, rest, out=np.full(len(rest), np.nan), where=rest > 0))
    return _correlation(*means)


def _without_seed(every: Sequence[Floats], seed: int) -> list[Floats]:
    kept = np.delete(np.arange(len(every[0])), seed)
    return [values[np.ix_(kept, kept)] for values in every]


def _jackknife(estimates: Floats) -> float:
    """Variance from the estimates (K,) without each of K; NaN where one of them is undefined."""
    return float((len(estimates) - 1) / len(estimates) * ((estimates - estimates.mean()) ** 2).sum())
