"""Going on when memory runs out: less goes through a model at once, until it fits.

Texts do not see each other, so that cutting a batch changes no number but by rounding.
"""

import logging
from collections.abc import Callable, Sequence
from typing import TypeVar

import torch

from attnexplain.data.batching import Batch
from attnexplain.errors import AttnExplainError

LOGGER = logging.getLogger(__name__)

LEAST = 64  # positions: what does not fit in the memory of so few will not fit in less
# PyTorch has a type for want of memory on a GPU; on the CPU, and in the libraries of NVIDIA, a RuntimeError says it.
SIGNS = ("DefaultCPUAllocator: can't allocate memory", "CUBLAS_STATUS_ALLOC_FAILED", "CUDNN_STATUS_ALLOC_FAILED")

T = TypeVar("T")


class Budget:
    """Positions (texts x padded length) put through a model at once, halved for good whenever memory runs out.

    `setting` is the option that sets it, named in the log; None where none does.
    """

    def __init__(self, positions: int, setting: str | None = "resources.tokens_per_batch") -> None:
        self.positions = positions
        self.setting = setting

    def spend(self, batch: Batch, compute: Callable[[Sequence[Batch]], T]) -> T:
        """`compute` of the batch cut into pieces, begun again with smaller ones where memory runs out.

        What else `compute` makes as large as it likes should keep to `positions`, read anew each time. Where memory
        does not even do for texts by themselves, the error says how long they are.
        """
        while True:
            try:
                return compute(batch.pieces(self.positions))
            except (MemoryError, RuntimeError) as error:
                if not ran_out_of_memory(error):
                    raise
                self._halve(batch, error)

    def _halve(self, batch: Batch, error: Exception) -> None:
        failed = min(self.positions, len(batch.index) * batch.width)
        if failed <= LEAST:
            raise AttnExplainError(
                "out of memory, although texts go through the model by themselves; the longest of these has"
                f" {int(batch.attended.sum(dim=1).max())} words. Give the job more memory, or cut texts with the"
                f" tokeniser's `max_length`, which makes other runs ({_line(error)})"
            ) from error
        self.positions = max(LEAST, failed // 2)
        setting = f"; `{self.setting}` sets it" if self.setting else ""
        LOGGER.warning(
            "out of memory with %d positions (texts x padded length) at once; from here on at most %d%s (%s)",
            failed,
            self.positions,
            setting,
            _line(error),
        )


def ran_out_of_memory(error: BaseException) -> bool:
    """Whether an error says that memory, of the machine or of the GPU, does not suffice."""
    if isinstance(error, MemoryError | torch.OutOfMemoryError):
        return True
    return isinstance(error, RuntimeError) and any(sign in str(error) for sign in SIGNS)


def _line(error: BaseException) -> str:
    """The beginning of what the library says."""
    return (str(error).splitlines() or [type(error).__name__])[0]
