"""Source `hub`: a data set of the Hugging Face Hub at a pinned revision, or a local folder in the same form.

`datasets` refuses loading scripts since version 4; a data set needs plain files (Parquet, CSV, JSON lines).
"""

import sys
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from attnexplain.data.canonical import example_id
from attnexplain.data.evidence_forms import read_evidence
from attnexplain.errors import DataError, nearest

_EVIDENCE = {"evidence": "spans", "evidence_tokens": "tokens", "evidence_marked": "marked"}
_MIRROR = "or set data_mirror to a folder with the original files, where the data set's entry has a `files` source"


def rows(source: dict[str, Any], *, mirror: Path | None, cache: Path) -> dict[str, list[dict]]:
    """Split -> rows: the mapped columns of each split; identifiers are the split and the row from 1."""
    if Path(source["repository"]).expanduser().is_dir():
        # Arrow files of a local folder are cached by path and time, which a changed folder may repeat.
        with TemporaryDirectory() as scratch:
            return {split: _split(source, split, scratch) for split in source["splits"]}
    # Offline, `datasets` falls back to whatever revision its cache holds; a cache per revision rules that out.
    return {split: _split(source, split, str(_cache(source))) for split in source["splits"]}


def _cache(source: dict[str, Any]) -> Path:
    import datasets  # two seconds to import, needed by this source alone

    return Path(str(datasets.config.HF_DATASETS_CACHE)) / "attnexplain" / str(source["revision"])


def _split(source: dict[str, Any], split: str, cache: str) -> list[dict]:
    table = _load(source, source["splits"][split], cache)
    missing = sorted(set(source["columns"].values()) - set(table.column_names))
    if missing:
        raise DataError(
            f"{_where(source)}: no column {missing[0]!r} in split {source['splits'][split]!r}; correct `columns` "
            f"of the entry. {nearest(missing[0], table.column_names)}"
        )
    # A class label is taken as its index: the hub may spell the classes' names otherwise than the entry.
    columns = {name: table.data.column(column).to_pylist() for name, column in source["columns"].items()}
    return [
        _row(dict(zip(columns, values, strict=True)), split, row, _where(source))
        for row, values in enumerate(zip(*columns.values(), strict=True), start=1)
    ]


def _row(values: dict[str, Any], split: str, number: int, where: str) -> dict[str, Any]:
    """A row from its columns; the name of the evidence's column says its form."""
    row = {"example_id": example_id(split, number), **values}
    for name, form in _EVIDENCE.items():
        if name in values:
            try:
                row["evidence"] = read_evidence(row.pop(name), form, str(values["text"]), 0, "*")
            except ValueError as error:
                raise DataError(f"{where}, {split}, row {number}: {error}") from error
    return row


def _load(source: dict[str, Any], split: str, cache: str) -> Any:
    import datasets

    if not sys.stderr.isatty():
        datasets.disable_progress_bars()
    local = Path(source["repository"]).expanduser().is_dir()
    try:
        return datasets.load_dataset(
            str(Path(source["repository"]).expanduser()) if local else source["repository"],
            source.get("configuration"),
            split=split,
            revision=None if local else source["revision"],
            cache_dir=cache,
        )
    # The library speaks through built-in errors (ConnectionError, FileNotFoundError, ValueError, RuntimeError).
    except (OSError, RuntimeError, ValueError, datasets.exceptions.DatasetsError) as error:
        raise DataError(f"{_where(source)}: {_reason(source, split, error)}, {_MIRROR}.") from error


def _where(source: dict[str, Any]) -> str:
    configuration = f", configuration {source['configuration']!r}" if source.get("configuration") else ""
    return f"hub data set {source['repository']!r}{configuration} at revision {source.get('revision')}"


def _reason(source: dict[str, Any], split: str, error: Exception) -> str:
    """What is missing and how to get it, from the library's error; its own first line is quoted."""
    said = f"{error}".strip().partition("\n")[0]
    page = f"https://huggingface.co/datasets/{source['repository']}"
    if "scripts are no longer supported" in said:
        what = "it needs a loading script, which `datasets` refuses since version 4; name a copy in plain files"
    elif "gated" in said:
        what = f"it is gated; ask for access at {page} and log in with `hf auth login`"
    elif isinstance(error, ConnectionError):
        what = "the Hub cannot be reached (offline?); run this rule once where there is network, the cache keeps it"
    elif "Revision" in said:
        what = f"no such revision; take the 40 hex digits of a commit from {page}/commits/main"
    elif "doesn't exist" in said or "Couldn't find" in said:
        what = f"no such data set, or a private one; check the name at {page} (`hf auth login` for private ones)"
    else:
        what = f"split {split!r} cannot be read; check configuration, splits and files at {page}"
    return f"({said}) {what}"
