"""The published definitions in plain code, slow and by themselves: the oracle of the tests and of the benchmark.

They share with the project the modules of the model alone: no result is computed twice as fast here by being shared
between texts, enumerated or taken apart into scalars. Gradients stand here twice: by central differences, which know
nothing of autograd (e_t . dp/de_t is the derivative of p when e_t is scaled, so two evaluations per token give it; in
float64), and by autograd one text at a time, which is how one would write them.

A text is its list of word ids, without <sos> and <eos>; of a pair, `asked` is the question it is read under.
"""

import copy
import itertools
import math
import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from typing import Any

import torch
from torch import Tensor
from torch.nn.functional import binary_cross_entropy_with_logits
from torch.nn.utils.rnn import pad_sequence

from attnexplain.data.batching import Batch
from attnexplain.models.classifier import Classifier

SPECIALS = ["<pad>", "<unk>", "<sos>", "<eos>"]
SOS, EOS = 2, 3
STEP = 1e-5


@dataclass(frozen=True)
class Asked:
    """A question: its words, and the classes allowed as answer (None: all)."""

    words: Sequence[int]
    candidates: Sequence[int] | None = None


def exact(model: Classifier) -> Classifier:
    """A copy of the model in float64, in eval mode, the model that it stands on too."""
    found = copy.deepcopy(model).double().eval()
    if hasattr(found.attention, "base"):
        found.attention.base.double()
    return found


def padded(texts: Sequence[Sequence[int]], device: torch.device | str = "cpu") -> Batch:
    """Texts as one batch on `device`, padded on the right with 0."""
    token_ids = pad_sequence([torch.tensor([SOS, *words, EOS]) for words in texts], batch_first=True)
    mask = pad_sequence([torch.ones(len(words) + 2, dtype=torch.bool) for words in texts], batch_first=True)
    attended = mask & (token_ids != SOS) & (token_ids != EOS)
    nothing = torch.zeros(len(texts), dtype=torch.int64)
    return Batch(token_ids, mask, attended, nothing, nothing).to(device)


def sentence(words: Sequence[int]) -> Batch:
    """One sentence as a batch of its own, without padding."""
    return padded([words])


@torch.no_grad()
def query(model: Classifier, asked: Asked | None) -> Tensor | None:
    """The vector (H,) of a question encoded by itself."""
    if asked is None:
        return None
    batch = padded([asked.words], model.embedding.weight.device)
    return model.question(batch.token_ids, batch.mask)[0]


def attention(
    model: Classifier, batch: Batch, asked: Asked | None = None, embedded: Tensor | None = None
) -> tuple[Tensor, Tensor]:
    """Weights (B, T) and states (B, T, H) of a batch of texts, all of them read under one question.

    Weights that are imposed are those of the model that they come from, computed alike.
    """
    vector = query(model, asked)
    states = model.encoder(model.embedding(batch.token_ids) if embedded is None else embedded, batch.mask)
    if hasattr(model.attention, "base"):
        return attention(model.attention.base, batch, asked)[0].detach(), states
    given = () if vector is None else (vector.expand(len(states), -1),)
    return model.normaliser(model.attention(states, batch.attended, *given), batch.attended), states


def decode(model: Classifier, context: Tensor, asked: Asked | None = None) -> Tensor:
    """Contexts (..., H) -> probabilities (..., C): the sigmoid of one logit, or the softmax of several.

    Of pairs, softmax over the candidates of W2 tanh(Wp c + Wq q); 0 for every other class.
    """
    decoder = model.decoder
    if asked is None:
        logits = context @ decoder.weight.T + decoder.bias
        return torch.cat([1 - logits.sigmoid(), logits.sigmoid()], -1) if logits.shape[-1] == 1 else logits.softmax(-1)
    of_question = decoder.query.weight @ query(model, asked) + decoder.query.bias
    hidden = (context @ decoder.context.weight.T + decoder.context.bias + of_question).tanh()
    logits = hidden @ decoder.output.weight.T + decoder.output.bias
    if asked.candidates is None:
        return logits.softmax(-1)
    allowed = list(asked.candidates)
    among = logits[..., allowed].softmax(-1)
    return torch.zeros_like(logits).index_copy(-1, torch.tensor(allowed, device=logits.device), among)


@torch.no_grad()
def probabilities(model: Classifier, states: Tensor, weights: Tensor, asked: Asked | None = None) -> list[float]:
    """Decode sum_t weights_t states_t (T, H)."""
    return decode(model, weights @ states, asked).tolist()


@torch.no_grad()
def forward(
    model: Classifier,
    words: Sequence[int],
    embedded: Tensor | None = None,
    weights: Tensor | None = None,
    asked: Asked | None = None,
) -> tuple[list[float], Tensor, Tensor]:
    """Probabilities, weights (T,) and states (T, H) of one sentence, <sos> and <eos> included in T."""
    found, states = attention(model, padded([words], model.embedding.weight.device), asked, embedded)
    used = found[0] if weights is None else weights
    return probabilities(model, states[0], used, asked), used, states[0]


