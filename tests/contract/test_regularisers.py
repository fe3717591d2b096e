"""What every registered regulariser keeps, built-in or from another package."""

import pytest
import torch
from safetensors.torch import save_file

from attnexplain.attribution.gradients import along_embeddings
from attnexplain.data.batching import collate, with_evidence
from attnexplain.models.classifier import build_classifier, load_classifier
from attnexplain.models.memory import Budget
from attnexplain.objectives.base import Draws
from attnexplain.registry import facts, targets
from attnexplain.training import Trainer
from explaining import make
from regularisers import regularised
from tiny import VOCABULARY, tiny_split

# Those that stand on another run are tested beside one (unit/objectives/test_adversarial.py).
NAMES = [name for name in sorted(targets("regulariser")) if not facts("regulariser", name).get("base")]
TERMS = [name for name in NAMES if "weight" in facts("regulariser", name)["options"]]
CHANGED = [["concat"], ["orthogonal"], ["concat", "orthogonal"], ["tasc"], ["concat", "tasc"]]
QUICK = {"adversary": {"steps": 3}, "token-removal": {"methods": ["attention", "attention-gradient"]}}
SPLIT = tiny_split(12)
each = pytest.mark.parametrize("name", NAMES)
each_term = pytest.mark.parametrize("name", TERMS)


def model_with(*members):
    return build_classifier(regularised(*members), len(VOCABULARY))


def batch_of(positions):
    return with_evidence(collate(SPLIT, positions), SPLIT)


def trained(folder, *members):
    spec = regularised(*members, training={"epochs": 2})
    model = build_classifier(spec, len(VOCABULARY))
    terms = {name: model.regularisers[name] for name in model.regularisers}
    options = {"device": torch.device("cpu"), "budget": Budget(64), "state": folder / "state.pt"}
    progress = Trainer(model, SPLIT, SPLIT, spec, **options, regularisers=terms).run()
    return {name: value.numpy().tobytes() for name, value in model.state_dict().items()}, progress


@each
def test_facts_are_complete(name):
    found = facts("regulariser", name)
    assert found["name"] == name
    assert found["title"] and found["citation"]
    assert found["changes"] in (None, "step", "states", "values")
    assert isinstance(found["needs"], list)
    for option in found["options"].values():
        assert {"type", "default", "description"} <= option.keys()


@each
def test_it_acts_as_its_facts_say(name):
    regulariser = model_with(name).regularisers[name]
    assert (regulariser.weight is None) == (name not in TERMS)
    assert regulariser.weight is not None or facts("regulariser", name)["changes"]


@each
@torch.no_grad()
def test_a_classifier_says_the_same_of_a_text_in_any_batch(name):
    model = model_with(name).eval()
    together = model(collate(SPLIT, range(12))).logits
    for position in range(12):
        alone = model(collate(SPLIT, [position])).logits
        torch.testing.assert_close(alone[0], together[position], atol=1e-6, rtol=0)


@each
@torch.no_grad()
def test_a_model_read_from_its_file_is_the_model(name, tmp_path):
    model, batch = model_with(name).eval(), collate(SPLIT, range(12))
    for parameter in model.parameters():
        parameter.add_(0.1)  # what was drawn at the start is not what is read
    save_file(model.state_dict(), tmp_path / "model.safetensors")
    again = load_classifier(tmp_path / "model.safetensors", regularised(name), len(VOCABULARY))
    assert again(batch).logits.equal(model(batch).logits)


@each
def test_gradients_are_those_of_the_regularised_model(name):
    model, batch = model_with(name).eval(), collate(SPLIT, range(12))
    found = along_embeddings(model, batch)
    embedded = model.embed(batch.token_ids).detach().requires_grad_()
    states = model.encode(embedded, batch.mask)
    values = model.values(batch.token_ids, embedded, states)
    probability = model.probabilities(model.decode(values, model.attend(states, batch)))
    probability.max(dim=1).values.sum().backward()
    torch.testing.assert_close(found.value, (embedded * embedded.grad).sum(dim=-1), atol=1e-6, rtol=0)
    torch.testing.assert_close(found.probability, model.probabilities(model(batch).logits))


@pytest.mark.parametrize("method", sorted(targets("method")))
@pytest.mark.parametrize("members", CHANGED, ids="+".join)
def test_every_method_explains_the_regularised_model(members, method):
    model, batch = model_with(*members).eval(), collate(SPLIT, range(12))
    with torch.no_grad():
        expected = model.probabilities(model(batch).logits)
    torch.testing.assert_close(make("method", method, model).explain(batch).probability, expected)


@pytest.mark.parametrize("experiment", sorted(targets("experiment")))
@pytest.mark.parametrize("members", CHANGED, ids="+".join)
def test_every_experiment_takes_the_regularised_model(members, experiment):
    model, batch = model_with(*members).eval(), collate(SPLIT, range(12))
    made = make("experiment", experiment, model, texts=SPLIT, **QUICK.get(experiment, {}))
    found = made.run(batch, SPLIT.example_ids)
    assert found["prediction"].tolist() == model.probabilities(model(batch).logits).argmax(dim=1).tolist()


@each_term
def test_a_penalty_is_a_number_per_example_whatever_the_batch(name):
    model = model_with(name)
    regulariser = model.regularisers[name]
    batch = batch_of(range(12))
    together = regulariser.penalty(batch, model(batch), model, Draws(1, 1))
    assert together.shape == (12,) and together.isfinite().all()
    for position in range(12):
        batch = batch_of([position])
        alone = regulariser.penalty(batch, model(batch), model, Draws(1, 1))
        torch.testing.assert_close(alone[0], together[position], atol=1e-5, rtol=1e-5)


@each_term
def test_weight_0_changes_nothing_and_the_history_has_the_term(name, tmp_path):
    plain, _ = trained(tmp_path / "plain")
    idle, progress = trained(tmp_path / "idle", (name, {"weight": 0.0}))
    pulled, _ = trained(tmp_path / "pulled", (name, {"weight": 2.0}))
    assert {key: value for key, value in idle.items() if not key.startswith("regularisers")} == plain
    assert {key: value for key, value in pulled.items() if not key.startswith("regularisers")} != plain
    assert all({f"{name}:train", f"{name}:dev"} <= epoch.row().keys() for epoch in progress.history)
