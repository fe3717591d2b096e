"""HateXplain (Mathew et al. 2021) from two derivatives of its posts; the contents are offensive.

`train`, `dev`, `test`: JSON lists of `[text, class]`, all posts of the official split with their majority class.
`train_rationales`, ...: the posts that are not normal in the form of ERASER, spans over the documents' word pieces.
`documents`: tar archive of word-piece ids, which `vocabulary` spells; without the marks and accents of the posts.

The text of every post is that of the lists, else the source would betray the class. The spans are carried over: both
copies are reduced to their letters and digits; where these agree, and the class does, the n-th of one is the n-th of
the other. A post whose copies differ has null as evidence, its rationale being unknown; so have normal posts, for which
none was asked. A span of emoji alone has no letters and is left out.
"""

import json
import unicodedata
from collections import defaultdict
from collections.abc import Sequence
from pathlib import Path, PurePosixPath
from typing import Any

from attnexplain.data.archives import decoded, members
from attnexplain.data.canonical import example_id
from attnexplain.errors import DataError

FACTS = {
    "name": "hatexplain",
    "title": "HateXplain",
    "citation": "Mathew et al. (2021)",
    "needs": [],
    "options": {
        "classes": {
            "type": "string",
            "default": "three",
            "enum": ["three", "toxic"],
            "description": "normal, offensive, hatespeech; or normal, toxic (the other two together).",
        },
    },
}

SPLITS = ("train", "dev", "test")
_SPECIAL = {"[UNK]", "[CLS]", "[SEP]"}

Spans = list[tuple[int, int]]  # of one post, among its letters and digits


def read(files: dict[str, Path], *, classes: str) -> dict[str, list[dict]]:
    """Split -> rows; labels are class names, identifiers count the posts of a file from 1."""
    needed = [*SPLITS, *(f"{split}_rationales" for split in SPLITS), "documents", "vocabulary"]
    absent = [name for name in needed if name not in files]
    if absent:
        raise DataError(f"no {', '.join(absent)} among the files ({', '.join(files)}).")
    pieces = _text(files["vocabulary"]).split("\n")
    documents = {
        PurePosixPath(name).name: _pieces(content, pieces, f"{files['documents']}, {name}")
        for name, content in members(files["documents"])
    }
    return {
        split: _rows(files[split], split, _rationales(files[f"{split}_rationales"], documents), classes)
        for split in SPLITS
    }


def letters(text: str) -> list[tuple[str, int]]:
    """Letters and digits of a text, in lower case and without accents, each with its place in the text."""
    return [
        (letter, place)
        for place, character in enumerate(text)
        for letter in unicodedata.normalize("NFD", character.lower())
        if letter.isalnum()
    ]


def _rows(path: Path, split: str, rationales: dict[tuple[str, str], list[Spans]], classes: str) -> list[dict]:
    rows = []
    for number, post in enumerate(_json(_text(path), str(path)), start=1):
        if not (isinstance(post, list) and len(post) == 2 and all(isinstance(value, str) for value in post)):
            raise DataError(f"{path}, post {number}: expected [text, class].")
        text, label = post
        found = letters(text)
        same = rationales.get(("".join(letter for letter, _ in found), label))
        evidence = _evidence(same.pop(0), [place for _, place in found]) if same else None
        name = "toxic" if classes == "toxic" and label != "normal" else label
        rows.append({"example_id": example_id(split, number), "text": text, "label": name, "evidence": evidence})
    return rows


def _evidence(spans: Sequence[tuple[int, int]], places: Sequence[int]) -> list[dict[str, Any]]:
    return [
        {"segment": 0, "start": places[first], "end": places[last - 1] + 1, "annotator": 0, "weight": 1.0}
        for first, last in spans
        if first < last
    ]


def _rationales(path: Path, documents: dict[str, list[str]]) -> dict[tuple[str, str], list[Spans]]:
    """(letters, class) -> posts; posts of the same letters follow each other as in the file."""
    posts: dict[tuple[str, str], list[Spans]] = defaultdict(list)
    for number, line in enumerate(_text(path).split("\n"), start=1):
        if not line.strip():
            continue
        where = f"{path}, line {number}"
        record = _json(line, where)
        try:
            document = documents[record["annotation_id"]]
            spans = [(span["start_token"], span["end_token"]) for group in record["evidences"] for span in group]
            label = record["classification"]
        except (KeyError, TypeError) as error:
            raise DataError(f"{where}: a field or its document is missing ({error!r}).") from error
        if any(not 0 <= start <= end <= len(document) for start, end in spans):
            raise DataError(f"{where}: a span lies outside its document of {len(document)} word pieces.")
        counts = [0]
        for piece in document:
            counts.append(counts[-1] + len(piece))
        posts["".join(document), label].append([(counts[a], counts[b]) for a, b in spans])
    return posts


def _pieces(content: bytes, pieces: list[str], where: str) -> list[str]:
    """Letters and digits of each word piece of a document; none for special tokens."""
    try:
        found = [pieces[int(number)] for number in content.split()]
    except (ValueError, IndexError) as error:
        raise DataError(f"{where}: expected numbers of word pieces of the vocabulary ({error}).") from error
    return ["" if piece in _SPECIAL else "".join(letter for letter, _ in letters(piece)) for piece in found]


def _text(path: Path) -> str:
    return decoded(path.read_bytes(), "utf-8", str(path))


def _json(text: str, where: str) -> Any:
    try:
        return json.loads(text)
    except json.JSONDecodeError as error:
        # The message of the library holds a place only, never the text.
        raise DataError(f"{where}: malformed or truncated JSON ({error}); fetch the original file again.") from error
