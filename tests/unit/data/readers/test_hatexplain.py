"""Invented, harmless posts; expected spans are found by hand. No real post is printed by any test."""

import json

import pytest

from attnexplain.errors import DataError
from reader_specs import read, spelled, write_tar

# Ids are places in this list; word pieces are those a BERT tokeniser would make.
PIECES = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "you", "dull", "##ard", "go", "cafe", "user", "!", "*"]
POSTS = [
    ["<user> you dullard \U0001f600 go", "offensive"],
    ["you go to the café!", "hatespeech"],
    ["you go", "normal"],
    ["unlike its copy", "offensive"],
    ["you go!", "offensive"],
]
DOCUMENTS = {
    "docs/1": "2 9 4 5 6 1 7 3",
    "docs/2": "2 4 7 3",
    "docs/3": "2 4 4 3",
    "docs/4": "2 4 8 10 3",
}


def record(name, label, *spans):
    evidences = [[{"start_token": start, "end_token": end} for start, end in spans]]
    return {"annotation_id": name, "classification": label, "evidences": evidences}


RATIONALES = [record("1", "offensive", (2, 5), (5, 6)), record("2", "offensive", (1, 3)), record("3", "offensive")]


def files(folder, posts=POSTS, rationales=RATIONALES, documents=DOCUMENTS):
    found = {"documents": write_tar(folder / "docs.tar.xz", documents), "vocabulary": folder / "vocabulary"}
    found["vocabulary"].write_text("\n".join(PIECES) + "\n")
    for split in ("train", "dev", "test"):
        found[split], found[f"{split}_rationales"] = folder / f"{split}.json", folder / f"{split}.jsonl"
        found[split].write_text(posts if isinstance(posts, str) else json.dumps(posts))
        found[f"{split}_rationales"].write_text("".join(json.dumps(one) + "\n" for one in rationales))
    return found


def test_every_post_keeps_its_own_text_and_spans_are_carried_over_by_letters(tmp_path):
    rows = read("hatexplain", files(tmp_path))["train"]
    assert [(row["example_id"], row["text"], row["label"]) for row in rows] == [
        (f"train-{number:05d}", *post) for number, post in enumerate(POSTS, start=1)
    ]
    assert spelled(rows[0]) == ["you dullard"]  # the second span is an emoji, without letters
    assert spelled(rows[4]) == ["you go"]


def test_normal_posts_and_posts_whose_copies_differ_have_no_evidence_rather_than_an_empty_one(tmp_path):
    rows = read("hatexplain", files(tmp_path))["train"]
    assert [row["evidence"] is None for row in rows] == [False, True, True, True, False]


def test_accents_and_case_do_not_hinder(tmp_path):
    posts = [["You, CAFÉ!", "hatespeech"], ["a", "normal"]]
    rows = read("hatexplain", files(tmp_path, posts, [record("4", "hatespeech", (1, 3))]))["dev"]
    assert spelled(rows[0]) == ["You, CAFÉ"]


def test_posts_of_the_same_letters_take_their_rationales_in_order(tmp_path):
    posts = [["you go", "offensive"], ["you go!", "offensive"], ["you, go", "offensive"]]
    rationales = [record("2", "offensive", (1, 2)), record("2", "offensive", (2, 3))]
    rows = read("hatexplain", files(tmp_path, posts, rationales))["test"]
    assert [row["evidence"] and spelled(row) for row in rows] == [["you"], ["go"], None]


def test_two_classes_put_what_is_not_normal_together(tmp_path):
    labels = [row["label"] for row in read("hatexplain", files(tmp_path), classes="toxic")["train"]]
    assert labels == ["toxic", "toxic", "normal", "toxic", "toxic"]


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"posts": '[["you go", "norm'}, r"train\.json: malformed or truncated JSON"),
        ({"posts": [["you go"]]}, r"train\.json, post 1: expected \[text, class\]"),
        ({"rationales": [record("9", "offensive")]}, r"train\.jsonl, line 1: a field or its document is missing"),
        ({"rationales": [{"annotation_id": "1"}]}, r"train\.jsonl, line 1: a field or its document is missing"),
        ({"rationales": [record("2", "offensive", (2, 9))]}, r"line 1: a span lies outside its document of 4 word"),
        ({"documents": {"docs/1": "2 99999 3"}}, r"docs/1: expected numbers of word pieces"),
        ({"documents": {"docs/1": "2 x 3"}}, r"docs/1: expected numbers of word pieces"),
    ],
)
def test_what_does_not_fit_is_told_with_its_place(tmp_path, changes, message):
    with pytest.raises(DataError, match=message):
        read("hatexplain", files(tmp_path, **changes))


def test_all_files_are_needed(tmp_path):
    given = files(tmp_path)
    del given["vocabulary"], given["dev_rationales"]
    with pytest.raises(DataError, match="no dev_rationales, vocabulary among the files"):
        read("hatexplain", given)
