"""Whether intervals cover and tests err as often as they say: writes OUTPUT.csv and OUTPUT.md.

    python tests/simulations/run.py [--questions ...] [--replicates 300] [--workers 2] [--output docs/statistics]

With --page the page is written anew from OUTPUT.csv, without simulating.

Every cell has random numbers of its own, so that the numbers depend on the replicates alone, not on the workers.
"""

import argparse
import os
import sys
from collections.abc import Iterator, Sequence
from multiprocessing import get_context
from pathlib import Path

HERE = Path(__file__).parent
sys.path[:0] = [str(HERE.parent), str(HERE.parents[1] / "workflow" / "src")]
os.environ.update({"OMP_NUM_THREADS": "1", "MKL_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"})

from tqdm import tqdm  # noqa: E402

from simulations.catalogue import QUESTIONS, Task, simulated, tasks  # noqa: E402
from simulations.cell import Row  # noqa: E402
from simulations.table import read, write  # noqa: E402


def main() -> None:
    """All questions asked for; nothing is written where one of them fails."""
    arguments = _arguments()
    if arguments.page:
        write(arguments.output, read(arguments.output), arguments.replicates)
        return
    asked = tasks(arguments.questions, arguments.replicates)
    rows = [row for found in over(asked, arguments.workers) for row in found]
    write(arguments.output, rows, arguments.replicates)


def over(asked: Sequence[Task], workers: int) -> Iterator[list[Row]]:
    """Rows of each task, in the order of the tasks."""
    # Fresh processes: they hold the environment's single thread from the start, whatever the parent has loaded.
    with get_context("spawn").Pool(workers) as pool:
        yield from tqdm(pool.imap(simulated, asked), total=len(asked), unit="cell", smoothing=0.05)


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--questions", nargs="+", choices=QUESTIONS, default=list(QUESTIONS), metavar="QUESTION")
    parser.add_argument("--replicates", type=int, default=300, help="per cell; some take a share of them")
    parser.add_argument("--workers", type=int, default=os.cpu_count() or 1)
    parser.add_argument("--output", type=Path, default=Path("docs/statistics"), help="path without its ending")
    parser.add_argument("--page", action="store_true", help="write the page from the csv that is there")
    return parser.parse_args()


if __name__ == "__main__":
    main()
