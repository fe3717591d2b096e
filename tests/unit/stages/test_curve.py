"""Curves of invented runs, through their stage and those that read areas. Expected numbers: plain pandas and numpy."""

import json

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest

from attnexplain.errors import ResultError
from attnexplain.registry import load
from attnexplain.stages import agreement, contrast, curve, statistics, tables
from attnexplain.tables import between, measures
from attnexplain.tables.curves import KINDS, SCHEMA
from attnexplain.tables.io import write_table
from measured_runs import PROVENANCE, SETTINGS, spec, write_predictions
from tiny import plugin

N = 30
LAMBDAS = {"c00001": 0.01, "a00002": 0.1, "b00003": 1.0}
MEANS = {0.01: (0.01, 0.15), 0.1: (0.05, 0.35), 1.0: (0.3, 0.6)}  # of distance and divergence
UNIFORM, SEARCH, EXACT = "uniform-at-test", "adversary-2c1f9a", "adversary-exact"
SEEDS = {"name": "seed-variance", "id": "seed-variance", "options": {}}
CURVE = {**SETTINGS, "to": 0.5, "seeds": []}
AREA = "adversary-curve:area"


def base(seed, **changes):
    return {**spec(seed), "base": None, "regulariser": [], "attention": {"name": "additive"}, **changes}


def adversary(of, digest, regulariser=None):
    """A trained adversary of a run; `regulariser`: beside `adversarial`."""
    own = [{"name": "adversarial", "options": {"divergence": LAMBDAS[digest]}}]
    name = f"adversarial-{digest}" if regulariser is None else f"adversarial-{digest}+{regulariser}"
    slug = {**of["slug"], "regulariser": name}
    return {**of, "slug": slug, "run": f"{of['run']}.{name}", "regulariser": own, "base": of}


def uniform(of):
    slug = {**of["slug"], "attention": "uniform"}
    return {**of, "slug": slug, "run": f"{of['run']}.uniform", "attention": {"name": "uniform"}}


def write(folder, about, columns):
    """A run with predictions of its own, and measures that are given: metric -> values (N,), NaN where undefined."""
    run = folder / "runs" / about["run"]
    run.mkdir(parents=True)
    write_predictions(run, {**about, "seed": sum(map(ord, about["run"]))}, N)
    (run / "spec.json").write_text(json.dumps(about), encoding="utf-8")
    rows = [
        {
            "example_id": f"test-{i}",
            "method": "attention",
            "metric": metric,
            "value": None if np.isnan(value) else value,
            "n_tokens": 3,
            "undefined_reason": "no token" if np.isnan(value) else None,
        }
        for metric, values in columns.items()
        for i, value in enumerate(values)
    ]
    path = folder / "measures" / f"{about['run']}.parquet"
    shuffled = pa.Table.from_pylist(rows, measures.SCHEMA.columns).take(np.random.default_rng(1).permutation(len(rows)))
    write_table(path, shuffled, measures.SCHEMA, PROVENANCE)
    return path


def distances(rng, tvd, jsd, prefix="distance-to-base", column="jsd"):
    names = f"{prefix}:tvd", f"{prefix}:{column}"
    return {name: mean + rng.normal(0, 0.01, N) for name, mean in zip(names, (tvd, jsd), strict=True)}


def attack(folder, seeds=(1, 2), lambdas=tuple(LAMBDAS), means=MEANS, own=True, regulariser=None):
    """Bases of `seeds` with all that is measured of them, and their adversaries; the paths of their measures."""
    rng, paths = np.random.default_rng(0), []
    for seed in seeds:
        one = base(seed)
        if own:
            columns = distances(rng, 0.04, 0.2, UNIFORM) | distances(rng, 0.009, 0.5, SEARCH, "jsd_max")
            columns |= distances(rng, 0.01, 0.6, EXACT, "jsd_found") | {"kendall-tau-like": rng.random(N)}
            paths.append(write(folder, one, columns))
        for digest in lambdas:
            other = adversary(one, digest, regulariser)
            paths.append(write(folder, other, distances(rng, *means[LAMBDAS[digest]])))
    return paths


