"""Table `predictions`: one row per example of dev and test."""

import pyarrow as pa

from attnexplain.tables.io import TableSchema

SCHEMA = TableSchema(
    "predictions",
    1,
    pa.schema(
        [
            pa.field("example_id", pa.string(), nullable=False),
            pa.field("split", pa.string(), nullable=False),
            pa.field("label", pa.int32()),
            pa.field("target", pa.int32(), nullable=False),  # the predicted class
            pa.field("probability", pa.list_(pa.float32()), nullable=False),  # one per class
        ]
    ),
)
