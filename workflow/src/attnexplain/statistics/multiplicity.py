"""p-values of a family adjusted for their number, and what they let one say.

A family is what a study declares (`statistics: {family: ...}`; all its metrics by default): the rows of class `all` of
these metrics, over all data sets, cells and methods. The two tables are families of their own, since they ask different
questions: `statistics` whether a mean differs from its null, `comparisons` whether two means differ. Within a table the
tests of equivalence are a further family. Of `agreement`, what is ranked makes the family. A row without a p-value is
not counted, nor is one of random scores, which stand in the tables to be looked at beside the others: nobody asks
whether they differ, and each of them would make it harder for what is asked. Nor is one of a single seed, whose p says
nothing about other seeds.

Holm (1979) bounds the chance of any false rejection, Benjamini and Hochberg (1995) the expected share of false ones
among the rejections.
"""

from collections.abc import Collection, Mapping, Sequence
from typing import Any

import numpy as np

from attnexplain.identifiers import base_name
from attnexplain.statistics.intervals.base import EXAMPLES_ONLY

Row = dict[str, Any]
DIFFERENT, EQUIVALENT, OPEN = "different", "equivalent", "cannot be told"
RANDOM = "random"


def holm(p_values: Sequence[float | None]) -> list[float | None]:
    """Adjusted p-values; None and NaN are no members of the family."""
    return _adjusted(p_values, "holm")


def benjamini_hochberg(p_values: Sequence[float | None]) -> list[float | None]:
    """Adjusted p-values (false discovery rate); None and NaN are no members of the family."""
    return _adjusted(p_values, "fdr_bh")


def with_adjusted(rows: Sequence[Mapping[str, Any]], family: Collection[str] | None) -> list[Row]:
    """Rows with p_adjusted, p_fdr and p_equivalence_adjusted, null outside of the family (None: every metric)."""
    members = [_is_member(row, family) for row in rows]
    columns = {name: _of_members(rows, members, name) for name in ("p_value", "p_equivalence")}
    adjusted = zip(
        holm(columns["p_value"]),
        benjamini_hochberg(columns["p_value"]),
        holm(columns["p_equivalence"]),
        strict=True,
    )
    names = ("p_adjusted", "p_fdr", "p_equivalence_adjusted")
    return [{**row, **dict(zip(names, found, strict=True))} for row, found in zip(rows, adjusted, strict=True)]


def _is_member(row: Mapping[str, Any], family: Collection[str] | None) -> bool:
    methods = {base_name(row[name]) for name in ("method", "method_b") if row.get(name)}
    if row.get("axis") == "method":
        methods |= {base_name(row[name]) for name in ("value", "other")}
    asked = row["class"] == "all" and (family is None or row["metric"] in family)
    return asked and RANDOM not in methods and row.get("ci_kind") != EXAMPLES_ONLY


def with_adjusted_agreement(rows: Sequence[Mapping[str, Any]], family: Collection[str] | None) -> list[Row]:
    """Rows of the table `agreement` with p_adjusted and p_fdr; what ranks models, and what ranks methods, is a family.

    Members are the pairs of metrics that are both of the study's family (None: every metric).
    """
    found = [dict(row) for row in rows]
    for ranked in {row["ranked"] for row in found}:
        own = [row for row in found if row["ranked"] == ranked]
        members = [family is None or {row["metric"], row["metric_other"]} <= set(family) for row in own]
        p_values = _of_members(own, members, "p_value")
        for row, adjusted, fdr in zip(own, holm(p_values), benjamini_hochberg(p_values), strict=True):
            row |= {"p_adjusted": adjusted, "p_fdr": fdr}
    return found


def verdict(row: Mapping[str, Any], confidence: float) -> str | None:
    """What a row of `comparisons` says after adjustment; None where there is no interval, or outside of the family.

    `equivalent` stands before `different`: a difference that is there, and smaller than the margin declared to matter.
    An interval of one seed says nothing about other seeds, so nothing can be told.
    """
    if row.get("ci_kind") is None:
        return None
    if row["ci_kind"] == EXAMPLES_ONLY:
        return OPEN
    if row.get("p_adjusted") is None:
        return None
    level = round(1 - confidence, 12)
    for column, word in (("p_equivalence_adjusted", EQUIVALENT), ("p_adjusted", DIFFERENT)):
        if row.get(column) is not None and row[column] <= level:
            return word
    return OPEN


def _of_members(rows: Sequence[Mapping[str, Any]], members: Sequence[bool], column: str) -> list[float | None]:
    return [row.get(column) if member else None for row, member in zip(rows, members, strict=True)]


def _adjusted(p_values: Sequence[float | None], method: str) -> list[float | None]:
    # Imported here: statsmodels takes longer than most tables.
    from statsmodels.stats.multitest import multipletests

    values = np.array([np.nan if p is None else p for p in p_values], np.float64)
    known = np.flatnonzero(~np.isnan(values))
    found: list[float | None] = [None] * len(values)
    if len(known):
        for place, p in zip(known, multipletests(values[known], method=method)[1], strict=True):
            found[place] = float(p)
    return found
