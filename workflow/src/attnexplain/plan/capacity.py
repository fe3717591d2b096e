"""How much one job is given: at most 1,000 inputs, and a command that Linux takes.

A rule's whole command goes to bash as one argument, which Linux ends at 128 KiB. So what grows with the runs of a
study is counted here: files, of which there are lists where they are too many (`plan/gathering.py`), and settings,
which go by a file where they are too long.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from hashlib import sha256
from pathlib import Path
from shlex import quote
from typing import Any

from attnexplain.plan.identity import digest

INPUTS = 1000  # of a job, at most
ARGUMENT = 131_072  # bytes of an argument, the zero at its end included (MAX_ARG_STRLEN)
# What a job is given of files whose number grows with the study; the rest is for tokens, tables of the study, options.
FILES = 900
PATHS = 88 * 1024  # bytes of the paths of such files
SETTINGS = 24 * 1024  # bytes of settings; longer ones go by a file
FOLDER = Path(".snakemake") / "attnexplain"


def fits(files: Iterable[str]) -> bool:
    """Whether one job may be given these files."""
    lengths = [len(quote(path).encode()) + 1 for path in files]
    return len(lengths) <= FILES and sum(lengths) <= PATHS


def divided(files: Mapping[str, list[str]]) -> dict[str, list[str]]:
    """Names in parts whose files fit one job each; all of them in the part "" where they fit together.

    A part is named by the first bits of the digests of the names in it, as many as are needed. So what is added to a
    study changes the parts that it falls into, and no other. A name whose files are too many is a part by itself.
    """
    bits = {name: f"{int(sha256(name.encode()).hexdigest(), 16):0256b}" for name in files}

    def halved(prefix: str, names: list[str]) -> Iterator[tuple[str, list[str]]]:
        if len(names) == 1 or fits(path for name in names for path in files[name]):
            yield prefix, names
            return
        for bit in "01":
            own = [name for name in names if bits[name][len(prefix)] == bit]
            if own:
                yield from halved(prefix + bit, own)

    return dict(halved("", list(files)))


def short(settings: Callable[[Any], str]) -> Callable[[Any], str]:
    """A params function that gives the JSON of another, or where that is long the path of a file that holds it.

    The path has a digest of the content, by which Snakemake sees that settings are others.
    """

    def given(wildcards: Any) -> str:
        text = settings(wildcards)
        return text if len(quote(text).encode()) <= SETTINGS else str(_written(text))

    return given


def _written(text: str) -> Path:
    path = FOLDER / f"settings-{digest(text, 16)}.json"
    if not path.is_file():
        path.parent.mkdir(parents=True, exist_ok=True)
        partial = path.with_suffix(f".{id(text)}.tmp")
        partial.write_text(text, encoding="utf-8")
        partial.replace(path)
    return path
