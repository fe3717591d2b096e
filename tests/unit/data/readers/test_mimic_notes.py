"""Invented tables of MIMIC's schema; expected rows are written out by hand from the published rules."""

import pytest

from attnexplain.data.readers.mimic_notes import read
from attnexplain.errors import DataError
from mimic_tables import DIAGNOSIS_COLUMNS, NOTE_COLUMNS, diagnosis, note, patients, write, write_mimic

OPTIONS = {"task": "diabetes", "dev_fraction": 0.15, "test_fraction": 0.2, "split_seed": 0}


def admissions(folder, notes, diagnoses, task="diabetes", **changes):
    """Rows of all splits by admission, from lists that name everything as train."""
    files = write_mimic(folder, notes, diagnoses)
    for split in ("train", "dev", "test"):
        files[split] = folder / f"{split}_hadm_ids.csv"
        files[split].write_text("".join(f"{row['HADM_ID']}\n" for row in notes if row["HADM_ID"]) * (split == "train"))
    found = read(files, **{**OPTIONS, "task": task, **changes})
    return {row["example_id"]: row for row in found["train"]}


@pytest.mark.parametrize(
    ("codes", "diabetes", "anemia"),
    [
        (["25000"], 1, None),
        (["4280", "25000"], 1, None),
        (["25002"], 0, None),
        (["25010"], 0, None),
        (["2500"], 0, None),
        (["02500", "E2500", "V2500"], 0, None),
        (["2851"], 0, 1),
        (["28521"], 0, 0),
        (["28529", "25000"], 1, 0),
        (["2851", "28521"], 0, None),
        (["2859"], 0, None),
        (["", "2851"], 0, 1),
        ([""], None, None),
        ([" 25000 "], 1, None),
    ],
)
def test_labels_follow_the_codes(tmp_path, codes, diabetes, anemia):
    for task, label in (("diabetes", diabetes), ("anemia", anemia)):
        rows = admissions(tmp_path, [note(7)], [diagnosis(7, code) for code in codes], task)
        assert {name: row["label"] for name, row in rows.items()} == ({} if label is None else {"admission-7": label})


def test_only_discharge_summaries_without_an_error_of_known_admissions_count(tmp_path):
    notes = [
        note(1, TEXT="kept"),
        note(2, CATEGORY="Nursing"),
        note(3, ISERROR="1"),
        note(None),
        note(4, CATEGORY="Discharge summary "),
        note(5),
        note("6.0", TEXT="also kept"),
    ]
    rows = admissions(tmp_path, notes, [diagnosis(hadm, "25000") for hadm in (1, 2, 3, 4, 6, 99)])
    assert {name: row["text"] for name, row in rows.items() if name != "admission-4"} == {
        "admission-1": "kept",
        "admission-6": "also kept",
    }
    assert set(rows) == {"admission-1", "admission-4", "admission-6"}


def test_the_report_comes_first_then_addenda_by_date(tmp_path):
    notes = [
        note(1, ROW_ID=5, DESCRIPTION="Addendum", CHARTDATE="2101-12-01", TEXT="third, later"),
        note(
            1, ROW_ID=4, DESCRIPTION="Addendum", CHARTDATE="2101-10-01", TEXT="second, though earlier than the report"
        ),
        note(1, ROW_ID=9, DESCRIPTION="Report", CHARTDATE="2101-11-01", TEXT='first,\n"quoted"\r\nlines'),
        note(1, ROW_ID=10, DESCRIPTION="Addendum", CHARTDATE="2101-12-01", TEXT="last of one day", ISERROR=""),
        note(1, ROW_ID=6, DESCRIPTION="Addendum", CHARTDATE="2101-12-01", TEXT="an error", ISERROR="1"),
    ]
    (row,) = admissions(tmp_path, notes, [diagnosis(1, "25000")]).values()
    assert row["text"] == (
        'first,\n"quoted"\r\nlines\nsecond, though earlier than the report\nthird, later\nlast of one day'
    )


