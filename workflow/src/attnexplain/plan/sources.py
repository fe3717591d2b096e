"""Which source a data set comes from, decided when the plan is made, by the existence of files alone."""

from pathlib import Path
from typing import Any

from attnexplain.config.registry_file import DatasetEntry, FilesSource, Sources
from attnexplain.plan.identity import digest


def find(path: str, mirror: Path | None) -> Path | None:
    """A file by its path: absolute, or under the mirror, or under the working directory."""
    folders = [mirror] if mirror else []
    return next((folder / path for folder in [*folders, Path()] if (folder / path).is_file()), None)


def choose(entry: DatasetEntry, mirror: Path | None) -> tuple[dict[str, Any] | None, str | None]:
    """The source's specification, or None and the reason why the data set is missing."""
    sources: Sources = entry.sources
    if sources.files:
        absent = [file.path for file in sources.files.files.values() if find(file.path, mirror) is None]
        if not absent:
            return _files(sources.files), None
    if sources.synthetic:
        return {"kind": "synthetic", "reader": sources.synthetic.reader.spec()}, None
    if sources.hub:
        return {"kind": "hub", **sources.hub.model_dump(mode="json")}, None
    if sources.url:
        return {"kind": "url", **sources.url.model_dump(mode="json")}, None
    where = f"under data_mirror={mirror} or " if mirror else "(no data_mirror is set) "
    how = "ask for access as its terms say, then " if entry.access == "credentialed" else ""
    return (
        None,
        f"no file {absent[0]!r} {where}in the working directory; {how}set data_mirror to the folder that holds it",
    )


def unregistered_files(source: dict[str, Any], mirror: Path | None) -> list[str]:
    """A user's files without a registered digest: inputs of their data rule."""
    if source["kind"] != "files":
        return []
    found = [find(file["path"], mirror) for file in source["files"].values() if file["sha256"] is None]
    return sorted(str(path) for path in found if path is not None)


def dataset_spec(name: str, entry: DatasetEntry, source: dict[str, Any], limits: dict[str, Any]) -> dict[str, Any]:
    """The specification of a data set that its data job receives."""
    facts = entry.model_dump(
        mode="json", include={"title", "licence", "citation", "access", "task", "classes", "rows", "published"}
    )
    return {"name": name, **facts, "source": source, "limits": limits}


def folder(name: str, identity: dict[str, Any]) -> str:
    """`sst-1a2b3c4d`: name and 8 hex digits of an identity."""
    return f"{name}-{digest(identity, 8)}"


def _files(source: FilesSource) -> dict[str, Any]:
    return {"kind": "files", **source.model_dump(mode="json")}
