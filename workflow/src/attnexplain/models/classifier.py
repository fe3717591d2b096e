"""The classifier of every run: embedding, encoder, attention over its states, decoder; of pairs, the question beside.

The models of Jain and Wallace (2019). For single texts the decoder is linear, of one logit (two classes) or one per
class. For pairs (question-answering, entailment) a question encoder gives attention and decoder their query.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from safetensors import SafetensorError
from safetensors.torch import load_file
from torch import Tensor, nn

from attnexplain import registry
from attnexplain.data.batching import Batch
from attnexplain.data.special_tokens import PAD
from attnexplain.data.tasks import reads_pairs
from attnexplain.errors import ResultError
from attnexplain.models.decoders.linear import LinearDecoder
from attnexplain.models.decoders.pair import PairDecoder
from attnexplain.models.question import Query, Question
from attnexplain.models.states import ChangedStates
from attnexplain.seeding import integer


@dataclass(frozen=True)
class Output:
    """Shapes: weights (B, T); states and values (B, T, H); embedded (B, T, E); logits (B, 1) for two classes of single
    texts, else (B, C).

    Attention reads `states` and mixes `values`, which are the states unless a regulariser makes others of them.
    """

    logits: Tensor
    weights: Tensor
    states: Tensor
    embedded: Tensor
    values: Tensor


class Classifier(nn.Module):
    """logits = decoder(sum_t a_t v_t, q); states h = encoder(e), weights a = normaliser(attention(h, q)), values v = h.

    Attention that has `imposed(batch)` gives the weights themselves, by the text instead of its states; nothing is
    scored or normalised then.

    Letters: B examples, T tokens, E embedding, H states, C classes. Single texts have no question q, and two classes
    share one logit, that of class 1. What regularisers change of steps or states is part of the encoder; they may also
    change the values v that are mixed. T runs over the attended text; `batch` of a pair holds the question beside it.
    """

    def __init__(
        self,
        embedding: nn.Embedding,
        encoder: nn.Module,
        attention: nn.Module,
        normaliser: nn.Module,
        decoder: LinearDecoder | PairDecoder,
        question: Question | None = None,
        regularisers: Mapping[str, nn.Module] | None = None,
    ) -> None:
        super().__init__()
        self.embedding = embedding
        self.encoder = encoder
        self.attention = attention
        self.normaliser = normaliser
        self.decoder = decoder
        self.question = question
        self.regularisers = nn.ModuleDict(regularisers)  # by name; what they change is in the encoder
        self.stand_on(None)

    def forward(self, batch: Batch, query: Query | None = None) -> Output:
        """All that the classifier computes on the way from token ids to logits; `query` where it is known already."""
        query = self.query(batch) if query is None else query
        embedded = self.embed(batch.token_ids)
        states = self.encode(embedded, batch.mask)
        weights = self.attend(states, batch, query)
        values = self.values(batch.token_ids, embedded, states)
        return Output(self.decode(values, weights, query), weights, states, embedded, values)

    def query(self, batch: Batch) -> Query | None:
        """The questions of a batch of pairs, encoded; None for single texts."""
        if self.question is None:
            return None
        if batch.pair_ids is None:
            raise ValueError("this classifier reads pairs, and the batch has no questions")
        return Query(self.question(batch.pair_ids, batch.pair_mask), batch.candidates)

    def embed(self, token_ids: Tensor) -> Tensor:
        """Token ids (B, T) of the attended text -> embeddings (B, T, E); padding is 0."""
        embedded: Tensor = self.embedding(token_ids)
        return embedded

    def encode(self, embedded: Tensor, mask: Tensor) -> Tensor:
        """Embeddings (B, T, E) and mask (B, T) -> states (B, T, H)."""
        states: Tensor = self.encoder(embedded, mask)
        return states

    def attend(self, states: Tensor, batch: Batch, query: Query | None = None) -> Tensor:
        """States (B, T, H) of a batch -> attention weights (B, T)."""
        if hasattr(self.attention, "imposed"):
            imposed: Tensor = self.attention.imposed(batch)  # type: ignore[operator]
            return imposed.to(states)
        given = () if query is None else (query.vector,)
        weights: Tensor = self.normaliser(self.attention(states, batch.attended, *given), batch.attended)
        return weights

    def values(self, token_ids: Tensor, embedded: Tensor, states: Tensor) -> Tensor:
        """Token ids (B, T), embeddings (B, T, E) and states (B, T, H) -> what the attention mixes (B, T, H)."""
        for regulariser in self.regularisers.values():
            states = regulariser.values(token_ids, embedded, states)  # type: ignore[operator]
        return states

    @property
    def mixes_states(self) -> bool:
        """Whether the values are the states themselves."""
        return all(registry.facts("regulariser", name)["changes"] != "values" for name in self.regularisers)

    def decode(self, values: Tensor, weights: Tensor, query: Query | None = None) -> Tensor:
        """Values (B, T, H) and weights (B, T) -> logits (B, 1) or (B, C)."""
        context = torch.einsum("bt,bth->bh", weights, values)
        logits: Tensor = self.decoder(context, query)
        return logits

    def probabilities(self, logits: Tensor) -> Tensor:
        """Logits (..., 1) or (..., C) -> probabilities (..., C); [1 - p, p] for two classes."""
        if logits.shape[-1] > 1:
            return logits.softmax(dim=-1)
        positive = logits.sigmoid()
        return torch.cat([1 - positive, positive], dim=-1)

    @property
    def base(self) -> "Classifier | None":
        """The trained model that this one stands on: it is no part of it, neither saved nor trained with it."""
        return self._base[0]

    def stand_on(self, base: "Classifier | None") -> None:
        """Say which model this one stands on."""
        self._base = (base,)  # in a tuple, where PyTorch does not look for modules

    def embedding_tables(self) -> list[nn.Embedding]:
        """The table of the attended text, and that of the question where there is one."""
        return [self.embedding] if self.question is None else [self.embedding, self.question.embedding]


def build_classifier(
    spec: Mapping[str, Any],
    vocabulary_size: int,
    vectors: tuple[np.ndarray, np.ndarray] | None = None,
    base: Classifier | None = None,
) -> Classifier:
    """The untrained classifier of a run; it depends on the spec and its seed, not on any global random state.

    `vectors` is (matrix (V, E), found (V,) bool): rows found start there, the others at 0, and E is the file's. `base`
    is the trained model that the run stands on, where it does.
    """
    size = spec["training"]["embedding_size"] if vectors is None else int(vectors[0].shape[1])
    model = _assemble(spec, vocabulary_size, size, base)
    if vectors is not None:
        for table in model.embedding_tables():
            table.weight.data = _found(*vectors)
    return model


def load_classifier(
    path: Path,
    spec: Mapping[str, Any],
    vocabulary_size: int,
    device: torch.device | str = "cpu",
    bases: Mapping[str, Path] | None = None,
) -> Classifier:
    """A trained classifier in eval mode, its parameters frozen; `bases`: models by run id, of those that it needs."""
    base = load_base(spec, vocabulary_size, device, bases or {}) if spec["base"] else None
    try:
        weights = load_file(path)
        model = _assemble(spec, vocabulary_size, int(weights["embedding.weight"].shape[1]), base)
        model.load_state_dict(weights)
    except (OSError, SafetensorError, KeyError, RuntimeError) as error:
        raise ResultError(f"{path}: not the model of run {spec['run']}; delete it to train again ({error})") from error
    return model.to(device).eval().requires_grad_(False)


def load_base(
    spec: Mapping[str, Any], vocabulary_size: int, device: torch.device | str, bases: Mapping[str, Path]
) -> Classifier:
    """The trained model that a run stands on, frozen and in eval mode; the two share data, tokens and vocabulary."""
    base = {**spec["base"], "dataset": spec["dataset"]}  # with the classes, where those are left to the data
    if base["run"] not in bases:
        raise ResultError(f"run {spec['run']} stands on {base['run']}, whose model is not given (--bases)")
    return load_classifier(bases[base["run"]], base, vocabulary_size, device, bases)


def _assemble(
    spec: Mapping[str, Any], vocabulary_size: int, embedding_size: int, base: Classifier | None
) -> Classifier:
    """The parts a spec names. Embeddings draw last: a larger vocabulary leaves the other initial values alone."""
    n_classes, pairs = len(spec["dataset"]["classes"]), reads_pairs(spec["dataset"])
    regularisers = _regularisers(spec, vocabulary_size, embedding_size, base)
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(integer(spec["seed"], "initialisation"))
        encoder = _changed(_encoder(spec, embedding_size, regularisers), regularisers)
        attention = _plugin("attention", spec, *[encoder.size] * (1 + pairs), base=base)
        decoder = PairDecoder(encoder.size, n_classes) if pairs else _linear(encoder.size, n_classes)
        question = _encoder(spec, embedding_size, regularisers) if pairs else None
        tables = [nn.Embedding(vocabulary_size, embedding_size, padding_idx=PAD) for _ in range(1 + pairs)]
    for table in tables:  # N(0, 1) so far, padding 0
        table.weight.data *= spec["training"]["embedding_init_std"]
    asked = Question(tables[1], question) if question is not None else None
    model = Classifier(tables[0], encoder, attention, _plugin("normaliser", spec), decoder, asked, regularisers)
    model.stand_on(base)
    return model


def _regularisers(
    spec: Mapping[str, Any], vocabulary_size: int, embedding_size: int, base: Classifier | None
) -> dict[str, Any]:
    """By name. Each draws from a stream of its own, so that the other initial values are those without it."""
    found: dict[str, Any] = {}
    for plugin in spec["regulariser"]:
        with torch.random.fork_rng(devices=[]):
            torch.manual_seed(integer(spec["seed"], "initialisation", plugin["name"]))
            made = registry.load("regulariser", plugin["name"])
            found[plugin["name"]] = made(vocabulary_size, embedding_size, **_given(plugin, base))
    return found


def _encoder(spec: Mapping[str, Any], embedding_size: int, regularisers: Mapping[str, Any]) -> Any:
    """The encoder, with the steps that its regularisers give it."""
    encoder = _plugin("encoder", spec, embedding_size)
    for regulariser in regularisers.values():
        encoder = regulariser.encoder(encoder)
    return encoder


def _changed(encoder: Any, regularisers: Mapping[str, Any]) -> Any:
    """The encoder with the states that its regularisers make of its own."""
    for name, regulariser in regularisers.items():
        if registry.facts("regulariser", name)["changes"] == "states":
            encoder = ChangedStates(encoder, regulariser)
    return encoder


def _linear(states_size: int, n_classes: int) -> LinearDecoder:
    return LinearDecoder(states_size, 1 if n_classes == 2 else n_classes)


def _plugin(family: str, spec: Mapping[str, Any], *sizes: int, base: Classifier | None = None) -> Any:
    return registry.load(family, spec[family]["name"])(*sizes, **_given(spec[family], base))


def _given(plugin: Mapping[str, Any], base: Classifier | None) -> dict[str, Any]:
    """A plug-in's options, and the model that it stands on where it names one."""
    return {**plugin["options"], **({"base": base} if "base" in plugin else {})}


def _found(matrix: np.ndarray, found: np.ndarray) -> Tensor:
    """Vectors as the initial embedding (V, E): 0 where the file has no vector, and at padding."""
    start = np.where(found[:, None], matrix, 0.0).astype(np.float32)
    start[PAD] = 0.0
    return torch.from_numpy(start)
