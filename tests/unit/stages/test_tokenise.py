"""Files of the stage on tiny texts; expected ids, counts and shares are worked out by hand."""

import json

import pytest

from attnexplain.data import load
from attnexplain.errors import DataError
from attnexplain.stages import data, tokenise
from attnexplain.tables.io import read_metadata, read_table
from attnexplain.tables.tokens import SCHEMA
from data_specs import DELIMITED, SST_SHA256, data_mirror, dataset_spec, files_source, plugin, word

TEXTS = {
    "train": [("Good film.", 1), ("a bad, bad film", 0), ("...", 1)],
    "dev": [("good", 1), ("?", 0)],
    "test": [("Unseen film", 0)],
}


def build(tmp_path, texts=TEXTS, **options):
    """The two stages on `texts`; returns the folder of the second."""
    paths = {split: tmp_path / f"{split}.jsonl" for split in texts}
    for split, rows in texts.items():
        lines = [{"text": row[0], "label": row[1], "spans": row[2] if len(row) > 2 else None} for row in rows]
        paths[split].write_text("".join(json.dumps(line) + "\n" for line in lines))
    reader = plugin("delimited", **{**DELIMITED, "evidence": "spans"})
    data.run(spec=dataset_spec(files_source(reader, paths)), output=tmp_path / "data", mirror=None, provenance={})
    spec = {"dataset": "tiny", "tokeniser": word(**options)}
    tokenise.run(spec=spec, dataset=tmp_path / "data", output=tmp_path / "tokens", provenance={"code": "abc"})
    return tmp_path / "tokens"


def facts(folder, name="statistics"):
    return json.loads((folder / f"{name}.json").read_text())


def test_ids_follow_the_train_vocabulary_and_offsets_spell_the_tokens(tmp_path):
    folder = build(tmp_path, cleaning="alphanumeric")
    assert facts(folder, "vocabulary") == {
        "<pad>": 0,
        "<unk>": 1,
        "<sos>": 2,
        "<eos>": 3,
        "film": 4,
        "a": 5,
        "bad": 6,
        "good": 7,
    }
    table = read_table(folder / "train.parquet", SCHEMA)
    assert table["tokens"].to_pylist() == [["Good", "film"], ["a", "bad", "bad", "film"]]
    assert table["token_ids"].to_pylist() == [[7, 4], [5, 6, 6, 4]]
    assert table["start"].to_pylist()[1] == [0, 2, 7, 11]
    assert table["end"].to_pylist()[1] == [1, 5, 10, 15]
    assert read_table(folder / "test.parquet", SCHEMA)["token_ids"].to_pylist() == [[1, 4]]
    assert read_metadata(table.schema)["code"] == "abc"


def test_statistics_count_what_was_kept_and_dropped(tmp_path):
    found = facts(build(tmp_path, cleaning="alphanumeric"))
    assert found["train"]["examples"] == 2 and found["train"]["dropped_by_length"] == 1
    assert found["train"]["class_counts"] == [1, 1] and found["dev"]["class_counts"] == [0, 1]
    assert found["train"]["length"] == {"mean": (2 + 4) / 2, "std": 1.0, "min": 2, "max": 4}
    assert found["test"]["unknown_rate"] == 1 / 2
    assert found["test"]["evidence_fraction"] is None
    assert found["vocabulary_size"] == 8


def test_lengths_are_inclusive_and_drop_examples(tmp_path):
    texts = {"train": [("a", 0), ("a b", 0), ("a b c", 1), ("a b c d", 1)], "dev": [("a b", 0)], "test": [("a b", 0)]}
    found = facts(build(tmp_path, texts, min_length=2, max_length=3))
    assert found["train"]["examples"] == 2 and found["train"]["dropped_by_length"] == 2


def test_the_vocabulary_counts_training_examples_before_the_length_filter(tmp_path):
    texts = {"train": [("short", 0), ("a b c", 1)], "dev": [("dev words", 0)], "test": [("test words", 0)]}
    vocabulary = facts(build(tmp_path, texts, min_length=2), "vocabulary")
    assert "short" in vocabulary and not {"dev", "test", "words"} & set(vocabulary)


def test_minimum_frequency_is_in_documents(tmp_path):
    texts = {"train": [("a a b", 0), ("b c", 1)], "dev": [("b", 0)], "test": [("b", 0)]}
    assert set(facts(build(tmp_path, texts, min_frequency=2), "vocabulary")) == {
        "<pad>",
        "<unk>",
        "<sos>",
        "<eos>",
        "b",
    }


def test_evidence_reaches_its_tokens(tmp_path):
    spans = [{"start": 2, "end": 5}, {"start": 6, "end": 10, "weight": 0.25}]
    texts = {"train": [("a bad film", 0, spans)], "dev": [("x y", 0)], "test": [("x", 0, [])]}
    folder = build(tmp_path, texts)
    assert read_table(folder / "train.parquet", SCHEMA)["evidence"].to_pylist() == [[0, 1, 0.25]]
    assert read_table(folder / "dev.parquet", SCHEMA)["evidence"].to_pylist() == [None]
    assert read_table(folder / "test.parquet", SCHEMA)["evidence"].to_pylist() == [[0]]
    assert facts(folder)["train"]["evidence_fraction"] == pytest.approx(1 / 3, abs=1e-6)


