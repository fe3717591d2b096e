"""Options of the readers of one's own data; expected rows are the contents of the files written here."""

import json

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from attnexplain.data.readers import delimited, parquet, text_folder
from attnexplain.errors import DataError
from data_specs import DELIMITED, FOLDER, PARQUET


def read(path, **options):
    return delimited.read(dict.fromkeys(("train", "dev", "test"), path), **{**DELIMITED, **options})["train"]


def save(path, text, encoding="utf-8"):
    path.write_bytes(text.encode(encoding))
    return path


@pytest.mark.parametrize("encoding", ["latin-1", "cp1252", "utf-16", "UTF-8"])
def test_any_encoding_can_be_named(tmp_path, encoding):
    path = save(tmp_path / "a.csv", "text,label\ncafé,1\n", encoding)
    assert read(path, encoding=encoding)[0]["text"] == "café"


def test_separator_quoting_and_format_can_be_named(tmp_path):
    path = save(tmp_path / "reviews.dat", 'text;label\n5" long, he said;1\n')
    row = read(path, format="csv", separator=";", quoting=False)[0]
    assert (row["text"], row["label"]) == ('5" long, he said', "1")
    quoted = save(tmp_path / "b.tsv", 'text\tlabel\n"a\ttab"\t0\n')
    assert read(quoted, quoting=True)[0]["text"] == "a\ttab"


def test_a_file_without_a_header_has_numbered_columns(tmp_path):
    path = save(tmp_path / "a.csv", '"3","Title","Some text"\n"1","Other","More"\n')
    rows = read(path, header=False, text="3", label="1", labels="1, 3")
    assert [(row["text"], row["label"], row["example_id"]) for row in rows] == [
        ("Some text", 1, "train-00001"),
        ("More", 0, "train-00002"),
    ]


def test_labels_spelled_otherwise_follow_the_order_of_the_classes(tmp_path):
    rows = read(save(tmp_path / "a.csv", "text,label\na,5\nb,1\nc,2\n"), labels="1|2, 4|5")
    assert [row["label"] for row in rows] == [1, 0, 0]
    rows = read(save(tmp_path / "a.jsonl", '{"text": "a", "label": true}\n'), labels="false, true")
    assert rows[0]["label"] == 1
    with pytest.raises(DataError, match=r"line 2: label 'ngative' is none of `labels`. Did you mean 'negative'"):
        read(save(tmp_path / "b.csv", "text,label\na,ngative\n"), labels="negative, positive")


def test_identifiers_and_evidence_in_both_texts_have_columns(tmp_path):
    record = {"id": 7, "text": "a man runs", "text_pair": "he sleeps", "label": 0}
    record |= {"why": "a man *runs*", "why2": "he *sleeps*"}
    options = {"example_id": "id", "text_pair": "text_pair", "evidence": "why", "evidence_pair": "why2"}
    (row,) = read(save(tmp_path / "a.jsonl", json.dumps(record)), **options, evidence_form="marked")
    assert row["example_id"] == "7"
    assert [(span["segment"], span["start"], span["end"]) for span in row["evidence"]] == [(0, 6, 10), (1, 3, 9)]


def test_the_texts_own_column_may_carry_the_marks(tmp_path):
    (row,) = read(
        save(tmp_path / "a.csv", "text,label\na [good] film,1\n"),
        evidence="text",
        evidence_form="marked",
        evidence_mark="[ ]",
    )
    assert row["text"] == "a good film"
    assert row["text"][row["evidence"][0]["start"] : row["evidence"][0]["end"]] == "good"


