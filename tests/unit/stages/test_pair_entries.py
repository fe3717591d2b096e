"""Registry entries of pairs, from the original files through both stages.

Sizes, classes, lengths and vocabularies are those that Jain and Wallace published, or released code gives (24, 38, 39).
"""

import json
from pathlib import Path

import pytest

from attnexplain.config.load import load_study
from attnexplain.plan.sources import choose, dataset_spec
from attnexplain.stages import data, tokenise
from data_specs import data_mirror, word

REGISTRY = Path(__file__).parents[3] / "config" / "datasets.yaml"
LIMITS = {"train": None, "dev": None, "test": None}
BABI = {"babi-1": (24, 36.2, 10000), "babi-2": (38, 94.1, 10000), "babi-3": (39, None, 1000)}


@pytest.fixture(scope="module")
def registry(tmp_path_factory):
    study = tmp_path_factory.mktemp("study") / "study.yaml"
    grid = {"encoder": "bilstm", "attention": "dot"}
    study.write_text(json.dumps({"study": "x", "datasets": ["babi-1"], "grid": grid, "seeds": [1]}))
    return load_study([study], REGISTRY, {}).registry


def stages(name, registry, output, mirror, limits=LIMITS):
    """dataset.json and statistics.json of a registry entry."""
    source, reason = choose(registry[name], mirror)
    assert source, reason
    data.run(spec=dataset_spec(name, registry[name], source, limits), output=output / "d", mirror=mirror, provenance={})
    spec = {"dataset": name, "tokeniser": word()}
    tokenise.run(spec=spec, dataset=output / "d", output=output / "t", provenance={})
    return tuple(
        json.loads(path.read_text()) for path in (output / "d" / "dataset.json", output / "t" / "statistics.json")
    )


@pytest.mark.real_data
@pytest.mark.parametrize("name", sorted(BABI))
def test_babi_has_the_published_vocabulary_and_lengths(tmp_path, registry, name):
    about, found = stages(name, registry, tmp_path, data_mirror())
    vocabulary, length, size = BABI[name]
    assert about["rows"] == {"train": size * 85 // 100, "dev": size * 15 // 100, "test": 1000}
    assert about["task"] == "question-answering"
    assert found["classes"] == ["bathroom", "bedroom", "garden", "hallway", "kitchen", "office"]
    assert sum(about["class_counts"]["test"]) == 1000
    assert found["vocabulary_size"] == vocabulary
    if length:
        whole = sum(found[split]["examples"] * found[split]["length"]["mean"] for split in ("train", "dev"))
        assert whole / size == pytest.approx(length, abs=0.05)
    assert found["train"]["length_pair"]["max"] == {"babi-1": 3, "babi-2": 4, "babi-3": 7}[name]
    assert found["train"]["evidence_fraction_pair"] == 0 < found["train"]["evidence_fraction"]


@pytest.mark.real_data
def test_snli_has_the_published_test_split(tmp_path, registry):
    about, found = stages("snli", registry, tmp_path, data_mirror())
    assert about["rows"] == {"train": 20000, "dev": 9842, "test": 9824}
    assert about["class_counts"]["test"] == about["published"]["test"]
    assert found["train"]["length"]["mean"] == pytest.approx(about["published"]["mean_length"], abs=0.2)
    assert found["train"]["evidence_fraction"] is None
    assert 0.1 < found["test"]["evidence_fraction"] < found["test"]["evidence_fraction_pair"] < 0.6


@pytest.mark.real_data
def test_squad_is_read_with_its_registered_rows(tmp_path, registry):
    about, _ = stages("squad", registry, tmp_path, data_mirror())
    assert about["rows"] == {"train": 3901, "dev": 429, "test": 1190}


def test_generated_stories_need_no_file(tmp_path, registry):
    about, found = stages("generated-babi-1", registry, tmp_path, None, {**LIMITS, "train": 500})
    assert about["rows"] == {"train": 500, "dev": 1500, "test": 1000}
    assert len(found["classes"]) == 6 and found["test"]["evidence_fraction"] > 0


@pytest.mark.parametrize("name", ["babi-1", "cnn-qa", "squad"])
def test_sets_without_their_files_are_missing_with_a_reason(tmp_path, registry, name):
    source, reason = choose(registry[name], tmp_path)
    assert source is None and "no file" in reason and "data_mirror" in reason
