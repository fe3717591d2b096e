"""Digest of the code a job can reach: what makes a cached result trustworthy.

Snakemake does not see changes in imported code, so each job carries `code=<digest>` among its params: SHA-256 over
the static import closure of its stage and of each plug-in the job loads. Hashed is the source text without
comments, docstrings and blank lines: rewording reruns nothing. Registries, configuration, plan and command line
stand outside, since what they decide reaches a job as params. A plug-in of another package is hashed over that
whole package. Facts about a file are cached by size and time under `.snakemake/`.
"""

import ast
import hashlib
import io
import json
import os
import tokenize
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from attnexplain import registry

PACKAGE = "attnexplain"
OUTSIDE = ("attnexplain.registry", "attnexplain.config", "attnexplain.plan", "attnexplain.cli")
CACHE = Path(".snakemake") / "attnexplain" / "sources.json"


class Sources:
    """Digest and imports of source files, and digests of data files, remembered between parses."""

    def __init__(self, cache: Path | None = None) -> None:
        self._path = cache
        self._known: dict[str, list[Any]] = _read_cache(cache)
        self._fresh = False
        self._digests: dict[tuple[str, ...], str] = {}

    def code_digest(self, modules: Iterable[str]) -> str:
        """12 hex digits over the import closure of `modules`."""
        roots = tuple(sorted(set(modules)))
        if roots not in self._digests:
            parts = [f"{name}\0{digest}" for name, digest in sorted(self._closure(roots).items())]
            self._digests[roots] = hashlib.sha256("\0".join(parts).encode()).hexdigest()[:12]
        return self._digests[roots]

    def closure(self, modules: Iterable[str]) -> list[str]:
        """Names of our modules in the import closure of `modules`, sorted."""
        return sorted(name for name in self._closure(tuple(modules)) if name.split(".")[0] == PACKAGE)

    def third_party(self, modules: Iterable[str]) -> set[str]:
        """Top-level names of all that the closure imports from outside the package."""
        names: set[str] = set()
        for name in self.closure(modules):
            path = registry.source_file(name)
            names |= {found.split(".")[0] for found in self._source(path)[1]} if path else set()
        return names - {PACKAGE}

    def file_digest(self, path: Path) -> str:
        """SHA-256 of a data file, remembered by size and modification time."""
        return str(self._remember(path, lambda: [sha256(path)])[0])

    def save(self) -> None:
        """Write the cache where something new was read; a folder that cannot be written is no error."""
        if not (self._path and self._fresh):
            return
        partial = self._path.with_suffix(f".{os.getpid()}.tmp")
        try:
            self._path.parent.mkdir(parents=True, exist_ok=True)
            partial.write_text(json.dumps(self._known), encoding="utf-8")
            partial.replace(self._path)
        except OSError:
            partial.unlink(missing_ok=True)

    def _closure(self, roots: tuple[str, ...]) -> dict[str, str]:
        found: dict[str, str] = {}
        waiting = list(roots)
        while waiting:
            name = waiting.pop()
            if name in found or name == PACKAGE or name.startswith(OUTSIDE):
                continue
            path = registry.source_file(name)
            if path is None:
                continue  # `from package import name`: the name is no module
            if name.split(".")[0] != PACKAGE:
                found |= self._package(name.split(".")[0])
                continue
            found[name], imports = self._source(path)
            waiting += [one for one in imports if one.split(".")[0] == PACKAGE]
            waiting.append(name.rpartition(".")[0])
        return found

    def _package(self, name: str) -> dict[str, str]:
        origin = registry.source_file(name)
        if origin is None:
            return {}
        files = sorted(origin.parent.rglob("*.py")) if origin.name == "__init__.py" else [origin]
        return {f"{name}:{path.relative_to(origin.parent)}": self._source(path)[0] for path in files}

    def _source(self, path: Path) -> tuple[str, list[str]]:
        digest, *imports = self._remember(path, lambda: list(_read_source(path)))
        return digest, imports

    def _remember(self, path: Path, read: Any) -> list[Any]:
        status = path.stat()
        key, stamp = str(path), [status.st_size, status.st_mtime_ns]
        known = self._known.get(key)
        if known is None or known[:2] != stamp:
            known = self._known[key] = [*stamp, *read()]
            self._fresh = True
        return known[2:]


def strip(text: str) -> str:
    """Source text without comments, docstrings and blank lines.

    It is text, not tokens: these differ between Python versions, which must not retrain a model.
    """
    lines = text.splitlines()
    for token in tokenize.generate_tokens(io.StringIO(text).readline):
        if token.type == tokenize.COMMENT:
            lines[token.start[0] - 1] = lines[token.start[0] - 1][: token.start[1]]
    documented = set(_docstring_lines(ast.parse(text)))
    kept = (line.rstrip() for number, line in enumerate(lines, start=1) if number not in documented)
    return "\n".join(line for line in kept if line)


def imports_of(tree: ast.AST) -> Iterator[str]:
    """Modules that a file imports, anywhere in it; for `from a import b` both `a` and `a.b`, which may be a module."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            yield node.module
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def _docstring_lines(tree: ast.Module) -> Iterator[int]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef):
            own_lines = node.body and (isinstance(node, ast.Module) or node.body[0].lineno > node.lineno)
            match node.body[:1]:
                case [ast.Expr(value=ast.Constant(value=str()), lineno=first, end_lineno=last)] if own_lines and last:
                    yield from range(first, last + 1)


def _read_source(path: Path) -> Iterator[str]:
    text = path.read_text(encoding="utf-8")
    yield hashlib.sha256(strip(text).encode()).hexdigest()
    yield from sorted(set(imports_of(ast.parse(text))))


def sha256(path: Path) -> str:
    """SHA-256 of a file, in hex."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _read_cache(path: Path | None) -> dict[str, list[Any]]:
    try:
        return dict(json.loads(path.read_text(encoding="utf-8"))) if path else {}
    except (OSError, ValueError):
        return {}  # absent or damaged: everything is read again
