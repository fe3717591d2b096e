"""LSTMs over inputs that are projected already, side by side, and their gradient, for the CPU.

With the input weights out of the way, what PyTorch's layer does per step is a product and a dozen passes over the
gates. Here both ways need fewer. tanh(x) is computed as 2 sigmoid(2 x) - 1, which is several times faster and differs
by rounding; one sigmoid then serves all four gates, and keeping h / 2 and 2 c spares the factors. Whatever the backward
pass needs of single steps is computed for all of them at once, up to the product that goes from step to step. No
gradient of the recurrent weights is computed.
"""

from typing import Any

import torch
from torch import Tensor


def doubled(weight: Tensor) -> Tensor:
    """Rows (4 H, ...) of the gates input, forget, candidate and output, those of the candidate doubled."""
    enter, forget, candidate, leave = weight.chunk(4)
    return torch.cat([enter, forget, 2.0 * candidate, leave])


def recurrence(gates: Tensor, weight: Tensor, kept: Tensor) -> Tensor:
    """Hidden states (T, D, B, H) of D LSTMs that start from 0 and read on from t = 0, differentiable in `gates`.

    gates (T, D, B, 4 H): W x_t + b of each step, in the order input, forget, candidate (doubled), output; weight
    (D, H, 4 H): the recurrent ones, likewise; kept (T, D, B) bool: where it is False, states are 0 whatever is read.
    """
    found: Tensor = _Recurrence.apply(gates, weight, kept)
    return found


class _Recurrence(torch.autograd.Function):
    """Per step, with i, f, o the opened gates and s that of the candidate: c' = (i (2 s - 1) + f c) kept,
    h' = o (2 sigmoid(2 c') - 1).
    """

    @staticmethod
    def forward(ctx: Any, gates: Tensor, weight: Tensor, kept: Tensor) -> Tensor:
        opened = torch.empty_like(gates)
        cells, squashed, hidden = (gates.new_empty(*gates.shape[:3], weight.shape[1]) for _ in range(3))
        ragged, doubled_weight = _ragged(kept, gates.dtype), 2.0 * weight
        for step, (gate, cell, squash, half) in enumerate(zip(opened, cells, squashed, hidden, strict=True)):
            if step:
                torch.baddbmm(gates[step], hidden[step - 1], doubled_weight, out=gate).sigmoid_()
            else:
                torch.sigmoid(gates[0], out=gate)
            enter, forget, candidate, leave = gate.chunk(4, dim=-1)
            if step:
                torch.mul(forget, cells[step - 1], out=cell).addcmul_(enter, candidate, value=4.0)
            else:
                torch.mul(enter, candidate, out=cell).mul_(4.0)
            cell.sub_(enter, alpha=2.0)
            if step in ragged:
                cell.mul_(ragged[step])
            torch.sigmoid(cell, out=squash)
            torch.sub(squash, 0.5, out=half).mul_(leave)
        ctx.save_for_backward(opened, cells, squashed, weight)
        ctx.ragged = ragged
        return hidden.mul_(2.0)

    @staticmethod
    def backward(ctx: Any, gradient: Tensor) -> tuple[Tensor, None, None]:  # type: ignore[override]
        opened, cells, squashed, weight = ctx.saved_tensors
        slopes, through = _slopes(opened, cells, squashed)
        forget, size = opened.chunk(4, dim=-1)[1], weight.shape[1]
        backwards = weight.transpose(1, 2).contiguous()
        to_cell = torch.zeros_like(cells[0])
        for step in range(len(opened) - 1, -1, -1):
            to_hidden = gradient[step]
            if step + 1 < len(opened):
                to_hidden = torch.baddbmm(to_hidden, slopes[step + 1], backwards)
                to_cell.mul_(forget[step + 1])
            to_cell.addcmul_(to_hidden, through[step])
            if step in ctx.ragged:
                to_cell.mul_(ctx.ragged[step])
            # In place the slopes become the gradient of the gates.
            slopes[step, ..., : 3 * size].unflatten(-1, (3, size)).mul_(to_cell[..., None, :])
            slopes[step, ..., 3 * size :].mul_(to_hidden)
        return slopes, None, None


def _slopes(opened: Tensor, cells: Tensor, squashed: Tensor) -> tuple[Tensor, Tensor]:
    """Per step d(cell)/d(gate) of input, forget and candidate and d(hidden)/d(gate) of the output, side by side, and
    d(hidden)/d(cell); gates before their sigmoid, the candidate's doubled. `cells` are 2 c, `squashed` sigmoid(2 c).
    """
    enter, _, candidate, _ = opened.chunk(4, dim=-1)
    slopes = torch.addcmul(opened, opened, opened, value=-1.0)
    to_enter, to_forget, to_candidate, to_leave = slopes.chunk(4, dim=-1)
    to_enter.mul_((2.0 * candidate).sub_(1.0))
    to_forget[0].zero_()
    to_forget[1:].mul_(0.5 * cells[:-1])
    to_candidate.mul_(enter).mul_(2.0)
    to_leave.mul_((2.0 * squashed).sub_(1.0))
    through = torch.addcmul(squashed, squashed, squashed, value=-1.0).mul_(4.0).mul_(opened.chunk(4, dim=-1)[3])
    return slopes, through


def _ragged(kept: Tensor, dtype: torch.dtype) -> dict[int, Tensor]:
    """By step what to multiply the cells (D, B, H) with, where it is not 1 for all."""
    steps = (~kept).flatten(1).any(dim=1).nonzero().squeeze(1).tolist()
    return {step: kept[step, ..., None].to(dtype) for step in steps}