def test_a_pair_follows_as_a_second_segment(tmp_path):
    path = tmp_path / "pairs.jsonl"
    path.write_text(json.dumps({"text": "a man", "text_pair": "a  person", "label": 1}) + "\n")
    reader = plugin("delimited", **{**DELIMITED, "text_pair": "text_pair"})
    source = files_source(reader, dict.fromkeys(("train", "dev", "test"), path))
    data.run(spec=dataset_spec(source), output=tmp_path / "data", mirror=None, provenance={})
    spec = {"dataset": "tiny", "tokeniser": word()}
    tokenise.run(spec=spec, dataset=tmp_path / "data", output=tmp_path / "tokens", provenance={})
    row = read_table(tmp_path / "tokens" / "test.parquet", SCHEMA).to_pylist()[0]
    assert (
        row["segment"] == [0, 0, 1, 1] and row["start"] == [0, 2, 0, 3] and row["token_ids"][0] == row["token_ids"][2]
    )


QUESTIONS = {
    "train": [("a b c", "who ?", "a", ["a", "b", "z"]), ("b c", "who was ?", "b", None), ("b", "where ?", "c", ["z"])],
    "dev": [("a b", "who ?", "b", ["b", "a"])],
    "test": [("a b c d e", "who ?", "z", ["z"])],
}


def build_questions(tmp_path, monkeypatch, **options):
    """Both stages on question-answering rows from a reader of the test's own."""
    names = ("text", "text_pair", "answer", "candidates")
    rows = {
        split: [
            {"example_id": f"{split}-{n}", **dict(zip(names, row, strict=True)), "evidence": evidence_of(row)}
            for n, row in enumerate(found)
        ]
        for split, found in QUESTIONS.items()
    }
    monkeypatch.setitem(load.SOURCES, "synthetic", lambda source, **_: rows)
    spec = dataset_spec({"kind": "synthetic"}, task="question-answering", classes=None, **options.pop("changes", {}))
    data.run(spec=spec, output=tmp_path / "data", mirror=None, provenance={})
    spec = {"dataset": "tiny", "tokeniser": word(**options)}
    tokenise.run(spec=spec, dataset=tmp_path / "data", output=tmp_path / "tokens", provenance={})
    return tmp_path / "tokens"


def evidence_of(row):
    """The first character of the text, and all of the question."""
    span = {"annotator": 0, "weight": 1.0, "start": 0}
    return [{**span, "segment": 0, "end": 1}, {**span, "segment": 1, "end": len(row[1])}]


def test_answers_of_train_are_the_classes_and_candidates_are_their_indices(tmp_path, monkeypatch):
    folder = build_questions(tmp_path, monkeypatch)
    assert facts(folder)["classes"] == facts(tmp_path / "data", "dataset")["classes"] == ["a", "b", "c"]
    splits = {split: read_table(folder / f"{split}.parquet", SCHEMA).to_pydict() for split in QUESTIONS}
    assert [splits[split]["label"] for split in QUESTIONS] == [[0, 1, 2], [1], [None]]
    assert [splits[split]["candidates"] for split in QUESTIONS] == [[[0, 1], None, None], [[0, 1]], [None]]
    assert facts(tmp_path / "data", "dataset")["class_counts"] == {
        "train": [1, 1, 1],
        "dev": [0, 1, 0],
        "test": [0] * 3,
    }


def test_a_limit_of_train_leaves_its_classes(tmp_path, monkeypatch):
    limits = {"train": 1, "dev": None, "test": None}
    assert facts(build_questions(tmp_path, monkeypatch, changes={"limits": limits}))["classes"] == ["a", "b", "c"]


def test_lengths_and_evidence_of_the_two_texts_stand_apart_and_the_filter_reads_the_first(tmp_path, monkeypatch):
    found = facts(build_questions(tmp_path, monkeypatch, min_length=2))["train"]
    assert (found["examples"], found["dropped_by_length"]) == (2, 1)
    assert found["length"] == {"mean": 2.5, "std": 0.5, "min": 2, "max": 3}
    assert found["length_pair"] == {"mean": 2.5, "std": 0.5, "min": 2, "max": 3}
    assert (found["evidence_fraction"], found["evidence_fraction_pair"]) == (pytest.approx(2 / 5), 1.0)


def test_one_vocabulary_serves_both_texts(tmp_path, monkeypatch):
    assert set(facts(build_questions(tmp_path, monkeypatch), "vocabulary")) - {"<pad>", "<unk>", "<sos>", "<eos>"} == {
        *("a", "b", "c", "who", "was", "where", "?")
    }


def test_a_filter_that_leaves_nothing_is_told_and_writes_nothing(tmp_path):
    with pytest.raises(DataError, match=r"dev.parquet: none of its 2 examples .*widen `min_length`"):
        build(tmp_path, min_length=2)
    assert not (tmp_path / "tokens").exists()


@pytest.mark.real_data
def test_sst_passes_both_stages_with_the_statistics_of_the_authors_runs(tmp_path):
    files = {split: {"path": f"sst/trees/{split}.txt", "sha256": digest} for split, digest in SST_SHA256.items()}
    source = {"kind": "files", "reader": plugin("sst-trees"), "files": files}
    spec = dataset_spec(source, name="sst", rows={"train": 6920, "dev": 872, "test": 1821})
    data.run(spec=spec, output=tmp_path / "data", mirror=data_mirror(), provenance={})
    spec = {"dataset": "sst", "tokeniser": word(cleaning="alphanumeric", min_length=6)}
    tokenise.run(spec=spec, dataset=tmp_path / "data", output=tmp_path / "tokens", provenance={})
    found = facts(tmp_path / "tokens")
    assert [found[split]["class_counts"] for split in ("train", "dev", "test")] == [
        [3035, 3321],
        [397, 425],
        [863, 863],
    ]
    assert found["vocabulary_size"] == 13826
    assert found["train"]["length"]["mean"] == pytest.approx(18.7, abs=0.05)
    assert 0.1 < found["test"]["evidence_fraction"] < 0.3
