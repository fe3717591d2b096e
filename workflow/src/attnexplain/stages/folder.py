"""Files of one folder that appear together or not at all."""

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any


@contextmanager
def filled(output: Path) -> Iterator[Path]:
    """A scratch folder beside `output`, whose files move into it when the block ends without an error."""
    output.parent.mkdir(parents=True, exist_ok=True)
    with TemporaryDirectory(dir=output.parent, prefix=f".{output.name}.") as name:
        scratch = Path(name)
        yield scratch
        output.mkdir(exist_ok=True)
        for path in sorted(scratch.iterdir()):
            path.replace(output / path.name)


def write_json(path: Path, content: Mapping[str, Any]) -> None:
    """JSON with sorted keys, so that the same content is the same bytes."""
    path.write_text(json.dumps(content, indent=2, sort_keys=True, ensure_ascii=False) + "\n", encoding="utf-8")
