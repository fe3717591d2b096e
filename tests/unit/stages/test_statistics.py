"""Expected numbers: plain pandas on the measures of invented runs; the balanced analysis of variance written out."""

import json

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from scipy import stats
from scipy.integrate import quad
from sklearn.metrics import accuracy_score, f1_score, roc_auc_score

from attnexplain.errors import ResultError
from attnexplain.stages import statistics
from attnexplain.statistics.intervals.two_way import interval
from attnexplain.tables import between
from attnexplain.tables.io import write_table
from measured_runs import PROVENANCE, SETTINGS, metric, plugins, spec, write_predictions, write_run

SEEDS = (1, 2, 3)
TAU = "metric == 'kendall-tau' and method == 'attention' and method_b == 'gradient'"


PERMUTATION = {"name": "permutation", "id": "permutation", "options": {"draws": 100}}


def computed(folder, measures, compared=(), **settings):
    output = folder / "statistics" / "sst.parquet"
    statistics.run(
        settings={**SETTINGS, "metrics": plugins(), "experiments": [PERMUTATION], **settings},
        measures=measures,
        runs=folder / "runs",
        output=output,
        provenance=PROVENANCE,
        between=compared,
    )
    return pd.read_parquet(output)


@pytest.fixture(scope="module")
def study(tmp_path_factory):
    """Statistics of three seeds of one model, and the joined measures they come from."""
    folder = tmp_path_factory.mktemp("study")
    paths = {seed: write_run(folder, spec(seed)) for seed in SEEDS}
    parts = []
    for seed, path in paths.items():
        target = pd.read_parquet(folder / "runs" / path.stem / "predictions.parquet").set_index("example_id")["target"]
        parts.append(pd.read_parquet(path).assign(seed=seed).join(target, on="example_id"))
    return computed(folder, list(paths.values())), pd.concat(parts, ignore_index=True), folder


def one(rows, query):
    found = rows.query(query)
    assert len(found) == 1
    return found.iloc[0]


@pytest.mark.parametrize("name", ["all", "0", "1"])
def test_a_row_equals_plain_pandas(study, name):
    rows, measures, _ = study
    row, values = one(rows[rows["class"] == name], TAU), measures.query(TAU)
    values = values if name == "all" else values[values["target"] == int(name)]
    defined = values.dropna(subset="value")
    assert row["mean"] == pytest.approx(defined["value"].mean(), rel=1e-12)
    assert row["std"] == pytest.approx(defined["value"].std(), rel=1e-12)
    assert row["significant_fraction"] == (defined["p_value"] <= 0.05).mean()
    assert row["n_examples"] == defined["example_id"].nunique()
    assert row["n_undefined"] == values["value"].isna().sum()
    assert (row["n_seeds"], row["ci_kind"]) == (3, "two-way")
    by_example = defined.groupby("example_id")["null_std"].sum()  # seeds may agree in chance
    half = 1.959963984540054 * np.sqrt((by_example**2).sum()) / len(defined)
    assert (row["null_low"], row["null_high"]) == (pytest.approx(-half, rel=1e-9), pytest.approx(half, rel=1e-9))


def tail(distance, limits):
    """The larger of Student's tail and, over the variance that seeds might have, the mean of normal ones."""
    a, nu, b = limits.parts.seeds, limits.parts.df, limits.parts.rest
    density = stats.chi2(nu).pdf
    spread, _ = quad(lambda x: stats.norm.sf(distance / np.sqrt(a * nu / x + b)) * density(x), 0, np.inf)
    return max(stats.t.sf(distance / np.sqrt(limits.variance), limits.df), spread)


