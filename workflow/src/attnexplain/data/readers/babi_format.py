"""Stories of the bAbI tasks (Weston et al. 2015): their original file format, read and written, and their rows.

    1 Mary moved to the bathroom.
    2 John went to the hallway.
    3 Where is Mary? <tab>bathroom<tab>1

Numbers start again at 1 with each story; a question names the lines of its supporting facts. As in Jain and Wallace
(2019), the text of a question is the sentences before it, without their full stops, joined by ` . `, and the question
loses its question mark. Evidence: each supporting sentence, whole.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from attnexplain.data.canonical import example_id
from attnexplain.errors import DataError

SEPARATOR = " . "
_LINE = re.compile(r"(\d+) (.+)")


@dataclass(frozen=True)
class Line:
    """A sentence of a story, or a question with its answer and the numbers (from 1) of its supporting lines."""

    text: str
    answer: str | None = None
    support: tuple[int, ...] = ()


Story = Sequence[Line]


def parse(path: Path) -> list[Story]:
    """The stories of an original file; DataError with file and line where it is malformed."""
    stories: list[list[Line]] = []
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
    except UnicodeDecodeError as error:
        raise DataError(f"{path}: not UTF-8 text ({error}); fetch the original file again.") from error
    for place, text in enumerate(lines, start=1):
        try:
            _append(stories, text)
        except ValueError as error:
            raise DataError(
                f"{path}, line {place}: a malformed or truncated story: {error}. Fetch the original file again."
            ) from error
    return list(stories)


def rows(stories: Iterable[Story], split: str) -> list[list[dict]]:
    """For each story the rows of its questions; identifiers count the questions of the split from 1."""
    found, number = [], 0
    for story in stories:
        places = [place for place, line in enumerate(story) if line.answer is not None]
        found.append([_row(story, place, example_id(split, number + n)) for n, place in enumerate(places, start=1)])
        number += len(places)
    return found


def write(path: Path, stories: Iterable[Story]) -> None:
    """Write stories in the original format."""
    lines = (line for story in stories for line in _written(story))
    path.write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")


def _append(stories: list[list[Line]], text: str) -> None:
    """Add one line of a file to the stories; ValueError says what is wrong with it."""
    found = _LINE.fullmatch(text)
    if not found:
        raise ValueError(f"{text!r} does not start with a number and a blank")
    number = int(found[1])
    if number == 1:
        stories.append([])
    if not stories or number != len(stories[-1]) + 1:
        raise ValueError(f"number {number} does not follow {len(stories[-1]) if stories else 'a start with 1'}")
    stories[-1].append(_question(found[2], stories[-1]) if "\t" in found[2] else Line(_plain(found[2], ".")))


def _question(text: str, story: Story) -> Line:
    fields = text.split("\t")
    if len(fields) != 3:
        raise ValueError(f"a question has 3 fields between tabs, not {len(fields)}")
    question, answer, support = _plain(fields[0], "?"), fields[1].strip(), fields[2].split()
    sentences = {str(number) for number, line in enumerate(story, start=1) if line.answer is None}
    if not answer:
        raise ValueError("a question without an answer")
    if not support or not set(support) <= sentences:
        raise ValueError(f"supporting lines {support} are not sentences before the question")
    return Line(question, answer, tuple(map(int, support)))


def _plain(text: str, mark: str) -> str:
    return text.strip().removesuffix(mark).strip()


def _row(story: Story, place: int, identifier: str) -> dict:
    question, text, spans = story[place], "", {}
    for number, line in enumerate(story[:place], start=1):
        if line.answer is None:
            text += SEPARATOR if text else ""
            spans[number] = (len(text), len(text) + len(line.text))
            text += line.text
    # In the order of the text: the original's order of the numbers varies and has no meaning.
    evidence = [
        {"segment": 0, "start": start, "end": end, "annotator": 0, "weight": 1.0}
        for start, end in (spans[number] for number in sorted(set(question.support)))
    ]
    facts = {"text": text, "text_pair": question.text, "answer": question.answer}
    return {"example_id": identifier, **facts, "evidence": evidence}


def _written(story: Story) -> Iterator[str]:
    for number, line in enumerate(story, start=1):
        if line.answer is None:
            yield f"{number} {line.text}."
        else:
            yield f"{number} {line.text}? \t{line.answer}\t{' '.join(map(str, line.support))}"
