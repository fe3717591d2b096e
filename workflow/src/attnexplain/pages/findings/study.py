"""What the page of findings reads: tables of a finished study, and names for its plug-ins."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import pandas as pd

from attnexplain.figures.remedies import plainest, remedy_name, sorted_remedies
from attnexplain.figures.report.grid import digits_for, interval, missing, number
from attnexplain.figures.style import Style
from attnexplain.identifiers import base_name
from attnexplain.statistics.notions import BY_NAME


@dataclass(frozen=True)
class Study:
    """Tables of a study, as frames; `labels`: names of its variants; `libraries`: versions that wrote the tables.

    `unrun`: data sets of the study in full, where these are tables of a part of it.
    """

    name: str
    runs: pd.DataFrame
    gains: pd.DataFrame
    comparisons: pd.DataFrame
    statistics: pd.DataFrame
    agreement: pd.DataFrame
    confidence: float = 0.95
    labels: Mapping[str, str] = field(default_factory=dict)
    libraries: Mapping[str, str] = field(default_factory=dict)
    unrun: Sequence[str] = ()

    @cached_property
    def style(self) -> Style:
        """Names to print."""
        return Style(self.labels)

    @cached_property
    def plain(self) -> dict[str, str]:
        """The axes of the plainest model."""
        return plainest(self.gains)

    @cached_property
    def datasets(self) -> list[str]:
        """Data sets with runs, those with most seeds first."""
        ran = self.runs[self.runs["run"].notna()]
        seeds = ran.groupby("dataset")["seed"].nunique()
        return sorted(seeds.index, key=lambda name: (-seeds[name], name))

    @cached_property
    def known(self) -> pd.DataFrame:
        """Rows of `gains` that have a number, in the order of the remedies."""
        return sorted_remedies(self.gains[self.gains["mean"].notna()], self.plain)

    @cached_property
    def notions(self) -> list[str]:
        """Notions that the study measures, in their order."""
        measured = set(self.known["notion"])
        return [name for name in BY_NAME if name in measured]

    def remedy(self, row: Mapping[Any, Any] | pd.Series) -> str:
        """What is not plain of a row's model."""
        return remedy_name(row, self.plain, self.style)

    def label(self, identifier: str) -> str:
        """Name to print."""
        return self.style.label(identifier)


def variant_labels(specs: Iterable[Mapping[str, Any]]) -> dict[str, str]:
    """Names of plug-ins whose ids carry digests: the plain name, with the options by which a study's variants differ.

    `specs`: complete specifications `{id, name, options}`.
    """
    found: dict[str, dict[str, Mapping[str, Any]]] = {}
    for spec in specs:
        found.setdefault(spec["name"], {})[spec["id"]] = spec["options"]
    style, labels = Style(), {}
    for name, variants in found.items():
        for identifier, options in variants.items():
            apart = [key for key, value in options.items() if any(one.get(key) != value for one in variants.values())]
            said = ", ".join(f"{key} {options[key]}" for key in sorted(apart) if not isinstance(options[key], dict))
            labels[identifier] = style.label(base_name(name)) + (f" ({said})" if said else "")
    return labels


def lone_labels(identifiers: Iterable[str]) -> dict[str, str]:
    """Plain names of the variants that are the only one of their plug-in among `identifiers`."""
    variants: dict[str, set[str]] = {}
    for identifier in identifiers:
        variants.setdefault(base_name(identifier), set()).add(identifier)
    return {found.pop(): Style().label(name) for name, found in variants.items() if len(found) == 1}


def value_text(row: Mapping[Any, Any] | pd.Series, names: tuple[str, str, str] = ("mean", "ci_low", "ci_high")) -> str:
    """`0.35 [0.30, 0.40]`, with the decimals that the interval supports; a dash without a number."""
    value, low, high = (row[name] for name in names)
    if missing(value):
        return "–"
    digits = digits_for(low, high)
    return f"{number(value, digits)} {interval(low, high, digits)}".strip()


def difference_text(row: Mapping[Any, Any]) -> str:
    """A difference, its sign always said."""
    said = value_text(row, ("difference", "difference_low", "difference_high"))
    return said if said[:1] in ("–", "-", "−") or missing(row["difference"]) else f"+{said}"
