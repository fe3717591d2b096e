"""Discharge summaries of MIMIC-III (Johnson et al. 2016) labelled by diagnosis, as in Jain and Wallace (2019).

Files: `notes` (NOTEEVENTS) and `diagnoses` (DIAGNOSES_ICD), csv or csv.gz as distributed, and either none or all of
`train`, `dev`, `test`: lists of admissions, an HADM_ID per line. Without lists patients are drawn into the splits, so
that no patient is in two.

A text is one admission: its notes of category `Discharge summary` without an error flag, the report first, then the
addenda, each by CHARTDATE, joined by a line break. Cleaning is the tokeniser's (`{name: word, cleaning: mimic}`), the
text stays as it is written. Labels, of ICD-9 codes with a point after the third character:

    diabetes    1 where any code starts with 250.00, else 0
    anemia      1 where a code holds 285.1 (acute, posthemorrhagic) and none 285.2; 0 where one holds 285.2
                (chronic) and none 285.1; other admissions are left out

An admission without any diagnosis is left out.
"""

import logging
from collections import defaultdict
from pathlib import Path
from typing import Any

from attnexplain.data.mimic_tables import admission_list, number, rows
from attnexplain.data.stratify import stratified
from attnexplain.errors import DataError
from attnexplain.seeding import generator

FACTS = {
    "name": "mimic-notes",
    "title": "MIMIC-III discharge summaries",
    "citation": "Johnson et al. (2016)",
    "needs": [],
    "options": {
        "task": {
            "type": "string",
            "default": "diabetes",
            "enum": ["diabetes", "anemia"],
            "description": "Which diagnosis is the label.",
        },
        "dev_fraction": {
            "type": "number",
            "default": 0.15,
            "exclusiveMinimum": 0,
            "maximum": 0.5,
            "description": "Share of the patients that are not in test whose admissions are dev, without lists.",
        },
        "test_fraction": {
            "type": "number",
            "default": 0.2,
            "exclusiveMinimum": 0,
            "maximum": 0.4,
            "description": "Share of the patients whose admissions are test, without lists.",
        },
        "split_seed": {"type": "integer", "default": 0, "minimum": 0, "description": "Seed of those two draws."},
    },
}

LOGGER = logging.getLogger(__name__)
SPLITS = ("train", "dev", "test")
_NOTES = ("ROW_ID", "SUBJECT_ID", "HADM_ID", "CHARTDATE", "CATEGORY", "DESCRIPTION", "ISERROR", "TEXT")
_DIAGNOSES = ("HADM_ID", "ICD9_CODE")
_DIABETES, _ACUTE, _CHRONIC = 1, 2, 4  # flags of an admission

Admission = tuple[int, int]  # SUBJECT_ID, HADM_ID
Note = tuple[bool, str, int, str]  # addendum, CHARTDATE, ROW_ID, TEXT: sorted, they are in order


def read(
    files: dict[str, Path], *, task: str, dev_fraction: float, test_fraction: float, split_seed: int
) -> dict[str, list[dict]]:
    """Split -> rows, by HADM_ID, which names the example."""
    _check_files(files)
    lists = {split: admission_list(files[split]) for split in SPLITS if split in files}
    labels = _labels(files["diagnoses"], task)
    if lists:
        _check_lists(lists)
        listed = set().union(*lists.values())
        labels = {admission: label for admission, label in labels.items() if admission in listed}
    notes = _notes(files["notes"], labels)
    fractions = {"test": test_fraction, "dev": dev_fraction}
    splits = lists or _drawn_splits(notes, labels, fractions, split_seed)
    found = {split: _rows(notes, labels, splits[split]) for split in SPLITS}
    sizes = ", ".join(f"{split} {len(found[split])}" for split in SPLITS)
    LOGGER.info(
        "%s: %d admissions with a label and a discharge summary (%s)", task, sum(map(len, found.values())), sizes
    )
    return found


