"""Expected digest: the published SHA-256 of the text `abc` (FIPS 180-2)."""

import pytest

from attnexplain.data.originals import digest, locate, verify
from attnexplain.errors import DataError

ABC = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"


def test_digest_of_abc_is_the_published_one(tmp_path):
    (tmp_path / "abc").write_bytes(b"abc")
    assert digest(tmp_path / "abc") == ABC
    verify(tmp_path / "abc", ABC)


def test_a_changed_file_is_refused_with_both_digests_and_its_size(tmp_path):
    (tmp_path / "abc").write_bytes(b"abcd")
    with pytest.raises(DataError, match=rf"abc: not the registered file.*expected {ABC} \(4 bytes.*fetch it again"):
        verify(tmp_path / "abc", ABC)


def test_a_file_without_a_registered_digest_is_accepted(tmp_path):
    (tmp_path / "abc").write_bytes(b"anything")
    verify(tmp_path / "abc", None)


def test_the_mirror_is_looked_in_before_the_working_directory(tmp_path, monkeypatch):
    for place in ("mirror", "here"):
        (tmp_path / place).mkdir()
        (tmp_path / place / "a.txt").touch()
    monkeypatch.chdir(tmp_path / "here")
    assert locate("a.txt", tmp_path / "mirror") == tmp_path / "mirror" / "a.txt"
    assert locate("a.txt", None) == tmp_path / "here" / "a.txt"
    assert locate(str(tmp_path / "here" / "a.txt"), tmp_path / "mirror") == tmp_path / "here" / "a.txt"


def test_a_missing_file_is_told_with_every_place_and_the_way_out(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    with pytest.raises(DataError, match=r"sst/train.txt: no such file.*mirror/sst/train.txt and .*data_mirror"):
        locate("sst/train.txt", tmp_path / "mirror")
