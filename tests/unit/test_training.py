"""Training. Oracles: one step written out with torch's own Adam, a set of sentences that a cue word decides, bytes."""

import logging
import math

import numpy as np
import pytest
import torch
from torch.nn import functional

from attnexplain.data.batching import collate
from attnexplain.errors import AttnExplainError
from attnexplain.models.classifier import build_classifier
from attnexplain.models.memory import Budget
from attnexplain.objectives.base import Draws, mean_over_words
from attnexplain.training import Trainer, make_optimiser, shuffled_labels
from regularisers import terms
from scarce_memory import scarce
from tiny import CLASSES, VOCABULARY, pair_spec, pair_split, plugin, tiny_spec, tiny_split

TRAIN, DEV = tiny_split(60, seed=0), tiny_split(30, seed=1)
DRAWS = Draws(1, 1)


class KilledError(Exception):
    """Stands for the end of the process."""


def trainer(path, spec=None, train=TRAIN, dev=DEV, **keywords):
    spec = spec or tiny_spec()
    model = build_classifier(spec, len(VOCABULARY))
    options = {"device": torch.device("cpu"), "budget": Budget(64), "state": path / "state.pt"}
    return Trainer(model, train, dev, spec, **options, **keywords)


def trained(path, spec=None, **keywords):
    ours = trainer(path, spec, **keywords)
    progress = ours.run()
    return {name: value.numpy().tobytes() for name, value in ours.model.state_dict().items()}, progress


@pytest.mark.parametrize("encoder", ["average", "bilstm", "cnn", "gru", "lstm", "rnn"])
def test_a_set_that_a_word_decides_is_learned(tmp_path, encoder):
    spec = tiny_spec(encoder, training={"epochs": 12, "learning_rate": 0.03})
    _, progress = trained(tmp_path, spec)
    assert progress.history[-1].dev_accuracy > 0.95
    assert progress.history[-1].train_loss < 0.5 * progress.history[0].train_loss


def test_without_a_choice_among_tokens_a_set_that_a_word_decides_is_learned_too(tmp_path):
    _, progress = trained(tmp_path, tiny_spec("bilstm", "uniform", training={"epochs": 12, "learning_rate": 0.03}))
    assert progress.history[-1].dev_roc_auc > 0.99


@pytest.mark.parametrize("normaliser", ["sparsemax", "entmax15"])
def test_sparse_attention_is_learned_by_deterministic_operations_and_leaves_words_out(tmp_path, normaliser):
    changes = {"normaliser": plugin("normaliser", normaliser), "training": {"epochs": 12, "learning_rate": 0.03}}
    torch.set_deterministic_debug_mode("error")
    try:
        ours = trainer(tmp_path, tiny_spec(**changes))
        progress = ours.run()
    finally:
        torch.set_deterministic_debug_mode("default")
    assert progress.history[-1].dev_accuracy > 0.95
    batch = collate(DEV, range(len(DEV)))
    assert (ours.model(batch).weights[batch.attended] == 0).float().mean() > 0.2


def test_three_classes_are_learned(tmp_path):
    spec = tiny_spec("average", classes=3, training={"epochs": 15, "learning_rate": 0.03})
    _, progress = trained(tmp_path, spec, train=tiny_split(60, 3, 0), dev=tiny_split(30, 3, 1))
    assert progress.history[-1].dev_f1 > 0.95


def test_a_step_minimises_the_summed_weighted_loss_with_decay_off_the_attention(tmp_path):
    train = tiny_split(9)  # five of class 0, four of class 1
    spec = tiny_spec(training={"batch_size": 9, "epochs": 1, "weight_decay": 0.1})
    ours, theirs = trainer(tmp_path, spec, train), build_classifier(spec, len(VOCABULARY))
    groups = [
        {"params": [p for n, p in theirs.named_parameters() if "attention" not in n], "weight_decay": 0.1},
        {"params": [p for n, p in theirs.named_parameters() if "attention" in n], "weight_decay": 0.0},
    ]
    optimiser, batch = torch.optim.Adam(groups, lr=1e-2, amsgrad=True, fused=False), collate(train, range(9))
    losses = functional.binary_cross_entropy_with_logits(
        theirs(batch).logits[:, 0], batch.label.float(), pos_weight=torch.tensor(5 / 4), reduction="sum"
    )
    losses.backward()
    optimiser.step()
    history = ours.run().history
    for found, expected in zip(ours.model.parameters(), theirs.parameters(), strict=True):
        torch.testing.assert_close(found, expected, atol=1e-5, rtol=0)
    assert history[0].train_loss == pytest.approx(losses.item() / 9, rel=1e-6)


