"""The container's definition fits the project; it is not built here, which takes a network and minutes."""

import json
import re
from pathlib import Path

import pytest
import yaml

from workflow_project import COPIED, ROOT

INSTRUCTION = re.compile(r"^([A-Z]+) (.*)$", re.MULTILINE)


@pytest.fixture(scope="module")
def instructions() -> list[tuple[str, str]]:
    """Names and arguments, in order, lines that go on joined."""
    text = (ROOT / "envs" / "Containerfile").read_text(encoding="utf-8").replace("\\\n", " ")
    return INSTRUCTION.findall(text)


def arguments(instructions: list[tuple[str, str]], name: str) -> list[str]:
    return [argument for found, argument in instructions if found == name]


def test_its_python_is_that_of_the_environments(instructions: list[tuple[str, str]]) -> None:
    (base,) = [one for one in arguments(instructions, "ARG") if one.startswith("BASE=")]
    version = re.fullmatch(r"BASE=docker\.io/library/python:([\d.]+)-slim", base)
    assert version and arguments(instructions, "FROM") == ["${BASE}"]
    for file in (ROOT / "envs").glob("*.yaml"):
        assert f"python={version[1]}" in yaml.safe_load(file.read_text(encoding="utf-8"))["dependencies"]


def test_it_holds_what_the_workflow_needs_and_no_more(instructions: list[tuple[str, str]]) -> None:
    copied = [source for one in arguments(instructions, "COPY") for source in one.split()[:-1]]
    assert all((ROOT / source).exists() for source in copied)
    assert set(copied) == {*COPIED, "constraints.txt", "pyproject.toml", "README.md", "LICENSE"}
    for one in arguments(instructions, "COPY"):
        sources, target = one.split()[:-1], one.split()[-1]
        assert target == (sources[0] if (ROOT / sources[0]).is_dir() else "./")


def test_it_installs_as_make_does_without_what_only_tests_need(instructions: list[tuple[str, str]]) -> None:
    made = re.search(r"-m pip install --quiet (.*) --editable \"\.\[[a-z,]+\]\"", (ROOT / "Makefile").read_text())
    (run,) = arguments(instructions, "RUN")
    assert made and f"python -m pip install --no-cache-dir {made[1]} --editable . " in run


def test_it_calls_snakemake_on_the_copied_workflow_as_no_root(instructions: list[tuple[str, str]]) -> None:
    (call,) = map(json.loads, arguments(instructions, "ENTRYPOINT"))
    code, work = map(Path, arguments(instructions, "WORKDIR"))
    assert call == ["snakemake", "--snakefile", str(code / "Snakefile")] and work != code
    (user,) = arguments(instructions, "USER")
    assert int(user.split(":")[0]) > 0
    assert [name for name, _ in instructions].index("RUN") < [name for name, _ in instructions].index("USER")
