"""Every rule carries every directive; environments hold what the jobs of their rules import, as pinned."""

import re
import sys
from pathlib import Path

import pytest
import yaml

from attnexplain import registry
from attnexplain.provenance import Sources
from conda_double import PIP_NAMES, packages
from workflow_project import ROOT

RULES = ROOT / "workflow" / "rules"
DIRECTIVES = ("output", "log", "benchmark", "conda", "threads", "resources", "params", "message", "shell")
# Stage module and families of plug-ins that the jobs of a rule load.
LOADED = {
    "data": ("data", ["reader"]),
    "tokenise": ("tokenise", ["tokeniser"]),
    "train": ("train", ["encoder", "attention", "normaliser", "regulariser"]),
    "attribute": ("attribute", ["encoder", "attention", "normaliser", "method"]),
    "experiment": ("experiment", ["encoder", "attention", "normaliser", "experiment"]),
    "measure": ("measure", ["metric"]),
    "annotators": ("annotators", ["metric"]),
    "between": ("between", ["encoder", "attention", "normaliser", "between:models"]),
    "retest": ("retest", ["between:attributions"]),
    "gather": ("gather", []),
    "statistics": ("statistics", ["interval"]),
    "curve": ("curve", ["interval"]),
    "contrast": ("contrast", ["interval"]),
    "agreement": ("agreement", []),
    "tables": ("tables", []),
    "wide": ("wide", []),
    "figure": ("figure", ["figure"]),
    "report": ("report", []),
    "partial": ("partial", ["metric", "interval", "figure"]),
}
ENVIRONMENTS = sorted((ROOT / "envs").glob("*.yaml"))
TORCH = {"torch": "pytorch", "torch-cpu": "pytorch-cpu", "torch-gpu": "pytorch-gpu"}  # environment -> package


def rules() -> dict[str, str]:
    """Name -> text of every rule that runs a command."""
    text = "\n".join(path.read_text(encoding="utf-8") for path in sorted(RULES.glob("*.smk")))
    blocks = re.split(r"^rule (\w+):\n", text, flags=re.MULTILINE)[1:]
    return {name: body for name, body in zip(blocks[::2], blocks[1::2], strict=True) if "shell:" in body}


def environments(rule: str) -> list[Path]:
    """The files of a rule's environment, one for each build of PyTorch where it needs that."""
    match = re.search(r'    conda:\n        f?"../../envs/(.+).yaml"', rules()[rule])
    assert match
    return [ROOT / "envs" / f"{name}.yaml" for name in (TORCH if match.group(1) == "{TORCH}" else [match.group(1)])]


def held(file: Path) -> set[str]:
    """Modules that the packages of an environment's file are for."""
    return {PIP_NAMES.get(package, package) for package in packages(file)} - {"python"}


def imported(rule: str) -> set[str]:
    """Modules outside Python's own library that the jobs of a rule may import."""
    stage, families = LOADED[rule]
    plugins = [module for family in families for module in modules(family)]
    return Sources().third_party([f"attnexplain.stages.{stage}", *plugins]) - set(sys.stdlib_module_names)


def modules(family: str) -> list[str]:
    """Modules of a family's plug-ins, or of those of them that read what stands after the colon."""
    family, _, reads = family.partition(":")
    names = [one for one in registry.BUILT_IN[family] if not reads or registry.facts(family, one)["reads"] == reads]
    return [registry.module(family, name) for name in names]


def constraints() -> dict[str, str]:
    lines = (ROOT / "constraints.txt").read_text(encoding="utf-8").splitlines()
    pins = (line.split("==") for line in lines if "==" in line and not line.startswith("#"))
    return {name.lower(): version for name, version in pins}


def test_the_rules_are_those_of_the_design() -> None:
    assert set(rules()) == set(LOADED)


@pytest.mark.parametrize("name", sorted(LOADED))
def test_a_rule_carries_every_directive(name: str) -> None:
    body = rules()[name]
    assert [directive for directive in DIRECTIVES if f"    {directive}:" not in body] == []
    assert "mem_mb=doubling(" in body and "runtime=doubling(" in body and "code=" in body


@pytest.mark.parametrize("name", sorted(LOADED))
def test_an_environment_holds_what_the_jobs_of_its_rule_import(name: str) -> None:
    for file in environments(name):
        assert imported(name) - held(file) == set(), file.name


@pytest.mark.parametrize("file", ENVIRONMENTS, ids=lambda path: path.name)
def test_an_environment_holds_nothing_that_no_job_imports(file: Path) -> None:
    """What it holds beyond that could change, and with it the environment of trained models."""
    users = [name for name in LOADED if file in environments(name)]
    assert users and held(file) - set().union(*map(imported, users)) == set()


def test_the_environments_of_the_builds_of_pytorch_differ_in_that_alone() -> None:
    others = [packages(ROOT / "envs" / f"{name}.yaml") for name in TORCH]
    versions = [found.pop(package) for found, package in zip(others, TORCH.values(), strict=True)]
    assert len(set(versions)) == 1 and others[0] == others[1] == others[2]


@pytest.mark.parametrize("file", ENVIRONMENTS, ids=lambda path: path.name)
def test_an_environment_is_pinned_as_the_constraints_are(file: Path) -> None:
    declared = (ROOT / "pyproject.toml").read_text(encoding="utf-8")
    pins = constraints()
    for package, version in packages(file).items():
        if package == "python":
            assert f'requires-python = ">={version}"' in declared
            continue
        name = PIP_NAMES.get(package, package)
        assert f'"{name}>=' in declared, f"{package} is no dependency in pyproject.toml"
        assert pins[name] == version, f"{package}: {version} here, {pins[name]} in constraints.txt"


@pytest.mark.parametrize("file", ENVIRONMENTS, ids=lambda path: path.name)
def test_an_environment_comes_from_conda_forge_alone(file: Path) -> None:
    assert yaml.safe_load(file.read_text(encoding="utf-8"))["channels"] == ["conda-forge", "nodefaults"]
