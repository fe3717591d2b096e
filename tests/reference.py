"""Attributions and experiments by their definitions: one sentence, one token, one draw at a time; plain and slow.

They share with the project the modules of the model alone. Gradients are central differences: e_t . dp/de_t is the
derivative of p when e_t is scaled, so two evaluations per token give it. Call them with a model in float64.
A sentence is its list of word ids, without <sos> and <eos>; of a pair, `asked` is the question it is read under.
"""

import copy
import itertools
import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from statistics import median

import torch
from torch import Tensor

from attnexplain.data.batching import Batch
from attnexplain.models.classifier import Classifier

SOS, EOS = 2, 3
STEP = 1e-5


@dataclass(frozen=True)
class Asked:
    """A question: its words, and the classes allowed as answer (None: all)."""

    words: Sequence[int]
    candidates: Sequence[int] | None = None


def exact(model: Classifier) -> Classifier:
    """A copy of the model in float64, in eval mode."""
    return copy.deepcopy(model).double().eval()


def sentence(words: Sequence[int]) -> Batch:
    """One sentence as a batch of its own, without padding."""
    token_ids = torch.tensor([[SOS, *words, EOS]])
    attended = torch.tensor([[False, *(True for _ in words), False]])
    return Batch(token_ids, torch.ones_like(attended), attended, torch.tensor([0]), torch.tensor([0]))


@torch.no_grad()
def query(model: Classifier, asked: Asked | None) -> Tensor | None:
    """The vector (H,) of a question encoded by itself."""
    if asked is None:
        return None
    batch = sentence(asked.words)
    return model.question(batch.token_ids, batch.mask)[0]


@torch.no_grad()
def probabilities(model: Classifier, states: Tensor, weights: Tensor, asked: Asked | None = None) -> list[float]:
    """Decode sum_t weights_t states_t (T, H): the sigmoid of one logit, or the softmax of several."""
    context = sum((weight * state for weight, state in zip(weights, states, strict=True)), torch.zeros_like(states[0]))
    if asked is not None:
        return answers(model, context, asked)
    logits = [float(row @ context + bias) for row, bias in zip(model.decoder.weight, model.decoder.bias, strict=True)]
    if len(logits) == 1:
        positive = 1 / (1 + math.exp(-logits[0]))
        return [1 - positive, positive]
    return [math.exp(logit) / sum(math.exp(other) for other in logits) for logit in logits]


@torch.no_grad()
def answers(model: Classifier, context: Tensor, asked: Asked) -> list[float]:
    """softmax over the candidates of W2 tanh(Wp c + Wq q), unit by unit; 0 for every other class."""
    decoder, vector = model.decoder, query(model, asked)
    hidden = [
        math.tanh(float(p @ context + p0 + q @ vector + q0))
        for p, p0, q, q0 in zip(
            decoder.context.weight, decoder.context.bias, decoder.query.weight, decoder.query.bias, strict=True
        )
    ]
    logits = [
        sum(float(weight) * unit for weight, unit in zip(row, hidden, strict=True)) + float(bias)
        for row, bias in zip(decoder.output.weight, decoder.output.bias, strict=True)
    ]
    allowed = range(len(logits)) if asked.candidates is None else asked.candidates
    total = sum(math.exp(logits[index]) for index in allowed)
    return [math.exp(logit) / total if index in allowed else 0.0 for index, logit in enumerate(logits)]


@torch.no_grad()
def forward(
    model: Classifier,
    words: Sequence[int],
    embedded: Tensor | None = None,
    weights: Tensor | None = None,
    asked: Asked | None = None,
) -> tuple[list[float], Tensor, Tensor]:
    """Probabilities, weights (T,) and states (T, H) of one sentence, <sos> and <eos> included in T."""
    batch, vector = sentence(words), query(model, asked)
    states = model.encode(model.embed(batch.token_ids) if embedded is None else embedded, batch.mask)
    given = () if vector is None else (vector[None],)
    scores = model.attention(states, batch.attended, *given)
    used = model.normaliser(scores, batch.attended)[0] if weights is None else weights
    return probabilities(model, states[0], used, asked), used, states[0]


def total_variation(p: Sequence[float], q: Sequence[float]) -> float:
    return 0.5 * sum(abs(a - b) for a, b in zip(p, q, strict=True))


def predicted(model: Classifier, words: Sequence[int], asked: Asked | None = None) -> int:
    found = forward(model, words, asked=asked)[0]
    return found.index(max(found))


@torch.no_grad()
def scaled(embedded: Tensor, position: int, factor: float) -> Tensor:
    """Embeddings (1, T, E) with the one at `position` times `factor`."""
    changed = embedded.clone()
    changed[0, position] *= factor
    return changed


