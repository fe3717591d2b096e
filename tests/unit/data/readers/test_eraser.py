"""Expected texts and spans are those of the invented documents."""

import json

import pytest

from attnexplain.errors import DataError
from reader_specs import read, spelled, write_tar

DOCUMENTS = {"docs/a.txt": "the film was\nreally dull , \u00e9pic dull .\n", "docs/b.txt": "fine"}


def span(start, end, text):
    return {"docid": "a.txt", "start_token": start, "end_token": end, "text": text}


def record(evidences, name="a.txt"):
    return {"annotation_id": name, "classification": "NEG", "evidences": evidences}


def read_one(folder, content, documents=DOCUMENTS):
    lines = content if isinstance(content, str) else json.dumps(content)
    (folder / "train.jsonl").write_text(f"{json.dumps(record([], 'b.txt'))}\n{lines}\n")
    files = {"train": folder / "train.jsonl", "documents": write_tar(folder / "docs.tar.xz", documents)}
    return read("eraser", files)["train"]


def test_spans_of_every_group_are_evidence_in_characters_of_the_document_as_it_stands(tmp_path):
    groups = [[span(3, 5, "really dull")], [span(6, 8, "\u00e9pic dull"), span(2, 4, "was really")]]
    bare, row = read_one(tmp_path, record(groups))
    assert (row["example_id"], row["text"], row["label"]) == ("a.txt", DOCUMENTS["docs/a.txt"], "NEG")
    assert spelled(row) == ["really dull", "\u00e9pic dull", "was\nreally"]
    assert bare["evidence"] == []


def test_a_span_without_tokens_is_left_out(tmp_path):
    assert read_one(tmp_path, record([[span(3, 3, "")]]))[1]["evidence"] == []


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (record([[span(3, 5, "was really")]]), "tokens 3 to 4 spells other words than its `text`"),
        (record([[span(8, 10, ". x")]]), "from token 8 to 9 of a document of 9 tokens"),
        (record([[span(-1, 1, "the")]]), "from token -1 to 0"),
        (record([], "c.txt"), "no document 'c.txt' in the archive"),
        ({"annotation_id": "a.txt", "classification": "NEG"}, r"malformed or truncated \(KeyError\('evidences'\)"),
        (record(None), "malformed or truncated"),
        ('{"annotation_id": "a', "malformed or truncated"),
    ],
)
def test_what_does_not_fit_is_told_with_file_and_line(tmp_path, content, message):
    with pytest.raises(DataError, match=rf"train\.jsonl, line 2: .*{message}"):
        read_one(tmp_path, content)


def test_the_documents_must_be_named(tmp_path):
    with pytest.raises(DataError, match="no `documents` among the files"):
        read("eraser", {"train": tmp_path / "a"})
