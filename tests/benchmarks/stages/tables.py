"""Writing the table of a method: tokens, offsets and scores of every text."""

from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa

import reference
from attnexplain.seeding import generator
from attnexplain.sharding import write_sharded
from attnexplain.tables.attributions import SCHEMA
from attnexplain.tables.io import read_table
from benchmarks import inputs
from benchmarks.case import NO_ENCODER, Case, Setting, Stage, by_length
from benchmarks.stages.text import word

SHARD = 1000  # the default of a study


def build(setting: Setting) -> Case:
    """The same table twice: from columns in shards, and from one dictionary per text."""
    texts, scores = _texts(setting), _scores(setting)
    ours, plain = setting.scratch / "ours.parquet", setting.scratch / "plain.parquet"

    def compute(positions: range) -> pa.Table:
        rows = scores[positions.start : positions.stop]
        columns = {"target": np.zeros(len(rows), np.int32), "probability": [np.array([0.75, 0.25])] * len(rows)}
        table = pa.table(columns | {"scores": rows})
        for name, column in zip(texts.column_names, texts.slice(positions.start, len(rows)).columns, strict=True):
            table = table.append_column(name, column)
        return table

    def fast() -> Path:
        size, scratch = {"count": len(scores), "size": SHARD}, {"scratch": setting.scratch / "shards", "inputs": "none"}
        write_sharded(ours, SCHEMA, {"run": "none"}, compute, **size, **scratch)
        return ours

    def naive() -> Path:
        rows = texts.to_pylist()
        known = {"target": 0, "probability": [0.75, 0.25]}
        reference.write_rows(
            plain, [{**row, **known, "scores": found.tolist()} for row, found in zip(rows, scores, strict=True)]
        )
        return plain

    return Case(fast, naive, inputs.mean_tokens(setting), difference=_difference)


def _texts(setting: Setting) -> pa.Table:
    """The columns that a method's table repeats of the tokens."""
    words = [[word(int(number)) for number in ids] for ids in inputs.word_ids(setting)]
    ends = [np.cumsum([len(word) + 1 for word in text]).astype(np.int32) - 1 for text in words]
    starts = [end - np.array([len(word) for word in text], np.int32) for end, text in zip(ends, words, strict=True)]
    segments = [np.zeros(len(text), np.int8) for text in words]
    columns = {"example_id": inputs.example_ids(setting), "tokens": words}
    return pa.table(columns | {"segment": segments, "start": starts, "end": ends})


def _scores(setting: Setting) -> list[np.ndarray]:
    random = generator(inputs.SEED, "generation", "scores")
    return [random.random(length).astype(np.float32) for length in inputs.lengths(setting)]


def _difference(ours: Path, plain: Path) -> float:
    """Of the scores, as both files are read again; infinite where anything else differs."""
    found, expected = read_table(ours, SCHEMA).to_pandas(), pd.read_parquet(plain)
    same = all(
        list(a) == list(b) if isinstance(a, np.ndarray) else a == b
        for name in SCHEMA.columns.names
        if name != "scores"
        for a, b in zip(found[name], expected[name], strict=True)
    )
    scores = zip(found["scores"], expected["scores"], strict=True)
    return max(float(np.abs(a - b).max(initial=0.0)) for a, b in scores) if same else float("inf")


PARQUET = Stage(
    name="Parquet writing",
    about="The table of a method, from scores and columns of tokens, in shards that are then merged. Reference: a "
    "dictionary per text and pandas.DataFrame.to_parquet, both with zstd. Difference: of the scores, read again.",
    build=build,
    examples=by_length((4000, 4000, 4000), (1000, 1000, 1000), (500, 500, 500)),
    tolerance=0.0,
    encoders=NO_ENCODER,
    on_gpu=False,
)
