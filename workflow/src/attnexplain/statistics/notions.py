"""Notions of faithful attention: which number of a study stands for each, and which end of it is the faithful one.

A notion is found in a table by the name of its plug-in, whatever its options; where a study has several variants, the
first by id stands for it. Some numbers take no side: the random ranking that a ranking by attention is set beside, the
entropy of attention.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import pandas as pd

from attnexplain.identifiers import base_name

HIGHER, LOWER = "higher", "lower"
ACCURACY = "accuracy"
_ADVERSARIAL = "adversarial"


@dataclass(frozen=True)
class Notion:
    """A number of the tables; `methods`: of which, none where the metric says all."""

    name: str
    metric: str  # id without options: `kendall-tau`, `erasure:removed_attention`
    better: str | None
    title: str
    methods: frozenset[str] | None = None

    def is_of(self, row: Mapping[str, Any]) -> bool:
        """Whether a row with metric, method and method_b is of this notion."""
        plugin, colon, column = str(row["metric"]).partition(":")
        if f"{base_name(plugin)}{colon}{column}" != self.metric:
            return False
        methods = {base_name(str(row[key])) for key in ("method", "method_b") if not pd.isna(row.get(key))}
        return self.methods is None or methods == self.methods


def _tau(other: str, name: str) -> Notion:
    return Notion(f"tau-{other}", "kendall-tau", HIGHER, f"τ with {name}", frozenset(("attention", other)))


ATTENTION = frozenset(("attention",))
SCALED = frozenset(("attention-x-gradient",))  # of the prediction by the attention
TAUS = (
    _tau("gradient", "gradient"),
    _tau("input-x-gradient", "input × gradient"),
    _tau("integrated-gradients", "integrated gradients"),
    _tau("leave-one-out", "leave-one-out"),
)
NOTIONS = (
    Notion(ACCURACY, "accuracy", HIGHER, "Accuracy"),
    *TAUS,
    Notion("erasure", "erasure:removed_attention", LOWER, "Removed by attention until a flip"),
    Notion("erasure-random", "erasure:removed_random", None, "Removed at random until a flip"),
    Notion("flip", "erasure:flip_top", HIGHER, "Flips without the top weight"),
    Notion("flip-random", "erasure:flip_random", None, "Flips without a random weight"),
    Notion("token-removal", "token-removal:fraction", LOWER, "Tokens removed until a flip", ATTENTION),
    Notion("token-removal-scaled", "token-removal:fraction", LOWER, "Tokens removed by scaled attention", SCALED),
    Notion("permutation", "permutation:tvd_median", HIGHER, "Distance under permutation"),
    Notion("uniform", "uniform-at-test:accuracy_change", LOWER, "Accuracy change under uniform weights"),
    Notion("adversary", "adversary-exact:jsd_max", LOWER, "Divergence of the exact adversary"),
    Notion("curve", "adversary-curve:area", HIGHER, "Area of the adversary's curve"),
    Notion("mass", "least-mass:learned_mass", HIGHER, "Attention on evidence"),
    Notion("least-mass", "least-mass:least_mass", HIGHER, "Least possible attention on evidence"),
    Notion("evidence", "evidence-auprc", HIGHER, "Evidence AUPRC", ATTENTION),
    Notion("probe", "probe:information", HIGHER, "Word information in states"),
    Notion("conicity", "conicity:conicity_absolute", LOWER, "Conicity of the states"),
    Notion("entropy", "attention-entropy", None, "Attention entropy"),
)
BY_NAME = {notion.name: notion for notion in NOTIONS}


def is_adversary(row: Mapping[Any, Any]) -> bool:
    """Whether a row is of a trained adversary, which stands for the model it imitates and not for itself."""
    return _ADVERSARIAL in {base_name(part) for part in row["regulariser"].split("+")}


def is_remedy(row: Mapping[Any, Any]) -> bool:
    """Whether a row is of a trained model that stands for itself."""
    return row["control"] == "none" and not is_adversary(row)


def rows_of(notion: Notion, rows: Iterable[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
    """The rows of a notion, of class `all`, of one variant of its metric and methods."""
    found = [row for row in rows if row["class"] == "all" and notion.is_of(row)]
    keys = [(row["metric"], row.get("method") or "", row.get("method_b") or "") for row in found]
    return [row for row, key in zip(found, keys, strict=True) if key == min(keys)]
