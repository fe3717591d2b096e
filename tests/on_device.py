"""A double for a tensor on a GPU: it computes as any other, and counts each time that the host waits for its values."""

from dataclasses import fields
from typing import Any

import torch
from torch import Tensor

from attnexplain.data.batching import Batch

WAITS = {
    getattr(Tensor, name)
    for name in ("cpu", "item", "tolist", "numpy", "nonzero", "__int__", "__float__", "__bool__", "__index__")
} | {torch.nonzero, torch.masked_select, Tensor.masked_select, torch.repeat_interleave, Tensor.repeat_interleave}
INDEXING = {Tensor.__getitem__, Tensor.__setitem__}


class OnDevice(Tensor):
    """What is computed with it lies on the device too, until `cpu()` brings it over."""

    waited = 0

    @classmethod
    def __torch_function__(cls, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        if func in WAITS or (func in INDEXING and _has_mask(args[1])):
            OnDevice.waited += 1
        with torch._C.DisableTorchFunctionSubclass():
            found = func(*args, **(kwargs or {}))
            return found.as_subclass(Tensor) if func is Tensor.cpu else _placed(found)


def on_device(batch: Batch) -> Batch:
    """The batch as it would be on a GPU."""
    parts = {field.name: getattr(batch, field.name) for field in fields(batch)}
    return Batch(**{name: None if part is None else part.as_subclass(OnDevice) for name, part in parts.items()})


def _has_mask(index: Any) -> bool:
    """Where truth values pick, their number decides the shape, so that the host has to know it."""
    parts = index if isinstance(index, tuple) else (index,)
    return any(isinstance(part, Tensor) and part.dtype == torch.bool for part in parts)


def _placed(found: Any) -> Any:
    if isinstance(found, Tensor):
        return found.as_subclass(OnDevice)
    return type(found)(map(_placed, found)) if type(found) in (list, tuple) else found
