"""The same data through `files` and `hub` must be the same table; other expectations are read off the fixtures."""

import json

import pytest

from attnexplain.data.load import load
from attnexplain.errors import DataError, UnknownNameError
from attnexplain.tables.dataset import SCHEMA
from data_specs import DELIMITED, SIZES, dataset_spec, files_source, plugin, write_trees

ROWS = [{"text": 'a "good", film', "label": "positive"}, {"text": "bad\nfilm", "label": "negative"}]
HUB = {"splits": {"train": "train", "dev": "validation", "test": "test"}, "columns": {"text": "text", "label": "label"}}


def read(spec, tmp_path):
    return load(spec, mirror=None, cache=tmp_path / "cache")


def save(folder, names):
    folder.mkdir()
    for name in names:
        (folder / f"{name}.jsonl").write_text("".join(json.dumps(row) + "\n" for row in ROWS))
    return folder


def test_hub_and_files_give_the_same_tables(tmp_path):
    hub = save(tmp_path / "hub", ["train", "validation", "test"])
    own = save(tmp_path / "own", ["train", "dev", "test"])
    source = {"kind": "hub", "repository": str(hub), "configuration": None, "revision": "0" * 40, **HUB}
    paths = {split: own / f"{split}.jsonl" for split in ("train", "dev", "test")}
    first = read(dataset_spec(source), tmp_path)
    second = read(dataset_spec(files_source(plugin("delimited", **DELIMITED), paths)), tmp_path)
    assert first == second
    assert first["train"]["label"].to_pylist() == [1, 0]
    assert all(table.schema == SCHEMA.columns for table in first.values())


def test_generated_sets_fit_the_schema(tmp_path):
    tables = read(dataset_spec({"kind": "synthetic", "reader": plugin("planted-sentiment", **SIZES)}), tmp_path)
    assert [tables[split].num_rows for split in ("train", "dev", "test")] == [60, 20, 20]
    assert tables["train"]["evidence"].null_count == 0


def test_other_numbers_of_rows_than_registered_are_refused(tmp_path):
    source = files_source(plugin("sst-trees"), write_trees(tmp_path))
    spec = dataset_spec(source, rows={"train": 6920, "dev": 872, "test": 1821})
    with pytest.raises(DataError, match=r"'tiny': expected 6920/872/1821 examples .* found 2/1/1 .*GLUE"):
        read(spec, tmp_path)
    assert read({**spec, "rows": {"train": 2, "dev": 1, "test": 1}}, tmp_path)


def test_a_split_without_examples_is_refused(tmp_path):
    paths = {split: path for split, path in write_trees(tmp_path).items() if split != "dev"}
    with pytest.raises(DataError, match="no examples in dev of its files source"):
        read(dataset_spec(files_source(plugin("sst-trees"), paths)), tmp_path)


def test_an_unknown_label_is_told_with_data_set_and_example(tmp_path):
    folder = save(tmp_path / "own", ["train"])
    spec = dataset_spec(
        files_source(plugin("delimited", **DELIMITED), dict.fromkeys(("train", "dev", "test"), folder / "train.jsonl")),
        classes=["bad", "positiv"],
    )
    with pytest.raises(
        DataError, match=r"data set 'tiny', example train-00001: label 'positive'.*Did you mean 'positiv'"
    ):
        read(spec, tmp_path)


def test_an_unknown_source_is_told(tmp_path):
    with pytest.raises(UnknownNameError, match=r"data set 'tiny': unknown source 'file'. Did you mean 'files'"):
        read(dataset_spec({"kind": "file"}), tmp_path)
