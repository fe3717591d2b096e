"""Movie reviews with rationales in the form of ERASER (Zaidan et al. 2007; DeYoung et al. 2020).

`train`, `dev` and `test` are JSON lines: `annotation_id`, `classification` and `evidences`, groups of spans with
`start_token`, `end_token` (into the blank-separated tokens of the document) and the `text` they spell. `documents` is
a tar archive of the documents. The text is the document as it stands; every span of every group is evidence, the
groups being no annotators but alternatives. Spans without tokens, which the original test file has, are left out; a
span that spells other words than its `text` is refused.
"""

import json
import re
from pathlib import Path, PurePosixPath
from typing import Any

from attnexplain.data.archives import decoded, members
from attnexplain.errors import DataError

FACTS = {
    "name": "eraser",
    "title": "ERASER documents with rationales",
    "citation": "DeYoung et al. (2020)",
    "needs": [],
    "options": {},
}

_TOKEN = re.compile(r"\S+")


def read(files: dict[str, Path]) -> dict[str, list[dict]]:
    """Split -> rows; labels are the classes' names as the file spells them, identifiers those of the annotations."""
    if "documents" not in files:
        raise DataError(f"no `documents` among the files ({', '.join(files)}); name the archive of documents so.")
    documents = {
        PurePosixPath(name).name: decoded(content, "utf-8", f"{files['documents']}, {name}")
        for name, content in members(files["documents"])
    }
    return {split: _rows(path, documents) for split, path in files.items() if split != "documents"}


def _rows(path: Path, documents: dict[str, str]) -> list[dict]:
    rows = []
    for number, line in enumerate(decoded(path.read_bytes(), "utf-8", str(path)).split("\n"), start=1):
        if not line.strip():
            continue
        where = f"{path}, line {number}"
        try:
            record = json.loads(line)
            rows.append(_row(record, documents, where))
        except (json.JSONDecodeError, KeyError, TypeError) as error:
            raise DataError(f"{where}: malformed or truncated ({error!r}); fetch the original file again.") from error
    return rows


def _row(record: dict[str, Any], documents: dict[str, str], where: str) -> dict:
    name = record["annotation_id"]
    if name not in documents:
        raise DataError(f"{where}: no document {name!r} in the archive of documents.")
    text = documents[name]
    tokens = [found.span() for found in _TOKEN.finditer(text)]
    spans = [span for group in record["evidences"] for span in group if span["start_token"] < span["end_token"]]
    evidence = [_evidence(span, text, tokens, where) for span in spans]
    return {"example_id": name, "text": text, "label": record["classification"], "evidence": evidence}


def _evidence(span: dict[str, Any], text: str, tokens: list[tuple[int, int]], where: str) -> dict[str, Any]:
    first, last = span["start_token"], span["end_token"] - 1
    if not 0 <= first <= last < len(tokens):
        raise DataError(f"{where}: evidence from token {first} to {last} of a document of {len(tokens)} tokens.")
    start, end = tokens[first][0], tokens[last][1]
    if text[start:end].split() != span["text"].split():
        raise DataError(f"{where}: the evidence at tokens {first} to {last} spells other words than its `text`.")
    return {"segment": 0, "start": start, "end": end, "annotator": 0, "weight": 1.0}
