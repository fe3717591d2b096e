"""`attnexplain runs`: runs, tokens and data sets on disk, and which studies use them; `--prune` removes the others.

What killed jobs left half written is used by nothing, and goes too.
"""

import shutil
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

from attnexplain.errors import ResultError
from attnexplain.operations.at_work import at_work
from attnexplain.operations.holdings import Held, holdings
from attnexplain.operations.references import References, references, study_files
from attnexplain.operations.text import columns, duration, plural, size

_KINDS = {
    "run": ("run", "runs"),
    "tokens": ("set of tokens", "sets of tokens"),
    "data set": ("data set", "data sets"),
    "leftover": ("leftover of a killed job", "leftovers of killed jobs"),
}


def page(more: Sequence[Sequence[Path]], mirror: Path | None) -> Iterator[str]:
    """Lines to print: everything that lies there, and what nothing refers to."""
    found = look(more, mirror)
    held = holdings(found)
    yield from _read(found)
    for kind, (_, words) in _KINDS.items():
        chosen = [one for one in held if one.kind == kind]
        if chosen:
            yield ""
            yield f"{words.capitalize()} ({len(chosen)}, {size(sum(one.bytes for one in chosen))})"
            yield from _table(chosen)
    yield from _why_kept(held)
    yield ""
    yield _sum([one for one in held if one.may_go]) + (" (`--prune`)" if any(one.may_go for one in held) else "")


def prune(
    more: Sequence[Sequence[Path]], mirror: Path | None, ask: Callable[[str], bool], say: Callable[[str], None]
) -> None:
    """Remove what nothing refers to, after `ask` said yes; refused while jobs run, or may run, in this folder."""
    refuse_at_work()
    found = look(more, mirror)
    unused = [one for one in holdings(found) if one.may_go]
    for line in _read(found):
        say(line)
    if not unused:
        say("Nothing to remove: every run, data set and its tokens is referred to, and no killed job left anything.")
        return
    for line in _table(unused):
        say(line)
    if not ask(f"Remove {_counts(unused)}, {size(sum(one.bytes for one in unused))}? They can be made again. [y/N] "):
        say("Nothing was removed.")
        return
    refuse_at_work()  # again: the question may have stood for hours
    for one in unused:
        for path in one.paths:
            _remove(path)
    say(f"Removed {_counts(unused)}. Logs, times of jobs and results of studies stay.")


def look(more: Sequence[Sequence[Path]], mirror: Path | None) -> References:
    """References of the study files that are found by themselves, and of those that are named."""
    return references([*study_files(), *more], mirror)


def refuse_at_work() -> None:
    """Raise while anything could use what would be removed."""
    if reason := at_work():
        raise ResultError(reason)


def _remove(path: Path) -> None:
    """A folder disappears at once, so that nobody takes half a run for one; then its files go."""
    if path.is_symlink() or path.is_file():
        path.unlink()
        return
    gone = path.with_name(f".removed-{path.name}")
    path.rename(gone)
    shutil.rmtree(gone)


def _read(found: References) -> Iterator[str]:
    yield f"Study files looked at: {', '.join(found.files) or 'none'} (name others with --study)"


def _table(chosen: Sequence[Held]) -> Iterator[str]:
    rows = [(one.name, size(one.bytes), duration(one.age), _use(one)) for one in chosen]
    yield from (line for line in columns([("name", "size", "age", "  used by"), *rows], left=1))


def _use(one: Held) -> str:
    return "  " + (", ".join(one.users) or ("(kept)" if one.kept else "nothing"))


def _why_kept(held: Sequence[Held]) -> Iterator[str]:
    reasons = dict.fromkeys(one.kept for one in held if one.kept and not one.users)
    if reasons:
        yield ""
        yield "Kept, though no study is known to use them:"
        yield from (f"  {reason}" for reason in reasons)


def _sum(unused: Sequence[Held]) -> str:
    if not unused:
        return "Nothing lies here that no study refers to."
    return f"Nothing refers to {_counts(unused)}, {size(sum(one.bytes for one in unused))}"


def _counts(held: Sequence[Held]) -> str:
    counts = {kind: sum(one.kind == kind for one in held) for kind in _KINDS}
    return ", ".join(plural(count, *_KINDS[kind]) for kind, count in counts.items() if count)
