"""What `data check` prints of files written here; counts are worked out by hand."""

import hashlib
import json
import re

import pytest
import yaml

from attnexplain import cli
from mimic_tables import patients, write_mimic
from studies import STUDY

TRAIN = [
    {"id": "a1", "text": "good \N{GRINNING FACE} film", "label": "pos", "e": [[0, 4]]},
    {"id": "a2", "text": "a bad film", "label": "neg", "e": [[2, 5]]},
    {"id": "a3", "text": "a bad film", "label": "pos", "e": [[1, 2]]},
    {"id": "a4", "text": " ", "label": "neg", "e": None},
    {"id": "a5", "text": "bell\x07", "label": "neg", "e": [[0, 5]]},
]
DEV = [{"id": "b1", "text": "a bad film", "label": "pos", "e": []}]
TEST = [{"id": "a1", "text": "fine", "label": "neg", "e": None}, {"id": "b3", "text": "fine", "label": None, "e": None}]


@pytest.fixture(autouse=True)
def place(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("ATTNEXPLAIN_DATA_MIRROR", raising=False)


def study(folder, entry):
    path = folder / "study.yaml"
    path.write_text(yaml.safe_dump({**STUDY, "datasets": [{"name": "mine", "title": "Mine", **entry}]}))
    return path


def own(folder, **reader):
    for split, rows in {"train": TRAIN, "dev": DEV, "test": TEST}.items():
        (folder / f"{split}.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    options = {"name": "delimited", "example_id": "id", "evidence": "e", **reader}
    files = {split: f"{split}.jsonl" for split in ("train", "dev", "test")}
    return study(folder, {"classes": ["neg", "pos"], "sources": {"files": {"reader": options, "files": files}}})


def check(capsys, *arguments):
    status = cli.main(["data", "check", *map(str, arguments)])
    found = capsys.readouterr()
    return status, found.out, found.err


def test_rows_classes_lengths_evidence_and_examples(tmp_path, capsys):
    path = own(tmp_path)
    before = sorted(tmp_path.rglob("*"))
    status, out, _ = check(capsys, "mine", "--study", path)
    assert status == 0
    assert "source    files, reader delimited" in out
    digest = hashlib.sha256((tmp_path / "dev.jsonl").read_bytes()).hexdigest()
    assert f"dev: {'dev.jsonl'} (not pinned; sha256: {digest})" in out.replace(str(tmp_path) + "/", "")
    assert "train     5 rows: neg 3, pos 2" in out
    assert "tokens (word), min / median / max: 0 / 3 / 3" in out
    assert "evidence in 4 of 5 rows (4 annotated), on 36.4% of their tokens" in out  # 1 + 1 + 0 + 2 of 3 + 3 + 3 + 2
    assert "test      2 rows: neg 1, pos 0, without a label 1" in out
    assert "a1 (pos): [[good]] \N{GRINNING FACE} film" in out
    assert "a5 (neg): [[bell\\x07]]" in out
    assert sorted(tmp_path.rglob("*")) == before, "it writes nothing"


def test_every_warning(tmp_path, capsys):
    _, out, _ = check(capsys, "mine", "--study", own(tmp_path))
    assert out.partition("  warnings  ")[2].splitlines() == [
        "13",
        "    train: 1 of 5 texts without a token, which are dropped (a4)",
        "    train: 1 of 5 texts with control or replacement characters; is the encoding right? (a5)",
        "    train: 1 of 5 texts repeat another of the split (a2, a3)",
        "    train: 1 texts stand with different labels",
        "    train: 1 of 4 examples whose evidence marks no token (blank spans, weights below 0.5)",
        "    train: 1 of 4 examples whose evidence is the whole text: no plausibility is defined",
        "    dev: one class only (pos)",
        "    test: one class only (neg)",
        "    test: 1 of 2 examples without a label",
        "    test: 1 of 2 texts repeat another of the split (a1, b3)",
        "    test: 1 texts stand with different labels",
        "    train and dev: 1 of 1 texts of dev stand in train too (b1)",
        "    train and test: 1 identifiers in both (a1)",
    ]


def test_a_train_split_of_one_class_and_a_long_text_are_warned_of(tmp_path, capsys):
    for split in ("train", "dev", "test"):
        (tmp_path / f"{split}.csv").write_text(f"text,label\n{'word ' * 10_001},neg\n")
    files = {split: f"{split}.csv" for split in ("train", "dev", "test")}
    path = study(tmp_path, {"classes": ["neg", "pos"], "sources": {"files": {"reader": "delimited", "files": files}}})
    _, out, _ = check(capsys, "mine", "--study", path)
    assert "train: one class only (neg); no model can be trained" in out
    assert "train: 1 of 1 texts of more than 10,000 tokens; consider `max_length` of the tokeniser" in out


def test_an_error_in_the_data_is_its_message_and_status_1(tmp_path, capsys):
    status, _, error = check(capsys, "mine", "--study", own(tmp_path, text="txt"))
    assert status == 1
    assert re.search(r"Error: .*dev.jsonl, line 1: no column 'txt'; set option `text`. Did you mean 'text'", error)


def test_a_credentialed_set_is_counted_and_not_shown(tmp_path, capsys):
    write_mimic(tmp_path / "mirror" / "mimic", *patients(40))
    status, out, error = check(capsys, "mimic-diabetes", "--mirror", tmp_path / "mirror")
    assert status == 0
    assert "credentialed" in out and "no diabetes" in out and "rows" in out
    told = re.sub("sha256: [0-9a-f]{64}|/[^ ]*", "", out + error)
    assert not re.search("secret|Admission|admission-|10[0-9]{4}", told, re.IGNORECASE)
    status, _, error = check(capsys, "mimic-anemia", "--mirror", tmp_path / "mirror")
    assert status == 1 and "no examples in train, dev, test" in error


def test_a_missing_set_says_how_to_get_it(capsys):
    status, _, error = check(capsys, "mimic-diabetes")
    assert status == 1 and "https://physionet.org/content/mimiciii" in error and "data_mirror" in error


def test_files_and_folders_are_given_their_digest_and_names_their_nearest(tmp_path, capsys):
    (tmp_path / "sst").write_text("x")
    (tmp_path / "folder").mkdir()
    digest = hashlib.sha256(b"x").hexdigest()
    status, out, _ = check(capsys, "sst", "folder")
    assert status == 0
    assert out.splitlines()[0] == f"{digest}  sst"
    assert out.splitlines()[1] == f"{hashlib.sha256(b'').hexdigest()}  folder"
    assert "no such file" in check(capsys, "a/b.csv")[2]
    assert "Did you mean 'sst'" in check(capsys, "sstt")[2]
