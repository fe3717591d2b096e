"""Published numbers beside ours: how many rows, what each says of our run, and why a number of ours is absent."""

import pytest

from attnexplain.statistics.published import SPREAD, numbers
from attnexplain.statistics.replication import About, replication_rows
from measured_runs import spec

PLAIN = {"normaliser": "softmax", "regulariser": "none", "control": "none", "limits": "none", "missing_reason": None}
SOURCE = {"epochs": 8, "batch_size": 32, "learning_rate": 1e-3, "weight_decay": 1e-5, "selection": "roc-auc"}


def row(number=None, **changes):
    """A row of the table `statistics` of what a number is of."""
    about = {"dataset": "sst", "encoder": "bilstm", "attention": "additive", "class": "all", "metric": "accuracy"}
    if number:
        keys = ("dataset", "encoder", "attention", "class", "metric", "method", "method_b")
        about = dict(zip(keys, number.key, strict=True))
    found = {"mean": 0.5, "std": 0.2, "significant_fraction": 0.4, "ci_low": 0.4, "ci_high": 0.6}
    return {"method": None, "method_b": None, **PLAIN, **about, **found, "n_seeds": 2, "n_examples": 9, **changes}


def specification(dataset="sst", encoder="bilstm", **training):
    about = spec(1, dataset, encoder=encoder)
    return {**about, "training": {**about["training"], **SOURCE, "patience": None, **training}}


def test_a_study_of_every_model_has_a_row_per_published_number():
    models = {(number.dataset, number.encoder, number.attention) for number in numbers()}
    statistics = [row(dataset=d, encoder=e, attention=a) for d, e, a in models]
    rows = list(replication_rows("all", statistics, []))
    assert len(rows) == len(numbers())
    kinds = {"kendall": 600, "performance": 114, "permutation": 212}
    # 17 rows of tau have neither mean nor deviation; accuracy alone is published of pairs.
    assert len(rows) == 3 * kinds["kendall"] - 34 + 3 * kinds["performance"] - 2 * 30 + 3 * kinds["permutation"]


def test_what_compares_with_a_published_number_is_the_right_column_of_ours():
    pair = {"method": "attention", "method_b": "gradient", "metric": "kendall-tau", "class": "0"}
    rows = {one["metric"]: one for one in replication_rows("s", [row(**pair)], [specification()]) if one.get("ours")}
    assert {name: one["ours"] for name, one in rows.items()} == {
        "kendall-tau": 0.5,
        "kendall-tau:significant-fraction": 0.4,
        SPREAD: 0.2,
    }
    assert (rows["kendall-tau"]["inside"], rows[SPREAD]["inside"], rows[SPREAD]["ci_low"]) == (False, None, None)
    assert rows[SPREAD]["difference"] == pytest.approx(0.2 - 0.21)


def of_accuracy(spec, about=About(), **changes):  # noqa: B008 - frozen
    statistics = [row(dataset=spec["slug"]["dataset"], **changes)]
    rows = [one for one in replication_rows("s", statistics, [spec], about) if one["metric"] == "accuracy"]
    return {one["result_set"]: one for one in rows}


def test_deviations_name_training_data_and_vectors():
    spec = {**specification(epochs=20, batch_size=64, patience=3), "vectors": {"sha256": "ab" * 32}}
    spec["encoder"] = {"options": {"hidden": 64}}
    about = About({"sst": "half of the texts"}, {"ab" * 32: {"name": "glove.txt", "size": 50}})
    found = of_accuracy(spec, about)
    text = found["B"]["deviations"]
    assert "vectors: published fastText (simple English, 300-d), ours glove.txt (50-d)" in text
    assert (
        "epochs: published 8, ours 20; batch size: published 32, ours 64; stopped early: published never, ours" in text
    )
    assert "after 3 epochs without improvement; states per direction: published 128, ours 64" in text
    assert text.endswith("; data: half of the texts")
    assert not {"learning rate", "weight decay", "chosen by"} & {part.split(":")[0] for part in text.split("; ")}
    assert "epochs:" not in found["A"]["deviations"]
    assert found["B"]["vectors"] == "glove.txt (50-d)"


def test_a_run_like_the_published_one_differs_in_seeds_vectors_and_lengths_alone():
    text = of_accuracy(specification())["B"]["deviations"]
    assert [part.partition(":")[0] for part in text.split("; ")] == ["vectors", "seeds", "lengths kept"]


def test_the_specification_is_that_of_the_plain_model():
    untrained = {**specification(epochs=99), "slug": {**spec(1)["slug"], "control": "untrained"}}
    rows = replication_rows("s", [row()], [specification(), untrained])
    assert all("epochs" not in one["deviations"] for one in rows if one.get("deviations"))


PERMUTED = {"metric": "permutation:tvd_median", "method": "attention"}
QUARTILE = {**PERMUTED, "metric": "permutation:tvd_median:median:0-0.25", "class": "0"}


def reasons(statistics, class_):
    rows = replication_rows("s", statistics, [specification()])
    wanted = f"{PERMUTED['metric']}:q25:0.75-1"
    return {one["missing_reason"] for one in rows if one["metric"] == wanted and one["class"] == class_}


def test_an_empty_bin_says_that_it_is_empty():
    computed = [row(**PERMUTED), row(**PERMUTED, **{"class": "0"}), row(**QUARTILE)]
    assert reasons(computed, "0") == {"no test example predicted as class 0 has the largest attention in 0.75-1"}
    never = [*computed, row(**PERMUTED, **{"class": "1", "n_examples": 0, "mean": None})]
    assert reasons(never, "1") == {"no test example is predicted as class 1"}
    assert reasons([row(**PERMUTED)], "0") == {"quartiles of permutation:tvd_median are not computed in the study"}
    assert reasons([row()], "0") == {"permutation:tvd_median is not computed in the study"}


def test_a_missing_model_says_why_for_its_quartiles_too():
    missing = {"mean": None, "n_seeds": 0, "n_examples": 0, "missing_reason": "no source"}
    assert reasons([row(**missing), row(**PERMUTED, **missing)], "0") == {"no source"}
