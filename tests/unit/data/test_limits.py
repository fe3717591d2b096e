"""Expected class counts are shares worked out by hand."""

import numpy as np
import pyarrow as pa
import pytest

from attnexplain.data.limits import limited
from attnexplain.data.stratify import stratified

TABLE = pa.table({"row": list(range(100)), "label": [0] * 70 + [1] * 30})


def test_each_class_keeps_its_share_and_the_order_stays():
    taken = limited(TABLE, 10, "train")
    assert sum(taken["label"].to_pylist()) == 10 * 30 // 100
    assert taken["row"].to_pylist() == sorted(set(taken["row"].to_pylist()))
    assert taken.num_rows == 10


@pytest.mark.parametrize("limit", [None, 100, 101])
def test_a_limit_of_the_size_or_more_changes_nothing(limit):
    assert limited(TABLE, limit, "train").equals(TABLE)


def test_the_subset_is_fixed_and_each_split_has_its_own():
    assert limited(TABLE, 50, "train").equals(limited(TABLE, 50, "train"))
    assert not limited(TABLE, 50, "train").equals(limited(TABLE, 50, "dev"))


@pytest.mark.parametrize("size", range(1, 12))
def test_every_size_is_met_exactly_with_uneven_classes(size):
    labels = ["a", "b", "b", "c", "c", "c", "c", "a", "b", "c", "c"]
    chosen = stratified(labels, size, np.random.default_rng(0))
    assert len(set(chosen)) == size
    for name in "abc":
        share = size * labels.count(name) / len(labels)
        assert abs(sum(labels[i] == name for i in chosen) - share) < 1


def test_examples_without_labels_are_drawn_as_one_class():
    assert limited(pa.table({"label": pa.array([None] * 9, pa.int32())}), 4, "train").num_rows == 4


def test_every_example_of_a_class_can_be_drawn():
    drawn = {i for seed in range(60) for i in stratified([0, 0, 0, 1], 2, np.random.default_rng(seed))}
    assert drawn == {0, 1, 2, 3}


def test_a_rare_class_keeps_an_example_where_there_is_a_seat_left():
    assert 9 in stratified([0] * 9 + [1], 2, np.random.default_rng(0))
