"""The stage that writes experiments. Expected numbers: the experiment called by hand on one sentence at a time."""

import numpy as np
import pyarrow as pa
import pytest
import torch
from safetensors.torch import save_file

import reference
from attnexplain.data.batching import collate, load_split
from attnexplain.errors import ResultError
from attnexplain.models.memory import Budget
from attnexplain.registry import facts, load
from attnexplain.stages import attribute, experiment
from attnexplain.stages.experiment import run
from attnexplain.tables import attributions as attributions_table
from attnexplain.tables import tokens
from attnexplain.tables.experiments import SCHEMA
from attnexplain.tables.io import read_table, write_table
from explaining import make, model, spec
from tiny import PROVENANCE, plugin, tiny_split, write_tokens


def write(folder, shard, name="permutation", classes=2, n_train=16, attributions=(), test=None, **options):
    write_tokens(folder / "tokens", 16, classes)
    write_table(folder / "tokens" / "train.parquet", tiny_split(n_train, classes).table, tokens.SCHEMA, PROVENANCE)
    if test is not None:
        write_table(folder / "tokens" / "test.parquet", test, tokens.SCHEMA, PROVENANCE)
    save_file(model(classes=classes).state_dict(), folder / "model.safetensors")
    output = folder / f"{name}.parquet"
    run(
        spec=spec(classes=classes),
        experiment=plugin("experiment", name, **options),
        model=folder / "model.safetensors",
        tokens=folder / "tokens",
        output=output,
        scratch=folder / "scratch",
        device="cpu",
        tokens_per_batch=20,
        shard=shard,
        provenance=PROVENANCE,
        attributions=attributions,
    )
    return output


def attributed(folder, methods, classes=2):
    """Attributions of the run of `write`, by the stage that writes them."""
    write(folder, 1000, classes=classes)
    inputs = {"model": folder / "model.safetensors", "tokens": folder / "tokens", "scratch": folder / "scratch"}
    for method in methods:
        attribute.run(
            spec=spec(classes=classes),
            method=plugin("method", method),
            output=folder / "attributions" / f"{method}.parquet",
            device="cpu",
            tokens_per_batch=20,
            shard=1000,
            provenance=PROVENANCE,
            **inputs,
        )
    return [folder / "attributions" / f"{method}.parquet" for method in methods]


@pytest.mark.parametrize("shard", [2, 1000])
def test_rows_follow_the_split(tmp_path, shard):
    table = read_table(write(tmp_path, shard, draws=9), SCHEMA)
    split, experiment = (
        load_split(tmp_path / "tokens" / "test.parquet"),
        make("experiment", "permutation", model(), draws=9),
    )
    assert table["example_id"].to_pylist() == split.example_ids
    for index, row in enumerate(table.to_pylist()):
        expected = experiment.run(collate(split, [index]), [row["example_id"]])
        assert row["prediction"] == expected["prediction"][0]
        assert row["tvd_median"] == pytest.approx(expected["tvd_median"][0], abs=1e-6)
        assert row["max_attention"] == pytest.approx(expected["max_attention"][0], abs=1e-6)
        assert row["weights"] is None
    assert str(table.schema.field("tvd_median").type) == "double"


@pytest.mark.parametrize("shard", [2, 1000])
def test_attention_found_stands_in_every_row(tmp_path, shard):
    table = read_table(write(tmp_path, shard, "adversary-exact", classes=3, epsilon=0.05), SCHEMA)
    split = load_split(tmp_path / "tokens" / "test.parquet")
    types = {field.name: str(field.type) for field in table.schema}
    assert types["weights"] == "list<element: float>"
    assert (types["jsd_max"], types["tvd"], types["is_exact"], types["kind"]) == ("double", "double", "bool", "string")
    found = table.to_pylist()
    assert {row["kind"] for row in found} <= {"exact", "bound"}
    for row, length in zip(found, split.lengths, strict=True):
        assert row["is_exact"] == (row["kind"] == "exact")
        assert row["jsd_found"] <= row["jsd_max"]
        assert len(row["weights"]) == length
        assert sum(row["weights"]) == pytest.approx(1, abs=1e-6)


def test_evidence_reaches_the_experiment_that_needs_it(tmp_path):
    table = read_table(write(tmp_path, 3, "least-mass", epsilon=0.05), SCHEMA)
    split = load_split(tmp_path / "tokens" / "test.parquet")
    exact = reference.exact(model())
    for index, row in enumerate(table.to_pylist()):
        evidence = np.array(split.evidence[index]) >= 0.5
        weights, v, bias = map(np.array, reference.logit_parts(exact, split.token_ids[index]))
        if evidence.all():
            assert np.isnan(row["least_mass"]) and np.isnan(row["learned_mass"])
            continue
        vertices = reference.vertices(v, *reference.slab(float(weights @ v + bias), float(bias), 0.05))
        assert row["least_mass"] == pytest.approx(min(np.array(a)[evidence].sum() for a in vertices), abs=1e-4)
        assert row["learned_mass"] == pytest.approx(weights[evidence].sum(), abs=1e-5)


