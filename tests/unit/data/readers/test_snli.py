"""Rows read off lines written here; counts are those of SNLI 1.0 and of the sample.

On the real files the highlighted words are compared with those that stand between asterisks in e-SNLI's own columns.
"""

import csv
import gzip
import json
import re
from collections import Counter

import pytest

from attnexplain.data.canonical import to_table
from attnexplain.data.readers.snli import LABELS, read
from attnexplain.errors import DataError
from data_specs import data_mirror
from evidence_spans import sample, spelt

COLUMNS = ["pairID", "gold_label", "sentence1", "sentence2"]
COLUMNS += [f"Sentence{s}_Highlighted_{k}" for k in (1, 2, 3) for s in (1, 2)]
PAIR = {
    "pairID": "1n",
    "gold_label": "entailment",
    "sentence1": "A man  sits, \U0001f600 here.",
    "sentence2": "He sits.",
}
HIGHLIGHTS = ["1,3", "1", "{}", "0,1", "{}", "{}"]


def highlighted(path, *changes):
    with gzip.open(path, "wt", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, COLUMNS)
        writer.writeheader()
        for change in changes:
            writer.writerow({**PAIR, **dict(zip(COLUMNS[4:], HIGHLIGHTS, strict=True)), **change})
    return path


def original(path, *pairs):
    names = ("gold_label", "sentence1", "sentence2")
    path.write_text("".join(json.dumps(dict(zip(names, pair, strict=True))) + "\n" for pair in pairs))
    return path


def test_highlights_of_each_annotator_are_spans_of_both_sentences_cut_at_single_blanks(tmp_path):
    row = read({"dev": highlighted(tmp_path / "a.csv.gz", {})})["dev"][0]
    assert (row["text"], row["text_pair"], row["label"]) == (PAIR["sentence1"], PAIR["sentence2"], "entailment")
    # Two blanks in a row hold an empty word, which counts.
    assert [[spelt(row, s, k) for s in (0, 1)] for k in (0, 1, 2)] == [
        [["man", "sits,"], ["sits."]],
        [[], ["He", "sits."]],
        [[], []],
    ]


def test_an_annotator_without_highlights_is_recorded_as_an_empty_span(tmp_path):
    evidence = read({"dev": highlighted(tmp_path / "a.csv.gz", {})})["dev"][0]["evidence"]
    assert evidence[-1] == {"segment": 0, "start": 0, "end": 0, "annotator": 2, "weight": 1.0}


def test_original_files_lose_the_pairs_without_a_gold_label_and_keep_their_numbers(tmp_path):
    path = original(tmp_path / "a.jsonl", ("neutral", "a", "b"), ("-", "c", "d"), ("contradiction", "e", "f"))
    assert read({"train": path})["train"] == [
        {"example_id": "train-00001", "text": "a", "text_pair": "b", "label": "neutral"},
        {"example_id": "train-00003", "text": "e", "text_pair": "f", "label": "contradiction"},
    ]


def test_files_of_the_sample_follow_one_another_and_quotes_are_undone(tmp_path):
    (tmp_path / "a.csv").write_text('1\t1\tA dog.\tIt barks.\n2\t2\t"A ""sign"" hangs."\tNo\n')
    (tmp_path / "b.csv").write_text("3\t3\tA cat.\tAn animal.\n")
    found = read({"train": tmp_path / "a.csv", "train-2": tmp_path / "b.csv"})["train"]
    assert [(r["example_id"], r["text"], r["label"]) for r in found] == [
        ("train-00001", "A dog.", "neutral"),
        ("train-00002", 'A "sign" hangs.', "contradiction"),
        ("train-2-00001", "A cat.", "entailment"),
    ]


