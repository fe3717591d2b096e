"""Which sides are compared, and the interval of a kind that is not symmetric; numbers are in the test of the stage."""

from itertools import combinations

import numpy as np
import pytest

from attnexplain.statistics.contrasts import Cell, Measured, contrast_rows, pairs_of
from attnexplain.statistics.inference import Inference
from attnexplain.statistics.intervals import crossed_bootstrap

AXES = dict.fromkeys(("dataset", "limits", "attention", "normaliser", "regulariser"), "x")
SETTINGS = {"confidence": 0.9, "bootstrap": 100, "margins": {}}
METHODS = ("attention", "gradient", "leave-one-out", "random")


def cell(seed, encoder="cnn", control="none", pairs=()):
    rng = np.random.default_rng(seed)
    keys = [("entropy", "attention", ""), *(("tau", *pair) for pair in pairs)]
    axes = {**AXES, "encoder": encoder, "control": control}
    return Cell(axes, [1, 2, 3], {key: Measured(rng.gamma(0.3, size=(3, 9))) for key in keys})


def rows(cells, axis, interval="two-way"):
    return [*contrast_rows(pairs_of(cells, [axis], {}), {}, Inference.of({**SETTINGS, "interval": interval}))]


def test_pairs_of_methods_are_compared_where_they_share_one_and_only_there():
    found = rows([cell(0, pairs=combinations(METHODS, 2))], "method")
    taken = {(row["method"], row["method_b"], row["value"], row["other"]) for row in found}
    # Six pairs: fifteen comparisons less the three of pairs that have nothing in common.
    assert len(found) == len(taken) == 12
    assert all({row["method"], row["method_b"]} > {row["value"]} and row["value"] != row["other"] for row in found)
    assert {row["metric"] for row in found} == {"tau"}


def test_every_two_cells_that_differ_in_one_axis_are_compared_in_order():
    cells = [
        cell(i, encoder, control)
        for i, (encoder, control) in enumerate(
            [("cnn", "none"), ("average", "none"), ("bilstm", "none"), ("cnn", "untrained")]
        )
    ]
    found = [(row["value"], row["other"]) for row in rows(cells, "encoder")]
    assert found == [("average", "bilstm"), ("average", "cnn"), ("bilstm", "cnn")]
    assert [(row["encoder"], row["value"], row["other"]) for row in rows(cells, "control")] == [
        ("cnn", "none", "untrained")
    ]
    assert rows(cells, "attention") == []


def test_skewed_limits_lie_on_the_side_of_the_difference():
    first, second = cell(1, "average"), cell(2, "cnn")
    gaps = first.measured["entropy", "attention", ""].values - second.measured["entropy", "attention", ""].values
    (row,) = rows([second, first], "encoder", "crossed-bootstrap")
    limits = crossed_bootstrap.interval(gaps.ravel(), *np.indices(gaps.shape).reshape(2, -1), 0.9, resamples=100)
    assert (row["ci_low"], row["ci_high"]) == pytest.approx((limits.low, limits.high))
    assert abs((limits.low + limits.high) / 2 - gaps.mean()) > 1e-3
