"""The states of the convolutional encoder without a word: those within half a window of the gap change, no other.

The product of each word with each tap of each filter is computed once; a state is a sum of such products, taken at
other words on the far side of the gap.
"""

from collections.abc import Iterator

import torch
from torch import Tensor
from torch.nn.functional import linear, pad

from attnexplain.models.encoders.cnn import CNN, WIDTHS
from attnexplain.models.encoders.deletions import Changed

REACH = max(WIDTHS) // 2


class CNNDeletions:
    """See `Deletions`."""

    def __init__(self, encoder: CNN, embedded: Tensor, weight: Tensor, bias: Tensor) -> None:
        self.weight, self.bias, self.length = weight, bias, embedded.shape[1]
        filters = dict(encoder.convolutions.named_parameters())
        self.offset = torch.cat([filters[f"{width}.bias"] for width in range(len(WIDTHS))])  # (H,)
        self.products = [_products(filters[f"{width}.weight"], embedded) for width in range(len(WIDTHS))]
        every = torch.arange(self.length, device=embedded.device)
        self.read = self._read(every, torch.full_like(every, self.length))

    def changed(self, deleted: range) -> Iterator[Changed]:
        """The places up to three words before and after each deleted one."""
        words = torch.arange(deleted.start, deleted.stop, device=self.read.device)
        near = torch.arange(-REACH, REACH + 1, device=self.read.device)
        gap, place = torch.broadcast_tensors(words[:, None], words[:, None] + near)
        is_word = (place > 0) & (place < self.length - 1) & (place != gap)
        if is_word.any():
            gap, place = gap[is_word], place[is_word]
            yield Changed(gap - deleted.start, place, self._read(place, gap))

    def _read(self, place: Tensor, gap: Tensor) -> Tensor:
        """W h + b (N, B, R) of the states at `place` (N,) without the word at `gap` (N,), which is another place."""
        parts = [self._filters(products, place, gap) for products in self.products]
        return linear((torch.cat(parts, dim=-1) + self.offset).relu(), self.weight, self.bias)

    def _filters(self, products: Tensor, place: Tensor, gap: Tensor) -> Tensor:
        """The filters of one width, (N, B, F), before their bias. `products` is padded by REACH + 1 at each end."""
        _, n_texts, taps, filters = products.shape
        total, half = products.new_zeros(len(place), n_texts, filters), taps // 2
        for tap in range(taps):
            source = place + tap - half
            # Across the gap every word stands one further away.
            source = source + ((place < gap) & (source >= gap)).long() - ((place > gap) & (source <= gap)).long()
            total += products[source + REACH + 1, :, tap]
        return total


def _products(weight: Tensor, embedded: Tensor) -> Tensor:
    """Filters (F, E, taps) on words (B, T, E) -> products (T + 2 (REACH + 1), B, taps, F), 0 beyond the text."""
    filters, size, taps = weight.shape
    found = linear(embedded.transpose(0, 1), weight.permute(2, 0, 1).reshape(taps * filters, size))
    padded = pad(found, (0, 0, 0, 0, REACH + 1, REACH + 1))
    return padded.view(*padded.shape[:2], taps, filters)
