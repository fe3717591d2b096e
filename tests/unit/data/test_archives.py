"""Expected members are those packed here."""

import pytest

from attnexplain.data.archives import decoded, members
from attnexplain.errors import DataError
from reader_specs import write_tar

FILES = {"a/1.txt": b"one", "a/2.txt": b"", "b": bytes(range(256)) * 300}


@pytest.mark.parametrize("name", ["a.tar.gz", "a.tar.xz", "a.tar.bz2"])
def test_every_regular_file_comes_once_in_order(tmp_path, name):
    assert list(members(write_tar(tmp_path / name, FILES))) == list(FILES.items())


@pytest.mark.parametrize("name", ["a.tar.gz", "a.tar.xz"])
@pytest.mark.parametrize("share", [0.3, 0.9])
def test_a_truncated_archive_is_told(tmp_path, name, share):
    path = write_tar(tmp_path / name, FILES)
    path.write_bytes(path.read_bytes()[: int(share * path.stat().st_size)])
    with pytest.raises(DataError, match=rf"{name}: a truncated or corrupt archive .*fetch it again"):
        list(members(path))


def test_a_file_that_is_no_archive_is_told(tmp_path):
    (tmp_path / "a.tar.xz").write_text("not an archive\n" * 100)
    with pytest.raises(DataError, match=r"a\.tar\.xz: a truncated or corrupt archive"):
        list(members(tmp_path / "a.tar.xz"))


def test_a_missing_file_stays_the_systems_error(tmp_path):
    with pytest.raises(FileNotFoundError):
        list(members(tmp_path / "none.tar.gz"))


def test_bytes_of_another_encoding_are_told_with_their_place():
    assert decoded("é".encode("latin-1"), "latin-1", "here") == "é"
    with pytest.raises(DataError, match=r"here, member: not utf-8 text"):
        decoded(b"\xe9", "utf-8", "here, member")
