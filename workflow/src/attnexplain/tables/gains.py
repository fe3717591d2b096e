"""Table `gains`: one row per model x notion of faithfulness, set against the plain model it departs from."""

import pyarrow as pa

from attnexplain.tables.io import TableSchema

SCHEMA = TableSchema(
    "gains",
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
            pa.field("control", pa.string(), nullable=False),  # "none"
            # The axis on which the model departs from its plain model; null of the plainest itself.
            pa.field("axis", pa.string()),
            pa.field("value", pa.string()),  # what it is on that axis
            pa.field("plain", pa.string()),  # what its plain model is there; all else is equal
            pa.field("notion", pa.string(), nullable=False),  # a name of statistics/notions.py
            pa.field("metric", pa.string(), nullable=False),
            pa.field("method", pa.string()),
            pa.field("method_b", pa.string()),
            pa.field(
                "better", pa.string()
            ),  # "higher" or "lower" is more faithful (of accuracy: better); null: neither
            pa.field("mean", pa.float64()),
            pa.field("ci_low", pa.float64()),
            pa.field("ci_high", pa.float64()),
            pa.field("ci_kind", pa.string()),
            pa.field("difference", pa.float64()),  # of the model less its plain model, on the same texts and seeds
            pa.field("difference_low", pa.float64()),
            pa.field("difference_high", pa.float64()),
            pa.field("difference_kind", pa.string()),
            pa.field("p_adjusted", pa.float64()),  # of the difference, as in `comparisons`
            pa.field(
                "gain", pa.string()
            ),  # "better", "worse", "no difference found"; null without an interval over seeds
            pa.field("n_examples", pa.int64(), nullable=False),
            pa.field("n_seeds", pa.int64(), nullable=False),
            pa.field("n_undefined", pa.int64(), nullable=False),
            pa.field("missing_reason", pa.string()),
        ]
    ),
)
