"""The stage that writes attributions. Expected scores: the method called by hand on one sentence at a time."""

import pytest
from safetensors.torch import save_file

from attnexplain.data.batching import collate, load_split
from attnexplain.errors import ResultError
from attnexplain.models.classifier import build_classifier
from attnexplain.stages.attribute import run, scores_table
from attnexplain.tables.attributions import SCHEMA
from attnexplain.tables.io import read_metadata, read_table
from explaining import make, model, spec
from tiny import CLASSES, PROVENANCE, VOCABULARY, pair_rows, pair_spec, plugin, write_pairs, write_tokens


def write(folder, name="input-x-gradient", sentences=16, bias=0.0, **changes):
    """Explain a test split of half as many sentences; the path of the table."""
    write_tokens(folder / "tokens", sentences)
    classifier = model()
    classifier.decoder.bias.data += bias  # as if trained anew
    save_file(classifier.state_dict(), folder / "model.safetensors")
    settings = {
        "spec": spec(),
        "method": plugin("method", name),
        "model": folder / "model.safetensors",
        "tokens": folder / "tokens",
        "output": folder / "attributions" / f"{name}.parquet",
        "scratch": folder / "scratch" / "job",
        "device": "cpu",
        "tokens_per_batch": 20,
        "shard": 3,
        "provenance": PROVENANCE,
    }
    run(**{**settings, **changes})
    return settings["output"]


def test_rows_follow_the_split_and_scores_their_tokens(tmp_path):
    rows = read_table(write(tmp_path), SCHEMA).to_pylist()
    split, explainer = load_split(tmp_path / "tokens" / "test.parquet"), make("method", "input-x-gradient", model())
    assert [row["example_id"] for row in rows] == split.example_ids
    for index, row in enumerate(rows):
        expected = explainer.attribute(collate(split, [index]))
        assert (row["tokens"], row["start"], row["end"]) == (split.tokens[index], split.start[index], split.end[index])
        assert row["scores"] == pytest.approx(expected.scores[0, 1:-1].tolist(), abs=1e-5)
        assert row["target"] == expected.target.item()
        assert row["probability"] == pytest.approx(expected.probability[0].tolist(), abs=1e-5)


def test_quality_columns_and_provenance_are_written(tmp_path):
    table = read_table(write(tmp_path, "integrated-gradients"), SCHEMA)
    assert max(table["completeness_gap"].to_pylist()) < 0.05
    assert read_metadata(table.schema)["code"] == PROVENANCE["code"]


def test_the_size_of_a_shard_changes_no_score_and_scratch_is_removed(tmp_path):
    whole = read_table(write(tmp_path / "whole", shard=100), SCHEMA)
    cut = read_table(write(tmp_path / "cut", shard=1), SCHEMA)
    for one, other in zip(whole["scores"].to_pylist(), cut["scores"].to_pylist(), strict=True):
        assert one == pytest.approx(other, abs=1e-5)
    assert not (tmp_path / "cut" / "scratch" / "job").exists()


@pytest.mark.parametrize("name", ["leave-one-out", "gradient"])
def test_two_runs_write_the_same_bytes(tmp_path, name):
    first, second = (write(tmp_path / folder, name).read_bytes() for folder in "ab")
    assert first == second


def test_an_empty_test_split_is_refused(tmp_path):
    with pytest.raises(ResultError, match=r"test\.parquet: the test split is empty"):
        write(tmp_path, sentences=0)


@pytest.mark.parametrize(("changed", "shards"), [({}, 1), ({"tokens_per_batch": 4095}, 3), ({"bias": 0.5}, 3)])
def test_a_killed_job_resumes_unless_its_inputs_have_changed(tmp_path, monkeypatch, changed, shards):
    """8 examples in shards of 3, one batch each: killed in the third, one is left to do, or all three."""
    calls = []

    def killed_at_the_third(explainer, batch):
        calls.append(batch)
        if len(calls) == 3:
            raise RuntimeError("killed")
        return scores_table(explainer, batch)

    monkeypatch.setattr("attnexplain.stages.attribute.scores_table", killed_at_the_third)
    with pytest.raises(RuntimeError, match="killed"):
        write(tmp_path, tokens_per_batch=4096)
    write(tmp_path, **{"tokens_per_batch": 4096, **changed})
    assert len(calls) == 3 + shards


def test_of_a_pair_the_attended_text_is_explained_and_the_question_stands_beside(tmp_path):
    write_pairs(tmp_path / "tokens", 16)
    named = pair_spec()
    classifier = build_classifier({**named, "dataset": {**named["dataset"], "classes": list(CLASSES)}}, len(VOCABULARY))
    save_file(classifier.state_dict(), tmp_path / "model.safetensors")
    names = {"model": "model.safetensors", "tokens": "tokens", "output": "out.parquet", "scratch": "scratch"}
    settings = {"device": "cpu", "tokens_per_batch": 30, "shard": 3, "provenance": PROVENANCE}
    folders = {key: tmp_path / name for key, name in names.items()}
    run(spec=named, method=plugin("method", "leave-one-out"), **folders, **settings)
    split, explainer = load_split(tmp_path / "tokens" / "test.parquet", 3), make("method", "leave-one-out", classifier)
    rows = read_table(tmp_path / "out.parquet", SCHEMA).to_pylist()
    for index, (row, whole) in enumerate(zip(rows, pair_rows(8, 2).to_pylist(), strict=True)):
        first = whole["segment"].count(0)
        assert row["scores"] == pytest.approx(
            explainer.attribute(collate(split, [index])).scores[0, 1:-1].tolist(), abs=1e-5
        )
        assert (len(row["scores"]), set(row["segment"])) == (first, {0})
        for name in ("tokens", "start", "end"):
            assert row[name] + row[f"pair_{name}"] == whole[name]
            assert len(row[name]) == first