def curves(folder, paths, **more):
    settings = {**CURVE, **more.pop("settings", {})}
    places = {"runs": folder / "runs", "output": folder / "curves.parquet", "areas": folder / "areas.parquet"}
    curve.run(settings=settings, measures=paths, **places, provenance=PROVENANCE, **more)
    return pd.read_parquet(folder / "curves.parquet"), pd.read_parquet(folder / "areas.parquet")


def plain(paths, metric, part):
    """Values of a metric of the runs whose id holds `part`: rows are seeds, in the examples' order."""
    found = []
    for path in sorted(path for path in paths if part in path.stem):
        table = pd.read_parquet(path).query("metric == @metric").set_index("example_id")["value"]
        found.append(table.reindex([f"test-{i}" for i in range(N)]).to_numpy())
    return np.stack(found)


@pytest.fixture(scope="module")
def study(tmp_path_factory):
    folder = tmp_path_factory.mktemp("attacked")
    paths = attack(folder)
    paths += [write(folder, uniform(base(seed)), {"max-attention": np.ones(N)}) for seed in (1, 2)]
    return folder, paths, *curves(folder, paths)


def test_a_point_is_the_means_and_intervals_of_its_adversary(study):
    _, paths, rows, _ = study
    trained = rows.query("kind == 'trained adversary'").set_index("attack")
    assert trained.index.tolist() == [f"bilstm.additive.adversarial-{digest}" for digest in LAMBDAS]
    assert trained["lambda"].tolist() == list(LAMBDAS.values()) and trained["is_corner"].tolist() == [True] * 3
    interval = load("interval", "two-way")
    seed, example = np.indices((2, N)).reshape(2, -1)
    for digest in LAMBDAS:
        row = trained.loc[f"bilstm.additive.adversarial-{digest}"]
        for name in ("tvd", "jsd"):
            values = plain(paths, f"distance-to-base:{name}", digest)
            limits = interval(values.ravel(), seed, example, 0.95)
            assert [row[name], row[f"{name}_low"], row[f"{name}_high"]] == pytest.approx(
                [values.mean(), limits.low, limits.high], abs=1e-14
            )
        assert (row["n_seeds"], row["n_examples"], row["n_undefined"], row["ci_kind"]) == (2, N, 0, limits.kind)


def test_rows_are_of_the_model_attacked_and_attacks_upon_it_stand_beside(study):
    _, paths, rows, _ = study
    assert set(rows["regulariser"]) == {"none"} and set(rows["attention"]) == {"additive"}
    assert [kind for kind in KINDS if kind != "seed"] == [kind for kind in KINDS if kind in set(rows["kind"])]
    columns = {"uniform at test": (UNIFORM, "jsd"), "post-hoc search": (SEARCH, "jsd_max")}
    columns["post-hoc exact"] = (EXACT, "jsd_found")
    for kind, (name, column) in columns.items():
        (row,) = rows[rows["kind"] == kind].to_dict("records")
        own = [path for path in paths if path.stem in {base(seed)["run"] for seed in (1, 2)}]
        means = [plain(own, f"{name}:{one}", "sst").mean() for one in ("tvd", column)]
        assert row["attack"] == name and [row["tvd"], row["jsd"]] == pytest.approx(means, abs=1e-14)


def test_accuracy_is_that_of_what_was_trained(study):
    folder, _, rows, _ = study
    for digest in LAMBDAS:
        right = []
        for seed in (1, 2):
            path = folder / "runs" / adversary(base(seed), digest)["run"] / "predictions.parquet"
            test = pd.read_parquet(path).query("split == 'test'")
            right.append((test["target"] == test["label"]).mean())
        (found,) = rows[rows["attack"].fillna("").str.endswith(digest)]["accuracy"]
        assert found == pytest.approx(np.mean(right))
    assert rows.query("kind in ['uniform at test', 'post-hoc exact', 'area']")["accuracy"].isna().all()


