"""Words with their character offsets; normalised forms serve the look-up only, offsets stay those of the original text.

Cleaning recipes, all by regular expression (no model to download):

    none           words, contractions and hyphenated words whole, numbers, abbreviations, runs of dots or dashes,
                   every other mark on its own
    jain-wallace   the cleaning of Jain and Wallace (2019): contractions and hyphens split as spaCy does (do n't),
                   lower-case, every token that holds a digit looked up as `qqq`
    mimic          the cleaning of their clinical notes: as jain-wallace, and a de-identified stretch (`[** ... **]`) is
                   one token looked up as `<DE>`, a run of one mark (blanks between or not) one token, looked up as it
    alphanumeric   runs of letters and digits alone, lower-case: their recipe for SST, without spaCy's few further
                   splits (`cannot` stays one token)
"""

import re
from functools import lru_cache

FACTS = {
    "name": "word",
    "title": "Words",
    "citation": "",
    "needs": [],
    "options": {
        "min_frequency": {
            "type": "integer",
            "default": 1,
            "minimum": 1,
            "description": "Training examples that a form must occur in to enter the vocabulary.",
        },
        "min_length": {
            "type": "integer",
            "default": None,
            "nullable": True,
            "minimum": 1,
            "description": "Fewest tokens of an example that is kept.",
        },
        "max_length": {
            "type": "integer",
            "default": None,
            "nullable": True,
            "minimum": 1,
            "description": "Most tokens of an example that is kept.",
        },
        "lowercase": {"type": "boolean", "default": True, "description": "Look words up in lower case."},
        "cleaning": {
            "type": "string",
            "default": "none",
            "enum": ["none", "jain-wallace", "mimic", "alphanumeric"],
            "description": "What counts as a token; all but none look up lower case in any event.",
        },
    },
}

_CONTRACTION = r"['’](?:s|re|ve|ll|d|m|em|t)\b"
_NUMBER = r"\d+(?:[.,:/]\d+)*"
_MARK = r"\.{2,}|-{2,}|[^\w\s]|_+"
_PATTERNS = {
    "none": rf"(?:[^\W\d_]\.){{2,}}|{_NUMBER}(?![\w])|\w+(?:['’\-/&]\w+)*|{_CONTRACTION}|{_MARK}",
    "jain-wallace": (rf"(?:[^\W\d_]\.){{2,}}|{_NUMBER}(?![\w])|\w+?(?=n['’]t\b)|n['’]t\b|{_CONTRACTION}|\w+|{_MARK}"),
    "mimic": (
        r"\[\*\*.{0,300}?\*\*\]|"  # bounded: one that is never closed must not be searched to the end
        rf"(?:[^\W\d_]\.){{2,}}|{_NUMBER}(?![^\W_])|[^\W_]+?(?=n['’]t\b)|n['’]t\b|{_CONTRACTION}|[^\W_]+"
        r"|(?P<mark>[^\w\s]|_)(?:\s*(?P=mark))*"
    ),
    "alphanumeric": r"\w+",
}
DEIDENTIFIED = "<DE>"
_DIGIT = re.compile(r"\d")
FORMS = 1 << 16  # remembered at most


class WordTokeniser:
    """Split texts into words; `min_frequency` and the lengths are read by the stage that calls it."""

    def __init__(
        self, *, min_frequency: int, min_length: int | None, max_length: int | None, lowercase: bool, cleaning: str
    ) -> None:
        self.min_frequency, self.min_length, self.max_length = min_frequency, min_length, max_length
        self.lowercase = lowercase or cleaning != "none"
        self.mask_digits = cleaning in ("jain-wallace", "mimic")
        self.clinical = cleaning == "mimic"
        # The same words come again and again.
        self._form = lru_cache(maxsize=FORMS)(self._looked_up)
        self.pattern = re.compile(_PATTERNS[cleaning], re.IGNORECASE | (re.DOTALL if self.clinical else 0))

    def split(self, text: str) -> list[tuple[int, int, str]]:
        """(start, end, form) of each token: text[start:end] is its surface, `form` what is looked up."""
        form = self._form
        return [(*found.span(), form(found[0])) for found in self.pattern.finditer(text)]

    def keeps(self, length: int) -> bool:
        """Whether an example of `length` tokens is kept; one without tokens never is."""
        return max(self.min_length or 1, 1) <= length and (self.max_length is None or length <= self.max_length)

    def _looked_up(self, surface: str) -> str:
        if self.clinical and surface.startswith("[**"):
            return DEIDENTIFIED
        if self.clinical and not any(map(str.isalnum, surface)):
            return surface[0]
        if self.mask_digits and _DIGIT.search(surface):
            return "qqq"
        return surface.lower() if self.lowercase else surface
