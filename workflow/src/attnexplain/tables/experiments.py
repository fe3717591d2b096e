"""Table `experiments`: one row per example (x draw); an experiment adds its own measures as columns.

One that reads attributions has a row per example and method, the method's id in the column `method`.
"""

import pyarrow as pa

from attnexplain.tables.io import TableSchema

SCHEMA = TableSchema(
    "experiments",
    1,
    pa.schema(
        [
            pa.field("example_id", pa.string(), nullable=False),
            pa.field("prediction", pa.int32(), nullable=False),  # the predicted class under the learned attention
            pa.field("weights", pa.list_(pa.float32())),  # the attention the experiment found, where it finds one
        ]
    ),
    extra=True,
)
