"""How far attention can move at nearly the same prediction, text by text: searched, found by any means, possible."""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from attnexplain.pages.results import Model, Results
from attnexplain.statistics.differences import Estimate, share_above

EPSILON_ROUNDING = 1e-9


@dataclass(frozen=True)
class Shares:
    """Shares of texts above a threshold."""

    searched: Estimate | None
    found: Estimate | None
    possible: Estimate | None


@dataclass(frozen=True)
class Attained:
    """Divergences of one model: a row per text and seed; `searched`, `found`, `possible`, `ceiling` (or NaN)."""

    table: pd.DataFrame
    search_mean: Estimate | None
    exact_mean: Estimate | None
    confidence: float

    def shares(self, threshold: float) -> Shares:
        """Shares above a threshold of what is known."""
        return Shares(*(self._share(name, threshold) for name in ("searched", "found", "possible")))

    def _share(self, name: str, threshold: float) -> Estimate | None:
        known = self.table[self.table[name].notna()]
        if known.empty:
            return None
        values, seed, example = (known[column].to_numpy() for column in (name, "seed", "example_id"))
        return share_above(values, seed, example, threshold, self.confidence)


def attained(results: Results, dataset: str, model: Model) -> Attained | None:
    """Divergences of a model's texts; None without any adversary.

    What the search found counts as found by any means where its margin is not wider than that of the exact solver.
    """
    rows = results.divergences_by_model.get((dataset, model))
    if rows is None:
        return None
    wide = rows.pivot(index=["seed", "example_id"], columns="metric", values="value")
    known = pd.DataFrame(
        {
            "searched": _column(wide, results.search, "jsd_max"),
            "admissible": _admissible(wide, results.exact),
            "possible": _column(wide, results.exact, "jsd_max"),
            "ceiling": _column(wide, results.exact, "jsd_ceiling"),
        },
        index=wide.index,
    )
    known["found"] = known[["searched", "admissible"] if comparable(results) else ["admissible"]].max(axis=1)
    if results.exact is None:
        known["found"] = known["searched"]
    pair = ("attention", None)
    means = [
        results.estimate(dataset, model, f"{experiment}:jsd_max", pair) if experiment else None
        for experiment in (results.search, results.exact)
    ]
    return Attained(known.reset_index(), means[0], means[1], results.confidence)


def comparable(results: Results) -> bool:
    """Whether what the search may count is admissible for the exact solver too."""
    search, exact = results.margin(results.search, "epsilon_select"), results.margin(results.exact, "epsilon")
    return search is not None and exact is not None and search <= exact + EPSILON_ROUNDING


def _admissible(wide: pd.DataFrame, exact: str | None) -> pd.Series:
    """The largest divergence that the exact solver attained: `jsd_found`, or `jsd_max` where that is exact."""
    if f"{exact}:jsd_found" in wide:
        return _column(wide, exact, "jsd_found")
    return _column(wide, exact, "jsd_max").where(_column(wide, exact, "is_exact") == 1)


def _column(wide: pd.DataFrame, experiment: str | None, column: str) -> pd.Series:
    name = f"{experiment}:{column}"
    return wide[name] if name in wide else pd.Series(np.nan, index=wide.index)
