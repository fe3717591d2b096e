"""Table `replication`: one row per published number, ours beside it."""

import pyarrow as pa

from attnexplain.tables.io import TableSchema

SCHEMA = TableSchema(
    "replication",
    1,
    pa.schema(
        [
            pa.field("study", pa.string(), nullable=False),
            pa.field("result_set", pa.string(), nullable=False),
            pa.field("dataset", pa.string(), nullable=False),
            pa.field("encoder", pa.string(), nullable=False),
            pa.field("attention", pa.string(), nullable=False),
            pa.field("method", pa.string()),
            pa.field("method_b", pa.string()),
            pa.field("class", pa.string(), nullable=False),
            pa.field("metric", pa.string(), nullable=False),
            pa.field("published", pa.float64()),
            pa.field("published_source", pa.string(), nullable=False),
            pa.field("ours", pa.float64()),
            pa.field("ci_low", pa.float64()),
            pa.field("ci_high", pa.float64()),
            pa.field("inside", pa.bool_()),  # the published number lies in our interval
            pa.field("difference", pa.float64()),  # ours - published
            pa.field("n_seeds", pa.int64()),
            pa.field("n_examples", pa.int64()),
            pa.field("limits", pa.string()),
            pa.field("vectors", pa.string()),
            pa.field("deviations", pa.string()),
            pa.field("missing_reason", pa.string()),
        ]
    ),
)
