"""Which regularisers go with which models and with each other, decided when the plan is made, by FACTS alone.

A regulariser may say: `changes`, `step`, `states` or `values`, which no two of a combination may both do; `needs`,
names of the conditions below; `only` and `excludes`, by axis (`encoder attention regulariser`), with a reason.
"""

from collections.abc import Callable, Iterator, Mapping
from itertools import combinations
from typing import Any

from attnexplain import registry
from attnexplain.data.tasks import reads_pairs
from attnexplain.errors import UnknownNameError

Spec = Mapping[str, Any]
_CHANGES = {
    "step": "how the encoder steps",
    "states": "the states that attention reads",
    "values": "what attention mixes",
}


def refusals(spec: Spec, embedding_size: int) -> Iterator[str]:
    """Why a run with these plug-ins and embeddings of this size cannot be; nothing where it can."""
    yield from _two_of_a_kind(spec)
    for plugin in spec["regulariser"]:
        facts = registry.facts("regulariser", plugin["name"])
        reasons = [*_conditions(facts, spec, embedding_size), *_others(facts, spec)]
        yield from (f"regulariser {plugin['name']!r} {reason}" for reason in reasons)


def directions(encoder: Mapping[str, Any]) -> int:
    """In how many directions an encoder reads, each with a state of the size `hidden`."""
    both = registry.facts("encoder", encoder["name"]).get("directions", 1) == 2
    return 1 + bool(encoder["options"].get("bidirectional", both))


def _two_of_a_kind(spec: Spec) -> Iterator[str]:
    for one, other in combinations([plugin["name"] for plugin in spec["regulariser"]], 2):
        changes, same = (registry.facts("regulariser", name).get("changes") for name in (one, other))
        if changes and changes == same:
            yield f"regularisers {one!r} and {other!r} both change {_CHANGES[changes]}: take one of them"


def _conditions(facts: Mapping[str, Any], spec: Spec, embedding_size: int) -> Iterator[str]:
    for need in facts.get("needs", ()):
        if need not in _NEEDS:
            raise UnknownNameError("need of a regulariser", need, _NEEDS)
        reason = _NEEDS[need](spec, embedding_size)
        if reason:
            yield reason


def _others(facts: Mapping[str, Any], spec: Spec) -> Iterator[str]:
    """What the regulariser's own lists leave out."""
    members = {axis: [spec[axis]["name"]] for axis in ("encoder", "attention")}
    members["regulariser"] = [plugin["name"] for plugin in spec["regulariser"]]
    for axis, names in members.items():
        only, excludes = facts.get("only", {}).get(axis), facts.get("excludes", {}).get(axis, {})
        for name in names:
            if only and name not in only["names"]:
                yield f"is for {axis} {' and '.join(only['names'])}, not {name!r}: {only['why']}"
            if name in excludes:
                yield f"does not go with {axis} {name!r}: {excludes[name]}"


def _as_wide(spec: Spec, embedding_size: int) -> str | None:
    hidden, count = spec["encoder"]["options"].get("hidden"), directions(spec["encoder"])
    if hidden is None or hidden * count == embedding_size:  # None: another package's, which does not say
        return None
    widths = f"compares states with embeddings, which are {hidden * count} and {embedding_size} numbers wide"
    if embedding_size % count:
        return f"{widths}: take an encoder of one direction"
    return f"{widths}: set the encoder's `hidden` to {embedding_size // count}"


def _single_texts(spec: Spec, embedding_size: int) -> str | None:
    pairs = reads_pairs(spec["dataset"])
    return "is defined for single texts, and these are pairs: narrow the block's `datasets`" if pairs else None


_NEEDS: dict[str, Callable[[Spec, int], str | None]] = {
    "states-as-wide-as-embeddings": _as_wide,
    "single-texts": _single_texts,
}