def test_a_mean_is_tested_against_the_mean_of_its_null(study):
    rows, measures, folder = study
    paths = [folder / "measures" / f"{spec(seed)['run']}.parquet" for seed in SEEDS]
    before = (folder / "statistics" / "sst.parquet").read_bytes()
    rows = computed(folder, paths, margins={"evidence-auprc": 0.1}).query("`class` == 'all'")
    (folder / "statistics" / "sst.parquet").write_bytes(before)
    row = one(rows, "metric == 'evidence-auprc' and method == 'gradient'")
    defined = measures.query("metric == 'evidence-auprc' and method == 'gradient'").dropna(subset="value")
    limits = interval(defined["value"].to_numpy(), defined["seed"].to_numpy(), defined["example_id"].to_numpy(), 0.95)
    distance = defined["value"].mean() - defined["null_mean"].mean()
    assert row["p_value"] == pytest.approx(2 * tail(abs(distance), limits), rel=1e-3)
    ends = [(limits.low, "effect_low"), (row["mean"], "effect"), (limits.high, "effect_high")]
    for place, column in ends:
        assert row[column] == pytest.approx((place - defined["null_mean"].mean()) / defined["value"].std())
    assert row["p_equivalence"] == pytest.approx(tail(0.1 - abs(distance), limits), rel=1e-3)
    without = rows[rows["metric"].isin(["accuracy", "attention-entropy", "permutation:tvd_median"])]
    assert len(without) == 3
    assert without[["p_value", "effect", "margin", "p_equivalence"]].isna().all().all()
    assert rows.query("metric == 'kendall-tau'")["margin"].isna().all()


@pytest.mark.parametrize("kind", ["crossed-bootstrap", "mixed-model"])
def test_a_study_chooses_its_kind_of_interval(study, kind):
    rows, _, folder = study
    paths = [folder / "measures" / f"{spec(seed)['run']}.parquet" for seed in SEEDS]
    before = (folder / "statistics" / "sst.parquet").read_bytes()
    found = computed(folder, paths, interval=kind)
    (folder / "statistics" / "sst.parquet").write_bytes(before)
    assert set(found["ci_kind"].dropna()) == {kind}
    assert found["mean"].equals(rows["mean"])
    row, other = (one(table[table["class"] == "all"], TAU) for table in (found, rows))
    assert row["ci_low"] < row["mean"] < row["ci_high"]
    assert row["ci_high"] != other["ci_high"] or kind == "mixed-model"  # on balanced data it may equal two-way


def test_the_interval_of_a_balanced_cell_is_the_two_way_analysis_of_variance(study):
    rows, measures, _ = study
    row = one(rows, "metric == 'permutation:tvd_median' and `class` == 'all'")
    table = measures.query("metric == 'permutation:tvd_median'").pivot(
        index="seed", columns="example_id", values="value"
    )
    y, (S, N) = table.to_numpy(), table.shape
    seed = N * y.mean(axis=1).var() * S / (S - 1)
    example = S * y.mean(axis=0).var() * N / (N - 1)
    residual = ((y - y.mean(axis=1, keepdims=True) - y.mean(axis=0) + y.mean()) ** 2).sum() / ((S - 1) * (N - 1))
    squares, df = [seed, example, residual], [S - 1, N - 1, (S - 1) * (N - 1)]
    if seed <= residual and example <= residual:
        signs = [0, 0, 1]
    elif seed <= residual:
        signs = [0, 1, 0]
    else:
        signs = [1, 0, 0] if example <= residual else [1, 1, -1]
    variance = np.dot(signs, squares) / (S * N)
    freedom = variance**2 / sum((sign * ms / (S * N)) ** 2 / d for sign, ms, d in zip(signs, squares, df, strict=True))
    half = stats.t.ppf(0.975, freedom) * np.sqrt(variance)
    assert (row["ci_low"], row["ci_high"]) == pytest.approx((y.mean() - half, y.mean() + half), rel=1e-9)
    assert np.isnan([row["significant_fraction"], row["null_low"], row["null_high"]]).all()


def test_performance_is_the_mean_over_seeds_of_the_metric_itself(study):
    rows, _, folder = study
    found = {name: [] for name in ("accuracy", "f1", "roc-auc")}
    for seed in SEEDS:
        table = pd.read_parquet(folder / "runs" / spec(seed)["run"] / "predictions.parquet").query("split == 'test'")
        positive = np.stack(table["probability"])[:, 1]
        found["accuracy"].append(accuracy_score(table["label"], table["target"]))
        found["f1"].append(f1_score(table["label"], table["target"]))
        found["roc-auc"].append(roc_auc_score(table["label"], positive))
    for name, values in found.items():
        row = one(rows, f"metric == '{name}'")
        assert row["mean"] == pytest.approx(np.mean(values), rel=1e-9)
        assert row["ci_low"] < row["mean"] < row["ci_high"]
        assert (row["class"], row["n_examples"], row["n_seeds"], row["ci_kind"]) == ("all", 40, 3, "two-way")
        assert row["ci_low"] + row["ci_high"] == pytest.approx(2 * row["mean"])


