"""One door to every source: a dataset spec in, canonical tables by split out."""

import traceback
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pyarrow as pa

from attnexplain.data.canonical import to_table
from attnexplain.data.sources import files, hub, synthetic, url
from attnexplain.data.tasks import QUESTION_ANSWERING, task_of
from attnexplain.errors import DataError, UnknownNameError
from attnexplain.privacy import CREDENTIALED

SPLITS = ("train", "dev", "test")
SOURCES = {"files": files.rows, "hub": hub.rows, "synthetic": synthetic.rows, "url": url.rows}


def load(spec: dict[str, Any], *, mirror: Path | None, cache: Path) -> dict[str, pa.Table]:
    """Train, dev and test of a dataset spec, as tables of `tables.dataset.SCHEMA`.

    `mirror` is the folder of the original files, `cache` the folder that downloads are kept in.
    Raises DataError where data is missing, gated, truncated, malformed or of an unexpected number of rows.
    """
    kind = spec["source"]["kind"]
    if kind not in SOURCES:
        raise UnknownNameError("source", kind, SOURCES, where=f"data set {spec['name']!r}")
    with withholding(spec):
        return _load(spec, kind, mirror, cache)


@contextmanager
def withholding(spec: dict[str, Any]) -> Iterator[None]:
    """Errors of a credentialed data set say nothing that is quoted from it; those of others pass as they are."""
    if spec.get("access") != CREDENTIALED:
        yield
        return
    where = f"data set {spec['name']!r}"
    try:
        yield
    except DataError as error:
        public = error.public or "cannot be read; what is wrong is kept back, since it may quote the data"
        raise DataError(f"{where} (credentialed): {public.removeprefix(f'{where}: ')}") from None
    except Exception as error:
        place = traceback.extract_tb(error.__traceback__)[-1]
        found = f"{type(error).__name__} in {Path(place.filename).name}, line {place.lineno}"
        raise DataError(
            f"{where} (credentialed): {found}; its message is kept back, since it may quote the data"
        ) from None


def _load(spec: dict[str, Any], kind: str, mirror: Path | None, cache: Path) -> dict[str, pa.Table]:
    rows = SOURCES[kind](spec["source"], mirror=mirror, cache=cache)
    absent = [split for split in SPLITS if not rows.get(split)]
    if absent:
        message = f"data set {spec['name']!r}: no examples in {', '.join(absent)} of its {kind} source."
        raise DataError(message, message)
    _check_sizes(spec, {split: len(rows[split]) for split in SPLITS})
    classes = class_names(spec, (row.get("answer") for row in rows["train"]))
    if task_of(spec) == QUESTION_ANSWERING:
        rows = {split: _answered(rows[split], classes) for split in SPLITS}
    # A split's rows are let go of once it is a table: a large set is not held twice.
    return {split: to_table(rows.pop(split), classes, f"data set {spec['name']!r}") for split in SPLITS}


def class_names(spec: Mapping[str, Any], answers: Iterable[str | None]) -> list[str]:
    """The registered classes; where there are none, the distinct `answers` (those of all of train), sorted."""
    if spec["classes"] is not None:
        return list(spec["classes"])
    found = sorted({answer for answer in answers if answer is not None})
    if len(found) < 2:
        raise DataError(
            f"data set {spec['name']!r}: the answers of train are its classes, but there are {len(found)}; "
            "give examples with two different answers at least, or register `classes`."
        )
    return found


def _answered(rows: Sequence[Mapping[str, Any]], classes: Sequence[str]) -> list[dict[str, Any]]:
    """Rows whose label is their answer's class: null where the answer is none of the classes."""
    index = {name: place for place, name in enumerate(classes)}
    return [{**row, "label": index.get(row["answer"])} for row in rows]


def _check_sizes(spec: dict[str, Any], found: dict[str, int]) -> None:
    expected = spec.get("rows")
    if not expected or all(found[split] == expected[split] for split in SPLITS):
        return
    sizes = ["/".join(str(rows[split]) for split in SPLITS) for rows in (expected, found)]
    message = (
        f"data set {spec['name']!r}: expected {sizes[0]} examples in {'/'.join(SPLITS)}, found {sizes[1]} in its "
        f"{spec['source']['kind']} source. It is truncated or another version (GLUE's SST-2 holds phrases and hides "
        "its test labels): use the registered source, or correct `rows` of the entry."
    )
    raise DataError(message, message)
