"""Peak memory and time of the stage `data` on MIMIC-like tables of a given size; run by hand:

python tests/benchmarks/mimic_memory.py 300           # MB of NOTEEVENTS
python tests/benchmarks/mimic_memory.py 300 1.0       # every note a discharge summary; in MIMIC-III 1 in 35
"""

import csv
import json
import random
import resource
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

HERE = Path(__file__).parents[1]
sys.path[:0] = [str(HERE), str(HERE.parent / "workflow" / "src")]

from data_specs import dataset_spec, files_source, plugin  # noqa: E402
from mimic_tables import DIAGNOSIS_COLUMNS, NOTE_COLUMNS, diagnosis, note  # noqa: E402

WORDS = [f"word{number}" for number in range(5000)]
FIXED = random.Random(0)


def main() -> None:
    """Write the tables, then read them in a process of its own, whose peak is measured."""
    if sys.argv[1] == "read":
        read(Path(sys.argv[2]))
        return
    with TemporaryDirectory() as name:
        size, share = float(sys.argv[1]), float(sys.argv[2]) if len(sys.argv) > 2 else 0.2
        summaries = write(Path(name), size * 1e6, share)
        found = subprocess.run([sys.executable, __file__, "read", name], capture_output=True, text=True, check=True)
        notes = (Path(name) / "NOTEEVENTS.csv").stat().st_size
        sys.stdout.write(f"{notes / 1e6:.0f} MB of notes, {summaries} discharge summaries: {found.stdout}\n")


def read(folder: Path) -> None:
    """The stage `data` alone."""
    from attnexplain.stages import data

    options = {"task": "diabetes", "dev_fraction": 0.15, "test_fraction": 0.2, "split_seed": 0}
    paths = {"notes": folder / "NOTEEVENTS.csv", "diagnoses": folder / "DIAGNOSES_ICD.csv"}
    base = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    started = time.perf_counter()
    spec = dataset_spec(files_source(plugin("mimic-notes", **options), paths), access="credentialed")
    data.run(spec=spec, output=folder / "out", mirror=None, provenance={})
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    text = sum(path.stat().st_size for path in (folder / "out").glob("*.parquet"))
    measured = {"peak_mib": peak // 1024, "imports_mib": base // 1024, "parquet_mib": text >> 20}
    sys.stdout.write(json.dumps({**measured, "seconds": round(time.perf_counter() - started, 1)}))


def write(folder: Path, size: float, share: float) -> int:
    """Both tables; returns how many discharge summaries there are."""
    summaries, diagnoses = 0, []
    with (folder / "NOTEEVENTS.csv").open("w", newline="") as file:
        writer = csv.DictWriter(file, NOTE_COLUMNS, quoting=csv.QUOTE_NONNUMERIC, lineterminator="\n")
        writer.writeheader()
        for number, row in enumerate(rows(share)):
            writer.writerow(row)
            if row["CATEGORY"] == "Discharge summary":
                summaries += 1
                diagnoses.append(diagnosis(row["HADM_ID"], FIXED.choice(["25000", "4280", "2851"])))
            if number % 100 == 0 and file.tell() > size:
                break
    with (folder / "DIAGNOSES_ICD.csv").open("w", newline="") as file:
        table = csv.DictWriter(file, DIAGNOSIS_COLUMNS, quoting=csv.QUOTE_NONNUMERIC, lineterminator="\n")
        table.writeheader()
        table.writerows(diagnoses)
    return summaries


def rows(share: float) -> Iterator[dict[str, Any]]:
    """Notes without end."""
    hadm = 100_000
    while True:
        hadm += 1
        summary = FIXED.random() < share
        words = FIXED.choices(WORDS, k=FIXED.randint(200, 2600) if summary else 200)
        text = "\n".join(" ".join(words[start : start + 12]) for start in range(0, len(words), 12))
        yield note(hadm, hadm // 2, CATEGORY="Discharge summary" if summary else "Nursing/other", TEXT=text)


if __name__ == "__main__":
    main()