def test_a_model_trained_with_uniform_attention_is_held_against_the_base_of_its_own_seed(study):
    folder, paths, rows, _ = study
    (row,) = rows.query("kind == 'uniform, trained'").to_dict("records")
    gaps = []
    for seed in (1, 2):
        runs = [base(seed)["run"], uniform(base(seed))["run"]]
        read = [pd.read_parquet(folder / "runs" / run / "predictions.parquet").query("split == 'test'") for run in runs]
        first, second = (np.stack(one["probability"]).astype(float) for one in read)
        gaps.append(0.5 * np.abs(first - second).sum(axis=1))
    own = [path for path in paths if path.stem in {base(seed)["run"] for seed in (1, 2)}]
    assert row["tvd"] == pytest.approx(np.mean(gaps), abs=1e-14)
    assert row["jsd"] == pytest.approx(plain(own, f"{UNIFORM}:jsd", "sst").mean(), abs=1e-14)
    assert row["attack"] == "bilstm.uniform.none" and row["n_seeds"] == 2


def test_the_area_is_that_of_the_chords_between_the_points(study):
    _, paths, rows, areas = study
    (row,) = rows.query("kind == 'area'").to_dict("records")
    points = [(0.0, 0.0)]
    points += [tuple(plain(paths, f"distance-to-base:{name}", d).mean() for name in ("jsd", "tvd")) for d in LAMBDAS]
    grid = np.linspace(0, 0.5, 200_001)
    expected = np.trapezoid(np.interp(grid, *zip(*points, strict=True)), grid) / 0.5  # the planted points are convex
    assert row["area"] == pytest.approx(expected, abs=1e-9) and row["to"] == 0.5
    assert row["area_low"] < row["area"] < row["area_high"] and (row["n_seeds"], row["n_examples"]) == (2, N)
    assert areas["value"].mean() == pytest.approx(row["area"], abs=1e-14)
    assert sorted(set(areas["run"])) == [base(1)["run"], base(2)["run"]] and len(areas) == 2 * N


def stage_tables(folder, paths, areas):
    settings = {**SETTINGS, "metrics": [], "experiments": [], "compare": ["regulariser"], "curve": {"to": 0.5}}
    places = {"measures": paths, "runs": folder / "runs", "provenance": PROVENANCE, "areas": areas}
    found = {}
    for name, stage in (("statistics", statistics), ("comparisons", contrast), ("agreement", agreement)):
        stage.run(settings=settings, output=folder / f"{name}.parquet", **places)
        found[name] = pd.read_parquet(folder / f"{name}.parquet")
    return found


def test_statistics_have_the_area_of_the_model_attacked_and_of_no_class(study):
    folder, paths, rows, _ = study
    found = stage_tables(folder, paths, [folder / "areas.parquet"])["statistics"].query("metric == @AREA")
    (row,), (expected,) = found.to_dict("records"), rows.query("kind == 'area'").to_dict("records")
    assert row["class"] == "all" and row["regulariser"] == "none" and row["method"] == "attention"
    ends = [row["mean"], row["ci_low"], row["ci_high"]]
    assert ends == pytest.approx([expected["area"], expected["area_low"], expected["area_high"]], abs=1e-14)
    assert json.loads(row["options"]) == {"to": 0.5} and np.isnan(row["p_value"])


def test_areas_of_two_models_are_compared_and_ranked(tmp_path):
    paths = attack(tmp_path)
    for seed in (1, 2):  # the same attacks on a model with a regulariser cost twice as much
        slug = {**base(seed)["slug"], "regulariser": "tying"}
        other = base(seed, slug=slug, run=f"tied{seed}", regulariser=[{"name": "tying", "options": {}}])
        paths.append(write(tmp_path, other, {}))
        for digest, of in LAMBDAS.items():
            rng = np.random.default_rng(seed)
            doubled = distances(rng, 2 * MEANS[of][0], MEANS[of][1])
            paths.append(write(tmp_path, adversary(other, digest, "tying"), doubled))
    rows, _ = curves(tmp_path, paths)
    areas = rows.query("kind == 'area'").set_index("regulariser")["area"]
    assert areas["tying"] == pytest.approx(2 * areas["none"], rel=0.05)
    assert len(rows.query("kind == 'trained adversary' and regulariser == 'tying'")) == 3
    found = stage_tables(tmp_path, paths, [tmp_path / "areas.parquet"])
    (row,) = found["comparisons"].query("metric == @AREA").to_dict("records")
    assert {row["value"], row["other"]} == {"none", "tying"}
    assert row["difference"] == pytest.approx(areas["none"] - areas["tying"], abs=1e-14) and row["ci_high"] < 0
    ranks = found["agreement"].query("kind == 'rank' and metric == @AREA and ranked == 'models'").set_index("item")
    ranked = ranks["value"].dropna().sort_values()
    assert ranked.index.tolist() == ["bilstm.additive.tying", "bilstm.additive.none"]


