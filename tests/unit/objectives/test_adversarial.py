"""The trained adversary: two words by hand, and small trainings on planted cues."""

from types import SimpleNamespace

import pytest
import torch

from attnexplain.data.batching import TokenisedSplit, collate
from attnexplain.models.classifier import build_classifier
from attnexplain.models.distances import jensen_shannon, total_variation
from attnexplain.models.memory import Budget
from attnexplain.objectives.adversarial import Adversarial
from attnexplain.objectives.base import Draws
from attnexplain.training import Trainer
from regularisers import of_two, two_words
from tiny import VOCABULARY, tiny_spec, tiny_split

OPTIONS = {"divergence": 0.5, "tvd": "true", "direction": "from-base"}
V = len(VOCABULARY)
TRAIN, DEV = tiny_split(96), tiny_split(48, seed=1)


def probabilities(logits):
    return torch.cat([1 - logits.sigmoid(), logits.sigmoid()], dim=-1)


def value(weights, base_weights, **options):
    """Of two words under a prediction of 1/2, where the base predicts 3/4: a distance of 1/4."""
    theirs = of_two(weights=base_weights)
    theirs = SimpleNamespace(weights=theirs.weights, logits=torch.tensor([[3.0]]).log())
    base = lambda batch: theirs  # noqa: E731
    base.probabilities = probabilities
    regulariser = Adversarial(6, 2, base=base, **{**OPTIONS, **options})
    model = SimpleNamespace(probabilities=probabilities)
    return regulariser.penalty(two_words(), of_two(weights=weights), model, Draws(1, 1))


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        ({}, 0.25 - 0.5 * 0.1308121),  # 3/4 ln(3/2) + 1/4 ln(1/2)
        ({"direction": "from-adversary"}, 0.25 - 0.5 * 0.1438410),  # 1/2 ln(2/3) + 1/2 ln 2
        ({"tvd": "halved"}, 0.125 - 0.5 * 0.1308121),
        ({"divergence": 0.0}, 0.25),
    ],
    ids=str,
)
def test_two_words_by_hand(options, expected):
    assert value((0.5, 0.5), (0.75, 0.25), **options).tolist() == pytest.approx([expected], abs=1e-6)


@pytest.mark.parametrize("direction", ["from-base", "from-adversary"])
@pytest.mark.parametrize("weights", [(1.0, 0.0), (0.0, 1.0)])
def test_weights_of_0_leave_loss_and_gradients_finite(weights, direction):
    attention = torch.tensor([[0.0, *weights, 0.0]], requires_grad=True)
    output = SimpleNamespace(weights=attention, logits=torch.zeros(1, 1))
    theirs = SimpleNamespace(weights=torch.tensor([[0.0, 1.0, 0.0, 0.0]]), logits=torch.zeros(1, 1))
    base = lambda batch: theirs  # noqa: E731
    base.probabilities = probabilities
    regulariser = Adversarial(6, 2, base=base, **{**OPTIONS, "direction": direction})
    found = regulariser.penalty(two_words(), output, SimpleNamespace(probabilities=probabilities), Draws(1, 1))
    found.sum().backward()
    assert found.isfinite().all() and attention.grad.isfinite().all()


def trained(folder, spec, base=None, train=TRAIN, dev=DEV):
    model = build_classifier(spec, V, base=base)
    terms = {name: model.regularisers[name] for name in model.regularisers}
    options = {"device": torch.device("cpu"), "budget": Budget(4096), "state": folder / "state.pt"}
    progress = Trainer(model, train, dev, spec, **options, regularisers=terms).run()
    return model.eval().requires_grad_(False), progress


def adversary(folder, base, divergence, **data):
    options = {**OPTIONS, "divergence": divergence}
    spec = tiny_spec("average", training={"epochs": 10})
    spec["regulariser"] = [{"name": "adversarial", "id": "adversarial", "options": options, "base": {}}]
    return trained(folder / str(divergence), {**spec, "base": tiny_spec("average")}, base, **data)


@pytest.fixture(scope="module")
def base(tmp_path_factory):
    return trained(tmp_path_factory.mktemp("base"), tiny_spec("average", training={"epochs": 6}))[0]


@torch.no_grad()
def moved(base, other):
    """Mean distance between the predictions, and mean divergence between the attentions, on dev."""
    batch = collate(DEV, range(len(DEV)))
    ours, theirs = other(batch), base(batch)
    distance = total_variation(base.probabilities(ours.logits), base.probabilities(theirs.logits))
    return distance.mean().item(), jensen_shannon(ours.weights, theirs.weights).mean().item()


def test_attention_moves_away_with_lambda_while_predictions_stay(base, tmp_path):
    found = [moved(base, adversary(tmp_path, base, divergence)[0]) for divergence in (0.0, 0.003, 0.03)]
    distances, divergences = zip(*found, strict=True)
    assert divergences[0] < divergences[1] < divergences[2] and divergences[2] > 0.2
    assert max(distances) < 0.01


def test_no_label_is_looked_at_and_the_checkpoint_is_that_of_the_least_loss_on_dev(base, tmp_path):
    wrong = [TokenisedSplit(split.table).with_labels(1 - split.labels) for split in (TRAIN, DEV)]
    ours, progress = adversary(tmp_path / "right", base, 0.01)
    theirs, _ = adversary(tmp_path / "wrong", base, 0.01, train=wrong[0], dev=wrong[1])
    assert all(one.equal(other) for one, other in zip(ours.parameters(), theirs.parameters(), strict=True))
    losses = [epoch.dev_terms["adversarial"] for epoch in progress.history]
    assert progress.best_epoch == 1 + losses.index(min(losses))
