"""Options of training that a block of the grid gives for its runs: whose they are, and what is refused."""

from pathlib import Path
from typing import Any

import pytest

from attnexplain.errors import ConfigError
from attnexplain.plan.study_plan import StudyPlan
from studies import plan

PLAIN: dict[str, Any] = {"encoder": "bilstm", "attention": "additive"}
ADVERSARY: dict[str, Any] = {"name": "adversarial", "base": {"regulariser": "none"}}
LONGER: dict[str, Any] = {**PLAIN, "regulariser": ADVERSARY, "training": {"epochs": 80}}
GUIDE: dict[str, Any] = {
    "encoder": "average",
    "attention": {"name": "frozen", "base": {**PLAIN, "regulariser": ADVERSARY}},
}


def planned(tmp_path: Path, *blocks: dict[str, Any], **changes: Any) -> StudyPlan:
    return plan(tmp_path, {"grid": list(blocks), "seeds": [1], **changes})


def epochs(spec: dict[str, Any]) -> int:
    return int(spec["training"]["epochs"])


def test_a_block_trains_its_runs_by_its_own_options_and_no_others(tmp_path: Path) -> None:
    base, adversary = planned(tmp_path, PLAIN, LONGER).runs.values()
    assert (epochs(base), epochs(adversary), epochs(adversary["base"])) == (8, 80, 8)
    assert adversary["base"] == base


def test_they_are_identity_as_options_of_the_study_are(tmp_path: Path) -> None:
    block = {**PLAIN, "training": {"epochs": 9}}
    assert list(planned(tmp_path, block).runs) == list(planned(tmp_path, PLAIN, training={"epochs": 9}).runs)
    assert list(planned(tmp_path, {**PLAIN, "training": {"epochs": 8}}).runs) == list(planned(tmp_path, PLAIN).runs)


def test_a_base_has_the_options_of_the_block_that_has_it(tmp_path: Path) -> None:
    found = planned(tmp_path, GUIDE, PLAIN, LONGER)
    guide = next(spec for spec in found.runs.values() if spec["encoder"]["name"] == "average")
    assert (epochs(guide), epochs(guide["base"]), epochs(guide["base"]["base"])) == (8, 80, 8)
    assert guide["base"]["run"] in found.runs


def test_a_base_that_no_block_has_is_trained_by_the_options_of_its_data_set(tmp_path: Path) -> None:
    guide = {**GUIDE, "training": {"epochs": 3}}
    changes = {"per_dataset": {"reviews": {"training": {"epochs": 5}}}}
    (spec,) = planned(tmp_path, guide, **changes).runs.values()
    assert (epochs(spec), epochs(spec["base"]), epochs(spec["base"]["base"])) == (3, 5, 5)


def test_a_base_that_is_excluded_keeps_the_options_of_its_block(tmp_path: Path) -> None:
    found = planned(tmp_path, GUIDE, PLAIN, LONGER, exclude=[{"regulariser": "adversarial"}])
    guide = next(spec for spec in found.runs.values() if spec["encoder"]["name"] == "average")
    assert epochs(guide["base"]) == 80 and guide["base"]["run"] not in found.runs


def test_seeds_of_one_cell_are_trained_alike(tmp_path: Path) -> None:
    """Tables pool them, and a base of another seed than its block's is of the same kind."""
    blocks = [{**PLAIN, "seeds": [1], "training": {"epochs": 80}}, {**PLAIN, "seeds": [2]}]
    with pytest.raises(ConfigError, match=r"grid\[0\] and grid\[1\] both have .*epochs: 80 and 8"):
        planned(tmp_path, *blocks, seeds=[1, 2])
    guide = {"encoder": "average", "attention": {"name": "frozen", "base": PLAIN}}
    found = planned(tmp_path, blocks[0], guide, seeds=[1, 2]).runs.values()
    assert {epochs(spec["base"]) for spec in found if spec["base"]} == {80}


def test_two_blocks_that_disagree_on_a_point_are_refused(tmp_path: Path) -> None:
    with pytest.raises(ConfigError) as error:
        planned(tmp_path, {**PLAIN, "regulariser": ["none", ADVERSARY]}, LONGER)
    said = ["study.yaml: grid[0] and grid[1] both have reviews.bilstm.additive.adversarial", "(epochs: 8 and 80)"]
    assert all(words in str(error.value) for words in [*said, "narrow one of the blocks"])


def test_two_blocks_that_agree_on_a_point_are_not(tmp_path: Path) -> None:
    found = planned(tmp_path, {**PLAIN, "training": {"epochs": 8}}, {**PLAIN, "regulariser": ["none", "diversity"]})
    assert len(found.runs) == 2
