"""One case in this process, on one thread: rates, memory, and the difference from the reference, as JSON.

python tests/benchmarks/measure.py STAGE ENCODER TOKENS REPEATS DEVICE
"""

import json
import resource
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

if __name__ == "__main__":
    HERE = Path(__file__).parents[1]
    sys.path[:0] = [str(HERE), str(HERE.parent / "workflow" / "src")]

import numpy as np
import torch

from attnexplain.models.device import make_deterministic, resolve
from benchmarks.case import Case, Setting
from benchmarks.catalogue import STAGES

MIB = 2**20


def measured(case: Case, setting: Setting, repeats: int) -> dict[str, Any]:
    """Ours and the reference by turns, medians; both warm up once, ours first so that the peak is its own."""
    found = case.fast()
    peak = peak_mib(setting.device)
    expected = case.naive()
    seconds: list[tuple[float, float]] = []
    for _ in range(repeats):
        ours, found = timed(case.fast, setting.device)
        theirs, expected = timed(case.naive, setting.device)
        seconds.append((ours, theirs))
    rates = np.array([setting.examples, setting.reference_examples]) / np.array(seconds)
    (low, low_reference), (rate, rate_reference), (high, high_reference) = np.quantile(rates, (0.25, 0.5, 0.75), axis=0)
    return {
        "mean_tokens": case.mean_tokens,
        "examples": setting.examples,
        "reference_examples": setting.reference_examples,
        "examples_per_s": rate,
        "examples_per_s_iqr": high - low,
        "reference_examples_per_s": rate_reference,
        "reference_examples_per_s_iqr": high_reference - low_reference,
        "ratio": rate / rate_reference,
        "largest_difference": case.difference(found, expected),
        "peak_mib": peak,
        "flops_per_example": case.flops,
    }


def timed(function: Callable[[], Any], device: torch.device) -> tuple[float, Any]:
    """CPU seconds of a call, which other processes do not lengthen; on a GPU, seconds until it has finished."""
    clock = _synchronised if device.type == "cuda" else time.process_time
    start = clock()
    result = function()
    return clock() - start, result


def _synchronised() -> float:
    torch.cuda.synchronize()
    return time.perf_counter()


def peak_mib(device: torch.device) -> float:
    """Most memory held so far: of the GPU its tensors, else the process's resident memory."""
    if device.type == "cuda":
        return torch.cuda.max_memory_allocated(device) / MIB
    unit = 1 if sys.platform == "darwin" else 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit / MIB


def main(name: str, encoder: str, tokens: str, repeats: str, device: str) -> None:
    """Refuses a case whose two ways differ by more than rounding: its rates would be of two different things."""
    stage = STAGES[name]
    place = resolve(device if stage.on_gpu else "cpu")
    make_deterministic(place)
    imports = peak_mib(torch.device("cpu"))
    with tempfile.TemporaryDirectory() as folder:
        setting = Setting(encoder, int(tokens), *stage.examples(int(tokens)), Path(folder), place)
        row = measured(stage.build(setting), setting, int(repeats))
    if row["largest_difference"] > stage.tolerance:
        sys.exit(
            f"{name}, {encoder}, {tokens} tokens: differs from the reference by {row['largest_difference']:.1e},"
            f" more than {stage.tolerance:.0e}"
        )
    case = {"stage": name, "encoder": encoder, "tokens": int(tokens), "device": place.type}
    print(json.dumps(case | row | {"imports_mib": imports}))


if __name__ == "__main__":
    main(*sys.argv[1:])