def _labels(path: Path, task: str) -> dict[int, int]:
    """Admission -> label."""
    flags: dict[int, int] = defaultdict(int)
    for where, (admission_text, code_text) in rows(path, _DIAGNOSES):
        admission, code = number(admission_text, where, "HADM_ID"), code_text.strip()
        if admission is not None and code:
            flags[admission] |= _flags(f"{code[:3]}.{code[3:]}")
    if task == "diabetes":
        return {admission: int(bool(flag & _DIABETES)) for admission, flag in flags.items()}
    kinds = {admission: flag & (_ACUTE | _CHRONIC) for admission, flag in flags.items()}
    return {admission: int(kind == _ACUTE) for admission, kind in kinds.items() if kind in (_ACUTE, _CHRONIC)}


def _flags(code: str) -> int:
    return _DIABETES * code.startswith("250.00") | _ACUTE * ("285.1" in code) | _CHRONIC * ("285.2" in code)


def _notes(path: Path, labels: dict[int, int]) -> dict[Admission, list[Note]]:
    """The notes of each labelled admission; all else is forgotten as it is read."""
    notes: dict[Admission, list[Note]] = defaultdict(list)
    for where, (row_id, subject, hadm, date, category, description, error, text) in rows(path, _NOTES):
        if category.strip() != "Discharge summary" or error.strip():
            continue
        patient, admission = number(subject, where, "SUBJECT_ID"), number(hadm, where, "HADM_ID")
        if patient is not None and admission in labels:
            order = number(row_id, where, "ROW_ID") or 0
            notes[patient, admission].append((description.strip() != "Report", date.strip(), order, text))
    return notes


def _drawn_splits(
    notes: dict[Admission, list[Note]], labels: dict[int, int], fractions: dict[str, float], seed: int
) -> dict[str, set[int]]:
    """Admissions of each split; patients are drawn, stratified by whether any admission of theirs is positive."""
    patients: dict[int, int] = {}
    for patient, admission in sorted(notes):
        patients[patient] = max(labels[admission], patients.get(patient, 0))
    rest = sorted(patients)
    split_of: dict[int, str] = {}
    for split, fraction in fractions.items():
        size = round(fraction * len(rest))
        drawn = stratified([patients[one] for one in rest], size, generator(seed, "split", split)) if rest else []
        split_of |= {rest[place]: split for place in drawn}
        rest = [patient for patient in rest if patient not in split_of]
    found: dict[str, set[int]] = {split: set() for split in SPLITS}
    for patient, admission in notes:
        found[split_of.get(patient, "train")].add(admission)
    return found


def _rows(notes: dict[Admission, list[Note]], labels: dict[int, int], chosen: set[int]) -> list[dict[str, Any]]:
    """Rows of the chosen admissions; their notes are taken out of `notes`, so that no text is held twice."""
    ours = sorted((admission, patient) for patient, admission in notes if admission in chosen)
    return [_row(admission, labels[admission], notes.pop((patient, admission))) for admission, patient in ours]


def _row(admission: int, label: int, notes: list[Note]) -> dict[str, Any]:
    texts = [text for *_, text in sorted(notes)]
    return {"example_id": f"admission-{admission}", "text": "\n".join(texts), "label": label}


def _check_files(files: dict[str, Path]) -> None:
    absent = [key for key in ("notes", "diagnoses") if key not in files]
    lists = [split for split in SPLITS if split in files]
    if absent or len(lists) not in (0, len(SPLITS)):
        message = (
            f"files {', '.join(files)}: give `notes` and `diagnoses`, and all of `train`, `dev`, `test` (lists of "
            "admissions) or none of them."
        )
        raise DataError(message, message)


def _check_lists(lists: dict[str, set[int]]) -> None:
    total = sum(len(admissions) for admissions in lists.values())
    twice = total - len(set().union(*lists.values()))
    if twice:
        message = f"the lists of admissions overlap: {twice} stand in two of train, dev, test; keep each in one."
        raise DataError(message, message)
