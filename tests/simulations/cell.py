"""What is simulated: one cell of settings, many replicates, and what each replicate tells."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
Row = Mapping[str, Any]
SEED = 20_190_227  # of every simulation; change it and all numbers move within their Monte Carlo error
CONFIDENCE = 0.95
BY_CHANCE = (0.90, 0.97)  # where the coverage of a 95 % interval is called right
AT_MOST = (0.0, 0.07)  # where the error rate of a test at 5 % is


@dataclass(frozen=True)
class Cell:
    """Settings of one simulation.

    kind: of interval, test or correction; values, variance, design: names of `draw.py` or of the question; parameter:
    what else varies, and level its number; share: of the asked replicates, where one costs more or less than usual.
    """

    question: str
    kind: str
    values: str = "normal"
    variance: str = "even"
    design: str = "complete"
    n_seeds: int = 3
    n_examples: int = 200
    parameter: str = ""
    level: float | None = None
    share: float = field(default=1.0, compare=False)

    def settings(self) -> dict[str, Any]:
        """All but `share`, in the order of the csv."""
        return {name: value for name, value in asdict(self).items() if name != "share"}

    def generator(self) -> np.random.Generator:
        """The cell's own random numbers: they depend on what is drawn, not on the kind, its place or the machine.

        Two kinds thus see the same values, and differ by less than their Monte Carlo errors say.
        """
        text = "/".join(str(value) for name, value in self.settings().items() if name != "kind")
        return np.random.default_rng([SEED, *text.encode()])


@dataclass(frozen=True)
class Question:
    """A question to the statistics.

    simulate: (cell, replicates) -> per quantity the value of each replicate (R,), NaN where it has none; targets: where
    a quantity should lie, both ends; about: text of the page; by: settings that the page's rows are of, the other
    settings (but seeds, its columns) being summarised by the smallest and the largest; shown: quantities on the page;
    default: the kind whose cells off target are listed.
    """

    name: str
    cells: Callable[[], Iterable[Cell]]
    simulate: Callable[[Cell, int], Mapping[str, Floats]]
    targets: Mapping[str, tuple[float, float]]
    about: str
    by: tuple[str, ...]
    shown: tuple[str, ...]
    default: str | None = None


@dataclass(frozen=True)
class Summary:
    """Columns of the csv beside the settings: mean of the replicates that have a value, and how many have none."""

    quantity: str
    replicates: int
    undefined: int
    estimate: float | None
    monte_carlo_se: float | None
    target_low: float | None
    target_high: float | None
    on_target: bool | None


def rows_of(question: Question, cell: Cell, replicates: int) -> list[Row]:
    """One row per quantity of a cell, with its Monte Carlo standard error."""
    found = question.simulate(cell, max(2, round(replicates * cell.share)))
    return [{**cell.settings(), **asdict(summary(name, found[name], question.targets.get(name)))} for name in found]


def summary(quantity: str, values: Floats, target: tuple[float, float] | None) -> Summary:
    """Mean of the values of replicates (R,), NaN where one has none, and whether it is on target."""
    known = values[~np.isnan(values)]
    estimate = float(known.mean()) if len(known) else None
    error = float(known.std(ddof=1) / np.sqrt(len(known))) if len(known) > 1 else None
    low, high = target or (None, None)
    on_target = None if target is None or estimate is None else target[0] <= estimate <= target[1]
    return Summary(quantity, len(known), len(values) - len(known), estimate, error, low, high, on_target)
