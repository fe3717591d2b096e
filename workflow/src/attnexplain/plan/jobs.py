"""All jobs of a study, listed without Snakemake: for those who look at it, and for results of what is finished.

Paths are those of the rules in `workflow/rules`, and a job's first output is that which its command names, so that its
record is found; `tests/workflow/test_operations.py` holds all of it against Snakemake's own list.
"""

from collections.abc import Iterable, Iterator
from itertools import chain
from pathlib import PurePath
from types import SimpleNamespace
from typing import Any

from attnexplain.jobs.job import Job
from attnexplain.plan.gathering import Gathering
from attnexplain.plan.study_plan import FIGURE_FORMATS, SPLITS, TABLES, WIDE_FORMATS, StudyPlan

_TRAINED = ("spec.json", "model.safetensors", "history.parquet", "metrics.json", "performance.json")
Files = Iterable[str]


def jobs_of(plan: StudyPlan) -> list[Job]:
    """Every job of the study in the order that data flows, with the names of the jobs that it reads from."""
    gathering = Gathering(plan)
    big = (part(plan, gathering) for part in (_gathered, _datasets, _study))
    found = list(chain(_data(plan), _runs(plan), *big))
    makers = {output: job.name for job, _ in found for output in job.outputs}
    return [_needing(job, {makers[file] for file in files if file in makers}) for job, files in found]


def _needing(job: Job, names: set[str]) -> Job:
    return Job(**{**vars(job), "needs": tuple(sorted(names))})


def _data(plan: StudyPlan) -> Iterator[tuple[Job, Files]]:
    for folder in dict.fromkeys(tokens.partition("/")[0] for tokens in plan.tokens_folders):
        given = SimpleNamespace(dataset=folder)
        outputs = [f"resources/datasets/{folder}/dataset.json", *plan.splits(given)]
        yield _job("data", folder, outputs, kind=folder, code=plan.data_code(given)), ()
    for tokens in plan.tokens_folders:
        dataset, tokeniser = tokens.split("/")
        given = SimpleNamespace(dataset=dataset, tokeniser=tokeniser)
        names = ["vocabulary.json", *(f"{split}.parquet" for split in SPLITS), "statistics.json"]
        outputs = [f"resources/tokens/{tokens}/{name}" for name in names]
        made = _job("tokenise", tokens, outputs, tokens=tokens, split="train", code=plan.tokens_code(given))
        yield made, plan.splits(given)


def _runs(plan: StudyPlan) -> Iterator[tuple[Job, Files]]:
    for run, spec in plan.trained.items():
        given = SimpleNamespace(run=run)
        outputs = [f"results/runs/{run}/{name}" for name in (*_TRAINED, "predictions.parquet")]
        tokens = plan.tokens_folder(spec)
        training = {"kind": model_kind(spec), "tokens": tokens, "split": "train", "times": spec["training"]["epochs"]}
        read = [*plan.tokens(given), plan.vocabulary(given), *plan.class_list(given), *plan.base_files(given)]
        yield _job("train", run, outputs, **training, code=plan.train_code(given)), read
    for run, spec in plan.runs.items():
        yield from _of_run(plan, run, plan.tokens_folder(spec), f"{model_kind(spec)} ")


def _of_run(plan: StudyPlan, run: str, tokens: str, model: str) -> Iterator[tuple[Job, Files]]:
    folder, given = f"results/runs/{run}", SimpleNamespace(run=run)
    experiments = [PurePath(path).stem for path in plan.experiment_tables(given)]
    read_by = {name: plan.experiment_attributions(SimpleNamespace(run=run, experiment=name)) for name in experiments}
    attributions = dict.fromkeys([*plan.attributions(given), *chain(*read_by.values())])
    base = [f"{folder}/model.safetensors", plan.test_tokens(given), *plan.base_files(given)]
    for output in attributions:
        method = PurePath(output).stem
        code = plan.attribute_code(SimpleNamespace(run=run, method=method))
        yield _job("attribute", f"{run}/{method}", [output], kind=f"{model}{method}", tokens=tokens, code=code), base
    for name in experiments:
        code = plan.experiment_code(SimpleNamespace(run=run, experiment=name))
        known = {"kind": f"{model}{name}", "tokens": tokens, "code": code}
        yield (
            _job("experiment", f"{run}/{name}", [f"{folder}/experiments/{name}.parquet"], **known),
            [*base, *read_by[name]],
        )
    read = [*plan.attributions(given), *plan.experiment_tables(given), plan.test_tokens(given)]
    measures = {"tokens": tokens, "code": plan.measure_code(given)}
    yield _job("measure", f"{plan.name}/{run}", [f"{plan.folder}/measures/{run}.parquet"], **measures), read


