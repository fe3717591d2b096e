"""Limits of a study: a seeded, stratified subset of a split, in the split's own order."""

import pyarrow as pa

from attnexplain.data.stratify import stratified
from attnexplain.seeding import generator

SEED = 0  # a limit is part of the data's identity, not of a run's seed


def limited(table: pa.Table, limit: int | None, split: str) -> pa.Table:
    """At most `limit` rows of `table`; a limit of the table's size or more changes nothing."""
    if limit is None or limit >= table.num_rows:
        return table
    labels = table["label"].to_pylist()
    return table.take(stratified(labels, limit, generator(SEED, "limits", split)))
