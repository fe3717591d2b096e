"""What tests of attribution methods and experiments share: small sentences, small models, scores cut to the words.

Every sentence has a question, with candidates or without, that models of single texts do not look at.
"""

import copy
import itertools
from collections.abc import Sequence
from typing import Any

import numpy as np
import pyarrow as pa
import torch

from attnexplain.data.batching import Batch, TokenisedSplit, collate
from attnexplain.models.classifier import Classifier, build_classifier
from attnexplain.models.memory import Budget
from attnexplain.registry import facts, load, targets
from reference import Asked
from tiny import VOCABULARY, plugin, tiny_spec

# Unequal lengths, one word alone, a word repeated, neighbours alike; in no order of length.
SENTENCES = [[5, 9, 7, 4], [8], [6, 6, 10, 4, 12, 14, 6, 5, 13], [11, 4, 5, 5, 7, 9], [18, 17]]
# Of sentence k it is question k, going round; one is without words.
QUESTIONS = [
    Asked([9, 4], [0, 1, 3]),
    Asked([13, 16, 5, 7, 7]),
    Asked([4], [1, 2]),
    Asked([], [0, 2, 3]),
    Asked([15, 6, 8]),
]
PAIRS = 4  # so many classes are answers: a model of them reads pairs
CLASSES = (2, 3, PAIRS)
CROSSED = ("average", "bilstm", "cnn")
OTHERS = sorted(set(targets("encoder")) - set(CROSSED))
SPARSE = sorted(set(targets("normaliser")) - {"softmax"})
# Every pair of an encoder, an attention and a number of classes: the classes go round, as in a Latin square.
MODELS = [
    *(
        (encoder, attention, CLASSES[(row + column) % len(CLASSES)])
        for row, encoder in enumerate(CROSSED)
        for column, attention in enumerate(sorted(targets("attention")))
    ),
    # Other encoders, and other normalisers, with less.
    *((encoder, "additive", (2, PAIRS)[row % 2]) for row, encoder in enumerate(OTHERS)),
    *itertools.product(["bilstm"], [f"additive+{name}" for name in SPARSE], (2, PAIRS)),
]
LONG = [4 + (7 * place) % 15 for place in range(300)]


def spec(encoder: str = "bilstm", attention: str = "additive", classes: int = 2) -> dict[str, Any]:
    """The run of `model`; attention may name its normaliser, as in `additive+sparsemax`."""
    attention, _, normaliser = attention.partition("+")
    found = tiny_spec(encoder, attention, classes=classes, training={"embedding_init_std": 1.0})
    found["normaliser"] = plugin("normaliser", normaliser or "softmax")
    if classes == PAIRS:
        found["dataset"] |= {"task": "question-answering", "classes": ["a", "b", "c", "d"]}
    return found


def model(encoder: str = "bilstm", attention: str = "additive", classes: int = 2, seed: int = 1) -> Classifier:
    """A classifier of 8-d embeddings N(0, 1) and hidden size 8, weights spread so that predictions differ.

    Where its attention needs a base, that is a BiLSTM with additive attention, of another seed.
    """
    base = model(classes=classes, seed=seed + 10).requires_grad_(False) if needs_base(attention) else None
    found = build_classifier({**spec(encoder, attention, classes), "seed": seed}, len(VOCABULARY), base=base)
    with torch.no_grad():
        output = found.decoder.output if classes == PAIRS else found.decoder
        output.weight *= 4
        for parameter in found.attention.parameters():
            parameter *= 3
    return found.eval()


def needs_base(attention: str) -> bool:
    """Whether an attention stands on another model."""
    return bool(facts("attention", attention.partition("+")[0]).get("base"))


def make(
    family: str,
    name: str,
    classifier: Classifier,
    *,
    seed: int = 1,
    texts: TokenisedSplit | None = None,
    **options: Any,
) -> Any:
    """A method or an experiment with its default options, some replaced.

    One that is fitted is so on SENTENCES; one that reads attributions reads those of `texts`, or else of SENTENCES.
    """
    made = load(family, name)(classifier, seed=seed, **{**plugin(family, name)["options"], **options})
    if "train" in facts(family, name)["needs"]:
        made.fit(split(), split(), Budget(4096))
    if facts(family, name).get("reads") == "attributions":
        made.read({method: scores(method, classifier, texts) for method in made.methods}, Budget(4096))
    return made


def scores(method: str, classifier: Classifier, texts: TokenisedSplit | None = None) -> list[np.ndarray]:
    """What a method with default options says of each of `texts`, or else of SENTENCES."""
    found = batch() if texts is None else collate(texts, range(len(texts)))
    rows = words(make("method", method, classifier).attribute(found).scores, found)
    return [np.array(row, np.float32) for row in rows]


def make_between(name: str, classifiers: Sequence[Classifier]) -> Any:
    """A measure between runs with its default options."""
    return load("between", name)(classifiers, **plugin("between", name)["options"])


def split(sentences: Sequence[Sequence[int]] = SENTENCES) -> TokenisedSplit:
    """The sentences as a tokenised split; example `k` has the id `e<k>` and question `k`."""
    questions = [QUESTIONS[index % len(QUESTIONS)] for index in range(len(sentences))]
    lists = pa.list_(pa.int32())
    columns = {
        "example_id": [f"e{index}" for index in range(len(sentences))],
        "label": pa.array([0] * len(sentences), pa.int32()),
        "token_ids": [np.array(words) for words in sentences],
        "pair_token_ids": pa.array([question.words for question in questions], lists),
        "candidates": pa.array([question.candidates for question in questions], lists),
    }
    return TokenisedSplit(pa.table(columns), PAIRS)


def asked(classifier: Classifier) -> list[Asked | None]:
    """The question of each of SENTENCES, or none for a model of single texts."""
    return [None if classifier.question is None else question for question in QUESTIONS]


def batch(sentences: Sequence[Sequence[int]] = SENTENCES, indices: Sequence[int] | None = None) -> Batch:
    """The sentences at `indices` (all of them) as one batch."""
    return collate(split(sentences), range(len(sentences)) if indices is None else indices)


def words(scores: torch.Tensor, batch: Batch) -> list[list[float]]:
    """Scores (B, T) cut to the words of each sentence."""
    return [row[real].tolist() for row, real in zip(scores, batch.attended, strict=True)]


def flat(scores: Sequence[Sequence[float]]) -> list[float]:
    """Scores of all sentences in one list, for comparison in one go."""
    return [score for sentence in scores for score in sentence]


def state(classifier: Classifier) -> Any:
    """All that looking at a model must not change: modes, parameters, gradients, hooks."""
    hooks = [
        len(module._forward_hooks) + len(module._forward_pre_hooks) + len(module._backward_hooks)
        for module in classifier.modules()
    ]
    gradients = [None if parameter.grad is None else parameter.grad.tolist() for parameter in classifier.parameters()]
    requires = [parameter.requires_grad for parameter in classifier.parameters()]
    weights = {name: value.tolist() for name, value in classifier.state_dict().items()}
    return copy.deepcopy([[module.training for module in classifier.modules()], weights, gradients, requires, hooks])
