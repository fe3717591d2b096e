"""Statistics of measures between runs, through their stage. Expected numbers: plain pandas on invented tables."""

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest

from attnexplain.errors import ResultError
from attnexplain.stages import statistics
from attnexplain.statistics.between import Pairs, null_range
from attnexplain.statistics.jackknife import per_run
from attnexplain.tables.between import SCHEMA
from attnexplain.tables.io import write_table
from measured_runs import PROVENANCE, SETTINGS, plugins, spec, write_run
from tiny import plugin

IMPOSED = plugin("between", "imposed-attention")
COLUMNS = ("imposed-attention:tvd", "imposed-attention:jsd")
N = 40


def write_between(folder, runs, undefined=()):
    """Invented values of every ordered pair of runs of one cell; those of the examples `undefined` are null."""
    rng, rows = np.random.default_rng(0), []
    for cell in runs:
        for metric in COLUMNS:
            for a in cell:
                for b in (other for other in cell if other != a):
                    values = rng.random(N)
                    rows += [
                        {
                            "example_id": f"test-{i}",
                            "run": a,
                            "run_b": b,
                            "method": "attention",
                            "metric": metric,
                            "value": None if i in undefined else value,
                            "n_tokens": 3,
                            "undefined_reason": "no token is attended" if i in undefined else None,
                        }
                        for i, value in enumerate(values)
                    ]
    path = folder / "between" / "sst.parquet"
    write_table(path, pa.Table.from_pylist(rows, SCHEMA.columns).take(rng.permutation(len(rows))), SCHEMA, PROVENANCE)
    return path


def computed(folder, measures, between=()):
    statistics.run(
        settings={**SETTINGS, "metrics": plugins(), "experiments": [], "between": [IMPOSED]},
        measures=measures,
        between=between,
        runs=folder / "runs",
        output=folder / "statistics.parquet",
        provenance=PROVENANCE,
    )
    rows = pd.read_parquet(folder / "statistics.parquet")
    return rows[rows["metric"].str.startswith("imposed-attention")]


def joined(folder, between, seeds):
    """The table with the class that run a predicts, and the mean over run b."""
    table = pd.read_parquet(between)
    parts = []
    for seed in seeds:
        run = spec(seed)["run"]
        predictions = pd.read_parquet(folder / "runs" / run / "predictions.parquet").query("split == 'test'")
        own = table[table["run"] == run].join(predictions.set_index("example_id")["target"], on="example_id")
        parts.append(own)
    keys = ["metric", "run", "example_id", "target"]
    return pd.concat(parts).groupby(keys)["value"].mean().reset_index()


def test_rows_equal_plain_pandas_for_all_and_each_class_of_the_run_at_work(tmp_path):
    seeds = (1, 2, 3)
    measures = [write_run(tmp_path, spec(seed), N) for seed in seeds]
    others = [write_run(tmp_path, spec(seed, encoder="cnn"), N) for seed in (1, 2)]
    cells = [[path.stem for path in measures], [path.stem for path in others]]
    between = write_between(tmp_path, cells, undefined=(4,))
    rows = computed(tmp_path, measures + others, [between]).query("encoder == 'bilstm'").set_index(["metric", "class"])
    values = joined(tmp_path, between, seeds)
    assert set(rows.index) == {(metric, name) for metric in COLUMNS for name in ("all", "0", "1")}
    for (metric, name), row in rows.iterrows():
        chosen = values[(values["metric"] == metric) & ((name == "all") | (values["target"].astype(str) == name))]
        defined = chosen.dropna(subset="value")
        assert row["mean"] == pytest.approx(defined["value"].mean(), rel=1e-12)
        assert row["std"] == pytest.approx(defined["value"].std(), rel=1e-12)
        assert row["n_examples"] == defined["example_id"].nunique()
        assert row["n_undefined"] == len(chosen) - len(defined)
        assert (row["n_seeds"], row["ci_kind"], row["method"]) == (3, "jackknife-seeds", "attention")
        assert row["ci_low"] < row["mean"] < row["ci_high"]
        assert row["options"] == "{}" and row[["missing_reason", "method_b"]].isna().all()


@pytest.mark.parametrize("method_b", [None, "gradient"])
@pytest.mark.parametrize("share", [1.0, 0.5])
def test_the_null_range_holds_the_share_of_means_it_says(method_b, share):
    """Values drawn from their null model again and again: of one method one number per pair of runs, of two two."""
    rng, shape = np.random.default_rng(1), (3, 3, 12)
    std = rng.uniform(0.1, 0.4, shape)
    std = (std + std.transpose(1, 0, 2)) / 2 if method_b is None else std
    used = rng.random((3, 12)) <= share
    diagonal = np.eye(3, dtype=bool)[:, :, None]
    means = []
    for _ in range(4000):
        drawn = rng.uniform(-1, 1, shape) * np.sqrt(3)
        drawn = np.where(np.tri(3)[:, :, None] > 0, drawn, drawn.transpose(1, 0, 2)) if method_b is None else drawn
        values = np.where(diagonal, np.nan, 0.1 + std * drawn)
        means.append(per_run(values)[used].mean())
    found = null_range(Pairs(values, np.full(shape, 0.1), std, method_b is None, None), used, 0.9)
    assert found == pytest.approx(np.quantile(means, [0.05, 0.95]), abs=0.006)


def test_two_seeds_are_labelled_examples_only(tmp_path):
    measures = [write_run(tmp_path, spec(seed), N) for seed in (1, 2)]
    rows = computed(tmp_path, measures, [write_between(tmp_path, [[path.stem for path in measures]])])
    assert set(rows["ci_kind"]) == {"examples-only"} and set(rows["n_seeds"]) == {2}


def test_a_cell_of_one_seed_says_what_it_lacks(tmp_path):
    measures = [write_run(tmp_path, spec(seed), N) for seed in (1, 2)]
    alone = write_run(tmp_path, spec(1, encoder="cnn"), N)
    between = write_between(tmp_path, [[path.stem for path in measures]])
    for rows in (computed(tmp_path, [*measures, alone], [between]), computed(tmp_path, [alone])):
        found = rows[rows["encoder"] == "cnn"]
        assert found[["metric", "class", "n_seeds"]].to_numpy().tolist() == [[name, "all", 0] for name in COLUMNS[::-1]]
        assert set(found["missing_reason"]) == {"needs two seeds"} and found["mean"].isna().all()


def test_a_class_that_is_never_predicted_and_a_value_never_defined_say_why(tmp_path):
    about = [{**spec(seed), "dataset": {**spec(seed)["dataset"], "classes": ["a", "b", "c"]}} for seed in (1, 2)]
    measures = [write_run(tmp_path, one, N) for one in about]
    cells = [[path.stem for path in measures]]
    rows = computed(tmp_path, measures, [write_between(tmp_path, cells, undefined=range(N))])
    reasons = {(row["class"], row["missing_reason"]) for row in rows.to_dict("records")}
    undefined = "undefined for every example; most often: no token is attended"
    never = "no test example is predicted as this class"
    assert reasons == {("all", undefined), ("0", undefined), ("1", undefined), ("2", never)}
    assert set(rows.loc[rows["class"] == "all", "n_undefined"]) == {2 * N}


def test_a_table_of_other_runs_is_refused(tmp_path):
    measures = [write_run(tmp_path, spec(seed), N) for seed in (1, 2, 3)]
    between = write_between(tmp_path, [[path.stem for path in measures[:2]]])
    with pytest.raises(ResultError, match=r"seeds of sst .* rebuild it"):
        computed(tmp_path, measures, [between])
