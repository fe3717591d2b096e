"""Expected tau and p: `scipy.stats.kendalltau`. Expected standard deviation: all permutations, enumerated."""

from itertools import permutations

import numpy as np
import pytest
from scipy.stats import kendalltau

import reference
from attnexplain.metrics import kendall
from attnexplain.metrics.kendall_tau import measure
from attnexplain.metrics.ragged import Ragged

KINDS = {
    "continuous": lambda rng, n: rng.normal(size=n),
    "few values": lambda rng, n: rng.integers(0, 3, n).astype(float),
    "some ties": lambda rng, n: rng.integers(0, n + 5, n).astype(float),
    "sorted": lambda rng, n: np.arange(n, dtype=float),
    "reversed": lambda rng, n: -np.arange(n, dtype=float),
    "float32 softmax": lambda rng, n: np.exp(rng.normal(size=n)).astype(np.float32).astype(float),
    "sparse": lambda rng, n: np.maximum(rng.normal(size=n), 0.0),
    "infinite": lambda rng, n: np.where(rng.random(n) < 0.1, np.inf, rng.normal(size=n)),
}


def cases(seed, sizes, per_size=1):
    rng, kinds = np.random.default_rng(seed), list(KINDS.values())
    for n in sizes:
        for _ in range(per_size):
            yield tuple(kinds[rng.integers(len(kinds))](rng, n) for _ in range(2))


def assert_equals_scipy(pairs):
    found = measure(*(Ragged.from_rows(side) for side in zip(*pairs, strict=True)), sign="signed")
    with np.errstate(all="ignore"):
        expected = np.array([reference.kendall_tau(a, b) for a, b in pairs])
    np.testing.assert_allclose(found.value, expected[:, 0], rtol=0, atol=1e-12)
    np.testing.assert_allclose(found.p_value, expected[:, 1], rtol=1e-10, atol=0)


def test_equals_scipy_at_all_short_lengths_with_and_without_ties():
    assert_equals_scipy(list(cases(0, range(2, 45), per_size=60)))


def test_equals_scipy_on_long_lists():
    assert_equals_scipy(list(cases(1, [64, 100, 171, 172, 255, 256, 257, 300, 511, 512, 513, 700], per_size=4)))


def test_equals_scipy_on_batches_of_mixed_lengths():
    lengths = np.random.default_rng(2).integers(2, 90, 600)
    assert_equals_scipy(list(cases(3, lengths)))


def sparsemax(scores):
    """The nearest point of the simplex."""
    ranked, size = -np.sort(-scores), np.arange(1, len(scores) + 1)
    thresholds = (ranked.cumsum() - 1) / size
    return np.maximum(scores - thresholds[ranked > thresholds][-1], 0.0)


@pytest.mark.parametrize("spread", [0.2, 1.0, 5.0])
def test_sparse_attention_is_tied_at_zero_as_scipy_counts_it(spread):
    rng = np.random.default_rng(7)
    lengths = rng.integers(3, 120, 200)
    sparse = [sparsemax(spread * rng.normal(size=n)) for n in lengths]
    assert np.mean([(weights == 0).mean() for weights in sparse]) > 0.2
    dense = [np.abs(rng.normal(size=n)) for n in lengths]
    assert_equals_scipy(list(zip(sparse, dense, strict=True)))
    assert_equals_scipy([(weights, weights[::-1].copy()) for weights in sparse])


def test_attention_on_one_token_alone_agrees_by_where_that_token_stands():
    # Of n - 1 pairs that are not tied in a, as many agree as tokens have less in b: the top one all, the last none.
    alone, scores = np.array([0.0, 1.0, 0.0, 0.0]), np.array([[0.1, 0.4, 0.2, 0.3], [0.2, 0.1, 0.3, 0.4]])
    found = measure(Ragged.from_rows([alone, alone]), Ragged.from_rows(list(scores)), sign="signed")
    assert found.value.tolist() == pytest.approx([3 / np.sqrt(3 * 6), -3 / np.sqrt(3 * 6)])


@pytest.mark.parametrize("n", [34, 60, 170, 171, 172, 400])
@pytest.mark.parametrize("direction", [1, -1])
def test_equals_scipy_where_at_most_one_pair_differs_from_a_perfect_order(n, direction):
    x = np.arange(n, dtype=float)
    swapped = x.copy()
    swapped[[3, 4]] = swapped[[4, 3]]
    assert_equals_scipy([(x, direction * x)])
    assert_equals_scipy([(x, direction * swapped)])


