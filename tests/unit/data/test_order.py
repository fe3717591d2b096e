"""The order of training batches. Expected properties: those of the original code, stated in the docstring."""

import numpy as np

from attnexplain.data.order import epoch_batches

LENGTHS = np.random.default_rng(0).integers(3, 60, 205)


def batches(seed=0):
    return epoch_batches(LENGTHS, 20, np.random.default_rng(seed))


def test_every_example_comes_once():
    assert sorted(np.concatenate(batches()).tolist()) == list(range(205))
    assert sorted(len(batch) for batch in batches()) == [5] + [20] * 10


def test_a_batch_holds_texts_of_like_length():
    within = np.mean([np.ptp(LENGTHS[batch]) for batch in batches()])
    assert within < 0.35 * np.ptp(LENGTHS)


def test_batches_are_not_in_order_of_length():
    means = [LENGTHS[batch].mean() for batch in batches()]
    assert means != sorted(means)


def test_epochs_mix_the_batches_anew():
    ours, others = ({frozenset(batch.tolist()) for batch in batches(seed)} for seed in (0, 1))
    assert ours != others


def test_the_same_generator_gives_the_same_order():
    assert all((a == b).all() for a, b in zip(batches(), batches(), strict=True))


def first_is_first(shorter, longer):
    """In which of many epochs the shorter of two texts is sorted before the longer."""
    lengths = np.array([shorter, longer])
    return [epoch_batches(lengths, 2, np.random.default_rng(seed))[0][0] == 0 for seed in range(200)]


def test_noise_of_a_tenth_swaps_like_lengths_alone():
    assert 20 < sum(first_is_first(100, 103)) < 180
    assert all(first_is_first(100, 125))
