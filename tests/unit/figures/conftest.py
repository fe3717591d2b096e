"""The tables that figures are drawn of."""

import pytest

from figure_drawing import Tables, full_tables, small_tables


@pytest.fixture
def full() -> Tables:
    """Everything that a figure may read."""
    return full_tables()


@pytest.fixture
def small() -> Tables:
    """One data set and one model."""
    return small_tables()
