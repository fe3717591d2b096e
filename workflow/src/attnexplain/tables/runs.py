"""Table `runs`: one row per planned run."""

import pyarrow as pa

from attnexplain.tables.io import TableSchema

SCHEMA = TableSchema(
    "runs",
    1,
    pa.schema(
        [
            pa.field("study", pa.string(), nullable=False),
            pa.field("run", pa.string()),
            pa.field("dataset", pa.string(), nullable=False),
            pa.field("limits", pa.string(), nullable=False),
            pa.field("encoder", pa.string(), nullable=False),
            pa.field("attention", pa.string(), nullable=False),
            pa.field("normaliser", pa.string(), nullable=False),
            pa.field("regulariser", pa.string(), nullable=False),
            pa.field("control", pa.string(), nullable=False),
            pa.field("seed", pa.int64(), nullable=False),
            pa.field("n_train", pa.int64()),
            pa.field("n_test", pa.int64()),
            pa.field("vocabulary_size", pa.int64()),
            pa.field("n_parameters", pa.int64()),
            pa.field("epochs", pa.int64()),  # epochs trained
            pa.field("best_epoch", pa.int64()),  # the checkpoint kept, chosen on dev
            pa.field("dev_accuracy", pa.float64()),
            pa.field("dev_f1", pa.float64()),
            pa.field("dev_roc_auc", pa.float64()),
            pa.field("test_accuracy", pa.float64()),
            pa.field("test_f1", pa.float64()),
            pa.field("test_roc_auc", pa.float64()),
            pa.field("missing_reason", pa.string()),
        ]
    ),
)
