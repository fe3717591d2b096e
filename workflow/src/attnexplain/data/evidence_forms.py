"""Evidence as people write it down, read as character spans: spans, token indices, or a marked copy of the text.

A list of such values, one per annotator, is the evidence of several annotators. One who marked nothing is recorded as
an empty span, which overlaps no token, so that means over annotators count them. Errors are ValueErrors that quote
nothing of the text.
"""

import json
import re
from typing import Any

SPAN = {"segment": 0, "annotator": 0, "weight": 1.0}
FORMS = ("spans", "tokens", "marked")
_TOKEN = re.compile(r"\S+")


def read_evidence(value: Any, form: str, text: str, segment: int, mark: str) -> list[dict[str, Any]] | None:
    """Spans of one value over `text`; None where the example was not annotated."""
    if value is None or value == "":
        return None
    if isinstance(value, str) and form != "marked":
        value = _from_text(value, form)
    annotators = _annotators(value, form)
    read = {"spans": _spans, "tokens": _tokens, "marked": _aligned}[form]
    found = []
    for annotator, one in enumerate(annotators):
        spans = read(one, text, mark)
        if not spans and len(annotators) > 1:
            spans = [{"start": 0, "end": 0}]
        found += [{**SPAN, "segment": segment, "annotator": annotator, **span} for span in spans]
    return found


def without_marks(marked: str, mark: str) -> str:
    """A marked text without its marks."""
    for delimiter in set(delimiters(mark)):
        marked = marked.replace(delimiter, "")
    return marked


def delimiters(mark: str) -> tuple[str, str]:
    """What opens and what closes a marked stretch: `*` does both, `[ ]` are two."""
    parts = mark.split()
    if len(parts) not in (1, 2):
        raise ValueError(f"evidence_mark {mark!r}: give one delimiter (`*`), or two with a blank between (`[ ]`)")
    return parts[0], parts[-1]


def _from_text(value: str, form: str) -> Any:
    """A field of a text file: JSON, or indices between blanks or commas."""
    if form == "tokens" and re.fullmatch(r"[\d\s,]+", value):
        return [int(index) for index in re.findall(r"\d+", value)]
    try:
        return json.loads(value)
    except ValueError:
        expected = "indices such as `3 4 9`, or JSON" if form == "tokens" else "JSON"
        raise ValueError(f"evidence is not {expected}") from None


def _annotators(value: Any, form: str) -> list[Any]:
    if form == "marked":
        return value if isinstance(value, list) else [value]
    if isinstance(value, dict) and all(isinstance(column, list) for column in value.values()):
        value = _records(value)
    if not isinstance(value, list):
        raise ValueError(f"evidence is a {type(value).__name__}, not a list")
    nested = [isinstance(member, list) and not (form == "spans" and _is_pair(member)) for member in value]
    if nested and all(nested):
        return value
    if any(nested):
        raise ValueError("evidence mixes lists, one per annotator, with other values")
    return [value]


def _records(columns: dict[str, list[Any]]) -> list[dict[str, Any]]:
    """A mapping of columns, the form in which some libraries keep a list of records."""
    try:
        return [dict(zip(columns, values, strict=True)) for values in zip(*columns.values(), strict=True)]
    except ValueError:
        raise ValueError("evidence is a mapping of lists of different lengths") from None


def _is_pair(value: list[Any]) -> bool:
    return len(value) == 2 and all(_is_integer(member) for member in value)


def _is_integer(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)


def _spans(value: list[Any], text: str, mark: str) -> list[dict[str, Any]]:
    return [_span(one) for one in value]


def _span(value: Any) -> dict[str, Any]:
    span = {"start": value[0], "end": value[1]} if isinstance(value, list) and _is_pair(value) else value
    if isinstance(span, dict):
        span = {key: member for key, member in span.items() if member is not None}
        integers = [member for key, member in span.items() if key != "weight"]
        weight = span.get("weight", 1.0)
        well_formed = {"start", "end"} <= set(span) <= {"start", "end", *SPAN} and all(map(_is_integer, integers))
        if well_formed and isinstance(weight, int | float) and not isinstance(weight, bool):
            return span
    raise ValueError(
        'evidence is a list of {"start": int, "end": int} or [start, end], the first with '
        f"{', '.join(SPAN)} optional; of several annotators, a list of such lists."
    )


def _tokens(value: list[Any], text: str, mark: str) -> list[dict[str, Any]]:
    places = [found.span() for found in _TOKEN.finditer(text)]
    for index in value:
        if not _is_integer(index):
            raise ValueError("evidence is a list of indices of whitespace tokens, counted from 0")
        if not 0 <= index < len(places):
            raise ValueError(
                f"evidence token {index} lies outside the text, which has {len(places)} whitespace tokens (from 0)"
            )
    return [{"start": places[index][0], "end": places[index][1]} for index in sorted(set(value))]


def _aligned(marked: Any, text: str, mark: str) -> list[dict[str, Any]]:
    """Spans between marks; what the text has too is text, also where it looks like a mark."""
    if not isinstance(marked, str):
        raise ValueError(f"the marked text is a {type(marked).__name__}, not a text")
    opening, closing = delimiters(mark)
    spans: list[dict[str, Any]] = []
    start: int | None = None
    here = place = 0
    while here < len(marked):
        expected = opening if start is None else closing
        if marked[here : here + 1] == text[place : place + 1]:
            here, place = here + 1, place + 1
        elif marked.startswith(expected, here):
            here += len(expected)
            if start is None:
                start = place
            else:
                spans.append({"start": start, "end": place})
                start = None
        else:
            raise ValueError(f"the marked text differs from the text at character {place}")
    if start is not None:
        raise ValueError(f"a mark is opened at character {start} and never closed")
    if place != len(text):
        raise ValueError(f"the marked text ends at character {place} of {len(text)}")
    return spans
