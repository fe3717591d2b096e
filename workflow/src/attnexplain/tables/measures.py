"""Table `measures`: one row per example x method (x method_b) x metric."""

import pyarrow as pa

from attnexplain.tables.io import TableSchema

SCHEMA = TableSchema(
    "measures",
    1,
    pa.schema(
        [
            pa.field("example_id", pa.string(), nullable=False),
            pa.field("method", pa.string(), nullable=False),
            pa.field("method_b", pa.string()),
            pa.field("metric", pa.string(), nullable=False),
            pa.field("value", pa.float64()),  # null where undefined
            pa.field("p_value", pa.float64()),
            pa.field("n_tokens", pa.int32(), nullable=False),
            pa.field("undefined_reason", pa.string()),
            # Moments of the value under this example's own null (same length, ties, evidence count); null if none.
            pa.field("null_mean", pa.float64()),
            pa.field("null_std", pa.float64()),
        ]
    ),
)
