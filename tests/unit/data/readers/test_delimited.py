"""Expected rows are the contents of the files written here."""

import csv
import gzip
import io
import json

import pytest

from attnexplain.data.readers.delimited import read
from attnexplain.errors import DataError
from data_specs import DELIMITED

ROWS = [{"text": 'good, "very" good', "label": "pos"}, {"text": "bad\nfilm", "label": "neg"}]


def save(path, rows):
    kind = path.name.removesuffix(".gz").rsplit(".")[-1]
    if kind == "jsonl":
        text = "".join(json.dumps(row) + "\n" for row in rows)
    else:
        buffer = io.StringIO()
        writer = csv.DictWriter(buffer, list(rows[0]), delimiter="," if kind == "csv" else "\t", lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)
        text = buffer.getvalue()
    path.write_bytes(gzip.compress(text.encode()) if path.suffix == ".gz" else text.encode())
    return path


def read_one(path, **changes):
    other = save(path.parent / "other.jsonl", ROWS)
    return read({"train": path, "dev": other, "test": other}, **{**DELIMITED, **changes})["train"]


@pytest.mark.parametrize("name", ["a.csv", "a.jsonl", "a.csv.gz", "a.jsonl.gz"])
def test_every_form_gives_the_same_rows(tmp_path, name):
    rows = read_one(save(tmp_path / name, ROWS))
    assert [(r["example_id"], r["text"], r["label"]) for r in rows] == [
        ("train-00001", ROWS[0]["text"], "pos"),
        ("train-00002", ROWS[1]["text"], "neg"),
    ]


def test_tabs_separate_and_quotation_marks_stay_text(tmp_path):
    (tmp_path / "a.tsv").write_text('label\ttext\n1\t"quoted" start, "here\n')
    assert read_one(tmp_path / "a.tsv")[0]["text"] == '"quoted" start, "here'


def test_a_byte_order_mark_is_no_part_of_the_first_column(tmp_path):
    (tmp_path / "a.csv").write_bytes(b"\xef\xbb\xbftext,label\r\ngood,1\r\n")
    assert read_one(tmp_path / "a.csv")[0]["text"] == "good"


def test_other_columns_can_be_named_and_evidence_gets_its_defaults(tmp_path):
    row = {"a": "x y", "b": "z", "l": 1, "spans": [{"start": 0, "end": 1}, {"start": 2, "end": 3, "weight": 0.5}]}
    path = save(tmp_path / "a.jsonl", [row])
    files = dict.fromkeys(("train", "dev", "test"), path)
    options = {**DELIMITED, "text": "a", "text_pair": "b", "label": "l", "evidence": "spans"}
    found = read(files, **options)["train"][0]
    assert (found["text"], found["text_pair"], found["label"]) == ("x y", "z", 1)
    assert found["evidence"][1] == {"segment": 0, "annotator": 0, "weight": 0.5, "start": 2, "end": 3}


def test_missing_splits_are_drawn_from_train_stratified_and_disjoint(tmp_path):
    path = save(tmp_path / "a.csv", [{"text": str(n), "label": "pos" if n % 4 == 0 else "neg"} for n in range(200)])
    splits = read({"train": path}, **DELIMITED)
    assert {split: len(rows) for split, rows in splits.items()} == {"train": 140, "test": 40, "dev": 20}
    assert sum(row["label"] == "pos" for row in splits["test"]) == 40 // 4
    assert sorted(int(row["text"]) for rows in splits.values() for row in rows) == list(range(200))
    assert all(row["example_id"] == f"train-{int(row['text']) + 1:05d}" for rows in splits.values() for row in rows)


def test_a_split_with_a_file_of_its_own_is_left_alone_and_the_draw_follows_its_seed(tmp_path):
    path = save(tmp_path / "a.csv", [{"text": str(n), "label": "x"} for n in range(50)])
    first, again = (read({"train": path, "test": path}, **DELIMITED) for _ in range(2))
    other = read({"train": path, "test": path}, **{**DELIMITED, "split_seed": 1})
    assert len(first["test"]) == 50
    assert first["dev"] == again["dev"] != other["dev"]


@pytest.mark.parametrize(
    ("name", "text", "message"),
    [
        ("a.csv", "text,label\ngood,1\nbad\n", "line 3: 1 fields where the header has 2"),
        ("a.csv", 'text,label\n"good,1\n', "malformed CSV"),
        ("a.tsv", "text\tlabel\ngood\tfilm\t1\n", "line 2: 3 fields where the header has 2"),
        ("a.csv", "txt,label\ngood,1\n", "line 2: no column 'text'; set option `text`. Did you mean 'txt'"),
        ("a.jsonl", '{"text": "good", "label": 1}\n{"text": "ba', "line 2: malformed or truncated JSON"),
        ("a.jsonl", "[1]\n", "line 1: expected a JSON object per line, found list"),
        ("a.jsonl", '{"text": 3, "label": 1}\n', "line 1: column 'text' is 3, not a text"),
        ("a.xlsx", "PK", "unknown form '.xlsx'"),
    ],
)
def test_a_malformed_file_is_told_with_its_line(tmp_path, name, text, message):
    (tmp_path / name).write_text(text)
    with pytest.raises(DataError, match=rf"{name}.*{message}"):
        read_one(tmp_path / name)


@pytest.mark.parametrize("spans", [[1], [{"start": 0}], [{"start": 0, "end": 1, "wieght": 1}]])
def test_malformed_evidence_is_told_with_its_form(tmp_path, spans):
    path = save(tmp_path / "a.jsonl", [{"text": "good", "label": 1, "spans": spans}])
    with pytest.raises(DataError, match="line 1: evidence is a list of"):
        read_one(path, evidence="spans")


def test_a_truncated_gzip_file_and_a_file_in_another_encoding_are_told(tmp_path):
    packed = save(tmp_path / "a.csv.gz", [{"text": str(n), "label": 1} for n in range(500)])
    packed.write_bytes(packed.read_bytes()[:-30])
    (tmp_path / "b.csv").write_bytes(b"text,label\ncaf\xe9,1\n")
    with pytest.raises(DataError, match=r"a.csv.gz: truncated or corrupt"):
        read_one(packed)
    with pytest.raises(DataError, match=r"b.csv, line 2: not UTF-8 text .*set option `encoding`"):
        read_one(tmp_path / "b.csv")


def test_long_texts_are_read(tmp_path):
    path = save(tmp_path / "a.csv", [{"text": "x" * 200_000, "label": 1}])
    assert len(read_one(path)[0]["text"]) == 200_000


def test_train_cannot_be_left_out(tmp_path):
    with pytest.raises(DataError, match="no `train` among the files"):
        read({"test": save(tmp_path / "a.csv", ROWS)}, **DELIMITED)
