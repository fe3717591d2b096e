"""The wide table as Markdown: a heading per data set, a table per group of metrics, notes below it."""

from collections.abc import Iterator, Sequence

from attnexplain.pages.markdown import bullets, escaped, table
from attnexplain.pages.wide.sections import Block, Marks, Section


def page(study: str, found: Sequence[Block], marks: Marks) -> str:
    """Markdown of the whole table."""
    parts = [f"# {escaped(study)}", introduction(marks)]
    for block in found:
        parts += [f"## {escaped(block.title)}", *_block(block)]
    return "\n\n".join(parts) + "\n"


def introduction(marks: Marks) -> str:
    """How a table is read."""
    kind = f" ({escaped(marks.usual)} unless marked)" if marks.usual else ""
    return (
        f"Means over seeds and test texts of all predicted classes, in brackets their {100 * (1 - marks.level):g} % "
        f"intervals{kind}. Below a model: *chance*, the range of its mean if scores were permuted or the ranking "
        "random; *ceiling*, what annotators reach against each other or, of τ, what two methods can reach across seeds "
        "(two that explain one model share its seed and may exceed it); *published*, the number of the paper named in "
        "the note. "
        "Undefined values are counted over texts × seeds and enter no mean. A column per number, and all digits, are "
        "in `wide.csv`."
    )


def _block(block: Block) -> Iterator[str]:
    for section in block.sections:
        yield f"### {escaped(section.title)}"
        yield f"{section.sizes}."
        yield table(["Model", *section.columns], _rows(section))
        notes = [escaped(meaning) for meaning in section.legend]
        notes += [f"({letter}) {escaped(text)}" for letter, text in section.notes.items()]
        if notes:
            yield bullets(notes)
    if block.absent:
        yield "### Without a value"
        yield bullets(f"{escaped(title)}: {escaped('; '.join(reasons))}" for title, reasons in block.absent)


def _rows(section: Section) -> Iterator[list[str]]:
    for model in section.models:
        for what, texts in model.lines:
            yield [f"– {what}" if what else model.name, *texts]
