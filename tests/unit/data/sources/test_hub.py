"""The hub source on local folders, which `datasets` reads as it reads the hub; errors are the library's own."""

import csv
import json

import datasets
import pandas as pd
import pytest

from attnexplain.data.sources import hub
from attnexplain.errors import DataError

ROWS = {
    "train": [{"text": "a good film", "label": 1}, {"text": "a bad film", "label": 0}],
    "validation": [{"text": "fine", "label": 1}],
    "test": [{"text": "dull", "label": 0}],
}
REVISION = "0123456789abcdef0123456789abcdef01234567"


def save(folder, kind):
    for split, rows in ROWS.items():
        path = folder / f"{split}.{kind}"
        if kind == "parquet":
            pd.DataFrame(rows).to_parquet(path)
        elif kind == "csv":
            with path.open("w", newline="") as file:
                writer = csv.DictWriter(file, ["text", "label"])
                writer.writeheader()
                writer.writerows(rows)
        else:
            path.write_text("".join(json.dumps(row) + "\n" for row in rows))


def source(repository, **changes):
    spec = {
        "kind": "hub",
        "repository": str(repository),
        "configuration": None,
        "revision": REVISION,
        "splits": {"train": "train", "dev": "validation", "test": "test"},
        "columns": {"text": "text", "label": "label"},
    }
    return {**spec, **changes}


def rows(spec, tmp_path):
    return hub.rows(spec, mirror=None, cache=tmp_path)


@pytest.mark.parametrize("kind", ["parquet", "csv", "jsonl"])
def test_every_plain_form_gives_the_mapped_columns(tmp_path, kind):
    save(tmp_path, kind)
    found = rows(source(tmp_path), tmp_path)
    assert found["train"] == [
        {"example_id": "train-00001", "text": "a good film", "label": 1},
        {"example_id": "train-00002", "text": "a bad film", "label": 0},
    ]
    assert found["dev"] == [{"example_id": "dev-00001", "text": "fine", "label": 1}]


def test_a_changed_local_folder_is_read_anew(tmp_path):
    save(tmp_path, "csv")
    rows(source(tmp_path), tmp_path)
    (tmp_path / "test.csv").write_text("text,label\nnew!,1\n")
    assert rows(source(tmp_path), tmp_path)["test"][0]["text"] == "new!"


def test_a_missing_column_or_split_is_told_with_those_there_are(tmp_path):
    save(tmp_path, "csv")
    with pytest.raises(DataError, match=r"no column 'txt' in split 'train'.* Did you mean 'text'"):
        rows(source(tmp_path, columns={"text": "txt"}), tmp_path)
    with pytest.raises(DataError, match=r"dev.*split 'dev' cannot be read"):
        rows(source(tmp_path, splits={"train": "train", "dev": "dev"}), tmp_path)


def test_a_loading_script_is_refused_by_the_library_and_told(tmp_path):
    folder = tmp_path / "scripted"
    folder.mkdir()
    (folder / "scripted.py").write_text("")
    with pytest.raises(DataError, match=r"scripts are no longer supported.*needs a loading script.*data_mirror"):
        rows(source(folder), tmp_path)


def test_offline_is_told_with_repository_revision_and_the_way_out(tmp_path, monkeypatch):
    monkeypatch.setattr(datasets.config, "HF_HUB_OFFLINE", True)
    monkeypatch.setattr(datasets.config, "HF_DATASETS_CACHE", tmp_path)
    with pytest.raises(DataError, match=rf"'nobody/none' at revision {REVISION}.*cannot be reached.*data_mirror"):
        rows(source("nobody/none"), tmp_path)


@pytest.mark.parametrize(
    ("error", "message"),
    [
        (datasets.exceptions.DatasetNotFoundError("Dataset 'a/b' is a gated dataset on the Hub."), "ask for access at"),
        (datasets.exceptions.DatasetNotFoundError("Revision 'x' doesn't exist for dataset"), "no such revision"),
        (datasets.exceptions.DatasetNotFoundError("Dataset 'a/b' doesn't exist on the Hub"), "no such data set"),
        (datasets.exceptions.DatasetGenerationError("broken file"), "cannot be read"),
        (RuntimeError("Dataset scripts are no longer supported, but found b.py"), "needs a loading script"),
        (ConnectionError("Couldn't reach 'a/b' on the Hub"), "cannot be reached"),
    ],
)
def test_each_failure_of_the_hub_has_its_own_way_out(tmp_path, monkeypatch, error, message):
    def fail(*_, **__):
        raise error

    monkeypatch.setattr(datasets, "load_dataset", fail)
    with pytest.raises(DataError, match=rf"hub data set 'a/b'.*{message}.*data_mirror"):
        rows(source("a/b"), tmp_path)


def test_the_pinned_revision_is_asked_for_and_has_a_cache_of_its_own(tmp_path, monkeypatch):
    asked = []

    def load(path, name, **options):
        asked.append((path, name, options["revision"], options["cache_dir"]))
        return datasets.Dataset.from_list(ROWS["train"])

    monkeypatch.setattr(datasets, "load_dataset", load)
    rows(source("a/b", configuration="c"), tmp_path)
    assert {call[:3] for call in asked} == {("a/b", "c", REVISION)}
    assert all(REVISION in call[3] for call in asked)


@pytest.mark.parametrize(
    ("name", "value"), [("evidence", [[2, 6]]), ("evidence_tokens", [1]), ("evidence_marked", "a *good* film")]
)
def test_evidence_has_the_form_that_its_column_is_named_for(tmp_path, name, value):
    for split in ROWS:
        (tmp_path / f"{split}.jsonl").write_text(json.dumps({"text": "a good film", "label": 1, "why": value}) + "\n")
    spec = source(tmp_path, columns={"text": "text", "label": "label", name: "why"})
    (row,) = rows(spec, tmp_path)["train"]
    assert row["evidence"] == [{"segment": 0, "start": 2, "end": 6, "annotator": 0, "weight": 1.0}]
    assert set(row) == {"example_id", "text", "label", "evidence"}
