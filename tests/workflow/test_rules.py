"""Every rule carries every directive; environments hold what the jobs of their rules import, as pinned."""

import re
import sys
from pathlib import Path

import pytest
import yaml

from attnexplain import registry
from attnexplain.provenance import Sources
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
# Names that differ between an import and a conda package.
CONDA_NAMES = {"torch": "pytorch", "yaml": "pyyaml"}
PIP_NAMES = {"pytorch": "torch", "matplotlib-base": "matplotlib", "pytorch-cpu": "torch", "pytorch-gpu": "torch"}


def rules() -> dict[str, str]:
    """Name -> text of every rule that runs a command."""
    text = "\n".join(path.read_text(encoding="utf-8") for path in sorted(RULES.glob("*.smk")))
    blocks = re.split(r"^rule (\w+):\n", text, flags=re.MULTILINE)[1:]
    return {name: body for name, body in zip(blocks[::2], blocks[1::2], strict=True) if "shell:" in body}


def environment(name: str) -> dict[str, str]:
    """Conda package -> pinned version."""
    wanted = yaml.safe_load((ROOT / "envs" / name).read_text(encoding="utf-8"))["dependencies"]
    return dict(dependency.split("=", 1) for dependency in wanted)


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
    stage, families = LOADED[name]
    plugins = [module for family in families for module in modules(family)]
    imported = Sources().third_party([f"attnexplain.stages.{stage}", *plugins]) - set(sys.stdlib_module_names)
    match = re.search(r"envs/([\w.-]+)", rules()[name])
    assert match
    held = {PIP_NAMES.get(package, package) for package in environment(match.group(1))}
    assert {CONDA_NAMES.get(one, one) for one in imported} - {CONDA_NAMES.get(one, one) for one in held} == set()


@pytest.mark.parametrize("path", sorted((ROOT / "envs").glob("*.yaml")), ids=lambda path: path.name)
def test_an_environment_is_pinned_as_the_constraints_are(path: Path) -> None:
    declared = (ROOT / "pyproject.toml").read_text(encoding="utf-8")
    pins = constraints()
    for package, version in environment(path.name).items():
        if package != "python":
            name = PIP_NAMES.get(package, package)
            assert f'"{name}>=' in declared, f"{package} is no dependency in pyproject.toml"
            assert pins[name] == version, f"{package}: {version} here, {pins[name]} in constraints.txt"
