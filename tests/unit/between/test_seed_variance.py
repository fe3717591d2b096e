"""Seed variance. Expected numbers: by hand; predictions of single texts in float64 and scipy's divergence."""

import math

import numpy as np
import pytest
import torch
from scipy.spatial.distance import jensenshannon

import reference
from attnexplain.between import attentions
from attnexplain.between.seed_variance import SeedVariance
from attnexplain.experiments.fixed import FixedExample
from explaining import MODELS, SENTENCES, asked, batch, make_between, model

SEEDS = (1, 2, 3)


def fixed(weights, values, bias):
    states = torch.zeros(len(weights), 1)
    return FixedExample(0, np.array(weights), np.array(values), np.array(bias), states, None, torch.nn.Identity())


def test_three_classes_by_hand(monkeypatch):
    # Logits are log-probabilities where all words have the same: attention then moves nothing.
    p, q = [0.5, 0.25, 0.25], [0.125, 0.375, 0.5]
    runs = {"a": fixed([0.75, 0.25], [np.log(p)] * 2, [0.0] * 3), "b": fixed([0.25, 0.75], [np.log(q)] * 2, [0.0] * 3)}
    monkeypatch.setattr(attentions, "fixed_examples", lambda name, batch: [runs[name]])
    found = SeedVariance(list(runs)).measure(batch(indices=[0]))
    divergence = 0.75 * math.log(1.5) + 0.25 * math.log(0.5)
    assert found["tvd"][:, :, 0].ravel().tolist() == pytest.approx([0, 0.375, 0.375, 0], abs=1e-15)
    assert found["jsd"][:, :, 0].ravel().tolist() == pytest.approx([0, divergence, divergence, 0], abs=1e-15)


@pytest.mark.parametrize(("encoder", "attention", "classes"), MODELS)
def test_it_is_the_distance_of_the_runs_own_predictions(encoder, attention, classes):
    models = [model(encoder, attention, classes, seed) for seed in SEEDS]
    found = make_between("seed-variance", models).run(batch())
    exact = [reference.exact(one) for one in models]
    for row, (words, question) in enumerate(zip(SENTENCES, asked(models[0]), strict=True)):
        passed = [reference.forward(one, words, asked=question) for one in exact]
        for a, (own, weights, _) in enumerate(passed):
            for b, (other, others, _) in enumerate(passed):
                assert found["tvd"][a, b, row] == pytest.approx(reference.total_variation(own, other), abs=1e-6)
                divergence = jensenshannon(weights.tolist(), others.tolist()) ** 2  # scipy's is the root
                assert found["jsd"][a, b, row] == pytest.approx(divergence, abs=1e-6)
    assert found["tvd"].max() > 1e-3 and (attention == "uniform" or found["jsd"].max() > 1e-4)


def test_both_are_symmetric_and_no_run_is_far_from_itself():
    found = make_between("seed-variance", [model(seed=seed) for seed in SEEDS]).run(batch())
    for values in found.values():
        np.testing.assert_array_equal(values, values.swapaxes(0, 1))
        assert (values[range(3), range(3)] == 0).all() and values[0, 1].max() > 0


def test_a_text_without_words_has_neither():
    found = make_between("seed-variance", [model(seed=seed) for seed in SEEDS]).run(batch([[5, 9], []]))
    for values in found.values():
        assert np.isnan(values[:, :, 1]).all() and not np.isnan(values[:, :, 0]).any()
