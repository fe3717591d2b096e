"""Files of the stage on tiny fixtures; expected facts are those of the spec and of the trees written here."""

import json

import pytest

from attnexplain.errors import DataError
from attnexplain.stages.data import run
from attnexplain.tables.dataset import SCHEMA
from attnexplain.tables.io import read_metadata, read_table
from data_specs import SIZES, dataset_spec, files_source, plugin, write_trees

SYNTHETIC = {"kind": "synthetic", "reader": plugin("planted-sentiment", **SIZES)}


def stage(spec, output):
    run(spec=spec, output=output, mirror=None, provenance={"code": "abc"})


def test_every_split_and_the_facts_are_written(tmp_path):
    spec = dataset_spec(files_source(plugin("sst-trees"), write_trees(tmp_path)))
    stage(spec, tmp_path / "out" / "tiny")
    output = tmp_path / "out" / "tiny"
    assert sorted(p.name for p in output.iterdir()) == ["dataset.json", "dev.parquet", "test.parquet", "train.parquet"]
    about = json.loads((output / "dataset.json").read_text())
    assert about["rows"] == about["rows_before_limits"] == {"train": 2, "dev": 1, "test": 1}
    assert about["class_counts"] == {"train": [1, 1], "dev": [0, 1], "test": [1, 0]}
    assert {key: about[key] for key in ("name", "licence", "citation", "classes", "source")} == {
        key: spec[key] for key in ("name", "licence", "citation", "classes", "source")
    }
    assert read_metadata(read_table(output / "train.parquet", SCHEMA).schema)["code"] == "abc"


def test_limits_are_stratified_and_written_beside_the_whole_size(tmp_path):
    stage(dataset_spec(SYNTHETIC, limits={"train": 10, "dev": None, "test": 100}), tmp_path / "out")
    about = json.loads((tmp_path / "out" / "dataset.json").read_text())
    assert about["rows"] == {"train": 10, "dev": 20, "test": 20}
    assert about["rows_before_limits"]["train"] == 60
    assert about["class_counts"]["train"] == [5, 5]
    assert read_table(tmp_path / "out" / "train.parquet", SCHEMA).num_rows == 10


def test_the_same_spec_gives_the_same_bytes(tmp_path):
    for name in ("a", "b"):
        stage(dataset_spec(SYNTHETIC), tmp_path / name)
    for path in (tmp_path / "a").iterdir():
        assert path.read_bytes() == (tmp_path / "b" / path.name).read_bytes()


def test_a_failure_leaves_nothing_behind(tmp_path):
    paths = write_trees(tmp_path)
    paths["test"].write_text("(3 (2 It)")
    with pytest.raises(DataError, match=r"test.txt, line 1: a malformed or truncated tree"):
        stage(dataset_spec(files_source(plugin("sst-trees"), paths)), tmp_path / "out" / "tiny")
    assert not (tmp_path / "out").exists()


def test_a_failure_while_writing_leaves_no_half_written_folder(tmp_path, monkeypatch):
    monkeypatch.setattr("attnexplain.stages.data.write_json", lambda *_: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        stage(dataset_spec(SYNTHETIC), tmp_path / "out" / "tiny")
    assert list((tmp_path / "out").iterdir()) == []
