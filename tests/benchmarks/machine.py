"""The machine: what it is, and how many floating-point operations per second its matrix products reach.

    python tests/benchmarks/machine.py auto

Prints JSON. On the CPU the rate is that of one thread, by CPU seconds; on a GPU float32 without TF32, as in the stages.
"""

import json
import os
import platform
import statistics
import subprocess
import sys
from pathlib import Path
from typing import Any

if __name__ == "__main__":
    HERE = Path(__file__).parents[1]
    sys.path[:0] = [str(HERE), str(HERE.parent / "workflow" / "src")]

import torch

from attnexplain.models.device import make_deterministic, resolve
from benchmarks.measure import timed

SIDE = {"cpu": 2048, "cuda": 8192}  # of the square matrices
REPEATS = 7


def description(device: str) -> dict[str, Any]:
    """Names and sizes; `gflops` by kind of device."""
    place = resolve(device)
    kinds = ["cpu"] if place.type == "cpu" else ["cpu", "cuda"]
    return {
        "cpu": _cpu(),
        "cores": len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count(),
        "memory_gib": round(os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30, 1),
        "instructions": torch.backends.cpu.get_cpu_capability(),
        "gpu": torch.cuda.get_device_name(place) if place.type == "cuda" else None,
        "system": platform.system(),
        "python": platform.python_version(),
        "torch": torch.__version__,
        "gflops": {kind: gflops(torch.device(kind)) for kind in kinds},
    }


def gflops(device: torch.device, side: int | None = None) -> float:
    """10^9 floating-point operations per second of a product of square float32 matrices, the median of several."""
    make_deterministic(device)
    n = SIDE[device.type] if side is None else side
    a, b = (torch.rand(n, n, device=device) for _ in range(2))
    seconds = [timed(lambda: a @ b, device)[0] for _ in range(REPEATS + 1)][1:]
    return 2 * n**3 / statistics.median(seconds) / 1e9


def _cpu() -> str:
    """The processor's name, where the system tells it."""
    if platform.system() == "Darwin":
        command = ["sysctl", "-n", "machdep.cpu.brand_string"]
        return subprocess.run(command, capture_output=True, text=True, check=False).stdout.strip() or "CPU"
    info = Path("/proc/cpuinfo")
    lines = info.read_text(encoding="utf-8").splitlines() if info.is_file() else []
    names = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    return names[0] if names else platform.processor() or "CPU"


if __name__ == "__main__":
    print(json.dumps(description(sys.argv[1])))
