"""Table `between`: one row per example x ordered pair of runs of one cell x metric x method (x method_b).

`run` is the one at work (its states and decoder, or its scores by `method`), `run_b` the one it is held against. Scores
of `run_b` are by `method_b`; null where that is `method` too. A pair of methods stands once, in alphabetical order.
"""

import pyarrow as pa

from attnexplain.tables.io import TableSchema

SCHEMA = TableSchema(
    "between",
    2,
    pa.schema(
        [
            pa.field("example_id", pa.string(), nullable=False),
            pa.field("run", pa.string(), nullable=False),
            pa.field("run_b", pa.string(), nullable=False),
            pa.field("method", pa.string(), nullable=False),
            pa.field("method_b", pa.string()),
            pa.field("metric", pa.string(), nullable=False),  # <plug-in id>:<column>
            pa.field("value", pa.float64()),  # null where undefined
            pa.field("n_tokens", pa.int32(), nullable=False),
            pa.field("undefined_reason", pa.string()),
            # Moments of the value under this example's own null, as in the table `measures`; null if none.
            pa.field("null_mean", pa.float64()),
            pa.field("null_std", pa.float64()),
        ]
    ),
)
