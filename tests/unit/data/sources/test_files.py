"""Expected rows are those of the reader on its own."""

import pytest

from attnexplain.data.originals import digest
from attnexplain.data.readers import planted_sentiment, sst_trees
from attnexplain.data.sources import files, synthetic
from attnexplain.errors import DataError, UnknownNameError
from data_specs import SIZES, files_source, plugin, write_trees


def rows(source, mirror, tmp_path):
    return files.rows(source, mirror=mirror, cache=tmp_path)


def test_files_of_the_mirror_go_through_the_reader(tmp_path):
    paths = write_trees(tmp_path)
    source = files_source(plugin("sst-trees"), {split: path.name for split, path in paths.items()})
    assert rows(source, tmp_path, tmp_path) == sst_trees.read(paths)


def test_a_registered_digest_is_checked_before_reading(tmp_path):
    source = files_source(plugin("sst-trees"), write_trees(tmp_path))
    for file in source["files"].values():
        file["sha256"] = digest(tmp_path / file["path"])
    assert rows(source, None, tmp_path)
    path = tmp_path / "dev.txt"
    path.write_text(path.read_text()[:-5])
    with pytest.raises(DataError, match=r"dev.txt: not the registered file.*truncated"):
        rows(source, None, tmp_path)


def test_a_missing_file_is_told_with_the_place_it_was_looked_for(tmp_path):
    source = files_source(plugin("sst-trees"), {"train": "sst/none.txt"})
    with pytest.raises(DataError, match=rf"Looked for {tmp_path}/sst/none.txt and .*data_mirror"):
        rows(source, tmp_path, tmp_path)


def test_an_unknown_reader_is_told(tmp_path):
    source = files_source(plugin("sst-tree"), write_trees(tmp_path))
    with pytest.raises(UnknownNameError, match=r"unknown reader 'sst-tree'. Did you mean 'sst-trees'"):
        rows(source, None, tmp_path)


def test_synthetic_calls_its_reader_without_files(tmp_path):
    source = {"kind": "synthetic", "reader": plugin("planted-sentiment", **SIZES)}
    assert synthetic.rows(source, mirror=None, cache=tmp_path) == planted_sentiment.read({}, **SIZES)
