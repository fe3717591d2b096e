"""Groups of the 20 Newsgroups (Lang 1995, "bydate"), read from the packed archive.

As in Jain and Wallace (2019), headers, footers and quotes are removed as `fetch_20newsgroups(remove=...)` of
scikit-learn does, posts without text are dropped, and both parts are pooled and divided anew. `cleaning: jain-wallace`
is theirs: it writes the words apart (as spaCy does), then puts for each run of characters that are no word characters
the last one between blanks, `re.sub(r"(\\W)+", r" \\1 ", text)`: of the marks, those inside words and the one at the
end remain. Tokens that hold a digit stay whole, the authors having masked them before.
"""

import re
from pathlib import Path, PurePosixPath

from attnexplain.data.archives import members
from attnexplain.data.missing_splits import draw_missing

# What counts as a word is the tokeniser's; as part of the text it belongs to the data's code as well.
from attnexplain.data.tokenisers.word import WordTokeniser
from attnexplain.errors import DataError, nearest

FACTS = {
    "name": "twenty-newsgroups",
    "title": "20 Newsgroups, archive",
    "citation": "Lang (1995)",
    "needs": [],
    "options": {
        "groups": {
            "type": "string",
            "default": "rec.sport.baseball rec.sport.hockey",
            "description": "Newsgroups, split by blanks: the classes in the order of their labels.",
        },
        "remove": {"type": "boolean", "default": True, "description": "Remove headers, footers and quotes."},
        "cleaning": {
            "type": "string",
            "default": "none",
            "enum": ["none", "jain-wallace"],
            "description": "What is done to the text that remains.",
        },
        "split": {
            "type": "string",
            "default": "pooled",
            "enum": ["pooled", "by-date"],
            "description": "Test: a share of all posts, or the posts of the later dates as published.",
        },
        "test_fraction": {
            "type": "number",
            "default": 0.2,
            "exclusiveMinimum": 0,
            "maximum": 0.5,
            "description": "Share of all posts that becomes test, where they are pooled.",
        },
        "dev_fraction": {
            "type": "number",
            "default": 0.2,
            "exclusiveMinimum": 0,
            "maximum": 0.5,
            "description": "Share of the rest that becomes dev.",
        },
        "split_seed": {"type": "integer", "default": 0, "minimum": 0, "description": "Seed of those two draws."},
    },
}

_QUOTE = re.compile(r"(writes in|writes:|wrote:|says:|said:|^In article|^Quoted from|^\||^>)")
_APART = re.compile(r"\S*\d\S*|(\W)+")


def read(
    files: dict[str, Path],
    *,
    groups: str,
    remove: bool,
    cleaning: str,
    split: str,
    test_fraction: float,
    dev_fraction: float,
    split_seed: int,
) -> dict[str, list[dict]]:
    """Split -> rows from the one file `archive`; identifiers are `<train or test>-<group>-<number>`."""
    if "archive" not in files:
        raise DataError(f"no `archive` among the files ({', '.join(files)}); name the packed data set so.")
    parts = _parts(files["archive"], groups.split(), remove, cleaning)
    if split == "pooled":
        parts = draw_missing({"train": parts["train"] + parts["test"]}, {"test": test_fraction}, split_seed)
    return draw_missing(parts, {"dev": dev_fraction}, split_seed)


def without_header(text: str) -> str:
    """What follows the first blank line."""
    return text.partition("\n\n")[2]


def without_footer(text: str) -> str:
    """What precedes the last line that is blank or of hyphens, taken for the head of a signature."""
    lines = text.strip().split("\n")
    heads = [number for number, line in enumerate(lines) if number > 0 and not line.strip().strip("-")]
    return "\n".join(lines[: heads[-1]]) if heads else text


def without_quotes(text: str) -> str:
    """Without the lines that quote, or that introduce a quotation."""
    return "\n".join(line for line in text.split("\n") if not _QUOTE.search(line))


def cleaned(text: str) -> str:
    """The recipe `jain-wallace`, with case and numbers kept; they are the tokeniser's to change."""
    words = WordTokeniser(min_frequency=1, min_length=None, max_length=None, lowercase=False, cleaning="jain-wallace")
    apart = " ".join(text[start:end] for start, end, _ in words.split(text))
    return " ".join(_APART.sub(lambda found: f" {found[1]} " if found[1] else found[0], apart).split())


def _parts(path: Path, groups: list[str], remove: bool, cleaning: str) -> dict[str, list[dict]]:
    parts: dict[str, list[dict]] = {"train": [], "test": []}
    seen = set()
    for name, content in members(path):
        place = PurePosixPath(name)
        part = place.parent.parent.name.rpartition("-")[2]
        seen.add(place.parent.name)
        if part not in parts or place.parent.name not in groups:
            continue
        text = content.decode("latin-1")
        text = without_quotes(without_footer(without_header(text))) if remove else text
        text = cleaned(text) if cleaning == "jain-wallace" else text
        if text.strip():
            identifier = f"{part}-{place.parent.name}-{place.name}"
            parts[part].append({"example_id": identifier, "text": text, "label": groups.index(place.parent.name)})
    for group in groups:
        if group not in seen:
            raise DataError(f"{path}: no newsgroup {group!r} in it. {nearest(group, seen)}")
    return {part: sorted(rows, key=lambda row: str(row["example_id"])) for part, rows in parts.items()}
