"""Table `status`: how each job of a study stood when its finished results were brought together."""

import pyarrow as pa

from attnexplain.tables.io import TableSchema

SCHEMA = TableSchema(
    "status",
    1,
    pa.schema(
        [
            pa.field("study", pa.string(), nullable=False),
            pa.field("rule", pa.string(), nullable=False),
            pa.field("about", pa.string(), nullable=False),  # a run, a run and a method, a data set, ...
            pa.field("state", pa.string(), nullable=False),  # keys of jobs/states.py: MEANINGS
            pa.field("reason", pa.string()),
            pa.field("output", pa.string(), nullable=False),  # the first of the job's files
            pa.field("log", pa.string(), nullable=False),
            pa.field("host", pa.string()),
            pa.field("started", pa.timestamp("s", tz="UTC")),
            pa.field("ended", pa.timestamp("s", tz="UTC")),
            pa.field("taken", pa.bool_(), nullable=False),  # its files are part of these results
        ]
    ),
)