def pull(batch, output, model):
    return output.states.pow(2).sum(dim=(1, 2))


def test_a_term_is_added_to_the_loss_of_each_example(tmp_path):
    """Times its weight; of single texts the sum over examples is minimised, of pairs the mean."""
    for spec, split, share in ((tiny_spec(), tiny_split(9), 1.0), (of_pairs(), pair_split(9), 1 / 9)):
        ours, batch = (
            trainer(tmp_path, spec, split, split, regularisers=terms(pull, weight=0.25)),
            collate(split, range(9)),
        )
        theirs = build_classifier(spec, len(VOCABULARY))
        output = theirs(batch)
        term = output.states.pow(2).sum(dim=(1, 2)).sum()
        loss = ours._losses(output.logits, batch.label).sum()
        ((loss + 0.25 * term) * share).backward()
        sums = ours._step(batch, DRAWS)
        torch.testing.assert_close(sums, torch.stack([loss, term]).double(), rtol=1e-6, atol=1e-6)
        for found, expected in zip(ours.model.parameters(), theirs.parameters(), strict=True):
            torch.testing.assert_close(found.grad, expected.grad, rtol=1e-5, atol=1e-6)


def test_a_term_of_weight_0_changes_nothing(tmp_path):
    plain, _ = trained(tmp_path / "plain")
    nothing, progress = trained(tmp_path / "nothing", regularisers=terms(pull, weight=0.0))
    pulled, _ = trained(tmp_path / "pulled", regularisers=terms(pull, weight=1e-3))
    assert plain == nothing != pulled
    assert progress.history[0].train_terms["pull"] > 0


def test_the_history_has_what_is_penalised_on_train_and_dev(tmp_path):
    """Means per example without the weight: of train over the epoch's steps, of dev with the epoch's weights."""
    spec = tiny_spec(training={"epochs": 1, "learning_rate": 1e-12})
    ours = trainer(tmp_path, spec, regularisers=terms(pull, weight=1e-9))
    (epoch,) = ours.run().history
    for name, split in (("train", TRAIN), ("dev", DEV)):
        with torch.no_grad():
            found = pull(None, ours.model(collate(split, range(len(split)))), None).mean().item()
        assert epoch.row()[f"pull:{name}"] == pytest.approx(found, rel=1e-4)


def test_draws_belong_to_an_example_and_an_epoch():
    found = {tuple(Draws(1, epoch).of(example).integers(2**62, size=2)) for epoch in (0, 1) for example in (0, 1)}
    assert len(found) == 4
    assert Draws(1, 2).of(3).random() == Draws(1, 2).of(3).random() != Draws(2, 2).of(3).random()


def test_the_same_seed_gives_the_same_bytes_whatever_the_global_state(tmp_path):
    torch.manual_seed(1)
    first, _ = trained(tmp_path / "a")
    torch.manual_seed(2)
    assert trained(tmp_path / "b")[0] == first
    assert trained(tmp_path / "c", tiny_spec(seed=2))[0] != first


@pytest.mark.parametrize("after", [1, 2])
def test_a_training_killed_and_resumed_gives_the_same_bytes(tmp_path, monkeypatch, after):
    undisturbed = trained(tmp_path / "a")
    killed, epochs = trainer(tmp_path / "b"), []
    evaluate = killed._evaluate

    def die():
        epochs.append(1)
        if len(epochs) > after:
            raise KilledError
        return evaluate()

    monkeypatch.setattr(killed, "_evaluate", die)
    with pytest.raises(KilledError):
        killed.run()
    weights, progress = trained(tmp_path / "b")
    assert (weights, progress.history) == (undisturbed[0], undisturbed[1].history)
    assert progress.best_epoch == undisturbed[1].best_epoch


def test_a_resumed_training_does_not_repeat_epochs(tmp_path):
    trained(tmp_path)
    again = trainer(tmp_path)
    again.run()
    assert again.examples == 0


def test_a_damaged_state_starts_the_training_over(tmp_path, caplog):
    first, _ = trained(tmp_path)
    (tmp_path / "state.pt").write_bytes(b"damaged")
    with caplog.at_level(logging.WARNING):
        assert trained(tmp_path)[0] == first
    assert "starting from the beginning" in caplog.text


