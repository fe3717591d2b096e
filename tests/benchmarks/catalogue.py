"""All stages that are measured, in the order of the workflow, and their cases."""

from collections.abc import Iterator, Sequence

from benchmarks.case import Stage
from benchmarks.stages.adversaries import EXACT, EXACT_PAIRS, EXACT_THREE, SEARCH
from benchmarks.stages.agreement import TAU
from benchmarks.stages.attribution import GRADIENT, INTEGRATED, LEAVE_ONE_OUT
from benchmarks.stages.forward import FORWARD
from benchmarks.stages.permutation import PERMUTATION
from benchmarks.stages.tables import PARQUET
from benchmarks.stages.text import TOKENISATION
from benchmarks.stages.training import TRAINING

_ALL = (
    TOKENISATION,
    TRAINING,
    FORWARD,
    GRADIENT,
    LEAVE_ONE_OUT,
    INTEGRATED,
    PERMUTATION,
    SEARCH,
    EXACT,
    EXACT_THREE,
    EXACT_PAIRS,
    TAU,
    PARQUET,
)
STAGES: dict[str, Stage] = {stage.name: stage for stage in _ALL}


def cases(stages: Sequence[str], tokens: Sequence[int], encoders: Sequence[str]) -> Iterator[tuple[str, str, int]]:
    """(stage, encoder, tokens) of what was asked for, as far as a stage has such an encoder and such a length."""
    for stage in (STAGES[name] for name in stages):
        for encoder in (name for name in stage.encoders if name in (*encoders, "none")):
            for length in (length for length in tokens if stage.tokens is None or length in stage.tokens):
                yield stage.name, encoder, length
