"""Rows read off a story written here; counts, lengths and words are those of Jain and Wallace's runs."""

from collections import Counter

import pytest

from attnexplain.data.readers.babi import read
from attnexplain.data.readers.babi_format import Line, parse, rows, write
from attnexplain.errors import DataError
from data_specs import data_mirror
from evidence_spans import sample, spelt

STORIES = """1 Mary moved to the bathroom.
2 John went to the hallway.
3 Where is Mary? \tbathroom\t1
4 Mary got the milk there.
5 Where is the milk? \tbathroom\t4 1
1 Sandra went to the garden.
2 Where is Sandra? \tgarden\t1
"""
OPTIONS = {"dev_fraction": 0.15, "split_seed": 0}
TASKS = {1: "qa1_single-supporting-fact", 2: "qa2_two-supporting-facts", 3: "qa3_three-supporting-facts"}


def save(tmp_path, text=STORIES, name="train.txt"):
    (tmp_path / name).write_text(text)
    return tmp_path / name


def test_sentences_before_a_question_are_its_text_and_questions_are_not(tmp_path):
    path = save(tmp_path)
    found = read({"train": path, "dev": path, "test": path}, **OPTIONS)["train"]
    assert [(r["example_id"], r["text"], r["text_pair"], r["answer"]) for r in found] == [
        ("train-00001", "Mary moved to the bathroom . John went to the hallway", "Where is Mary", "bathroom"),
        (
            "train-00002",
            "Mary moved to the bathroom . John went to the hallway . Mary got the milk there",
            "Where is the milk",
            "bathroom",
        ),
        ("train-00003", "Sandra went to the garden", "Where is Sandra", "garden"),
    ]


def test_evidence_is_the_supporting_sentences_whole_in_the_order_of_the_text(tmp_path):
    found = rows(parse(save(tmp_path)), "train")
    assert [[spelt(row, 0) for row in story] for story in found] == [
        [["Mary moved to the bathroom"], ["Mary moved to the bathroom", "Mary got the milk there"]],
        [["Sandra went to the garden"]],
    ]


def test_dev_is_drawn_from_train_by_whole_stories(tmp_path):
    stories = [[Line(f"Mary moved to place{n}"), *[Line("Where is Mary", f"place{n}", (1,))] * 5] for n in range(100)]
    write(tmp_path / "train.txt", stories)
    files = {"train": tmp_path / "train.txt", "test": tmp_path / "train.txt"}
    first, again = (read(files, **OPTIONS) for _ in range(2))
    assert {split: len(found) for split, found in first.items()} == {"train": 425, "dev": 75, "test": 500}
    texts = {split: {row["text"] for row in first[split]} for split in ("train", "dev")}
    assert not texts["train"] & texts["dev"]
    assert first == again and first["dev"] != read(files, **{**OPTIONS, "split_seed": 1})["dev"]


@pytest.mark.parametrize(
    ("text", "line", "message"),
    [
        ("Mary moved.\n", 1, "does not start with a number"),
        ("2 Mary moved.\n", 1, "number 2 does not follow a start with 1"),
        ("1 Mary moved.\n3 John moved.\n", 2, "number 3 does not follow 1"),
        ("1 Mary moved.\n2 Where is Mary?\tgarden\n", 2, "3 fields between tabs, not 2"),
        ("1 Mary moved.\n2 Where is Mary?\t\t1\n", 2, "without an answer"),
        ("1 Mary moved.\n2 Where is Mary?\tgarden\t\n", 2, r"supporting lines \[\] are not"),
        ("1 Mary moved.\n2 Where is Mary?\tgarden\t2\n", 2, r"supporting lines \['2'\] are not sentences before"),
        ("1 Mary moved.\n2 Where is Mary?\tgarden\tx\n", 2, r"supporting lines \['x'\]"),
        ("1 Mary moved.\n\n", 2, "does not start with a number"),
    ],
)
def test_a_malformed_story_is_told_with_file_and_line(tmp_path, text, line, message):
    with pytest.raises(DataError, match=f"train.txt, line {line}: a malformed or truncated story: .*{message}"):
        parse(save(tmp_path, text))


def test_a_file_in_another_encoding_and_a_missing_train_file_are_told(tmp_path):
    (tmp_path / "a").write_bytes(b"1 caf\xe9.\n")
    with pytest.raises(DataError, match="not UTF-8"):
        parse(tmp_path / "a")
    with pytest.raises(DataError, match="no `train`"):
        read({"test": save(tmp_path)}, **OPTIONS)


def original(task, train_folder, split="train"):
    folder = data_mirror() / "babi" / "tasks_1-20_v1-2"
    return folder / (train_folder if split == "train" else "en-10k") / f"{TASKS[task]}_{split}.txt"


@pytest.mark.real_data
@pytest.mark.parametrize(
    ("task", "folder", "size", "length", "words"),
    [(1, "en-10k", 10000, 36.2, 20), (2, "en-10k", 10000, 94.1, 34), (3, "en", 1000, None, 35)],
)
def test_real_tasks_have_the_published_sizes_lengths_and_words(task, folder, size, length, words):
    files = {"train": original(task, folder), "test": original(task, folder, "test")}
    found = read(files, **OPTIONS)
    assert {split: len(rows) for split, rows in found.items()} == {
        "train": size * 0.85,
        "dev": size * 0.15,
        "test": 1000,
    }
    train = found["train"] + found["dev"]
    if length:
        assert sum(len(row["text"].split()) for row in train) / size == pytest.approx(length, abs=0.05)
    assert len({word for row in train for word in f"{row['text']} {row['text_pair']} {row['answer']}".split()}) == words
    assert Counter(len(row["evidence"]) for row in train) == {task: size}
    assert len({row["answer"] for row in train}) == 6
    assert {row["answer"] for row in found["test"]} <= {row["answer"] for row in train}


@pytest.mark.real_data
@pytest.mark.parametrize(("task", "folder"), [(1, "en-10k"), (2, "en-10k"), (3, "en")])
def test_evidence_of_the_real_tasks_spells_the_lines_that_questions_name(task, folder):
    """Against the file itself, read with a loop of its own."""
    path, expected, story = original(task, folder), [], {}
    for line in path.read_text().splitlines():
        number, _, text = line.partition(" ")
        story = {} if number == "1" else story
        if "\t" in text:
            question, answer, support = text.split("\t")
            names = sorted(support.split(), key=int)
            expected.append((question.strip(" ?"), answer, [story[name].rstrip(".") for name in names]))
        else:
            story[number] = text
    found = [row for story in rows(parse(path), "train") for row in story]
    for row, wanted in sample(list(zip(found, expected, strict=True))):
        assert (row["text_pair"], row["answer"], spelt(row, 0)) == wanted
