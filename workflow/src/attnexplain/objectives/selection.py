"""Which epoch's weights are kept: those of the epoch that is best on dev."""

import math
from collections.abc import Mapping
from dataclasses import dataclass, field, fields

from torch import Tensor


@dataclass(frozen=True)
class Epoch:
    """One row of the history. Losses are weighted means per example; a metric undefined on dev is NaN.

    `train_terms` and `dev_terms`: what regularisers penalise, by their ids, means per example without their weights.
    """

    epoch: int
    train_loss: float
    dev_loss: float
    dev_accuracy: float
    dev_f1: float
    dev_roc_auc: float
    train_terms: dict[str, float] = field(default_factory=dict)
    dev_terms: dict[str, float] = field(default_factory=dict)

    def row(self) -> dict[str, float]:
        """Column -> number; of a regulariser `<id>:train` and `<id>:dev`."""
        terms = {f"{name}:train": value for name, value in self.train_terms.items()}
        terms |= {f"{name}:dev": value for name, value in self.dev_terms.items()}
        numbers = {one.name: getattr(self, one.name) for one in fields(self) if not one.name.endswith("_terms")}
        return {**numbers, **terms}

    def score(self, selection: str) -> tuple[float, float]:
        """What the kept checkpoint has most of: a metric (the loss where it is undefined), and of equals less loss.

        An easy dev split is ranked perfectly long before it is classified well: ROC-AUC alone would keep the first
        such epoch. `selection` is a metric, `loss`, or the id of a regulariser whose term the checkpoint has least of.
        """
        if selection in self.dev_terms:
            return -self.dev_terms[selection], -self.dev_loss
        metric = math.nan if selection == "loss" else getattr(self, f"dev_{selection.replace('-', '_')}")
        return -self.dev_loss if math.isnan(metric) else metric, -self.dev_loss


@dataclass
class Progress:
    """How far a training has come: its epochs, and the weights of the best of them."""

    history: list[Epoch] = field(default_factory=list)
    best_epoch: int = 0
    best_weights: dict[str, Tensor] = field(default_factory=dict)

    def add(self, epoch: Epoch, weights: Mapping[str, Tensor], selection: str) -> None:
        """Note an epoch; its weights are copied if it is better than all before (of equals the earlier stays)."""
        if all(epoch.score(selection) > before.score(selection) for before in self.history):
            self.best_epoch = epoch.epoch
            self.best_weights = {name: value.detach().clone() for name, value in weights.items()}
        self.history.append(epoch)

    def is_over(self, epochs: int, patience: int | None) -> bool:
        """All epochs are done, or the last `patience` of them brought nothing better."""
        done = len(self.history)
        return done >= epochs or (patience is not None and done - self.best_epoch >= patience > 0)
