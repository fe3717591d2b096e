"""The attention farthest from the learned one among those within a slab, of many texts at once.

The divergence is convex, so that it is largest at an extreme point (docs/adversary.md): a token alone, or two tokens
mixed so that a . v is an end of the slab. All tokens of all texts stand in one array, and so do all pairs: there is no
padding, and a short text costs no more than its own pairs. Everything is float64 and of the real tokens alone.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from attnexplain.experiments.slab import LN2, Floats, Interval

PAIRS_AT_ONCE = 1 << 15  # as many as a core's cache holds
LEAST = float(np.finfo(np.float64).tiny)

Integers = np.ndarray[tuple[int, ...], np.dtype[np.int64]]


@dataclass(frozen=True)
class Farthest:
    """Of N texts: distance (N,), the largest JSD in nats, and an attention (L,) per text that has it."""

    distance: Floats
    attention: list[Floats]


def farthest(weights: Floats, v: Floats, interval: Interval) -> tuple[float, Floats]:
    """Largest JSD to `weights` (L,) over attention a with a . v in `interval`, and an attention that has it.

    `interval` holds weights . v, so there is one; O(L^2) time, memory bounded. The first of equals is taken.
    """
    found = farthest_of_each([weights], [v], np.array([interval[0]]), np.array([interval[1]]))
    return float(found.distance[0]), found.attention[0]


def farthest_of_all(weights: Floats) -> tuple[float, Floats]:
    """The same over any attention: the least attended token alone."""
    if len(weights) < 2:
        return 0.0, weights.copy()
    alone = np.zeros_like(weights)
    alone[weights.argmin()] = 1.0
    return float(_single(weights.min())), alone


def farthest_of_each(weights: Sequence[Floats], v: Sequence[Floats], low: Floats, high: Floats) -> Farthest:
    """`farthest` of N texts, the slab of each from `low` (N,) to `high` (N,)."""
    texts = _Texts(np.concatenate(weights), np.concatenate(v), np.array([len(one) for one in weights]))
    best = _Best(len(weights))
    best.take(*_singles(texts, low, high))
    for bound in (low, high):
        for found in _pairs(texts, bound):
            best.take(*found)
    attention = [
        _attention(one, start, *which)
        for one, start, *which in zip(weights, texts.start.tolist(), *best.mixture(), strict=True)
    ]
    return Farthest(np.clip(best.distance, 0.0, LN2), attention)


class _Texts:
    """All tokens (M,) of N texts: `weights`, `v`, `of`, the text each is of; `start` (N,), where a text's begin."""

    def __init__(self, weights: Floats, v: Floats, lengths: Integers) -> None:
        self.weights, self.v = weights, v
        self.of = np.repeat(np.arange(len(lengths)), lengths)
        self.start = lengths.cumsum() - lengths
        self.entropy = _xlogx(weights)


class _Best:
    """The farthest so far of each text: its distance, two tokens (the same twice if alone), what the second holds."""

    def __init__(self, count: int) -> None:
        self.distance = np.zeros(count)
        self.first, self.second = (np.full(count, -1) for _ in range(2))
        self.lower, self.upper = np.zeros(count), np.zeros(count)

    def take(
        self, text: Integers, distance: Floats, first: Integers, second: Integers, lower: Floats, upper: Floats
    ) -> None:
        """Of the texts given, those that are farther."""
        better = distance > self.distance[text]
        text = text[better]
        self.distance[text] = distance[better]
        self.first[text], self.second[text] = first[better], second[better]
        self.lower[text], self.upper[text] = lower[better], upper[better]

    def mixture(self) -> tuple[list[int], list[int], list[float], list[float]]:
        """First and second token, and what they hold, per text."""
        return self.first.tolist(), self.second.tolist(), self.lower.tolist(), self.upper.tolist()


Found = tuple[Integers, Floats, Integers, Integers, Floats, Floats]  # what _Best takes, of the texts that have any


