"""The vocabulary: form -> id, from the training examples alone."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence

from attnexplain.data.special_tokens import SPECIALS, UNK


def build_vocabulary(documents: Iterable[Sequence[str]], min_frequency: int = 1) -> dict[str, int]:
    """Specials, then the forms that at least `min_frequency` documents hold: the commonest first, ties by alphabet.

    A document is one example's forms; frequency is counted in documents, as scikit-learn's `min_df` does.
    """
    frequency = Counter(form for forms in documents for form in set(forms))
    kept = sorted((-count, form) for form, count in frequency.items() if count >= min_frequency)
    forms = [form for _, form in kept if form not in SPECIALS]
    return {form: number for number, form in enumerate([*SPECIALS, *forms])}


def encode(forms: Iterable[str], vocabulary: Mapping[str, int]) -> list[int]:
    """Ids of forms; one that is not in the vocabulary, or spells a special token, is `<unk>`."""
    return [UNK if form in SPECIALS else vocabulary.get(form, UNK) for form in forms]
