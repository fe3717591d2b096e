"""Leave-one-out of Jain and Wallace (2019), algorithm 1: how far the prediction moves when a token is deleted.

The token is taken out of the text (not masked), the shorter text is encoded anew and attended anew. The distance
is the total variation over all classes. A text of one token becomes <sos> <eos> with nothing to attend to: its
context is zero and the prediction is the decoder's bias. Of a pair, tokens of the attended text are deleted, and the
question stays.

Where the encoder says which states a deletion changes (`models.encoders.deletions`), only those are computed; the
scores are the same up to rounding.
"""

import logging
import time
from collections.abc import Iterable, Iterator
from dataclasses import replace

import torch
from torch import Tensor

from attnexplain.attribution.base import AttributionMethod, Attributions
from attnexplain.attribution.shortened import Shortened, shortened
from attnexplain.data.batching import Batch
from attnexplain.models.distances import total_variation
from attnexplain.models.question import Query

LOGGER = logging.getLogger(__name__)
SECONDS_BETWEEN_LINES = 60.0

FACTS = {
    "name": "leave-one-out",
    "title": "Leave-one-out",
    "citation": "Jain and Wallace (2019)",
    "needs": ["deletions"],
    "signed": False,
    "range": "[0, 1], total variation distance",
    "options": {},
}

Piece = tuple[Tensor, Tensor, Tensor]  # rows (N,), positions (N,), probabilities (N, C) without the tokens there


class LeaveOneOut(AttributionMethod):
    """s_t = TVD(p(x), p(x without token t))."""

    @torch.no_grad()
    def explain(self, batch: Batch) -> Attributions:
        """The predictions for sum(L) shortened texts, piece by piece."""
        probability, target, _ = self.predict(batch)
        query = self.query(batch)
        scores = torch.zeros_like(batch.attended, dtype=probability.dtype)  # (B, T)
        found = shortened(self.model, self.tokens_per_batch)
        pieces = self._encoded_anew(batch, query) if found is None else self._sharing(found, batch, query)
        for rows, positions, shorter in said(pieces, int(batch.attended.sum())):
            scores[rows, positions] = total_variation(probability[rows], shorter)
        return Attributions(scores, target, probability)

    def _sharing(self, found: Shortened, batch: Batch, query: Query | None) -> Iterator[Piece]:
        """Texts of one length together: no padding, so that all stand alike to the gap."""
        lengths = batch.mask.sum(dim=-1)
        for length in lengths.unique().tolist():
            rows = (lengths == length).nonzero().squeeze(1)
            asked = None if query is None else query.rows(rows)
            embedded = self.model.embed(batch.token_ids[rows, :length])
            for deleted, probability in found.probabilities(embedded, asked):
                positions = torch.arange(deleted.start, deleted.stop, device=rows.device)
                yield rows.repeat(len(positions)), positions.repeat_interleave(len(rows)), probability.flatten(0, 1)

    def _encoded_anew(self, batch: Batch, query: Query | None) -> Iterator[Piece]:
        """Every shortened text through the whole model; neighbours in one text together, within the budget."""
        rows, positions = batch.attended.nonzero(as_tuple=True)
        count = max(1, self.tokens_per_batch // batch.token_ids.shape[1])
        for some, places in zip(rows.split(count), positions.split(count), strict=True):
            asked = None if query is None else query.rows(some)
            yield some, places, self.model.probabilities(self.model(without(batch, some, places), asked).logits)


def said(pieces: Iterable[Piece], total: int) -> Iterator[Piece]:
    """The pieces as they are; where they take long, as a few texts of many tokens do, a line a minute says how far."""
    done, spoken = 0, time.monotonic()
    for piece in pieces:
        yield piece
        done += len(piece[0])
        if time.monotonic() - spoken > SECONDS_BETWEEN_LINES:
            spoken = time.monotonic()
            LOGGER.info("leave-one-out: %d of %d deletions; `max_length` of the tokeniser bounds them", done, total)


def without(batch: Batch, rows: Tensor, positions: Tensor) -> Batch:
    """The texts `rows` (N,) of `batch`, each without the token at its entry of `positions` (N,)."""
    lengths = batch.mask[rows].sum(dim=-1) - 1
    kept = torch.arange(int(lengths.max()), device=rows.device).expand(len(rows), -1)
    kept = kept + (kept >= positions[:, None])  # (N, T'): source position of each kept token
    source = rows[:, None]
    return replace(
        batch.rows(rows),
        token_ids=batch.token_ids[source, kept],
        mask=batch.mask[source, kept],
        attended=batch.attended[source, kept],
    )
