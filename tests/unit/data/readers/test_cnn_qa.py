"""Question files invented here, in the five blocks of the original ones."""

import io
import tarfile

import pytest

from attnexplain.data.readers.cnn_qa import read
from attnexplain.errors import DataError

BLOCKS = {
    "url": "http://web.archive.org/x",
    "passage": "( @entity1 ) @entity0 met @entity2 in @entity1 .",
    "question": "@placeholder met @entity2",
    "answer": "@entity0",
    "names": "@entity0:Ann\n@entity1:Rome\n@entity2:Bob: a man\n@entity7:Nobody",
}


def question(**changes):
    return ("\n\n".join({**BLOCKS, **changes}.values()) + "\n").encode()


def folder(tmp_path, **contents):
    place = tmp_path / "questions" / "training"
    place.mkdir(parents=True)
    for name, content in contents.items():
        (place / f"{name}.question").write_bytes(content)
    return place


def archive(path, mode="w:gz", **contents):
    with tarfile.open(path, mode) as packed:
        for name, content in contents.items():
            member = tarfile.TarInfo(name)
            member.size = len(content)
            packed.addfile(member, io.BytesIO(content))
    return path


def test_a_question_has_the_entities_of_its_passage_as_candidates(tmp_path):
    assert read({"train": folder(tmp_path, ab=question())}) == {
        "train": [
            {
                "example_id": "train-ab",
                "text": BLOCKS["passage"],
                "text_pair": BLOCKS["question"],
                "answer": "@entity0",
                "candidates": ["@entity1", "@entity0", "@entity2"],
            }
        ]
    }


def test_files_come_in_the_order_of_their_names_and_others_are_left_alone(tmp_path):
    place = folder(tmp_path, c=question(), a=question(), b=question())
    (place / "README").write_text("no question")
    assert [row["example_id"] for row in read({"dev": place})["dev"]] == ["dev-a", "dev-b", "dev-c"]


@pytest.mark.parametrize(("name", "mode"), [("cnn.tgz", "w:gz"), ("cnn.tar", "w"), ("cnn.tar.xz", "w:xz")])
def test_the_archive_gives_every_split_and_the_same_rows_as_folders(tmp_path, name, mode):
    contents = {
        "cnn/questions/training/b.question": question(),
        "cnn/questions/training/a.question": question(answer="@entity2"),
        "cnn/questions/validation/c.question": question(),
        "cnn/questions/test/d.question": question(),
        "cnn/stories/e.story": b"no question",
        "cnn/questions/other/f.question": b"no split of ours",
    }
    found = read({"archive": archive(tmp_path / name, mode, **contents)})
    assert {split: [row["example_id"] for row in rows] for split, rows in found.items()} == {
        "train": ["train-a", "train-b"],
        "dev": ["dev-c"],
        "test": ["test-d"],
    }
    place = folder(tmp_path, a=question(answer="@entity2"), b=question())
    assert read({"train": place})["train"] == found["train"]


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "1 blocks between empty lines where there should be 5"),
        (question()[:60], "2 blocks"),
        (question(names="@entity0:Ann\n\nmore"), "6 blocks"),
        (question(question="who met @entity2"), "no single @placeholder"),
        (question(question="@placeholder and @placeholder"), "no single @placeholder"),
        (question(names="@entity0 Ann"), "'@entity0 Ann' names no entity"),
        (question(answer="@entity7"), "the answer '@entity7' is no entity of the passage"),
        (question(answer="Ann"), "the answer 'Ann' is no entity"),
        (question(url="caf\xe9").decode().encode("latin-1"), "codec can't decode"),
    ],
)
def test_a_malformed_question_is_told_with_its_file(tmp_path, content, message):
    with pytest.raises(DataError, match=f"bad.question.*{message}"):
        read({"train": folder(tmp_path, bad=content)})
    with pytest.raises(DataError, match=rf"cnn.tgz: x/training/bad.question.*{message}"):
        read({"archive": archive(tmp_path / "cnn.tgz", **{"x/training/bad.question": content})})


def test_empty_folders_truncated_archives_and_other_files_are_told(tmp_path):
    with pytest.raises(DataError, match="no .question files in it"):
        read({"train": folder(tmp_path)})
    packed = archive(
        tmp_path / "cnn.tgz", **{f"q/training/{n}.question": question(url=f"{n * 7919}") for n in range(99)}
    )
    packed.write_bytes(packed.read_bytes()[:-200])
    (tmp_path / "cnn.zip").write_bytes(b"PK")
    for path in (packed, tmp_path / "cnn.zip"):
        with pytest.raises(DataError, match=f"{path.name}: no folder, and no readable tar archive"):
            read({"archive": path})
