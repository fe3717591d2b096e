"""Pieces of a Markdown page: tables, lists, and text that means what it says."""

import re
from collections.abc import Iterable, Sequence

# What starts markup: brackets do so before a parenthesis alone.
_MARKUP = re.compile(r"([\\|*_`<]|\](?=\())")


def escaped(text: str) -> str:
    """Text without markup of its own, on one line."""
    return _MARKUP.sub(r"\\\1", " ".join(text.split()))


def table(columns: Sequence[str], rows: Iterable[Sequence[str]], left: int = 1) -> str:
    """A table; the first `left` columns are set flush left, the others flush right. No row: a dash."""
    rule = [":--"] * left + ["--:"] * (len(columns) - left)
    found = [list(row) for row in rows] or [["–", *[""] * (len(columns) - 1)]]
    if any(len(row) != len(columns) for row in found):
        raise ValueError(f"a row of the table {list(columns)} has another number of cells")
    lines = [_line(map(escaped, columns)), _line(rule), *(_line(map(escaped, row)) for row in found)]
    return "\n".join(lines)


def bullets(items: Iterable[str]) -> str:
    """A list; each item is Markdown already."""
    return "\n".join(f"- {item}" for item in items)


def folded(summary: str, body: str) -> str:
    """A part that is shown when its summary is clicked."""
    return f"<details>\n<summary>{summary}</summary>\n\n{body}\n\n</details>"


def joined(names: Sequence[str]) -> str:
    """`a`, `a and b`, `a, b and c`."""
    return " and ".join([", ".join(names[:-1]), names[-1]] if len(names) > 1 else names)


def _line(cells: Iterable[str]) -> str:
    return f"| {' | '.join(cells)} |"
