"""What is odd in a data set that was read without an error: duplicates, one-class splits, lost evidence, long texts."""

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from itertools import combinations

import pyarrow as pa

from attnexplain.data.evidence import token_evidence

LONG = 10_000  # tokens
_ODD_CHARACTERS = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ufffd]")
_NAMED = 3  # examples named in a warning


@dataclass(frozen=True)
class Checked:
    """A split: its canonical table, and per example the (segment, start, end) of its tokens."""

    split: str
    table: pa.Table
    tokens: list[list[tuple[int, int, int]]]

    @cached_property
    def ids(self) -> list[str]:
        """Identifiers, in the table's order."""
        return list(self.table["example_id"].to_pylist())

    @cached_property
    def texts(self) -> list[tuple[str, str | None]]:
        """Both texts of each example."""
        return list(zip(self.table["text"].to_pylist(), self.table["text_pair"].to_pylist(), strict=True))

    @cached_property
    def marked(self) -> list[list[bool]]:
        """Of the examples with evidence, which tokens it marks."""
        found = []
        for spans, tokens in zip(self.table["evidence"].to_pylist(), self.tokens, strict=True):
            if spans:
                segment, start, end = zip(*tokens, strict=True) if tokens else ((), (), ())
                found.append([value >= 0.5 for value in token_evidence(spans, segment, start, end)])
        return found

    def label_counts(self, n_classes: int) -> list[tuple[int, int]]:
        """(label, examples) of every class."""
        counts = Counter(self.table["label"].to_pylist())
        return [(label, counts[label]) for label in range(n_classes)]


def warnings(splits: list[Checked], classes: list[str], private: bool) -> Iterator[str]:
    """One line each; examples are named unless `private`."""
    for split in splits:
        yield from _labels(split, classes)
        yield from _texts(split, private)
        yield from _evidence(split)
    for first, second in combinations(splits, 2):
        yield from _between(first, second, private)


def _labels(split: Checked, classes: list[str]) -> Iterator[str]:
    absent = [classes[label] for label, count in split.label_counts(len(classes)) if not count]
    if len(absent) == len(classes) - 1:
        only = next(name for name in classes if name not in absent)
        yield f"{split.split}: one class only ({only}){'; no model can be trained' * (split.split == 'train')}"
    elif absent:
        yield f"{split.split}: no example of {len(absent)} of {len(classes)} classes{_named(absent, private=False)}"
    unlabelled = split.table["label"].null_count
    refused = "" if split.split == "test" else ", which training refuses"
    if unlabelled:
        yield f"{split.split}: {unlabelled} of {len(split.ids)} examples without a label{refused}"


def _texts(split: Checked, private: bool) -> Iterator[str]:
    odd = {
        "without a token, which are dropped": [not tokens for tokens in split.tokens],
        f"of more than {LONG:,} tokens; consider `max_length` of the tokeniser": [len(t) > LONG for t in split.tokens],
        "with control or replacement characters; is the encoding right?": [
            bool(_ODD_CHARACTERS.search("".join(part or "" for part in texts))) for texts in split.texts
        ],
    }
    for what, flags in odd.items():
        names = [name for name, flag in zip(split.ids, flags, strict=True) if flag]
        if names:
            yield f"{split.split}: {len(names)} of {len(split.ids)} texts {what}{_named(names, private)}"
    counts = Counter(split.texts)
    repeated = sum(counts.values()) - len(counts)
    if repeated:
        names = [name for name, text in zip(split.ids, split.texts, strict=True) if counts[text] > 1]
        yield f"{split.split}: {repeated} of {len(split.ids)} texts repeat another of the split{_named(names, private)}"
    labels: dict[tuple[str, str | None], set[int | None]] = {}
    for text, label in zip(split.texts, split.table["label"].to_pylist(), strict=True):
        labels.setdefault(text, set()).add(label)
    torn = sum(len(found) > 1 for found in labels.values())
    if torn:
        yield f"{split.split}: {torn} texts stand with different labels"


def _evidence(split: Checked) -> Iterator[str]:
    counts = {
        "marks no token (blank spans, weights below 0.5)": sum(not any(flags) for flags in split.marked),
        "is the whole text: no plausibility is defined": sum(bool(flags) and all(flags) for flags in split.marked),
    }
    for what, count in counts.items():
        if count:
            yield f"{split.split}: {count} of {len(split.marked)} examples whose evidence {what}"


def _between(first: Checked, second: Checked, private: bool) -> Iterator[str]:
    pair = f"{first.split} and {second.split}"
    same_ids = sorted(set(first.ids) & set(second.ids))
    if same_ids:
        yield f"{pair}: {len(same_ids)} identifiers in both{_named(same_ids, private)}"
    known = set(first.texts)
    names = [name for name, text in zip(second.ids, second.texts, strict=True) if text in known]
    if names:
        share = f"{len(names)} of {len(second.ids)} texts of {second.split}"
        yield f"{pair}: {share} stand in {first.split} too{_named(names, private)}"


def _named(names: list[str], private: bool) -> str:
    more = ", ..." if len(names) > _NAMED else ""
    return "" if private else f" ({', '.join(names[:_NAMED])}{more})"
