"""Imports flow one way: a lower floor imports nothing from a higher one, and no code runs in an `__init__`."""

import ast
from pathlib import Path

import pytest

from attnexplain.provenance import imports_of

PACKAGE = Path(__file__).parents[2] / "workflow" / "src" / "attnexplain"
# From the ground up; modules on one floor may import each other.
FLOORS = [
    ["errors", "seeding", "classification", "identifiers", "logs", "privacy", "attacks", "gpus", "gathered"],
    ["registry", "provenance"],
    ["tables", "sharding", "pseudonyms"],
    ["jobs"],
    ["data"],
    ["models"],
    ["objectives"],
    ["training"],
    ["attribution", "experiments"],
    ["metrics"],
    ["between"],
    ["statistics"],
    ["figures"],
    ["pages"],
    ["stages"],
    ["config"],
    ["plan"],
    ["inspection", "data_warnings", "operations", "recovery"],
    ["commands"],
    ["cli"],
    ["__main__"],
]
FLOOR = {name: number for number, names in enumerate(FLOORS) for name in names}
MODULES = sorted(path for path in PACKAGE.rglob("*.py") if path.name != "__init__.py")


def name_of(path: Path) -> str:
    return ".".join(("attnexplain", *path.relative_to(PACKAGE).with_suffix("").parts))


@pytest.mark.parametrize("path", MODULES, ids=name_of)
def test_a_module_imports_nothing_from_a_higher_floor(path: Path) -> None:
    own = name_of(path).split(".")[1]
    assert own in FLOOR, f"{name_of(path)}: say in this test on which floor {own!r} lies"
    for imported in imports_of(ast.parse(path.read_text(encoding="utf-8"))):
        parts = imported.split(".")
        if parts[0] == "attnexplain" and len(parts) > 1 and parts[1] in FLOOR:
            assert FLOOR[parts[1]] <= FLOOR[own], f"{name_of(path)} imports {imported}, which lies on a higher floor"


def test_package_files_are_empty() -> None:
    filled = [path for path in PACKAGE.rglob("__init__.py") if path.parent != PACKAGE and path.read_text().strip()]
    assert not filled, "code in an __init__ widens every closure"


@pytest.mark.parametrize("path", MODULES, ids=name_of)
def test_imports_are_absolute(path: Path) -> None:
    tree = ast.parse(path.read_text(encoding="utf-8"))
    assert not [node for node in ast.walk(tree) if isinstance(node, ast.ImportFrom) and node.level]
