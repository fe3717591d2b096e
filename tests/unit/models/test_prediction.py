"""Predictions of a split. Oracle: the model on one example after another."""

import copy

import torch

from attnexplain.data.batching import collate
from attnexplain.models.classifier import build_classifier
from attnexplain.models.memory import Budget
from attnexplain.models.prediction import predict_logits
from scarce_memory import scarce
from tiny import VOCABULARY, tiny_spec, tiny_split


def test_logits_stand_in_the_order_of_the_split():
    model, split = build_classifier(tiny_spec(classes=3), len(VOCABULARY)), tiny_split(20, classes=3)
    logits = predict_logits(model, split, Budget(40), torch.device("cpu"))
    alone = torch.cat([model(collate(split, [index])).logits for index in range(20)])
    torch.testing.assert_close(logits, alone.detach(), atol=1e-6, rtol=0)
    assert not logits.requires_grad
    assert model.training


def test_logits_are_the_same_where_memory_is_scarce():
    model, split, budget = build_classifier(tiny_spec(), len(VOCABULARY)), tiny_split(40), Budget(4096)
    expected = predict_logits(model, split, budget, torch.device("cpu"))
    narrow = scarce(copy.deepcopy(model), 128)
    torch.testing.assert_close(predict_logits(narrow, split, budget, torch.device("cpu")), expected, atol=1e-6, rtol=0)
    assert budget.positions <= 128 < max(len(split) * split.lengths)
    assert len(narrow.encoder.passed) > 2