def test_an_adversary_imitates_the_run_it_stands_on_whatever_its_own_regulariser(tmp_path):
    rows, areas = curves(tmp_path, attack(tmp_path, regulariser="mlm"))
    assert set(rows["regulariser"]) == {"none"} and len(areas) == 2 * N
    attacks = set(rows.query("kind == 'trained adversary'")["attack"])
    assert "bilstm.additive.adversarial-c00001+mlm" in attacks


def test_a_base_outside_of_the_study_has_its_curve_and_no_row_of_areas(tmp_path):
    rows, areas = curves(tmp_path, attack(tmp_path, own=False))
    assert set(rows["kind"]) == {"trained adversary", "area"} and areas.empty
    assert rows.query("kind == 'area'")["area"].notna().all()


def test_without_an_adversary_there_is_nothing(tmp_path):
    rows, areas = curves(tmp_path, attack(tmp_path, lambdas=()))
    assert rows.empty and areas.empty and list(rows) == SCHEMA.columns.names


def test_one_seed_has_an_interval_of_its_texts_alone(tmp_path):
    rows, _ = curves(tmp_path, attack(tmp_path, seeds=(1,)), settings={"seeds": [SEEDS]})
    known = rows.query("kind != 'seed'")
    assert set(known["ci_kind"]) == {"examples-only"} and set(known["n_seeds"]) == {1}
    assert rows.query("kind == 'seed'")["missing_reason"].tolist() == ["needs two seeds"]


def test_adversaries_that_do_not_get_far_enough_have_no_area_and_say_how_far_they_get(tmp_path):
    paths = attack(tmp_path, lambdas=("c00001", "a00002"))
    rows, areas = curves(tmp_path, paths)
    (row,) = rows.query("kind == 'area'").to_dict("records")
    reason = "its adversaries reach a divergence of 0.35 nats, and the area is taken up to 0.5"
    assert np.isnan(row["area"]) and row["missing_reason"] == reason and row["n_undefined"] == 2 * N
    assert areas["value"].isna().all() and set(areas["undefined_reason"]) == {reason}
    found = stage_tables(tmp_path, paths, [tmp_path / "areas.parquet"])["statistics"].query("metric == @AREA")
    assert found["missing_reason"].tolist() == [f"undefined for every example; most often: {reason}"]


def test_the_area_is_of_the_seeds_that_every_adversary_has(tmp_path):
    paths = attack(tmp_path)
    left = [path for path in paths if path.stem != adversary(base(2), "a00002")["run"]]
    rows, areas = curves(tmp_path, left)
    assert rows.query("kind == 'area'")["n_seeds"].tolist() == [1] and set(areas["run"]) == {base(1)["run"]}
    assert rows.query("kind == 'trained adversary'")["n_seeds"].tolist() == [2, 1, 2]
    none = [path for path in left if path.stem != adversary(base(1), "c00001")["run"]]
    rows, areas = curves(tmp_path, none)
    assert rows.query("kind == 'area'")["missing_reason"].tolist() == ["no seed has every adversary of this model"]
    assert areas.empty


def test_a_text_without_a_divergence_counts_in_no_point(tmp_path):
    paths, values = [], {"distance-to-base:tvd": np.full(N, 0.1), "distance-to-base:jsd": np.full(N, 0.6)}
    values["distance-to-base:tvd"][4], values["distance-to-base:jsd"][4] = 0.9, np.nan
    for seed in (1, 2):
        paths += [write(tmp_path, base(seed), {}), write(tmp_path, adversary(base(seed), "c00001"), values)]
    rows, areas = curves(tmp_path, paths)
    assert rows["n_undefined"].tolist() == [2, 2] and rows["n_examples"].tolist() == [N - 1] * 2
    assert rows["tvd"].dropna().tolist() == pytest.approx([0.1])
    assert rows["area"].dropna().tolist() == pytest.approx([0.1 / 0.6 * 0.25])
    unknown = areas[areas["value"].isna()]
    assert unknown["example_id"].tolist() == ["test-4"] * 2
    assert set(unknown["undefined_reason"]) == {"an adversary attends to no token, or its base"}