def test_the_vocabulary_reaches_the_experiment_that_names_words(tmp_path):
    table = read_table(write(tmp_path, 3, "least-mass", words="the good nowhere"), SCHEMA)
    split = load_split(tmp_path / "tokens" / "test.parquet")
    exact = reference.exact(model())
    for index, row in enumerate(table.to_pylist()):
        listed = np.array([word in ("the", "good") for word in split.tokens[index]])
        expected = np.array(reference.logit_parts(exact, split.token_ids[index])[0])[listed].sum()
        undefined = listed.all() or not listed.any()
        assert row["learned_mass"] == pytest.approx(np.nan if undefined else expected, abs=1e-5, nan_ok=True)


@pytest.mark.parametrize("shard", [2, 1000])
def test_labels_reach_the_experiment_that_needs_them_and_one_missing_hides_no_other(tmp_path, shard):
    known = [0, 3, 4, 7, 11]
    split, whole = tiny_split(16), tokens.SCHEMA.columns
    labels = [label if place in known else None for place, label in enumerate(split.labels.tolist())]
    place = split.table.column_names.index("label")
    partly = split.table.set_column(place, whole.field("label"), pa.array(labels, pa.int32()))
    table = read_table(write(tmp_path, shard, "uniform-at-test", test=partly), SCHEMA)
    assert np.flatnonzero(~np.isnan(table["accuracy"].to_numpy())).tolist() == known
    assert len(table) == 16 and not np.isnan(table["tvd"].to_numpy()).any()
    exact = reference.exact(model())
    for index in known:
        words = split.token_ids[index]
        _, learned, states = reference.forward(exact, words)
        weights = torch.zeros_like(learned)
        weights[1:-1] = 1 / len(words)
        after = reference.probabilities(exact, states, weights)
        assert table["accuracy"][index].as_py() == float(after.index(max(after)) == labels[index])


def test_train_reaches_the_experiment_that_is_fitted_on_it(tmp_path):
    table = read_table(write(tmp_path, 3, "probe", words=5, tokens=60), SCHEMA)
    splits = [load_split(tmp_path / "tokens" / f"{name}.parquet") for name in ("train", "test")]
    probe = load("experiment", "probe")(model(), seed=1, words=5, tokens=60)
    probe.fit(*splits, Budget(20))
    for index, row in enumerate(table.to_pylist()):
        expected = probe.run(collate(splits[1], [index]), [row["example_id"]])
        for name in facts("experiment", "probe")["columns"]:
            assert row[name] == pytest.approx(expected[name][0], abs=1e-5, nan_ok=True)


def test_shards_of_another_train_split_are_not_mixed_in(tmp_path, monkeypatch):
    kept = []
    monkeypatch.setattr(experiment, "write_sharded", lambda *given, inputs, **_: kept.append(inputs))
    for n in (16, 16, 18):
        write(tmp_path, 3, "probe", n_train=n)
        write(tmp_path, 3, "permutation", n_train=n)
    probe, permutation = kept[::2], kept[1::2]
    assert probe[0] == probe[1] != probe[2] and probe[0] != permutation[0]
    assert len(set(permutation)) == 1


@pytest.mark.parametrize("shard", [2, 1000])
@pytest.mark.parametrize("classes", [2, 3])
def test_attributions_reach_the_experiment_that_reads_them_and_give_a_row_per_method(tmp_path, shard, classes):
    methods = ["attention", "input-x-gradient", "random"]
    files = attributed(tmp_path, methods, classes)
    table = read_table(write(tmp_path, shard, "token-removal", classes, attributions=files, methods=methods), SCHEMA)
    split = load_split(tmp_path / "tokens" / "test.parquet")
    assert table["example_id"].to_pylist() == [example for example in split.example_ids for _ in methods]
    assert table["method"].to_pylist() == methods * len(split)
    scores = {path.stem: read_table(path, attributions_table.SCHEMA)["scores"].to_pylist() for path in files}
    removal = load("experiment", "token-removal")(model(classes=classes), seed=1, methods=methods)
    removal.read({method: [np.array(row) for row in rows] for method, rows in scores.items()}, Budget(4096))
    for index, example_id in enumerate(split.example_ids):
        expected = removal.run(collate(split, [index]), [example_id])
        for place, row in enumerate(table.slice(index * len(methods), len(methods)).to_pylist()):
            assert row["prediction"] == expected["prediction"][0]
            for column in facts("experiment", "token-removal")["columns"]:
                assert row[column] == expected[column][0, place]


def test_scores_of_another_test_split_are_refused(tmp_path):
    (file,) = attributed(tmp_path, ["attention"])
    table = read_table(file, attributions_table.SCHEMA).slice(1).replace_schema_metadata(None)
    write_table(file, table, attributions_table.SCHEMA, PROVENANCE)
    with pytest.raises(ResultError, match=r"attention\.parquet: not the scores of the test split .*; rebuild"):
        write(tmp_path, 3, "token-removal", attributions=[file], methods=["attention"])


def test_shards_of_other_attributions_are_not_mixed_in(tmp_path, monkeypatch):
    kept = []
    files = attributed(tmp_path, ["attention", "random"])
    monkeypatch.setattr(experiment, "write_sharded", lambda *given, inputs, **_: kept.append(inputs))
    for chosen in (files, files, files[:1], files[::-1][:1]):
        write(tmp_path, 3, "token-removal", attributions=chosen, methods=[path.stem for path in chosen])
    assert kept[0] == kept[1] and len(set(kept)) == 3
