"""The two adversaries as figures show them: what each found for a text, how far it is known, and the margin it had."""

import json
from collections import Counter
from collections.abc import Iterable

import numpy as np
import pandas as pd

from attnexplain.figures.style import Style
from attnexplain.identifiers import base_name

SEARCH, EXACT = "adversary", "adversary-exact"
LN2 = float(np.log(2))
# What a value is: found by the published search; the exact maximum; found where the maximum is known only to lie above.
SEARCHED, MAXIMUM, FOUND = "search", "exact", "found"
_MARGIN = {SEARCH: "epsilon_select", EXACT: "epsilon"}


def adversaries(experiments: pd.DataFrame) -> pd.DataFrame:
    """The rows of the two adversaries, with `value` (JSD of the attention found) and `kind` (see above).

    Of a row of `adversary-exact` that is a bound, `value` is `jsd_found`; undefined where the table has no such column.
    """
    if experiments.empty:
        return experiments.assign(value=pd.Series(dtype=float), kind=pd.Series(dtype=object))
    table = experiments[experiments["experiment"].map(base_name).isin((SEARCH, EXACT))]
    searched, exact = table["experiment"].map(base_name) == SEARCH, table["is_exact"] == 1
    value = table["jsd_max"].where(searched | exact, table["jsd_found"])
    return table.assign(value=value, kind=np.select([searched, exact], [SEARCHED, MAXIMUM], FOUND))


def margins(statistics: pd.DataFrame) -> dict[str, float]:
    """Epsilon by experiment id: the total variation that an attention may cost, of the adversaries in the table."""
    found: dict[str, float] = {}
    known = statistics.drop_duplicates(["metric", "options"])[["metric", "options"]] if len(statistics) else statistics
    for metric, options in known.itertuples(index=False) if len(known) else ():
        experiment = metric.partition(":")[0]
        option = _MARGIN.get(base_name(experiment))
        epsilon = json.loads(options).get(option) if option else None
        found |= {experiment: float(epsilon)} if epsilon is not None else {}
    return found


def experiment_names(ids: Iterable[str], margins: dict[str, float], style: Style) -> dict[str, str]:
    """Name of each experiment id with its margin, or its digest where that tells no two apart; searches come first."""
    ordered = sorted(set(ids), key=lambda one: (base_name(one), -margins.get(one, 0.0), one))
    plain = {one: style.label(base_name(one)) + within(margins.get(one)) for one in ordered}
    count = Counter(plain.values())
    return {
        one: name if count[name] == 1 else style.label(one) + within(margins.get(one)) for one, name in plain.items()
    }


def within(epsilon: float | None) -> str:
    """`, TVD ≤ 0.05`; nothing where the margin is not known."""
    return "" if epsilon is None else f", TVD ≤ {epsilon:g}"
