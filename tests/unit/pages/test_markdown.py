"""Markdown that means what it says."""

import pytest

from attnexplain.pages.markdown import bullets, escaped, folded, joined, table


def test_markup_in_a_text_is_no_markup():
    assert escaped("a|b *c* d_e `f` <g> \\h") == "a\\|b \\*c\\* d\\_e \\`f\\` \\<g> \\\\h"
    assert escaped("0.3 [0.2, 0.4]\n(x)") == "0.3 [0.2, 0.4] (x)"
    assert escaped("[x](http://y)") == "[x\\](http://y)"


def test_a_table_has_a_line_per_row_and_as_many_cells():
    assert table(["a", "b|c"], [["x", "1"], ["y*", "−2"]]).splitlines() == [
        "| a | b\\|c |",
        "| :-- | --: |",
        "| x | 1 |",
        "| y\\* | −2 |",
    ]
    assert table(["a", "b", "c"], [], left=2).splitlines()[1:] == ["| :-- | :-- | --: |", "| – |  |  |"]
    with pytest.raises(ValueError, match="another number of cells"):
        table(["a", "b"], [["x"]])


def test_lists_and_parts():
    assert bullets(["**a**", "b"]) == "- **a**\n- b"
    assert [joined(names) for names in ([], ["a"], ["a", "b"], ["a", "b", "c"])] == ["", "a", "a and b", "a, b and c"]
    assert folded("s", "b") == "<details>\n<summary>s</summary>\n\nb\n\n</details>"
