"""State of a job that may be killed: written atomically, and given up where it cannot be read."""

import logging
import os
import pickle
from pathlib import Path
from typing import Any
from zipfile import BadZipFile

import torch

LOGGER = logging.getLogger(__name__)


def save_state(path: Path, state: dict[str, Any]) -> None:
    """Write tensors and plain values; `path` holds the old state or the new one, never a part."""
    path.parent.mkdir(parents=True, exist_ok=True)
    partial = path.with_name(f".{path.name}.{os.getpid()}.tmp")
    torch.save(state, partial)
    partial.replace(path)


def load_state(path: Path) -> dict[str, Any] | None:
    """The saved state on the CPU; None where there is none or it cannot be read (said in the log)."""
    if not path.exists():
        return None
    try:
        return dict(torch.load(path, map_location="cpu", weights_only=True))
    except (OSError, EOFError, RuntimeError, ValueError, TypeError, pickle.UnpicklingError, BadZipFile) as error:
        LOGGER.warning("%s cannot be read (%s); starting from the beginning", path, error)
        return None
