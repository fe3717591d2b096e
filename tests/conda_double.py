"""A test double of conda: no channel is asked. An environment is made of links to what is installed here.

It holds the packages that its file names and what these require, and nothing else; which versions they have is the
business of constraints.txt. So a job whose environment lacks a package fails as it would in a real one. What the double
cannot tell is whether a channel has the packages, and which build of them conda would take.
"""

import json
import re
import sys
from collections.abc import Iterable
from importlib.metadata import Distribution, distribution
from pathlib import Path
from stat import S_IXUSR

import yaml
from packaging.requirements import Requirement

# Conda package -> distribution, where the names differ.
PIP_NAMES = {"pytorch": "torch", "matplotlib-base": "matplotlib", "pytorch-cpu": "torch", "pytorch-gpu": "torch"}
CONDA = '#!/bin/sh\nexec "{python}" "{program}" "$0" "$@"\n'
ACTIVATE = 'export CONDA_PREFIX="$1" PATH="$1/bin:$PATH"\n'
# Without `site`, Python finds its own library and what PYTHONPATH names.
PYTHON = '#!/bin/sh\nPYTHONPATH="$PYTHONPATH:{packages}" exec "{python}" -S "$@"\n'


def install(folder: Path) -> Path:
    """Put the double into a folder, which is to come first in PATH; the folder."""
    _write(folder / "conda", CONDA.format(python=sys.executable, program=Path(__file__).resolve()))
    _write(folder / "base" / "bin" / "activate", ACTIVATE)
    return folder


def packages(file: Path) -> dict[str, str]:
    """Conda package -> pinned version, of an environment's file."""
    wanted = yaml.safe_load(file.read_text(encoding="utf-8"))["dependencies"]
    return dict(dependency.split("=", 1) for dependency in wanted)


def main(program: Path, arguments: list[str]) -> int:
    """Answer what Snakemake asks."""
    match arguments:
        case ["info", "--json"]:
            print(json.dumps({"platform": "linux-64", "conda_prefix": str(program.parent / "base")}))
        case ["--version"]:
            print("conda 25.1.0")
        case ["config", "--get", "channel_priority", "--json"]:
            print(json.dumps({"get": {"channel_priority": "strict"}}))
        case ["env", "create", "--quiet", "--no-default-packages", "--file", file, "--prefix", prefix]:
            _create(Path(prefix), packages(Path(file)))
        case ["clean", "-y", "--tarballs"]:
            pass
        case _:
            print(f"the test double of conda does not know {arguments}", file=sys.stderr)
            return 1
    return 0


def _create(prefix: Path, wanted: Iterable[str]) -> None:
    links = prefix / "packages"
    links.mkdir(parents=True)
    for one in _with_required([PIP_NAMES.get(name, name) for name in wanted if name != "python"]):
        for name in {file.parts[0] for file in one.files or []} - {"..", "__pycache__"}:
            (links / name).symlink_to(Path(str(one.locate_file(name))))
    _write(prefix / "bin" / "python", PYTHON.format(packages=links, python=sys.executable))


def _with_required(names: Iterable[str]) -> list[Distribution]:
    found: dict[str, Distribution] = {}
    waiting = list(names)
    while waiting:
        name = re.sub(r"[-_.]+", "-", waiting.pop()).lower()
        if name not in found:
            found[name] = distribution(name)
            required = map(Requirement, found[name].requires or [])
            waiting += [one.name for one in required if one.marker is None or one.marker.evaluate({"extra": ""})]
    return list(found.values())


def _write(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
    path.chmod(path.stat().st_mode | S_IXUSR)


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1]), sys.argv[2:]))
