"""Claims of Jain & Wallace (2019), each decided per data set by a stated rule on our intervals."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from attnexplain.figures.report.grid import missing, number
from attnexplain.pages.divergences import attained
from attnexplain.pages.markdown import bullets, escaped, joined, table
from attnexplain.pages.results import Model, Results, label, text
from attnexplain.statistics.differences import Estimate, difference

HOLDS, FAILS, OPEN, UNKNOWN = "holds", "does not hold", "cannot be told", "no numbers"
GRADIENT, LEFT_OUT, BOTH = ("attention", "gradient"), ("attention", "leave-one-out"), ("gradient", "leave-one-out")
BILSTM, AVERAGE = Model("bilstm", "additive"), Model("average", "additive")
TAU, PERMUTED = "kendall-tau", "permutation:tvd_median"
WEAK, LITTLE, MUCH, FAR, NEARLY_ALL = 0.5, 0.1, 0.3, 0.5, 0.9
# What the paper says of permuted attention, of the data sets that it names for it.
EXPECTED = {"sst": "little", "babi-1": "much", "babi-2": "much", "babi-3": "much"}

Judged = tuple[list[str], str]  # cells after the data set's name, verdict


@dataclass(frozen=True)
class Claim:
    """What was claimed, the rule that decides it, and how a data set is judged."""

    claim: str
    rule: str
    columns: Sequence[str]
    judge: Callable[[Results, str], Judged]


def claims(results: Results) -> str:
    """All claims, each with its rule, a sentence of counts, and a table of the data sets."""
    return "\n\n".join(_part(number_, claim, results) for number_, claim in enumerate(CLAIMS, start=1))


def verdict_of_all(estimates: Sequence[Estimate | None], holds: Callable[[Estimate], str]) -> str:
    """`holds` where it holds of every estimate, `does not hold` where it fails of one; no numbers if one is missing."""
    if any(estimate is None for estimate in estimates):
        return UNKNOWN
    found = [holds(estimate) for estimate in estimates if estimate is not None]
    return FAILS if FAILS in found else OPEN if OPEN in found else HOLDS


def below(limit: float) -> Callable[[Estimate], str]:
    """Holds where the whole interval is below, fails where it is at or above the limit."""
    return lambda one: _either(one, high_holds=limit)


def above(limit: float) -> Callable[[Estimate], str]:
    """Holds where the whole interval is above, fails where it is at or below the limit."""
    return lambda one: _either(one, low_holds=limit)


def size(estimate: Estimate | None) -> str:
    """`little`, `between` or `much` where the whole interval lies there."""
    if estimate is None:
        return UNKNOWN
    if estimate.low is None or estimate.high is None:
        return OPEN
    if estimate.high < LITTLE:
        return "little"
    if estimate.low > MUCH:
        return "much"
    return "between" if estimate.low >= LITTLE and estimate.high <= MUCH else OPEN


def _either(one: Estimate, high_holds: float | None = None, low_holds: float | None = None) -> str:
    if one.low is None or one.high is None:
        return OPEN
    if high_holds is not None:
        return HOLDS if one.high < high_holds else FAILS if one.low >= high_holds else OPEN
    assert low_holds is not None
    return HOLDS if one.low > low_holds else FAILS if one.high <= low_holds else OPEN


def _part(place: int, claim: Claim, results: Results) -> str:
    judged = {name: claim.judge(results, name) for name in results.known}
    rows = [[label(name), *cells, verdict] for name, (cells, verdict) in judged.items()]
    lines = [f"### {place}. {claim.claim}", claim.rule, counted({name: end for name, (_, end) in judged.items()})]
    return "\n\n".join([*lines, table(["Data set", *claim.columns, "Verdict"], rows)])


def counted(verdicts: dict[str, str]) -> str:
    """A line per verdict with the data sets it was reached on."""
    lines = []
    for verdict in dict.fromkeys([HOLDS, FAILS, OPEN, *verdicts.values()]):
        names = [escaped(label(name)) for name, found in verdicts.items() if found == verdict]
        if names:
            lines.append(f"**{verdict}** on {len(names)} of {len(verdicts)} data sets: {joined(names)}")
    return bullets(lines)


def _published(results: Results, name: str, model: Model, metric: str, pair: tuple[str | None, str | None]) -> str:
    row = results.row(name, model, metric, pair)
    return "–" if row is None or missing(row["published"]) else number(row["published"], 2)


def _weak(results: Results, name: str) -> Judged:
    pairs = (GRADIENT, LEFT_OUT)
    found = [results.estimate(name, BILSTM, TAU, pair) for pair in pairs]
    cells = [
        cell
        for pair, one in zip(pairs, found, strict=True)
        for cell in (text(one), _published(results, name, BILSTM, TAU, pair))
    ]
    return cells, verdict_of_all(found, below(WEAK))


def _average_agrees_more(results: Results, name: str) -> Judged:
    return _differences(results, name, [(AVERAGE, pair, BILSTM, pair) for pair in (GRADIENT, LEFT_OUT)])


def _importances_agree_more(results: Results, name: str) -> Judged:
    return _differences(results, name, [(BILSTM, BOTH, BILSTM, pair) for pair in (GRADIENT, LEFT_OUT)])


def _differences(
    results: Results, name: str, wanted: Sequence[tuple[Model, tuple[str, str], Model, tuple[str, str]]]
) -> Judged:
    """Per wanted comparison the higher tau, the lower one and their difference; holds where all differences are > 0."""
    cells: list[str] = []
    found: list[Estimate | None] = []
    for model, pair, other, other_pair in wanted:
        first, second = results.estimate(name, model, TAU, pair), results.estimate(name, other, TAU, other_pair)
        gap = difference(first, second) if first and second else None
        cells += [text(first), text(second), text(gap)]
        found.append(gap)
    return cells, verdict_of_all(found, above(0.0))


def _permuted(results: Results, name: str) -> Judged:
    mean = results.estimate(name, BILSTM, PERMUTED, ("attention", None))
    parts = [results.estimate(name, BILSTM, f"{PERMUTED}:median:{part}", ("attention", None)) for part in BINS]
    found, expected = size(mean), EXPECTED.get(name)
    cells = [text(mean), *map(text, parts), found, expected or "–"]
    if expected is None:
        return cells, "not named in the claim"
    return cells, found if found in (UNKNOWN, OPEN) else HOLDS if found == expected else FAILS


def _adversaries_exist(results: Results, name: str) -> Judged:
    found = attained(results, name, BILSTM)
    if found is None:
        return ["–"] * 6, UNKNOWN
    shares = {limit: found.shares(limit) for limit in (0.5, 0.6)}
    search, exact = (found.search_mean, found.exact_mean)
    cells = [text(search), *(text(shares[limit].searched) for limit in shares), text(exact)]
    cells += [text(shares[FAR].found), text(shares[FAR].possible)]
    low, high = shares[FAR].found, shares[FAR].possible
    if low is not None and low.low is not None and low.low > NEARLY_ALL:
        return cells, HOLDS
    if high is not None and high.high is not None and high.high < NEARLY_ALL:
        return cells, FAILS
    return cells, UNKNOWN if low is None and high is None else OPEN


BINS = ("0-0.25", "0.75-1")
_ROOT = "differences have the square-and-add interval of Zou and Donner (2008)"
CLAIMS = (
    Claim(
        "The attention of a BiLSTM agrees weakly with gradients and with leave-one-out",
        "Mean Kendall τ over test texts, BiLSTM with additive attention. Holds where both intervals lie below "
        f"{WEAK:g}; does not hold where one lies at or above {WEAK:g}. The threshold is ours.",
        ("Attention vs gradient", "Published, B", "Attention vs leave-one-out", "Published, B"),
        _weak,
    ),
    Claim(
        "The attention of the average encoder agrees more",
        "The same τ of the average encoder less that of the BiLSTM. Holds where both differences lie above 0, does not "
        f"hold where one lies at or below 0; {_ROOT}.",
        ("Gradient: average", "BiLSTM", "Difference", "Leave-one-out: average", "BiLSTM", "Difference"),
        _average_agrees_more,
    ),
    Claim(
        "Gradients and leave-one-out agree with each other more than attention agrees with either",
        "BiLSTM with additive attention: τ of gradient and leave-one-out less τ of attention with each. Holds where "
        f"both differences lie above 0, does not hold where one lies at or below 0; {_ROOT}.",
        (
            "Gradient vs leave-one-out",
            "Attention vs gradient",
            "Difference",
            "Gradient vs leave-one-out",
            "Attention vs leave-one-out",
            "Difference",
        ),
        _importances_agree_more,
    ),
    Claim(
        "Permuting attention often changes the prediction little (SST) and sometimes much (bAbI)",
        "BiLSTM with additive attention: per text the median over 100 permutations of the total variation distance; "
        "its mean over texts, and its median over texts whose largest weight is small or large. `little` where the "
        f"interval of the mean lies below {LITTLE:g}, `much` where it lies above {MUCH:g}, `between` where it lies "
        "between. Both limits are ours.",
        ("Mean", *(f"Median, largest weight {part}" for part in BINS), "Found", "Claimed"),
        _permuted,
    ),
    Claim(
        "Quite another attention gives the same prediction for nearly every text",
        "BiLSTM with additive attention: Jensen-Shannon divergence (nats, at most ln 2 = 0.693) from the learned "
        "attention at nearly the same prediction. `Found`: the farthest attention that the search or the exact solver "
        "found and that is admissible. `Possible`: the exact maximum, or a bound from above. Holds where more than "
        f"{100 * NEARLY_ALL:g} % of texts, by the lower end of the interval, have one found beyond {FAR:g}; does not "
        f"hold where fewer than {100 * NEARLY_ALL:g} %, by the upper end, can have one. A search that fails proves "
        "nothing, so it decides nothing. Intervals of shares are not narrower than the exact binomial one of the "
        "texts.",
        (
            "Search: mean",
            "Share > 0.5",
            "Share > 0.6",
            "Exact or bound: mean",
            "Share found > 0.5",
            "Share possible > 0.5",
        ),
        _adversaries_exist,
    ),
)
