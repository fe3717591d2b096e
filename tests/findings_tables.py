"""Hand-made tables of a finished study for the page of findings: every difference and interval is planted."""

from typing import Any

import pandas as pd

from attnexplain.pages.findings.study import Study
from attnexplain.statistics.gains import gain
from attnexplain.statistics.notions import BY_NAME, LOWER
from attnexplain.tables import agreement, comparisons, gains, runs, statistics
from report_tables import frame

DEPARTURES = {"tying": "regulariser", "deceptive": "regulariser", "sparsemax": "normaliser", "average": "encoder"}
PLAIN = {"regulariser": "none", "normaliser": "softmax", "encoder": "bilstm"}


def model(remedy: str | None, dataset: str = "sst") -> dict[str, str]:
    """The cell of a remedy, or of the plain model."""
    one = {"dataset": dataset, "limits": "train=100", "encoder": "bilstm", "attention": "additive"}
    one |= {"normaliser": "softmax", "regulariser": "none", "control": "none"}
    return one if remedy is None else {**one, DEPARTURES[remedy]: remedy}


def moved(
    remedy: str | None,
    notion: str,
    difference: tuple[float, float, float] | None = None,
    *,
    mean: float = 0.5,
    kind: str = "two-way",
    dataset: str = "sst",
) -> dict[str, Any]:
    """A row of `gains`: a difference with its interval, or none."""
    known = BY_NAME[notion]
    axis = None if remedy is None else DEPARTURES[remedy]
    method, method_b = [*sorted(known.methods or ()), None, None][:2]
    row = {"study": "demo", **model(remedy, dataset), "axis": axis, "value": remedy, "plain": axis and PLAIN[axis]}
    row |= {"notion": notion, "metric": known.metric, "method": method, "method_b": method_b, "better": known.better}
    row |= {"mean": mean, "ci_low": mean - 0.02, "ci_high": mean + 0.02, "ci_kind": kind}
    row |= {"n_examples": 50, "n_seeds": 1 if kind == "examples-only" else 3, "n_undefined": 0}
    if difference is None:
        return row
    value, low, high = difference
    row |= {"difference": value, "difference_low": low, "difference_high": high, "difference_kind": kind}
    return {**row, "p_adjusted": 0.2, "gain": gain(known.better, low, high, kind)}


def towards(notion: str, faithful: bool) -> tuple[float, float, float]:
    """A difference whose interval leaves out 0, on the faithful side or the other."""
    up = (BY_NAME[notion].better != LOWER) == faithful
    return (0.2, 0.1, 0.3) if up else (-0.2, -0.3, -0.1)


def pair(
    first: dict[str, Any], second: dict[str, Any], interval: tuple[float, float, float], **about: Any
) -> dict[str, Any]:
    """A row of `agreement`: a rank correlation of two metrics over models, and its interval."""
    sides = {**first, **{f"{name}_other": one for name, one in second.items()}}
    row = {"study": "demo", "dataset": "sst", "limits": "train=100", "kind": "metrics", "ranked": "models"}
    row |= dict(zip(("value", "ci_low", "ci_high"), interval, strict=True))
    return {**row, **sides, "ci_kind": "crossed-bootstrap", "n_ranked": 8, "n_examples": 50, "n_seeds": 3, **about}


def ran(dataset: str = "sst", seeds: tuple[int, ...] = (1, 2, 3), reason: str | None = None) -> list[dict[str, Any]]:
    """Rows of `runs`: of a plain model, or of a data set that is missing."""
    about = {"study": "demo", **model(None, dataset)}
    if reason is not None:
        return [{**about, "seed": 1, "missing_reason": reason}]
    return [
        {**about, "seed": seed, "run": f"{dataset}.{seed}", "n_train": 100, "n_test": 50, "epochs": 4} for seed in seeds
    ]


def study(
    moves: list[dict[str, Any]],
    trained: list[dict[str, Any]] | None = None,
    evidence: list[dict[str, Any]] | None = None,
    compared: list[dict[str, Any]] | None = None,
    ranked: list[dict[str, Any]] | None = None,
) -> Study:
    """A study of these rows."""
    return Study(
        name="demo",
        runs=frame(trained or ran(), runs.SCHEMA),
        gains=frame(moves, gains.SCHEMA),
        statistics=frame(evidence or [], statistics.SCHEMA),
        comparisons=frame(compared or [], comparisons.SCHEMA),
        agreement=frame(ranked or [], agreement.SCHEMA),
    )


def table(page: str) -> pd.DataFrame:
    """The first Markdown table of a page."""
    lines = [line for line in page.split("\n") if line.startswith("| ")]
    rows = [[cell.strip() for cell in line.strip("|").split(" | ")] for line in lines]
    return pd.DataFrame(rows[2:], columns=rows[0])
