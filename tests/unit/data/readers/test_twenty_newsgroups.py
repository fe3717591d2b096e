"""Removal is compared with scikit-learn's functions, cleaning with the authors' expression; other rows are by hand."""

import re

import pytest
from sklearn.datasets._twenty_newsgroups import (
    strip_newsgroup_footer,
    strip_newsgroup_header,
    strip_newsgroup_quoting,
)

from attnexplain.data.readers.twenty_newsgroups import cleaned, without_footer, without_header, without_quotes
from attnexplain.errors import DataError
from data_specs import data_mirror
from reader_specs import ids, members_of, read, write_tar

PAIRS = [
    (without_header, strip_newsgroup_header),
    (without_footer, strip_newsgroup_footer),
    (without_quotes, strip_newsgroup_quoting),
]
TEXTS = [
    "",
    "\n",
    "\n\n",
    "From: a\nSubject: b\n\nbody\n\n-- \nsignature",
    "From: a\nno blank line",
    "one line",
    "-----\nall after a rule at the top",
    "body\n---\nname\n\n\n",
    "a\n  \nb\n - \nc",
    "In article <1> x writes:\n> quoted\n| quoted\nown > not quoted\nHe said: no\nQuoted from y\n In article",
]


def post(text, header="From: someone\nSubject: a game\n\n"):
    return f"{header}{text}"


def archive(folder, number=10):
    files = {
        "20news-bydate-train/sci.space/1": post("moon"),
        "20news-bydate-train/rec.sport.hockey/9": post("> all quoted\n"),
    }
    for part in ("train", "test"):
        for group in ("baseball", "hockey"):
            for n in range(100, 100 + number):
                files[f"20news-bydate-{part}/rec.sport.{group}/{n}"] = post(f"{group} {part} {n}\n\n-- \nname")
    return {"archive": write_tar(folder / "news.tar.gz", files)}


@pytest.mark.parametrize("text", TEXTS)
@pytest.mark.parametrize(("ours", "theirs"), PAIRS)
def test_removal_is_that_of_scikit_learn(ours, theirs, text):
    assert ours(text) == theirs(text)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("He won! (They didn't.)", "He won They did n ' t )"),
        ("It's  a win, 3-2 or 3.5;\nthe U.S. team's", "It ' s a win 3 2 or 3.5 the U . S team ' s"),
        ("no_marks here", "no_marks here"),
        ("the end.", "the end ."),
        ("...", "."),
        ("", ""),
    ],
)
def test_cleaning_keeps_marks_inside_words_and_at_the_end(text, expected):
    assert cleaned(text) == expected


def test_cleaning_without_numbers_is_the_published_expression_on_words_written_apart():
    apart = "so she did n't : `` yes '' - and he 's"
    assert cleaned(apart) == " ".join(
        re.sub(r"(\W)+", r" \1 ", apart.replace("``", "` `").replace("''", "' '")).split()
    )


def test_posts_are_pooled_divided_and_stratified_and_empty_ones_dropped(tmp_path):
    splits = read("twenty-newsgroups", archive(tmp_path))
    assert {split: len(rows) for split, rows in splits.items()} == {"train": 26, "dev": 6, "test": 8}
    assert sum(row["label"] for row in splits["test"]) == 4
    assert {row["example_id"].partition("-")[0] for row in splits["test"]} == {"train", "test"}
    for row in (row for rows in splits.values() for row in rows):
        part, group, number = row["example_id"].split("-")
        assert row["text"] == f"{group.rpartition('.')[2]} {part} {number}\n"
        assert row["label"] == ["rec.sport.baseball", "rec.sport.hockey"].index(group)


def test_the_published_split_by_date_is_an_option(tmp_path):
    splits = read("twenty-newsgroups", archive(tmp_path), split="by-date")
    assert {split: len(rows) for split, rows in splits.items()} == {"train": 16, "dev": 4, "test": 20}
    assert all(identifier.startswith("test-") for identifier in ids(splits["test"]))


def test_posts_may_be_left_whole_and_other_groups_chosen(tmp_path):
    splits = read(
        "twenty-newsgroups", archive(tmp_path), remove=False, groups="sci.space rec.sport.hockey", split="by-date"
    )
    rows = [row for row in splits["train"] + splits["dev"] if row["label"] == 0]
    assert [row["text"] for row in rows] == [post("moon")]


def test_an_unknown_group_is_told_with_the_nearest(tmp_path):
    with pytest.raises(DataError, match=r"no newsgroup 'rec.sport.hokey' in it. Did you mean 'rec.sport.hockey'"):
        read("twenty-newsgroups", archive(tmp_path), groups="rec.sport.baseball rec.sport.hokey")


@pytest.mark.real_data
def test_removal_is_that_of_scikit_learn_on_every_real_post():
    posts = members_of(data_mirror() / "20newsgroups" / "20news-bydate_rec.sport.tar.gz")
    assert len(posts) == 1197 + 796
    for content in posts.values():
        text = content.decode("latin-1")
        theirs = strip_newsgroup_quoting(strip_newsgroup_footer(strip_newsgroup_header(text)))
        assert without_quotes(without_footer(without_header(text))) == theirs
