"""The stage `train`. Expected: its files, their agreement with each other, and the same bytes each time."""

import gzip
import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
import torch
from safetensors.torch import load_file
from sklearn.metrics import accuracy_score, roc_auc_score

from attnexplain.data.batching import load_split
from attnexplain.data.originals import digest
from attnexplain.errors import DataError
from attnexplain.models.classifier import build_classifier
from attnexplain.models.device import make_deterministic
from attnexplain.stages import train
from attnexplain.tables.io import write_table
from attnexplain.tables.tokens import SCHEMA
from data_specs import data_mirror
from regularisers import regularised
from tiny import CLASSES, PROVENANCE, VOCABULARY, pair_rows, pair_spec, tiny_spec, write_pairs, write_tokens

FILES = ["history.parquet", "metrics.json", "model.safetensors", "performance.json", "predictions.parquet", "spec.json"]
KILLED_AFTER_EPOCH_2 = """
import os, signal, sys
from pathlib import Path
from attnexplain import training
from attnexplain.stages import train
from tiny import PROVENANCE, tiny_spec
def save(path, state, saved=training.save_state):
    saved(path, state)
    if len(state["history"]) == 2:
        os.kill(os.getpid(), signal.SIGKILL)
training.save_state = save
here = Path(sys.argv[1])
train.run(spec=tiny_spec(), tokens=here / "tokens", output=here / "killed", scratch=here / "scratch", device="cpu",
          tokens_per_batch=64, vectors=None, provenance=PROVENANCE)
"""


@pytest.fixture(autouse=True)
def restored():
    """The stage owns its process; a test shares it."""
    threads, deterministic = torch.get_num_threads(), torch.are_deterministic_algorithms_enabled()
    fill = torch.utils.deterministic.fill_uninitialized_memory
    yield
    torch.set_num_threads(threads)
    torch.use_deterministic_algorithms(deterministic)
    torch.utils.deterministic.fill_uninitialized_memory = fill


@pytest.fixture
def tokens(tmp_path):
    write_tokens(tmp_path / "tokens")
    return tmp_path / "tokens"


def run(tokens, name, spec=None, vectors=None):
    output = tokens.parent / name
    scratch = tokens.parent / "scratch"
    options = {"device": "cpu", "tokens_per_batch": 64, "vectors": vectors, "provenance": PROVENANCE}
    train.run(spec=spec or tiny_spec(), tokens=tokens, output=output, scratch=scratch, **options)
    return output


def read(output):
    return json.loads((output / "metrics.json").read_text()), pd.read_parquet(output / "predictions.parquet")


def test_it_writes_its_files_and_clears_its_scratch(tokens):
    output = run(tokens, "out")
    assert sorted(path.name for path in output.iterdir()) == FILES
    assert sorted(path.name for path in tokens.parent.iterdir()) == ["out", "tokens"]
    assert json.loads((output / "spec.json").read_text()) == tiny_spec()


def test_metrics_are_those_of_the_predictions(tokens):
    metrics, predictions = read(run(tokens, "out"))
    for split, rows in predictions.groupby("split"):
        probability = np.stack(rows.probability)
        assert metrics[f"{split}_accuracy"] == pytest.approx(accuracy_score(rows.label, rows.target))
        assert metrics[f"{split}_roc_auc"] == pytest.approx(roc_auc_score(rows.label, probability[:, 1]))
        assert (probability.argmax(axis=1) == rows.target).all()
    assert (metrics["n_train"], metrics["n_dev"], metrics["n_test"]) == (48, 24, 24)
    assert metrics["vocabulary_size"] == len(VOCABULARY)


def test_predictions_stand_in_the_order_of_the_splits(tokens):
    _, predictions = read(run(tokens, "out"))
    expected = [load_split(tokens / f"{name}.parquet").example_ids for name in ("dev", "test")]
    assert predictions.example_id.tolist() == expected[0] + expected[1]
    assert predictions.split.tolist() == ["dev"] * 24 + ["test"] * 24


def test_history_marks_the_selected_epoch(tokens):
    output = run(tokens, "out")
    metrics, history = read(output)[0], pd.read_parquet(output / "history.parquet")
    assert history.epoch.tolist() == [1, 2, 3]
    assert history.epoch[history.selected].tolist() == [metrics["best_epoch"]]
    assert history.dev_roc_auc[history.selected].item() == metrics["dev_roc_auc"] == history.dev_roc_auc.max()


