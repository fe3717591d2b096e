"""A search for attention far from the learned one where no exact answer is known: few tokens, exactly placed.

With a linear decoder of C classes a farthest attention holds C tokens at most (docs/adversary.md). Candidates are, in
turn, single tokens; mixtures of the learned attention with one token, with a hint or with attention drawn at random;
what is left of the learned attention when token after token is emptied; mixtures of C tokens whose prediction is
brought onto chosen ones at the edge of what is admissible (Newton's method), then the best of them with one token
exchanged; pairs of tokens; and the best of these with what one token holds given to another, as long as that is
farther. What is found is admissible; that nothing is farther is not claimed.
"""

from itertools import combinations, permutations
from math import comb
from typing import Any

import numpy as np

from attnexplain.experiments.emptying import emptied
from attnexplain.experiments.fixed import FixedExample, Floats
from attnexplain.experiments.lines import farthest_on_lines
from attnexplain.experiments.readout import log_softmax, readout
from attnexplain.experiments.slab import jensen_shannon, jensen_shannon_on, jensen_shannon_towards

MOST_CLASSES = 8  # of more, mixtures of so many tokens are not tried
PLACED = {True: 30_000, False: 3_000}  # mixtures placed at once, of a linear decoder or another
STEPS = {True: 3, False: 8}  # of Newton's method; a linear decoder needs one, and two for rounding
EXCHANGES = 4  # rounds of them
PAIRS = 4_096  # pairs of tokens tried at most
DRAWN = 8_192  # weights of attention drawn at random, of all draws together
EMPTIED = 64  # paths from the learned attention to attention on few tokens, times classes
CONCENTRATION = 0.1  # of the Dirichlet distribution they are drawn from
TRANSFERS = 16  # one after the other, from token to token of the best attention, at most
GIVEN = 512  # of them tried at once at most
INWARDS = 1e-9  # relative: what is aimed at lies so far within epsilon, for rounding
EDGE = 0.99  # a probability below epsilon gives up this share of itself

Integers = np.ndarray[Any, np.dtype[np.int64]]


def search(example: FixedExample, epsilon: float, hint: Floats, random: np.random.Generator) -> tuple[float, Floats]:
    """The largest JSD found within `epsilon`, and its attention (L,); 0 and the learned one where there is no other.

    `hint` (L,) is attention that is far but perhaps not admissible: it is gone towards, and its tokens are tried.
    `random` picks supports where there are too many. The example has several classes or is a pair, and has two tokens
    at least.
    """
    return _Search(example, epsilon, random).run(hint)


