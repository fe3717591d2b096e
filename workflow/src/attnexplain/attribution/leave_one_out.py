"""Leave-one-out of Jain and Wallace (2019), algorithm 1: how far the prediction moves when a token is deleted.

The token is taken out of the text (not masked), the shorter text is encoded anew and attended anew. The distance
is the total variation over all classes. A text of one token becomes <sos> <eos> with nothing to attend to: its
context is zero and the prediction is the decoder's bias. Of a pair, tokens of the attended text are deleted, and the
question stays.
"""

import logging
import time
from collections.abc import Iterable, Iterator
from dataclasses import replace

import torch
from torch import Tensor

from attnexplain.attribution.base import AttributionMethod, Attributions
from attnexplain.data.batching import Batch
from attnexplain.models.distances import total_variation

LOGGER = logging.getLogger(__name__)
SECONDS_BETWEEN_LINES = 60.0

FACTS = {
    "name": "leave-one-out",
    "title": "Leave-one-out",
    "citation": "Jain and Wallace (2019)",
    "needs": [],
    "signed": False,
    "range": "[0, 1], total variation distance",
    "options": {},
}


class LeaveOneOut(AttributionMethod):
    """s_t = TVD(p(x), p(x without token t))."""

    @torch.no_grad()
    def explain(self, batch: Batch) -> Attributions:
        """One forward pass over sum(L) shortened texts, in pieces of at most `tokens_per_batch` positions."""
        probability, target, _ = self.predict(batch)
        query = self.query(batch)
        scores = torch.zeros_like(batch.attended, dtype=probability.dtype)  # (B, T)
        for rows, positions in said(self._deletions(batch), int(batch.attended.sum())):
            asked = None if query is None else query.rows(rows)
            shorter = self.model.probabilities(self.model(without(batch, rows, positions), asked).logits)
            scores[rows, positions] = total_variation(probability[rows], shorter)
        return Attributions(scores, target, probability)

    def _deletions(self, batch: Batch) -> Iterator[tuple[Tensor, Tensor]]:
        """Pairs (row, position of a real token), neighbours in one text together, within the budget of positions."""
        rows, positions = batch.attended.nonzero(as_tuple=True)
        count = max(1, self.tokens_per_batch // batch.token_ids.shape[1])
        yield from zip(rows.split(count), positions.split(count), strict=True)


def said(pieces: Iterable[tuple[Tensor, Tensor]], total: int) -> Iterator[tuple[Tensor, Tensor]]:
    """The pieces as they are; where they take long, as a few texts of many tokens do, a line a minute says how far."""
    done, spoken = 0, time.monotonic()
    for rows, positions in pieces:
        yield rows, positions
        done += len(rows)
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
