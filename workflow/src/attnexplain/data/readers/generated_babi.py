"""Stories of our own in the manner of bAbI tasks 1 to 3 (Weston et al. 2015), at any size, in the same words.

    1   Where is Mary?                             one supporting fact: her last move
    2   Where is the football?                     two: who took it (or dropped it), and that person's last move before
    3   Where was the football before the garden?  three: who carried it, the move to the garden, the move to the answer

Persons move at random; in tasks 2 and 3 they also take objects that lie where they are, and drop those they hold.
A question is asked only where each of its supporting facts is needed: without that sentence, the rest of the story
gives another answer or none, even to a reader who concludes from an object taken where its taker is.
"""

from collections.abc import Iterator
from pathlib import Path

import numpy as np

from attnexplain.data.readers.babi_format import Line, Story, rows
from attnexplain.data.readers.babi_world import Event, Knowledge, Known, Question, told
from attnexplain.data.readers.grammar import choose, words
from attnexplain.errors import DataError
from attnexplain.seeding import generator

FACTS = {
    "name": "generated-babi",
    "title": "Stories in the manner of bAbI (generated)",
    "citation": "Weston et al. (2015)",
    "needs": [],
    "generates": True,
    "options": {
        "task": {
            "type": "integer",
            "default": 1,
            "minimum": 1,
            "maximum": 3,
            "description": "Number of supporting facts: 1, 2 or 3.",
        },
        "train_size": {"type": "integer", "default": 8500, "minimum": 2, "description": "Questions to train on."},
        "dev_size": {
            "type": "integer",
            "default": 1500,
            "minimum": 2,
            "description": "Questions to choose a checkpoint on.",
        },
        "test_size": {"type": "integer", "default": 1000, "minimum": 2, "description": "Questions to explain."},
        "min_sentences": {
            "type": "integer",
            "default": 2,
            "minimum": 1,
            "description": "Sentences before a question, at least.",
        },
        "max_sentences": {
            "type": "integer",
            "default": 10,
            "minimum": 1,
            "description": "Sentences before a question, at most.",
        },
        "seed": {"type": "integer", "default": 0, "minimum": 0, "description": "Seed of the generator."},
    },
}

QUESTIONS = 5  # of a story, at most; as in the original
BARREN = 10_000  # stories in a row without a question, after which the limits are taken to allow none
OBJECT_ACTION = 0.5
PERSONS = words("Daniel John Mary Sandra")
PLACES = words("bathroom bedroom garden hallway kitchen office")
OBJECTS = words("apple football milk")
MOVES = ["moved to", "went to", "journeyed to", "travelled to", "went back to"]
TAKES = ["got", "took", "grabbed", "picked up"]
DROPS = ["dropped", "left", "discarded", "put down"]


def read(
    files: dict[str, Path],
    *,
    task: int,
    train_size: int,
    dev_size: int,
    test_size: int,
    min_sentences: int,
    max_sentences: int,
    seed: int,
) -> dict[str, list[dict]]:
    """Split -> rows; no file is read. The same options give the same stories."""
    sizes = {"train": train_size, "dev": dev_size, "test": test_size}
    limits = (min_sentences, max_sentences)
    told_of = {split: stories(task, size, limits, seed, split) for split, size in sizes.items()}
    return {split: [row for story in rows(found, split) for row in story] for split, found in told_of.items()}


def stories(task: int, size: int, limits: tuple[int, int], seed: int, split: str) -> list[Story]:
    """Stories with `size` questions in all; `limits` are the fewest and most sentences before a question."""
    if not max(task, limits[0]) <= limits[1]:
        raise DataError(
            f"generated-babi: stories of {limits[0]} to {limits[1]} sentences hold no question of {task} supporting "
            "facts; raise `max_sentences`, or lower `min_sentences`."
        )
    rng, found, barren = generator(seed, "generation", split), [], 0
    while size:
        story, count = _story(task, limits, min(size, QUESTIONS), rng)
        barren = 0 if count else barren + 1
        if barren == BARREN:
            raise DataError(f"generated-babi: no question in {BARREN} stories; raise `max_sentences` ({limits[1]}).")
        if count:
            found.append(story)
            size -= count
    return found


