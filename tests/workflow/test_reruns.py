"""Which jobs run after each kind of change: the contract that makes the cache trustworthy, on the real DAG."""

import shutil
from pathlib import Path
from typing import Any

import pytest

from workflow_project import FIGURES, STUDY, Project, jobs

pytestmark = pytest.mark.workflow
SENTIMENT = ["tiny-sentiment.bilstm.additive.none.s1", "tiny-sentiment.average.additive.none.s1"]
SHORTCUT = [slug.replace("sentiment", "shortcut") for slug in SENTIMENT]
RUNS = SENTIMENT + SHORTCUT
DATASETS = ["tiny-sentiment", "tiny-shortcut"]
END = jobs.end()


def with_seed(slugs: list[str], seed: int) -> list[str]:
    return [slug.replace(".s1", f".s{seed}") for slug in slugs]


def edit(project: Project, name: str, old: str, new: str) -> None:
    text = project.source(name).read_text(encoding="utf-8")
    assert old in text
    project.source(name).write_text(text.replace(old, new), encoding="utf-8")


def append(project: Project, name: str, text: str) -> None:
    with project.source(name).open("a", encoding="utf-8") as file:
        file.write(text)


def change(project: Project, **changes: Any) -> None:
    project.write({**STUDY, **changes})


class TestNothingRuns:
    def test_after_no_change(self, project: Project) -> None:
        assert project.planned() == set()

    def test_after_a_comment_and_a_docstring(self, project: Project) -> None:
        append(project, "models/encoders/bilstm.py", "\n# A remark.\n")
        edit(project, "tables/io.py", '"""Reading and writing', '"""Writing and reading')
        assert project.planned() == set()

    def test_after_a_registry_line(self, project: Project) -> None:
        line = '        "lstm": "attnexplain.models.encoders.lstm:LSTM",\n'
        edit(project, "registry.py", '        "cnn": ', f'{line}        "cnn": ')
        assert project.planned() == set()

    def test_after_an_entry_in_the_data_set_registry(self, project: Project) -> None:
        registry = project.folder / "config" / "datasets.yaml"
        entry = "\nmore:\n  title: More\n  classes: [a, b]\n  sources: {synthetic: {reader: planted-shortcut}}\n"
        registry.write_text(registry.read_text(encoding="utf-8") + entry, encoding="utf-8")
        assert project.planned() == set()

    def test_after_all_sources_were_touched(self, project: Project) -> None:
        for path in (project.folder / "workflow").rglob("*"):
            path.touch()
        shutil.rmtree(project.folder / ".snakemake" / "attnexplain")
        assert project.planned() == set()

    def test_after_the_mirror_moved(self, project: Project, tmp_path: Path) -> None:
        assert project.planned("--config", f"data_mirror={tmp_path}") == set()

    def test_after_resources_changed(self, project: Project) -> None:
        change(project, resources={"device": "auto", "shard": 3, "tokens_per_batch": 50})
        assert project.planned() == set()


def test_a_seed_runs_the_new_runs_and_what_stands_on_them(project: Project) -> None:
    change(project, seeds=[1, 2])
    new = with_seed(RUNS, 2)
    expected = jobs.train(new) | jobs.explain(new, ["attention", "gradient"]) | jobs.measure(new)
    assert project.planned() == expected | jobs.summaries(DATASETS) | END


def test_a_data_set_runs_its_own_jobs_and_no_statistics_of_others(project: Project) -> None:
    third = {**STUDY["datasets"][0], "name": "tiny-third"}
    change(project, datasets=[*STUDY["datasets"], third])
    new = [slug.replace("sentiment", "third") for slug in SENTIMENT]
    expected = jobs.data(["tiny-third"]) | jobs.train(new) | jobs.explain(new, ["attention", "gradient"])
    assert project.planned() == expected | jobs.measure(new) | jobs.summaries(["tiny-third"]) | END


def test_an_absent_data_set_blocks_nothing_and_runs_its_own_jobs_when_it_comes(project: Project) -> None:
    files = {"reader": "delimited", "files": {"train": {"path": "private/train.csv"}}}
    private = {"name": "tiny-private", "title": "Private", "classes": ["a", "b"], "sources": {"files": files}}
    change(project, datasets=[*STUDY["datasets"], private])
    assert project.planned() == END  # its rows in the tables, no job of its own
    said = project.snakemake("--dry-run").stderr
    assert "missing data set 'tiny-private': no file 'private/train.csv'" in said
    (project.folder / "private").mkdir()
    (project.folder / "private" / "train.csv").write_text("text,label\nfine,b\n", encoding="utf-8")
    new = [slug.replace("sentiment", "private") for slug in SENTIMENT]
    expected = jobs.data(["tiny-private"]) | jobs.train(new) | jobs.explain(new, ["attention", "gradient"])
    assert project.planned() == expected | jobs.measure(new) | jobs.summaries(["tiny-private"]) | END
    shutil.rmtree(project.folder / "private")


