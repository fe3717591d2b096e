"""Three classes bounded by a polygon. Expected numbers: dense samples of the ball, scipy's half-space intersection,
random attention that is admissible, the search."""

import numpy as np
import pytest
from scipy.spatial import HalfspaceIntersection
from scipy.spatial.distance import jensenshannon

from attnexplain.experiments.adversary_exact import AdversaryExact
from attnexplain.experiments.readout import log_softmax
from attnexplain.experiments.slab import jensen_shannon
from attnexplain.experiments.triples import LONGEST, farthest_within, polygon
from fixed_attention import linear

PREDICTIONS = [
    [0.3, 0.3, 0.4],
    [0.6, 0.25, 0.15],
    [0.9, 0.06, 0.04],
    [0.98, 0.015, 0.005],
    [0.03, 0.9, 0.07],
    [1 - 2e-9, 1e-9, 1e-9],
    [0.5, 0.5 - 1e-12, 1e-12],
    [0.7, 0.25, 0.05],
]
EPSILONS = [1e-4, 0.01, 0.05, 0.3, 0.9]
# Log ratios: spread, how saturated; and texts as short as may be.
KINDS = [(2.0, 0.5), (2.0, 5.0), (0.3, 0.1), (8.0, 3.0)]


def edge(y, epsilon):
    """The edge of the hexagon around y, densely; what leaves the simplex is cut off."""
    corners = [np.eye(3)[a] - np.eye(3)[b] for a, b in ((0, 1), (0, 2), (1, 2), (1, 0), (2, 0), (2, 1))]
    shares = np.r_[0.0, np.geomspace(1e-9, 0.5, 4000)]
    shares = np.r_[shares, 1 - shares[::-1]][:, None]
    sides = [shares * corners[k] + (1 - shares) * corners[k - 1] for k in range(6)]
    around = y + epsilon * np.concatenate(sides)
    return around[(around > 1e-300).all(axis=1)]


def log_ratios(p, y):
    logs = np.log(p) - np.log(y)
    return logs[..., :2] - logs[..., 2:]


def admissible(example, epsilon, seed, count=400):
    """Attention as far as a line from the learned one to random sparse attention goes."""
    random = np.random.default_rng(seed)
    length = len(example.weights)
    ends = np.concatenate([np.eye(length), random.dirichlet(np.full(length, 0.1), count)])
    low, high = np.zeros((len(ends), 1)), np.ones((len(ends), 1))
    for _ in range(40):
        middle = (low + high) / 2
        good = example.distance(example.weights + middle * (ends - example.weights))[:, None] <= epsilon
        low, high = np.where(good, middle, low), np.where(good, high, middle)
    return np.concatenate([example.weights + low * (ends - example.weights), ends[example.distance(ends) <= epsilon]])


def bound(example, epsilon):
    return farthest_within(example.weights, example.values + example.bias, epsilon)


@pytest.mark.parametrize("epsilon", EPSILONS)
@pytest.mark.parametrize("y", PREDICTIONS)
def test_the_polygon_holds_the_ball_and_each_side_touches_it(y, epsilon):
    y = np.array(y)
    sides = polygon(np.log(y), epsilon)
    assert len(sides.heights) == 0 or (sides.heights >= -1e-12).all()  # y itself is inside
    beyond = (log_ratios(edge(y, epsilon), y) @ sides.normals.T - sides.heights).max(axis=0, initial=-np.inf)
    assert (beyond <= 1e-9).all()
    assert (beyond >= -5e-2 * epsilon).all()


@pytest.mark.parametrize("epsilon", [0.01, 0.05, 0.3])
def test_a_ball_inside_the_simplex_has_a_bounded_polygon_with_its_own_corners(epsilon):
    y = np.array([0.32, 0.33, 0.35])
    sides = polygon(np.log(y), epsilon)
    assert np.isfinite(sides.corners).all()
    for a, b in ((0, 1), (0, 2), (1, 2), (1, 0), (2, 0), (2, 1)):
        corner = log_ratios(y + epsilon * (np.eye(3)[a] - np.eye(3)[b]), y)
        assert np.abs(sides.corners - corner).sum(axis=1).min() < 1e-9


