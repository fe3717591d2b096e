"""Training a classifier: section "Training" of Jain and Wallace (2019), with the checkpoint chosen on dev.

Adam with AMSGrad. Single texts: weight decay on embedding, encoder and decoder, none on the attention; the sum of the
weighted losses of a batch is minimised. Pairs: weight decay on everything; their mean is minimised. Which of the two
holds follows from the data's task and is no option. Where we differ from their code: the checkpoint may be that of
any epoch, the first included, and every order of the data follows from the run's seed.

Regularisers (objectives/base.py) may add a term to the loss of each example.

What a long batch keeps for its backward pass grows with its positions (texts x padded length): one of more than
POSITIONS goes through in pieces whose gradients add up to those of the whole. That bounds memory; the step is the same
but for rounding.
"""

import logging
import math
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn
from tqdm import tqdm

from attnexplain.classification import accuracy, f1, roc_auc
from attnexplain.data.batching import NO_LABEL, Batch, TokenisedSplit, bucketed, collate, with_evidence
from attnexplain.data.order import epoch_batches
from attnexplain.errors import AttnExplainError
from attnexplain.models.checkpoint import load_state, save_state
from attnexplain.models.classifier import Classifier, Output
from attnexplain.models.evaluation import evaluation
from attnexplain.models.memory import Budget
from attnexplain.models.prediction import predict_logits
from attnexplain.objectives.adam import Adam
from attnexplain.objectives.base import Draws, Regulariser
from attnexplain.objectives.loss import class_weights, example_losses
from attnexplain.objectives.selection import Epoch, Progress
from attnexplain.seeding import generator

LOGGER = logging.getLogger(__name__)

# Of a training step at once: 8 times the default of `resources.tokens_per_batch`, which makes 0.7 GiB of a BiLSTM. It
# is no setting: other pieces are another rounding, and what a run is does not depend on resources.
POSITIONS = 32_768