def _story(task: int, limits: tuple[int, int], wanted: int, rng: np.random.Generator) -> tuple[Story, int]:
    """One story with at most `wanted` questions, and their number; it ends with a question, if it has one."""
    targets = sorted(int(n) for n in rng.integers(limits[0], limits[1] + 1, size=wanted))
    world, knowledge, lines, events, asked = _World(task, rng), Knowledge(), [], [], 0
    for sentences in range(1, limits[1] + 1):
        event = world.step()
        lines.append(Line(_sentence(event, rng)))
        events.append((len(lines), event))
        knowledge.apply(*events[-1])
        if asked < wanted and targets[asked] <= sentences:
            # One question after a sentence at most; where there is none, it is asked later, if the story lasts.
            question = _question(task, knowledge, events, rng)
            lines += [question] if question else []
            asked += question is not None
    last = max((place for place, line in enumerate(lines, start=1) if line.answer is not None), default=0)
    return lines[:last], asked


class _World:
    """Where everything is; objects lie at random places at first, which no sentence says."""

    def __init__(self, task: int, rng: np.random.Generator) -> None:
        self.rng = rng
        self.place: dict[str, str | None] = dict.fromkeys(PERSONS)
        self.lies = {} if task == 1 else {thing: choose(PLACES, rng) for thing in OBJECTS}
        self.held: dict[str, str] = {}

    def step(self) -> Event:
        """Something happens; a person who has not moved yet moves first."""
        person = choose(PERSONS, self.rng)
        place = self.place[person]
        near = [thing for thing, where in self.lies.items() if where == place]
        own = [thing for thing, holder in self.held.items() if holder == person]
        if place is None or not near + own or self.rng.random() >= OBJECT_ACTION:
            self.place[person] = choose([name for name in PLACES if name != place], self.rng)
            return Event("move", person, str(self.place[person]))
        thing = choose(sorted(near + own), self.rng)
        if thing in own:
            del self.held[thing]
            self.lies[thing] = place
            return Event("drop", person, thing)
        del self.lies[thing]
        self.held[thing] = person
        return Event("take", person, thing)


def _sentence(event: Event, rng: np.random.Generator) -> str:
    verb = choose({"move": MOVES, "take": TAKES, "drop": DROPS}[event.kind], rng)
    there = " there" if event.kind != "move" and rng.random() < 0.25 else ""
    return f"{event.actor} {verb} the {event.thing}{there}"


def _question(
    task: int, knowledge: Knowledge, events: list[tuple[int, Event]], rng: np.random.Generator
) -> Line | None:
    """A question whose every supporting fact is needed, with its answer; None where there is none now."""
    possible = list(_possible(task, knowledge))
    for place in rng.permutation(len(possible)):
        question = possible[place]
        known = question.answer(knowledge)
        if known.place is not None and len(known.support) == task and _needed(question, known, events):
            return Line(_asked(question, task), known.place, tuple(sorted(known.support)))
    return None


def _possible(task: int, knowledge: Knowledge) -> Iterator[Question]:
    if task == 1:
        yield from (Question(person) for person in knowledge.persons)
    elif task == 2:
        yield from (Question(thing) for thing in knowledge.objects)
    else:
        for thing, trail in knowledge.trail.items():
            # In the order of the trail: sets have no fixed order.
            yield from (Question(thing, place) for place in dict.fromkeys(arrived.place for arrived, _ in trail))


def _needed(question: Question, known: Known, events: list[tuple[int, Event]]) -> bool:
    return all(
        question.answer(told([event for event in events if event[0] != number], trusted)).place != known.place
        for number in known.support
        for trusted in ("person", "object")
    )


def _asked(question: Question, task: int) -> str:
    if question.before is not None:
        return f"Where was the {question.thing} before the {question.before}"
    return f"Where is {question.thing}" if task == 1 else f"Where is the {question.thing}"
