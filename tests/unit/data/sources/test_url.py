"""Archives are made here and fetched through file:// addresses; expected rows are those of the reader on its own."""

import io
import tarfile
import zipfile

import pytest

from attnexplain.data.originals import digest
from attnexplain.data.readers import sst_trees
from attnexplain.data.sources import url
from attnexplain.errors import DataError
from data_specs import TREES, plugin, write_trees

MEMBERS = {f"trees/{split}.txt": text for split, text in TREES.items()}


def archive(path, members):
    if path.suffix == ".zip":
        with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as packed:
            for name, text in members.items():
                packed.writestr(name, text)
        return path
    with tarfile.open(path, f"w:{path.suffix[1:].replace('tgz', 'gz')}") as packed_tar:
        for name, text in members.items():
            info = tarfile.TarInfo(name)
            info.size = len(text)
            packed_tar.addfile(info, io.BytesIO(text.encode()))
    return path


def source(path, names=None, **changes):
    files = {name.split("/")[-1].split(".")[0]: {"path": name} for name in names or MEMBERS}
    spec = {"kind": "url", "url": path.as_uri(), "sha256": None, "reader": plugin("sst-trees"), "files": files}
    return {**spec, **changes}


def rows(spec, tmp_path):
    return url.rows(spec, mirror=None, cache=tmp_path / "cache")


@pytest.fixture(autouse=True)
def quick(monkeypatch):
    monkeypatch.setattr(url.time, "sleep", lambda seconds: None)


@pytest.mark.parametrize("name", ["a.zip", "a.tar.gz", "a.tgz", "a.tar.xz", "a.tar.bz2"])
def test_members_of_an_archive_go_through_the_reader(tmp_path, name):
    path = archive(tmp_path / name, MEMBERS)
    (tmp_path / "plain").mkdir()
    expected = sst_trees.read(write_trees(tmp_path / "plain"))
    assert rows(source(path, sha256=digest(path)), tmp_path) == expected


def test_a_single_file_needs_no_archive(tmp_path):
    paths = write_trees(tmp_path)
    assert len(rows(source(paths["dev"], ["dev.txt"]), tmp_path)["dev"]) == 1
    with pytest.raises(DataError, match=r"a single file .* names 3"):
        rows(source(paths["dev"]), tmp_path)


def test_a_download_is_kept_and_not_repeated(tmp_path):
    path = archive(tmp_path / "a.zip", MEMBERS)
    spec = source(path)
    first = rows(spec, tmp_path)
    path.unlink()
    assert rows(spec, tmp_path) == first
    assert [p.suffix for p in (tmp_path / "cache").iterdir()] == [".zip"]


def test_another_file_than_the_registered_one_is_refused_and_not_kept(tmp_path):
    path = archive(tmp_path / "a.zip", MEMBERS)
    with pytest.raises(DataError, match=r"a.zip: not the registered file"):
        rows(source(path, sha256="0" * 64), tmp_path)
    assert list((tmp_path / "cache").iterdir()) == []


@pytest.mark.parametrize("name", ["a.zip", "a.tar.gz", "a.tar.xz"])
@pytest.mark.parametrize("keep", [0, 10, 0.7])
def test_a_truncated_archive_is_told(tmp_path, name, keep):
    path = archive(tmp_path / name, {name: text * 500 for name, text in MEMBERS.items()})
    content = path.read_bytes()
    path.write_bytes(content[: int(keep if keep > 1 else keep * len(content))])
    with pytest.raises(DataError, match=rf"{name}: a truncated or corrupt archive \(.+\)\. The download was removed"):
        rows(source(path), tmp_path)
    assert list((tmp_path / "cache").iterdir()) == []


def test_a_damaged_member_is_told(tmp_path):
    path = archive(tmp_path / "a.zip", MEMBERS)
    content = bytearray(path.read_bytes())
    content[45:60] = bytes(15)
    path.write_bytes(content)
    with pytest.raises(DataError, match="a truncated or corrupt archive"):
        rows(source(path), tmp_path)


def test_a_missing_member_is_told_with_the_nearest(tmp_path):
    path = archive(tmp_path / "a.zip", MEMBERS)
    with pytest.raises(DataError, match=r"holds no 'tree/train.txt'. Did you mean 'trees/train.txt'"):
        rows(source(path, ["tree/train.txt"]), tmp_path)


def test_a_folder_in_the_archive_is_no_file(tmp_path):
    path = tmp_path / "a.tar.gz"
    with tarfile.open(path, "w:gz") as packed:
        info = tarfile.TarInfo("trees")
        info.type = tarfile.DIRTYPE
        packed.addfile(info)
    with pytest.raises(DataError, match="'trees' in the archive is no regular file"):
        rows(source(path, ["trees"]), tmp_path)


def test_a_member_cannot_be_written_outside_the_cache(tmp_path):
    path = archive(tmp_path / "a.tar.gz", {"../../train.txt": TREES["train"]})
    assert len(rows(source(path, ["../../train.txt"]), tmp_path)["train"]) == 2
    assert sorted(p.name for p in tmp_path.iterdir()) == ["a.tar.gz", "cache"]


@pytest.mark.parametrize("address", ["file:///none/a.zip", "nonsense", "http://127.0.0.1:9/a.zip"])
def test_what_cannot_be_fetched_is_told_with_the_way_out(tmp_path, address):
    spec = {**source(tmp_path / "x.zip"), "url": address}
    with pytest.raises(DataError, match=rf"{address}: cannot be downloaded .*tried [13] times.*data_mirror"):
        rows(spec, tmp_path)


def test_a_passing_failure_is_tried_again(tmp_path, monkeypatch):
    path = archive(tmp_path / "a.zip", MEMBERS)
    calls, copy = [], url._copy

    def flaky(*arguments):
        calls.append(1)
        if len(calls) < 3:
            raise OSError("connection reset")
        copy(*arguments)

    monkeypatch.setattr(url, "_copy", flaky)
    assert rows(source(path), tmp_path)
    assert len(calls) == 3
