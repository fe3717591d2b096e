"""One file for each class, one text per line.

So come SUBJ (Pang & Lee 2004), MR (2005), CR (Hu & Liu 2004) and MPQA (Wiebe et al. 2005). The files are named after
the classes of the entry. No split is published (the papers use ten-fold cross-validation): dev and test are drawn,
stratified.
"""

from pathlib import Path

from attnexplain.data.archives import decoded
from attnexplain.data.canonical import example_id
from attnexplain.data.missing_splits import draw_missing
from attnexplain.errors import DataError

FACTS = {
    "name": "class-files",
    "title": "One file of lines for each class",
    "citation": "",
    "needs": [],
    "options": {
        "encoding": {
            "type": "string",
            "default": "utf-8",
            "enum": ["utf-8", "latin-1", "cp1252"],
            "description": "Encoding of the files.",
        },
        "dev_fraction": {
            "type": "number",
            "default": 0.1,
            "exclusiveMinimum": 0,
            "maximum": 0.4,
            "description": "Share of all texts that becomes dev.",
        },
        "test_fraction": {
            "type": "number",
            "default": 0.1,
            "exclusiveMinimum": 0,
            "maximum": 0.4,
            "description": "Share of all texts that becomes test.",
        },
        "split_seed": {"type": "integer", "default": 0, "minimum": 0, "description": "Seed of those two draws."},
    },
}


def read(
    files: dict[str, Path], *, encoding: str, dev_fraction: float, test_fraction: float, split_seed: int
) -> dict[str, list[dict]]:
    """Split -> rows; identifiers are `<class>-<line from 1>`."""
    if len(files) < 2:
        raise DataError(f"one file for each class, two at least; found {', '.join(files)}.")
    # By name: a registry keeps the order in which its entry was typed, which must not move a draw.
    rows = [row for name in sorted(files) for row in _rows(files[name], name, encoding)]
    return draw_missing({"train": rows}, {"test": test_fraction, "dev": dev_fraction}, split_seed)


def _rows(path: Path, name: str, encoding: str) -> list[dict]:
    # Only \n ends a line: 0x85, a dash or dots in cp1252, is a line end to str.splitlines().
    lines = decoded(path.read_bytes(), encoding, str(path)).split("\n")
    return [
        {"example_id": example_id(name, number), "text": line.strip(), "label": name}
        for number, line in enumerate(lines[:-1] if lines[-1] == "" else lines, start=1)
    ]
