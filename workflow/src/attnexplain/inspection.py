"""What was understood of a data set, for people: `attnexplain data check NAME`. Reads alone, writes nothing.

Of a credentialed data set counts and lengths are told, never a text or an identifier.
"""

from collections.abc import Iterator, Mapping
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np
import pyarrow as pa

from attnexplain import registry
from attnexplain.config.load import load_registry, load_study
from attnexplain.config.plugins import Plugin, make_plugin
from attnexplain.config.registry_file import DatasetEntry
from attnexplain.data.load import load
from attnexplain.data.originals import digest, locate
from attnexplain.data.sources.url import cached
from attnexplain.data_warnings import Checked, warnings
from attnexplain.errors import AttnExplainError, DataError, UnknownNameError
from attnexplain.plan import sources
from attnexplain.privacy import CREDENTIALED

REGISTRY = Path(__file__).parents[3] / "config" / "datasets.yaml"
DOWNLOADS = Path("resources") / "datasets" / ".downloads"
EXAMPLES = 3
MOST_CLASSES = 12  # named
SHOWN = 240  # characters of an example
NO_LIMITS: dict[str, Any] = {"train": None, "dev": None, "test": None}


def check(what: list[str], study: Path | None, mirror: Path | None) -> Iterator[str]:
    """Lines to print: of a file its SHA-256, of a data set by its name what was understood of it."""
    entries: dict[str, tuple[DatasetEntry, Plugin]] | None = None
    for name in what:
        if Path(name).is_file():
            yield f"{digest(Path(name))}  {name}"
            continue
        if entries is None:
            entries, mirror = _entries(study, mirror)
        if name in entries:
            yield from _dataset(name, *entries[name], mirror)
        elif Path(name).is_dir():
            yield f"{digest(Path(name))}  {name}"
        elif Path(name).suffix or len(Path(name).parts) > 1:
            raise AttnExplainError(f"{name}: no such file")
        else:
            raise UnknownNameError("data set (and no file)", name, entries)


def _entries(study: Path | None, mirror: Path | None) -> tuple[dict[str, tuple[DatasetEntry, Plugin]], Path | None]:
    """Every entry with the tokeniser that the study gives it, and the mirror."""
    word = make_plugin("tokeniser", "word")
    if study is None:
        return {name: (entry, word) for name, entry in load_registry(REGISTRY).items()}, mirror
    loaded = load_study([study], REGISTRY, {})
    named = loaded.study.data_mirror
    found = {name: (entry, word) for name, entry in loaded.registry.items()}
    found |= {name: (loaded.registry[name], settings.tokeniser) for name, settings in loaded.settings.items()}
    return found, mirror or (Path(named).expanduser() if named else None)


def _dataset(name: str, entry: DatasetEntry, tokeniser: Plugin, mirror: Path | None) -> Iterator[str]:
    source, missing = sources.choose(entry, mirror)
    if source is None:
        raise DataError(f"data set {name!r} is missing: {missing}")
    spec = sources.dataset_spec(name, entry, source, NO_LIMITS)
    yield f"{name}: {entry.title}"
    yield f"  source    {source['kind']}{_origin(source)}"
    yield from _files(source, mirror)
    tables = _load(spec, source, mirror)
    split = registry.load("tokeniser", tokeniser.name)(**tokeniser.options).split
    checked = [Checked(part, table, [_tokens(row, split) for row in _rows(table)]) for part, table in tables.items()]
    classes = _classes(spec, tables)
    for part in checked:
        yield from _split(part, classes, tokeniser.id)
    private = entry.access == CREDENTIALED
    yield from ["  examples  not shown: credentialed"] if private else _examples(checked, classes)
    found = list(warnings(checked, classes, private))
    yield f"  warnings  {len(found) or 'none'}"
    yield from (f"    {warning}" for warning in found)


def _classes(spec: dict[str, Any], tables: Mapping[str, pa.Table]) -> list[str]:
    """Names of the labels; where none are registered, the distinct answers of train, sorted."""
    if spec["classes"] is not None:
        return list(spec["classes"])
    return sorted({answer for answer in tables["train"]["answer"].to_pylist() if answer is not None})


