"""The simulations on few replicates, their generators against large samples, and the page against its rows."""

import csv
import math

import numpy as np
import pytest

from simulations import draw, table
from simulations.catalogue import QUESTIONS, simulated, tasks
from simulations.cell import Cell, summary
from simulations.questions import coverage, disattenuation, pairs


@pytest.mark.parametrize("values", draw.VALUES)
@pytest.mark.parametrize("variance", ["examples", "neither"])
def test_the_known_mean_is_that_of_a_large_sample(values, variance):
    rng = np.random.default_rng(1)
    z, _ = draw.latent(rng, variance, 4000, 50)
    drawn = np.concatenate([draw.VALUES[values].of(draw.latent(rng, variance, 2, 500)[0]).ravel() for _ in range(400)])
    assert z.std() == pytest.approx(1, abs=0.15)
    assert drawn.mean() == pytest.approx(draw.VALUES[values].mean, abs=0.005)


@pytest.mark.parametrize("values", draw.VALUES)
def test_means_given_a_seed_are_those_of_a_large_sample_and_average_to_the_mean(values):
    known, rng = draw.VALUES[values], np.random.default_rng(2)
    found = known.of(0.7 + np.sqrt(0.5) * rng.standard_normal(400_000)).mean()
    assert known.mean_given(np.array([0.7]), 0.5)[0] == pytest.approx(found, abs=0.003)
    assert known.mean_given(np.array([0.0]), 1.0)[0] == pytest.approx(known.mean, abs=1e-3)
    over_seeds = known.mean_given(np.sqrt(0.5) * rng.standard_normal(20_000), 0.5).mean()
    assert over_seeds == pytest.approx(known.mean, abs=0.01)


def test_values_look_like_what_they_are_named_after():
    z = np.random.default_rng(3).standard_normal(100_000)
    tau, tvd, accuracy = (draw.VALUES[name].of(z) for name in ("tau", "tvd", "accuracy"))
    assert -1 <= tau.min() < -0.5 and 0.9 < tau.max() <= 1
    assert tvd.min() >= 0 and tvd.max() <= 1 and np.median(tvd) < tvd.mean() - 0.03
    assert set(accuracy) == {0.0, 1.0}


@pytest.mark.parametrize("variance", draw.SHARES)
def test_parts_have_the_shares_that_are_named(variance):
    rng, of = np.random.default_rng(4), draw.SHARES[variance]
    drawn = np.stack([draw.latent(rng, variance, 2, 2)[0] for _ in range(40_000)])
    covariance = np.cov(drawn.reshape(-1, 4).T)  # (s0, e0), (s0, e1), (s1, e0), (s1, e1)
    assert covariance[0, 1] == pytest.approx(of[0], abs=0.03) and covariance[0, 2] == pytest.approx(of[1], abs=0.03)
    assert covariance[0, 0] == pytest.approx(1, abs=0.03) and covariance[0, 3] == pytest.approx(0, abs=0.03)


def test_tables_correlate_as_asked():
    rng = np.random.default_rng(5)
    found = [draw.alike(rng, "even", 3, 2, 2, of_seeds=0.5, of_examples=0.8) for _ in range(40_000)]
    covariance = np.cov(np.stack(found)[:, :2].reshape(-1, 8).T)
    of_seed, of_example, _ = draw.SHARES["even"]
    assert covariance[0, 0] == pytest.approx(1, abs=0.03)
    assert covariance[0, 4] == pytest.approx(0.5 * of_seed + 0.8 * of_example, abs=0.03)
    assert covariance[0, 5] == pytest.approx(0.5 * of_seed, abs=0.03)


def test_class_wise_values_are_missing_by_example_and_whatever_they_are():
    kept = draw.present(np.random.default_rng(6), "class-wise", 10, 20_000)
    share = kept.mean(axis=0)
    assert kept.mean() == pytest.approx(0.5, abs=0.02)
    assert (share < 0.15).mean() > 0.2 < (share > 0.85).mean()
    assert draw.present(np.random.default_rng(6), "complete", 2, 3).all()


@pytest.mark.parametrize(("values", "expected"), [("normal", 0.3), ("distance", 0.8), ("line", 0.8)])
def test_the_known_mean_of_pairs_is_that_of_a_large_sample(values, expected):
    rng, sums = np.random.default_rng(7), []
    for _ in range(3000):
        drawn, mean = pairs.VALUES[values](rng, "seeds", 3, 20)
        sums.append(drawn[~np.eye(3, dtype=bool)].mean())
    assert mean == pytest.approx(expected)
    assert np.mean(sums) == pytest.approx(mean, abs=4 * np.std(sums) / np.sqrt(len(sums)))


def test_the_known_tau_is_that_of_greiner():
    rng, of = np.random.default_rng(8), disattenuation.RHO
    assert disattenuation.true_tau("normal") == pytest.approx(2 / math.pi * math.asin(of))
    first, second = disattenuation._noiseless(rng, "normal", (2, 200_000))
    assert np.corrcoef(first[0], second[0])[0, 1] == pytest.approx(of, abs=0.01)


