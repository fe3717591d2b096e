"""A tiny data set and run for tests: separable sentences of a few words, small models, seconds to train.

The words `good` (class 1), `bad` (class 0) and, with three classes, `odd` (class 2) decide; the others are noise.
As pairs, the question decides too: where it says `said`, the answer is the class after the cue's.
"""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa

from attnexplain.data.batching import Batch, TokenisedSplit, collate
from attnexplain.data.special_tokens import SPECIALS
from attnexplain.registry import facts
from attnexplain.tables.io import write_table
from attnexplain.tables.segments import by_segment
from attnexplain.tables.tokens import SCHEMA

CLASSES = ("negative", "positive", "odd")
CUES = ("bad", "good", "odd")
NOISE = ("the", "film", "was", "and", "it", "of", "plot", "an", "actor", "scene", "today", "said")
VOCABULARY = {word: number for number, word in enumerate((*SPECIALS, *CUES, *NOISE))}
PROVENANCE = {"code": "0" * 10, "run": "tiny"}


def plugin(family: str, name: str, **options: Any) -> dict[str, Any]:
    """A plug-in of a spec, its options complete; one that needs a base says that it has one."""
    about = facts(family, name)
    defaults = {key: option["default"] for key, option in about["options"].items()}
    based = {"base": {"attention": "additive"}} if about.get("base") else {}
    return {"name": name, "id": name, "options": {**defaults, **options}, **based}


def tiny_spec(
    encoder: str = "bilstm", attention: str = "additive", *, classes: int = 2, training: Any = None, **changes: Any
) -> dict[str, Any]:
    """A run spec with small sizes; `training` updates those options, other keywords replace top-level fields."""
    dataset = {
        "name": "tiny",
        "title": "Tiny",
        "licence": "MIT",
        "citation": "None",
        "access": "open",
        "classes": list(CLASSES[:classes]),
        "source": {
            "kind": "synthetic",
            "reader": {"name": "planted-sentiment", "id": "planted-sentiment", "options": {}},
        },
        "limits": {"train": None, "dev": None, "test": None},
        "rows": None,
    }
    options: dict[str, Any] = {
        "epochs": 3,
        "batch_size": 8,
        "learning_rate": 1e-2,
        "weight_decay": 1e-5,
        "embedding_size": 8,
        "embedding_init_std": 0.25,
        "class_weights": "balanced",
        "selection": "roc-auc",
        "patience": None,
    }
    spec = {
        "run": f"tiny.{encoder}.{attention}.none.s1-0000000000",
        "dataset": dataset,
        "tokeniser": {"name": "word", "id": "word", "options": {}},
        "vectors": None,
        "encoder": plugin("encoder", encoder, hidden=8),
        "attention": plugin("attention", attention),
        "normaliser": plugin("normaliser", "softmax"),
        "regulariser": [],
        "control": "none",
        "training": {**options, **(training or {})},
        "seed": 1,
        "base": None,
        "slug": {
            "dataset": "tiny",
            "encoder": encoder,
            "attention": attention,
            "normaliser": "softmax",
            "regulariser": "none",
            "control": "none",
            "limits": "none",
        },
    }
    if "base" in spec["attention"]:
        spec["base"] = tiny_spec(classes=classes, training=training)
    return {**spec, **changes}


def tiny_split(n: int = 24, classes: int = 2, seed: int = 0) -> TokenisedSplit:
    """`n` sentences of 1 to 9 words; the class goes round, its cue word stands at a random place."""
    return TokenisedSplit(pa.Table.from_pylist(_rows(n, classes, seed), SCHEMA.columns))


def write_tokens(folder: Path, n: int = 48, classes: int = 2) -> None:
    """A tokens folder: `n` training sentences, half as many for dev and for test, and the vocabulary."""
    for seed, (name, count) in enumerate({"train": n, "dev": n // 2, "test": n // 2}.items()):
        write_table(folder / f"{name}.parquet", tiny_split(count, classes, seed).table, SCHEMA, PROVENANCE)
    (folder / "vocabulary.json").write_text(json.dumps(VOCABULARY), encoding="utf-8")


def pair_spec(encoder: str = "bilstm", attention: str = "additive", **changes: Any) -> dict[str, Any]:
    """A run of question-answering whose classes are left to the data."""
    spec = tiny_spec(encoder, attention, **changes)
    return {**spec, "dataset": {**spec["dataset"], "task": "question-answering", "classes": None}}


def pair_rows(n: int = 24, seed: int = 0) -> pa.Table:
    """`n` pairs in the schema `tokens`; every third names its answer and another class as its candidates."""
    rows = _rows(n, 3, seed)
    for number, row in enumerate(rows):
        question = ["was", "said"] if number % 2 else ["plot"]
        row["label"] = (row["label"] + number % 2) % 3
        offsets = {"start": [0, 4][: len(question)], "end": [len(question[0]), 8][: len(question)]}
        second = {"tokens": question, "token_ids": [VOCABULARY[word] for word in question], **offsets}
        second |= {"segment": [1] * len(question), "evidence": [float(word == "said") for word in question]}
        row |= {name: row[name] + second[name] for name in second}
        row["candidates"] = None if number % 3 else sorted({row["label"], (row["label"] + 1) % 3})
    return pa.Table.from_pylist(rows, SCHEMA.columns)


def pair_split(n: int = 24, seed: int = 0) -> TokenisedSplit:
    """`pair_rows`, read."""
    return TokenisedSplit(by_segment(pair_rows(n, seed)), 3)


def write_pairs(folder: Path, n: int = 48) -> None:
    """A tokens folder of pairs, as `write_tokens`, with the classes in statistics.json."""
    for seed, (name, count) in enumerate({"train": n, "dev": n // 2, "test": n // 2}.items()):
        write_table(folder / f"{name}.parquet", pair_rows(count, seed), SCHEMA, PROVENANCE)
    (folder / "vocabulary.json").write_text(json.dumps(VOCABULARY), encoding="utf-8")
    (folder / "statistics.json").write_text(json.dumps({"classes": list(CLASSES)}), encoding="utf-8")


def tiny_batch(n: int = 6, classes: int = 2) -> Batch:
    """The first `n` sentences as one padded batch."""
    return collate(tiny_split(n, classes), range(n))


def _rows(n: int, classes: int, seed: int) -> list[dict[str, Any]]:
    random = np.random.default_rng(seed)
    return [_row(f"s{seed}-{number}", number % classes, random) for number in range(n)]


def _row(example_id: str, label: int, random: np.random.Generator) -> dict[str, Any]:
    words = [str(word) for word in random.choice(NOISE, random.integers(0, 9))]
    words.insert(int(random.integers(0, len(words) + 1)), CUES[label])
    ends = np.cumsum([len(word) + 1 for word in words]) - 1
    return {
        "example_id": example_id,
        "label": label,
        "tokens": words,
        "token_ids": [VOCABULARY[word] for word in words],
        "segment": [0] * len(words),
        "start": [int(end) - len(word) for end, word in zip(ends, words, strict=True)],
        "end": ends.tolist(),
        "evidence": [float(word in CUES) for word in words],
    }
