"""PyTorch's Adam as it is, without the import of PyTorch's compiler.

Each of Adam's methods first tells the compiler to leave it alone, and to that end imports the compiler: a second of
every job that takes a step. Nothing here is compiled, so the methods are taken from under those wrappers.
"""

from inspect import unwrap

import torch
from torch.optim import Optimizer


class Adam(torch.optim.Adam):
    """Adam (Kingma and Ba 2015), with `amsgrad` that of Reddi et al. (2018); arguments and state as of PyTorch's."""

    add_param_group = unwrap(Optimizer.add_param_group)
    zero_grad = unwrap(Optimizer.zero_grad)
    state_dict = unwrap(Optimizer.state_dict)
    load_state_dict = unwrap(Optimizer.load_state_dict)
    step = torch.no_grad()(unwrap(torch.optim.Adam.step))  # one of the wrappers switches gradients off
