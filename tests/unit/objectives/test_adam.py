"""Adam without the import of PyTorch's compiler. Oracle: PyTorch's own."""

import pytest
import torch

from attnexplain.objectives.adam import Adam

OPTIONS = {"lr": 0.1, "amsgrad": True, "weight_decay": 0.01}


def parameters():
    random = torch.Generator().manual_seed(0)
    return [torch.nn.Parameter(torch.randn(shape, generator=random)) for shape in ((3, 2), (4,))]


def stepped(optimiser, ours, steps):
    for _ in range(steps):
        optimiser.zero_grad()
        sum(parameter.pow(3).sum() for parameter in ours).backward()
        optimiser.step()


@pytest.mark.parametrize("fused", [True, None])
def test_steps_are_those_of_pytorch_bit_for_bit(fused):
    ours, theirs = parameters(), parameters()
    stepped(Adam([{"params": ours[:1]}, {"params": ours[1:], "weight_decay": 0.0}], fused=fused, **OPTIONS), ours, 5)
    groups = [{"params": theirs[:1]}, {"params": theirs[1:], "weight_decay": 0.0}]
    stepped(torch.optim.Adam(groups, fused=fused, **OPTIONS), theirs, 5)
    assert all(torch.equal(one, other) for one, other in zip(ours, theirs, strict=True))


@pytest.mark.parametrize("before, after", [(Adam, torch.optim.Adam), (torch.optim.Adam, Adam)])
def test_a_state_of_either_goes_on_in_the_other(before, after):
    whole, cut = parameters(), parameters()
    stepped(torch.optim.Adam(whole, **OPTIONS), whole, 4)
    first, second = before(cut, **OPTIONS), after(cut, **OPTIONS)
    stepped(first, cut, 2)
    second.load_state_dict(first.state_dict())
    stepped(second, cut, 2)
    assert all(torch.equal(one, other) for one, other in zip(cut, whole, strict=True))


def test_gradients_are_on_again_after_a_step():
    ours = parameters()
    stepped(Adam(ours, **OPTIONS), ours, 1)
    assert torch.is_grad_enabled()
    assert all(parameter.requires_grad and parameter.is_leaf for parameter in ours)
