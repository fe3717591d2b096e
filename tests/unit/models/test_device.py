"""The choice of a device. Expected: the table in the docstring."""

import pytest
import torch

from attnexplain.errors import ConfigError
from attnexplain.models.device import resolve


@pytest.mark.parametrize(
    ("name", "gpu", "found"),
    [("auto", True, "cuda"), ("auto", False, "cpu"), ("cpu", True, "cpu"), ("cuda", True, "cuda")],
)
def test_the_device_found(monkeypatch, name, gpu, found):
    monkeypatch.setattr(torch.cuda, "is_available", lambda: gpu)
    assert resolve(name).type == found


def test_cuda_without_a_gpu_says_what_to_do(monkeypatch):
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    with pytest.raises(ConfigError, match="use 'auto' or 'cpu'"):
        resolve("cuda")


def test_an_unknown_device_is_refused():
    with pytest.raises(ConfigError, match="none of auto, cpu, cuda"):
        resolve("tpu")