def test_published_numbers_stand_beside_ours(study):
    rows, _, _ = study
    assert one(rows[rows["class"] == "0"], TAU)["published"] == 0.34
    assert one(rows, "metric == 'accuracy'")["published_source"] == "Jain & Wallace (2019), set B"
    assert rows.loc[rows["metric"] == "evidence-auprc", "published"].isna().all()


def test_options_of_the_metric_are_canonical_json(study):
    rows, _, _ = study
    assert set(rows.loc[rows["metric"] == "kendall-tau", "options"]) == {'{"sign":"absolute"}'}
    assert set(rows.loc[rows["metric"] == "accuracy", "options"]) == {"{}"}


def test_one_seed_is_labelled_examples_only(tmp_path):
    rows = computed(tmp_path, [write_run(tmp_path, spec(1))])
    assert set(rows["ci_kind"].dropna()) == {"examples-only"}
    assert one(rows[rows["class"] == "all"], TAU)["n_seeds"] == 1


def test_a_class_that_is_never_predicted_and_a_value_never_defined_say_why(tmp_path):
    about = spec(1)
    path = write_run(tmp_path, about)
    table = pd.read_parquet(path).query(TAU)
    table.assign(value=np.nan, undefined_reason="constant scores").pipe(rewrite, path)
    write_predictions(tmp_path / "runs" / about["run"], {**about, "seed": 9}, 40, labels=[0] * 40)
    predictions = tmp_path / "runs" / about["run"] / "predictions.parquet"
    pd.read_parquet(predictions).assign(target=0).pipe(rewrite, predictions)
    rows = computed(tmp_path, [path])
    reasons = dict(zip(rows["class"] + rows["metric"], rows["missing_reason"], strict=True))
    assert reasons["0kendall-tau"] == "undefined for every example; most often: constant scores"
    assert reasons["1kendall-tau"] == "no test example is predicted as this class"
    assert reasons["allroc-auc"] == "undefined: the test examples are of one class"
    assert one(rows[rows["class"] == "all"], TAU)["n_undefined"] == 40


def rewrite(frame, path):
    """Put other rows into a table, its metadata kept."""
    schema = pq.read_schema(path)
    pq.write_table(
        pa.Table.from_pandas(frame, schema, preserve_index=False).replace_schema_metadata(schema.metadata), path
    )


def test_unlabelled_test_data_has_no_performance(tmp_path):
    path = write_run(tmp_path, spec(1))
    predictions = tmp_path / "runs" / path.stem / "predictions.parquet"
    pd.read_parquet(predictions).assign(label=None).pipe(rewrite, predictions)
    assert "accuracy" not in set(computed(tmp_path, [path])["metric"])


def test_controls_are_cells_of_their_own_without_published_numbers(tmp_path):
    rows = computed(tmp_path, [write_run(tmp_path, spec(1)), write_run(tmp_path, spec(1, control="untrained"))])
    assert set(rows["control"]) == {"none", "untrained"}
    assert rows.loc[rows["control"] == "untrained", "published"].isna().all()
    assert rows["n_seeds"].max() == 1


def test_two_runs_of_one_seed_in_a_cell_are_refused(tmp_path):
    first = write_run(tmp_path, spec(1))
    second = write_run(tmp_path, {**spec(1), "run": "again"})
    with pytest.raises(ResultError, match="are one cell with one seed"):
        computed(tmp_path, [first, second])


def test_order_of_the_runs_does_not_change_the_file(study):
    _, _, folder = study
    paths = [folder / "measures" / f"{spec(seed)['run']}.parquet" for seed in SEEDS]
    first = (folder / "statistics" / "sst.parquet").read_bytes()
    computed(folder, paths[::-1])
    assert (folder / "statistics" / "sst.parquet").read_bytes() == first


def test_a_run_without_its_specification_is_named(tmp_path):
    path = write_run(tmp_path, spec(1))
    (tmp_path / "runs" / path.stem / "spec.json").unlink()
    with pytest.raises(ResultError, match=r"spec\.json: no such file"):
        computed(tmp_path, [path])


