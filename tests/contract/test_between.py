"""What every registered measure between runs keeps, with every encoder, attention and number of classes."""

import numpy as np
import pytest
import torch

from attnexplain.metrics.ragged import Ragged
from attnexplain.registry import facts, load, targets
from explaining import MODELS, PAIRS, SENTENCES, batch, make_between, model, state
from tiny import plugin

EVERY = sorted(targets("between"))
NAMES = [name for name in EVERY if facts("between", name)["reads"] == "models"]
READERS = [name for name in EVERY if facts("between", name)["reads"] == "attributions"]
SEEDS = (1, 2, 3)

each = pytest.mark.parametrize("name", NAMES)
each_model = pytest.mark.parametrize(("encoder", "attention", "classes"), MODELS)


@pytest.fixture(scope="module", autouse=True)
def one_thread():
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(threads)


def models(*architecture):
    return [model(*architecture, seed=seed) for seed in SEEDS]


@each
@each_model
def test_columns_are_those_of_the_facts_within_their_range(name, encoder, attention, classes):
    found = make_between(name, models(encoder, attention, classes)).run(batch())
    described = facts("between", name)["columns"]
    assert set(found) == set(described)
    for column, about in described.items():
        (low, high), values = about["range"], found[column]
        assert values.dtype == np.float64 and values.shape == (3, 3, len(SENTENCES))
        assert (((low <= values) & (values <= high)) | ("undefined" in about and np.isnan(values))).all()


@each
@each_model
def test_an_example_alone_has_the_value_it_has_among_others(name, encoder, attention, classes):
    measure = make_between(name, models(encoder, attention, classes))
    together = measure.run(batch(indices=[3, 0, 4, 2, 1]))
    for row, index in enumerate([3, 0, 4, 2, 1]):
        for column, values in measure.run(batch(indices=[index])).items():
            np.testing.assert_allclose(together[column][:, :, row], values[:, :, 0], rtol=0, atol=1e-5)


@each
def test_a_pair_of_runs_alone_has_the_values_it_has_among_others(name):
    every = models()
    together, alone = (make_between(name, runs).run(batch()) for runs in (every, [every[2], every[0]]))
    for column, values in together.items():
        np.testing.assert_allclose(alone[column], values[np.ix_([2, 0], [2, 0])], rtol=0, atol=1e-14)


@each
@pytest.mark.parametrize("classes", [2, PAIRS])
def test_the_models_are_left_as_found(name, classes, monkeypatch):
    runs = [model(classes=classes, seed=seed).train() for seed in SEEDS]
    runs[1].encoder.eval()
    before = [state(one) for one in runs]
    measure = make_between(name, runs)
    measure.run(batch())
    assert [state(one) for one in runs] == before

    def fails(*arguments):
        raise RuntimeError("midway")

    monkeypatch.setattr(runs[1], "attend", fails)
    with pytest.raises(RuntimeError, match="midway"):
        measure.run(batch())
    assert [state(one) for one in runs] == before


@pytest.mark.parametrize("name", READERS)
def test_measures_of_scores_have_the_columns_of_the_facts_and_each_example_its_own_value(name):
    rng, lengths = np.random.default_rng(0), [5, 1, 9, 2, 0, 30]
    rows = [[rng.normal(size=n) for n in lengths] for _ in range(2)]
    measure, options = load("between", name), plugin("between", name)["options"]
    together = measure(*map(Ragged.from_rows, rows), **options)
    described = facts("between", name)["columns"]
    assert set(together) == set(described) and len(READERS) > 0
    for column, measured in together.items():
        low, high = described[column]["range"]
        assert (((low <= measured.value) & (measured.value <= high)) | np.isnan(measured.value)).all()
        assert [reason is not None for reason in measured.undefined_reason] == np.isnan(measured.value).tolist()
        for place, pair in enumerate(zip(*rows, strict=True)):
            alone = measure(*(Ragged.from_rows([row]) for row in pair), **options)[column]
            assert alone.value[0] == pytest.approx(measured.value[place], abs=1e-12, nan_ok=True)


@pytest.mark.parametrize("name", EVERY)
def test_facts_say_what_a_reader_needs(name):
    found = facts("between", name)
    assert found["name"] == name
    assert {"title", "citation", "needs", "reads", "options", "columns"} <= set(found)
    assert all({"description", "range", "direction"} <= set(column) for column in found["columns"].values())
