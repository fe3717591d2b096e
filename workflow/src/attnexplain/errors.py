"""Errors that speak to the user: what is wrong, where, and what to do.

AttnExplainError
|-- ConfigError            a study, a dataset registry or a command-line value is wrong
|   `-- UnknownNameError   a name that no registry entry has
|-- DataError              a data set is missing, gated, truncated or malformed
`-- ResultError            a file of results is missing or of another schema version
"""

from collections.abc import Iterable
from difflib import get_close_matches


class AttnExplainError(Exception):
    """Root of all errors that are the user's to read; printed without a traceback."""


class ConfigError(AttnExplainError):
    """A study, the dataset registry or a command-line value is wrong."""


class UnknownNameError(ConfigError):
    """A name that is not among the known ones; the message carries the nearest."""

    def __init__(self, kind: str, name: object, known: Iterable[str], where: str = "") -> None:
        prefix = f"{where}: " if where else ""
        super().__init__(f"{prefix}unknown {kind} {name!r}. {nearest(name, known)}")


class DataError(AttnExplainError):
    """A data set is missing, gated, truncated or malformed.

    `public` is the message without anything quoted from the data, for credentialed sets; without it theirs is withheld.
    """

    def __init__(self, message: str, public: str | None = None) -> None:
        super().__init__(message)
        self.public = public


class ResultError(AttnExplainError):
    """A file of results is missing, incomplete or of another schema version."""


def nearest(name: object, known: Iterable[str]) -> str:
    """One sentence that points at the closest valid name, or lists all of them."""
    names = sorted(known)
    close = get_close_matches(str(name), names, n=1)
    return f"Did you mean {close[0]!r}?" if close else f"Known: {', '.join(names) or 'none'}."