def test_the_weights_of_the_best_epoch_are_kept(tmp_path):
    spec = tiny_spec(training={"epochs": 6, "selection": "loss", "learning_rate": 0.3})
    ours = trainer(tmp_path, spec, dev=shuffled_labels(DEV, 1, "dev"))  # what is learned does harm there
    progress = ours.run()
    losses = [epoch.dev_loss for epoch in progress.history]
    assert progress.best_epoch == int(np.argmin(losses)) + 1 < 6
    assert ours._evaluate()[0] == pytest.approx(min(losses))


def test_patience_ends_the_training_early(tmp_path):
    spec = tiny_spec(training={"epochs": 50, "learning_rate": 0.3, "patience": 2})
    _, progress = trained(tmp_path, spec, dev=shuffled_labels(DEV, 1, "dev"))  # what is learned does harm there
    assert len(progress.history) == progress.best_epoch + 2 < 50


def test_dev_of_one_class_is_selected_by_its_loss(tmp_path):
    dev = DEV.with_labels(np.ones(len(DEV), dtype=int))
    _, progress = trained(tmp_path, tiny_spec(training={"epochs": 4}), dev=dev)
    assert math.isnan(progress.history[0].dev_roc_auc)
    assert progress.best_epoch == int(np.argmin([epoch.dev_loss for epoch in progress.history])) + 1


def test_a_diverged_training_says_so(tmp_path):
    with pytest.raises(AttnExplainError, match=r"diverged.*learning_rate"):
        trainer(
            tmp_path, regularisers=terms(lambda batch, output, model: output.states.sum(dim=(1, 2)) * math.nan)
        ).run()


def test_one_line_per_epoch_goes_to_the_log(tmp_path, caplog):
    with caplog.at_level(logging.INFO):
        trained(tmp_path)
    lines = [record.message for record in caplog.records if record.message.startswith("epoch")]
    assert [line.split(":")[0] for line in lines] == ["epoch 1 of 3", "epoch 2 of 3", "epoch 3 of 3"]


def test_every_epoch_has_an_order_of_its_own(tmp_path):
    ours = trainer(tmp_path)
    orders = [[tuple(batch.index.tolist()) for batch in ours._batches(number)] for number in (1, 2, 1)]
    assert orders[0] == orders[2] != orders[1]


def test_the_optimiser_is_amsgrad():
    groups = make_optimiser(build_classifier(tiny_spec(), len(VOCABULARY)), 1e-3, 1e-5).param_groups
    assert all(group["amsgrad"] and group["lr"] == 1e-3 for group in groups)


def test_every_parameter_is_trained_once():
    model = build_classifier(tiny_spec(), len(VOCABULARY))
    groups = make_optimiser(model, 1e-3, 1e-5).param_groups
    handled = [id(parameter) for group in groups for parameter in group["params"]]
    assert sorted(handled) == sorted(map(id, model.parameters()))


def test_shuffled_labels_keep_their_counts_and_differ_by_split_and_seed():
    found = [
        shuffled_labels(TRAIN, seed, name).labels.tolist() for seed, name in ((1, "train"), (1, "dev"), (2, "train"))
    ]
    assert all(sorted(labels) == sorted(TRAIN.labels) for labels in found)
    assert len({tuple(labels) for labels in [*found, TRAIN.labels.tolist()]}) == 4
    assert shuffled_labels(TRAIN, 1, "train").labels.tolist() == found[0]


def of_pairs(encoder="bilstm", attention="additive", **training):
    spec = pair_spec(encoder, attention, training=training)
    return {**spec, "dataset": {**spec["dataset"], "classes": list(CLASSES)}}


@pytest.mark.parametrize("encoder", ["average", "bilstm", "cnn"])
@pytest.mark.parametrize("attention", ["additive", "dot"])
def test_what_text_and_question_decide_together_is_learned(tmp_path, encoder, attention):
    spec = of_pairs(encoder, attention, epochs=30, learning_rate=0.02, class_weights="none", selection="accuracy")
    _, progress = trained(tmp_path, spec, train=pair_split(240, 0), dev=pair_split(60, 1))
    assert max(epoch.dev_accuracy for epoch in progress.history) > 0.95


