"""Tables made in pieces of fixed size, so that a job killed in the middle goes on where it stopped.

A table over the examples 0..count-1 is cut into shards of `size` consecutive examples. Each is computed whole, since
batches never cross a shard, and kept in `scratch` as Parquet; those found there are not computed again. A resumed
job therefore computes the same batches, and writes the same bytes, as one that was never stopped.
"""

import logging
import shutil
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import pyarrow as pa
from tqdm import tqdm

from attnexplain.errors import ResultError
from attnexplain.tables.io import TableSchema, read_table, write_table

LOGGER = logging.getLogger(__name__)

Compute = Callable[[range], pa.Table]


def write_sharded(
    path: Path,
    schema: TableSchema,
    provenance: Mapping[str, Any],
    compute: Compute,
    *,
    count: int,
    size: int,
    scratch: Path,
    inputs: str,
) -> None:
    """Write the table of `count` examples (at least one) to `path`, shard by shard, and remove `scratch`.

    Parameters
    ----------
    compute : callable
        Maps a range of positions to their rows, in order; one row per example or several.
    scratch : Path
        Folder of this one job.
    inputs : str
        Digest of what the rows are computed from, as a file name. Shards left by a job that was killed before its
        inputs changed (a model trained anew, another budget of tokens) are not mixed in.
    """
    folder = scratch / inputs
    pieces = {folder / f"{shard.start:09d}-{shard.stop:09d}.parquet": shard for shard in _shards(count, size)}
    with tqdm(pieces.items(), desc=path.stem, unit="shard", disable=None) as progress:
        for piece, positions in progress:
            if _is_whole(piece, schema):
                continue
            write_table(piece, compute(positions), schema, provenance)
            if progress.disable:
                LOGGER.info("%s: %d of %d examples", path.stem, positions.stop, count)
    write_table(path, pa.concat_tables([read_table(piece, schema) for piece in pieces]), schema, provenance)
    shutil.rmtree(scratch)


def _shards(count: int, size: int) -> Iterator[range]:
    """Consecutive ranges over 0..count-1."""
    for start in range(0, count, size):
        yield range(start, min(start + size, count))


def _is_whole(piece: Path, schema: TableSchema) -> bool:
    """Whether a shard lies there complete. Shards are written atomically; what cannot be read is made again."""
    try:
        read_table(piece, schema)
    except (ResultError, pa.ArrowInvalid, OSError):
        return False
    return True
