"""Budgets that fall where memory runs out. Memory is a double that refuses more than it has; sizes are counted."""

import logging

import pytest
import torch

from attnexplain.errors import AttnExplainError
from attnexplain.models.memory import Budget, ran_out_of_memory
from scarce_memory import ON_A_GPU, ON_THE_CPU
from tiny import tiny_batch

BATCH = tiny_batch(40)
SIZE = BATCH.token_ids.numel()


def positions(limit, error=ON_A_GPU):
    """Per piece its positions; more than `limit` at once are refused."""

    def compute(pieces):
        sizes = []
        for piece in pieces:
            if piece.token_ids.numel() > limit:
                raise error
            sizes.append(piece.token_ids.numel())
        return sizes

    return compute


@pytest.mark.parametrize("error", [ON_A_GPU, ON_THE_CPU, MemoryError()])
def test_the_budget_halves_until_the_pieces_fit_and_the_log_says_so(caplog, error):
    budget = Budget(10**6)
    with caplog.at_level(logging.WARNING):
        sizes = budget.spend(BATCH, positions(SIZE // 3, error))
    assert sum(sizes) == SIZE
    assert max(sizes) <= SIZE // 4 == budget.positions
    assert [f"at most {SIZE // 2};" in caplog.messages[0], f"at most {SIZE // 4};" in caplog.messages[1]] == [True] * 2
    assert all("out of memory" in line and "`resources.tokens_per_batch` sets it" in line for line in caplog.messages)
    assert len(caplog.messages) == 2


def test_what_fits_is_left_whole_and_nothing_is_said(caplog):
    budget = Budget(SIZE)
    assert budget.spend(BATCH, positions(SIZE)) == [SIZE]
    assert budget.positions == SIZE
    assert not caplog.messages


def test_a_budget_that_fell_stays_so(caplog):
    budget, refused = Budget(SIZE), positions(SIZE // 2)
    assert budget.spend(BATCH, refused) == budget.spend(BATCH, refused)
    assert len(caplog.messages) == 1


def test_what_was_computed_before_memory_ran_out_is_dropped():
    """Of two halves the second is refused; both are computed again."""
    computed = []

    def compute(pieces):
        for piece in pieces:
            if len(piece.index) > 10 and piece.index[-1] == 39:
                raise ON_A_GPU
            computed.append(piece.index.tolist())
        return [index for piece in pieces for index in piece.index.tolist()]

    assert Budget(SIZE // 2).spend(BATCH, compute) == list(range(40))
    assert computed == [list(range(20)), *(list(range(start, start + 10)) for start in range(0, 40, 10))]


def test_one_text_that_does_not_fit_is_an_error_that_names_its_length_and_the_way_out():
    longest = int(BATCH.attended.sum(dim=1).max())
    with pytest.raises(
        AttnExplainError, match=rf"longest of these has {longest} words.*`max_length`.*CUDA out of memory"
    ):
        Budget(4096).spend(BATCH, positions(0))


@pytest.mark.parametrize("error", [RuntimeError("mat1 and mat2 shapes cannot be multiplied"), ValueError("no")])
def test_other_errors_are_no_want_of_memory(error):
    budget = Budget(4096)
    with pytest.raises(type(error), match=str(error)):
        budget.spend(BATCH, positions(0, error))
    assert budget.positions == 4096


def test_the_allocators_own_error_is_known():
    with pytest.raises(RuntimeError) as raised:
        torch.empty(1 << 60, dtype=torch.uint8)  # more than any address space
    assert ran_out_of_memory(raised.value)
