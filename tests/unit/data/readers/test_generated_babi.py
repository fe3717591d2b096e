"""Stories against a world of the test's own: every way the world can have been at first, moved on sentence by sentence.

A world that a sentence contradicts (an object taken where it is not, dropped by one who does not hold it) is given up.
What follows from a story is what holds in every world that is left.
"""

import itertools
import re

import pytest

from attnexplain.data.readers import babi, generated_babi
from attnexplain.data.readers.babi_format import parse, rows, write
from attnexplain.data.readers.generated_babi import OBJECTS, PERSONS, PLACES, read, stories
from attnexplain.errors import DataError
from evidence_spans import spelt

LIMITS = {1: (2, 10), 2: (2, 28), 3: (4, 92)}
SENTENCE = re.compile(r"(\w+) (.+) the (\w+)( there)?")
each_task = pytest.mark.parametrize("task", [1, 2, 3])


def generate(task, size=100, **changes):
    options = {"min_sentences": LIMITS[task][0], "max_sentences": LIMITS[task][1], "seed": 0}
    return read({}, task=task, **{**options, "train_size": size, "dev_size": 20, "test_size": 20, **changes})


def possible_answers(sentences, question):
    """The answers of all worlds that agree with the sentences; None stands for a world without an answer."""
    asked = re.fullmatch(r"Where (?:is|was) (?:the )?(\w+)(?: before the (\w+))?", question)
    events = [SENTENCE.fullmatch(sentence).groups()[:3] for sentence in sentences]
    thing = asked[1] if asked[1] in OBJECTS else None
    # Only the object asked for and those who ever touch it have to do with the answer.
    persons = sorted({who for who, _, what in events if what == thing} | ({asked[1]} & set(PERSONS)))
    return {
        answer
        for start in itertools.product(PLACES, repeat=len(persons) + 1)
        for answer in outcome(dict(zip([*persons, "object"], start, strict=True)), events, thing, asked)
    }


def outcome(places, events, thing, asked):
    holder, trail = None, [places["object"]]
    for who, verb, what in events:
        if who not in places:
            continue
        if what in PLACES:
            places[who] = what
        elif what == thing and verb in ("got", "took", "grabbed", "picked up"):
            if holder is not None or places[who] != places["object"]:
                return
            holder = who
        elif what == thing:
            if holder != who:
                return
            holder = None
        if holder is not None:
            places["object"] = places[holder]
        if trail[-1] != places["object"]:
            trail.append(places["object"])
    if asked[2] is None:
        yield places["object"] if thing else places[asked[1]]
    else:
        last = max((n for n, place in enumerate(trail) if place == asked[2]), default=0)
        yield trail[last - 1] if last else None


@each_task
def test_the_answer_follows_and_without_any_supporting_fact_it_does_not(task):
    for row in generate(task, 60)["train"]:
        sentences, support = row["text"].split(" . "), spelt(row, 0)
        assert len(support) == task
        assert possible_answers(sentences, row["text_pair"]) == {row["answer"]}
        for span in row["evidence"]:
            place = row["text"][: span["start"]].count(" . ")
            rest = sentences[:place] + sentences[place + 1 :]
            assert sentences[place] in support
            assert possible_answers(rest, row["text_pair"]) != {row["answer"]}


@each_task
def test_what_is_written_in_the_original_format_is_read_back_the_same(tmp_path, task):
    made = {split: stories(task, 50, LIMITS[task], 3, split) for split in ("train", "dev", "test")}
    for split, found in made.items():
        write(tmp_path / f"{split}.txt", found)
        assert parse(tmp_path / f"{split}.txt") == found
    files = {split: tmp_path / f"{split}.txt" for split in made}
    again = babi.read(files, dev_fraction=0.15, split_seed=0)
    assert again == {split: [row for story in rows(found, split) for row in story] for split, found in made.items()}
    assert again == generate(task, 50, dev_size=50, test_size=50, seed=3)


@each_task
def test_sizes_limits_words_and_answers_are_those_of_the_original(task):
    found = generate(task, 2000)
    assert {split: len(rows) for split, rows in found.items()} == {"train": 2000, "dev": 20, "test": 20}
    lengths = [row["text"].count(" . ") + 1 for row in found["train"]]
    assert LIMITS[task][0] <= min(lengths) and max(lengths) <= LIMITS[task][1]
    words = {word for row in found["train"] for word in f"{row['text']} {row['text_pair']}".split()}
    assert len(words) == {1: 20, 2: 34, 3: 35}[task]
    counts = [sum(row["answer"] == place for row in found["train"]) for place in PLACES]
    assert min(counts) > 2000 / 6 * 0.75
    assert len({(row["text"], row["text_pair"]) for row in found["train"]}) > 1950


def test_the_seed_and_the_split_decide_the_stories():
    first, again, other = generate(2), generate(2), generate(2, seed=1)
    assert first == again
    assert first["train"] != other["train"]
    assert first["dev"][0]["text"] != first["test"][0]["text"]


def test_limits_that_hold_no_question_are_told(monkeypatch):
    with pytest.raises(DataError, match="of 2 to 2 sentences hold no question of 3 supporting facts"):
        generate(3, min_sentences=2, max_sentences=2)
    with pytest.raises(DataError, match="of 9 to 8 sentences hold no question"):
        generate(1, min_sentences=9, max_sentences=8)
    monkeypatch.setattr(generated_babi, "BARREN", 5)
    monkeypatch.setattr(generated_babi, "OBJECT_ACTION", 0.0)
    with pytest.raises(DataError, match="no question in 5 stories; raise `max_sentences`"):
        generate(2)
