"""Plain text for a terminal: columns, durations, sizes."""

from collections.abc import Iterable, Sequence

_UNITS = ("B", "kB", "MB", "GB", "TB")


def columns(rows: Iterable[Sequence[str]], left: int = 1, indent: str = "  ") -> list[str]:
    """Lines with their cells below each other; the first `left` columns flush left, the others flush right."""
    cells = [list(row) for row in rows]
    widths = [max(map(len, column)) for column in zip(*cells, strict=True)]
    lines = []
    for row in cells:
        placed = (
            cell.ljust(width) if place < left else cell.rjust(width)
            for place, (cell, width) in enumerate(zip(row, widths, strict=True))
        )
        lines.append(f"{indent}{'  '.join(placed)}".rstrip())
    return lines


def duration(seconds: float) -> str:
    """`8 s`, `12 min`, `3.5 h`, `2.1 days`."""
    if seconds < 99.5:
        return f"{seconds:.0f} s"
    if seconds < 99.5 * 60:
        return f"{seconds / 60:.0f} min"
    return f"{seconds / 3600:.1f} h" if seconds < 48 * 3600 else f"{seconds / 86400:.1f} days"


def size(count: float) -> str:
    """Bytes as `12 kB`, `3.4 MB`, by thousands."""
    place = 0
    while count >= 999.5 and place < len(_UNITS) - 1:
        count, place = count / 1000, place + 1
    return f"{count:.0f} {_UNITS[place]}" if place == 0 or count >= 99.5 else f"{count:.1f} {_UNITS[place]}"


def plural(count: int, one: str, several: str | None = None) -> str:
    """`1 run`, `3 runs`."""
    return f"{count} {one if count == 1 else several or f'{one}s'}"