def test_history_has_columns_of_each_regulariser_and_evaluation_its_parameters(tokens):
    spec = regularised("mlm", ("tying", {"weight": 0.5}))
    spec["regulariser"][1]["id"] = "tying-012345"
    output = run(tokens, "out", spec)
    history = pd.read_parquet(output / "history.parquet")
    assert list(history.columns[-4:]) == ["mlm:train", "tying-012345:train", "mlm:dev", "tying-012345:dev"]
    assert (history.iloc[:, -4:] > 0).all(axis=None)
    assert load_file(output / "model.safetensors")["regularisers.mlm.mask"].abs().sum() > 0
    again = run(tokens, "again", spec)
    for name in set(FILES) - {"performance.json"}:
        assert (again / name).read_bytes() == (output / name).read_bytes(), name


def test_the_same_spec_gives_the_same_bytes(tokens):
    first, second = run(tokens, "a"), run(tokens, "b")
    for name in set(FILES) - {"performance.json"}:
        assert (first / name).read_bytes() == (second / name).read_bytes(), name


def test_killed_after_an_epoch_and_resumed_it_gives_the_same_bytes(tokens):
    undisturbed = run(tokens, "undisturbed")
    root = Path(__file__).parents[3]
    environment = {**os.environ, "PYTHONPATH": f"{root / 'workflow' / 'src'}:{root / 'tests'}", "OMP_NUM_THREADS": "1"}
    command = [sys.executable, "-c", KILLED_AFTER_EPOCH_2, str(tokens.parent)]
    assert subprocess.run(command, env=environment, check=False).returncode == -signal.SIGKILL
    assert (tokens.parent / "scratch" / "state.pt").is_file()
    resumed = run(tokens, "killed")
    for name in set(FILES) - {"performance.json"}:
        assert (resumed / name).read_bytes() == (undisturbed / name).read_bytes(), name


def test_the_control_untrained_keeps_the_initial_weights(tokens):
    spec = tiny_spec(control="untrained")
    output = run(tokens, "out", spec)
    metrics, history = read(output)[0], pd.read_parquet(output / "history.parquet")
    initial, written = build_classifier(spec, len(VOCABULARY)).state_dict(), load_file(output / "model.safetensors")
    assert all(written[name].equal(value) for name, value in initial.items())
    assert (metrics["epochs"], metrics["best_epoch"], len(history)) == (0, 0, 0)


def test_the_control_shuffled_labels_leaves_the_test_labels_alone(tokens):
    found = train.load_splits(tokens, tiny_spec(control="shuffled-labels"))
    true = train.load_splits(tokens, tiny_spec())
    assert found.test.labels.tolist() == true.test.labels.tolist()
    for ours, theirs in ((found.train, true.train), (found.dev, true.dev)):
        assert ours.labels.tolist() != theirs.labels.tolist()
        assert sorted(ours.labels) == sorted(theirs.labels)


def test_vectors_give_the_embedding_its_start_and_its_size(tokens):
    (tokens.parent / "vectors.txt").write_text("good 1 2 3\nnowhere 4 5 6\n")
    spec = tiny_spec(control="untrained", vectors={"sha256": None})
    weights = load_file(run(tokens, "out", spec, vectors=tokens.parent / "vectors.txt") / "model.safetensors")
    assert weights["embedding.weight"][VOCABULARY["good"]].tolist() == [1, 2, 3]
    assert weights["embedding.weight"].abs().sum() == 6


@pytest.mark.real_data
def test_a_real_file_of_vectors_trains_a_model_of_its_size(tokens):
    path = data_mirror() / "glove" / "derived_glove.6B.50d.5k.txt.gz"
    spec = tiny_spec(vectors={"sha256": digest(path)}, training={"embedding_size": 7, "learning_rate": 1e-6})
    weights = load_file(run(tokens, "out", spec, vectors=path) / "model.safetensors")["embedding.weight"]
    lines = (line.split(" ") for line in gzip.decompress(path.read_bytes()).decode().splitlines())
    published = {word: [float(value) for value in values] for word, *values in lines if word in ("the", "film")}
    assert weights.shape == (len(VOCABULARY), 50)
    for word, values in published.items():
        assert weights[VOCABULARY[word]].tolist() == pytest.approx(values, abs=1e-3)
    assert len(published) == 2


def test_vectors_other_than_those_of_the_spec_are_refused(tokens):
    (tokens.parent / "vectors.txt").write_text("good 1 2 3\n")
    with pytest.raises(DataError, match=r"vectors\.txt: not the registered file"):
        run(tokens, "out", tiny_spec(vectors={"sha256": "0" * 64}), vectors=tokens.parent / "vectors.txt")


