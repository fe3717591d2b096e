"""ADE Corpus v2 (Gurulingappa et al. 2012): does a sentence report an adverse effect of a drug?

`relations` (DRUG-AE.rel): `PMID|sentence|effect|begin|end|drug|begin|end`, offsets into the whole abstract; its
distinct sentences are the positive class, effects and drugs their evidence. `negatives` (ADE-NEG.txt): `PMID NEG
sentence`. Repeated sentences count once. No split is published: dev and test are drawn, stratified.
"""

from pathlib import Path

from attnexplain.data.archives import decoded
from attnexplain.data.canonical import example_id
from attnexplain.data.missing_splits import draw_missing
from attnexplain.errors import DataError

FACTS = {
    "name": "ade-corpus",
    "title": "ADE Corpus v2",
    "citation": "Gurulingappa et al. (2012)",
    "needs": [],
    "options": {
        "dev_fraction": {
            "type": "number",
            "default": 0.1,
            "exclusiveMinimum": 0,
            "maximum": 0.4,
            "description": "Share of all sentences that becomes dev.",
        },
        "test_fraction": {
            "type": "number",
            "default": 0.1,
            "exclusiveMinimum": 0,
            "maximum": 0.4,
            "description": "Share of all sentences that becomes test.",
        },
        "split_seed": {"type": "integer", "default": 0, "minimum": 0, "description": "Seed of those two draws."},
    },
}

Mention = tuple[str, int]  # a string of the sentence and where it begins in the abstract


def read(
    files: dict[str, Path], *, dev_fraction: float, test_fraction: float, split_seed: int
) -> dict[str, list[dict]]:
    """Split -> rows; identifiers are `relation-<line>` and `negative-<line>`, of the sentence's first line."""
    absent = [name for name in ("relations", "negatives") if name not in files]
    if absent:
        raise DataError(f"no {' and '.join(absent)} among the files ({', '.join(files)}).")
    positive = _positive(files["relations"])
    known = {row["text"] for row in positive}
    rows = positive + _negative(files["negatives"], known)
    return draw_missing({"train": rows}, {"test": test_fraction, "dev": dev_fraction}, split_seed)


def positions(sentence: str, mentions: list[Mention]) -> list[tuple[int, int]]:
    """Spans of the mentions in a sentence, ascending and distinct.

    A string that occurs several times is placed by its offset: one beginning of the sentence in the abstract must fit
    all mentions. Where none does, every occurrence counts.
    """
    found = {mention: _occurrences(sentence, mention[0]) for mention in mentions}
    begins = set.intersection(*({begin - place for place in found[_, begin]} for _, begin in found))
    if begins:
        found = {(words, begin): [begin - min(begins)] for words, begin in found}
    return sorted({(place, place + len(words)) for (words, _), places in found.items() for place in places})


def _occurrences(sentence: str, words: str) -> list[int]:
    places, place = [], sentence.find(words)
    while place >= 0:
        places.append(place)
        place = sentence.find(words, place + 1)
    return places


def _positive(path: Path) -> list[dict]:
    mentions: dict[str, dict[str, list[Mention]]] = {}  # sentence -> abstract -> mentions
    first: dict[str, int] = {}
    for number, line in _lines(path):
        fields = line.split("|")
        if len(fields) != 8 or not (fields[3].isdecimal() and fields[6].isdecimal()):
            raise DataError(f"{path}, line {number}: expected `PMID|sentence|effect|begin|end|drug|begin|end`.")
        abstract, sentence, effect, begin, _, drug, drug_begin, _ = fields
        for words in (effect, drug):
            if not words or words not in sentence:
                raise DataError(f"{path}, line {number}: {words!r} does not occur in its sentence.")
        first.setdefault(sentence, number)
        found = mentions.setdefault(sentence, {}).setdefault(abstract, [])
        found += [(effect, int(begin)), (drug, int(drug_begin))]
    return [_row(sentence, first[sentence], list(by.values())) for sentence, by in mentions.items()]


def _row(sentence: str, number: int, by_abstract: list[list[Mention]]) -> dict:
    spans = sorted({span for mentions in by_abstract for span in positions(sentence, mentions)})
    evidence = [{"segment": 0, "start": a, "end": b, "annotator": 0, "weight": 1.0} for a, b in spans]
    return {"example_id": example_id("relation", number), "text": sentence, "label": 1, "evidence": evidence}


def _negative(path: Path, known: set[str]) -> list[dict]:
    rows = []
    for number, line in _lines(path):
        parts = line.split(" ", 2)
        if len(parts) != 3 or parts[1] != "NEG":
            raise DataError(f"{path}, line {number}: expected `PMID NEG sentence`, found {line[:40]!r}.")
        if parts[2] not in known:
            known.add(parts[2])
            # Annotated, with nothing to mark: an empty list, not null.
            rows.append({"example_id": example_id("negative", number), "text": parts[2], "label": 0, "evidence": []})
    return rows


def _lines(path: Path) -> list[tuple[int, str]]:
    lines = decoded(path.read_bytes(), "utf-8", str(path)).split("\n")
    return [(number, line.removesuffix("\r")) for number, line in enumerate(lines, start=1) if line.strip()]
