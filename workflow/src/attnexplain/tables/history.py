"""Table `history`: one row per epoch of training. No times: identical runs write identical bytes.

Of each regulariser with a term in the loss there are two columns more, `<id>:train` and `<id>:dev` (float64): what it
penalises, as a mean per example, without its weight. That of train is over the steps of the epoch, as `train_loss`.
"""

import pyarrow as pa

from attnexplain.tables.io import TableSchema

SCHEMA = TableSchema(
    "history",
    2,
    pa.schema(
        [
            pa.field("epoch", pa.int32(), nullable=False),  # from 1
            pa.field("train_loss", pa.float64(), nullable=False),  # mean per example
            pa.field("dev_loss", pa.float64()),
            pa.field("dev_accuracy", pa.float64()),
            pa.field("dev_f1", pa.float64()),
            pa.field("dev_roc_auc", pa.float64()),
            pa.field("selected", pa.bool_(), nullable=False),  # the checkpoint that was kept
        ]
    ),
    extra=True,
)