def _load(spec: dict[str, Any], source: Mapping[str, Any], mirror: Path | None) -> dict[str, pa.Table]:
    """The canonical tables; a download goes where it is forgotten, unless the project already holds it."""
    if source["kind"] == "url" and cached(source["url"], source.get("sha256"), DOWNLOADS).is_file():
        return load(spec, mirror=mirror, cache=DOWNLOADS)
    with TemporaryDirectory() as cache:
        return load(spec, mirror=mirror, cache=Path(cache))


def _origin(source: Mapping[str, Any]) -> str:
    reader = f", reader {source['reader']['name']}" if "reader" in source else ""
    return f"{reader}, {source.get('url') or source.get('repository') or ''}".removesuffix(", ")


def _files(source: Mapping[str, Any], mirror: Path | None) -> Iterator[str]:
    for key, file in source.get("files", {}).items() if source["kind"] == "files" else ():
        pinned = "as registered" if file["sha256"] else f"not pinned; sha256: {digest(locate(file['path'], mirror))}"
        yield f"  file      {key}: {locate(file['path'], mirror)} ({pinned})"


def _rows(table: pa.Table) -> Iterator[dict[str, Any]]:
    return (row for batch in table.to_batches(max_chunksize=1000) for row in batch.to_pylist())


def _tokens(row: Mapping[str, Any], split: Any) -> list[tuple[int, int, int]]:
    """(segment, start, end) of the tokens of both texts."""
    texts = [text for text in (row["text"], row["text_pair"]) if text is not None]
    return [(segment, start, end) for segment, text in enumerate(texts) for start, end, _ in split(text)]


def _split(part: Checked, classes: list[str], tokeniser: str) -> Iterator[str]:
    lengths = np.array([len(tokens) for tokens in part.tokens])
    middle = f"{lengths.min()} / {np.median(lengths):g} / {lengths.max()}"
    found = [f"{classes[label]} {count}" for label, count in part.label_counts(len(classes))]
    counts = ", ".join(found[:MOST_CLASSES]) + f", ... ({len(found)} classes)" * (len(found) > MOST_CLASSES)
    unlabelled = part.table["label"].null_count
    yield f"  {part.split:9} {part.table.num_rows} rows: {counts}{f', without a label {unlabelled}' * bool(unlabelled)}"
    yield f"            tokens ({tokeniser}), min / median / max: {middle}"
    evidence = [row for row in part.table["evidence"].to_pylist() if row is not None]
    if evidence:
        share = np.mean(np.concatenate(part.marked)) if sum(map(len, part.marked)) else 0.0
        annotators = max((span["annotator"] for spans in evidence for span in spans), default=0) + 1
        yield (
            f"            evidence in {sum(map(bool, evidence))} of {part.table.num_rows} rows "
            f"({len(evidence)} annotated{f' by up to {annotators}' * (annotators > 1)}), on {share:.1%} of their tokens"
        )


def _examples(checked: list[Checked], classes: list[str]) -> Iterator[str]:
    table = checked[0].table
    places = np.linspace(0, table.num_rows - 1, min(EXAMPLES, table.num_rows)).astype(int)
    yield f"  examples  of {checked[0].split}, evidence in [[ ]]"
    for row in table.take(places).to_pylist():
        label = "no label" if row["label"] is None else classes[row["label"]]
        texts = [_marked(row, segment) for segment in ("text", "text_pair") if row[segment] is not None]
        yield f"    {row['example_id']} ({label}): {' || '.join(texts)}"


def _marked(row: Mapping[str, Any], name: str) -> str:
    """A text on one line, shortened, its evidence in double brackets; control characters are escaped."""
    text, segment = row[name], int(name == "text_pair")
    covered = [False] * (len(text) + 1)
    for span in row["evidence"] or []:
        if span["segment"] == segment and span["weight"] >= 0.5:
            covered[span["start"] : span["end"]] = [True] * (span["end"] - span["start"])
    pieces = []
    for place, character in enumerate(text[:SHOWN]):
        opened = covered[place] and not (place and covered[place - 1])
        closed = covered[place] and not covered[place + 1]
        shown = character if character.isprintable() else " " if character.isspace() else f"\\x{ord(character):02x}"
        pieces.append(f"{'[[' * opened}{shown}{']]' * closed}")
    return "".join(pieces) + (" ..." if len(text) > SHOWN else "")