class Trainer:
    """Trains one classifier; after each epoch the whole state goes to `state`, and a later Trainer goes on from there.

    Parameters
    ----------
    model : Classifier
        Untrained, on `device`; holds the best epoch's weights afterwards.
    train, dev : TokenisedSplit
        With labels; at least one example each, train of every class that matters. In question-answering an example of
        dev whose answer train lacks has none: it counts as wrong and has no loss. Where they were read with evidence,
        batches carry it.
    spec : mapping
        The run: `training`, `seed` and `dataset.classes` are read.
    state : Path
        The file of the state.
    budget : Budget
        Of predictions on dev.
    regularisers : mapping of str to Regulariser
        By id; those with a weight add their term to the loss.
    """

    def __init__(
        self,
        model: Classifier,
        train: TokenisedSplit,
        dev: TokenisedSplit,
        spec: Mapping[str, Any],
        *,
        device: torch.device,
        budget: Budget,
        state: Path,
        regularisers: Mapping[str, Regulariser] | None = None,
    ) -> None:
        self.model, self.train_split, self.dev_split = model, train, dev
        self.settings, self.seed = spec["training"], spec["seed"]
        self.device, self.budget, self.state = device, budget, state
        self.terms = {name: one for name, one in (regularisers or {}).items() if one.weight is not None}
        self.gold_weight = math.prod(one.gold_weight for one in (regularisers or {}).values())
        # Of losses that labels have no part in, the checkpoint is that of the least on dev.
        ungoverned = [name for name, one in self.terms.items() if not one.gold_weight]
        self.selection = next(iter(ungoverned), self.settings["selection"])
        self.steps_budget = Budget(POSITIONS, setting=None)
        weights = class_weights(train.labels, len(spec["dataset"]["classes"]), self.settings["class_weights"])
        self.class_weights = weights.to(device)
        self.examples, self.seconds = 0, 0.0  # trained on by this process, and the time it took, dev included
        self.optimiser = make_optimiser(model, self.settings["learning_rate"], self.settings["weight_decay"])

    def run(self) -> Progress:
        """Train to the end, from the saved state if there is one."""
        progress = self._resume()
        with tqdm(total=self.settings["epochs"], initial=len(progress.history), unit="epoch", disable=None) as bar:
            while not progress.is_over(self.settings["epochs"], self.settings["patience"]):
                epoch = self._epoch(len(progress.history) + 1)
                progress.add(epoch, self.model.state_dict(), self.selection)
                self._save(progress)
                bar.update()
                bar.set_postfix(loss=epoch.train_loss, dev_accuracy=epoch.dev_accuracy)
                if bar.disable:
                    LOGGER.info(_line(epoch, self.settings["epochs"]))
        self.model.load_state_dict(progress.best_weights)
        return progress

    def _epoch(self, number: int) -> Epoch:
        started = time.perf_counter()
        self.model.train()
        total = torch.zeros(1 + len(self.terms), dtype=torch.float64, device=self.device)
        for batch in self._batches(number):
            total += self._step(batch, Draws(self.seed, number))
        loss, *terms = (total / len(self.train_split)).tolist()
        epoch = Epoch(number, loss, *self._evaluate(), self._named(terms), self._evaluate_terms())
        self._refuse_divergence(epoch)
        self.examples, self.seconds = (
            self.examples + len(self.train_split),
            self.seconds + time.perf_counter() - started,
        )
        return epoch

    def _refuse_divergence(self, epoch: Epoch) -> None:
        if not (math.isfinite(epoch.train_loss) and math.isfinite(epoch.dev_loss)):
            raise AttnExplainError(
                f"training diverged: in epoch {epoch.epoch} the loss is {epoch.train_loss} on train and"
                f" {epoch.dev_loss} on dev. Lower training.learning_rate (now {self.settings['learning_rate']}),"
                " or check the vectors"
            )

    def _step(self, batch: Batch, draws: Draws) -> Tensor:
        """One step of the optimiser; returns sums over the batch: the classification loss, then each term (1 + R,)."""
        sums = self.steps_budget.spend(batch, lambda pieces: self._gradients(pieces, batch, draws))
        self.optimiser.step()
        return sums

    def _gradients(self, pieces: Sequence[Batch], batch: Batch, draws: Draws) -> Tensor:
        """The gradients of a step, of the pieces together; returns the sums."""
        self.optimiser.zero_grad()
        return torch.stack([self._backward(piece, batch, draws) for piece in pieces]).sum(dim=0)

    def _backward(self, piece: Batch, batch: Batch, draws: Draws) -> Tensor:
        """Add a piece's gradient of what is minimised over the batch; returns the piece's sums."""
        output = self.model(piece)
        loss = self._losses(output.logits, piece.label).sum()
        sums = self._term_sums(piece, output, draws)
        objective = self.gold_weight * loss
        for regulariser, term in zip(self.terms.values(), sums, strict=True):
            if regulariser.weight:  # with 0 not even a rounding differs
                objective = objective + regulariser.weight * term
        (objective if self.model.question is None else objective / len(batch.index)).backward()
        return torch.stack([loss, *sums]).detach().double()

    def _term_sums(self, piece: Batch, output: Output, draws: Draws) -> list[Tensor]:
        """What each regulariser penalises, summed over the examples (), without its weight."""
        found = []
        for regulariser in self.terms.values():
            with torch.set_grad_enabled(torch.is_grad_enabled() and regulariser.weight != 0.0):
                found.append(regulariser.penalty(piece, output, self.model, draws).sum())
        return found

    def _batches(self, number: int) -> Iterator[Batch]:
        order = generator(self.seed, "data-order", number)
        batches = epoch_batches(self.train_split.lengths + 2, self.settings["batch_size"], order)
        for indices in tqdm(batches, desc=f"epoch {number}", unit="batch", leave=False, disable=None):
            yield self._placed(collate(self.train_split, indices), self.train_split)

    def _placed(self, batch: Batch, split: TokenisedSplit) -> Batch:
        """A batch of `split` on the device, with the evidence of its words where the split was read with it."""
        has_evidence = "evidence" in split.table.column_names
        return (with_evidence(batch, split) if has_evidence else batch).to(self.device)

    def _evaluate(self) -> tuple[float, float, float, float]:
        """Loss, accuracy, F1 and ROC-AUC on dev."""
        logits = predict_logits(self.model, self.dev_split, self.budget, self.device)
        labels = self.dev_split.labels
        known = torch.from_numpy(labels != NO_LABEL)
        label = torch.from_numpy(labels)[known].to(self.device)
        loss = self._losses(logits[known].to(self.device), label).mean().item()
        probability = self.model.probabilities(logits).numpy()
        return loss, accuracy(labels, probability), f1(labels, probability), roc_auc(labels, probability)

    @torch.no_grad()
    def _evaluate_terms(self) -> dict[str, float]:
        """What each regulariser penalises on dev, a mean per example."""
        total, draws = torch.zeros(len(self.terms), dtype=torch.float64), Draws(self.seed, 0)
        if not self.terms:
            return {}
        with evaluation(self.model):
            for batch in bucketed(self.dev_split, range(len(self.dev_split)), self.budget.positions):
                placed = self._placed(batch, self.dev_split)
                total += self.budget.spend(placed, lambda pieces: self._summed(pieces, draws))
        return self._named((total / len(self.dev_split)).tolist())

    def _summed(self, pieces: Sequence[Batch], draws: Draws) -> Tensor:
        """The terms (R,), summed over the pieces, on the CPU."""
        sums = [torch.stack(self._term_sums(piece, self.model(piece), draws)).double() for piece in pieces]
        return torch.stack(sums).sum(dim=0).cpu()

    def _named(self, terms: Sequence[float]) -> dict[str, float]:
        return dict(zip(self.terms, terms, strict=True))

    def _losses(self, logits: Tensor, label: Tensor | None) -> Tensor:
        if label is None:
            raise ValueError("training needs a label for every example")
        return example_losses(logits, label, self.class_weights)

    def _save(self, progress: Progress) -> None:
        state = {
            "model": self.model.state_dict(),
            "optimiser": self.optimiser.state_dict(),
            "history": [asdict(epoch) for epoch in progress.history],
            "best_epoch": progress.best_epoch,
            "best_weights": progress.best_weights,
        }
        save_state(self.state, state)

    def _resume(self) -> Progress:
        state = load_state(self.state)
        if state is None:
            return Progress()
        self.model.load_state_dict(state["model"])
        self.optimiser.load_state_dict(state["optimiser"])
        history = [Epoch(**row) for row in state["history"]]
        LOGGER.info("going on after epoch %d", len(history))
        weights = {name: value.to(self.device) for name, value in state["best_weights"].items()}
        return Progress(history, state["best_epoch"], weights)


