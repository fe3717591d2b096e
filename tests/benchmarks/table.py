"""The rows as csv, and as a page with the machine's description and a table per stage."""

import csv
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from attnexplain.pages.markdown import table
from benchmarks.catalogue import STAGES

COLUMNS = (
    "stage",
    "encoder",
    "tokens",
    "mean_tokens",
    "examples",
    "reference_examples",
    "device",
    "examples_per_s",
    "examples_per_s_iqr",
    "reference_examples_per_s",
    "reference_examples_per_s_iqr",
    "ratio",
    "largest_difference",
    "peak_mib",
    "imports_mib",
    "limit_examples_per_s",
    "of_limit",
)
HEADS = ("Encoder", "Tokens", "Texts/s", "± IQR", "Reference", "Ratio", "Difference", "Peak, MiB", "Limit", "Of limit")
Row = Mapping[str, Any]

PAGE = """# Benchmarks

Made by `make benchmark`; the same rows with more columns are in `{csv}`.

**Machine.** {machine}

**How.** Random models of the default sizes (embedding 300, `hidden` 128, additive attention, 13,826 words as frequent
as in real text) read texts of about so many tokens: of 60 % to 140 % of them, where a stage is slow of few lengths, so
that a batch holds texts of nearly one length as it does in a large set. Every line is measured in a process of its own
with one thread: medians over {repeats} repeats after a warm-up, ours and the reference by turns; seconds are those of
the CPU, on a GPU those until it has finished. `Reference` is the plain code that the unit tests compare with
(`tests/reference.py`), in texts/s of a part of the same texts where it is slow. `Difference` is the largest between
the two results; where it is more than rounding, nothing is written. `Peak` is the most memory that the process has held
when our result is there, {imports:.0f} MiB of it by the imports (on a GPU, that of tensors alone). `Limit` is the rate
at which the matrix products of the best known algorithm (`tests/benchmarks/flops.py`) could run at the measured
GFLOP/s; a dash stands where something else bounds the stage.
"""


def completed(row: Row, machine: Mapping[str, Any]) -> dict[str, Any]:
    """The row with the limit at the machine's rate, and the name of the device."""
    flops = row["flops_per_example"]
    limit = machine["gflops"][row["device"]] * 1e9 / flops if flops else None
    name = machine["gpu"] if row["device"] == "cuda" else machine["cpu"]
    of_limit = row["examples_per_s"] / limit if limit else None
    found = {**row, "device": name, "limit_examples_per_s": limit, "of_limit": of_limit}
    return {column: found[column] for column in COLUMNS}


def line(row: Row) -> str:
    """One row for the terminal."""
    of_limit = "" if row["of_limit"] is None else f"   {row['of_limit']:.0%} of the limit"
    return (
        f"{row['stage']:29} {row['encoder']:8} {row['tokens']:4}   {rate(row['examples_per_s']):>8}/s"
        f"   reference {rate(row['reference_examples_per_s']):>7}/s   ratio {rate(row['ratio']):>6}"
        f"   difference {row['largest_difference']:.0e}   {row['peak_mib']:.0f} MiB{of_limit}"
    )


def write(output: Path, rows: Sequence[Row], machine: Mapping[str, Any], repeats: int) -> None:
    """`output`.csv and `output`.md."""
    output.parent.mkdir(parents=True, exist_ok=True)
    with output.with_suffix(".csv").open("w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, COLUMNS, lineterminator="\n")
        writer.writeheader()
        writer.writerows({name: _number(value) for name, value in row.items()} for row in rows)
    output.with_suffix(".md").write_text(page(output.stem, rows, machine, repeats), encoding="utf-8")


def page(stem: str, rows: Sequence[Row], machine: Mapping[str, Any], repeats: int) -> str:
    """The page as Markdown."""
    imports = max(row["imports_mib"] for row in rows)
    head = PAGE.format(csv=f"{stem}.csv", machine=described(machine), repeats=repeats, imports=imports)
    sections = [_section(name, [row for row in rows if row["stage"] == name]) for name in STAGES]
    return "\n".join([head, *filter(None, sections)])


def described(machine: Mapping[str, Any]) -> str:
    """The machine in a sentence or two."""
    gpu = f" GPU: {machine['gpu']}, {machine['gflops']['cuda']:,.0f} GFLOP/s." if machine["gpu"] else ""
    return (
        f"{machine['cpu']}, {machine['cores']} cores ({machine['instructions']}), {machine['memory_gib']} GiB;"
        f" {machine['gflops']['cpu']:.0f} GFLOP/s in float32 matrix products on one thread.{gpu}"
        f" {machine['system']}, Python {machine['python']}, PyTorch {machine['torch']}."
    )


def rate(value: float | None) -> str:
    """Three digits, all those before the point; a dash for nothing."""
    if value is None:
        return "–"
    return f"{value:,.0f}" if value >= 100 else f"{value:.1f}" if value >= 10 else f"{value:.2g}"


def _section(name: str, rows: Sequence[Row]) -> str:
    if not rows:
        return ""
    devices = sorted({row["device"] for row in rows})
    cells = [
        (
            "–" if row["encoder"] == "none" else row["encoder"],
            str(row["tokens"]),
            rate(row["examples_per_s"]),
            rate(row["examples_per_s_iqr"]),
            rate(row["reference_examples_per_s"]),
            rate(row["ratio"]),
            f"{row['largest_difference']:.0e}" if row["largest_difference"] else "0",
            f"{row['peak_mib']:.0f}",
            rate(row["limit_examples_per_s"]),
            "–" if row["of_limit"] is None else f"{row['of_limit']:.2f}",
        )
        for row in rows
    ]
    title = f"## {name[0].upper()}{name[1:]}"
    return f"{title}\n\n{STAGES[name].about} Device: {', '.join(devices)}.\n\n{table(HEADS, cells)}\n"


def _number(value: Any) -> Any:
    """Six digits, so that a csv can be read by people; a missing number is empty."""
    return f"{value:.6g}" if isinstance(value, float) else value