@pytest.mark.parametrize(
    ("a", "b", "reason"),
    [
        ([], [], "no tokens"),
        ([1.0], [2.0], "one token"),
        ([1.0, 1.0, 1.0], [1.0, 2.0, 3.0], "constant scores"),
        ([1.0, 2.0, 3.0], [0.0, 0.0, 0.0], "constant scores"),
        ([1.0, np.nan], [1.0, 2.0], "scores are NaN"),
    ],
)
def test_undefined_cases_are_nan_in_scipy_too_and_say_why(a, b, reason):
    found = measure(Ragged.from_rows([a, [1.0, 2.0]]), Ragged.from_rows([b, [2.0, 1.0]]), sign="signed")
    assert found.undefined_reason == [reason, None]
    for values in (found.value, found.p_value, found.null_mean, found.null_std):
        assert np.isnan(values).tolist() == [True, False]
    assert len(a) < 2 or np.isnan(kendalltau(a, b).statistic)


def test_magnitudes_are_compared_by_default_sign():
    a, b = Ragged.from_rows([[-3.0, 1.0, 2.0]]), Ragged.from_rows([[3.0, -1.0, 2.0]])
    assert measure(a, b, sign="absolute").value.tolist() == [1.0]
    assert measure(a, b, sign="signed").value[0] == kendalltau([-3, 1, 2], [3, -1, 2]).statistic


@pytest.mark.parametrize("y", [[1, 2, 3, 4, 5, 6], [1, 1, 2, 3, 3, 3], [0, 0, 0, 0, 1, 1], [2, 1]])
@pytest.mark.parametrize("x", [[6, 1, 3, 2, 5, 4], [1, 2, 2, 2, 3, 3], [0, 0, 0, 0, 0, 1], [1, 2]])
def test_null_moments_equal_all_permutations(x, y):
    n = min(len(x), len(y))
    x, y = np.array(x[-n:], float), np.array(y[-n:], float)
    found = measure(Ragged.from_rows([x]), Ragged.from_rows([y]), sign="signed")
    if n == 2 and len(set(x)) * len(set(y)) < 4:
        assert np.isnan(found.null_std[0])
        return
    gx = np.sign(np.subtract.outer(x, x))
    taus = [(gx * np.sign(np.subtract.outer(order, order))).sum() for order in map(np.array, permutations(y))]
    scale = np.sqrt((gx**2).sum() * (np.subtract.outer(y, y) != 0).sum())
    assert found.null_mean[0] == pytest.approx(np.mean(taus) / scale, abs=1e-12)
    assert found.null_std[0] == pytest.approx(np.std(taus) / scale, rel=1e-12)


def partitions(n, largest=None):
    """Sizes of tie groups of n positions, in every way."""
    largest = n if largest is None else largest
    if n == 0:
        yield ()
    for size in range(min(n, largest), 0, -1):
        yield from ((size, *rest) for rest in partitions(n - size, size))


def test_null_moments_equal_all_720_permutations_of_six_tokens_for_all_ties_in_both():
    tied = [np.repeat(np.arange(len(sizes)), sizes).astype(float) for sizes in partitions(6)]
    orders = np.array(list(permutations(range(6))))
    pairs = [(x, y) for x in tied for y in tied if len(set(x)) > 1 and len(set(y)) > 1]
    assert len(tied) == 11 and len(pairs) == 100
    found = measure(*(Ragged.from_rows(side) for side in zip(*pairs, strict=True)), sign="signed")
    i, j = np.triu_indices(6, 1)
    for place, (x, y) in enumerate(pairs):
        concordance = (np.sign(x[i] - x[j]) * np.sign(y[orders][:, i] - y[orders][:, j])).sum(axis=1)
        taus = concordance / np.sqrt((x[i] != x[j]).sum() * (y[i] != y[j]).sum())
        assert found.value[place] == pytest.approx(kendalltau(x, y).statistic, abs=1e-12)
        assert found.null_mean[place] == pytest.approx(taus.mean(), abs=1e-12)
        assert found.null_std[place] == pytest.approx(taus.std(), rel=1e-12)


@pytest.mark.parametrize("n", [2, 3, 6, 7])
def test_exact_p_counts_permutations(n):
    inversions = [sum(p[i] > p[j] for i in range(n) for j in range(i + 1, n)) for p in permutations(range(n))]
    pairs = n * (n - 1) // 2
    for fewer, p_value in enumerate(kendall.exact_p(n)):
        tail = np.mean([min(count, pairs - count) <= fewer for count in inversions])
        assert p_value == pytest.approx(tail, rel=1e-12)
