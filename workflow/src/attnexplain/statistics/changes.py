"""What changed between two tables `statistics`, beyond noise: row by row, B less A.

A row's status is the first of these that holds:

only-a, only-b   the row stands in one table alone
lost, gained     the value is missing in B, in A
same             every number of the row is equal, bit by bit
rounding         every number is equal up to ROUNDING
details          the mean is equal up to ROUNDING, other numbers are not (`differs_in` names them)
unknown          there is no interval of the difference
changed          its p-value, adjusted over all rows whose means differ (Holm 1979), is at most 1 - confidence
perhaps          0 lies outside its interval, but it does not stand after adjustment
noise            0 lies inside

The interval of a difference rests on one of two things. `paired`: the values of both sides for the same examples under
the same seeds; their differences d of (seed, example) have the two-way interval of `statistics/intervals`, and so has
the difference, over the texts that both have. Pairing seeds by number is right also where the same seed no longer
gives the same model: then it is a pairing of exchangeable runs. `independent`: the two intervals alone, by the
square-and-add limits of `statistics/differences.py`. Its p-value is that of a t statistic which has these limits at
their own level, with the fewest degrees of freedom the two may have (seeds - 1, or texts - 1 under one seed): so it
never says more than they do. Where one side has a single seed, these intervals leave out that training varies, and
such a row is `perhaps` at most.
"""

from collections.abc import Callable, Mapping
from typing import Any

import pandas as pd
from scipy.special import stdtrit

from attnexplain.classification import METRICS
from attnexplain.statistics.differences import Estimate, difference
from attnexplain.statistics.intervals.base import EXAMPLES_ONLY, Interval
from attnexplain.statistics.intervals.two_way import interval
from attnexplain.statistics.multiplicity import holm
from attnexplain.statistics.tests import t_test
from attnexplain.tables.statistics import CELL

ROUNDING = 1e-5  # what GPUs and other libraries may differ by
KEYS = (*CELL, "metric", "method", "method_b", "class")
STATUSES = (
    *("changed", "perhaps", "noise", "unknown", "lost", "gained", "details", "rounding", "same", "only-a", "only-b"),
)
PAIRED, INDEPENDENT = "paired", "independent"
SQUARE_AND_ADD = "square-and-add"
COLUMNS = (
    *KEYS,
    *("status", "a", "b", "difference", "ci_low", "ci_high", "ci_kind", "basis", "n_examples", "n_seeds"),
    *("p_value", "p_adjusted", "differs_in", "reason_a", "reason_b"),
)
_SHARED = 0.9  # of either side's values must be of the same seeds and examples
_NOT_NUMBERS = ("study", "options", "published_source", "missing_reason")

Row = dict[str, Any]
Name = tuple[str, str, str]  # metric, method, second method ("" where there is none)


# Of a measure on both sides: columns seed, example_id, value (null where undefined), target (-1 where not known).
Pairs = Mapping[Name, tuple[pd.DataFrame, pd.DataFrame]]


def changes(
    a: pd.DataFrame, b: pd.DataFrame, pairs: Callable[[tuple[str, ...]], Pairs], confidence: float
) -> pd.DataFrame:
    """A row per row of either table (`COLUMNS`), in the order of their keys.

    `pairs` gives the values of a cell on both sides, of the measures for which they are at hand; it is asked once for
    each cell in which a mean differs. `confidence` is that of the intervals of both tables.
    """
    found = {side: _by_key(table) for side, table in (("a", a), ("b", b))}
    keys = sorted(found["a"].keys() | found["b"].keys())
    numbers = [name for name in a.columns if name in set(b.columns) - {*KEYS, *_NOT_NUMBERS}]
    known: dict[tuple[str, ...], Pairs] = {}
    rows = []
    for key in keys:
        both = found["a"].get(key), found["b"].get(key)
        row = {**dict(zip(KEYS, key, strict=True)), **_first_look(*both, numbers)}
        if row["status"] is None:
            cell = key[: len(CELL)]
            if cell not in known:
                known = {cell: pairs(cell)}  # keys are sorted: a cell is left behind for good
            row |= _judged(key, both, known[cell], confidence)
        rows.append(row)
    return _adjusted(pd.DataFrame(rows, columns=list(COLUMNS)), confidence)


def _by_key(table: pd.DataFrame) -> dict[tuple[str, ...], Row]:
    plain = table.astype(object).where(table.notna(), None)
    rows = [{str(name): value for name, value in row.items()} for row in plain.to_dict("records")]
    return {tuple(row[name] or "" for name in KEYS): row for row in rows}


