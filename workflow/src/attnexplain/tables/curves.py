"""Table `curves`: how far predictions move for how far another attention is away, and the areas under these curves.

One row per model that is attacked x attack, a point of its curve, or the area under its trained adversaries. The cell
is that of the model attacked; means are over texts and seeds.
"""

import pyarrow as pa

from attnexplain.tables.io import TableSchema

TRAINED, SEED, AREA = "trained adversary", "seed", "area"
UNIFORM, UNIFORM_TRAINED = "uniform at test", "uniform, trained"
SEARCH, EXACT = "post-hoc search", "post-hoc exact"
KINDS = (TRAINED, SEED, UNIFORM, UNIFORM_TRAINED, SEARCH, EXACT, AREA)

SCHEMA = TableSchema(
    "curves",
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
            pa.field("kind", pa.string(), nullable=False),  # one of KINDS
            # The model trained, `bilstm.additive.adversarial-3fa94c`, or the id of the experiment; of areas null.
            pa.field("attack", pa.string()),
            pa.field("lambda", pa.float64()),  # of trained adversaries: what a nat is worth in distance
            pa.field("is_corner", pa.bool_()),  # of trained adversaries: whether the frontier bends there
            pa.field("jsd", pa.float64()),  # mean divergence from the attention attacked, nats
            pa.field("jsd_low", pa.float64()),
            pa.field("jsd_high", pa.float64()),
            pa.field("tvd", pa.float64()),  # mean distance from its predictions
            pa.field("tvd_low", pa.float64()),
            pa.field("tvd_high", pa.float64()),
            pa.field("area", pa.float64()),  # of areas: mean of the frontier from divergence 0 to `to`
            pa.field("area_low", pa.float64()),
            pa.field("area_high", pa.float64()),
            pa.field("to", pa.float64()),
            pa.field("ci_kind", pa.string()),
            pa.field("accuracy", pa.float64()),  # of what was trained: mean over seeds; null for the others
            pa.field("n_examples", pa.int64(), nullable=False),
            pa.field("n_undefined", pa.int64(), nullable=False),  # example x seed
            pa.field("n_seeds", pa.int64(), nullable=False),
            pa.field("missing_reason", pa.string()),
        ]
    ),
)
