"""Stage `tokenise`: canonical splits become token tables; the vocabulary is built from train alone."""

import json
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from sys import intern
from typing import Any

import numpy as np
import pyarrow as pa
from tqdm import tqdm

from attnexplain.data.evidence import token_evidence
from attnexplain.data.vocabulary import UNKNOWN, build_vocabulary, encode
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

    `spec` is {"dataset": name, "tokeniser": plug-in}. Examples outside the tokeniser's lengths, and those without a
    token, are dropped and counted; DataError where none is left.
    """
    access = json.loads((dataset / "dataset.json").read_text(encoding="utf-8")).get("access", OPEN)
    # What reads the tokens alone learns from their metadata whose identifiers these are.
    about = provenance if access == OPEN else {**provenance, "access": access}
    with guarded(access, output.parent, output):
        _run(spec, dataset, output, about)


def _run(spec: dict[str, Any], dataset: Path, output: Path, provenance: dict[str, Any]) -> None:
    plugin = spec["tokeniser"]
    tokeniser = load("tokeniser", plugin["name"])(**plugin["options"])
    splits = {
        split: _tokenise(dataset / f"{split}.parquet", tokeniser, f"{spec['dataset']} {split}") for split in SPLITS
    }
    # All of train counts, as in Jain and Wallace's code: the length filter comes after the vocabulary.
    documents = splits["train"].forms + splits["train"].dropped
    vocabulary = build_vocabulary(documents, tokeniser.min_frequency)
    classes = json.loads((dataset / "dataset.json").read_text(encoding="utf-8"))["classes"]
    statistics: dict[str, Any] = {"dataset": spec["dataset"], "tokeniser": plugin, "vocabulary_size": len(vocabulary)}
    with filled(output) as folder:
        for name, split in splits.items():
            split.columns["token_ids"] = [encode(forms, vocabulary) for forms in split.forms]
            schema = tokens_table.SCHEMA.columns
            table = pa.table({key: pa.array(split.columns[key], schema.field(key).type) for key in schema.names})
            write_table(folder / f"{name}.parquet", table, tokens_table.SCHEMA, {**provenance, "split": name})
            statistics[name] = _statistics(split, len(classes))
        write_json(folder / "vocabulary.json", vocabulary)
        write_json(folder / "statistics.json", statistics)


def _tokenise(path: Path, tokeniser: Any, title: str) -> Split:
    table = read_table(path, dataset_table.SCHEMA)
    split = Split({field.name: [] for field in tokens_table.SCHEMA.columns}, [], [])
    batches = (row for batch in table.to_batches(max_chunksize=1000) for row in batch.to_pylist())
    for row in tqdm(batches, total=table.num_rows, desc=title, unit=" examples", disable=None):
        _add(split, row, tokeniser)
    if not split.forms:
        raise DataError(
            f"{path}: none of its {table.num_rows} examples has a length the tokeniser keeps; "
            "widen `min_length` and `max_length` of the tokeniser."
        )
    return split


def _add(split: Split, row: dict[str, Any], tokeniser: Any) -> None:
    texts = [row["text"]] if row["text_pair"] is None else [row["text"], row["text_pair"]]
    found = [(segment, *token) for segment, text in enumerate(texts) for token in tokeniser.split(text)]
    forms = [intern(token[-1]) for token in found]  # a word is held once, however often it stands there
    if not tokeniser.keeps(len(found)):
        split.dropped.append(forms)
        return
    segment, start, end, _ = (list(column) for column in zip(*found, strict=True))
    surfaces = [intern(texts[s][a:b]) for s, a, b in zip(segment, start, end, strict=True)]
    spans = row["evidence"]
    evidence = None if spans is None else token_evidence(spans, segment, start, end)
    values: dict[str, Any] = {"tokens": surfaces, "segment": segment, "evidence": evidence}
    values |= {"start": np.array(start, np.int32), "end": np.array(end, np.int32)}
    for name, value in {**values, "example_id": row["example_id"], "label": row["label"]}.items():
        split.columns[name].append(value)
    split.forms.append(forms)


def _statistics(split: Split, n_classes: int) -> dict[str, Any]:
    """Of the kept examples; `evidence_fraction`: share of tokens with evidence of at least 0.5, null without any."""
    lengths = np.array([len(forms) for forms in split.forms])
    ids = np.concatenate([np.array(ids) for ids in split.columns["token_ids"]])
    counts = Counter(split.columns["label"])
    marked = [value >= 0.5 for row in split.columns["evidence"] if row is not None for value in row]
    return {
        "examples": len(split.forms),
        "dropped_by_length": len(split.dropped),
        "class_counts": [counts[index] for index in range(n_classes)],
        "length": {
            "mean": round(float(lengths.mean()), 6),
            "std": round(float(lengths.std()), 6),
            "min": int(lengths.min()),
            "max": int(lengths.max()),
        },
        "evidence_fraction": round(float(np.mean(marked)), 6) if marked else None,
        "unknown_rate": round(float(np.mean(ids == UNKNOWN)), 6),
    }