def test_confidence_sets_the_level_of_significance(study):
    _, measures, folder = study
    paths = [folder / "measures" / f"{spec(seed)['run']}.parquet" for seed in SEEDS]
    before = (folder / "statistics" / "sst.parquet").read_bytes()
    row = one(computed(folder, paths, confidence=0.8).query("`class` == 'all'"), TAU)
    (folder / "statistics" / "sst.parquet").write_bytes(before)
    assert row["significant_fraction"] == (measures.query(TAU)["p_value"].dropna() <= 0.2).mean()
    assert json.loads(row["options"]) == metric("kendall-tau")["options"]


def test_in_question_answering_unknown_answers_are_wrong_and_there_is_no_class_but_all(tmp_path):
    about = spec(1)
    about["dataset"] |= {"task": "question-answering", "classes": ["here", "there"]}
    path = write_run(tmp_path, about)
    file = tmp_path / "runs" / path.stem / "predictions.parquet"
    table = pq.read_table(file)
    labels = [None if number % 5 == 0 else label for number, label in enumerate(table["label"].to_pylist())]
    place = table.column_names.index("label")
    pq.write_table(table.set_column(place, "label", pa.array(labels, pa.int32())), file)
    rows, predictions = computed(tmp_path, [path]), pd.read_parquet(file).query("split == 'test'")
    assert set(rows["class"]) == {"all"}
    found = one(rows, "metric == 'accuracy'")["mean"]
    assert found == pytest.approx((predictions["label"] == predictions["target"]).mean())
    assert found < 0.8


def test_a_test_split_without_labels_has_no_accuracy(tmp_path):
    for task in ("question-answering", "entailment"):
        about = spec(1)
        about["dataset"] |= {"task": task}
        path = write_run(tmp_path / task, about)
        file = tmp_path / task / "runs" / path.stem / "predictions.parquet"
        table = pq.read_table(file)
        place = table.column_names.index("label")
        pq.write_table(table.set_column(place, "label", pa.nulls(len(table), pa.int32())), file)
        assert "accuracy" not in set(computed(tmp_path / task, [path])["metric"])


def test_options_of_metrics_and_experiments_stand_beside_their_numbers(study):
    rows, *_ = study
    options = rows.set_index("metric")["options"]
    assert set(options["permutation:tvd_median"]) == {'{"draws":100}'}
    assert set(options["kendall-tau"]) == {'{"sign":"absolute"}'}


def held_against(path, runs, rng):
    """A table of measures between the runs of a cell: invented values of every ordered pair."""
    rows = [
        {"run": a, "run_b": b, "method": "attention", "metric": f"imposed-attention:{column}", "n_tokens": 3}
        | {"example_id": f"test-{i}", "value": float(rng.random())}
        for column in ("tvd", "jsd")
        for a in runs
        for b in runs
        if a != b
        for i in range(40)
    ]
    table = pa.Table.from_pylist(rows, between.SCHEMA.columns)
    write_table(path, table, between.SCHEMA, PROVENANCE)
    return table


def test_cells_spread_over_tables_have_the_rows_of_one_table(tmp_path):
    rng, paths, parts = np.random.default_rng(3), [], []
    for number, encoder in enumerate(("average", "bilstm", "cnn", "lstm")):
        own = [write_run(tmp_path, spec(seed, encoder=encoder)) for seed in (1, 2)]
        paths += own
        parts.append(held_against(tmp_path / f"sst.{3 - number}.parquet", [path.stem for path in own], rng))
    whole = tmp_path / "sst.parquet"
    write_table(whole, pa.concat_tables(parts), between.SCHEMA, PROVENANCE)
    spread = [tmp_path / f"sst.{number}.parquet" for number in range(4)]
    asked = {"between": [{"name": "imposed-attention", "id": "imposed-attention", "options": {}}]}
    found = computed(tmp_path, paths, compared=[whole], **asked)
    pd.testing.assert_frame_equal(computed(tmp_path, paths, compared=spread, **asked), found)
    rows = found.query("metric == 'imposed-attention:tvd' and `class` == 'all'").set_index("encoder")
    values = {
        encoder: table.to_pandas() for encoder, table in zip(("average", "bilstm", "cnn", "lstm"), parts, strict=True)
    }
    for encoder, one_cell in values.items():
        expected = one_cell[one_cell["metric"] == "imposed-attention:tvd"]["value"].mean()
        assert rows.loc[encoder, "mean"] == pytest.approx(expected, abs=1e-12)
