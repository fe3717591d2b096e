"""`attnexplain runs`: who uses what, what nothing refers to, and that nothing else is ever removed."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml

from attnexplain.cli import main
from attnexplain.errors import ConfigError, ResultError
from attnexplain.jobs.records import recorded
from attnexplain.operations import references as references_module
from attnexplain.operations.references import references, study_files
from attnexplain.operations.runs_page import page, prune
from attnexplain.operations.study import plan_of

TINY: dict[str, Any] = {"train_size": 20, "dev_size": 8, "test_size": 8}
STUDY: dict[str, Any] = {
    "study": "tiny",
    "datasets": [
        {
            "name": "tiny-set",
            "title": "Tiny",
            "classes": ["0", "1"],
            "sources": {"synthetic": {"reader": {"name": "planted-sentiment", **TINY}}},
        }
    ],
    "grid": {"encoder": "average", "attention": "additive"},
    "seeds": [1],
    "methods": ["attention", "gradient"],
    "metrics": ["kendall-tau"],
}
GUIDED = {"encoder": "average", "attention": {"name": "frozen", "base": {"attention": "additive"}}}


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(references_module, "ROOT", tmp_path)  # no studies of the project


def study(name: str = "tiny", **changes: Any) -> Path:
    path = Path(f"{name}.yaml")
    path.write_text(yaml.safe_dump({**STUDY, "study": name, **changes}), encoding="utf-8")
    return path


def make(path: Path) -> list[str]:
    """Folders of a study as they would lie there: its runs, its tokens and data sets."""
    plan = plan_of([path], {})
    for run, spec in plan.trained.items():
        write(Path("results/runs") / run / "spec.json", json.dumps(spec))
        write(Path("results/runs") / run / "model.safetensors", "x" * 1000)
    for tokens in plan.tokens_folders:
        write(Path("resources/tokens") / tokens / "train.parquet", "x" * 500)
        write(Path("resources/datasets") / tokens.split("/")[0] / "train.parquet", "x" * 300)
    return list(plan.trained)


def write(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")


def lying() -> set[str]:
    return {path.name for path in Path("results/runs").glob("*")}


def pruned(answer: bool = True) -> list[str]:
    said: list[str] = []
    prune([], None, answering(answer, said), said.append)
    return said


def answering(answer: bool, said: list[str]) -> Callable[[str], bool]:
    def ask(question: str) -> bool:
        said.append(question)
        return answer

    return ask


def test_the_list_says_who_uses_a_run_and_what_nothing_uses() -> None:
    (first,) = make(study())
    study("second")
    (other,) = make(study("gone", seeds=[2]))
    Path("gone.yaml").unlink()
    text = "\n".join(page([], None))
    assert "Study files looked at: second.yaml, tiny.yaml" in text
    assert next(line for line in text.splitlines() if first in line).endswith("  second, tiny")
    assert next(line for line in text.splitlines() if other in line).endswith("nothing")
    assert "Nothing refers to 1 run," in text


def test_what_nothing_refers_to_is_shown_asked_about_and_removed() -> None:
    (kept,) = make(study())
    (other,) = make(study("gone", seeds=[2]))
    Path("gone.yaml").unlink()
    write(Path("scratch") / other / "train-spec-abc" / "state.pt", "x")
    said = pruned(answer=False)
    assert lying() == {kept, other} and said[-1] == "Nothing was removed."
    said = pruned()
    assert any(other in line for line in said) and not any(kept in line for line in said)
    (question,) = [line for line in said if line.endswith("[y/N] ")]
    assert question.startswith("Remove 1 run, ")
    assert lying() == {kept} and not (Path("scratch") / other).exists()
    assert len(list(Path("resources/tokens").glob("*/*"))) == 1  # of the same data, still used
    assert pruned()[-1].startswith("Nothing to remove")


def test_data_and_tokens_that_no_study_refers_to_go_too() -> None:
    make(study())
    make(study("gone", limits={"train": 10}))
    Path("gone.yaml").unlink()
    assert len(list(Path("resources/datasets").glob("*"))) == 2
    said = pruned()
    assert any("Remove 1 run, 1 set of tokens, 1 data set" in line for line in said)
    assert len(list(Path("resources/datasets").glob("*"))) == len(list(Path("resources/tokens").glob("*/*"))) == 1


def test_what_a_study_stands_on_stays_though_its_grid_lacks_it() -> None:
    runs = make(study(grid=GUIDED))
    assert len(runs) == 2
    pruned()
    assert lying() == set(runs)


def test_the_base_of_a_run_that_stays_for_its_results_stays_too() -> None:
    runs = make(study("narrowed", grid=GUIDED))
    Path("narrowed.yaml").unlink()
    (top,) = [run for run in runs if ".frozen" in run]
    write(Path("results/studies/narrowed+abc123/measures") / f"{top}.parquet", "x")
    text = "\n".join(page([], None))
    assert "narrowed+abc123 (results)" in text
    pruned()
    assert lying() == set(runs)
    assert list(Path("resources/tokens").glob("*/*"))  # what they were made of


def test_results_of_a_study_whose_file_is_there_keep_nothing_that_it_no_longer_has() -> None:
    (old,) = make(study(seeds=[2]))
    write(Path("results/studies/tiny/measures") / f"{old}.parquet", "x")
    (new,) = make(study())
    pruned()
    assert lying() == {new}


def test_a_data_set_whose_original_files_are_not_found_keeps_all_its_runs() -> None:
    (run,) = make(study())
    sources = STUDY["datasets"][0]["sources"]
    files = {"reader": "delimited", "files": {"train": "elsewhere/train.csv"}}
    study(datasets=[{**STUDY["datasets"][0], "sources": {**sources, "files": files}}], seeds=[2])
    assert "(--mirror)" in "\n".join(page([], None))
    pruned()
    assert lying() == {run}


def test_a_study_that_cannot_be_planned_keeps_all_of_its_data_sets() -> None:
    (run,) = make(study())
    study(seeds=[2], vectors="absent.txt")
    assert "study tiny cannot be planned" in "\n".join(page([], None))
    pruned()
    assert lying() == {run}


def test_a_study_file_that_cannot_be_read_stops_everything() -> None:
    make(study())
    Path("broken.yaml").write_text("study: [", encoding="utf-8")
    with pytest.raises(ConfigError, match="nothing may be removed"):
        pruned()


def test_a_study_that_lies_elsewhere_can_be_named() -> None:
    Path("elsewhere").mkdir()
    path = study()
    (run,) = make(path)
    path.rename(Path("elsewhere") / path)
    assert study_files() == []
    assert references([[Path("elsewhere") / path]], None).runs[run] == {"tiny"}


def test_what_a_killed_job_left_is_listed_and_removed_and_nothing_beside_it() -> None:
    (run,) = make(study())
    (other,) = make(study("gone", seeds=[2]))
    Path("gone.yaml").unlink()
    partial = [f"results/runs/.{run}.a1b2c3d_", f"results/runs/{run}/attributions/.gradient.parquet.77.tmp"]
    write(Path(partial[0]) / "model.safetensors", "x" * 3000)
    write(Path(partial[1]), "x")
    write(Path("results/runs") / other / ".spec.json.77.tmp", "x")  # goes with its folder
    assert "Leftovers of killed jobs (2, 3.0 kB)" in page([], None)
    said = pruned()
    assert any("Remove 1 run, 2 leftovers of killed jobs, " in line for line in said)
    assert not any(Path(path).exists() for path in partial)
    assert lying() == {run} and {path.name for path in (Path("results/runs") / run).iterdir()} == {
        "spec.json",
        "model.safetensors",
        "attributions",
    }


def test_what_may_belong_to_a_running_job_is_kept() -> None:
    (run,) = make(study())
    write(Path(f"results/runs/.{run}.a1b2c3d_/model.safetensors"), "x")
    with recorded("train", Path(f"results/runs/{run}/spec.json")):
        text = "\n".join(page([], None))
    assert "Nothing lies here that no study refers to." in text
    assert "jobs are at work in this folder" in text


@pytest.mark.parametrize("kind", ["lock", "record"])
def test_nothing_is_removed_while_jobs_run(kind: str) -> None:
    (run,) = make(study())
    Path("tiny.yaml").unlink()
    if kind == "lock":
        write(Path(".snakemake/locks/0.input.lock"), "x")
        with pytest.raises(ResultError, match="unlock"):
            pruned()
    else:
        with recorded("figure", Path("results/studies/x/figures/y.svg")), pytest.raises(ResultError, match=r"y\.svg"):
            pruned()
    assert lying() == {run}


def test_a_job_that_begins_while_the_question_stands_stops_the_removal() -> None:
    (run,) = make(study())
    Path("tiny.yaml").unlink()

    def ask(question: str) -> bool:
        write(Path(".snakemake/locks/0.input.lock"), "x")
        return True

    with pytest.raises(ResultError):
        prune([], None, ask, lambda line: None)
    assert lying() == {run}


def test_a_linked_folder_loses_its_link_alone(tmp_path: Path) -> None:
    (run,) = make(study())
    Path("tiny.yaml").unlink()
    (Path("results/runs") / run).rename(tmp_path / "shared")
    (Path("results/runs") / run).symlink_to(tmp_path / "shared")
    pruned()
    assert lying() == set() and (tmp_path / "shared" / "spec.json").is_file()


def test_the_command_asks_unless_told_not_to(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (run,) = make(study())
    Path("tiny.yaml").unlink()
    monkeypatch.setattr("builtins.input", lambda question: "")
    assert main(["runs", "--prune"]) == 0
    assert lying() == {run} and "Nothing was removed" in capsys.readouterr().out
    assert main(["runs", "--prune", "--yes"]) == 0
    assert lying() == set() and "Removed 1 run" in capsys.readouterr().out
