"""Pseudonyms against Python's own hmac; modes against the file system."""

import hmac
import os
import stat
import threading

import pyarrow as pa
import pytest

from attnexplain.privacy import guarded
from attnexplain.pseudonyms import matching, pseudonymised


def mode(path):
    return stat.S_IMODE(path.stat().st_mode)


def test_pseudonyms_are_keyed_hashes_of_one_key(tmp_path):
    table = pa.table({"x": [1, 2, 3], "example_id": ["a", "b", "a"]})
    found = pseudonymised(table, tmp_path / "new" / "key")
    key = (tmp_path / "new" / "key").read_bytes()
    expected = [hmac.digest(key, name, "sha256").hex()[:16] for name in (b"a", b"b", b"a")]
    assert found["example_id"].to_pylist() == expected and found["x"].to_pylist() == [1, 2, 3]
    assert len(key) == 32 and mode(tmp_path / "new" / "key") == 0o600
    assert [path.name for path in (tmp_path / "new").iterdir()] == ["key"]
    assert matching(table, {"example_ids": "pseudonymous"}, tmp_path / "new" / "key").equals(found)
    assert matching(table, {}, tmp_path / "new" / "key") is table


def test_another_key_gives_other_pseudonyms(tmp_path):
    table = pa.table({"example_id": ["a"]})
    assert pseudonymised(table, tmp_path / "one") != pseudonymised(table, tmp_path / "two")


def test_jobs_that_make_the_key_at_once_share_it(tmp_path):
    table, found = pa.table({"example_id": ["a"]}), []
    threads = [threading.Thread(target=lambda: found.append(pseudonymised(table, tmp_path / "key"))) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len({str(one["example_id"][0]) for one in found}) == 1


@pytest.mark.parametrize("umask", [0o000, 0o022, 0o077])
def test_guarded_files_are_the_users_alone_and_the_umask_returns(tmp_path, umask):
    before = os.umask(umask)
    try:
        folder = tmp_path / "up" / "here"
        with pytest.raises(ZeroDivisionError), guarded("credentialed", folder):
            folder.mkdir()
            (folder / "file").write_text("x")
            raise ZeroDivisionError
        assert (mode(folder), mode(folder / "file")) == (0o700, 0o600)
        with guarded("open", tmp_path / "open"):
            (tmp_path / "open").mkdir()
        assert mode(tmp_path / "open") == 0o777 & ~umask
        assert mode(tmp_path / "up") == 0o777 & ~umask, "folders above those given stay the user's choice"
    finally:
        assert os.umask(before) == umask
