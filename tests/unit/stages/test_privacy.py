"""A credentialed study through its stages, as the rules call them: where its texts, tokens and identifiers may be.

What must not be found elsewhere is what the invented tables hold: names, words and admission numbers.
"""

import json
import os
import re
import stat
import zipfile
from pathlib import Path
from types import SimpleNamespace

import pandas as pd
import pytest
import torch

from attnexplain import cli
from attnexplain.config.load import load_study
from attnexplain.plan.study_plan import StudyPlan
from attnexplain.provenance import Sources
from mimic_tables import patients, write_mimic
from studies import write_study

FILES = {"notes": {"path": "NOTEEVENTS.csv.gz"}, "diagnoses": {"path": "DIAGNOSES_ICD.csv.gz"}}
REGISTRY = {
    "notes": {
        "title": "Notes",
        "access": "credentialed",
        "classes": ["no", "yes"],
        "sources": {"files": {"reader": {"name": "mimic-notes", "task": "diabetes"}, "files": FILES}},
    }
}
STUDY = {
    "study": "private",
    "datasets": ["notes"],
    "tokeniser": {"name": "word", "cleaning": "mimic"},
    "grid": {"encoder": {"name": "average", "hidden": 4}, "attention": "dot"},
    "seeds": [1],
    "training": {"epochs": 1, "embedding_size": 4},
    "methods": ["attention", "gradient"],
    "experiments": [{"name": "permutation", "draws": 3}, "adversary-exact"],
    "metrics": ["kendall-tau", "max-attention"],
}
# A whole number: pseudonyms are hexadecimal and scores have many digits, so that parts of them may look like one.
IDENTIFIER = re.compile(rb"(?<![0-9a-f.])100[0-2][0-9]{2}(?![0-9a-f])")
SECRET = re.compile(rb"[Ss]ecret|thirsty|Admission Date|" + IDENTIFIER.pattern)


@pytest.fixture(autouse=True)
def restored():
    """The stages own their process; a test shares it."""
    threads, deterministic = torch.get_num_threads(), torch.are_deterministic_algorithms_enabled()
    fill = torch.utils.deterministic.fill_uninitialized_memory
    yield
    torch.set_num_threads(threads)
    torch.use_deterministic_algorithms(deterministic)
    torch.utils.deterministic.fill_uninitialized_memory = fill


@pytest.fixture(params=[0o000, 0o022], ids=["umask 000", "umask 022"])
def umask(request):
    before = os.umask(request.param)
    yield
    assert os.umask(before) == request.param, "a stage changed the umask for good"


def planned(folder: Path, **changes) -> StudyPlan:
    study, registry = write_study(folder, {**STUDY, **changes}, REGISTRY)
    return StudyPlan(load_study([study], registry, {}), Sources(), folder / "mirror")


def run(plan: StudyPlan) -> None:
    """Every stage up to the report, by the command line; folders of outputs are there before, as in Snakemake."""
    (run_id,) = plan.runs
    (folder,) = plan.dataset_folders
    (tokens,) = plan.tokens_folders
    of = SimpleNamespace(run=run_id, dataset=folder, tokeniser=tokens.split("/")[1], method="", experiment="")
    data, tokenised, runs = f"resources/datasets/{folder}", f"resources/tokens/{tokens}", f"results/runs/{run_id}"
    for place in (data, tokenised, f"{runs}/attributions", f"{runs}/experiments"):
        Path(place).mkdir(parents=True)
    call("read", "--spec", plan.dataset_spec(of), "--output", f"{data}/dataset.json")
    about = ("--dataset", f"{data}/dataset.json")
    call("tokenise", "--spec", plan.tokens_spec(of), *about, "--output", f"{tokenised}/vocabulary.json")
    given = ("--spec", plan.run_spec(of), "--device", "cpu")
    call("train", *given, "--tokens", f"{tokenised}/vocabulary.json", "--output", f"{runs}/spec.json")
    given += ("--model", f"{runs}/model.safetensors", "--tokens", f"{tokenised}/test.parquet", "--shard", "10")
    for method, plugin in plan.methods.items():
        chosen = ("--method", json.dumps(plugin.spec()))
        call("attribute", *given, *chosen, "--output", f"{runs}/attributions/{method}.parquet")
    for name, plugin in plan.experiments.items():
        chosen = ("--experiment", json.dumps(plugin.spec()))
        call("experiment", *given, *chosen, "--output", f"{runs}/experiments/{name}.parquet")
    measure(plan, of, f"{tokenised}/test.parquet")
    after(plan, of, f"{data}/dataset.json", f"{tokenised}/statistics.json")


