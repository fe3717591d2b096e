"""SQuAD 1.1 (Rajpurkar et al. 2016) and files in its forms: a context, a question, and an answer that is a span of it.

A file is the original JSON (`data`, `paragraphs`, `qas`), or a JSON list of objects with `context`, `question` and
`answer`, as a text. A question with several answers has the first of them; where a file gives no place, it is the first
occurrence. Files: `train`, `test` and, where there is one, `dev`; without it, dev is drawn from train by contexts.
"""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from attnexplain.data.canonical import example_id
from attnexplain.errors import DataError
from attnexplain.seeding import generator

FACTS = {
    "name": "squad",
    "title": "SQuAD 1.1, JSON",
    "citation": "Rajpurkar et al. (2016)",
    "needs": [],
    "options": {
        "dev_fraction": {
            "type": "number",
            "default": 0.1,
            "exclusiveMinimum": 0,
            "maximum": 0.5,
            "description": "Share of the contexts of train that becomes dev where there is no dev file.",
        },
        "split_seed": {"type": "integer", "default": 0, "minimum": 0, "description": "Seed of that draw."},
    },
}


def read(files: dict[str, Path], *, dev_fraction: float, split_seed: int) -> dict[str, list[dict]]:
    """Split -> rows; identifiers count the questions of the original file, kept where one moves to dev."""
    if "train" not in files:
        raise DataError(f"no `train` among the files ({', '.join(files)}); dev may be left out, train not.")
    splits = {split: _read(path, split) for split, path in files.items()}
    if "dev" not in splits:
        contexts = list(dict.fromkeys(row["text"] for row in splits["train"]))
        order = generator(split_seed, "split", "dev").permutation(len(contexts))
        drawn = {contexts[place] for place in order[: round(dev_fraction * len(contexts))]}
        splits["dev"] = [row for row in splits["train"] if row["text"] in drawn]
        splits["train"] = [row for row in splits["train"] if row["text"] not in drawn]
    return splits


def _read(path: Path, split: str) -> list[dict]:
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
    except ValueError as error:  # malformed JSON, or not UTF-8
        raise DataError(f"{path}: malformed or truncated JSON ({error}); fetch it again.") from error
    rows: list[dict] = []
    try:
        for context, question, answer, start in _questions(content):
            rows.append({"example_id": example_id(split, len(rows) + 1), **_row(context, question, answer, start)})
    except (KeyError, IndexError, TypeError, ValueError) as error:
        what = f"no {error}" if isinstance(error, KeyError) else str(error)
        raise DataError(f"{path}, question {len(rows) + 1}: not in a form of SQuAD 1.1: {what}.") from error
    return rows


def _questions(content: Any) -> Iterator[tuple[str, str, str, int | None]]:
    """Context, question, answer and its place of each question."""
    if isinstance(content, list):
        yield from ((record["context"], record["question"], record["answer"], None) for record in content)
        return
    for article in content["data"]:
        for paragraph in article["paragraphs"]:
            for asked in paragraph["qas"]:
                answer = asked["answers"][0]
                yield paragraph["context"], asked["question"], answer["text"], answer["answer_start"]


def _row(context: str, question: str, answer: str, start: int | None) -> dict:
    start = context.find(answer) if start is None else start
    if not answer or start < 0 or context[start : start + len(answer)] != answer:
        raise ValueError(f"the answer {answer!r} does not stand at character {start} of its context")
    span = {"answer": answer, "answer_start": start, "answer_end": start + len(answer)}
    return {"text": context, "text_pair": question, **span}
