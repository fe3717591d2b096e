"""Expected rows are read off the files written here."""

import pytest

from attnexplain.errors import DataError
from reader_specs import read

ORIGINAL = '"1","Peace, at last","Talks ""end"" well"\n"2","Goal","Nil"\n"3","Shares","Up"\n"4","Chips","Fast"\n'
POOL = '"3","Shares Up","here"\n"2","Goal Nil","here"\n"1","Peace Talks","there"\n'


@pytest.fixture
def files(tmp_path):
    (tmp_path / "train.csv").write_text(ORIGINAL * 10)
    (tmp_path / "test.csv").write_text(ORIGINAL)
    return {"train": tmp_path / "train.csv", "test": tmp_path / "test.csv"}


def test_world_is_0_business_is_1_and_the_others_are_left_out(files):
    splits = read("ag-news", files)
    assert {split: len(rows) for split, rows in splits.items()} == {"train": 17, "dev": 3, "test": 2}
    assert [(row["example_id"], row["label"], row["text"]) for row in splits["test"]] == [
        ("test-00001", 0, 'Peace, at last Talks "end" well'),
        ("test-00003", 1, "Shares Up"),
    ]


def test_the_description_alone(files):
    assert [row["text"] for row in read("ag-news", files, fields="description")["test"]] == ['Talks "end" well', "Up"]


def test_a_joined_train_file_is_the_second_column_and_test_is_joined_alike(files):
    files["train"].write_text(POOL * 10)
    splits = read("ag-news", files, joined_train=True)
    assert {row["text"] for row in splits["train"]} == {"Shares Up", "Peace Talks"}
    assert splits["test"][1]["text"] == "Shares Up"
    with pytest.raises(DataError, match=r"train\.csv: title and description are joined.*fields: both"):
        read("ag-news", files, joined_train=True, fields="description")


@pytest.mark.parametrize("line", ['"1","only a title"\n', '"5","title","text"\n', 'label,"title","text"\n'])
def test_a_row_of_another_form_is_told_with_its_line(files, line):
    files["test"].write_text(ORIGINAL + line)
    with pytest.raises(DataError, match=r"test\.csv, line 5: expected a class 1-4"):
        read("ag-news", files)


@pytest.mark.parametrize("content", [b'"1","caf\xe9","x"\n', b'"1","open quote\n'])
def test_broken_quotes_and_other_encodings_are_told(files, content):
    files["train"].write_bytes(content)
    with pytest.raises(DataError, match=r"train\.csv: not the original quoted CSV in UTF-8"):
        read("ag-news", files)


def test_a_missing_file_is_told(files):
    with pytest.raises(DataError, match="no test among the files"):
        read("ag-news", {"train": files["train"]})
