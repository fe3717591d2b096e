"""SNLI (Bowman et al. 2015) with the highlights of e-SNLI (Camburu et al. 2018) as evidence; premise and hypothesis.

Three forms of a file, told by their names:
    .jsonl            the original `snli_1.0_*.jsonl`; pairs without a gold label (`-`) are dropped; no evidence
    .csv.gz, .csv     with the columns of e-SNLI: sentences, gold label, and per annotator the highlighted words
    .csv, .tsv        a sample without header, tab-separated: label, label, premise, hypothesis, labels 1 neutral,
                      2 contradiction, 3 entailment; no evidence

Highlights number the words of a sentence, cut at single blanks, from 0. Annotators were to highlight the hypothesis
alone where a pair is neutral: that such a premise has no evidence is by design and says nothing of the premise.
"""

import csv
import gzip
import json
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import IO, Any, cast

from attnexplain.data.canonical import example_id
from attnexplain.errors import DataError, nearest

FACTS = {
    "name": "snli",
    "title": "SNLI, original files, e-SNLI highlights, or a sample",
    "citation": "Bowman et al. (2015), Camburu et al. (2018)",
    "needs": [],
    "options": {},
}

LABELS = ("contradiction", "entailment", "neutral")
SAMPLE_LABELS = {"1": "neutral", "2": "contradiction", "3": "entailment"}
NO_GOLD = "-"
ANNOTATORS = (1, 2, 3)
_COLUMNS = [f"Sentence{s}_Highlighted_{annotator}" for annotator in ANNOTATORS for s in (1, 2)]
_NONE = "{}"


def read(files: dict[str, Path]) -> dict[str, list[dict]]:
    """Split -> rows. A key may carry a number (`train-2`): its rows follow those of `train`.

    Identifiers count the pairs of the original file, those without a gold label included.
    """
    splits: dict[str, list[dict]] = {}
    for key, path in files.items():
        splits.setdefault(key.partition("-")[0], []).extend(_read(path, key))
    return splits


def _read(path: Path, key: str) -> list[dict]:
    rows = []
    try:
        with _open(path) as file:
            for number, (line, fields) in enumerate(_pairs(path, file), start=1):
                if fields["label"] == NO_GOLD:
                    continue
                if fields["label"] not in LABELS:
                    where = f"{path}, line {line}"
                    raise DataError(
                        f"{where}: unknown gold label {fields['label']!r}. {nearest(fields['label'], LABELS)}"
                    )
                rows.append({"example_id": example_id(key, number), **fields})
    except (UnicodeDecodeError, EOFError, zlib.error, gzip.BadGzipFile) as error:
        raise DataError(f"{path}: truncated, corrupt or not UTF-8 ({error}); fetch it again.") from error
    return rows


def _open(path: Path) -> IO[str]:
    opened = gzip.open if path.suffix == ".gz" else open
    return cast(IO[str], opened(path, "rt", encoding="utf-8", newline=""))


def _pairs(path: Path, file: IO[str]) -> Iterator[tuple[int, dict[str, Any]]]:
    """Line number and text, text_pair, label, evidence of every pair."""
    if path.suffix == ".jsonl":
        return _original(path, file)
    header = file.readline()
    file.seek(0)
    return _highlighted(path, file) if header.startswith("pairID,") else _sample(path, file)


def _original(path: Path, file: IO[str]) -> Iterator[tuple[int, dict[str, Any]]]:
    for number, line in enumerate(file, start=1):
        try:
            pair = json.loads(line)
            texts = [pair[name] for name in ("sentence1", "sentence2", "gold_label")]
        except (json.JSONDecodeError, KeyError, TypeError) as error:
            raise DataError(
                f"{path}, line {number}: malformed or truncated, or without sentence1, sentence2 and gold_label "
                f"({error}); fetch the original file again."
            ) from error
        yield number, _row(*texts)


def _sample(path: Path, file: IO[str]) -> Iterator[tuple[int, dict[str, Any]]]:
    lines = csv.reader(file, delimiter="\t", strict=True)
    try:
        for fields in lines:
            if len(fields) != 4 or fields[0] not in SAMPLE_LABELS:
                raise DataError(
                    f"{path}, line {lines.line_num}: expected label (1, 2 or 3), label, premise and hypothesis between "
                    f"tabs, found {len(fields)} fields that start with {fields[:1]}."
                )
            yield lines.line_num, _row(fields[2], fields[3], SAMPLE_LABELS[fields[0]])
    except csv.Error as error:
        raise DataError(f"{path}, line {lines.line_num}: malformed ({error}); fetch the file again.") from error


def _highlighted(path: Path, file: IO[str]) -> Iterator[tuple[int, dict[str, Any]]]:
    lines = csv.DictReader(file, strict=True)
    try:
        for fields in lines:
            where = f"{path}, line {lines.line_num}"
            missing = [name for name in ("sentence1", "sentence2", "gold_label", *_COLUMNS) if fields.get(name) is None]
            if missing:
                raise DataError(f"{where}: malformed or truncated: nothing in {', '.join(missing)}.")
            row = _row(fields["sentence1"], fields["sentence2"], fields["gold_label"])
            yield lines.line_num, {**row, "evidence": _evidence(fields, where)}
    except csv.Error as error:
        raise DataError(f"{path}, line {lines.line_num}: malformed CSV ({error}); fetch the file again.") from error


def _row(premise: str, hypothesis: str, label: str) -> dict[str, Any]:
    return {"text": premise, "text_pair": hypothesis, "label": label}


def _evidence(fields: dict[str, str], where: str) -> list[dict[str, Any]]:
    spans = []
    for annotator in ANNOTATORS:
        found = [
            {"segment": segment, "start": start, "end": end, "annotator": annotator - 1, "weight": 1.0}
            for segment in (0, 1)
            for start, end in _spans(
                fields[f"sentence{segment + 1}"], fields[f"Sentence{segment + 1}_Highlighted_{annotator}"], where
            )
        ]
        # An empty span stands for an annotator who highlighted nothing.
        spans += found or [{"segment": 0, "start": 0, "end": 0, "annotator": annotator - 1, "weight": 1.0}]
    return spans


def _spans(sentence: str, highlighted: str, where: str) -> list[tuple[int, int]]:
    words = sentence.split(" ")
    ends: list[int] = []
    for word in words:
        ends.append((ends[-1] + 1 if ends else 0) + len(word))
    try:
        places = [] if highlighted == _NONE else sorted({int(place) for place in highlighted.split(",")})
    except ValueError as error:
        raise DataError(f"{where}: highlighted words {highlighted!r} are no numbers between commas.") from error
    if places and not 0 <= places[0] <= places[-1] < len(words):
        raise DataError(f"{where}: highlighted words {highlighted} of a sentence of {len(words)} words: {sentence!r}.")
    return [(ends[place] - len(words[place]), ends[place]) for place in places]