def test_where_every_probability_can_vanish_there_is_no_side():
    assert len(polygon(np.log(np.full(3, 1 / 3)), 0.4).heights) == 0
    found, attention = bound(linear(1, 5, 3, shift=0.1), 0.95)
    assert found == pytest.approx(jensen_shannon(linear(1, 5, 3, shift=0.1).weights, np.eye(5)).max(), abs=1e-15)
    assert sorted(attention)[-1] == 1


@pytest.mark.parametrize("epsilon", [0.01, 0.05, 0.3])
@pytest.mark.parametrize(("scale", "shift"), KINDS)
def test_the_farthest_inside_the_polygon_is_that_of_all_vertices(scale, shift, epsilon):
    checked = 0
    for seed in range(8):
        example = linear(seed, 4, 3, scale=scale, shift=shift)
        logits = example.values + example.bias
        log_y = log_softmax(example.weights @ logits)
        sides = polygon(log_y, epsilon)
        x = (logits[:, :2] - logits[:, 2:]) - (log_y[:2] - log_y[2])
        # Attention (a_0, a_1, a_2), the last weight being what is left.
        rows = [np.eye(4)[token] for token in range(4)]
        inequalities = [np.r_[-(row[:3] - row[3]), -row[3]] for row in rows]
        inequalities += [
            np.r_[(x[:3] - x[3]) @ normal, x[3] @ normal - height]
            for normal, height in zip(sides.normals, sides.heights, strict=True)
        ]
        inside = np.array(inequalities)
        if (inside[:, :3] @ example.weights[:3] + inside[:, 3]).max() > -1e-4:
            continue  # scipy wants a point well inside
        vertices = HalfspaceIntersection(inside, example.weights[:3]).intersections
        vertices = np.clip(np.c_[vertices, 1 - vertices.sum(axis=1)], 0, None)
        expected = max(jensenshannon(vertex, example.weights) ** 2 for vertex in vertices)
        assert bound(example, epsilon)[0] == pytest.approx(expected, abs=1e-7)
        checked += 1
    assert checked >= 3


@pytest.mark.parametrize("epsilon", EPSILONS)
@pytest.mark.parametrize(("scale", "shift"), KINDS)
def test_no_admissible_attention_is_above_the_bound_nor_the_bound_above_pairs_of_classes(scale, shift, epsilon):
    for seed, length in enumerate([2, 3, 5, 12]):
        example = linear(seed, length, 3, scale=scale, shift=shift, ties=seed % 2 == 1)
        found, attention = bound(example, epsilon)
        tried = admissible(example, epsilon, seed, count=200)
        assert jensen_shannon(tried, example.weights).max() <= found + 1e-9
        assert jensenshannon(attention, example.weights) ** 2 == pytest.approx(found, abs=1e-9)
        assert attention.min() >= 0 and attention.sum() == pytest.approx(1, abs=1e-12)
        answer = AdversaryExact(None, seed=1, epsilon=epsilon).answers([example], ["a"])[0]
        assert answer.jsd_found <= answer.jsd_max + 1e-12 and answer.jsd_max <= found + 1e-12


@pytest.mark.parametrize(("length", "epsilon", "mean"), [(12, 0.05, 1e-4), (20, 0.05, 2e-4), (20, 0.01, 1e-5)])
def test_both_bounds_are_near_each_other_and_often_the_same(length, epsilon, mean):
    answers = [
        AdversaryExact(None, seed=1, epsilon=epsilon).answers([linear(seed, length, 3)], ["a"])[0] for seed in range(16)
    ]
    gaps = np.array([answer.jsd_max - answer.jsd_found for answer in answers])
    assert (gaps >= 0).all() and gaps.mean() <= mean
    assert sum(answer.is_exact for answer in answers) >= 4
    for answer in answers:
        assert answer.tvd <= epsilon + 1e-12 and (answer.is_exact or answer.tvd <= epsilon)
        assert (answer.jsd_max == answer.jsd_found) >= answer.is_exact


def test_longer_texts_are_bounded_by_pairs_of_classes():
    short, long = linear(1, LONGEST, 3), linear(1, LONGEST + 1, 3)
    for example in (short, long):
        answer = AdversaryExact(None, seed=1, epsilon=0.05).answers([example], ["a"])[0]
        assert answer.jsd_found <= answer.jsd_max + 1e-12
        assert answer.jsd_found > 0.6
