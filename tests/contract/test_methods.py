"""What every registered attribution method and experiment keeps, with every encoder, attention and number of classes.

The expected numbers are the same method's own, computed another way: alone instead of in a batch, in another order.
"""

import itertools

import numpy as np
import pytest
import torch

from attnexplain.registry import facts, targets
from explaining import LONG, MODELS, PAIRS, SENTENCES, batch, make, model, state, words

METHODS = sorted(targets("method"))
EXPERIMENTS = sorted(targets("experiment"))
PLUGINS = [*(("method", name) for name in METHODS), *(("experiment", name) for name in EXPERIMENTS)]
# Options that keep a battery short; every other option stays at its default.
QUICK = {
    "integrated-gradients": {"steps": 7},
    "adversary": {"steps": 60, "learning_rate": 0.1, "epsilon_select": 0.05},
    "token-removal": {"methods": ["attention", "input-x-gradient", "random"]},
}

each_method = pytest.mark.parametrize("name", METHODS)
each_experiment = pytest.mark.parametrize("name", EXPERIMENTS)
each_model = pytest.mark.parametrize(("encoder", "attention", "classes"), MODELS)


@pytest.fixture(scope="module", autouse=True)
def one_thread():
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(threads)


def method(name, classifier, **keywords):
    return make("method", name, classifier, **QUICK.get(name, {}), **keywords)


def experiment(name, classifier, **keywords):
    return make("experiment", name, classifier, **QUICK.get(name, {}), **keywords)


def columns(experiment, indices):
    found = experiment.run(batch(indices=indices), [f"e{index}" for index in indices])
    return {name: np.asarray(values) for name, values in found.items() if name != "weights"}


@each_method
@each_model
def test_batched_attribution_equals_one_example_at_a_time(name, encoder, attention, classes):
    explainer = method(name, model(encoder, attention, classes))
    together = explainer.attribute(batch())
    for index, found in enumerate(words(together.scores, batch())):
        alone = explainer.attribute(batch(indices=[index]))
        assert found == pytest.approx(alone.scores[0, 1:-1].tolist(), abs=1e-5)
        torch.testing.assert_close(together.probability[index], alone.probability[0], atol=1e-5, rtol=0)
        assert together.target[index] == alone.target[0]
        for quality in together.quality:
            assert together.quality[quality][index].item() == pytest.approx(alone.quality[quality].item(), abs=1e-5)


@each_method
@each_model
def test_the_order_of_a_batch_does_not_matter(name, encoder, attention, classes):
    explainer, order = method(name, model(encoder, attention, classes)), [3, 0, 4, 2, 1]
    forth = words(explainer.attribute(batch()).scores, batch())
    shuffled = batch(indices=order)
    for index, found in zip(order, words(explainer.attribute(shuffled).scores, shuffled), strict=True):
        assert found == pytest.approx(forth[index], abs=1e-5)


@each_method
@each_model
def test_scores_are_finite_and_only_words_have_them(name, encoder, attention, classes):
    found = method(name, model(encoder, attention, classes)).attribute(batch())
    assert found.scores.shape == batch().token_ids.shape
    assert found.scores.isfinite().all()
    assert (found.scores[~batch().attended] == 0).all()
    assert not found.scores.requires_grad and not found.probability.requires_grad
    assert facts("method", name)["signed"] or (found.scores >= 0).all()


@each_method
@each_model
def test_the_predicted_class_is_explained(name, encoder, attention, classes):
    classifier = model(encoder, attention, classes)
    found = method(name, classifier).attribute(batch())
    with torch.no_grad():
        expected = classifier.probabilities(classifier(batch()).logits)
    torch.testing.assert_close(found.probability, expected, atol=1e-6, rtol=0)
    assert found.probability.shape == (len(SENTENCES), classes)
    assert found.target.tolist() == expected.argmax(dim=-1).tolist()


@each_method
@pytest.mark.parametrize("classes", [2, PAIRS])
@pytest.mark.parametrize("encoder", sorted(targets("encoder")))
def test_long_and_single_word_texts_share_a_batch(name, encoder, classes):
    explainer = method(name, model(encoder, classes=classes))
    mixed = batch([LONG, [9]])
    found = explainer.attribute(mixed)
    assert found.scores.isfinite().all()
    assert found.scores[1, 1].item() == pytest.approx(
        explainer.attribute(batch([LONG, [9]], [1])).scores[0, 1].item(), abs=1e-5
    )


@each_method
@pytest.mark.parametrize("classes", [2, PAIRS])
def test_a_small_budget_of_tokens_changes_nothing(name, classes):
    narrow, wide = (
        method(name, model(classes=classes), tokens_per_batch=budget).attribute(batch()) for budget in (1, 4096)
    )
    torch.testing.assert_close(narrow.scores, wide.scores, atol=1e-5, rtol=0)


@each_method
@pytest.mark.parametrize("classes", [2, PAIRS])
@pytest.mark.parametrize("encoder", sorted(targets("encoder")))
def test_a_method_leaves_the_model_as_found(name, encoder, classes):
    classifier = marked(model(encoder, classes=classes))
    before = state(classifier)
    method(name, classifier).attribute(batch())
    assert state(classifier) == before


