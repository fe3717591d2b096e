"""The report's facts about a study; expected cells are the specification's own values."""

from attnexplain.figures.report.study import training
from attnexplain.figures.style import Style
from tiny import tiny_spec


def test_vectors_are_named_by_their_digest() -> None:
    """A specification holds no path: where the file lies is no part of a run."""
    grid = training([tiny_spec(), tiny_spec(vectors={"sha256": "ab" * 32})], Style())
    column = grid.columns.index("vectors")
    assert [row[column].text for row in grid.rows] == ["none", "SHA-256 abababababab…"]