def _first_look(a: Row | None, b: Row | None, numbers: list[str]) -> Row:
    """Values, and the status where it needs no interval."""
    if a is None or b is None:
        one, side = (a, "a") if a is not None else (b, "b")
        assert one is not None
        return {"status": f"only-{side}", side: one["mean"], f"reason_{side}": one.get("missing_reason")}
    about = {"a": a["mean"], "b": b["mean"], "reason_a": a.get("missing_reason"), "reason_b": b.get("missing_reason")}
    differing = {name: _apart(a[name], b[name]) for name in numbers}
    beyond = [name for name, apart in differing.items() if apart > ROUNDING]
    about["differs_in"] = ", ".join(beyond) or None
    if (a["mean"] is None) != (b["mean"] is None):
        return {**about, "status": "lost" if b["mean"] is None else "gained"}
    if a["mean"] is not None:
        about["difference"] = b["mean"] - a["mean"]
    if differing["mean"] > ROUNDING:
        return {**about, "status": None}
    if beyond:
        return {**about, "status": "details"}
    return {**about, "status": "rounding" if any(differing.values()) else "same"}


def _apart(one: Any, other: Any) -> float:
    """Distance of two numbers; infinite of other values that differ."""
    if one == other or (one is None and other is None):
        return 0.0
    if isinstance(one, int | float) and isinstance(other, int | float):
        return abs(one - other)
    return float("inf")


def _judged(key: tuple[str, ...], both: tuple[Row | None, Row | None], pairs: Pairs, confidence: float) -> Row:
    """Interval, p-value and preliminary status of a row whose means differ."""
    named = dict(zip(KEYS, key, strict=True))
    a, b = both
    assert a is not None and b is not None
    name = (named["metric"], named["method"], named["method_b"])
    found = _paired(*pairs[name], named, b["mean"] - a["mean"], confidence) if name in pairs else None
    found = found or _independent(a, b, confidence)
    if found["p_value"] is None:
        return {**found, "status": "unknown"}
    outside = found["ci_low"] > 0 or found["ci_high"] < 0
    return {**found, "status": "perhaps" if outside else "noise"}


def _paired(
    first: pd.DataFrame, second: pd.DataFrame, named: Mapping[str, str], between: float, confidence: float
) -> Row | None:
    """From differences of the same examples under the same seeds; None where too few are shared."""
    a, b = (_of_class(table, named["class"]) for table in (first, second))
    shared = a.merge(b, on=["seed", "example_id"], suffixes=("_a", "_b"), validate="one_to_one")
    if len(shared) < max(2, _SHARED * max(len(a), len(b))):
        return None
    values = (shared["value_b"] - shared["value_a"]).to_numpy(float)
    # A pseudo-value's mean is not the metric itself: the middle is the metric's own difference.
    centre = between if named["metric"] in METRICS else float(values.mean())
    limits = interval(values, shared["seed"].to_numpy(), shared["example_id"].to_numpy(), confidence, centre=centre)
    if limits.kind is None:
        return None
    return {
        "difference": centre,
        "ci_low": limits.low,
        "ci_high": limits.high,
        "ci_kind": limits.kind,
        "basis": PAIRED,
        "n_examples": shared["example_id"].nunique(),
        "n_seeds": shared["seed"].nunique(),
        "p_value": t_test(centre, limits),
    }


def _of_class(table: pd.DataFrame, name: str) -> pd.DataFrame:
    defined = table[table["value"].notna()]
    return defined if name == "all" else defined[defined["target"] == int(name)]


def _independent(a: Row, b: Row, confidence: float) -> Row:
    """From the two intervals alone."""
    found = difference(*(_estimate(row) for row in (b, a)))
    about = {"difference": found.value, "n_examples": found.n_examples, "n_seeds": found.n_seeds}
    if found.low is None or found.high is None:
        return {**about, "p_value": None}
    is_single = EXAMPLES_ONLY in (a["ci_kind"], b["ci_kind"]) or found.n_seeds < 2
    df = max(1, (found.n_examples if is_single else found.n_seeds) - 1)
    half = found.value - found.low if found.value > 0 else found.high - found.value  # the side on which 0 lies
    variance = (half / stdtrit(df, 0.5 + confidence / 2)) ** 2
    limits = Interval(found.low, found.high, EXAMPLES_ONLY if is_single else SQUARE_AND_ADD, float(variance), df)
    ends = {"ci_low": limits.low, "ci_high": limits.high, "ci_kind": limits.kind}
    return {**about, **ends, "basis": INDEPENDENT, "p_value": t_test(found.value, limits)}


def _estimate(row: Row) -> Estimate:
    return Estimate(row["mean"], row["ci_low"], row["ci_high"], row["n_examples"], row["n_seeds"])


def _adjusted(rows: pd.DataFrame, confidence: float) -> pd.DataFrame:
    """Rows that stand after adjustment are `changed`."""
    tested = rows["p_value"].notna()
    rows.loc[tested, "p_adjusted"] = holm(rows.loc[tested, "p_value"].tolist())
    stands = tested & (rows["p_adjusted"].astype(float) <= round(1 - confidence, 12))
    without_training = (rows["basis"] == INDEPENDENT) & (rows["ci_kind"] == EXAMPLES_ONLY)
    rows.loc[stands & ~without_training, "status"] = "changed"
    return rows
