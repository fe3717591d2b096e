"""Logistic regression. Expected: scikit-learn, autograd, and a root found by bisection."""

import numpy as np
import pytest
import torch
from sklearn.linear_model import LogisticRegression
from torch.nn.functional import cross_entropy

from attnexplain.experiments import logistic
from attnexplain.experiments.logistic import fit, fit_best, offsets


def drawn(cases=240, size=5, n_classes=4, signal=2.0):
    """Inputs, and classes that go round: as many of each."""
    random = np.random.default_rng(1)
    classes = np.arange(cases) % n_classes
    inputs = random.normal(size=(cases, size)) + signal * random.normal(size=(n_classes, size))[classes]
    return torch.from_numpy(inputs), torch.from_numpy(classes)


def test_two_cases_by_hand():
    # x = 1 is of class 0, x = -1 of class 1: w_0 = -w_1 = w with w = sigmoid(-2 w) / penalty, and no bias.
    found = fit(torch.tensor([[1.0], [-1.0]]).double(), torch.tensor([0, 1]), 2, 0.1, tolerance=1e-10)
    low, high = 0.0, 10.0
    for _ in range(60):
        middle = (low + high) / 2
        low, high = (low, middle) if middle > 1 / (1 + np.exp(2 * middle)) / 0.1 else (middle, high)
    assert found.weight.tolist() == [pytest.approx([low, -low]), pytest.approx([0.0, 0.0], abs=1e-9)]


@pytest.mark.parametrize("penalty", [1.0, 1e-2, 1e-4])
def test_the_minimum_is_that_of_scikit_learn(penalty):
    inputs, classes = drawn()  # as many of each class: all offsets alike, which scikit-learn has none of
    found = fit(inputs, classes, 4, penalty, tolerance=1e-9)
    theirs = LogisticRegression(C=1 / (penalty * len(classes)), fit_intercept=False, tol=1e-10, max_iter=10_000)
    theirs.fit(np.c_[inputs, np.ones(len(inputs))], classes)
    np.testing.assert_allclose(found.weight.numpy(), theirs.coef_.T, atol=2e-5)
    log_q, hit = found.scores(inputs, classes)
    log_p = theirs.predict_log_proba(np.c_[inputs, np.ones(len(inputs))])
    np.testing.assert_allclose(log_q.numpy(), log_p[np.arange(len(classes)), classes], atol=2e-5)
    assert hit.tolist() == (log_p.argmax(axis=1) == classes.numpy()).tolist()


def test_the_gradient_is_that_of_autograd():
    inputs, classes = drawn(30)
    offset, weight = offsets(classes[:17] * 0, 4), torch.randn(6, 4, dtype=torch.float64, requires_grad=True)
    logits = torch.cat([inputs, torch.ones(30, 1)], dim=1) @ weight + offset
    loss = cross_entropy(logits, classes) + 0.3 / 2 * (weight**2).sum()
    loss.backward()
    found = logistic._objective(weight.detach(), inputs, classes, offset, 0.3)
    assert found[0] == pytest.approx(loss.item())
    torch.testing.assert_close(found[1], weight.grad)


def test_a_strong_penalty_leaves_the_frequencies():
    inputs, _ = drawn(40)
    classes = torch.tensor([0] * 30 + [1] * 9 + [3])
    log_q, hit = fit(inputs, classes, 4, 1e6).scores(inputs, torch.arange(4).repeat(10))
    assert log_q[:4].exp().tolist() == pytest.approx([30.5 / 42, 9.5 / 42, 0.5 / 42, 1.5 / 42], abs=1e-4)
    assert hit[:4].tolist() == [True, False, False, False]


def test_it_does_not_matter_how_many_cases_are_held_at_once(monkeypatch):
    inputs, classes = drawn()
    whole = fit(inputs, classes, 4, 1e-3, tolerance=1e-9)
    expected = whole.scores(inputs, classes)
    monkeypatch.setattr(logistic, "ROWS", 7)
    torch.testing.assert_close(fit(inputs, classes, 4, 1e-3, tolerance=1e-9).weight, whole.weight, atol=1e-6, rtol=0)
    torch.testing.assert_close(whole.scores(inputs, classes)[0], expected[0])
    assert torch.equal(whole.scores(inputs, classes)[1], expected[1])


def test_the_penalty_is_the_one_that_says_most_of_what_is_held_out():
    penalties, (inputs, classes) = (1.0, 0.1, 0.01, 1e-3, 1e-4), drawn(signal=1.0)
    held = torch.arange(len(classes)) % 5 == 4
    found = fit_best(inputs, classes, 4, held, penalties)
    each = [fit(inputs[~held], classes[~held], 4, penalty) for penalty in penalties]
    said = [one.scores(inputs[held], classes[held])[0].mean().item() for one in each]
    assert found.scores(inputs[held], classes[held])[0].mean().item() == pytest.approx(max(said), abs=2 * logistic.GAIN)
    assert 0 < np.argmax(said) < len(penalties) - 1


def test_a_weaker_penalty_must_bring_something():
    # The classes are tossed: whatever a weaker penalty gains on the cases held out is chance.
    inputs, classes = drawn(2_000, n_classes=2)
    tossed = torch.from_numpy(np.random.default_rng(8).integers(0, 2, len(classes)))
    held = torch.arange(len(classes)) % 5 == 4
    found = fit_best(inputs, tossed, 2, held, (100.0, 10.0, 1.0))
    torch.testing.assert_close(found.weight, fit(inputs[~held], tossed[~held], 2, 100.0).weight)


def test_with_nothing_held_out_the_strongest_penalty_is_taken():
    inputs, classes = drawn(20)
    found = fit_best(inputs, classes, 4, torch.zeros(20, dtype=torch.bool), (1.0, 1e-4))
    torch.testing.assert_close(found.weight, fit(inputs, classes, 4, 1.0).weight)


def test_the_same_cases_give_the_same_bytes():
    first, second = (fit(*drawn(), 4, 1e-4).weight for _ in range(2))
    assert torch.equal(first, second)
