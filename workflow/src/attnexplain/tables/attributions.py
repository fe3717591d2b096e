"""Table `attributions`: one row per example of the test split x target; a method may add quality columns.

Of a pair, tokens, segment, start, end and scores are those of the attended text (segment 0); the columns `pair_tokens`,
`pair_start` and `pair_end` hold the question's tokens and their offsets in `text_pair`.
"""

import pyarrow as pa

from attnexplain.tables.io import TableSchema

SCHEMA = TableSchema(
    "attributions",
    1,
    pa.schema(
        [
            pa.field("example_id", pa.string(), nullable=False),
            pa.field("target", pa.int32(), nullable=False),  # the class explained: the predicted one
            pa.field(
                "probability", pa.list_(pa.float32()), nullable=False
            ),  # one per class; 0 for what is no candidate
            pa.field("tokens", pa.list_(pa.string()), nullable=False),
            pa.field("segment", pa.list_(pa.int8()), nullable=False),
            pa.field("start", pa.list_(pa.int32()), nullable=False),
            pa.field("end", pa.list_(pa.int32()), nullable=False),
            pa.field("scores", pa.list_(pa.float32()), nullable=False),  # one per token
        ]
    ),
    extra=True,
)
