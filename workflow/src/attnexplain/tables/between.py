"""Table `between`: one row per example x ordered pair of runs of one cell x metric.

`run` is the one whose states and decoder are at work, `run_b` the one it is held against.
"""

import pyarrow as pa

from attnexplain.tables.io import TableSchema

SCHEMA = TableSchema(
    "between",
    1,
    pa.schema(
        [
            pa.field("example_id", pa.string(), nullable=False),
            pa.field("run", pa.string(), nullable=False),
            pa.field("run_b", pa.string(), nullable=False),
            pa.field("metric", pa.string(), nullable=False),  # <plug-in id>:<column>
            pa.field("value", pa.float64()),  # null where undefined
            pa.field("n_tokens", pa.int32(), nullable=False),
            pa.field("undefined_reason", pa.string()),
        ]
    ),
)
