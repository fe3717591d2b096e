"""The order in which an epoch sees the training examples."""

import numpy as np

NOISE = 0.1


def epoch_batches(lengths: np.ndarray, batch_size: int, generator: np.random.Generator) -> list[np.ndarray]:
    """Positions of the examples of each batch of one epoch; the last batch of the sorted order may be smaller.

    As in the code of Jain and Wallace (2019): examples are sorted by length plus up to 10 % noise, cut into batches
    of neighbours (little padding), and the batches are shuffled. `lengths` (N,) count <sos> and <eos>.
    """
    noise = generator.integers(np.floor(-NOISE * lengths), np.ceil(NOISE * lengths))
    order = np.argsort(lengths + noise, kind="stable")
    batches = [order[start : start + batch_size] for start in range(0, len(order), batch_size)]
    return [batches[place] for place in generator.permutation(len(batches))]
