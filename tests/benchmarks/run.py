"""Speed and memory of every stage, beside the plain reference of the unit tests: writes OUTPUT.csv and OUTPUT.md.

    python tests/benchmarks/run.py [--stages ...] [--tokens 20 180 400] [--encoders bilstm cnn average]
        [--repeats 5] [--device auto] [--output docs/benchmarks]

Each case runs in a process of its own, with one thread. docs/benchmarks.md, once written, says what the columns mean.
"""

import argparse
import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent
sys.path[:0] = [str(HERE.parent), str(HERE.parents[1] / "workflow" / "src")]

from tqdm import tqdm  # noqa: E402

from benchmarks.case import ENCODERS  # noqa: E402
from benchmarks.catalogue import STAGES, cases  # noqa: E402
from benchmarks.table import completed, line, write  # noqa: E402

ONE_THREAD = {"OMP_NUM_THREADS": "1", "MKL_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"}


def main() -> None:
    """All cases asked for, one after another; nothing is written where one of them fails."""
    arguments = _arguments()
    machine = child("machine.py", arguments.device)
    asked, rows = list(cases(arguments.stages, arguments.tokens, arguments.encoders)), []
    with tqdm(asked, unit="case", disable=None) as progress:
        for stage, encoder, tokens in progress:
            progress.set_description(f"{stage}, {encoder}, {tokens}")
            found = child("measure.py", stage, encoder, tokens, arguments.repeats, arguments.device)
            rows.append(completed(found, machine))
            progress.write(line(rows[-1]))
            sys.stdout.flush()
    if rows:
        write(arguments.output, rows, machine, arguments.repeats)


def child(script: str, *arguments: Any) -> dict[str, Any]:
    """What a script prints, as JSON; what it complains of, where it fails."""
    command = [sys.executable, str(HERE / script), *map(str, arguments)]
    done = subprocess.run(command, env=os.environ | ONE_THREAD, capture_output=True, text=True, check=False)
    if done.returncode:
        sys.exit(f"{' '.join(command[1:])}\n{done.stderr}")
    found: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return found


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--stages", nargs="+", choices=STAGES, default=list(STAGES), metavar="STAGE")
    parser.add_argument("--tokens", nargs="+", type=int, default=[20, 180, 400], help="mean words of a text")
    parser.add_argument("--encoders", nargs="+", choices=ENCODERS, default=list(ENCODERS))
    parser.add_argument("--repeats", type=int, default=5)
    parser.add_argument("--device", choices=("auto", "cpu", "cuda"), default="auto")
    parser.add_argument("--output", type=Path, default=Path("docs/benchmarks"), help="path without its ending")
    return parser.parse_args()


if __name__ == "__main__":
    main()