def test_test_examples_without_labels_are_predicted_and_not_scored(tokens):
    table = load_split(tokens / "test.parquet").with_labels(np.array([None] * 24)).table
    write_table(tokens / "test.parquet", table, SCHEMA, PROVENANCE)
    metrics, predictions = read(run(tokens, "out"))
    assert metrics["test_accuracy"] is None
    assert metrics["dev_accuracy"] is not None
    assert predictions[predictions.split == "test"].label.isna().all()


@pytest.mark.parametrize("name", ["train", "dev", "test"])
def test_an_empty_split_is_refused(tokens, name):
    table = load_split(tokens / f"{name}.parquet").table
    write_table(tokens / f"{name}.parquet", table.slice(0, 0), SCHEMA, PROVENANCE)
    with pytest.raises(DataError, match=rf"{name}\.parquet: the {name} split of 'tiny' has no examples"):
        run(tokens, "out")


@pytest.mark.parametrize(
    ("labels", "message"), [([1] * 48, "all examples are of class 'positive'"), ([0, 5] * 24, "from 0 to 5")]
)
def test_labels_that_cannot_be_learned_are_refused(tokens, labels, message):
    table = load_split(tokens / "train.parquet").with_labels(np.array(labels)).table
    write_table(tokens / "train.parquet", table, SCHEMA, PROVENANCE)
    with pytest.raises(DataError, match=message):
        run(tokens, "out")


def test_a_deterministic_process_computes_with_one_thread():
    make_deterministic(torch.device("cpu"))
    assert torch.get_num_threads() == 1
    assert torch.are_deterministic_algorithms_enabled()


@pytest.fixture
def pairs(tmp_path):
    write_pairs(tmp_path / "tokens")
    return tmp_path / "tokens"


def changed(folder, name, change):
    """A split of `folder` whose rows went through `change`."""
    rows = pair_rows(24, 1).to_pylist()
    for number, row in enumerate(rows):
        change(number, row)
    write_table(folder / f"{name}.parquet", pa.Table.from_pylist(rows, SCHEMA.columns), SCHEMA, PROVENANCE)


def test_answers_are_classes_found_in_the_data(pairs):
    output = run(pairs, "out", pair_spec())
    assert json.loads((output / "spec.json").read_text())["dataset"]["classes"] == list(CLASSES)
    metrics, predictions = read(output)
    probability = np.stack(predictions["probability"])
    assert probability.shape == (48, 3)
    assert metrics["test_accuracy"] == accuracy_score(predictions.label[24:], probability[24:].argmax(axis=1))
    candidates = pair_rows(24, 2)["candidates"].to_pylist()
    for row, allowed in zip(probability[24:], candidates, strict=True):
        assert allowed is None or set(np.flatnonzero(row)) == set(allowed)


def test_two_runs_on_pairs_give_the_same_bytes(pairs):
    first, second = (run(pairs, name, pair_spec()) for name in "ab")
    for name in ("model.safetensors", "predictions.parquet", "history.parquet", "metrics.json"):
        assert (first / name).read_bytes() == (second / name).read_bytes()


def test_answers_that_train_lacks_count_as_wrong(pairs):
    def unknown(number, row):
        row["label"] = None if number < 6 else row["label"]

    changed(pairs, "test", unknown)
    changed(pairs, "dev", unknown)
    metrics, predictions = read(run(pairs, "out", pair_spec()))
    for split, rows in predictions.groupby("split"):
        assert metrics[f"{split}_accuracy"] == (rows.label == rows.target).mean() <= 18 / 24


def test_a_test_split_without_any_answer_is_not_scored(pairs):
    changed(pairs, "test", lambda number, row: row.update(label=None))
    assert read(run(pairs, "out", pair_spec()))[0]["test_accuracy"] is None


@pytest.mark.parametrize(
    ("name", "change", "message"),
    [
        ("dev", lambda number, row: row.update(label=2, candidates=[0, 1]), "'odd' of example 's1-0' is none of its"),
        ("dev", lambda number, row: row.update(label=None), "none of the answers of dev"),
        ("train", lambda number, row: row.update(label=None), "24 of 24 examples of .* have no label"),
    ],
)
def test_pairs_that_cannot_be_learned_are_refused(pairs, name, change, message):
    changed(pairs, name, change)
    with pytest.raises(DataError, match=message):
        run(pairs, "out", pair_spec())


def test_a_task_and_its_texts_must_fit(pairs):
    with pytest.raises(DataError, match="are pairs of texts; give it `task"):
        run(pairs, "out", tiny_spec(classes=3))
    write_tokens(pairs, classes=3)
    with pytest.raises(DataError, match="needs a second text"):
        run(pairs, "out", pair_spec())
