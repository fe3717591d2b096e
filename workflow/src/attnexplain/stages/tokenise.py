"""Stage `tokenise`: canonical splits become token tables; the vocabulary is built from train alone.

A pair's tokens stand in one list, those of the first text before those of the second, and share one vocabulary.
"""

import json
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from sys import intern
from typing import Any

import numpy as np
import pyarrow as pa
from tqdm import tqdm

from attnexplain.data.evidence import token_evidence
from attnexplain.data.special_tokens import UNK
from attnexplain.data.vocabulary import build_vocabulary, encode
from attnexplain.errors import DataError
from attnexplain.privacy import OPEN, guarded
from attnexplain.registry import load
from attnexplain.stages.folder import filled, write_json
from attnexplain.tables import dataset as dataset_table
from attnexplain.tables import tokens as tokens_table
from attnexplain.tables.io import read_table, write_table

SPLITS = ("train", "dev", "test")


@dataclass
class Split:
    """One split: columns of the token table and forms of the examples kept, and the forms of those dropped."""

    columns: dict[str, list[Any]]
    forms: list[list[str]]
    dropped: list[list[str]]


def run(*, spec: dict[str, Any], dataset: Path, output: Path, provenance: dict[str, Any]) -> None:
    """Write {split}.parquet, vocabulary.json and statistics.json into `output`.

    `spec` is {"dataset": name, "tokeniser": plug-in}. Examples whose first text is outside the tokeniser's lengths or
    without a token are dropped and counted; DataError where none is left.
    """
    access = json.loads((dataset / "dataset.json").read_text(encoding="utf-8")).get("access", OPEN)
    # What reads the tokens alone learns from their metadata whose identifiers these are.
    about = provenance if access == OPEN else {**provenance, "access": access}
    with guarded(access, output.parent, output):
        _run(spec, dataset, output, about)


def _run(spec: dict[str, Any], dataset: Path, output: Path, provenance: dict[str, Any]) -> None:
    plugin = spec["tokeniser"]
    tokeniser = load("tokeniser", plugin["name"])(**plugin["options"])
    classes = json.loads((dataset / "dataset.json").read_text(encoding="utf-8"))["classes"]
    places = {name: place for place, name in enumerate(classes)}
    splits = {
        split: _tokenise(dataset / f"{split}.parquet", tokeniser, places, f"{spec['dataset']} {split}")
        for split in SPLITS
    }
    # All of train counts, as in Jain and Wallace's code: the length filter comes after the vocabulary.
    documents = splits["train"].forms + splits["train"].dropped
    vocabulary = build_vocabulary(documents, tokeniser.min_frequency)
    statistics: dict[str, Any] = {"dataset": spec["dataset"], "tokeniser": plugin, "vocabulary_size": len(vocabulary)}
    statistics["classes"] = classes
    with filled(output) as folder:
        for name, split in splits.items():
            split.columns["token_ids"] = [encode(forms, vocabulary) for forms in split.forms]
            schema = tokens_table.SCHEMA.columns
            table = pa.table({key: pa.array(split.columns[key], schema.field(key).type) for key in schema.names})
            write_table(folder / f"{name}.parquet", table, tokens_table.SCHEMA, {**provenance, "split": name})
            statistics[name] = _statistics(split, len(classes))
        write_json(folder / "vocabulary.json", vocabulary)
        write_json(folder / "statistics.json", statistics)


def _tokenise(path: Path, tokeniser: Any, classes: Mapping[str, int], title: str) -> Split:
    table = read_table(path, dataset_table.SCHEMA)
    split = Split({field.name: [] for field in tokens_table.SCHEMA.columns}, [], [])
    batches = (row for batch in table.to_batches(max_chunksize=1000) for row in batch.to_pylist())
    for row in tqdm(batches, total=table.num_rows, desc=title, unit=" examples", disable=None):
        _add(split, row, tokeniser, classes)
    if not split.forms:
        raise DataError(
            f"{path}: none of its {table.num_rows} examples has a length the tokeniser keeps; "
            "widen `min_length` and `max_length` of the tokeniser."
        )
    return split


def _add(split: Split, row: dict[str, Any], tokeniser: Any, classes: Mapping[str, int]) -> None:
    texts = [row["text"]] if row["text_pair"] is None else [row["text"], row["text_pair"]]
    found = [(segment, *token) for segment, text in enumerate(texts) for token in tokeniser.split(text)]
    forms = [intern(token[-1]) for token in found]  # a word is held once, however often it stands there
    if not tokeniser.keeps(sum(token[0] == 0 for token in found)):
        split.dropped.append(forms)
        return
    segment, start, end, _ = (list(column) for column in zip(*found, strict=True))
    surfaces = [intern(texts[s][a:b]) for s, a, b in zip(segment, start, end, strict=True)]
    spans = row["evidence"]
    evidence = None if spans is None else token_evidence(spans, segment, start, end)
    values: dict[str, Any] = {"tokens": surfaces, "segment": segment, "evidence": evidence}
    values |= {"start": np.array(start, np.int32), "end": np.array(end, np.int32)}
    values["candidates"] = _indices(row["candidates"], classes)
    for name, value in {**values, "example_id": row["example_id"], "label": row["label"]}.items():
        split.columns[name].append(value)
    split.forms.append(forms)


def _indices(candidates: list[str] | None, classes: Mapping[str, int]) -> list[int] | None:
    """Candidates that are classes, by index; null (all classes) where none is, since some answer must be given."""
    return sorted({classes[name] for name in candidates or [] if name in classes}) or None


def _statistics(split: Split, n_classes: int) -> dict[str, Any]:
    """Of the kept examples; what ends in `_pair` is of the second texts, null where the data has none."""
    ids = np.concatenate([np.array(ids) for ids in split.columns["token_ids"]])
    counts = Counter(split.columns["label"])
    pairs = any(1 in segment for segment in split.columns["segment"])
    return {
        "examples": len(split.forms),
        "dropped_by_length": len(split.dropped),
        "class_counts": [counts[index] for index in range(n_classes)],
        "length": _lengths(split, 0),
        "length_pair": _lengths(split, 1) if pairs else None,
        "evidence_fraction": _evidence_fraction(split, 0),
        "evidence_fraction_pair": _evidence_fraction(split, 1),
        "unknown_rate": round(float(np.mean(ids == UNK)), 6),
    }


def _lengths(split: Split, segment: int) -> dict[str, float | int]:
    lengths = np.array([segments.count(segment) for segments in split.columns["segment"]])
    return {
        "mean": round(float(lengths.mean()), 6),
        "std": round(float(lengths.std()), 6),
        "min": int(lengths.min()),
        "max": int(lengths.max()),
    }


def _evidence_fraction(split: Split, segment: int) -> float | None:
    """Share of a segment's tokens with evidence of at least 0.5; null where no example has evidence."""
    columns = zip(split.columns["segment"], split.columns["evidence"], strict=True)
    found = [zip(segments, evidence, strict=True) for segments, evidence in columns if evidence is not None]
    marked = [value >= 0.5 for tokens in found for place, value in tokens if place == segment]
    return round(float(np.mean(marked)), 6) if marked else None
