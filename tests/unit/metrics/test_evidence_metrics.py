"""Expected values: arithmetic; scikit-learn for AUPRC; all tie-breakings and rankings for precision at k."""

from itertools import combinations, permutations

import numpy as np
import pytest
from sklearn.metrics import average_precision_score

from attnexplain.metrics import evidence_auprc, precision_at_k
from attnexplain.metrics.ragged import Ragged

SCORES = [[0.1, -0.9, 0.3], [0.5, 0.2], [0.5, 0.2], [], [1.0], [np.nan, 1.0], [0.5, 0.2], [0.7, 0.1, 0.2]]
EVIDENCE = [[0.0, 1.0, 0.0], [0.0, 0.0], [1.0, 0.5], [], [1.0], [0.0, 1.0], [], [0.49, 0.5, 0.0]]
REASONS = [
    None,
    "no evidence",
    "all tokens are evidence",
    "no tokens",
    "all tokens are evidence",
    "scores are NaN",
    "data has no evidence",
    None,
]
MEASURES = {
    "evidence-auprc": lambda scores, evidence: evidence_auprc.measure(scores, evidence, sign="absolute"),
    "precision-at-k": lambda scores, evidence: precision_at_k.measure(scores, evidence, k=None, sign="absolute"),
}


@pytest.mark.parametrize("name", MEASURES)
def test_undefined_cases_say_why(name):
    found = MEASURES[name](Ragged.from_rows(SCORES), Ragged.from_rows(EVIDENCE))
    assert found.undefined_reason == REASONS
    assert np.isnan(found.value).tolist() == [reason is not None for reason in REASONS]


@pytest.mark.parametrize("name", MEASURES)
def test_data_without_evidence_is_undefined_throughout(name):
    found = MEASURES[name](Ragged.from_rows([[0.1, 0.2], []]), None)
    assert found.undefined_reason == ["data has no evidence"] * 2
    assert np.isnan(found.value).all()


@pytest.mark.parametrize("name", MEASURES)
def test_half_of_the_annotators_make_a_token_evidence(name):
    found = MEASURES[name](Ragged.from_rows([[0.2, 0.9, 0.1]]), Ragged.from_rows([[0.49, 0.5, 0.0]]))
    assert found.value.tolist() == [1.0]


def test_auprc_ranks_magnitudes_or_signed_scores():
    scores, evidence = Ragged.from_rows([[-0.9, 0.1, 0.3]]), Ragged.from_rows([[1.0, 0.0, 0.0]])
    assert evidence_auprc.measure(scores, evidence, sign="absolute").value.tolist() == [1.0]
    signed = evidence_auprc.measure(scores, evidence, sign="signed").value[0]
    assert signed == pytest.approx(average_precision_score([1, 0, 0], [-0.9, 0.1, 0.3]))


def test_auprc_rows_of_different_lengths_keep_their_places():
    rng, lengths = np.random.default_rng(0), [5, 2, 9, 5, 3]
    scores = [rng.random(n) for n in lengths]
    evidence = [np.r_[1.0, 0.0, rng.integers(0, 2, n - 2)] for n in lengths]
    found = evidence_auprc.measure(Ragged.from_rows(scores), Ragged.from_rows(evidence), sign="absolute")
    expected = [average_precision_score(e >= 0.5, s) for e, s in zip(evidence, scores, strict=True)]
    np.testing.assert_allclose(found.value, expected, rtol=1e-12)


@pytest.mark.parametrize("k", [None, 1, 2, 4, 9])
@pytest.mark.parametrize("scores", [[3.0, 2.0, 2.0, 2.0, 1.0], [1.0] * 5, [5.0, 1.0, 4.0, 2.0, 3.0]])
def test_precision_averages_over_all_ways_to_break_ties(scores, k):
    evidence = np.array([0, 1, 1, 0, 0])
    taken = min(k or 2, 5)
    broken = [sorted(order, key=lambda i: -scores[i])[:taken] for order in permutations(range(5))]
    expected = np.mean([evidence[top].mean() for top in broken])
    found = precision_at_k.measure(Ragged.from_rows([scores]), Ragged.from_rows([evidence]), k=k, sign="signed")
    assert found.value[0] == pytest.approx(expected, rel=1e-12)


@pytest.mark.parametrize("name", MEASURES)
@pytest.mark.parametrize("count", [1, 2, 3, 4, 5])
def test_null_moments_equal_the_metric_itself_on_all_720_rankings_of_six_tokens(name, count):
    rankings = np.array(list(permutations(range(1, 7))), float)
    evidence = np.tile(np.arange(6) < count, (720, 1)).astype(float)
    found = MEASURES[name](Ragged.from_rows(rankings), Ragged.from_rows(evidence))
    np.testing.assert_allclose(found.null_mean, found.value.mean(), rtol=1e-12)
    np.testing.assert_allclose(found.null_std, found.value.std(), rtol=1e-9)


@pytest.mark.parametrize("k", [None, 1, 3, 8])
def test_precision_null_moments_equal_all_subsets(k):
    evidence = np.array([1, 0, 1, 0, 0, 1])
    taken = min(k or 3, 6)
    values = [evidence[list(top)].mean() for top in combinations(range(6), taken)]
    found = precision_at_k.measure(Ragged.from_rows([np.arange(6)]), Ragged.from_rows([evidence]), k=k, sign="signed")
    assert found.null_mean[0] == pytest.approx(np.mean(values))
    assert found.null_std[0] == pytest.approx(np.std(values), abs=1e-12)


@pytest.mark.parametrize("k", [None, 1, 3, 8])
@pytest.mark.parametrize("scores", [[3, 2, 2, 2, 1, 0], [1] * 6, [0, 0, 0, 0, 0, 4], [2, 2, 1, 1, 0, 0]])
def test_precision_null_moments_keep_the_ties_of_the_scores(scores, k):
    evidence = [np.isin(np.arange(6), chosen).astype(float) for chosen in combinations(range(6), 2)]
    rows = Ragged.from_rows([np.array(scores, float)] * len(evidence)), Ragged.from_rows(evidence)
    found = precision_at_k.measure(*rows, k=k, sign="signed")
    np.testing.assert_allclose(found.null_mean, found.value.mean(), rtol=1e-12)
    np.testing.assert_allclose(found.null_std, found.value.std(), atol=1e-12)
