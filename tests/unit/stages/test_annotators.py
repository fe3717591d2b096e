"""The stage of annotators against each other. Expected numbers: by hand, and scikit-learn on the marks themselves."""

import hmac
import json

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
from sklearn.metrics import average_precision_score

from attnexplain.stages.annotators import run
from attnexplain.tables import dataset, tokens
from attnexplain.tables.io import read_metadata, read_table, write_table
from attnexplain.tables.measures import SCHEMA
from measured_runs import PROVENANCE, metric

METRICS = [metric("evidence-auprc"), metric("precision-at-k")]
# The text `a b c d e`, a character a token; per annotator the tokens marked. An empty list marked nothing.
MARKS = {
    "three": [[0, 1], [1], [1, 4]],
    "two-who-agree": [[2], [2]],
    "two-who-do-not": [[0], [3]],
    "one-marked-nothing": [[0, 1], []],
    "alone": [[0, 1]],
    "none": None,
}


def spans(marked):
    """Spans of each annotator's tokens; an empty one of who marked nothing."""
    if marked is None:
        return None
    places = [(who, 2 * token, 2 * token + 1) for who, one in enumerate(marked) for token in one]
    places += [(who, 0, 0) for who, one in enumerate(marked) if not one]
    return [{"segment": 0, "start": a, "end": b, "annotator": who, "weight": 1.0} for who, a, b in places]


def write_data(folder, kind="files", marks=MARKS, access=None, second=0):
    """dataset.json, and the test split with its tokens in another order; `second` tokens of a question follow."""
    columns = {
        "example_id": list(marks),
        "text": ["a b c d e"] * len(marks),
        "text_pair": ["x y"] * len(marks),
        "evidence": pa.array([spans(one) for one in marks.values()], dataset.SCHEMA.columns.field("evidence").type),
    }
    write_table(folder / "data" / "test.parquet", pa.table(columns), dataset.SCHEMA, PROVENANCE)
    (folder / "data" / "dataset.json").write_text(json.dumps({"source": {"kind": kind}}), encoding="utf-8")
    lists = {"token_ids": [1] * 5, "start": [0, 2, 4, 6, 8], "end": [1, 3, 5, 7, 9], "segment": [0] * 5}
    lists |= {"tokens": list("abcde")}
    more = {"token_ids": [1], "start": [0], "end": [1], "segment": [1], "tokens": ["x"]}
    rows = [
        {
            "example_id": name,
            "evidence": None
            if one is None
            else [float(np.mean([token in m for m in one])) for token in range(5)] + [0.0] * second,
            **{key: values + more[key] * second for key, values in lists.items()},
        }
        for name, one in reversed(list(marks.items()))
    ]
    about = PROVENANCE if access is None else {**PROVENANCE, "access": access}
    write_table(folder / "tokens.parquet", pa.Table.from_pylist(rows, tokens.SCHEMA.columns), tokens.SCHEMA, about)


def measured(folder, metrics=METRICS, **options):
    output = folder / "annotators" / "mine.parquet"
    inputs = {"dataset": folder / "data" / "dataset.json", "tokens": folder / "tokens.parquet"}
    run(metrics=metrics, **inputs, output=output, provenance=PROVENANCE, **options)
    return read_table(output, SCHEMA)


def values(table, metric_id):
    rows = table.to_pandas().query("metric == @metric_id").set_index(["example_id", "method"])
    return rows["value"].to_dict(), rows["undefined_reason"].to_dict()


def test_each_annotator_is_measured_against_the_others_and_alone_is_not(tmp_path):
    write_data(tmp_path)
    found, reasons = values(measured(tmp_path), "precision-at-k")
    defined = {key: value for key, value in found.items() if not np.isnan(value)}
    assert defined == {
        # The others of the first mark b and e (two tokens): of a and b one is right; and so on.
        ("three", "annotator-0"): 0.5,
        # a, b and e are half the others' or more: b is right, and two of the four that are tied are a and e.
        ("three", "annotator-1"): pytest.approx((1 + 2 * 2 / 4) / 3),
        ("three", "annotator-2"): 0.5,
        ("two-who-agree", "annotator-0"): 1.0,
        ("two-who-agree", "annotator-1"): 1.0,
        ("two-who-do-not", "annotator-0"): 0.0,
        ("two-who-do-not", "annotator-1"): 0.0,
    }
    assert reasons[("one-marked-nothing", "annotator-0")] == "no evidence"
    assert reasons[("one-marked-nothing", "annotator-1")] == "annotator marked nothing"
    assert {name for name, _ in found} == {"three", "two-who-agree", "two-who-do-not", "one-marked-nothing"}


def test_average_precision_equals_scikit_learn(tmp_path):
    write_data(tmp_path)
    found, _ = values(measured(tmp_path), "evidence-auprc")
    for name, marked in MARKS.items():
        for who, own in enumerate(marked or []):
            others = [one for place, one in enumerate(marked) if place != who]
            if (name, f"annotator-{who}") in found and own and any(others):
                truth = [np.mean([token in one for one in others]) >= 0.5 for token in range(5)]
                expected = average_precision_score(truth, [token in own for token in range(5)])
                assert found[(name, f"annotator-{who}")] == pytest.approx(expected, rel=1e-12)


@pytest.mark.parametrize(("k", "expected"), [(None, 1.0), (4, 0.25)])
def test_the_truth_of_planted_data_reaches_what_the_metric_admits(tmp_path, k, expected):
    write_data(tmp_path, kind="synthetic", marks={"one": [[2]], "another": [[4]], "nothing": None})
    found, _ = values(
        measured(
            tmp_path, [metric("evidence-auprc"), metric("precision-at-k") | {"options": {"k": k, "sign": "absolute"}}]
        ),
        "precision-at-k",
    )
    assert found == {("one", "truth"): expected, ("another", "truth"): expected}
    assert set(values(measured(tmp_path), "evidence-auprc")[0].values()) == {1.0}


def test_of_pairs_the_attended_text_counts(tmp_path):
    write_data(tmp_path / "a")
    write_data(tmp_path / "b", second=3)
    first, second = (measured(tmp_path / name) for name in "ab")
    assert first.equals(second) and set(first["n_tokens"].to_pylist()) == {5}


@pytest.mark.parametrize("marks", [{"alone": [[0]]}, {"none": None}])
@pytest.mark.parametrize("kind", ["files", "hub"])
def test_data_of_one_annotator_or_none_have_no_rows(tmp_path, marks, kind):
    write_data(tmp_path, kind, marks)
    assert len(measured(tmp_path)) == 0


def test_examples_of_credentialed_data_have_pseudonyms(tmp_path):
    write_data(tmp_path, access="credentialed")
    table = measured(tmp_path, key=tmp_path / "key")
    key = (tmp_path / "key").read_bytes()
    known = {hmac.digest(key, name.encode(), "sha256").hex()[:16] for name in MARKS}
    assert set(table["example_id"].to_pylist()) < known
    assert read_metadata(table.schema)["example_ids"] == "pseudonymous"
    assert "three" in measured(tmp_path, disclose=True)["example_id"].to_pylist()


def test_plain_pandas_reads_the_table(tmp_path):
    write_data(tmp_path)
    measured(tmp_path)
    frame = pd.read_parquet(tmp_path / "annotators" / "mine.parquet")
    assert frame["value"].dtype == np.float64 and frame["method_b"].isna().all()
