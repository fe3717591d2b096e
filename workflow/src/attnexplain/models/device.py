"""Which device a job computes on."""

import os

import torch
from torch.utils import deterministic

from attnexplain.errors import ConfigError


def resolve(name: str) -> torch.device:
    """`auto` (CUDA where there is a GPU, else CPU), `cpu` or `cuda`."""
    if name not in ("auto", "cpu", "cuda"):
        raise ConfigError(f"resources.device: {name!r} is none of auto, cpu, cuda")
    if name == "cuda" and not torch.cuda.is_available():
        raise ConfigError("resources.device is 'cuda', but PyTorch finds no GPU here; use 'auto' or 'cpu'")
    return torch.device("cuda" if name != "cpu" and torch.cuda.is_available() else "cpu")


def make_deterministic(device: torch.device) -> None:
    """Same inputs, same bytes: one thread on the CPU, and no operation whose order of summation is left open.

    Changes the whole process: for stages, which own it, before their first computation.
    """
    if device.type == "cpu":
        torch.set_num_threads(1)
    else:
        os.environ.setdefault("CUBLAS_WORKSPACE_CONFIG", ":4096:8")  # read when cuBLAS is first used
        # TF32 keeps 10 bits of mantissa: batched would no longer equal single to 1e-5.
        torch.backends.cudnn.allow_tf32 = False
        torch.backends.cuda.matmul.allow_tf32 = False
    # As use_deterministic_algorithms(True), which imports PyTorch's compiler too, for a second.
    torch.set_deterministic_debug_mode("error")
    # Nothing here reads uninitialised memory, and filling it takes a third of the training time.
    deterministic.fill_uninitialized_memory = False  # type: ignore[attr-defined]