def test_an_interval_known_to_be_wrong_is_seen_to_undercover_and_the_right_one_to_cover():
    wrong = coverage.simulate(Cell("coverage", "independent", "normal", "seeds", "complete", 3, 200), 100)
    right = coverage.simulate(Cell("coverage", "two-way", "normal", "seeds", "complete", 3, 200), 200)
    assert wrong["coverage"].mean() < 0.5 < 0.88 < right["coverage"].mean()


def test_pairs_taken_as_independent_are_seen_to_undercover():
    cells = [Cell("pairs of seeds", kind, "normal", "seeds", "complete", 5, 50) for kind in pairs.KINDS]
    jackknife, independent = (pairs.simulate(cell, 150)["coverage"].mean() for cell in cells)
    assert independent < 0.7 < 0.88 < jackknife


def test_one_seed_covers_the_mean_of_its_model_and_not_of_models():
    found = coverage.simulate(Cell("coverage", "examples-only", "tau", "seeds", "complete", 1, 200), 200)
    assert found["coverage"].mean() < 0.5 < 0.88 < found["coverage of the one model's mean"].mean()


@pytest.mark.parametrize("name", QUESTIONS)
def test_every_question_runs_and_gives_the_same_numbers_again(name):
    every = tasks([name], 2)
    assert len({cell for cell, _ in every}) == len(every)
    by_kind = {(cell.kind, cell.values): (cell, 2) for cell, _ in sorted(every, key=lambda one: -one[0].n_seeds)}
    for task in by_kind.values():
        rows = simulated(task)
        assert rows == simulated(task)
        assert {row["quantity"] for row in rows} & set(QUESTIONS[name].shown)
        assert all(row["replicates"] + row["undefined"] == 2 for row in rows)


def test_kinds_see_the_same_values_and_other_cells_others():
    cell = Cell("coverage", "two-way", n_seeds=3)
    same, other = Cell("coverage", "mixed-model", n_seeds=3, share=0.1), Cell("coverage", "two-way", n_seeds=5)
    first, second, third = (one.generator().random() for one in (cell, same, other))
    assert first == second != third


def test_a_summary_counts_what_has_no_value():
    found = summary("coverage", np.array([1.0, 0.0, np.nan, 1.0]), (0.9, 0.97))
    assert (found.replicates, found.undefined, found.on_target) == (3, 1, False)
    assert found.estimate == pytest.approx(2 / 3)
    assert found.monte_carlo_se == pytest.approx(np.std([1, 0, 1], ddof=1) / math.sqrt(3))
    nothing = summary("coverage", np.array([np.nan]), (0.9, 0.97))
    assert (nothing.estimate, nothing.monte_carlo_se, nothing.on_target) == (None, None, None)


def row(kind="two-way", n_seeds=3, estimate=0.95, **more):
    low, high = 0.9, 0.97
    settings = Cell("coverage", kind, "tvd", "even", "complete", n_seeds, 50).settings()
    found = {"quantity": "coverage", "replicates": 400, "undefined": 1, "estimate": estimate, "monte_carlo_se": 0.011}
    return {**settings, **found, "target_low": low, "target_high": high, "on_target": low <= estimate <= high, **more}


def test_the_page_shows_what_falls_short(tmp_path):
    rows = [row(), row(values="tau", estimate=0.8125), row(n_seeds=2, estimate=0.7), row("mixed-model", estimate=0.98)]
    table.write(tmp_path / "docs" / "proof", rows, 400)
    page = (tmp_path / "docs" / "proof.md").read_text()
    assert "| coverage | two-way | coverage | .900 to .970 | – | .700↓ | .812↓ to .950 | 1 of 2 |" in page
    assert "| coverage | mixed-model | coverage | .900 to .970 | – | – | .980↑ | 1 of 1 |" in page
    assert "- coverage .812↓" not in page and "tau, even, complete, 3 seeds, 50 examples: coverage .812↓ ± .011" in page
    assert "400 replicates a cell" in page and "`proof.csv`" in page and "## Pairs of seeds" not in page
    with (tmp_path / "docs" / "proof.csv").open() as file:
        written = list(csv.DictReader(file))
    assert [float(one["estimate"]) for one in written] == [0.95, 0.8125, 0.7, 0.98]
    assert written[0]["monte_carlo_se"] == "0.011" and written[0]["level"] == ""


def test_the_page_says_where_nothing_falls_short():
    assert "`two-way` is on target in every cell of three seeds or more" in table.page("proof", [row()], 400)


@pytest.mark.parametrize(("value", "text"), [(0.95, ".950"), (-0.0123, "-.012"), (1.0, "1.000"), (2.5, "2.500")])
def test_digits(value, text):
    assert table.digits(value) == text
