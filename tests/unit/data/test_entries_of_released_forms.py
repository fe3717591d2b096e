"""Entries that no copy is pinned of, read from lines in the form in which the data are released."""

from pathlib import Path
from typing import Any

import pytest
import yaml

from attnexplain.data.canonical import to_table
from reader_specs import read

ENTRIES = yaml.safe_load((Path(__file__).parents[3] / "config" / "datasets.yaml").read_text(encoding="utf-8"))
# Name -> the lines of one file, and what is read of the first: text, label, second text.
RELEASED: dict[str, tuple[list[str], tuple[str, int, str | None]]] = {
    "amazon-polarity": (
        ['"1","Poor","It ""broke"" at once"', '"2","Good","It works"'],
        ('It "broke" at once', 0, None),
    ),
    "amazon-ratings": (['"5","Good","It works"', '"1","Poor","It broke"'], ("It works", 4, None)),
    "imdb-ratings": (["text,label", "A fine film,10", "A dull film,2"], ("A fine film", 9, None)),
    "yahoo-answers": (['"10","Why?","","Because"', '"1","Who?","I ask","He"'], ("Because", 9, None)),
    "yelp-polarity": (['"2","Warm soup, kind people"', '"1","Cold"'], ("Warm soup, kind people", 1, None)),
    "yelp-ratings": (['"3","So so"', '"5","Warm"'], ("So so", 2, None)),
    "pruthi-occupation": (["1\the operates", "0\tshe treats"], ("he operates", 1, None)),
    "pruthi-pronoun": (["M\this \"fiction\" , ''", "F\tshe voices"], ("his \"fiction\" , ''", 1, None)),
    "qqp": (
        ["id\tqid1\tqid2\tquestion1\tquestion2\tis_duplicate", "0\t1\t2\tWho?\tWho is it?\t1", "1\t3\t4\tA\tB\t0"],
        ("Who?", 1, "Who is it?"),
    ),
}


def reader(name: str) -> tuple[str, dict[str, Any]]:
    options = dict(ENTRIES[name]["sources"]["files"]["reader"])
    return options.pop("name"), options


@pytest.mark.parametrize("name", sorted(RELEASED))
def test_the_first_line_is_read_as_it_is_meant(tmp_path: Path, name: str) -> None:
    lines, (text, label, pair) = RELEASED[name]
    wanted, options = reader(name)
    suffix = Path(ENTRIES[name]["sources"]["files"]["files"]["train"]["path"]).suffix
    files = {split: tmp_path / f"{split}{suffix}" for split in ("train", "dev", "test")}
    for file in files.values():
        file.write_text("\n".join(lines) + "\n", encoding="utf-8")
    rows = read(wanted, files, **options)["test"]
    first, _ = to_table(rows, ENTRIES[name]["classes"], name).to_pylist()
    assert (first["text"], first["label"], first["text_pair"]) == (text, label, pair)


@pytest.mark.parametrize("name", ["amazon-polarity", "yelp-polarity"])
def test_dev_is_as_many_reviews_of_train_as_published(name: str) -> None:
    rows = ENTRIES[name]["rows"]
    assert round(reader(name)[1]["dev_fraction"] * (rows["train"] + rows["dev"])) == rows["dev"] == 7000
