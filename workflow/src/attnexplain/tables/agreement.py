"""Table `agreement`: do metrics rank models and methods alike, and how firm are the rankings.

`kind` says what a row is of: `metrics` (two metrics), `stability` (one metric's ranking), `rank` (one item in it).
"""

import pyarrow as pa

from attnexplain.tables.io import TableSchema

SCHEMA = TableSchema(
    "agreement",
    1,
    pa.schema(
        [
            pa.field("study", pa.string(), nullable=False),
            pa.field("dataset", pa.string(), nullable=False),
            pa.field("limits", pa.string(), nullable=False),
            pa.field("kind", pa.string(), nullable=False),  # "metrics", "stability", "rank"
            pa.field("ranked", pa.string(), nullable=False),  # "models", "models and controls", "methods"
            pa.field("model", pa.string()),  # under which methods are ranked; null: by their mean over trained models
            # The metric that ranks; of methods, method is null. Null altogether where nothing can be compared.
            pa.field("metric", pa.string()),
            pa.field("method", pa.string()),
            pa.field("method_b", pa.string()),
            pa.field("metric_other", pa.string()),  # of kind "metrics": the other metric
            pa.field("method_other", pa.string()),
            pa.field("method_b_other", pa.string()),
            pa.field("item", pa.string()),  # of kind "rank": the model or method
            pa.field("value", pa.float64()),  # tau-b; mean tau-b with the resampled rankings; rank, the best 1
            pa.field("ci_low", pa.float64()),  # percentiles of the resampled tau-b or rank
            pa.field("ci_high", pa.float64()),
            pa.field("ci_kind", pa.string()),  # "crossed-bootstrap", "examples-only"
            pa.field("p_value", pa.float64()),  # of kind "metrics": two-sided, of independent rankings
            # Over the pairs of metrics of the study that rank the same (models, or methods).
            pa.field("p_adjusted", pa.float64()),  # Holm
            pa.field("p_fdr", pa.float64()),  # Benjamini-Hochberg
            pa.field("p_least", pa.float64()),  # the least p that so many items could give
            pa.field("mean", pa.float64()),  # of kind "rank": the mean that the item is ranked by
            pa.field("first_share", pa.float64()),  # of kind "rank": share of the resamples in which it is first
            # Share of the resamples that keep the order of this item and the next; of kind "stability" the whole order.
            pa.field("order_share", pa.float64()),
            pa.field("n_ranked", pa.int64(), nullable=False),
            pa.field("n_examples", pa.int64(), nullable=False),
            pa.field("n_seeds", pa.int64(), nullable=False),  # of the item that has fewest
            pa.field("n_resamples", pa.int64()),  # that the interval is taken from
            pa.field("missing_reason", pa.string()),
        ]
    ),
)
