"""States of jobs. Expected: what was saved, or nothing."""

import logging

import pytest
import torch

from attnexplain.models.checkpoint import load_state, save_state

STATE = {"tensor": torch.arange(1000.0), "history": [{"epoch": 1, "loss": 0.5}], "best": 1}


def test_a_state_comes_back(tmp_path):
    save_state(tmp_path / "new" / "state.pt", STATE)
    loaded = load_state(tmp_path / "new" / "state.pt")
    assert loaded["tensor"].equal(STATE["tensor"])
    assert (loaded["history"], loaded["best"]) == (STATE["history"], 1)
    assert [path.name for path in (tmp_path / "new").iterdir()] == ["state.pt"]


def test_no_state_is_none(tmp_path):
    assert load_state(tmp_path / "state.pt") is None


@pytest.mark.parametrize("damage", [b"", b"not a state", "cut", "hole", b"PK\x03\x04" + bytes(50), b"\x80\x02ctorch\n"])
def test_a_damaged_state_is_given_up_with_a_line_in_the_log(tmp_path, caplog, damage):
    path = tmp_path / "state.pt"
    save_state(path, STATE)
    whole = path.read_bytes()
    damaged = {"cut": whole[: len(whole) // 2], "hole": whole[:100] + bytes(200) + whole[300:]}
    path.write_bytes(damage if isinstance(damage, bytes) else damaged[damage])
    with caplog.at_level(logging.WARNING):
        assert load_state(path) is None
    assert "starting from the beginning" in caplog.text
