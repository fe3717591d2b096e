"""Table `statistics`: one row per cell of the study x metric."""

import pyarrow as pa

from attnexplain.tables.io import TableSchema

# What a cell is: runs that differ in nothing but the seed.
CELL = ("dataset", "limits", "encoder", "attention", "normaliser", "regulariser", "control")

# What a test of a mean against its null leaves behind; of a difference, against 0.
TESTS = (
    pa.field("p_value", pa.float64()),  # two-sided, see statistics/tests.py
    pa.field("p_adjusted", pa.float64()),  # Holm, over the study's family
    pa.field("p_fdr", pa.float64()),  # Benjamini & Hochberg, over the same family
    pa.field("effect", pa.float64()),  # distance from the null in standard deviations of a value
    pa.field("effect_low", pa.float64()),
    pa.field("effect_high", pa.float64()),
    pa.field("margin", pa.float64()),  # of equivalence, where the study declares one for the metric
    pa.field("p_equivalence", pa.float64()),  # two one-sided tests
    pa.field("p_equivalence_adjusted", pa.float64()),  # Holm
)

SCHEMA = TableSchema(
    "statistics",
    2,
    pa.schema(
        [
            pa.field("study", pa.string(), nullable=False),
            pa.field("dataset", pa.string(), nullable=False),
            pa.field("limits", pa.string(), nullable=False),  # "none" or "train=500,dev=100,test=50"
            pa.field("encoder", pa.string(), nullable=False),
            pa.field("attention", pa.string(), nullable=False),
            pa.field("normaliser", pa.string(), nullable=False),
            pa.field("regulariser", pa.string(), nullable=False),
            pa.field("control", pa.string(), nullable=False),
            pa.field("method", pa.string()),
            pa.field("method_b", pa.string()),
            pa.field("class", pa.string(), nullable=False),  # predicted label's index as text, or "all"
            pa.field("metric", pa.string(), nullable=False),
            pa.field("options", pa.string(), nullable=False),  # canonical JSON of the metric's options
            pa.field("mean", pa.float64()),
            pa.field("std", pa.float64()),  # over examples, pooled over seeds
            pa.field("significant_fraction", pa.float64()),
            pa.field("n_examples", pa.int64(), nullable=False),  # distinct examples with a defined value
            pa.field("n_undefined", pa.int64(), nullable=False),  # example x seed values that are undefined
            pa.field("n_seeds", pa.int64(), nullable=False),
            pa.field("ci_low", pa.float64()),
            pa.field("ci_high", pa.float64()),
            pa.field("ci_kind", pa.string()),  # kind of interval, "jackknife-seeds" or "examples-only"
            *TESTS,
            pa.field("null_low", pa.float64()),  # range of the cell's mean under the null
            pa.field("null_high", pa.float64()),
            pa.field("ceiling", pa.float64()),
            pa.field("published", pa.float64()),
            pa.field("published_source", pa.string()),
            pa.field("missing_reason", pa.string()),
        ]
    ),
)