def model_kind(spec: dict[str, Any]) -> str:
    """The plug-ins of a run's model: `bilstm.additive+softmax.none`."""
    names = spec["slug"]
    return f"{names['encoder']}.{names['attention']}+{names['normaliser']}.{names['regulariser']}"


def _gathered(plan: StudyPlan, gathering: Gathering) -> Iterator[tuple[Job, Files]]:
    for about, path, files in gathering.lists():
        yield _job("gather", f"{plan.name}/{about}", [path]), files


def _datasets(plan: StudyPlan, gathering: Gathering) -> Iterator[tuple[Job, Files]]:
    for dataset in plan.run_datasets:
        given = SimpleNamespace(dataset=dataset)
        about = f"{plan.name}/{dataset}"
        yield from _compared(plan, gathering, dataset)
        annotators = plan.annotators
        for output in annotators.table(given):
            read = [annotators.dataset(given), annotators.split(given), annotators.tokens(given)]
            yield _job("annotators", about, [output], code=annotators.code(given)), read
        areas = plan.curves.areas(given)
        if areas:
            read = gathering.read(f"curves.{dataset}", "measures", "predictions", "between")
            outputs = [*plan.curves.table(dataset), *areas]
            yield _job("curve", about, outputs, code=plan.inference_code("curve")), read
        read = [*gathering.read(f"runs.{dataset}", "measures", "predictions"), *areas]
        tables = [*gathering.read(f"runs.{dataset}", "between", "retest"), *annotators.table(given)]
        folders = {"statistics": "statistics", "contrast": "comparisons", "agreement": "agreement"}
        for rule, folder in folders.items():
            code = plan.stage_code(rule) if rule == "agreement" else plan.inference_code(rule)
            output = f"{plan.folder}/{folder}/{dataset}.parquet"
            yield _job(rule, about, [output], code=code), [*read, *(tables if rule == "statistics" else ())]


def _compared(plan: StudyPlan, gathering: Gathering, dataset: str) -> Iterator[tuple[Job, Files]]:
    """Jobs that hold seeds of a data set against each other."""
    for cells in plan.between.parts(dataset):
        given, about = SimpleNamespace(cells=cells), f"{plan.name}/{cells}"
        read = [*gathering.read(f"between.{cells}", "models", "specs", "bases"), plan.between.test_tokens(given)]
        yield _job("between", about, [f"{plan.folder}/between/{cells}.parquet"], code=plan.between.code(given)), read
    for cells in plan.retest.parts(dataset):
        given, about = SimpleNamespace(cells=cells), f"{plan.name}/{cells}"
        read = gathering.read(f"retest.{cells}", "attributions", "specs")
        yield (
            _job("retest", about, [f"{plan.folder}/retest/{cells}.parquet"], code=plan.retest.tables_code(given)),
            read,
        )


def _study(plan: StudyPlan, gathering: Gathering) -> Iterator[tuple[Job, Files]]:
    folder = f"{plan.folder}/tables"
    ordered = sorted(TABLES, key=lambda table: table != "statistics")
    parquet, csv = ([f"{folder}/{table}.{kind}" for table in ordered] for kind in ("parquet", "csv"))
    read = gathering.read("tables", "statistics", "comparisons", "agreement", "curves", "spec", "metrics")
    yield _job("tables", plan.name, [*parquet, *csv], code=plan.stage_code("tables")), read
    wide = [f"{folder}/wide.{kind}" for kind in WIDE_FORMATS]
    yield _job("wide", plan.name, wide), [f"{folder}/statistics.parquet"]
    for figure in plan.figures:
        given = SimpleNamespace(figure=figure)
        files = [f"{plan.folder}/figures/{figure}.{kind}" for kind in FIGURE_FORMATS]
        read = [*parquet, *gathering.figure_measures(given), *plan.figure_texts(given)]
        yield _job("figure", f"{plan.name}/{figure}", files, kind=figure), read
    read = [*plan.figure_images(), *parquet, *csv, *wide, *plan.dataset_files(), *plan.tokens_statistics()]
    yield _job("report", plan.name, [f"{plan.folder}/report.zip"]), read


def _job(rule: str, about: str, outputs: list[str], **known: Any) -> Job:
    log, benchmark = f"logs/{rule}/{about}.log", f"results/benchmarks/{rule}/{about}.tsv"
    return Job(rule, about, tuple(outputs), log, benchmark, **known)
