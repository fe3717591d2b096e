"""Which source a data set comes from, decided when the plan is made, by the existence of files alone."""

import gzip
from pathlib import Path
from typing import Any

from attnexplain.config.registry_file import DatasetEntry, Source, Sources
from attnexplain.plan.identity import digest

MOST_FILES = 1000  # of a folder, as inputs of a rule


def find(path: str, mirror: Path | None) -> Path | None:
    """A file or folder by its path: absolute, under the mirror or the working directory; `x` for an absent `x.gz`."""
    spellings = [path, path.removesuffix(".gz")]
    places = [folder / name for folder in [*([mirror] if mirror else []), Path()] for name in dict.fromkeys(spellings)]
    return next((place for place in places if place.is_file() or place.is_dir()), None)


def choose(entry: DatasetEntry, mirror: Path | None) -> tuple[dict[str, Any] | None, str | None]:
    """The source's specification, or None and the reason why the data set is missing."""
    sources: Sources = entry.sources
    if sources.files:
        absent = [file.path for file in sources.files.files.values() if find(file.path, mirror) is None]
        if not absent:
            return {"kind": "files", **_described(sources.files)}, None
    if sources.synthetic:
        return {"kind": "synthetic", "reader": sources.synthetic.reader.spec()}, None
    if sources.hub:
        return {"kind": "hub", **_described(sources.hub)}, None
    if sources.url:
        return {"kind": "url", **_described(sources.url)}, None
    terms = "ask for access as its terms say" if entry.access == "credentialed" else ""
    how = f"{entry.obtain or terms}, then " if entry.obtain or terms else ""
    # The mirror's path stays out: the reason stands in tables, which moving the mirror must not change.
    where = "under data_mirror or in the working directory"
    return None, f"no file {absent[0]!r} {where}; {how}set data_mirror to the folder that holds it"


def unregistered_files(source: dict[str, Any], mirror: Path | None) -> list[str]:
    """A user's files without a registered digest: inputs of their data rule."""
    if source["kind"] != "files":
        return []
    found = [find(file["path"], mirror) for file in source["files"].values() if file["sha256"] is None]
    return sorted(str(path) for place in found if place is not None for path in _members(place))


def _members(place: Path) -> list[Path]:
    """A file itself; of a folder its files, or its folders where the files are too many to be looked at each time."""
    if place.is_file():
        return [place]
    inside = list(place.rglob("*"))
    files = [path for path in inside if path.is_file()]
    return files if len(files) <= MOST_FILES else [place, *(path for path in inside if path.is_dir())]


def dataset_spec(name: str, entry: DatasetEntry, source: dict[str, Any], limits: dict[str, Any]) -> dict[str, Any]:
    """The specification of a data set that its data job receives."""
    facts = entry.model_dump(
        mode="json", include={"title", "licence", "citation", "access", "task", "classes", "rows", "published"}
    )
    return {"name": name, **facts, "source": source, "limits": limits}


def about_vectors(path: Path) -> dict[str, Any]:
    """Name and size of a file of word vectors: by fastText's header, or by the numbers of its first line."""
    opened = gzip.open if path.suffix == ".gz" else open
    with opened(path, "rt", encoding="utf-8", errors="replace") as file:
        fields = file.readline().rstrip("\r\n ").split(" ")
    size = int(fields[1]) if len(fields) == 2 and fields[1].isdecimal() else len(fields) - 1
    return {"name": path.name, "size": size}


def folder(name: str, identity: dict[str, Any]) -> str:
    """`sst-1a2b3c4d`: name and 8 hex digits of an identity."""
    return f"{name}-{digest(identity, 8)}"


def _described(source: Source) -> dict[str, Any]:
    """What a data job is told of its source; what the source differs in is for the tables."""
    return source.model_dump(mode="json", exclude={"differs"})
