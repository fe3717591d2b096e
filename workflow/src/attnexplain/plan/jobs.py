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
from attnexplain.plan.study_plan import FIGURE_FORMATS, SPLITS, TABLES, WIDE_FORMATS, StudyPlan

_TRAINED = ("spec.json", "model.safetensors", "history.parquet", "metrics.json", "performance.json")
Files = Iterable[str]


def jobs_of(plan: StudyPlan) -> list[Job]:
    """Every job of the study in the order that data flows, with the names of the jobs that it reads from."""
    found = list(chain(*(part(plan) for part in (_data, _runs, _datasets, _study))))
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


def _datasets(plan: StudyPlan) -> Iterator[tuple[Job, Files]]:
    for dataset in plan.run_datasets:
        given = SimpleNamespace(dataset=dataset)
        about = f"{plan.name}/{dataset}"
        between, retest, annotators = plan.between, plan.retest, plan.annotators
        for output in between.table(given):
            read = [*between.models(given), between.test_tokens(given), *between.base_files(given)]
            yield _job("between", about, [output], code=between.code(given)), read
        for output in retest.table(given):
            yield _job("retest", about, [output], code=retest.tables_code(given)), retest.attributions(given)
        for output in annotators.table(given):
            read = [annotators.dataset(given), annotators.split(given), annotators.tokens(given)]
            yield _job("annotators", about, [output], code=annotators.code(given)), read
        areas = plan.curves.areas(given)
        if areas:
            curves = plan.curves
            read = [*curves.measures(given), *curves.predictions(given), *curves.between(given)]
            outputs = [*curves.table(dataset), *areas]
            yield _job("curve", about, outputs, code=plan.inference_code("curve")), read
        read = [*plan.measures(given), *plan.predictions(given), *areas]
        tables = [*between.table(given), *retest.table(given), *annotators.table(given)]
        folders = {"statistics": "statistics", "contrast": "comparisons", "agreement": "agreement"}
        for rule, folder in folders.items():
            code = plan.stage_code(rule) if rule == "agreement" else plan.inference_code(rule)
            output = f"{plan.folder}/{folder}/{dataset}.parquet"
            yield _job(rule, about, [output], code=code), [*read, *(tables if rule == "statistics" else ())]


def _study(plan: StudyPlan) -> Iterator[tuple[Job, Files]]:
    folder = f"{plan.folder}/tables"
    ordered = sorted(TABLES, key=lambda table: table != "statistics")
    parquet, csv = ([f"{folder}/{table}.{kind}" for table in ordered] for kind in ("parquet", "csv"))
    specs = [f"results/runs/{run}/{file}" for run in plan.runs for file in ("spec.json", "metrics.json")]
    read = [*plan.statistics(), *plan.comparisons(), *plan.agreement(), *plan.curve_tables(), *specs]
    yield _job("tables", plan.name, [*parquet, *csv], code=plan.stage_code("tables")), read
    wide = [f"{folder}/wide.{kind}" for kind in WIDE_FORMATS]
    yield _job("wide", plan.name, wide), [f"{folder}/statistics.parquet"]
    for figure in plan.figures:
        given = SimpleNamespace(figure=figure)
        files = [f"{plan.folder}/figures/{figure}.{kind}" for kind in FIGURE_FORMATS]
        read = [*parquet, *plan.figure_measures(given), *plan.figure_texts(given)]
        yield _job("figure", f"{plan.name}/{figure}", files, kind=figure), read
    read = [*plan.figure_images(), *parquet, *csv, *wide, *plan.dataset_files(), *plan.tokens_statistics()]
    yield _job("report", plan.name, [f"{plan.folder}/report.zip"]), read


def _job(rule: str, about: str, outputs: list[str], **known: Any) -> Job:
    log, benchmark = f"logs/{rule}/{about}.log", f"results/benchmarks/{rule}/{about}.tsv"
    return Job(rule, about, tuple(outputs), log, benchmark, **known)
