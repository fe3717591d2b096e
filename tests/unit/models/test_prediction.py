"""Predictions of a split. Oracle: the model on one example after another."""

import torch

from attnexplain.data.batching import collate
from attnexplain.models.classifier import build_classifier
from attnexplain.models.prediction import predict_logits
from tiny import VOCABULARY, tiny_spec, tiny_split


def test_logits_stand_in_the_order_of_the_split():
    model, split = build_classifier(tiny_spec(classes=3), len(VOCABULARY)), tiny_split(20, classes=3)
    logits = predict_logits(model, split, 40, torch.device("cpu"))
    alone = torch.cat([model(collate(split, [index])).logits for index in range(20)])
    torch.testing.assert_close(logits, alone.detach(), atol=1e-6, rtol=0)
    assert not logits.requires_grad
    assert model.training