def measure(plan, of, tokens):
    metrics = ("--run", of.run, "--metrics", plan.metrics_spec(of), "--tokens", tokens)
    inputs = ("--attributions", *plan.attributions(of), "--experiments", *plan.experiment_tables(of))
    disclose = [plan.disclosure(of)] if plan.disclosure(of) else []
    call("measure", *metrics, *inputs, *disclose, "--output", f"{plan.folder}/measures/{of.run}.parquet")


def after(plan, of, about, statistics):
    measures = ("--measures", f"{plan.folder}/measures/{of.run}.parquet")
    found = f"{plan.folder}/statistics/notes.parquet"
    call("statistics", "--settings", plan.statistics_settings(of), *measures, "--output", found)
    tables = f"{plan.folder}/tables/statistics.parquet"
    specs = ("--statistics", found, "--runs", f"results/runs/{of.run}/metrics.json")
    call("tables", "--settings", plan.tables_settings(), *specs, "--output", tables)
    given = ("--settings", plan.figure_settings(), "--tables", tables)
    for figure in plan.figures:
        drawn = f"{plan.folder}/figures/{figure}.svg"
        texts = ("--texts", *plan.figure_texts(SimpleNamespace(figure=figure)))
        call("figure", "--figure", figure, *given, *measures, *texts, "--output", drawn)
    inputs = ("--figures", *plan.figure_images(), "--datasets", about, "--tokens", statistics)
    call("report", *given, *inputs, "--output", f"{plan.folder}/report.zip")


def call(*arguments: str) -> None:
    assert cli.main(arguments) == 0, arguments[0]


def test_text_tokens_and_identifiers_stay_in_files_of_the_user_alone(tmp_path, monkeypatch, caplog, capfd, umask):
    caplog.set_level("INFO")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("ATTNEXPLAIN_DATA_MIRROR", str(tmp_path / "mirror"))
    write_mimic(tmp_path / "mirror", *patients(60))
    plan = planned(tmp_path)
    run(plan)
    private = [
        *Path("resources/datasets").iterdir(),
        *Path("resources/tokens").iterdir(),
        *Path("results/runs").iterdir(),
    ]
    inside = [path for folder in private for path in (folder, *folder.rglob("*"))]
    assert len(inside) > 20
    for path in [*inside, Path("resources/pseudonyms.key")]:
        assert stat.S_IMODE(path.stat().st_mode) == (0o700 if path.is_dir() else 0o600), path
    for pattern in (SECRET, IDENTIFIER):
        assert any(pattern.search(content) for path in inside for content in contents(path)), "the search finds nothing"
    for path in (path for path in Path("results/studies").rglob("*") if path.is_file()):
        for content in contents(path):
            assert not SECRET.search(content), (path, SECRET.search(content))
    printed = capfd.readouterr()
    assert not SECRET.search((caplog.text + printed.out + printed.err).encode())
    assert not [path for path in Path("scratch").rglob("*") if path.is_file()]


def test_pseudonyms_join_measures_with_predictions_and_a_study_may_disclose(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("ATTNEXPLAIN_DATA_MIRROR", str(tmp_path / "mirror"))
    write_mimic(tmp_path / "mirror", *patients(60))
    plan = planned(tmp_path)
    run(plan)
    (name,) = plan.runs
    hidden = pd.read_parquet(f"{plan.folder}/measures/{name}.parquet")
    assert hidden["example_id"].str.fullmatch("[0-9a-f]{16}").all()
    statistics = pd.read_parquet(f"{plan.folder}/statistics/notes.parquet")
    open_plan = planned(tmp_path, disclose=["notes"], study="shown")
    assert list(open_plan.runs) == [name], "disclosing moves no run"
    (tokens,) = plan.tokens_folders
    measure(open_plan, SimpleNamespace(run=name), f"resources/tokens/{tokens}/test.parquet")
    shown = pd.read_parquet(f"{open_plan.folder}/measures/{name}.parquet")
    assert shown["example_id"].str.startswith("admission-").all()
    pairs = set(zip(hidden["example_id"], shown["example_id"], strict=True))
    assert len(pairs) == hidden["example_id"].nunique() == shown["example_id"].nunique()
    pd.testing.assert_frame_equal(hidden.drop(columns="example_id"), shown.drop(columns="example_id"))
    of_class = statistics[(statistics["metric"] == "kendall-tau") & (statistics["class"] != "all")]
    assert of_class["n_examples"].sum() + of_class["n_undefined"].sum() == hidden["example_id"].nunique()


def contents(path: Path):
    """The file as bytes, and unpacked: members of an archive, values of a table."""
    if path.is_dir():
        return
    yield path.read_bytes()
    yield path.name.encode()
    if path.suffix == ".zip":
        with zipfile.ZipFile(path) as archive:
            yield from (archive.read(name) for name in archive.namelist())
    if path.suffix == ".parquet":
        yield pd.read_parquet(path).to_csv().encode()