class _Search:
    """One example's. `attention`, whose JSD is `far`, is replaced by what is farther."""

    def __init__(self, example: FixedExample, epsilon: float, random: np.random.Generator) -> None:
        self.example, self.weights, self.random = example, example.weights, random
        self.epsilon, self.aim = epsilon, epsilon * (1.0 - INWARDS)
        self.readout = readout(example)
        self.parts, self.linear = self.readout.parts, self.readout.matrix is None
        self.log_y = log_softmax(self.readout.logits(self.weights @ self.parts))
        self.far, self.attention = 0.0, self.weights.copy()

    def run(self, hint: Floats) -> tuple[float, Floats]:
        """`search`."""
        self._single_tokens()
        self._towards_tokens()
        self._towards(np.concatenate([hint[None], self._drawn()]))
        dense = self.far, self.attention
        for attention in emptied(self.weights, self.readout, self.aim, self._directions()):
            self._offer(attention)
        if 2 < len(self.log_y) <= min(MOST_CLASSES, len(self.weights)):
            self._mixtures(hint)
        self._pairs()
        self._transfer()
        # The nearest peak to go to from another start may be higher.
        sparse, (self.far, self.attention) = (self.far, self.attention), dense
        self._transfer()
        return max(sparse, (self.far, self.attention), key=lambda found: found[0])

    def _offer(self, attention: Floats) -> bool:
        """Takes it if it is farther than the best, and admissible under the decoder itself."""
        far = float(jensen_shannon(attention, self.weights))
        if far <= self.far or self.example.distance(attention[None])[0] > self.epsilon:
            return False
        self.far, self.attention = far, attention
        return True

    def _sparse(self, tokens: Integers, held: Floats) -> Floats:
        attention = np.zeros_like(self.weights)
        attention[tokens] = held
        return attention

    def _alone(self, token: int) -> Floats:
        return self._sparse(np.array([token]), np.ones(1))

    def _moved(self, mixed: Floats) -> Floats:
        """Total variation distance (...) of the prediction from mixed tokens (..., F)."""
        change = self.readout.probabilities(mixed) - np.exp(self.log_y)
        return np.asarray(0.5 * np.abs(change).sum(axis=-1))

    def _single_tokens(self) -> None:
        inside = np.flatnonzero(self._moved(self.parts) <= self.epsilon)
        if len(inside):
            self._offer(self._alone(int(inside[self.weights[inside].argmin()])))

    def _towards_tokens(self) -> None:
        """From the learned attention to each token alone: as far as the line goes."""
        start = np.broadcast_to(self.weights @ self.parts, self.parts.shape)
        found = self._on_lines(
            start, self.parts, lambda lines, places: jensen_shannon_towards(self.weights[lines], places)
        )
        if found is not None:
            token, place = found
            self._offer(np.asarray((1.0 - place) * self.weights + place * self._alone(token)))

    def _towards(self, ends: Floats) -> None:
        """From the learned attention to each of `ends` (N, L): as far as the line goes."""

        def mixtures(lines: Integers, places: Floats) -> Floats:
            return np.asarray((1.0 - places[:, None]) * self.weights + places[:, None] * ends[lines])

        mixed = ends @ self.parts
        start = np.broadcast_to(self.weights @ self.parts, mixed.shape)
        found = self._on_lines(start, mixed, lambda *where: jensen_shannon(mixtures(*where), self.weights))
        if found is not None:
            line, place = found
            self._offer(mixtures(np.array([line]), np.array([place]))[0])

    def _drawn(self) -> Floats:
        """Attention (N, L) at random, most of it on few tokens."""
        length = len(self.weights)
        return self.random.dirichlet(np.full(length, CONCENTRATION), max(1, DRAWN // length))

    def _directions(self) -> Floats:
        """(R, L) at random; fewer where there are many classes."""
        return self.random.standard_normal((max(2, EMPTIED // len(self.log_y)), len(self.weights)))

    def _pairs(self) -> None:
        """Of those that could be farther than the best: JSD is convex, so a pair's is at most its farther token's."""
        alone = jensen_shannon_on(self.weights[:, None], np.ones((len(self.weights), 1)))
        first, second = np.triu_indices(len(self.weights), 1)
        hopeful = np.flatnonzero(np.maximum(alone[first], alone[second]) > self.far)
        if len(hopeful) > PAIRS:
            hopeful = np.sort(self.random.choice(hopeful, PAIRS, replace=False))
        pairs = np.stack([first[hopeful], second[hopeful]], axis=1)

        def divergence(lines: Integers, places: Floats) -> Floats:
            return jensen_shannon_on(self.weights[pairs[lines]], np.stack([1.0 - places, places], axis=1))

        found = self._on_lines(self.parts[pairs[:, 0]], self.parts[pairs[:, 1]], divergence)
        if found is not None:
            line, place = found
            self._offer(self._sparse(pairs[line], np.array([1.0 - place, place])))

    def _transfer(self) -> None:
        """From token to token, for as long as that is farther."""
        for _ in range(TRANSFERS):
            if not self._transferred():
                break

    def _transferred(self) -> bool:
        """All or some of what one token holds in the best attention goes to another; whether that is farther."""
        before, (giver, taker) = self.attention, self._transfers()
        tokens, held, mixed = np.stack([giver, taker], axis=1), before[giver], before @ self.parts
        others = self.far - jensen_shannon_on(self.weights[tokens], before[tokens])

        def divergence(lines: Integers, places: Floats) -> Floats:
            given = places * held[lines]
            after = np.stack([held[lines] - given, before[taker[lines]] + given], axis=1)
            return np.asarray(others[lines] + jensen_shannon_on(self.weights[tokens[lines]], after))

        ends = mixed + held[:, None] * (self.parts[taker] - self.parts[giver])
        found = self._on_lines(np.broadcast_to(mixed, ends.shape), ends, divergence)
        if found is None:
            return False
        line, place = found
        attention = before.copy()
        attention[giver[line]] -= place * held[line]
        attention[taker[line]] += place * held[line]
        return self._offer(attention)

    def _transfers(self) -> tuple[Integers, Integers]:
        """Who gives and who takes (N,) each: all there are, or some at random."""
        holders, length = np.flatnonzero(self.attention > 0), len(self.weights)
        count = len(holders) * length
        picked = np.arange(count) if count <= GIVEN else self.random.integers(count, size=GIVEN)
        giver, taker = holders[picked // length], picked % length
        return giver[giver != taker], taker[giver != taker]

    def _on_lines(self, starts: Floats, ends: Floats, divergence: Any) -> tuple[int, float] | None:
        """What is farther than the best on lines between mixtures (N, F)."""

        def moved(lines: Integers, places: Floats) -> Floats:
            return self._moved(starts[lines] + places[:, None] * (ends[lines] - starts[lines]))

        return farthest_on_lines(len(starts), moved, divergence, self.aim, self.far)

    def _mixtures(self, hint: Floats) -> None:
        """Of as many tokens as there are classes: a sample and those of the hint, then exchanges in the best."""
        targets = _targets(self.log_y, self.aim)
        at_once = max(1, PLACED[self.linear] // len(targets))
        found = [
            self._place(self._sample(at_once), targets),
            self._place((-hint).argsort(kind="stable")[None, : targets.shape[1]], targets),
        ]
        best = next((support for support in reversed(found) if support is not None), None)
        for _ in range(EXCHANGES):
            best = None if best is None else self._place(self._exchanged(best, at_once), targets)

    def _sample(self, count: int) -> Integers:
        """Supports (S, C): all there are, or `count` at random."""
        length, size = len(self.weights), len(self.log_y)
        if comb(length, size) <= count:
            return np.array(list(combinations(range(length), size)), np.int64)
        return np.sort(self.random.random((count, length)).argpartition(size - 1, axis=1)[:, :size], axis=1)

    def _exchanged(self, support: Integers, count: int) -> Integers:
        """Supports (S, C) in which any other token replaces one of `support` (C,); at most `count`."""
        others = np.setdiff1d(np.arange(len(self.weights)), support)
        supports = np.tile(support, (len(support), len(others), 1))
        for place in range(len(support)):
            supports[place, :, place] = others
        supports = supports.reshape(-1, len(support))
        return supports if len(supports) <= count else supports[self.random.choice(len(supports), count, replace=False)]

    def _place(self, supports: Integers, targets: Floats) -> Integers | None:
        """Mixtures of `supports` (S, C) with the predictions `targets` (T, C); the support (C,) of a new best one."""
        if not len(supports):
            return None
        held = self._newton(supports, targets)
        rows, columns = np.nonzero((held >= 0).all(axis=-1))
        tokens, held = supports[rows], held[rows, columns]
        far = jensen_shannon_on(self.weights[tokens], held)
        kept = np.flatnonzero(far > self.far)
        kept = kept[(-far[kept]).argsort(kind="stable")]
        # Newton's method may have arrived elsewhere, or nowhere.
        arrived = self._moved((held[kept, None] @ self.parts[tokens[kept]])[:, 0]) <= self.epsilon
        for one in kept[arrived]:
            if self._offer(self._sparse(tokens[one], held[one])):
                return np.asarray(tokens[one])
        return None

    def _newton(self, supports: Integers, targets: Floats) -> Floats:
        """Shares (S, T, C) that sum to 1, after some steps towards each target; some may be negative."""
        parts, size = self.parts[supports], supports.shape[1]
        held = np.full((len(supports), len(targets), size), 1.0 / size)
        goal = targets[:, :-1] - targets[:, -1:]
        for _ in range(STEPS[self.linear]):
            mixed = held @ parts
            logits, slopes = self.readout.logits(mixed), self.readout.slopes(mixed, parts[:, None])
            gap = goal - (logits[..., :-1] - logits[..., -1:])
            slopes = slopes[..., :-1] - slopes[..., -1:]
            slopes = slopes[..., :-1, :] - slopes[..., -1:, :]  # of log ratios, by each share at the cost of the last
            step = _damped(slopes, gap)
            held = held + np.concatenate([step, -step.sum(axis=-1, keepdims=True)], axis=-1)
        return held


def _damped(slopes: Floats, gap: Floats) -> Floats:
    """The step (..., K) whose effect under `slopes` (..., K, K) is `gap` (..., K), shortened to 1 at most.

    Solved through slopes @ slopes.T and a little more, so that tokens that are alike make no trouble.
    """
    square = slopes @ np.swapaxes(slopes, -1, -2)
    little = 1e-12 * np.trace(square, axis1=-2, axis2=-1) + 1e-30
    step = np.linalg.solve(square + little[..., None, None] * np.eye(square.shape[-1]), slopes @ gap[..., None])[..., 0]
    return np.asarray(step / np.maximum(1.0, np.abs(step).max(axis=-1, keepdims=True)))


def _targets(log_y: Floats, epsilon: float) -> Floats:
    """Predictions (T, C) as logarithms: y, and y after `epsilon` is moved from one class to another.

    Of three classes, also from or to two of them in several shares: the whole edge of what is admissible.
    """
    size = len(log_y)
    changes = [_change(size, {a: 1.0}, {b: 1.0}) for a, b in permutations(range(size), 2)]
    if size == 3:
        for a, share in [(a, share) for a in range(3) for share in (0.25, 0.5, 0.75)]:
            both = {(a + 1) % 3: share, (a + 2) % 3: 1.0 - share}
            changes += [_change(size, {a: 1.0}, both), _change(size, both, {a: 1.0})]
    return np.stack([log_y, *(_moved_by(log_y, change, epsilon) for change in changes)])


def _change(size: int, gains: dict[int, float], losses: dict[int, float]) -> Floats:
    """What each class gains of a unit that is moved."""
    return np.array([gains.get(one, 0.0) - losses.get(one, 0.0) for one in range(size)])


def _moved_by(log_y: Floats, change: Floats, epsilon: float) -> Floats:
    """log(y + epsilon change), or with less than epsilon, so that every probability stays positive."""
    losing = change < 0
    size = min(epsilon, float((EDGE * np.exp(log_y[losing]) / -change[losing]).min()))
    moved = np.maximum(np.exp(log_y) + size * change, np.finfo(float).tiny)
    return np.where(change == 0, log_y, np.log(moved))
