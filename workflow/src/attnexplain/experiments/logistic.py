"""Multinomial logistic regression with a ridge penalty, fitted to convergence: the same answer every time.

    q(c | x) proportional to exp(x . w_c + b_c + o_c)
    minimising   mean_n -ln q(c_n | x_n) + penalty / 2 (|w|^2 + |b|^2)

with the offsets o_c the logarithms of the classes' frequencies in the sample, half a case added to each. Under a strong
penalty q is therefore those frequencies. The objective is strictly convex: there is one minimum, and L-BFGS (Nocedal
and Wright 2006, algorithm 7.5) with the full gradient and backtracking goes there; no draws, no learning rate.
"""

import logging
from collections import deque
from collections.abc import Iterable
from dataclasses import dataclass

import torch
from torch import Tensor

LOGGER = logging.getLogger(__name__)

ROWS = 4096  # cases whose scores of all classes are held at once
MEMORY = 10  # steps that L-BFGS remembers
GAIN = 1e-3  # nats per case that a weaker penalty must bring on cases held out: less is noise
SUFFICIENT = 1e-4  # share of the decrease promised by the gradient that a step must bring


@dataclass(frozen=True)
class Logistic:
    """weight (H + 1, C), the bias its last row; offset (C,)."""

    weight: Tensor
    offset: Tensor

    def scores(self, inputs: Tensor, classes: Tensor) -> tuple[Tensor, Tensor]:
        """ln q(c | x) (N,) of the classes (N,) of inputs (N, H), and whether each is the likeliest (N,)."""
        found = [
            (_log_q(_with_one(x) @ self.weight + self.offset, c)) for x, c in zip(*_cut(inputs, classes), strict=True)
        ]
        log_q, hit = zip(*found, strict=True)
        return torch.cat(log_q), torch.cat(hit)


def fit(
    inputs: Tensor,
    classes: Tensor,
    n_classes: int,
    penalty: float,
    *,
    start: Tensor | None = None,
    tolerance: float = 1e-5,
    steps: int = 500,
) -> Logistic:
    """The minimum for inputs (N, H) and classes (N,) int64; in the type of `inputs`.

    It ends where no entry of the gradient is above `tolerance`, or after `steps`; `start` is a weight to begin from.
    """
    offset = offsets(classes, n_classes).to(inputs)
    weight = inputs.new_zeros(inputs.shape[1] + 1, n_classes) if start is None else start.clone()
    loss, gradient = _objective(weight, inputs, classes, offset, penalty)
    known: deque[tuple[Tensor, Tensor]] = deque(maxlen=MEMORY)
    for _ in range(steps):
        if gradient.abs().max() <= tolerance:
            break
        direction = _direction(gradient, known)
        slope = float((direction * gradient).sum())
        length = 1.0
        while True:
            moved = weight + length * direction
            new_loss, new_gradient = _objective(moved, inputs, classes, offset, penalty)
            if new_loss <= loss + SUFFICIENT * length * slope:
                break
            length /= 2
            if length < 1e-10:  # nothing is left to gain at this precision
                return Logistic(weight, offset)
        known.append((moved - weight, new_gradient - gradient))
        weight, loss, gradient = moved, new_loss, new_gradient
    return Logistic(weight, offset)


def fit_best(inputs: Tensor, classes: Tensor, n_classes: int, held: Tensor, penalties: Iterable[float]) -> Logistic:
    """Of the fits under `penalties`, strongest first, the one that says most of the cases `held` out, (N,) bool.

    Each begins where the last one ended; the first that is no better, by GAIN at least, ends the search.
    """
    best, least, start = None, float("inf"), None
    for penalty in penalties:
        found = fit(inputs[~held], classes[~held], n_classes, penalty, start=start)
        loss = -float(found.scores(inputs[held], classes[held])[0].mean()) if held.any() else 0.0
        LOGGER.info("logistic regression, penalty %g: %.4f nats held out", penalty, loss)
        if loss > least - GAIN:
            break
        best, least, start = found, loss, found.weight
    if best is None:
        raise ValueError("no penalty to try")
    return best


def offsets(classes: Tensor, n_classes: int) -> Tensor:
    """Logarithms (C,) of the frequencies of classes (N,), half a case added to each."""
    counts = torch.bincount(classes, minlength=n_classes).double() + 0.5
    return (counts / counts.sum()).log()


def _objective(weight: Tensor, inputs: Tensor, classes: Tensor, offset: Tensor, penalty: float) -> tuple[float, Tensor]:
    """The objective and its gradient (H + 1, C)."""
    loss, gradient = penalty / 2 * float((weight * weight).sum()), penalty * weight
    for x, c in zip(*_cut(inputs, classes), strict=True):
        x = _with_one(x)
        logits = x @ weight + offset
        total = logits.logsumexp(dim=1)
        places = torch.arange(len(c), device=c.device), c
        loss += float((total - logits[places]).sum()) / len(classes)
        residual = (logits - total[:, None]).exp()
        residual[places] -= 1
        gradient = gradient + x.T @ residual / len(classes)
    return loss, gradient


def _direction(gradient: Tensor, known: Iterable[tuple[Tensor, Tensor]]) -> Tensor:
    """Minus the gradient times the inverse Hessian, as the last steps and changes of the gradient know it."""
    steps, direction, shares = [*known], -gradient, []
    for step, change in reversed(steps):
        share = (step * direction).sum() / (step * change).sum()
        direction = direction - share * change
        shares.append(share)
    if steps:
        step, change = steps[-1]
        direction = direction * ((step * change).sum() / (change * change).sum())
    for (step, change), share in zip(steps, reversed(shares), strict=True):
        direction = direction + step * (share - (change * direction).sum() / (step * change).sum())
    return direction


def _log_q(logits: Tensor, classes: Tensor) -> tuple[Tensor, Tensor]:
    chosen = logits.gather(1, classes[:, None])[:, 0]
    return chosen - logits.logsumexp(dim=1), logits.argmax(dim=1) == classes


def _cut(inputs: Tensor, classes: Tensor) -> tuple[tuple[Tensor, ...], tuple[Tensor, ...]]:
    return inputs.split(ROWS), classes.split(ROWS)


def _with_one(inputs: Tensor) -> Tensor:
    return torch.cat([inputs, inputs.new_ones(len(inputs), 1)], dim=1)