def _attention(weights: Floats, start: int, first: int, second: int, lower: float, upper: float) -> Floats:
    """The attention of one text; its own where none is farther."""
    if first < 0:
        return weights.copy()
    attention = np.zeros_like(weights)
    attention[second - start] = upper
    attention[first - start] = lower
    return attention


def _singles(texts: _Texts, low: Floats, high: Floats) -> Found:
    """The least attended of the tokens within the slab."""
    inside = np.flatnonzero((texts.v >= low[texts.of]) & (texts.v <= high[texts.of]))
    token = inside[_first_greatest(-texts.weights[inside], texts.of[inside])]
    all_of_it = np.ones(len(token))
    return texts.of[token], _single(texts.weights[token]), token, token, all_of_it, all_of_it


def _pairs(texts: _Texts, bound: Floats) -> Iterator[Found]:
    """The best mixture of two tokens, one on either side of `bound` (N,), with a . v = bound; some pairs at a time."""
    ends = bound[texts.of]
    below, above = np.flatnonzero(texts.v < ends), np.flatnonzero((texts.v > ends) & np.isfinite(ends))
    partners = np.bincount(texts.of[above], minlength=len(bound))
    first_partner = partners.cumsum() - partners
    below = below[partners[texts.of[below]] > 0]
    counts = partners[texts.of[below]]
    chunk = (counts.cumsum() - counts) // PAIRS_AT_ONCE
    for rows in np.split(np.arange(len(below)), np.flatnonzero(np.diff(chunk)) + 1):
        if len(rows):
            lower_token = np.repeat(below[rows], counts[rows])
            upper_token = above[_ranges(first_partner[texts.of[below[rows]]], counts[rows])]
            yield _best_pairs(texts, bound, lower_token, upper_token)


def _best_pairs(texts: _Texts, bound: Floats, below: Integers, above: Integers) -> Found:
    """Of pairs (P,) of tokens, the farthest mixture of each text."""
    text = texts.of[below]
    v_below, v_above, end = texts.v[below], texts.v[above], bound[text]
    # Each share from its own difference: both keep full precision near 0.
    span = v_above - v_below
    upper, lower = (end - v_below) / span, (v_above - end) / span
    # Of any other token t, weights_t ln(2) / 2 remains; what two tokens hold is 1, neither of them 0 but for underflow.
    both_below, both_above = texts.weights[below] + lower, texts.weights[above] + upper
    distance = lower * np.log(np.maximum(lower, LEAST)) + upper * np.log(np.maximum(upper, LEAST))
    distance -= both_below * np.log(both_below) + both_above * np.log(both_above)
    distance += texts.entropy[below] + texts.entropy[above]
    distance = LN2 + 0.5 * distance
    best = _first_greatest(distance, text)
    return text[best], distance[best], below[best], above[best], lower[best], upper[best]


def _single(weight: Floats) -> Floats:
    """JSD to an attention of one token alone, whose learned weight is given; as `_best_pairs`, with X(1) = 0."""
    return np.asarray(LN2 + 0.5 * (_xlogx(weight) - _xlogx(weight + 1.0)))


def _xlogx(x: Floats) -> Floats:
    """x ln x, with 0 ln 0 = 0."""
    return np.asarray(x * np.log(np.where(x > 0, x, 1.0)))


def _ranges(starts: Integers, counts: Integers) -> Integers:
    """start, start + 1, ..., `count` numbers each, one range after another."""
    return np.arange(counts.sum()) + np.repeat(starts - (counts.cumsum() - counts), counts)


def _first_greatest(values: Floats, text: Integers) -> Integers:
    """Place of the first greatest of the values (P,) of each text that has any; `text` (P,) ascends."""
    if not len(values):
        return np.empty(0, np.int64)
    starts = np.flatnonzero(np.diff(text, prepend=-1))
    greatest = np.maximum.reduceat(values, starts)
    places = np.flatnonzero(values == np.repeat(greatest, np.diff(starts, append=len(values))))
    first: Integers = places[np.flatnonzero(np.diff(text[places], prepend=-1))]
    return first
