"""What jobs import before they begin: libraries that take long are there only where a stage needs them."""

import subprocess
import sys
from pathlib import Path

import pytest

from attnexplain import registry

SOURCE = Path(__file__).parents[2] / "workflow" / "src"
CONFIGURATION = ["pydantic", "yaml", "snakemake"]  # the plan's, never a job's
COMPILER = ["torch._dynamo", "torch._inductor", "sympy"]
# Stages that share an environment, the families of plug-ins that their jobs load, and what they do without.
GROUPS = {
    "text": (["data", "tokenise"], ["reader", "tokeniser"], ["torch", "scipy", "matplotlib", "jinja2", "datasets"]),
    "models": (
        ["train", "attribute", "experiment", "between"],
        ["encoder", "attention", "normaliser", "regulariser", "method", "experiment", "between:models"],
        [*COMPILER, "scipy", "matplotlib", "pandas", "jinja2", "datasets"],
    ),
    "numbers": (
        ["measure", "annotators", "retest", "gather", "statistics", "contrast", "agreement", "tables"],
        ["metric", "interval", "between:attributions"],
        ["torch", "scipy.stats", "matplotlib", "jinja2"],
    ),
    "pictures": (["wide", "figure", "report", "partial"], ["figure"], ["torch", "datasets"]),
}
# A model that is trained for a step, saved and looked at: what is imported on the way counts too.
STEP = """
import torch
from attnexplain.models.device import make_deterministic
from attnexplain.models.encoders.bilstm import BiLSTM
from attnexplain.objectives.adam import Adam
make_deterministic(torch.device("cpu"))
encoder = BiLSTM(3, hidden=2)
adam = Adam(encoder.parameters(), lr=0.1, amsgrad=True, fused=True)
encoder(torch.ones(1, 2, 3), torch.ones(1, 2, dtype=torch.bool)).sum().backward()
adam.step()
adam.zero_grad()
adam.load_state_dict(adam.state_dict())
assert torch.are_deterministic_algorithms_enabled()
"""


def imported(modules: list[str], then: str = "") -> set[str]:
    """Names of all modules that a process has which imports these."""
    lines = ["import sys", f"sys.path.insert(0, {str(SOURCE)!r})", *(f"import {name}" for name in modules), then]
    command = [sys.executable, "-c", "\n".join([*lines, "print(*sys.modules)"])]
    return set(subprocess.run(command, capture_output=True, text=True, check=True).stdout.split())


def plugins(family: str) -> list[str]:
    """Modules of a family's plug-ins, or of those of them that read what stands after the colon."""
    family, _, reads = family.partition(":")
    names = [one for one in registry.BUILT_IN[family] if not reads or registry.facts(family, one)["reads"] == reads]
    return [registry.module(family, name) for name in names]


@pytest.mark.parametrize("group", GROUPS)
def test_stages_import_no_large_library_that_they_do_not_need(group: str) -> None:
    stages, families, unneeded = GROUPS[group]
    modules = [f"attnexplain.stages.{stage}" for stage in stages]
    modules += [module for family in families for module in plugins(family)]
    found = imported(["attnexplain.cli", *modules], STEP if group == "models" else "")
    assert set(modules) <= found
    assert found.isdisjoint([*unneeded, *CONFIGURATION])


def test_a_plan_imports_no_large_library() -> None:
    """Every call of Snakemake makes one, twice per job of a cluster."""
    modules = ["attnexplain.plan.from_workflow", "attnexplain.plan.partial"]
    assert imported(modules).isdisjoint(["pyarrow", "numpy", "pandas", "torch", "matplotlib"])
