"""The studies of the project: their data sets are those of their papers, and they plan with and without originals."""

from pathlib import Path
from typing import Any

import pytest

from attnexplain.config.load import LoadedStudy, load_registry, load_study
from attnexplain.config.registry_file import DatasetEntry
from attnexplain.plan.study_plan import StudyPlan
from attnexplain.provenance import Sources

ROOT = Path(__file__).parents[3]
DATASETS = ROOT / "config" / "datasets.yaml"
STUDIES = sorted((ROOT / "config" / "studies").glob("*.yaml"))
LIMITED: dict[str, Any] = {
    "limits": {"train": 500, "dev": 100, "test": 50},
    "seeds": [1],
    "training": {"epochs": 2},
}
JAIN_WALLACE = {
    *("sst", "imdb", "adr-tweets", "20news-sports", "ag-news", "mimic-diabetes", "mimic-anemia"),
    *("cnn-qa", "babi-1", "babi-2", "babi-3", "snli"),
}
# Study -> the data sets that its paper names.
PAPERS: dict[str, set[str]] = {
    "chrysostomou_aletras_2021": {"sst", "imdb", "adr-tweets", "ag-news", "mimic-anemia"},
    "jain_wallace_2019": JAIN_WALLACE,
    "meister_2021": set(),  # three sets of text classification, not known which
    "mohankumar_2020": JAIN_WALLACE - {"ag-news"} | {"yelp-polarity", "amazon-polarity", "qqp"},
    "pruthi_2020": {"pruthi-occupation", "pruthi-pronoun", "pruthi-sst-wiki"},
    "serrano_smith_2019": {"yahoo-answers", "imdb-ratings", "amazon-ratings", "yelp-ratings"},
    "tutek_snajder_2020": {"sst"},  # and others, not known which
    "wiegreffe_pinter_2019": {"sst", "imdb", "ag-news", "20news-sports", "mimic-diabetes", "mimic-anemia"},
}


def loaded(path: Path, changes: dict[str, Any]) -> LoadedStudy:
    return load_study([path], DATASETS, changes)


def pinned(entry: DatasetEntry) -> bool:
    """Whether the files of an entry are registered by their digests."""
    files = entry.sources.files
    return files is not None and all(file.sha256 for file in files.files.values())


@pytest.fixture(scope="module")
def mirror(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with every file that has a registered digest; a plan looks at its existence alone."""
    folder = tmp_path_factory.mktemp("mirror")
    for entry in load_registry(DATASETS).values():
        if pinned(entry) and entry.sources.files:
            for file in entry.sources.files.files.values():
                (folder / file.path).parent.mkdir(parents=True, exist_ok=True)
                (folder / file.path).touch()
    return folder


@pytest.mark.parametrize("changes", [{}, LIMITED], ids=["whole", "limited"])
@pytest.mark.parametrize("path", STUDIES, ids=lambda path: path.stem)
def test_every_study_plans_with_and_without_originals(path: Path, changes: dict[str, Any], mirror: Path) -> None:
    study = loaded(path, changes)
    assert study.study.study == path.stem
    with_files, without = (StudyPlan(study, Sources(), folder) for folder in (mirror, None))
    own = {name for name in study.study.dataset_names if not pinned(study.registry[name])}
    own -= {name for name in own if study.registry[name].sources.synthetic}
    assert {cell["dataset"] for cell in with_files.missing} == own
    assert {cell["dataset"] for cell in without.missing} >= own
    assert with_files.runs and len(without.runs) + len(without.missing) == len(with_files.runs) + len(
        with_files.missing
    )


@pytest.mark.parametrize("name", sorted(PAPERS))
def test_a_study_names_every_data_set_of_its_paper(name: str) -> None:
    found = set(loaded(ROOT / "config" / "studies" / f"{name}.yaml", {}).study.dataset_names)
    assert PAPERS[name] <= found


@pytest.mark.parametrize("path", STUDIES, ids=lambda path: path.stem)
def test_a_block_narrows_to_data_sets_and_seeds_of_its_study(path: Path) -> None:
    study = loaded(path, {}).study
    for block in study.grid:
        assert set(block.datasets or ()) <= set(study.dataset_names)
        assert set(block.seeds or ()) <= set(study.seeds)


@pytest.mark.parametrize("name", ["wiegreffe_pinter_2019", "tutek_snajder_2020"])
def test_adversaries_are_trained_longer_than_what_they_imitate(name: str, mirror: Path) -> None:
    found = StudyPlan(loaded(ROOT / "config" / "studies" / f"{name}.yaml", {"datasets": ["sst"]}), Sources(), mirror)
    adversaries = [
        spec for spec in found.trained.values() if "adversarial" in {one["name"] for one in spec["regulariser"]}
    ]
    assert adversaries and {spec["training"]["epochs"] for spec in adversaries} == {80}
    assert {spec["training"]["patience"] for spec in adversaries} == {10}
    others = [spec for spec in found.trained.values() if spec not in adversaries]
    assert max(spec["training"]["epochs"] for spec in others) == (8 if name.startswith("wiegreffe") else 5)
    assert {spec["base"]["run"] for spec in adversaries} <= set(found.runs)
