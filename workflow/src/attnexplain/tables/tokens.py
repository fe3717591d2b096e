"""Table `tokens`: one row per example of a split, tokenised; lists run over the tokens, special tokens left out.

The tokens of the second text (segment 1), where there is one, follow those of the first (segment 0).
"""

import pyarrow as pa

from attnexplain.tables.io import TableSchema

SCHEMA = TableSchema(
    "tokens",
    1,
    pa.schema(
        [
            pa.field("example_id", pa.string(), nullable=False),
            pa.field("label", pa.int32()),
            pa.field("tokens", pa.list_(pa.string()), nullable=False),  # surface forms, exactly text[start:end]
            pa.field("token_ids", pa.list_(pa.int32()), nullable=False),
            pa.field("segment", pa.list_(pa.int8()), nullable=False),
            pa.field("start", pa.list_(pa.int32()), nullable=False),
            pa.field("end", pa.list_(pa.int32()), nullable=False),
            # Mean over annotators of the largest overlapping span's weight; null where the data has no evidence.
            pa.field("evidence", pa.list_(pa.float32())),
            pa.field("candidates", pa.list_(pa.int32())),  # classes that may be the answer, ascending; null: all
        ]
    ),
)