def test_a_step_on_pairs_minimises_the_mean_loss_with_decay_on_everything(tmp_path):
    train = pair_split(8)
    spec = of_pairs(batch_size=8, epochs=1, weight_decay=0.1, class_weights="none")
    ours, theirs = trainer(tmp_path, spec, train, pair_split(8, 1)), build_classifier(spec, len(VOCABULARY))
    optimiser = torch.optim.Adam(theirs.parameters(), lr=1e-2, amsgrad=True, weight_decay=0.1)
    batch = collate(train, range(8))
    loss = functional.cross_entropy(theirs(batch).logits, batch.label)
    loss.backward()
    optimiser.step()
    history = ours.run().history
    for (name, found), expected in zip(ours.model.named_parameters(), theirs.parameters(), strict=True):
        torch.testing.assert_close(found, expected, atol=1e-5, rtol=0, msg=name)
    assert history[0].train_loss == pytest.approx(loss.item(), rel=1e-6)


def test_every_parameter_of_a_pair_model_is_trained_once_and_decayed():
    model = build_classifier(of_pairs(), len(VOCABULARY))
    (group,) = make_optimiser(model, 1e-3, 1e-5).param_groups
    assert sorted(map(id, group["params"])) == sorted(map(id, model.parameters()))
    assert group["weight_decay"] == 1e-5


def test_an_answer_that_train_lacks_counts_as_wrong_and_has_no_loss(tmp_path):
    dev = pair_split(12, 1)
    labels = dev.labels.copy()
    labels[:4] = -1
    ours = trainer(tmp_path, of_pairs(), pair_split(12), dev.with_labels(labels))
    loss, accuracy, *_ = ours._evaluate()
    with torch.no_grad():
        logits = ours.model(collate(dev, range(12))).logits
    expected = functional.cross_entropy(logits[4:], torch.from_numpy(labels[4:]))
    assert loss == pytest.approx(expected.item(), rel=1e-5)
    assert accuracy == pytest.approx((logits.argmax(dim=1).numpy() == labels).mean())


def test_shuffled_answers_stay_among_the_candidates():
    split = pair_split(30)
    found = shuffled_labels(split, 1, "train").labels
    assert (found != split.labels).any()
    assert found.tolist() == shuffled_labels(split, 1, "train").labels.tolist()
    assert all(
        label in [0, 1, 2] if row is None else label in row for label, row in zip(found, split.candidates, strict=True)
    )


def word_mean(batch, output, model):
    return mean_over_words(output.states.pow(2).sum(dim=-1), batch.attended)


def of_the_model(batch, output, model):
    found = model.decoder.bias if model.question is None else model.question.embedding.weight
    return found.pow(2).sum().expand(len(batch.index))


@pytest.mark.parametrize("positions", [1, 30, 60])  # one example at a time, two, four; the last piece is smaller
@pytest.mark.parametrize("dtype, error", [(torch.float32, 1e-6), (torch.float64, 1e-12)])
@pytest.mark.parametrize(
    "spec, split", [(tiny_spec(), tiny_split(9)), (of_pairs(), pair_split(9))], ids=["one", "pair"]
)
def test_pieces_of_a_batch_make_the_step_of_the_whole(tmp_path, monkeypatch, spec, split, dtype, error, positions):
    steps = []
    for budget in (10**9, positions):
        monkeypatch.setattr("attnexplain.training.POSITIONS", budget)
        ours = trainer(tmp_path, spec, split, split, regularisers=terms(word_mean, of_the_model))
        ours.model.to(dtype)
        ours.class_weights = ours.class_weights.to(dtype)
        loss = ours._step(collate(split, range(9)), DRAWS)
        # What Adam makes of them is no measure: it divides each gradient by its size, however small.
        steps.append(
            {"loss": loss.to(dtype), **{name: parameter.grad for name, parameter in ours.model.named_parameters()}}
        )
    whole, pieces = steps
    torch.testing.assert_close(pieces, whole, atol=error, rtol=error)


def test_a_step_that_memory_does_not_do_for_is_made_in_pieces(tmp_path, caplog):
    """The first piece of each attempt goes through; its gradient does not count twice."""
    split, gradients = tiny_split(40), []
    for limit in (10**9, 110):
        ours = trainer(tmp_path, train=split, regularisers=terms(word_mean))
        model = scarce(ours.model, limit)
        loss = ours._step(collate(split, range(40)), DRAWS)
        gradients.append([loss, *(parameter.grad for parameter in model.parameters())])
    assert len(model.encoder.passed) > 2
    torch.testing.assert_close(gradients[1], gradients[0], atol=1e-6, rtol=1e-5)
    assert "out of memory" in caplog.text
    assert "tokens_per_batch" not in caplog.text  # which does not set it
