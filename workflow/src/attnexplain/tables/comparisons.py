"""Table `comparisons`: one row per pair of cells that differ in one axis (or of methods in one cell) x metric."""

import pyarrow as pa

from attnexplain.tables.io import TableSchema
from attnexplain.tables.statistics import TESTS

# What may differ between the two sides; a study's `compare` chooses among them.
AXES = ("encoder", "attention", "normaliser", "regulariser", "control", "method")

# Cell and methods are those of the first side; on `axis`, they have `value` where the second side has `other`.
SCHEMA = TableSchema(
    "comparisons",
    1,
    pa.schema(
        [
            pa.field("study", pa.string(), nullable=False),
            pa.field("dataset", pa.string(), nullable=False),
            pa.field("limits", pa.string(), nullable=False),
            pa.field("encoder", pa.string(), nullable=False),
            pa.field("attention", pa.string(), nullable=False),
            pa.field("normaliser", pa.string(), nullable=False),
            pa.field("regulariser", pa.string(), nullable=False),
            pa.field("control", pa.string(), nullable=False),
            pa.field("method", pa.string()),
            pa.field("method_b", pa.string()),
            pa.field("class", pa.string(), nullable=False),  # "all"
            pa.field("metric", pa.string(), nullable=False),
            pa.field("options", pa.string(), nullable=False),  # canonical JSON of the metric's options
            pa.field("axis", pa.string(), nullable=False),
            pa.field("value", pa.string(), nullable=False),
            pa.field("other", pa.string(), nullable=False),
            pa.field("mean", pa.float64()),  # of the examples and seeds that both sides have
            pa.field("other_mean", pa.float64()),
            pa.field("difference", pa.float64()),  # mean - other_mean
            pa.field("ci_low", pa.float64()),
            pa.field("ci_high", pa.float64()),
            pa.field("ci_kind", pa.string()),
            pa.field("n_examples", pa.int64(), nullable=False),
            pa.field("n_seeds", pa.int64(), nullable=False),
            pa.field("n_undefined", pa.int64(), nullable=False),  # example x shared seed, undefined on either side
            *TESTS,
            pa.field("verdict", pa.string()),  # "different", "equivalent" or "cannot be told"; in the study's table
            pa.field("missing_reason", pa.string()),
        ]
    ),
)
