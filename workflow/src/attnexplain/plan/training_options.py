"""Options of training of each grid point: those of the block that has it, else those of its data set.

A block may give its runs options of their own (`training`). A run that another stands on has those of *its* block: it
is the run that the grid has. Where no block has it, it is trained with the data set's options.
"""

from collections import defaultdict
from typing import Any

from attnexplain.config.load import LoadedStudy
from attnexplain.config.study import Training
from attnexplain.errors import ConfigError
from attnexplain.plan.grid import Point, block_points, point_key, point_name


class TrainingOptions:
    """Looks up options of training by grid point."""

    def __init__(self, loaded: LoadedStudy) -> None:
        self._loaded = loaded
        self._blocks: dict[Any, list[int]] = defaultdict(list)
        if not any(block.own_training for block in loaded.study.grid):
            return  # every block has those of the data set
        for index, block in enumerate(loaded.study.grid):
            for point in block_points(loaded.study, block):
                self._blocks[point_key(point)].append(index)

    def of(self, point: Point) -> Training:
        """The options of one point; blocks that have it and disagree are refused."""
        blocks = self._blocks.get(point_key(point), [])
        if not blocks:
            return self._loaded.settings[point[0]].training
        options = {index: self._loaded.training[index][point[0]] for index in blocks}
        first = options[blocks[0]]
        for index, other in options.items():
            if other != first:
                raise ConfigError(self._disagreement(point, blocks[0], index))
        return first

    def _disagreement(self, point: Point, one: int, other: int) -> str:
        both = [self._loaded.training[index][point[0]].model_dump(mode="json") for index in (one, other)]
        differ = [f"{key}: {value} and {both[1][key]}" for key, value in both[0].items() if value != both[1][key]]
        return (
            f"{self._loaded.where}: grid[{one}] and grid[{other}] both have {point_name(point)}, but with other options"
            f" of training ({', '.join(differ)}), and a point of the grid is trained once: narrow one of the blocks"
            " (encoder, attention, regulariser, datasets or seeds), or give both the same `training`"
        )
