"""Expected average precision: scikit-learn. Expected moments: all rankings, enumerated."""

from itertools import combinations

import numpy as np
import pytest
from sklearn.metrics import average_precision_score

from attnexplain.metrics.average_precision import average_precision, null_moments, random_moments, tied_moments


@pytest.mark.parametrize("n", [2, 3, 7, 20])
@pytest.mark.parametrize("levels", [1, 2, 5, 1000])
def test_equals_scikit_learn_with_ties(n, levels):
    rng = np.random.default_rng(n * levels)
    scores = rng.integers(0, levels, (60, n)).astype(float)
    relevant = rng.random((60, n)) < 0.4
    relevant[~relevant.any(axis=1), 0] = True
    expected = [average_precision_score(hits, row) for hits, row in zip(relevant, scores, strict=True)]
    np.testing.assert_allclose(average_precision(scores, relevant), expected, rtol=1e-12)


@pytest.mark.parametrize(("n", "relevant"), [(n, r) for n in range(1, 9) for r in range(1, n + 1)])
def test_random_moments_equal_all_rankings(n, relevant):
    chosen = list(combinations(range(n), relevant))
    hits = np.zeros((len(chosen), n), bool)
    np.put_along_axis(hits, np.array(chosen), True, axis=1)
    values = [sum((k + 1) / (place + 1) for k, place in enumerate(places)) / relevant for places in chosen]
    assert random_moments(n, relevant)[0] == pytest.approx(np.mean(values), rel=1e-12)
    assert random_moments(n, relevant)[1] == pytest.approx(np.std(values), abs=1e-7)


def test_random_ranking_of_a_short_text_scores_far_above_the_base_rate():
    assert random_moments(10, 2)[0] > 0.2 + 0.15


@pytest.mark.parametrize("sizes", [(1, 1, 1), (2, 1, 3), (6,), (1, 5), (4, 1, 1), (2, 2, 2, 1), (1, 1, 4, 1)])
def test_moments_with_ties_equal_all_choices_of_relevant_items(sizes):
    n, scores = sum(sizes), -np.repeat(np.arange(len(sizes)), sizes).astype(float)
    for relevant in range(1, n + 1):
        chosen = list(combinations(range(n), relevant))
        hits = np.zeros((len(chosen), n), bool)
        np.put_along_axis(hits, np.array(chosen), True, axis=1)
        values = [average_precision_score(row, scores) for row in hits]
        expected = pytest.approx([np.mean(values), np.std(values)], abs=1e-7)
        assert tied_moments(sizes, relevant) == expected
        shuffled = np.random.default_rng(relevant).permutation(n)
        assert null_moments(scores[None, shuffled], hits[:1])[0].tolist() == expected