@torch.no_grad()
def input_x_gradient(
    model: Classifier, words: Sequence[int], *, fixed_attention: bool = False, asked: Asked | None = None
) -> list[float]:
    """e_t . dp(target)/de_t of each word, signed; with `fixed_attention` under the weights of the whole sentence."""
    target, embedded = predicted(model, words, asked), model.embed(sentence(words).token_ids)
    weights = forward(model, words, asked=asked)[1] if fixed_attention else None
    scores = []
    for position in range(1, len(words) + 1):
        up, down = (
            forward(model, words, scaled(embedded, position, factor), weights, asked)[0]
            for factor in (1 + STEP, 1 - STEP)
        )
        scores.append((up[target] - down[target]) / (2 * STEP))
    return scores


@torch.no_grad()
def integrated_gradients(
    model: Classifier, words: Sequence[int], steps: int, asked: Asked | None = None
) -> list[float]:
    """Mean over the midpoints a of the straight path of e_t . dp(target)/de_t at a * e, <sos> and <eos> kept."""
    target, embedded = predicted(model, words, asked), model.embed(sentence(words).token_ids)
    scores = [0.0] * len(words)
    for step in range(steps):
        share = (step + 0.5) / steps
        point = embedded.clone()
        point[0, 1:-1] *= share
        for position in range(1, len(words) + 1):
            # Moving e_t along itself from share * e_t by STEP * e_t.
            up, down = (
                forward(model, words, scaled(point, position, 1 + sign * STEP / share), asked=asked)[0][target]
                for sign in (1, -1)
            )
            scores[position - 1] += (up - down) / (2 * STEP) / steps
    return scores


def leave_one_out(model: Classifier, words: Sequence[int], asked: Asked | None = None) -> list[float]:
    """Distance between the prediction for the sentence and for the sentence rebuilt without each word."""
    whole = forward(model, words, asked=asked)[0]
    shorter = ([*words[:index], *words[index + 1 :]] for index in range(len(words)))
    return [total_variation(whole, forward(model, rest, asked=asked)[0]) for rest in shorter]


def permutation(
    model: Classifier, words: Sequence[int], orders: Iterable[Sequence[int]], asked: Asked | None = None
) -> float:
    """Median over `orders` of the distance when word t takes the weight of word order[t]; states fixed."""
    whole, weights, states = forward(model, words, asked=asked)
    distances = []
    for order in orders:
        shuffled = weights.clone()
        for position, source in enumerate(order):
            shuffled[1 + position] = weights[1 + source]
        distances.append(total_variation(whole, probabilities(model, states, shuffled, asked)))
    return median(distances)


def jensen_shannon(a: Sequence[float], b: Sequence[float]) -> float:
    """1/2 KL(a | m) + 1/2 KL(b | m) with m the mean, in nats, term by term."""
    both = [*zip(a, b, strict=True), *zip(b, a, strict=True)]
    return sum(0.5 * x * math.log(x / ((x + y) / 2)) for x, y in both if x)


def vertices(v: Sequence[float], low: float, high: float) -> list[list[float]]:
    """Every vertex of the simplex cut by low <= a . v <= high: single tokens, and pairs at either end."""
    found = [[float(t == i) for t in range(len(v))] for i, value in enumerate(v) if low <= value <= high]
    for i, j in itertools.combinations(range(len(v)), 2):
        for end in (low, high):
            if min(v[i], v[j]) < end < max(v[i], v[j]):
                share = (end - v[j]) / (v[i] - v[j])
                found.append([share if t == i else 1 - share if t == j else 0.0 for t in range(len(v))])
    return found


def slab(z: float, bias: float, epsilon: float) -> tuple[float, float]:
    """The values of a . v whose sigmoid(a . v + bias) is within epsilon of sigmoid(z)."""
    p = 1 / (1 + math.exp(-z))
    low, high = p - epsilon, p + epsilon
    return (
        math.log(low / (1 - low)) - bias if low > 0 else -math.inf,
        math.log(high / (1 - high)) - bias if high < 1 else math.inf,
    )


def adversary_exact(weights: Sequence[float], v: Sequence[float], bias: float, epsilon: float) -> float:
    """The largest divergence from `weights` over the vertices of the slab."""
    z = sum(a * value for a, value in zip(weights, v, strict=True)) + bias
    return max((jensen_shannon(weights, vertex) for vertex in vertices(v, *slab(z, bias, epsilon))), default=0.0)


@torch.no_grad()
def logit_parts(model: Classifier, words: Sequence[int]) -> tuple[list[float], list[float], float]:
    """Of a model of two classes: attention of each word, theta . h_t of each, bias."""
    _, weights, states = forward(model, words)
    values = [float(model.decoder.weight[0] @ state) for state in states[1:-1]]
    return weights[1:-1].tolist(), values, float(model.decoder.bias[0])
