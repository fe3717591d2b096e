"""Expected rows and evidence are those of the lines written here."""

import pytest

from attnexplain.errors import DataError
from reader_specs import read, spelled

LINES = ["1\tA rare film . In 1980 it rained", "0\tDull .\u2028 A river", "1\t none of it"]
MASKS = ["1 1 1 1 0 0 0 0", "1 1 0 0", "0 0 0"]


def files(folder, lines=LINES, masks=MASKS, splits=("train", "dev", "test")):
    for split in splits:
        (folder / split).write_text("\n".join(lines) + "\n", encoding="utf-8")
        (folder / f"{split}_mask").write_text("\n".join(masks) + "\n", encoding="utf-8")
    return {name: folder / name for split in splits for name in (split, f"{split}_mask")}


def test_marked_words_are_evidence(tmp_path):
    splits = read("word-masks", files(tmp_path))
    assert set(splits) == {"train", "dev", "test"}
    rows = splits["dev"]
    assert [row["example_id"] for row in rows] == ["dev-00001", "dev-00002", "dev-00003"]
    assert [row["label"] for row in rows] == ["1", "0", "1"]
    assert [spelled(row) for row in rows] == [["A", "rare", "film", "."], ["Dull", "."], []]


def test_a_split_that_is_missing_is_drawn_from_train(tmp_path):
    splits = read("word-masks", files(tmp_path, LINES * 10, MASKS * 10, ["train", "test"]))
    assert {name: len(rows) for name, rows in splits.items()} == {"train": 27, "dev": 3, "test": 30}


@pytest.mark.parametrize(
    ("lines", "masks", "said"),
    [
        (LINES, MASKS[:2], r"train has 3 lines and .*train_mask 2"),
        (["1\tone two"], ["1"], r"train_mask, line 1: .* each of 2 words, found 1 marks"),
        (["1\tone two"], ["1 2"], r"train_mask, line 1: expected a 0 or a 1"),
        (["1 one two"], ["1 1 1"], r"train, line 1: expected a label, a tab and a text"),
    ],
)
def test_what_does_not_fit_together_is_told_by_file_and_line(tmp_path, lines, masks, said):
    with pytest.raises(DataError, match=said):
        read("word-masks", files(tmp_path, lines, masks, ["train"]))


def test_texts_without_their_masks_are_refused(tmp_path):
    given = files(tmp_path)
    del given["dev_mask"]
    with pytest.raises(DataError, match="no dev_mask among the files"):
        read("word-masks", given)
