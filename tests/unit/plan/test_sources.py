"""Where files are looked for, what a missing set is told with, and which files are inputs of a data rule."""

import gzip
import json

import pytest

from attnexplain.config.load import load_registry, load_study
from attnexplain.config.registry_file import DatasetEntry
from attnexplain.config.values import StrictModel
from attnexplain.data.originals import digest, locate
from attnexplain.errors import ConfigError
from attnexplain.plan import sources
from attnexplain.plan.study_plan import StudyPlan
from attnexplain.provenance import Sources
from studies import REGISTRY, write_study


def entry(path, **changes) -> StrictModel:
    files = {"reader": "text-folder", "files": {"folder": {"path": path}}}
    return DatasetEntry.model_validate({"title": "T", "classes": ["a", "b"], "sources": {"files": files}, **changes})


def test_an_unpacked_file_stands_for_the_packed_one(tmp_path):
    (tmp_path / "notes.csv").write_text("x")
    assert sources.find("notes.csv.gz", tmp_path) == locate("notes.csv.gz", tmp_path) == tmp_path / "notes.csv"
    (tmp_path / "notes.csv.gz").write_text("x")
    assert sources.find("notes.csv.gz", tmp_path) == locate("notes.csv.gz", tmp_path) == tmp_path / "notes.csv.gz"


def test_the_files_of_a_folder_are_inputs_and_of_a_large_one_its_folders(tmp_path, monkeypatch):
    for name in ("texts/pos/a.txt", "texts/neg/b.txt"):
        (tmp_path / name).parent.mkdir(parents=True)
        (tmp_path / name).write_text(name)
    source, missing = sources.choose(entry("texts"), tmp_path)
    assert missing is None
    found = sources.unregistered_files(source, tmp_path)
    assert found == [str(tmp_path / "texts/neg/b.txt"), str(tmp_path / "texts/pos/a.txt")]
    monkeypatch.setattr(sources, "MOST_FILES", 1)
    assert sources.unregistered_files(source, tmp_path) == [
        str(tmp_path / f"texts{sub}") for sub in ("", "/neg", "/pos")
    ]


def test_the_digest_of_a_folder_follows_names_and_contents(tmp_path):
    seen = set()
    for name, text in (("a/x.txt", "1"), ("a/y.txt", "1"), ("a/y.txt", "2")):
        for path in tmp_path.rglob("*.txt"):
            path.unlink()
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(text)
        seen.add(digest(tmp_path))
    assert len(seen) == 3


@pytest.mark.parametrize("access", ["open", "credentialed"])
def test_a_missing_set_says_how_to_get_it(tmp_path, access):
    _, missing = sources.choose(entry("nowhere", access=access, obtain="ask its authors"), tmp_path)
    assert "no file 'nowhere' under data_mirror" in missing
    assert "; ask its authors, then set data_mirror to the folder" in missing


def test_a_credentialed_set_never_comes_from_the_web(tmp_path):
    url = {"url": "https://x.org/a.csv", "sha256": "ab" * 32, "reader": "delimited", "files": {"train": "a.csv"}}
    path = tmp_path / "datasets.yaml"
    private = {**REGISTRY["private"], "sources": {"url": url}}
    path.write_text(json.dumps({"private": private}))
    with pytest.raises(ConfigError, match=r"private: .*comes from files of the user alone"):
        load_registry(path)


def test_what_a_copy_differs_in_reaches_the_tables_and_no_run(tmp_path):
    (tmp_path / "notes").mkdir()
    files = {"reader": "text-folder", "files": {"folder": {"path": str(tmp_path / "notes")}}}
    plans = []
    for more in ({}, {"differs": "half of the texts"}):
        about = {"title": "Notes", "classes": ["a", "b"], "sources": {"files": {**files, **more}}}
        plans.append(planned(tmp_path, {"datasets": ["notes", "reviews"]}, {**REGISTRY, "notes": about}))
    plain, told = plans
    assert plain.runs == told.runs
    assert {name: one.spec for name, one in plain.datasets.items()} == {n: one.spec for n, one in told.datasets.items()}
    assert [json.loads(one.tables_settings())["differs"] for one in plans] == [{}, {"notes": "half of the texts"}]


@pytest.mark.parametrize(("name", "size"), [("glove.txt.gz", 3), ("fasttext.vec", 3)])
def test_the_tables_are_told_name_and_size_of_the_vectors(tmp_path, name, size):
    lines = ["a 1 2 3", "b 4 5 6"] if name.endswith("gz") else ["2 3", "a 1 2 3", "b 4 5 6"]
    opened = gzip.open if name.endswith("gz") else open
    with opened(tmp_path / name, "wt", encoding="utf-8") as file:
        file.write("\n".join(lines) + "\n")
    found = planned(tmp_path, {"vectors": str(tmp_path / name)}, REGISTRY)
    digests = {spec["vectors"]["sha256"] for spec in found.runs.values()}
    assert json.loads(found.tables_settings())["vectors"] == {digests.pop(): {"name": name, "size": size}}
    assert not digests


def planned(folder, changes, registry):
    path, file = write_study(folder, changes, registry)
    return StudyPlan(load_study([path], file, {}), Sources(), None)