@torch.no_grad()
def predict(model: Classifier, texts: Sequence[Sequence[int]], size: int = 32) -> Tensor:
    """Probabilities (N, C) of single texts, `size` at a time as they stand."""
    found = []
    for start in range(0, len(texts), size):
        weights, states = attention(model, padded(texts[start : start + size], model.embedding.weight.device))
        found.append(decode(model, (weights[..., None] * states).sum(1)))
    return torch.cat(found).cpu()


def optimiser(model: Classifier, learning_rate: float, weight_decay: float) -> torch.optim.Adam:
    """Of single texts: AMSGrad over dense parameters, one at a time, without decay of what gives attention."""
    free = [*model.attention.parameters(), *model.normaliser.parameters()]
    decayed = [p for part in (model.embedding, model.encoder, model.decoder) for p in part.parameters()]
    groups = [{"params": decayed, "weight_decay": weight_decay}, {"params": free, "weight_decay": 0.0}]
    return torch.optim.Adam(groups, lr=learning_rate, amsgrad=True, foreach=False, fused=False)


def training_epoch(
    model: Classifier,
    adam: torch.optim.Optimizer,
    texts: Sequence[Sequence[int]],
    labels: Sequence[int],
    batches: Iterable[Sequence[int]],
    weight: float,
) -> float:
    """One epoch over texts of two classes, in `batches` of positions; the mean loss, class 1 counted `weight` times."""
    model.train()
    device, total = model.embedding.weight.device, 0.0
    for places in batches:
        weights, states = attention(model, padded([texts[place] for place in places], device))
        logits = (weights[..., None] * states).sum(1) @ model.decoder.weight.T + model.decoder.bias
        label = torch.tensor([[float(labels[place])] for place in places], device=device)
        pos_weight = torch.tensor([weight], device=device)
        loss = binary_cross_entropy_with_logits(logits, label, pos_weight=pos_weight, reduction="sum")
        adam.zero_grad()
        loss.backward()
        adam.step()
        total += loss.item()
    return total / len(texts)


def total_variation(p: Sequence[float], q: Sequence[float]) -> float:
    return 0.5 * sum(abs(a - b) for a, b in zip(p, q, strict=True))


def predicted(model: Classifier, words: Sequence[int], asked: Asked | None = None) -> int:
    found = forward(model, words, asked=asked)[0]
    return found.index(max(found))


@torch.no_grad()
def embedding(model: Classifier, words: Sequence[int]) -> Tensor:
    """Embeddings (1, T, E) of one text."""
    return model.embedding(padded([words], model.embedding.weight.device).token_ids)


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
    target, embedded = predicted(model, words, asked), embedding(model, words)
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
    target, embedded = predicted(model, words, asked), embedding(model, words)
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


def gradients(
    model: Classifier,
    words: Sequence[int],
    points: Tensor,
    target: int,
    fixed_attention: bool = False,
    asked: Asked | None = None,
) -> Tensor:
    """dp(target)/d(embeddings) by autograd at each of the points (N, T, E) of one text, all in one batch."""
    points = points.detach().requires_grad_()
    batch = padded([words] * len(points), points.device)
    with torch.enable_grad(), torch.backends.cudnn.flags(enabled=False):  # cuDNN has no backward pass in eval mode
        weights, states = attention(model, batch, asked, points)
        weights = weights.detach() if fixed_attention else weights
        found = decode(model, (weights[..., None] * states).sum(1), asked)[:, target].sum()
        return torch.autograd.grad(found, points)[0]


def autograd_input_x_gradient(
    model: Classifier, words: Sequence[int], *, fixed_attention: bool = False, asked: Asked | None = None
) -> list[float]:
    """`input_x_gradient` by autograd."""
    target, embedded = predicted(model, words, asked), embedding(model, words)
    gradient = gradients(model, words, embedded, target, fixed_attention, asked)
    return (gradient * embedded).sum(-1)[0, 1:-1].tolist()


def autograd_integrated_gradients(
    model: Classifier, words: Sequence[int], steps: int, asked: Asked | None = None
) -> list[float]:
    """`integrated_gradients` by autograd, all steps of a text in one batch."""
    target, embedded = predicted(model, words, asked), embedding(model, words)
    shares = (torch.arange(steps, device=embedded.device, dtype=embedded.dtype) + 0.5) / steps
    points = embedded.repeat(steps, 1, 1)
    points[:, 1:-1] *= shares[:, None, None]
    mean = gradients(model, words, points, target, asked=asked).mean(0)
    return (mean * embedded[0]).sum(-1)[1:-1].tolist()


