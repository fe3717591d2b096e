"""What the figures of the table `agreement` share: which metrics are shown, names of metrics and of ranked items."""

import pandas as pd

from attnexplain.figures.cells import inside_sentence
from attnexplain.figures.style import Style
from attnexplain.identifiers import base_name

ATTENTION = "attention"
MODELS, METHODS = "models", "methods"


def shown(table: pd.DataFrame, kind: str) -> pd.DataFrame:
    """Rows of a kind: trained models ranked by what is measured of attention, methods by their mean over the models.

    Rows of the kind `metrics` that say why there is nothing to show are kept.
    """
    rows = table[table["kind"] == kind]
    by_attention = _of_attention(rows["metric"], rows["method"], rows["method_b"])
    if kind == "metrics":
        by_attention &= _of_attention(rows["metric_other"], rows["method_other"], rows["method_b_other"])
    models = (rows["ranked"] == MODELS) & by_attention
    found = rows[models | ((rows["ranked"] == METHODS) & rows["model"].isna())]
    return found.sort_values(["dataset", "ranked"], ascending=[True, False], kind="stable")


def metric_name(metric: str, method: str | None, method_b: str | None, style: Style) -> str:
    """A metric of attention: `Evidence AUPRC`, `Kendall τ with gradient`, `Permuted attention: tvd median`."""
    plugin, _, column = metric.partition(":")
    words = f": {column.replace('_', ' ')}" if column else ""
    other = [] if pd.isna(method_b) else [name for name in (method, method_b) if base_name(str(name)) != ATTENTION]
    with_other = f" with {inside_sentence(style.label(str(other[0])))}" if other else ""
    return f"{style.label(plugin)}{words}{with_other}"


def item_name(item: str, ranked: str, style: Style) -> str:
    """A method, or a model by its encoder, attention and what is not plain."""
    parts = item.split(".")
    if ranked == METHODS or len(parts) < 3:
        return style.label(item)
    encoder, scorer, regulariser, *control = parts
    more = [name for name in (regulariser, *control) if name != "none"]
    return ", ".join(style.label(name) for name in (encoder, scorer, *more))


def _of_attention(metric: pd.Series, method: pd.Series, method_b: pd.Series) -> pd.Series:
    """Whether a metric is of attention, of attention and another method, or of no method at all."""
    names = pd.concat([method, method_b], axis=1)
    is_attention = names.apply(lambda column: column.map(lambda name: base_name(name) == ATTENTION, na_action="ignore"))
    found: pd.Series = metric.isna() | method.isna() | is_attention.eq(True).any(axis=1)
    return found
