"""McNemar's exact test: of texts where just one of two interventions changes the decision, is it as often the one?

An experiment's FACTS ask for it: {"mcnemar": [column, ...]}, of columns that are 1 where only the first intervention
changes a text's decision, -1 where only the second does, and 0 where both or neither do. Each becomes a row
`<experiment id>:<column>:mcnemar`, per predicted class and for all:

mean         share of the first among the discordant values, seeds pooled; 1/2 under the null hypothesis
p_value      two-sided, exact: a binomial test per seed (McNemar 1947, Psychometrika 12), over seeds as below
n_examples   distinct texts with a discordant value; n_undefined counts the concordant values too

Seeds share texts, so their pairs are not independent and are not pooled for the test. Of S p-values, in whatever way
dependent, S / m times the m-th smallest is one (Rüger 1978, Metrika 25); m is the least majority of S, so that one
seed alone decides nothing. It is about the models that were trained: the row is marked `examples-only`, has no interval
and stands outside of the family that is adjusted for. Whether models of other seeds would show a difference is asked of
the mean of the difference itself.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd
from scipy.special import bdtr

from attnexplain.metrics.ragged import Floats
from attnexplain.statistics.cells import ALL, Row, Run, classes_of, empty, joined
from attnexplain.statistics.intervals.base import EXAMPLES_ONLY


def mcnemar(first: int, second: int) -> float:
    """Two-sided exact p-value of `first` against `second` discordant pairs; 1 without any."""
    return min(1.0, 2.0 * float(bdtr(min(first, second), first + second, 0.5)))


def together(p_values: Sequence[float]) -> float:
    """One p-value of several that may depend on each other in any way: a majority has to be small."""
    majority = len(p_values) // 2 + 1
    return min(1.0, len(p_values) / majority * sorted(p_values)[majority - 1])


def mcnemar_rows(
    runs: Sequence[Run], experiments: Sequence[Mapping[str, Any]], options: Mapping[str, str]
) -> Iterator[Row]:
    """Rows of every experiment of the cell that asks for the test.

    `experiments`: specifications with the key `mcnemar` of their FACTS, where they have one; `options`: as for
    `measure_rows`.
    """
    asked = {f"{one['id']}:{name}": one["id"] for one in experiments for name in one.get("mcnemar") or ()}
    if not asked:
        return
    for metric, values in joined(runs, asked).groupby("metric", observed=True):
        about = {"metric": f"{metric}:mcnemar", "method": "attention", "method_b": None}
        about["options"] = options.get(asked[str(metric)], "{}")
        for class_ in (ALL, *map(str, classes_of(runs))):
            chosen = values if class_ == ALL else values[values["target"] == int(class_)]
            yield {**about, "class": class_, **_summary(chosen)}


def _summary(values: pd.DataFrame) -> Row:
    """Columns of the table `statistics` of the rows of one column, as `joined` has them."""
    discordant = values[values["value"].abs() == 1]
    n_undefined = len(values) - len(discordant)
    if discordant.empty:
        return {**empty("no text where just one of the two changes the decision"), "n_undefined": n_undefined}
    value = discordant["value"].to_numpy()
    by_seed = [_of_seed(group["value"].to_numpy()) for _, group in values.groupby("seed")]
    return {
        "mean": float((value == 1).mean()),
        "n_examples": discordant["example"].nunique(),
        "n_undefined": n_undefined,
        "n_seeds": discordant["seed"].nunique(),
        "ci_kind": EXAMPLES_ONLY,
        "p_value": together(by_seed),
    }


def _of_seed(values: Floats) -> float:
    return mcnemar(int(np.sum(values == 1)), int(np.sum(values == -1)))