def test_a_method_runs_its_attributions_and_all_measures(project: Project) -> None:
    change(project, methods=["attention", "gradient", "random"])
    new = {f"Attributing {run} with random" for run in RUNS}
    assert project.planned() == new | jobs.measure(RUNS) | jobs.summaries(DATASETS) | END


def test_a_regulariser_runs_its_runs_and_what_stands_on_them(project: Project) -> None:
    change(project, grid={**STUDY["grid"], "regulariser": ["none", "entropy"]})
    new = [slug.replace(".none.", ".entropy.") for slug in RUNS]
    expected = jobs.train(new) | jobs.explain(new, ["attention", "gradient"]) | jobs.measure(new)
    assert project.planned() == expected | jobs.summaries(DATASETS) | END


def test_a_learning_rate_runs_all_but_data_and_tokens(project: Project) -> None:
    change(project, training={**STUDY["training"], "learning_rate": 0.01})
    expected = jobs.train(RUNS) | jobs.explain(RUNS, ["attention", "gradient"]) | jobs.measure(RUNS)
    assert project.planned() == expected | jobs.summaries(DATASETS) | END


@pytest.mark.parametrize("display", [{"labels": {"bilstm": "BiLSTM!"}}, {"colours": {"bilstm": "#112233"}}])
def test_a_label_or_colour_draws_the_figures_and_the_report(project: Project, display: dict[str, Any]) -> None:
    change(project, display=display)
    assert project.planned() == jobs.wide() | jobs.figures() | jobs.report()


def test_an_edited_figure_draws_that_figure_and_the_report(project: Project) -> None:
    append(project, "figures/accuracy_by_run.py", "\nEDITED = True\n")
    assert project.planned() == {"Drawing accuracy-by-run"} | jobs.report()


def test_an_edited_encoder_trains_its_runs_and_all_after_them(project: Project) -> None:
    append(project, "models/encoders/bilstm.py", "\nEDITED = True\n")
    runs = [slug for slug in RUNS if ".bilstm." in slug]
    expected = jobs.train(runs) | jobs.explain(runs, ["attention", "gradient"]) | jobs.measure(runs)
    assert project.planned() == expected | jobs.summaries(DATASETS) | END


def test_an_edited_method_runs_its_attributions_and_all_after_them(project: Project) -> None:
    append(project, "attribution/gradient.py", "\nEDITED = True\n")
    new = {f"Attributing {run} with gradient" for run in RUNS}
    assert project.planned() == new | jobs.measure(RUNS) | jobs.summaries(DATASETS) | END


def test_an_edited_helper_of_measures_runs_the_measures_and_all_after_them(project: Project) -> None:
    append(project, "metrics/kendall.py", "\nEDITED = True\n")
    assert project.planned() == jobs.measure(RUNS) | jobs.summaries(DATASETS) | END


def test_an_edited_helper_of_every_stage_runs_everything(project: Project) -> None:
    append(project, "tables/io.py", "\nEDITED = True\n")
    everything = jobs.data(DATASETS) | jobs.train(RUNS) | jobs.explain(RUNS, ["attention", "gradient"])
    assert project.planned() == everything | jobs.measure(RUNS) | jobs.summaries(DATASETS) | END


def test_another_kind_of_interval_or_a_margin_runs_statistics_and_contrasts(project: Project) -> None:
    for chosen in ({"interval": "crossed-bootstrap"}, {"margins": {"kendall-tau": 0.1}}):
        change(project, statistics=chosen)
        assert project.planned() == jobs.statistics(DATASETS) | jobs.contrasts(DATASETS) | END


def test_other_axes_run_the_contrasts_and_another_family_the_tables(project: Project) -> None:
    change(project, statistics={"compare": ["encoder"]})
    assert project.planned() == jobs.contrasts(DATASETS) | END
    change(project, statistics={"family": ["kendall-tau"]})
    assert project.planned() == END


def test_an_edited_kind_of_interval_runs_the_statistics_of_the_studies_that_use_it(project: Project) -> None:
    append(project, "statistics/intervals/mixed_model.py", "\nEDITED = True\n")
    assert project.planned() == set()
    append(project, "statistics/intervals/two_way.py", "\nEDITED = True\n")
    # One figure takes the interval of differences by itself.
    assert project.planned() == jobs.statistics(DATASETS) | jobs.contrasts(DATASETS) | END


def test_changing_back_runs_the_aggregates_alone(project: Project) -> None:
    """Runs are content-addressed: what was trained once is not trained again."""
    change(project, seeds=[1, 2])
    assert len(project.planned()) > 10
    project.write(STUDY)
    assert project.planned() == set()


def test_every_figure_is_known_to_this_test(project: Project) -> None:
    assert {path.stem for path in (project.folder / "results/studies/tiny/figures").glob("*.svg")} == set(FIGURES)
