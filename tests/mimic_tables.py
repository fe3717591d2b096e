"""Invented tables with the schema of MIMIC-III v1.4 and its oddities; no note here was ever written by anyone else."""

import csv
import gzip
import io
from pathlib import Path
from typing import Any

NOTE_COLUMNS = (
    *("ROW_ID", "SUBJECT_ID", "HADM_ID", "CHARTDATE", "CHARTTIME", "STORETIME"),
    *("CATEGORY", "DESCRIPTION", "CGID", "ISERROR", "TEXT"),
)
DIAGNOSIS_COLUMNS = ("ROW_ID", "SUBJECT_ID", "HADM_ID", "SEQ_NUM", "ICD9_CODE")
TEXT = 'Admission Date:  [**2101-10-{day:02}**]\nPatient, "{name}", aged 70.\n\n______\nFeels {word}; didn\'t eat.\n'


def note(hadm: Any, subject: Any = 1, **changes: Any) -> dict[str, Any]:
    """A row of NOTEEVENTS; `hadm` None is missing."""
    row = {"ROW_ID": 1, "SUBJECT_ID": subject, "HADM_ID": "" if hadm is None else hadm, "CHARTDATE": "2101-10-20"}
    row |= {"CHARTTIME": "", "STORETIME": "", "CATEGORY": "Discharge summary", "DESCRIPTION": "Report", "CGID": ""}
    return {**row, "ISERROR": "", "TEXT": TEXT.format(day=3, name="[**Known lastname 1234**]", word="well"), **changes}


def diagnosis(hadm: Any, code: str, subject: Any = 1) -> dict[str, Any]:
    """A row of DIAGNOSES_ICD."""
    return {"ROW_ID": 1, "SUBJECT_ID": subject, "HADM_ID": hadm, "SEQ_NUM": 1, "ICD9_CODE": code}


def write(path: Path, columns: tuple[str, ...], rows: list[dict[str, Any]]) -> Path:
    """A table as MIMIC writes it: texts in quotation marks, numbers bare, gzipped where the name says so."""
    buffer = io.StringIO()
    writer = csv.DictWriter(buffer, columns, quoting=csv.QUOTE_NONNUMERIC, lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    content = buffer.getvalue().encode()
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(gzip.compress(content) if path.suffix == ".gz" else content)
    return path


def write_mimic(folder: Path, notes: list[dict[str, Any]], diagnoses: list[dict[str, Any]]) -> dict[str, Path]:
    """Both tables, gzipped."""
    return {
        "notes": write(folder / "NOTEEVENTS.csv.gz", NOTE_COLUMNS, notes),
        "diagnoses": write(folder / "DIAGNOSES_ICD.csv.gz", DIAGNOSIS_COLUMNS, diagnoses),
    }


def patients(count: int = 60) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """Notes and diagnoses of patients with one or two admissions each; every third patient is diabetic."""
    notes, diagnoses = [], []
    for patient in range(count):
        for stay in range(1 + patient % 2):
            hadm = 100_000 + 10 * patient + stay
            word = "thirsty sugar" if patient % 3 == 0 else "tired heart"
            text = TEXT.format(day=1 + patient % 28, name=f"Secretname{patient}", word=f"{word} secretword{hadm}")
            notes.append(note(hadm, patient, TEXT=text))
            diagnoses.append(diagnosis(hadm, "25000" if patient % 3 == 0 else "4280", patient))
    return notes, diagnoses