@pytest.mark.parametrize(
    ("name", "text", "message"),
    [
        ("a.csv", "1\t1\tA dog.\n", "line 1: expected label"),
        ("a.csv", "4\t4\tA dog.\tB\n", "line 1: expected label"),
        ("a.csv", '1\t1\t"A dog.\tB\n', "line 1: malformed"),
        ("a.jsonl", '{"sentence1": "a", "sente', "line 1: malformed or truncated"),
        ("a.jsonl", '{"sentence1": "a", "gold_label": "neutral"}\n', "line 1: .*'sentence2'"),
        (
            "a.jsonl",
            '{"sentence1": "a", "sentence2": "b", "gold_label": "natural"}\n',
            "line 1: unknown gold label 'natural'.*'neutral'",
        ),
        ("a.csv", "pairID,gold_label,sentence1\n1,neutral,a\n", "line 2: .*nothing in sentence2"),
    ],
)
def test_malformed_files_are_told_with_their_line(tmp_path, name, text, message):
    (tmp_path / name).write_text(text)
    with pytest.raises(DataError, match=f"{name}, {message}"):
        read({"train": tmp_path / name})


@pytest.mark.parametrize(
    ("places", "message"), [("5", "of a sentence of 2 words"), ("a", "no numbers"), ("-1", "of a")]
)
def test_highlights_outside_a_sentence_are_told(tmp_path, places, message):
    path = highlighted(tmp_path / "a.csv.gz", {}, {"Sentence2_Highlighted_2": places})
    with pytest.raises(DataError, match=f"line 3: highlighted words .*{message}"):
        read({"dev": path})


def test_truncated_and_wrongly_encoded_files_are_told(tmp_path):
    path = highlighted(tmp_path / "a.csv.gz", {}, {})
    path.write_bytes(path.read_bytes()[:-20])
    (tmp_path / "b.jsonl").write_bytes(b'{"sentence1": "caf\xe9"}')
    for broken in (path, tmp_path / "b.jsonl"):
        with pytest.raises(DataError, match=f"{broken.name}: truncated, corrupt or not UTF-8"):
            read({"dev": broken})


@pytest.fixture(scope="module")
def real():
    mirror = data_mirror()
    names = {"train": "snli/train_samples/cat_train.csv", "train-2": "snli/train_samples/cat_test.csv"}
    names |= {split: f"esnli/snli_{split}.csv.gz" for split in ("dev", "test")}
    return {key: mirror / name for key, name in names.items()}


@pytest.mark.real_data
def test_real_files_have_the_published_counts(real):
    found = read(real)
    # Test: 3219, 3237, 3368 as published, there as neutral, contradiction, entailment.
    counts = {split: Counter(row["label"] for row in rows) for split, rows in found.items()}
    assert {split: [count[label] for label in LABELS] for split, count in counts.items()} == {
        "train": [6771, 6667, 6562],
        "dev": [3278, 3329, 3235],
        "test": [3237, 3368, 3219],
    }
    pairs = [{(row["text"], row["text_pair"]) for row in rows} for rows in found.values()]
    assert not pairs[0] & (pairs[1] | pairs[2])
    for split, rows in found.items():
        assert to_table(rows, LABELS, split).num_rows == len(rows)


@pytest.mark.real_data
@pytest.mark.parametrize("split", ["dev", "test"])
def test_real_highlights_spell_the_words_between_asterisks(real, split):
    with gzip.open(real[split], "rt", encoding="utf-8", newline="") as file:
        records = list(csv.DictReader(file))
    chosen = sample(list(zip(read({split: real[split]})[split], records, strict=True)))
    # Where two blanks stand in a row, the numbers count the empty word between them: all of those as well.
    chosen += [
        (row, record)
        for row, record in zip(read({split: real[split]})[split], records, strict=True)
        if "  " in row["text"] + row["text_pair"]
    ]
    for row, record in chosen:
        for segment, annotator in [(s, k) for s in (0, 1) for k in (0, 1, 2)]:
            marked = record[f"Sentence{segment + 1}_marked_{annotator + 1}"]
            expected = [word.strip("*") for word in marked.split() if re.fullmatch(r"\*.*\*", word)]
            assert [word.strip("*") for word in spelt(row, segment, annotator)] == expected


@pytest.mark.real_data
def test_premises_of_real_neutral_pairs_have_no_evidence(real):
    neutral = [row for row in read({"test": real["test"]})["test"] if row["label"] == "neutral"]
    assert not any(spelt(row, 0, annotator) for row in neutral for annotator in (0, 1, 2))
    assert all(spelt(row, 1, annotator) for row in neutral for annotator in (0, 1, 2))
