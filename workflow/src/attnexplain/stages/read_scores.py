"""The scores that attribution methods gave the words of a test split, for an experiment that reads them."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from attnexplain.data.batching import TokenisedSplit
from attnexplain.errors import ResultError
from attnexplain.experiments.explained import Scores
from attnexplain.tables import attributions
from attnexplain.tables.io import read_table


def read_scores(paths: Sequence[Path], split: TokenisedSplit) -> dict[str, Scores]:
    """Scores by method, whose id is a path's stem; per example of `split`, in its order."""
    return {path.stem: _scores(path, split) for path in paths}


def _scores(path: Path, split: TokenisedSplit) -> list[np.ndarray]:
    table = read_table(path, attributions.SCHEMA, ["example_id", "scores"])
    lengths = pc.list_value_length(table["scores"]).to_numpy()
    if table["example_id"].to_pylist() != split.example_ids or not np.array_equal(lengths, split.lengths):
        raise ResultError(
            f"{path}: not the scores of the test split that the experiment is run on; rebuild {path.name}"
        )
    values = table["scores"].combine_chunks().flatten().to_numpy()
    return np.split(values, np.cumsum(lengths)[:-1])


def by_method(table: pa.Table, methods: Sequence[str], columns: Sequence[str]) -> pa.Table:
    """A table with a row per example, whose `columns` are lists with a value per method, as a row for each of these."""
    rows = np.repeat(np.arange(len(table)), len(methods))
    found = table.drop_columns(list(columns)).take(rows)
    found = found.append_column("method", pa.array([*methods] * len(table), pa.string()))
    for name in columns:
        found = found.append_column(name, pc.list_flatten(table[name]))
    return found
