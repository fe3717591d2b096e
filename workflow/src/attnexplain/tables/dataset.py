"""Table `dataset split`: one row per example of a split, in canonical form."""

import pyarrow as pa

from attnexplain.tables.io import TableSchema

EVIDENCE = pa.struct(
    [
        pa.field("segment", pa.int8(), nullable=False),  # 0: text, 1: text_pair
        pa.field("start", pa.int32(), nullable=False),  # character offsets, end exclusive
        pa.field("end", pa.int32(), nullable=False),
        pa.field("annotator", pa.int16(), nullable=False),
        pa.field("weight", pa.float32(), nullable=False),  # in [0, 1]
    ]
)

SCHEMA = TableSchema(
    "dataset",
    1,
    pa.schema(
        [
            pa.field("example_id", pa.string(), nullable=False),
            pa.field("text", pa.string(), nullable=False),
            pa.field("text_pair", pa.string()),
            pa.field("label", pa.int32()),
            pa.field("answer", pa.string()),
            pa.field("answer_start", pa.int32()),
            pa.field("answer_end", pa.int32()),
            pa.field("candidates", pa.list_(pa.string())),
            pa.field("evidence", pa.list_(EVIDENCE)),  # null: the data has none; empty: annotated, nothing marked
        ]
    ),
)