@torch.no_grad()
def leave_one_out(model: Classifier, words: Sequence[int], asked: Asked | None = None) -> list[float]:
    """Distance between the prediction for the text and for the text rebuilt without each word: L texts, one batch."""
    if not words:
        return []
    whole = forward(model, words, asked=asked)[0]
    shorter = [[*words[:index], *words[index + 1 :]] for index in range(len(words))]
    weights, states = attention(model, padded(shorter, model.embedding.weight.device), asked)
    rest = decode(model, (weights[..., None] * states).sum(1), asked)
    return [total_variation(whole, row) for row in rest.tolist()]


@torch.no_grad()
def permutation(
    model: Classifier, words: Sequence[int], orders: Iterable[Sequence[int]], asked: Asked | None = None
) -> float:
    """Median over `orders` of the distance when word t takes the weight of word order[t]; states fixed."""
    return decoded_orders(model, forward(model, words, asked=asked), orders, asked)


@torch.no_grad()
def decoded_orders(
    model: Classifier,
    found: tuple[list[float], Tensor, Tensor],
    orders: Iterable[Sequence[int]],
    asked: Asked | None = None,
) -> float:
    """The same of what `forward` found: every order mixed from the states and decoded."""
    whole, weights, states = found
    distances = []
    for order in orders:
        shuffled = weights.clone()
        shuffled[1:-1] = weights[1:-1][torch.as_tensor(order, dtype=torch.int64, device=weights.device)]
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


def divergence(a: Tensor, b: Tensor) -> Tensor:
    """`jensen_shannon` of distributions (..., L) without zeros, with gradients."""
    middle = (a + b) / 2
    return 0.5 * (a * (a / middle).log() + b * (b / middle).log()).sum(-1)


def adversary_search(
    weights: Tensor,
    v: Tensor,
    bias: float,
    start: Tensor,
    *,
    steps: int,
    learning_rate: float,
    penalty: float,
    epsilon: float,
) -> Tensor:
    """The published search of one text of two classes: from logits `start` (R, L) to the attention (R, L) at its end.

    Adam (AMSGrad) raises the divergences from `weights` (L,) and the mean divergence between the R, under a penalty
    of moving sigmoid(a . v + bias) by more than epsilon.
    """
    logits = start.clone().requires_grad_()
    whole = (weights @ v + bias).sigmoid()
    adam = torch.optim.Adam([logits], lr=learning_rate, amsgrad=True)
    for _ in range(steps):
        found = logits.softmax(-1)
        moved = ((found @ v + bias).sigmoid() - whole).abs()
        loss = (penalty * (moved - epsilon).relu() - divergence(found, weights)).sum()
        loss = loss - divergence(found[:, None], found[None]).sum() / len(found) ** 2
        adam.zero_grad()
        loss.backward()
        adam.step()
    return logits.detach().softmax(-1)


def farthest(weights: Sequence[float], found: Tensor, v: Sequence[float], bias: float, epsilon: float) -> float:
    """The largest divergence from `weights` among those of `found` (R, L) that move sigmoid(a . v + bias) by epsilon
    at most; 0 where none does.
    """

    def positive(a: Sequence[float]) -> float:
        return 1 / (1 + math.exp(-(sum(x * value for x, value in zip(a, v, strict=True)) + bias)))

    inside = [row for row in found.tolist() if abs(positive(row) - positive(weights)) <= epsilon]
    return max((jensen_shannon(weights, row) for row in inside), default=0.0)


def kendall_tau(a: Sequence[float], b: Sequence[float]) -> tuple[float, float]:
    """tau-b and its p-value, by scipy."""
    from scipy.stats import kendalltau  # slow to import, and few need it

    found = kendalltau(a, b)
    return float(found.statistic), float(found.pvalue)


def tokenise(texts: Iterable[str]) -> tuple[list[list[tuple[int, int, int]]], dict[str, int]]:
    """(start, end, id) of each word or mark of plain texts, and the vocabulary of lower-case forms.

    Ids: special tokens, then the forms by falling number of texts that hold them, ties by alphabet.
    """
    split = []
    for text in texts:
        split.append(
            [(match.start(), match.end(), match.group().lower()) for match in re.finditer(r"\w+|[^\w\s]", text)]
        )
    counts: Counter[str] = Counter()
    for words in split:
        counts.update({form for _, _, form in words})
    forms = sorted(counts, key=lambda form: (-counts[form], form))
    vocabulary = {form: number for number, form in enumerate([*SPECIALS, *forms])}
    return [[(start, end, vocabulary[form]) for start, end, form in words] for words in split], vocabulary


def write_rows(path: Path, rows: Sequence[Mapping[str, Any]]) -> None:
    """Rows of a table as Parquet, compressed with zstd, by pandas."""
    import pandas as pd  # slow to import, and few need it

    pd.DataFrame(rows).to_parquet(path, compression="zstd", index=False)