@pytest.mark.parametrize(
    ("name", "text", "options", "message"),
    [
        ("a.csv", "text,label\na,1\n", {"encoding": "klingon"}, "unknown encoding 'klingon'"),
        ("a.csv", "text,label\na,1\n", {"separator": ",,"}, "separator ',,': give one character"),
        ("a.csv", "text,text,label\na,b,1\n", {}, "two columns are named 'text'"),
        ("a.csv", 'text,label\n"a,1\nb,0\nc,1\n', {}, "record that starts on line 2"),
        ("a.jsonl", '{"text": "a", "label": 1, "e": [9]}', {"evidence": "e", "evidence_form": "tokens"}, "line 1.*9"),
        ("a.csv", "text,label\na,1\n", {"encoding": "utf-16"}, "not UTF-16 text"),
    ],
)
def test_what_is_wrong_is_told_with_file_and_line(tmp_path, name, text, options, message):
    with pytest.raises(DataError, match=message):
        read(save(tmp_path / name, text), **options)


def test_parquet_gives_the_same_rows_with_its_lists(tmp_path):
    table = {"text": ["a good film", "a bad one"], "label": [1.0, None], "e": [[[1], [1, 2]], None], "other": [1, 2]}
    pq.write_table(pa.table(table), tmp_path / "a.parquet")
    files = dict.fromkeys(("train", "dev", "test"), tmp_path / "a.parquet")
    rows = parquet.read(files, **{**PARQUET, "evidence": "e", "evidence_form": "tokens"})["train"]
    assert [(row["example_id"], row["text"], row["label"]) for row in rows] == [
        ("train-00001", "a good film", 1),
        ("train-00002", "a bad one", None),
    ]
    assert [(span["annotator"], span["start"]) for span in rows[0]["evidence"]] == [(0, 2), (1, 2), (1, 7)]
    assert rows[1]["evidence"] is None


def test_parquet_tells_a_missing_column_and_a_damaged_file(tmp_path):
    path = tmp_path / "a.parquet"
    pq.write_table(pa.table({"txt": ["a"], "label": [1]}), path)
    with pytest.raises(DataError, match=r"a.parquet: no column 'text'; set option `text`. Did you mean 'txt'"):
        parquet.read({"train": path}, **PARQUET)
    path.write_bytes(path.read_bytes()[:-20])
    with pytest.raises(DataError, match=r"a.parquet: truncated, corrupt or not Parquet"):
        parquet.read({"train": path}, **PARQUET)


def tree(folder, names):
    for name in names:
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(f"text of {name}\n")


def test_a_folder_of_splits_and_classes(tmp_path):
    tree(tmp_path, ["train/pos/a.txt", "train/neg/b.txt", "train/unsup/c.txt", "valid/pos/a.txt", "test/neg/d.txt"])
    tree(tmp_path, ["README.txt", "train/pos/urls.csv"])
    splits = text_folder.read({"folder": tmp_path}, **{**FOLDER, "leave_out": "unsup"})
    found = {split: [(row["example_id"], row["label"]) for row in rows] for split, rows in splits.items()}
    assert found == {
        "train": [("train/neg/b.txt", "neg"), ("train/pos/a.txt", "pos")],
        "dev": [("dev/pos/a.txt", "pos")],
        "test": [("test/neg/d.txt", "neg")],
    }
    assert splits["test"][0]["text"] == "text of test/neg/d.txt"


def test_a_folder_of_classes_is_divided_by_label(tmp_path):
    tree(tmp_path, [f"{label}/{number}.txt" for label in ("good", "bad") for number in range(20)])
    splits = text_folder.read({"folder": tmp_path}, **FOLDER)
    assert {split: len(rows) for split, rows in splits.items()} == {"train": 28, "dev": 4, "test": 8}
    assert sum(row["label"] == "good" for row in splits["test"]) == 4


@pytest.mark.parametrize("names", [["a.txt"], []])
def test_a_folder_without_classes_is_told(tmp_path, names):
    tree(tmp_path, names)
    with pytest.raises(DataError, match="no folders of classes"):
        text_folder.read({"folder": tmp_path}, **FOLDER)


def test_too_few_examples_to_draw_a_split_from_are_told(tmp_path):
    path = save(tmp_path / "a.csv", "text,label\na,1\nb,0\n")
    with pytest.raises(DataError, match="train has 2 examples, too few to draw test from"):
        delimited.read({"train": path}, **DELIMITED)
