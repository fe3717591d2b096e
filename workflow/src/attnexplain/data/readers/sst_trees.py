"""Stanford Sentiment Treebank from its trees (Socher et al. 2013), binary, with the words' own labels as evidence.

One tree per line, `(3 (2 It) (4 (2 's) (4 good)))`; a node's label runs from 0 (very negative) to 4. As in
Jain and Wallace (2019), sentences labelled 2 are dropped and labels from 3 on are positive. The text is the words
joined by one space, escapes undone. A word is evidence where its own node is not neutral: weight |label - 2| / 2.
"""

import re
from pathlib import Path

from attnexplain.data.canonical import example_id
from attnexplain.errors import DataError

FACTS = {
    "name": "sst-trees",
    "title": "Stanford Sentiment Treebank, trees",
    "citation": "Socher et al. (2013)",
    "needs": [],
    "options": {},
}

NEUTRAL = 2
_PIECES = re.compile(r"[()]|[^() ]+")  # blanks only: some words hold a no-break space
_ESCAPES = {"-LRB-": "(", "-RRB-": ")", "-LSB-": "[", "-RSB-": "]", "-LCB-": "{", "-RCB-": "}"}


def read(files: dict[str, Path]) -> dict[str, list[dict]]:
    """Split -> rows; identifiers count the lines of the original file from 1, neutral ones included."""
    return {split: _read(path, split) for split, path in files.items()}


def parse(line: str) -> tuple[int, list[tuple[int, str]]]:
    """Root label and (label, word) of each leaf; raises ValueError that says what is wrong with the tree."""
    pieces = _PIECES.findall(line)
    leaves: list[tuple[int, str]] = []
    open_nodes: list[list] = []  # [label, word or None, has children]
    root = None
    for previous, piece in zip([None, *pieces], pieces, strict=False):
        if root is not None:
            raise ValueError(f"{piece!r} after the end of the tree")
        if piece == "(":
            _open(open_nodes)
        elif piece == ")":
            root = _close(open_nodes, leaves)
        else:
            _fill(open_nodes, piece, first=previous == "(")
    if root is None:
        raise ValueError(f"the tree ends with {len(open_nodes)} open brackets" if pieces else "an empty line")
    return root, leaves


def _open(open_nodes: list[list]) -> None:
    if open_nodes:
        if open_nodes[-1][0] is None:
            raise ValueError("a node without a label")
        if open_nodes[-1][1] is not None:
            raise ValueError(f"the word {open_nodes[-1][1]!r} has a child")
        open_nodes[-1][2] = True
    open_nodes.append([None, None, False])


def _close(open_nodes: list[list], leaves: list[tuple[int, str]]) -> int | None:
    if not open_nodes:
        raise ValueError("a closing bracket too many")
    label, word, children = open_nodes.pop()
    if label is None or (word is None and not children):
        raise ValueError("a node without a word or children")
    if word is not None:
        leaves.append((label, word))
    return None if open_nodes else int(label)


def _fill(open_nodes: list[list], piece: str, first: bool) -> None:
    if not open_nodes:
        raise ValueError(f"{piece!r} outside brackets")
    if first:
        if piece not in {"0", "1", "2", "3", "4"}:
            raise ValueError(f"label {piece!r} is not 0, 1, 2, 3 or 4")
        open_nodes[-1][0] = int(piece)
    elif open_nodes[-1][1] is not None or open_nodes[-1][2]:
        raise ValueError(f"a second word {piece!r} in one node")
    else:
        open_nodes[-1][1] = piece


def _read(path: Path, split: str) -> list[dict]:
    rows = []
    try:
        lines = path.read_text(encoding="utf-8").split("\n")
    except UnicodeDecodeError as error:
        raise DataError(f"{path}: not UTF-8 text ({error}); fetch the original file again.") from error
    for number, line in enumerate(lines[:-1] if lines[-1] == "" else lines, start=1):
        try:
            root, leaves = parse(line.removesuffix("\r"))
        except ValueError as error:
            raise DataError(
                f"{path}, line {number}: a malformed or truncated tree: {error}. Fetch the original file again."
            ) from error
        if root != NEUTRAL:
            rows.append(_row(example_id(split, number), int(root > NEUTRAL), leaves))
    return rows


def _row(identifier: str, label: int, leaves: list[tuple[int, str]]) -> dict:
    evidence, words, start = [], [], 0
    for own, escaped in leaves:
        word = _ESCAPES.get(escaped, escaped).replace("\\/", "/").replace("\\*", "*")
        if own != NEUTRAL:
            weight = abs(own - NEUTRAL) / 2
            evidence.append({"segment": 0, "start": start, "end": start + len(word), "annotator": 0, "weight": weight})
        words.append(word)
        start += len(word) + 1
    return {"example_id": identifier, "text": " ".join(words), "label": label, "evidence": evidence}
