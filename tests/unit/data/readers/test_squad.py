"""Rows read off paragraphs written here; counts are those of the files' descriptions (1,190 and 4,330 questions)."""

import json

import pytest

from attnexplain.data.readers.squad import read
from attnexplain.errors import DataError
from data_specs import data_mirror
from evidence_spans import sample

OPTIONS = {"dev_fraction": 0.1, "split_seed": 0}


def asked(text="Mia", start=0, context="Mia met Mia in Rome."):
    question = {"id": "1", "question": "Who?", "answers": [{"text": text, "answer_start": start}, {"text": "Rome"}]}
    return {"data": [{"title": "x", "paragraphs": [{"context": context, "qas": [question]}]}]}


def save(path, content):
    path.write_text(content if isinstance(content, str) else json.dumps(content), encoding="utf-8")
    return path


def read_one(tmp_path, content):
    path = save(tmp_path / "a.json", content)
    return read({"train": path, "dev": path}, **OPTIONS)["train"]


def test_the_first_answer_stands_at_its_place(tmp_path):
    row = {"text": "Mia met Mia in Rome.", "text_pair": "Who?", "answer": "Mia"}
    expected = {"example_id": "train-00001", **row, "answer_start": 8, "answer_end": 11}
    assert read_one(tmp_path, asked(start=8)) == [expected]


def test_a_list_without_places_gives_the_first_occurrence(tmp_path):
    found = read_one(tmp_path, [{"context": "Mia met Mia.", "question": "Who?", "answer": "met"}])
    assert [(row["answer_start"], row["answer_end"]) for row in found] == [(4, 7)]


def test_dev_is_drawn_by_contexts(tmp_path):
    records = [{"context": f"c{n // 4} is here", "question": f"q{n}", "answer": "here"} for n in range(400)]
    path = save(tmp_path / "a.json", records)
    found = read({"train": path, "test": path}, **OPTIONS)
    assert {split: len(rows) for split, rows in found.items()} == {"train": 360, "dev": 40, "test": 400}
    assert not {row["text"] for row in found["train"]} & {row["text"] for row in found["dev"]}


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ('{"data": [', "malformed or truncated JSON"),
        ({"date": []}, "question 1: not in a form of SQuAD 1.1: no 'data'"),
        (asked(text="Rome"), "the answer 'Rome' does not stand at character 0"),
        (asked(text=""), "the answer '' does not stand"),
        (asked(start=-20), "does not stand at character -20"),
        ([{"context": "a", "question": "b", "answer": "z"}], "the answer 'z' does not stand at character -1"),
        ([{"context": "a", "question": "b"}], "no 'answer'"),
        (["text"], "not in a form of SQuAD"),
        ({"data": [{"paragraphs": [{"context": "a", "qas": [{"question": "b", "answers": []}]}]}]}, "out of range"),
    ],
)
def test_malformed_files_are_told_with_the_question(tmp_path, content, message):
    with pytest.raises(DataError, match=f"a.json.*{message}"):
        read_one(tmp_path, content)


def test_train_cannot_be_left_out(tmp_path):
    with pytest.raises(DataError, match="no `train`"):
        read({"test": save(tmp_path / "a.json", asked())}, **OPTIONS)


@pytest.mark.real_data
def test_real_files_have_their_counts_and_answers_stand_where_they_should():
    folder = data_mirror() / "squad"
    found = read({"train": folder / "mrqa_squad_subset_4330.json", "test": folder / "xquad.en.json"}, **OPTIONS)
    assert len(found["train"]) + len(found["dev"]) == 4330 and len(found["test"]) == 1190
    assert len({row["text"] for split in ("train", "dev") for row in found[split]}) == 3902
    for row in sample(found["train"]) + sample(found["test"]):
        assert row["text"][row["answer_start"] : row["answer_end"]] == row["answer"]
