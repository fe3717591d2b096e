"""Examples per second of the exact adversary, and how many times as fast as the published search it is.

    python tests/benchmarks/adversary.py [--examples 8] [--repeats 5]

Random examples with fixed states, one thread, CPU seconds, medians over the repeats. The published search runs at its
defaults (five distributions, 500 steps) on the same examples in the same process, all of them together as in a run.
"""

import argparse
import statistics
import sys
import time
from collections.abc import Callable
from pathlib import Path

HERE = Path(__file__).parents[1]
sys.path[:0] = [str(HERE), str(HERE.parent / "workflow" / "src")]

import torch  # noqa: E402

from attnexplain.experiments.adversary import Adversary  # noqa: E402
from attnexplain.experiments.adversary_exact import AdversaryExact  # noqa: E402
from attnexplain.experiments.fixed import FixedExample  # noqa: E402
from fixed_attention import linear, pair  # noqa: E402

CASES: dict[str, Callable[[int], FixedExample]] = {
    "two classes, 20 words": lambda seed: linear(seed, 20),
    "two classes, 180 words": lambda seed: linear(seed, 180),
    "two classes, 400 words": lambda seed: linear(seed, 400),
    "three classes, 20 words": lambda seed: linear(seed, 20, 3),
    "pairs, 3 classes, 20 words": lambda seed: pair(seed, 20, 3, size=256),
    "pairs, 6 classes, 40 words": lambda seed: pair(seed, 40, 6, size=64),
}


def seconds(function: Callable[[], object], repeats: int) -> float:
    """Median CPU seconds of a call; the first warms up."""
    found = []
    for _ in range(repeats + 1):
        start = time.process_time()
        function()
        found.append(time.process_time() - start)
    return statistics.median(found[1:])


def main() -> None:
    """Print one line per kind of example."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--examples", type=int, default=8)
    parser.add_argument("--repeats", type=int, default=5)
    arguments = parser.parse_args()
    torch.set_num_threads(1)
    exact, published = AdversaryExact(None, seed=1), Adversary(None, seed=1)
    for name, example in CASES.items():
        examples, ids = [example(seed) for seed in range(arguments.examples)], list(map(str, range(arguments.examples)))

        def answered(examples: list[FixedExample] = examples, ids: list[str] = ids) -> None:
            for one, example_id in zip(examples, ids, strict=True):
                exact.answer(one, example_id)

        def searched(examples: list[FixedExample] = examples, ids: list[str] = ids) -> None:
            published._search(examples, ids)

        ours = arguments.examples / seconds(answered, arguments.repeats)
        theirs = arguments.examples / seconds(searched, 1)
        print(f"{name:28} exact {ours:10,.1f} ex/s   search {theirs:8,.1f} ex/s   ratio {ours / theirs:10,.1f}")


if __name__ == "__main__":
    main()
