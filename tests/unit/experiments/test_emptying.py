"""Attention emptied token by token. Expected numbers: the definition, the number of tokens that a vertex may have."""

import numpy as np
import pytest
from scipy.spatial.distance import jensenshannon

from attnexplain.experiments.emptying import emptied
from attnexplain.experiments.readout import readout
from fixed_attention import linear, pair, sparse


def run(example, epsilon=0.01, paths=5):
    first = np.random.default_rng(0).standard_normal((paths, len(example.weights)))
    return emptied(example.weights, readout(example), epsilon, first)


@pytest.mark.parametrize(
    "example",
    [linear(1, 12, 3), linear(2, 20, 6), pair(3, 15, 3), pair(4, 20, 5), pair(5, 12, 9, candidates=[1, 2, 4])],
)
def test_paths_end_far_away_at_the_same_prediction(example):
    for attention in run(example):
        assert attention.min() >= 0 and attention.sum() == pytest.approx(1, abs=1e-12)
        assert example.distance(attention[None])[0] <= 0.01
        assert jensenshannon(attention, example.weights) ** 2 > 0.05
    assert len(np.unique(run(example).round(6), axis=0)) > 1


@pytest.mark.parametrize("classes", [3, 5])
def test_with_a_linear_decoder_a_path_ends_at_a_vertex(classes):
    for seed in range(5):
        example = linear(seed, 20, classes)
        for attention in run(example, epsilon=1e-6):
            assert (attention > 1e-6).sum() <= classes
            assert example.distance(attention[None])[0] <= 1e-6


def test_where_the_prediction_fixes_the_attention_it_stays():
    example = linear(1, 3, 3)
    assert run(example, epsilon=1e-9).tolist() == [pytest.approx(example.weights.tolist(), abs=1e-6)] * 5


@pytest.mark.parametrize("holders", [1, 2, 5])
@pytest.mark.parametrize("example", [linear(1, 12, 3), pair(3, 15, 3)])
def test_no_token_without_weight_is_given_any(example, holders):
    few = sparse(example, holders)
    for attention in run(few):
        assert attention.sum() == pytest.approx(1, abs=1e-12) and attention.min() >= 0
        assert attention[few.weights == 0].tolist() == [0.0] * (len(attention) - holders)
        assert few.distance(attention[None])[0] <= 0.01
