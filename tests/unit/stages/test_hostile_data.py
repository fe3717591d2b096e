"""Hostile files through the stages data and tokenise: one clear message and nothing written, or exact offsets.

Files are written here; what is expected of them follows from their contents.
"""

import json

import pytest

from attnexplain.errors import DataError
from attnexplain.stages import data, tokenise
from attnexplain.tables import dataset as dataset_table
from attnexplain.tables import tokens as tokens_table
from attnexplain.tables.io import read_table
from data_specs import DELIMITED, dataset_spec, files_source, plugin, word

GOOD = "text,label\nfine,positive\npoor,negative\n"
FAMILY = "\N{WOMAN}\u200d\N{WOMAN}\u200d\N{GIRL}\N{EMOJI MODIFIER FITZPATRICK TYPE-4}"
ODD_TEXTS = [
    f"{FAMILY} good \N{THUMBS UP SIGN}\N{VARIATION SELECTOR-16}!!",
    "до свидания 再见 وداعا שלום नमस्ते e\u0301te\u0301",
    "tab\there nul\x00 bell\x07 escape\x1b[31m del\x7f sep\u2028line nbsp\xa0zwj\u200d",
    "\ufeffmark \ufffd ligature \ufb01 \U0001d54f \u202eright to left\u202c",
    "``quotes'' \"both\" — dashes – … $1,000.50 don't",
]


def files(folder, **texts):
    paths = {}
    for split in ("train", "dev", "test"):
        content = texts.get(split, GOOD)
        paths[split] = folder / f"{split}.{'jsonl' if content[:1] in (b'{', '{') else 'csv'}"
        paths[split].write_bytes(content if isinstance(content, bytes) else content.encode())
    return paths


def build(folder, tokeniser=None, options=None, access="open", **texts):
    reader = plugin("delimited", **{**DELIMITED, **(options or {})})
    spec = dataset_spec(files_source(reader, files(folder, **texts)), access=access)
    data.run(spec=spec, output=folder / "out" / "data", mirror=None, provenance={})
    spec = {"dataset": "tiny", "tokeniser": tokeniser or word()}
    tokenise.run(spec=spec, dataset=folder / "out" / "data", output=folder / "out" / "tokens", provenance={})
    return folder / "out"


def lines(*records):
    return "".join(json.dumps(record) + "\n" for record in records)


SPANS = {"evidence": "e"}
HOSTILE = {
    "broken quotes": (
        {"train": 'text,label\n"fine,positive\npoor,negative\n'},
        {},
        r"train.csv, line 3: malformed CSV",
    ),
    "a quote inside a field": ({"train": 'text,label\n"a "b" c",positive\n'}, {}, r"record that starts on line 2"),
    "another encoding": ({"dev": b"text,label\ncaf\xe9,positive\n"}, {}, r"dev.csv, line 2: not UTF-8 text"),
    "binary": ({"dev": b"\x89PNG\r\n\x1a\n\x00\x00"}, {}, r"dev.csv, line 1: not UTF-8 text"),
    "a missing column": ({"test": "txt,label\na,positive\n"}, {}, r"test.csv, line 2: no column 'text'.*mean 'txt'"),
    "an unknown label": ({"test": "text,label\na,positiv\n"}, {}, r"test-00001: label 'positiv'.*mean 'positive'"),
    "an empty label": ({"test": "text,label\na,\n"}, {}, r"label '' is none of the 2 classes"),
    "an empty split": ({"dev": "text,label\n"}, {}, r"no examples in dev"),
    "an empty file": ({"dev": ""}, {}, r"no examples in dev"),
    "an identifier twice": (
        {"train": "text,label,id\na,positive,7\nb,negative,7\n"},
        {"example_id": "id"},
        r"example 7: the identifier occurs twice",
    ),
    "evidence outside the text": (
        {"train": lines({"text": "abc", "label": 1, "e": [{"start": 1, "end": 4}]})},
        SPANS,
        r"train-00001: evidence .* lies outside the text",
    ),
    "evidence that ends before it starts": (
        {"train": lines({"text": "abc", "label": 1, "e": [[2, 1]]})},
        SPANS,
        r"lies outside the text",
    ),
    "evidence weighed beyond 1": (
        {"train": lines({"text": "abc", "label": 1, "e": [{"start": 0, "end": 1, "weight": 2}]})},
        SPANS,
        r"evidence weight 2 is not in",
    ),
    "half a character": (
        {"train": '{"text": "a \\ud83d b", "label": 1}\n'},
        {},
        r"train-00001: text holds half a char",
    ),
    "a text that is a number": (
        {"train": lines({"text": 5, "label": 1})},
        {},
        r"line 1: column 'text' is 5, not a text",
    ),
    "no text": ({"train": lines({"text": None, "label": 1})}, {}, r"line 1: column 'text' is None, not a text"),
    "no token in a split": (
        {"dev": "text,label\n ,positive\n\t,negative\n"},
        {},
        r"none of its 2 examples has a length",
    ),
}


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_input_is_told_in_one_message_and_nothing_is_half_written(tmp_path, name):
    texts, options, message = HOSTILE[name]
    changed = dict(options)
    if changed.get("evidence") or changed.get("example_id"):
        key = changed.get("evidence") or changed["example_id"]
        plain = [{"text": "x", "label": 1, key: None if "evidence" in changed else number} for number in (1, 2)]
        texts = {**{split: lines(*plain) for split in ("train", "dev", "test")}, **texts}
    with pytest.raises(DataError, match=message) as told:
        build(tmp_path, options=changed, **texts)
    assert "\n" not in str(told.value)
    assert not (tmp_path / "out" / "tokens").exists()
    if name != "no token in a split":
        assert not (tmp_path / "out" / "data").exists()
    assert not list(tmp_path.rglob(".*"))


