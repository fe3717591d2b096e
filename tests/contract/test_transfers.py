"""How often the host waits for a GPU: per batch, never per example. Expected: of many sentences as often as of few."""

from dataclasses import replace

import pytest

from attnexplain.models.encoders.lstm_projection import LSTMProjection
from attnexplain.registry import facts, targets
from attnexplain.stages.attribute import scores_table
from explaining import PAIRS, SENTENCES, make, make_between, model
from explaining import batch as batch_of
from on_device import OnDevice, on_device

CLASSES = (2, 3, PAIRS)
# Leave-one-out is no question of batches: it goes over all deletions, in pieces.
METHODS = sorted(set(targets("method")) - {"leave-one-out"})
# Nor is token removal: it goes step by step over the rankings under which no decision has flipped yet.
EXPERIMENTS = sorted(set(targets("experiment")) - {"token-removal"})
QUICK = {"adversary": {"steps": 3}, "integrated-gradients": {"steps": 3}}


def waited(look, sentences):
    """How often the host waits while `look` takes in one batch; the second word of each sentence is evidence."""
    found = batch_of(sentences)
    evidence = found.attended.float()
    evidence[:, 3:] = evidence[:, 1] = 0
    OnDevice.waited = 0
    look(on_device(replace(found, evidence=evidence)))
    return OnDevice.waited


def same_of_few_and_many(look):
    assert waited(look, SENTENCES * 4) == waited(look, SENTENCES) > 0


@pytest.mark.parametrize("classes", CLASSES)
@pytest.mark.parametrize("name", METHODS)
def test_a_method_waits_per_batch(name, classes, monkeypatch):
    monkeypatch.setattr(LSTMProjection, "FEWEST", 1000)  # on a GPU encoders are taken whole
    method = make("method", name, model(classes=classes), **QUICK.get(name, {}))
    same_of_few_and_many(lambda batch: scores_table(method, batch))


@pytest.mark.parametrize("classes", CLASSES)
@pytest.mark.parametrize("name", EXPERIMENTS)
def test_an_experiment_waits_per_batch(name, classes):
    experiment = make("experiment", name, model(classes=classes), **QUICK.get(name, {}))
    same_of_few_and_many(lambda batch: experiment.run(batch, [str(index) for index in range(len(batch.index))]))


@pytest.mark.parametrize("classes", CLASSES)
@pytest.mark.parametrize(
    "name", [name for name in sorted(targets("between")) if facts("between", name).get("reads") != "attributions"]
)
def test_a_measure_between_runs_waits_per_batch(name, classes):
    measure = make_between(name, [model(classes=classes, seed=seed) for seed in (1, 2)])
    same_of_few_and_many(measure.run)


def test_the_double_counts_what_makes_the_host_wait():
    device = on_device(batch_of())
    weights = device.token_ids.double().softmax(dim=-1)
    waits = [
        lambda: weights.sum().item(),
        lambda: int(weights.sum()),
        lambda: bool(device.mask.all()),
        lambda: weights[device.mask],
        lambda: (2 * weights).cpu(),
        lambda: weights.tolist(),
    ]
    for wait in waits:
        OnDevice.waited = 0
        wait()
        assert OnDevice.waited == 1
    OnDevice.waited = 0
    assert type(weights.cpu()) is not OnDevice
    weights.cpu().numpy(), weights[:, 1:3], weights[device.index]
    assert OnDevice.waited == 2