def test_plain_csv_other_case_other_order_and_further_columns_are_read(tmp_path):
    columns = tuple(name.lower() for name in reversed((*NOTE_COLUMNS, "EXTRA")))
    row = {name.lower(): value for name, value in {**note(1, TEXT="kept"), "EXTRA": "x"}.items()}
    lower = [{name.lower(): value for name, value in diagnosis(1, "25000").items()}]
    files = {
        "notes": write(tmp_path / "n.csv", columns, [row]),
        "diagnoses": write(tmp_path / "d.csv", tuple(name.lower() for name in DIAGNOSIS_COLUMNS), lower),
    }
    assert [row["text"] for row in read(files, **OPTIONS)["train"]] == ["kept"]


def test_without_lists_no_patient_is_in_two_splits_and_shares_hold(tmp_path):
    notes, diagnoses = patients(120)
    files = write_mimic(tmp_path, notes, diagnoses)
    found = read(files, **OPTIONS)
    of = {split: {(int(row["example_id"][10:]) - 100_000) // 10 for row in rows} for split, rows in found.items()}
    assert {split: len(names) for split, names in of.items()} == {"train": 82, "dev": 14, "test": 24}
    assert not of["train"] & of["dev"] and not of["train"] & of["test"] and not of["dev"] & of["test"]
    assert sum(patient % 3 == 0 for patient in of["test"]) == 8
    assert sum(map(len, found.values())) == len(notes)
    notes.reverse()
    assert read(write_mimic(tmp_path, notes, diagnoses), **OPTIONS) == found
    assert read(files, **{**OPTIONS, "split_seed": 1})["test"] != found["test"]


def test_lists_of_admissions_make_the_splits(tmp_path):
    files = write_mimic(tmp_path, *patients(6))
    for split, text in {"train": "HADM_ID\n100000\n100010\n", "dev": "100011", "test": "100020,x\n999999\n"}.items():
        files[split] = tmp_path / f"{split}.csv"
        files[split].write_text(text)
    found = read(files, **OPTIONS)
    assert {split: [row["example_id"] for row in rows] for split, rows in found.items()} == {
        "train": ["admission-100000", "admission-100010"],
        "dev": ["admission-100011"],
        "test": ["admission-100020"],
    }
    files["dev"].write_text("100011\n100000\n")
    with pytest.raises(DataError, match="1 stand in two"):
        read(files, **OPTIONS)
    del files["dev"]
    with pytest.raises(DataError, match="all of `train`, `dev`, `test`"):
        read(files, **OPTIONS)


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        (b'"HADM_ID"', b'"HADMID"', "no column HADM_ID in its header"),
        (b'"CATEGORY"', b'"CAT"', "no column CATEGORY in its header"),
        (b'"Secret"', b'"Secret"x', r"malformed CSV .* record that starts on line 2"),
        (b'"Secret"', b'"Secret', "malformed CSV"),
        (b'"Secret"', b'"Secret","more"', "line 2: 12 fields where the header has 11"),
        (b"1,1,77,", b"1,1,Secret,", "line 2: HADM_ID is not a number"),
        (b"Secret", b"Secret\xe9", "line 2: not UTF-8 text"),
    ],
)
def test_a_damaged_table_is_told_without_quoting_it(tmp_path, old, new, message):
    files = {
        "notes": write(tmp_path / "n.csv", NOTE_COLUMNS, [note(77, TEXT="Secret")]),
        "diagnoses": write(tmp_path / "d.csv", DIAGNOSIS_COLUMNS, [diagnosis(77, "25000")]),
    }
    content = files["notes"].read_bytes()
    assert old in content
    files["notes"].write_bytes(content.replace(old, new))
    with pytest.raises(DataError, match=message) as told:
        read(files, **OPTIONS)
    assert told.value.public and "Secret" not in told.value.public
