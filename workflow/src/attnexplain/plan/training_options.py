"""Options of training of each cell of the grid (a point, whatever the seed): of the block that has it, or its data set.

A block may give its runs options of their own (`training`). A run that another stands on has those of *its* block: it
is the run that the grid has. Where no block has it, it is trained with the data set's options. Seeds of one cell are
trained alike, since tables pool them: blocks of different seeds must agree too.
"""

from typing import Any

from attnexplain.config.load import LoadedStudy
from attnexplain.config.study import Training
from attnexplain.errors import ConfigError
from attnexplain.plan.grid import Point, block_points, point_key, point_name


class TrainingOptions:
    """Looks up options of training by grid point."""

    def __init__(self, loaded: LoadedStudy) -> None:
        self._loaded = loaded
        self._blocks: dict[Any, dict[int, Training]] = {}  # cell -> block -> options
        if not any(block.own_training for block in loaded.study.grid):
            return  # every block has those of the data set
        for index, block in enumerate(loaded.study.grid):
            for point in block_points(loaded.study, block):
                self._blocks.setdefault(_cell(point), {})[index] = loaded.training[index][point[0]]

    def of(self, point: Point) -> Training:
        """The options of one point; blocks that have its cell and disagree are refused."""
        options = self._blocks.get(_cell(point), {})
        if not options:
            return self._loaded.settings[point[0]].training
        first = next(iter(options))
        for index, other in options.items():
            if other != options[first]:
                raise ConfigError(self._disagreement(point, first, index))
        return options[first]

    def _disagreement(self, point: Point, one: int, other: int) -> str:
        both = [self._loaded.training[index][point[0]].model_dump(mode="json") for index in (one, other)]
        differ = [f"{key}: {value} and {both[1][key]}" for key, value in both[0].items() if value != both[1][key]]
        return (
            f"{self._loaded.where}: grid[{one}] and grid[{other}] both have {point_name(point)}, but with other options"
            f" of training ({', '.join(differ)}), and a cell of the grid is trained in one way: narrow one of the"
            " blocks (encoder, attention, regulariser or datasets), or give both the same `training`"
        )


def _cell(point: Point) -> Any:
    """A point, whatever the seed."""
    return point_key(point)[:-1]
