r"""The wide table as LaTeX: a `table*` per data set and group of metrics, to `\input` under the package booktabs alone.

Only what every LaTeX has is used: text beyond ASCII that tables hold is written as commands, all else is escaped.
"""

import re
from collections.abc import Iterable, Iterator, Sequence

from attnexplain.pages.wide.sections import CHANCE, Block, Marks, Model, Section

LINES = 44  # of a table that fits a page
HELD = 15  # tables that every LaTeX can hold back until a page has room; of more it stops with an error
_COMMANDS = {
    **{character: f"\\{character}" for character in "&%$#_{}"},
    "\\": r"\textbackslash{}",
    "~": r"\textasciitilde{}",
    "^": r"\textasciicircum{}",
    "<": r"\textless{}",
    ">": r"\textgreater{}",
    "|": r"\textbar{}",
    '"': "''",
    "–": "--",
    "…": r"\ldots{}",
    "§": r"\S{}",
    "¶": r"\P{}",
    **{
        character: f"\\ensuremath{{{command}}}"
        for character, command in {
            "−": "-",
            "×": r"\times",
            "≤": r"\leq",
            "≈": r"\approx",
            "τ": r"\tau",
            "†": r"\dagger",
            "‡": r"\ddagger",
            "²": "^2",
        }.items()
    },
}
_END = r"\end{table*}"
_TRANSLATION = str.maketrans(_COMMANDS)


def document(study: str, found: Sequence[Block], marks: Marks) -> str:
    """All tables; what has no value stands as comments where its table would be."""
    head = [
        f"% Tables of the study {_comment(study)}, written by attnexplain. In the preamble: \\usepackage{{booktabs}}",
        "",
    ]
    return "\n".join([*head, *_set_down(line for block in found for line in _block(study, block, marks))])


def _set_down(lines: Iterable[str]) -> Iterator[str]:
    r"""Lines, and a `\clearpage` after every `HELD` tables."""
    held = 0
    for line in lines:
        yield line
        held += line == _END
        if held == HELD:
            yield r"\clearpage"
            held = 0


def escaped(text: str) -> str:
    """Text without markup of its own, on one line."""
    return " ".join(text.split()).translate(_TRANSLATION)


def _block(study: str, block: Block, marks: Marks) -> Iterator[str]:
    for section in block.sections:
        parts = list(_parts(section.models))
        for place, models in enumerate(parts, start=1):
            part = f", part {place} of {len(parts)}" if len(parts) > 1 else ""
            label = _label(study, block.identifier, block.limits, section.title, str(place) if part else "")
            yield from _table(section, models, _caption(section, block, marks, part), label)
    for title, reasons in block.absent:
        yield f"% {_comment(block.title)}: no value of {_comment(title)}: {_comment('; '.join(reasons))}"
    yield ""


def _table(section: Section, models: Sequence[Model], caption: str, label: str) -> Iterator[str]:
    yield r"\begin{table*}[tbp]"
    yield r"  \centering\footnotesize\setlength{\tabcolsep}{3.5pt}"
    yield f"  \\caption{{{caption}}}"
    yield f"  \\label{{{label}}}"
    yield f"  \\begin{{tabular}}{{@{{}}l{'r' * len(section.columns)}@{{}}}}"
    yield r"    \toprule"
    yield f"    Model & {' & '.join(_head(name) for name in section.columns)} \\\\"
    yield r"    \midrule"
    for model in models:
        for what, texts in model.lines:
            name = f"\\quad {escaped(what)}" if what else _begun(model.name)
            yield f"    {name} & {' & '.join(map(escaped, texts))} \\\\"
    yield r"    \bottomrule"
    yield r"  \end{tabular}"
    said = "".join(text for model in models for _, texts in model.lines for text in texts)
    notes = [
        *section.legend,
        *(f"({letter}) {text}" for letter, text in section.notes.items() if f"({letter})" in said),
    ]
    if notes:
        yield f"  \\par\\smallskip {escaped('. '.join(notes))}."
    yield _END
    yield ""


def _caption(section: Section, block: Block, marks: Marks, part: str) -> str:
    kind = f", {marks.usual} unless marked" if marks.usual else ""
    whole = "; whole data set" if block.limits == "none" else ""  # else the block's title says the limits
    has_chance = any(what == CHANCE for model in section.models for what, _ in model.lines)
    chance = " Chance: range of the mean under permuted scores or a random ranking." if has_chance else ""
    return escaped(
        f"{section.title}, {block.title}{part}: means over seeds and test texts [{100 * (1 - marks.level):g} % "
        f"intervals{kind}]; {section.sizes}{whole}.{chance}"
    )


def _head(name: str) -> str:
    """A column's name; one of two methods on two lines."""
    first, comma, second = name.partition(", ")
    return f"\\shortstack[r]{{{escaped(first)},\\\\{escaped(second)}}}" if comma else escaped(name)


def _begun(name: str) -> str:
    """A name at the start of a row: a bracket or star would belong to the end of the row before."""
    return f"{{}}{escaped(name)}" if name[:1] in ("[", "*") else escaped(name)


def _parts(models: Sequence[Model]) -> Iterator[list[Model]]:
    """Models in turn, as many as fit a page."""
    part: list[Model] = []
    for model in models:
        if part and sum(len(one.lines) for one in [*part, model]) > LINES:
            yield part
            part = []
        part.append(model)
    yield part


def _label(*names: str) -> str:
    """`tab:<study>-<data set>-...` of letters, digits and hyphens; what says nothing is left out."""
    kept = [re.sub(r"[^a-z0-9]+", "-", name.lower().replace("τ", "tau")).strip("-") for name in names]
    return f"tab:{'-'.join(part for part in kept if part not in ('', 'none'))}"


def _comment(text: str) -> str:
    return " ".join(text.split())
