"""Texts and models made at random, of the sizes of real ones: what the stages are measured on."""

from typing import Any

import numpy as np
import pyarrow as pa
import torch

from attnexplain.data.batching import Batch, TokenisedSplit, bucketed
from attnexplain.data.special_tokens import SPECIALS
from attnexplain.models.classifier import Classifier, build_classifier
from attnexplain.seeding import generator
from benchmarks.case import Setting
from reference import padded
from tiny import plugin, tiny_spec

SEED = 1
SHORTEST, LONGEST = 0.6, 1.4  # of the mean length
TOKENS_PER_BATCH = 4096  # the default of a study
CLOSE = 1.1  # the longest text of a batch to its shortest
QUESTION = 8  # words
LOGITS = 2.0  # standard deviation, over tokens, of what a trained model's token adds to the logit
SCORES = 1.5  # and of its attention score


def lengths(setting: Setting) -> np.ndarray:
    """Evenly spread from SHORTEST to LONGEST times the mean, each as often, in random order; (N,)."""
    places = np.arange(setting.examples) * setting.lengths // setting.examples
    spread = SHORTEST + (LONGEST - SHORTEST) * (places + 0.5) / setting.lengths
    found = np.maximum(1, np.rint(setting.tokens * spread)).astype(np.int64)
    return generator(SEED, "generation", "lengths").permutation(found)


def word_ids(setting: Setting) -> list[np.ndarray]:
    """Texts whose words are as frequent as those of real ones: the k-th with a probability of 1 / k (Zipf)."""
    ranks = np.arange(1, setting.sizes.vocabulary + 1)
    random, counts = generator(SEED, "generation", "words"), lengths(setting)
    drawn = random.choice(ranks, counts.sum(), p=(1 / ranks) / (1 / ranks).sum()) + len(SPECIALS) - 1
    return np.split(drawn, np.cumsum(counts)[:-1])


def few(setting: Setting) -> list[int]:
    """Positions of the reference's texts: of every length."""
    order, share = sorted_by_length(setting), setting.examples / setting.reference_examples
    return [order[int((place + 0.5) * share)] for place in range(setting.reference_examples)]


def middling(setting: Setting) -> list[int]:
    """As many positions, of the texts whose length is nearest to the mean."""
    first = (setting.examples - setting.reference_examples) // 2
    return sorted_by_length(setting)[first : first + setting.reference_examples]


def sorted_by_length(setting: Setting) -> list[int]:
    """All positions."""
    return np.argsort(lengths(setting), kind="stable").tolist()


def mean_tokens(setting: Setting) -> float:
    """Words per text."""
    return float(lengths(setting).mean())


def example_ids(setting: Setting) -> list[str]:
    return [f"e{position}" for position in range(setting.examples)]


def split(setting: Setting, classes: int = 2, *, pairs: bool = False) -> TokenisedSplit:
    """The texts as a tokenised split; labels go round, each of a pair has a question of its own."""
    columns = {
        "example_id": example_ids(setting),
        "label": pa.array([position % classes for position in range(setting.examples)], pa.int32()),
        "token_ids": word_ids(setting),
    }
    if pairs:
        random = generator(SEED, "generation", "questions")
        columns["pair_token_ids"] = list(
            random.integers(len(SPECIALS), len(SPECIALS) + setting.sizes.vocabulary, (setting.examples, QUESTION))
        )
    return TokenisedSplit(pa.table(columns), classes)


def batches(setting: Setting, found: TokenisedSplit) -> list[Batch]:
    """All examples in batches as a stage of the workflow makes them of a large set, on the setting's device.

    There, a batch holds texts of nearly one length; few texts would be padded to the longest of all.
    """
    parts: list[list[int]] = []
    for position in sorted_by_length(setting):
        if not parts or found.lengths[position] > CLOSE * found.lengths[parts[-1][0]]:
            parts.append([])
        parts[-1].append(position)
    return [batch.to(setting.device) for part in parts for batch in bucketed(found, part, TOKENS_PER_BATCH)]


def spec(setting: Setting, classes: int = 2, *, pairs: bool = False) -> dict[str, Any]:
    """A run with the default training options, additive attention, and the sizes of the setting."""
    training = {"embedding_size": setting.sizes.embedding, "batch_size": 32, "learning_rate": 1e-3}
    encoder = plugin("encoder", setting.encoder, hidden=setting.sizes.hidden)
    found = tiny_spec(setting.encoder, training=training)
    dataset = found["dataset"] | {"classes": [str(index) for index in range(classes)]}
    dataset |= {"task": "question-answering"} if pairs else {}
    return found | {"dataset": dataset, "encoder": encoder, "seed": SEED}


def untrained(setting: Setting, classes: int = 2, *, pairs: bool = False) -> Classifier:
    """As a run starts from it."""
    size = setting.sizes.vocabulary + len(SPECIALS)
    return build_classifier(spec(setting, classes, pairs=pairs), size).to(setting.device)


@torch.no_grad()
def trained(setting: Setting, classes: int = 2, *, pairs: bool = False) -> Classifier:
    """Random weights, scaled so that attention and logits differ between words as a trained model's do; frozen."""
    model = untrained(setting, classes, pairs=pairs).eval().requires_grad_(False)
    words = np.arange(len(SPECIALS), len(SPECIALS) + min(200, setting.sizes.vocabulary))
    batch = padded([words.tolist()], setting.device)
    states = model.encode(model.embed(batch.token_ids), batch.mask)
    model.attention.vector.weight *= SCORES / _scores(model, states, batch).std()
    if pairs:
        model.decoder.context.weight *= 1 / model.decoder.context(states[0]).std(0).mean()
        model.decoder.output.weight *= (
            LOGITS / model.decoder.output(model.decoder.context(states[0]).tanh()).std(0).mean()
        )
    else:
        model.decoder.weight *= LOGITS / (states[0] @ model.decoder.weight.T).std(0).mean()
    return model


def _scores(model: Classifier, states: torch.Tensor, batch: Batch) -> torch.Tensor:
    query = () if model.question is None else (model.question(batch.token_ids, batch.mask),)
    return model.attention(states, batch.attended, *query)[batch.attended]