@pytest.mark.parametrize(("family", "name"), PLUGINS)
@pytest.mark.parametrize("classes", [2, PAIRS])
def test_the_model_is_in_eval_mode_while_it_is_looked_at(family, name, classes, monkeypatch):
    classifier, modes = marked(model(classes=classes)), []
    attend = classifier.attend
    monkeypatch.setattr(classifier, "attend", lambda *given: modes.append(classifier.training) or attend(*given))
    plugin = method(name, classifier) if family == "method" else experiment(name, classifier)
    plugin.attribute(batch()) if family == "method" else columns(plugin, [0, 1])
    assert modes and not any(modes)


@each_method
@pytest.mark.parametrize("calls", [1, 2])
def test_a_method_leaves_the_model_as_found_when_it_raises(name, calls, monkeypatch):
    classifier = marked(model())
    before = state(classifier)
    monkeypatch.setattr(classifier, "probabilities", raising(classifier.probabilities, calls))
    if calls == 1 or name in {"integrated-gradients", "leave-one-out"}:
        with pytest.raises(RuntimeError, match="midway"):
            method(name, classifier).attribute(batch())
    assert state(classifier) == before
    assert torch.is_grad_enabled() and torch.backends.cudnn.enabled


@each_method
def test_the_same_seed_gives_the_same_scores(name):
    first, second = (method(name, model(), seed=5).attribute(batch()).scores for _ in range(2))
    assert torch.equal(first, second)


@each_experiment
@each_model
def test_batched_experiment_equals_one_example_at_a_time(name, encoder, attention, classes):
    intervention = experiment(name, model(encoder, attention, classes))
    together = columns(intervention, [3, 0, 4, 2, 1])
    for row, index in enumerate([3, 0, 4, 2, 1]):
        for column, values in columns(intervention, [index]).items():
            same = values[0] if values.dtype.kind in "bU" else pytest.approx(values[0], abs=1e-5, nan_ok=True)
            assert together[column][row] == same, column


@each_experiment
@each_model
def test_an_experiment_gives_the_columns_of_its_facts_and_attention_over_words(name, encoder, attention, classes):
    classifier = model(encoder, attention, classes)
    found = experiment(name, classifier).run(batch(), list("abcde"))
    for weights, sentence in zip(found.pop("weights", []), SENTENCES, strict=False):
        attention_over_words(weights, len(sentence))
    described = facts("experiment", name)["columns"]
    assert set(found) == {"prediction", *described}
    with torch.no_grad():
        expected = classifier.probabilities(classifier(batch()).logits).argmax(-1).tolist()
    assert np.asarray(found["prediction"]).tolist() == expected
    for column, about in described.items():
        within_its_range(np.asarray(found[column]), about)


@each_experiment
@pytest.mark.parametrize("classes", [2, PAIRS])
def test_an_experiment_leaves_the_model_as_found(name, classes, monkeypatch):
    classifier = marked(model(classes=classes))
    before = state(classifier)
    intervention = experiment(name, classifier)
    columns(intervention, [0, 1])
    assert state(classifier) == before
    monkeypatch.setattr(classifier, "attend", raising(classifier.attend, 1))
    with pytest.raises(RuntimeError, match="midway"):
        columns(intervention, [0, 1])
    assert state(classifier) == before


@pytest.mark.parametrize(("family", "name"), PLUGINS)
def test_facts_say_what_a_reader_needs(family, name):
    found = facts(family, name)
    required = {"name", "title", "citation", "needs", "options"}
    assert required | ({"signed", "range"} if family == "method" else {"columns"}) <= set(found)
    assert found["name"] == name


def within_its_range(values, about):
    """Values of a column are of the type and in the range that FACTS state."""
    assert values.dtype.kind == {"number": "f", "boolean": "b", "string": "U"}[about.get("type", "number")]
    if values.dtype.kind == "U":
        assert set(values) <= set(about["values"])
        return
    low, high = about["range"]
    assert values.dtype in (np.float64, np.bool_)
    inside = (low is None or low <= values) & (high is None or values <= high)
    assert (inside | ("undefined" in about and np.isnan(values))).all()


def attention_over_words(weights, words):
    """Attention that an experiment finds, or none, is a distribution over the words."""
    if weights is not None:
        assert len(weights) == words
        assert min(weights) >= 0 and sum(weights) == pytest.approx(1, abs=1e-9)


def marked(classifier):
    """A model caught in training, one module not, with a gradient on a parameter: a state worth restoring."""
    classifier.train()
    classifier.encoder.eval()
    parameter = next(classifier.decoder.parameters())
    parameter.grad = torch.ones_like(parameter)
    return classifier


def raising(function, calls):
    """`function`, failing at its call number `calls`."""
    count = itertools.count(1)

    def wrapped(*arguments):
        if next(count) == calls:
            raise RuntimeError("midway")
        return function(*arguments)

    return wrapped
