"""Table `areas`: the area under an adversary's curve, as values per run attacked x example whose mean it is.

The values are linearised (`statistics/frontier.py`): they say how the area varies over texts and seeds, and are no area
of a text.
"""

import pyarrow as pa

from attnexplain.tables.io import TableSchema

SCHEMA = TableSchema(
    "areas",
    1,
    pa.schema(
        [
            pa.field("run", pa.string(), nullable=False),
            pa.field("example_id", pa.string(), nullable=False),
            pa.field("value", pa.float64()),  # null where undefined
            pa.field("undefined_reason", pa.string()),
        ]
    ),
)