def test_offsets_spell_the_tokens_of_any_text(tmp_path):
    rows = lines(*({"text": text, "label": number % 2} for number, text in enumerate(ODD_TEXTS)))
    for cleaning in ("none", "jain-wallace", "mimic", "alphanumeric"):
        folder = tmp_path / cleaning
        folder.mkdir()
        out = build(folder, word(cleaning=cleaning), train=rows)
        stored = read_table(out / "data" / "train.parquet", dataset_table.SCHEMA)["text"].to_pylist()
        assert stored == ODD_TEXTS
        table = read_table(out / "tokens" / "train.parquet", tokens_table.SCHEMA).to_pylist()
        for text, row in zip(stored, table, strict=True):
            assert row["tokens"] == [text[a:b] for a, b in zip(row["start"], row["end"], strict=True)]
            assert row["start"] == sorted(row["start"]) and all(row["tokens"])
        if cleaning != "alphanumeric":
            # Nothing that is seen is lost: what lies between tokens is white space.
            for text, row in zip(stored, table, strict=True):
                assert "".join(row["tokens"]).replace(" ", "") == "".join(text.split())


def test_evidence_is_counted_in_characters_also_after_emoji(tmp_path):
    text = f"{FAMILY} \N{THUMBS UP SIGN} good film"
    start = text.index("good")
    rows = lines({"text": text, "label": 1, "e": [[start, start + 4]]}, {"text": "x", "label": 0, "e": []})
    out = build(tmp_path, options=SPANS, train=rows, dev=rows, test=rows)
    row = read_table(out / "tokens" / "train.parquet", tokens_table.SCHEMA).to_pylist()[0]
    assert [token for token, value in zip(row["tokens"], row["evidence"], strict=True) if value] == ["good"]


def test_a_text_without_a_token_is_dropped_and_counted(tmp_path):
    out = build(tmp_path, train='text,label\n,positive\n" ",negative\n\u200b \u3000,negative\nfine,positive\n')
    found = json.loads((out / "tokens" / "statistics.json").read_text())["train"]
    assert (found["examples"], found["dropped_by_length"]) == (2, 2)


def test_a_text_of_100000_tokens_passes(tmp_path):
    long = " ".join(f"word{number % 1000}" for number in range(100_000))
    rows = lines(
        {"text": long, "label": 1, "e": [[0, 5], [len(long) - 3, len(long)]]}, {"text": "x", "label": 0, "e": []}
    )
    out = build(tmp_path, options=SPANS, train=rows, dev=rows, test=rows)
    row = read_table(out / "tokens" / "train.parquet", tokens_table.SCHEMA).to_pylist()[0]
    assert len(row["tokens"]) == 100_000 and sum(row["evidence"]) == 2
    assert row["tokens"][-1] == long[-len(row["tokens"][-1]) :]


def test_one_class_alone_is_read(tmp_path):
    out = build(tmp_path, train="text,label\nfine,positive\nfiner,positive\n")
    assert json.loads((out / "data" / "dataset.json").read_text())["class_counts"]["train"] == [0, 2]


@pytest.mark.parametrize("name", [name for name in HOSTILE if name != "no token in a split"])
def test_a_credentialed_set_is_told_without_quoting_it(tmp_path, name):
    texts, options, _ = HOSTILE[name]
    secret = {split: text.replace("positiv", "SECRET") for split, text in texts.items() if isinstance(text, str)}
    if secret:
        with pytest.raises(DataError, match=r"data set 'tiny' \(credentialed\): \S") as told:
            build(tmp_path, options=options, access="credentialed", **secret)
        assert "SECRET" not in str(told.value) and "txt" not in str(told.value)
        assert told.value.__suppress_context__
