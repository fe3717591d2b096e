"""The registry's entries against the readers' own facts and the digests of the original files."""

from pathlib import Path

import pytest
import yaml

from attnexplain.registry import facts
from data_specs import SST_SHA256

ENTRIES = yaml.safe_load((Path(__file__).parents[3] / "config" / "datasets.yaml").read_text(encoding="utf-8"))
SOURCES = [(name, kind) for name, entry in ENTRIES.items() for kind in entry["sources"]]


@pytest.mark.parametrize(("name", "kind"), SOURCES)
def test_readers_exist_and_options_are_theirs(name, kind):
    reader = ENTRIES[name]["sources"][kind].get("reader")
    if kind == "hub":
        assert len(ENTRIES[name]["sources"][kind]["revision"]) == 40
        return
    options = {} if isinstance(reader, str) else {key: value for key, value in reader.items() if key != "name"}
    known = facts("reader", reader if isinstance(reader, str) else reader["name"])["options"]
    assert set(options) <= set(known)


@pytest.mark.parametrize("name", sorted(ENTRIES))
def test_classes_are_texts_and_the_facts_are_there(name):
    entry = ENTRIES[name]
    assert entry["classes"] is not None or entry["task"] == "question-answering"
    assert all(isinstance(label, str) for label in entry["classes"] or [])
    assert {"title", "licence", "citation", "access", "classes", "rows", "sources"} <= set(entry)


def test_sst_files_are_registered_by_their_digests():
    files = ENTRIES["sst"]["sources"]["files"]["files"]
    assert {split: file["sha256"] for split, file in files.items()} == SST_SHA256
    assert all(len(ENTRIES["sst"]["sources"][kind].get("sha256", "0" * 64)) == 64 for kind in ("files", "url"))
