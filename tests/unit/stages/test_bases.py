"""Stages of runs that stand on runs. Expected numbers: the base's own files and forward passes."""

import json

import numpy as np
import pandas as pd
import pytest
import torch

from attnexplain.data.batching import collate, load_split
from attnexplain.errors import ResultError
from attnexplain.models.classifier import load_classifier
from attnexplain.models.distances import total_variation
from attnexplain.stages import attribute, between, experiment, train
from tiny import PROVENANCE, VOCABULARY, pair_spec, plugin, tiny_spec, write_pairs, write_tokens

PLACE = {"device": "cpu", "tokens_per_batch": 64}


@pytest.fixture(autouse=True)
def restored():
    """The stage owns its process; a test shares it."""
    deterministic = torch.are_deterministic_algorithms_enabled()
    fill = torch.utils.deterministic.fill_uninitialized_memory
    yield
    torch.use_deterministic_algorithms(deterministic)
    torch.utils.deterministic.fill_uninitialized_memory = fill


def named(spec, run, seed=1, base=None):
    return {**spec, "run": run, "seed": seed, "base": base}


class Runs:
    """Runs in one folder: trained, explained and compared as the rules do."""

    def __init__(self, folder):
        self.folder, self.tokens = folder, folder / "tokens"

    def file(self, run, name="model.safetensors"):
        return self.folder / "runs" / run / name

    def bases(self, spec):
        found, base = {}, spec["base"]
        while base is not None:
            found[base["run"]], base = self.file(base["run"]), base["base"]
        return found

    def train(self, spec):
        output, scratch = self.file(spec["run"]).parent, self.folder / "scratch"
        given = {"vectors": None, "provenance": PROVENANCE, "bases": self.bases(spec)}
        train.run(spec=spec, tokens=self.tokens, output=output, scratch=scratch, **PLACE, **given)

    def explain(self, stage, spec, family, name):
        output = self.file(spec["run"], f"{family}s/{name}.parquet")
        given = {"model": self.file(spec["run"]), "tokens": self.tokens, "bases": self.bases(spec), "shard": 5}
        places = {"output": output, "scratch": self.folder / "scratch", "provenance": PROVENANCE}
        stage.run(spec=spec, **{family: plugin(family, name)}, **given, **places, **PLACE)
        return pd.read_parquet(output)


@pytest.fixture
def runs(tmp_path):
    write_tokens(tmp_path / "tokens")
    return Runs(tmp_path)


def guided(runs, seed=1):
    base = named(tiny_spec(), f"base.s{seed}", seed)
    guide = named(tiny_spec("average", "frozen"), f"guide.s{seed}", seed, base)
    for spec in (base, guide):
        runs.train(spec)
    return base, guide


def test_a_guides_attention_is_the_bases_bit_for_bit_and_its_accuracy_is_reported(runs):
    base, guide = guided(runs)
    scores = [runs.explain(attribute, spec, "method", "attention")["scores"].map(bytes) for spec in (base, guide)]
    assert scores[0].equals(scores[1])
    metrics = json.loads(runs.file(guide["run"], "metrics.json").read_text())
    predictions = pd.read_parquet(runs.file(guide["run"], "predictions.parquet")).query("split == 'test'")
    assert metrics["test_accuracy"] == (predictions["label"] == predictions["target"]).mean()
    own = named(tiny_spec("average", "uniform"), "uniform")
    runs.train(own)  # as many parameters as a guide without a base has: the base's are not its own
    assert metrics["n_parameters"] == json.loads(runs.file("uniform", "metrics.json").read_text())["n_parameters"]


def test_leave_one_out_attends_as_the_base_does_to_the_shorter_text(runs):
    base, guide = guided(runs)
    table = runs.explain(attribute, guide, "method", "leave-one-out")
    models = [
        load_classifier(runs.file(spec["run"]), spec, len(VOCABULARY), bases=runs.bases(spec)) for spec in (base, guide)
    ]
    split = load_split(runs.tokens / "test.parquet")
    for row in range(4):
        whole, words = collate(split, [row]), split.token_ids[row]
        for place in range(len(words)):
            kept = np.delete(words, place)
            ids = torch.tensor([[2, *kept, 3]])
            shorter = type(whole)(ids, ids > 0, ids > 3, whole.label, whole.index)
            weights = models[0](shorter).weights
            states = models[1].encode(models[1].embed(ids), shorter.mask)
            logits = torch.stack([models[1].decode(states, weights)[0], models[1](whole).logits[0]])
            moved = total_variation(*models[1].probabilities(logits)).item()
            assert table["scores"][row][place] == pytest.approx(moved, abs=1e-6)


def test_experiments_and_measures_between_runs_open_the_base(runs):
    specs = [guided(runs, seed)[1] for seed in (1, 2)]
    assert len(runs.explain(experiment, specs[0], "experiment", "permutation")) == 24
    output, bases = runs.folder / "between.parquet", {}
    for spec in specs:
        bases |= runs.bases(spec)
    given = {"output": output, "scratch": runs.folder / "scratch", "provenance": PROVENANCE, "shard": 100}
    models = [runs.file(spec["run"]) for spec in specs]
    plugins = [plugin("between", "imposed-attention")]
    between.run(plugins=plugins, models=models, tokens=runs.tokens, bases=bases, **given, **PLACE)
    assert pd.read_parquet(output)["value"].notna().all()


def test_a_guide_of_a_guide_and_an_adversary_open_the_whole_chain(runs):
    base, guide = guided(runs)
    second = named(tiny_spec("cnn", "frozen"), "second", 1, guide)
    runs.train(second)
    adversary = named(tiny_spec(), "adversary", 1, base)
    adversary["regulariser"] = [plugin("regulariser", "adversarial")]
    runs.train(adversary)
    table = runs.explain(attribute, second, "method", "attention")
    assert table["scores"].map(bytes).equals(runs.explain(attribute, base, "method", "attention")["scores"].map(bytes))
    assert len(runs.explain(attribute, adversary, "method", "gradient")) == 24
    history = pd.read_parquet(runs.file("adversary", "history.parquet"))
    least = history["adversarial:dev"].idxmin()
    assert history["selected"].tolist() == [row == least for row in history.index]


def test_pairs_whose_classes_are_left_to_the_data(tmp_path):
    write_pairs(tmp_path / "tokens")
    runs = Runs(tmp_path)
    base = named(pair_spec(), "base")
    guide = named(pair_spec("average", "frozen"), "guide", 1, base)
    for spec in (base, guide):
        runs.train(spec)
    scores = [runs.explain(attribute, spec, "method", "attention")["scores"].map(bytes) for spec in (base, guide)]
    assert scores[0].equals(scores[1])


def test_a_base_that_is_not_given_is_named(runs):
    _, guide = guided(runs)
    runs.bases = lambda spec: {}
    with pytest.raises(ResultError, match=r"run guide\.s1 stands on base\.s1"):
        runs.explain(attribute, guide, "method", "attention")