def make_optimiser(model: Classifier, learning_rate: float, weight_decay: float) -> Adam:
    """AMSGrad; of single texts, the attention (and what normalises it) is without weight decay."""
    attention = [*model.attention.parameters(), *model.normaliser.parameters()]
    decayed = [*model.embedding.parameters(), *model.encoder.parameters(), *model.decoder.parameters()]
    decayed += model.regularisers.parameters()
    undecayed: list[nn.Parameter] = []
    if model.question is None:
        undecayed = attention
    else:
        decayed += [*attention, *model.question.parameters()]
    groups = [{"params": decayed, "weight_decay": weight_decay}, {"params": undecayed, "weight_decay": 0.0}]
    return Adam([group for group in groups if group["params"]], lr=learning_rate, amsgrad=True, fused=True)


def _line(epoch: Epoch, epochs: int) -> str:
    numbers = {name: value for name, value in epoch.row().items() if name != "epoch"}
    return f"epoch {epoch.epoch} of {epochs}: " + ", ".join(f"{name} {value:.4f}" for name, value in numbers.items())


def shuffled_labels(split: TokenisedSplit, seed: int, name: str) -> TokenisedSplit:
    """The control `shuffled-labels`: the labels of the split `name` permuted among its examples.

    Where examples name their candidates, each has one of its own candidates at random instead: no other can be its
    answer. An example without a label keeps none.
    """
    random = generator(seed, "labels", name)
    labels = np.array(split.labels)
    known = np.flatnonzero(labels != NO_LABEL)
    if split.candidates is None:
        labels[known] = labels[known][random.permutation(len(known))]
    else:
        labels[known] = [random.choice(_candidates(split, position)) for position in known.tolist()]
    return split.with_labels(labels)


def _candidates(split: TokenisedSplit, position: int) -> np.ndarray:
    found = None if split.candidates is None else split.candidates[position]
    return np.arange(split.n_classes or 0) if found is None else found