def test_seeds_are_a_point_of_all_ordered_pairs(tmp_path):
    paths, rng, rows = attack(tmp_path, seeds=(1, 2, 3)), np.random.default_rng(5), []
    runs = [base(seed)["run"] for seed in (1, 2, 3)]
    values = {name: rng.random((3, 3, N)) for name in ("tvd", "jsd")}
    for name, found in values.items():
        for a, b in [(a, b) for a in range(3) for b in range(3) if a != b]:
            about = {"run": runs[a], "run_b": runs[b], "method": "attention", "n_tokens": 3}
            about["metric"] = f"seed-variance:{name}"
            rows += [{**about, "example_id": f"test-{i}", "value": found[a, b, i]} for i in range(N)]
    path = tmp_path / "between.parquet"
    write_table(path, pa.Table.from_pylist(rows, between.SCHEMA.columns), between.SCHEMA, PROVENANCE)
    table, _ = curves(tmp_path, paths, between=[path], settings={"seeds": [SEEDS]})
    (row,) = table.query("kind == 'seed'").to_dict("records")
    off = ~np.eye(3, dtype=bool)
    assert [row["tvd"], row["jsd"]] == pytest.approx([values[name][off].mean() for name in ("tvd", "jsd")], abs=1e-14)
    assert row["ci_kind"] == "jackknife-seeds" and row["tvd_low"] < row["tvd"] < row["tvd_high"]
    assert row["attack"] == "seed-variance" and row["n_seeds"] == 3


def test_uniform_attention_without_its_experiment_says_what_it_lacks(tmp_path):
    paths = [write(tmp_path, base(1), {}), write(tmp_path, uniform(base(1)), {"max-attention": np.ones(N)})]
    paths.append(write(tmp_path, adversary(base(1), "c00001"), distances(np.random.default_rng(0), 0.1, 0.6)))
    rows, _ = curves(tmp_path, paths)
    (row,) = rows.query("kind == 'uniform, trained'").to_dict("records")
    assert np.isnan(row["jsd"]) and row["tvd"] > 0 and "uniform-at-test" in row["missing_reason"]


def test_the_order_of_the_runs_does_not_change_the_files(study):
    folder, paths, *_ = study
    before = [(folder / name).read_bytes() for name in ("curves.parquet", "areas.parquet")]
    curves(folder, paths[::-1])
    assert [(folder / name).read_bytes() for name in ("curves.parquet", "areas.parquet")] == before


def test_runs_that_predict_other_examples_are_refused(tmp_path):
    paths = attack(tmp_path, seeds=(1,))
    write_predictions(tmp_path / "runs" / paths[1].stem, adversary(base(1), "c00001"), N + 1)
    with pytest.raises(ResultError, match="different test examples"):
        curves(tmp_path, paths)


def test_the_studys_table_has_the_rows_of_every_data_set_and_is_empty_without_any(study, tmp_path):
    folder, paths, rows, _ = study
    for given, expected in (([folder / "curves.parquet"], rows), ([], rows.iloc[:0])):
        tables.run(
            settings={**SETTINGS, "metrics": [], "experiments": [], "missing": []},
            statistics=[],
            curves=given,
            runs=folder / "runs",
            run_ids=[path.stem for path in paths],
            output=tmp_path,
            provenance=PROVENANCE,
        )
        pd.testing.assert_frame_equal(pd.read_parquet(tmp_path / "curves.parquet"), expected, check_dtype=False)
        assert list(pd.read_csv(tmp_path / "curves.csv")) == SCHEMA.columns.names


def test_the_measure_between_seeds_is_the_registered_one():
    assert plugin("between", "seed-variance")["id"] == SEEDS["id"]
