"""Command line: the stages that the workflow's rules call, and a few commands for people.

A stage is imported only when it is called, so that a job needs no more than its own environment holds.
"""

import argparse
import json
import logging
import os
import sys
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager, nullcontext
from importlib import import_module
from pathlib import Path
from typing import Any

from attnexplain import commands as of_studies
from attnexplain.errors import AttnExplainError
from attnexplain.gathered import listed
from attnexplain.gpus import take_one
from attnexplain.jobs.leftovers import remove_leftovers
from attnexplain.jobs.records import recorded
from attnexplain.privacy import OPEN

Handler = Callable[[argparse.Namespace], int | None]
CHANGED = 3  # exit status of `compare` where something changed: 1 and 2 are errors


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command; an error of ours is printed as its message and makes the exit status 1."""
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(message)s", datefmt="%H:%M:%S", stream=sys.stderr)
    arguments = _parser().parse_args(argv)
    try:
        with _recorded(arguments):
            return arguments.handler(arguments) or 0
    except AttnExplainError as error:
        print(f"Error: {error}", file=sys.stderr)
        return 1


def _recorded(given: argparse.Namespace) -> AbstractContextManager[None]:
    """A stage keeps a record of how it stands in scratch/status/; other commands keep none.

    It first removes what a job of the same output left that was killed.
    """
    if "stage" not in given:
        return nullcontext()
    remove_leftovers(given.output)
    access = getattr(given, "spec", {}).get("access")
    return recorded(given.stage, given.output, private=access != OPEN)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="attnexplain", description="When is attention an explanation?")
    commands = parser.add_subparsers(required=True, metavar="command")
    _people(commands)
    _stage(commands, "read", _data, "canonical Parquet of a data set (rule data)", "spec")
    _stage(commands, "tokenise", _tokenise, "tokens of a data set", "spec", "dataset")
    train = _stage(commands, "train", _train, "train one run", "spec", "tokens", "device")
    train.add_argument("--vectors", default="", help="text file of word vectors")
    _bases(train)
    for stage, handler in (("attribute", _attribute), ("experiment", _experiment)):
        explain = _stage(commands, stage, handler, f"{stage} one run", "spec", "model", "tokens", "device")
        explain.add_argument("--method" if stage == "attribute" else "--experiment", type=json.loads, required=True)
        explain.add_argument("--shard", type=int, default=1000, help="examples per resumable shard")
        _bases(explain)
        if stage == "experiment":
            explain.add_argument("--attributions", type=Path, nargs="*", default=[], help="those that it reads")
    measure = _stage(commands, "measure", _measure, "measures of one run", "metrics", "tokens")
    measure.add_argument("--run", required=True, help="run id")
    measure.add_argument("--disclose", action="store_true", help="keep identifiers of a credentialed data set")
    measure.add_argument("--attributions", type=Path, nargs="+", required=True)
    measure.add_argument("--experiments", type=Path, nargs="*", default=[])
    between = _stage(commands, "between", _between, "measures between the runs of a data set", "tokens", "device")
    between.add_argument("--plugins", type=json.loads, required=True, help="JSON")
    between.add_argument("--models", type=Path, nargs="+", required=True, help="models in the runs' folders")
    between.add_argument("--disclose", action="store_true", help="keep identifiers of a credentialed data set")
    between.add_argument("--shard", type=int, default=1000, help="examples per resumable shard")
    _bases(between)
    annotators = _stage(
        commands, "annotators", _annotators, "annotators against each other", "metrics", "dataset", "tokens"
    )
    annotators.add_argument("--disclose", action="store_true", help="keep identifiers of a credentialed data set")
    retest = _stage(commands, "retest", _retest, "attributions of the runs of a data set against each other")
    retest.add_argument("--plugins", type=json.loads, required=True, help="JSON")
    retest.add_argument("--attributions", type=Path, nargs="+", required=True, help="tables in the runs' folders")
    retest.add_argument("--disclose", action="store_true", help="keep identifiers of a credentialed data set")
    gather = _stage(commands, "gather", _gather, "a list of files that are too many for one job")
    gather.add_argument("--files", type=Path, nargs="+", required=True)
    statistics = _stage(commands, "statistics", _statistics, "statistics of a data set", "settings")
    statistics.add_argument("--measures", type=Path, nargs="+", required=True)
    statistics.add_argument("--annotators", type=Path, nargs="*", default=[], help="annotators' measures, if any")
    statistics.add_argument("--between", type=Path, nargs="*", default=[], help="measures between the runs, if any")
    curve = _stage(commands, "curve", _curve, "curves of the attacked models of a data set", "settings")
    curve.add_argument("--measures", type=Path, nargs="+", required=True)
    curve.add_argument("--between", type=Path, nargs="*", default=[], help="measures between the runs, if any")
    curve.add_argument("--areas", type=Path, required=True, help="where the areas' values go")
    contrast = _stage(commands, "contrast", _contrast, "comparisons within a data set", "settings")
    contrast.add_argument("--measures", type=Path, nargs="+", required=True)
    agreement = _stage(commands, "agreement", _agreement, "agreement of the metrics on a data set", "settings")
    agreement.add_argument("--measures", type=Path, nargs="+", required=True)
    for reader in (statistics, contrast, agreement):
        reader.add_argument("--areas", type=Path, nargs="*", default=[], help="areas under adversaries' curves, if any")
    tables = _stage(commands, "tables", _tables, "tables of a study", "settings")
    for name in ("statistics", "comparisons", "agreement", "curves"):
        tables.add_argument(f"--{name}", type=Path, nargs="*", default=[])
    tables.add_argument("--runs", type=Path, nargs="*", default=[], help="files in the runs' folders")
    wide = _stage(commands, "wide", _wide, "a study's statistics with a row per model", "settings")
    wide.add_argument("--tables", type=Path, required=True, help="a table of the study; the others lie beside it")
    figure = _stage(commands, "figure", _figure, "one figure", "settings")
    figure.add_argument("--figure", required=True, help="name of the figure")
    figure.add_argument("--tables", type=Path, required=True, help="a table of the study; the others lie beside it")
    for name in ("measures", "texts"):
        figure.add_argument(f"--{name}", type=Path, nargs="*", default=[])
    _stage(commands, "partial", _partial, "tables and figures of what is finished of a study", "plan")
    report = _stage(commands, "report", _report, "the browsable report", "settings")
    report.add_argument("--tables", type=Path, required=True, help="a table of the study; the others lie beside it")
    for name in ("figures", "datasets", "tokens"):
        report.add_argument(f"--{name}", type=Path, nargs="*", default=[])
    return parser


def _people(commands: Any) -> None:
    data = commands.add_parser("data", help="data sets: `data check NAME ...` prints what was understood")
    data_commands = data.add_subparsers(required=True, metavar="command")
    check = data_commands.add_parser("check", help="what was understood of data sets; the SHA-256 of files, to pin")
    check.add_argument("names", nargs="+", metavar="NAME|FILE", help="data set of the registry or the study, or a file")
    check.add_argument("--study", type=Path, help="study file, for its own data sets and its tokeniser")
    check.add_argument("--mirror", type=Path, help="folder with the original files (data_mirror)")
    check.set_defaults(handler=_data_check)
    replication = commands.add_parser("replication", help="page of published numbers beside those of finished studies")
    replication.add_argument("studies", nargs="+", type=Path, metavar="STUDY_FOLDER", help="results/studies/<study>")
    replication.add_argument(
        "--output", type=Path, required=True, help="Markdown file; its csv and figures lie beside it"
    )
    replication.set_defaults(handler=_replication)
    findings = commands.add_parser("findings", help="page of what the models of a finished study cost and gain")
    findings.add_argument("study", type=Path, metavar="STUDY_FOLDER", help="results/studies/<study>")
    findings.add_argument("--output", type=Path, required=True, help="Markdown file; its figures lie beside it")
    findings.add_argument(
        "--part-of", type=Path, nargs="+", default=[], metavar="FILE",
        help="study file (with those laid over it) of which this is a part: the page says what was not run",
    )  # fmt: skip
    findings.set_defaults(handler=_findings)
    compare = commands.add_parser(
        "compare",
        help="what changed between two result sets, beyond noise",
        epilog=f"Exit status: 0 where nothing changed beyond noise, {CHANGED} where something did, 1 for an error.",
    )
    for name, metavar in (("first", "A"), ("second", "B")):
        compare.add_argument(name, type=Path, metavar=metavar, help="results/studies/<study>, or a statistics.parquet")
    compare.add_argument("--output", type=Path, help="Markdown file of all rows; its csv lies beside it")
    compare.set_defaults(handler=_compare)
    of_studies.add(commands)
    recover = commands.add_parser("recover", help="go on after Snakemake was killed: `recover snakemake ARGUMENTS`")
    recover.add_argument("call", nargs=argparse.REMAINDER, metavar="snakemake ARGUMENTS", help="the call to go on with")
    recover.set_defaults(handler=_recover)
    schema = commands.add_parser("schema", help="JSON schemas and reference of the configuration")
    schema.add_argument("--schemas", type=Path, required=True, help="folder to write the schemas to")
    schema.add_argument("--reference", type=Path, required=True, help="Markdown file to write the reference to")
    schema.set_defaults(handler=_schema)


def _stage(commands: Any, name: str, handler: Handler, words: str, *options: str) -> argparse.ArgumentParser:
    parser: argparse.ArgumentParser = commands.add_parser(name, help=f"stage: {words}")
    for option in options:
        if option in ("spec", "settings", "metrics"):
            parser.add_argument(f"--{option}", type=_json, required=True, help="JSON, or a file that holds it")
        elif option == "device":
            parser.add_argument("--device", default="auto", choices=["auto", "cpu", "cuda"])
            parser.add_argument("--tokens-per-batch", type=int, default=4096, help="examples x padded length")
            parser.add_argument("--threads", type=int, default=1)
        else:
            parser.add_argument(f"--{option}", type=Path, required=True)
    parser.add_argument("--code", default="", help="digest of the code this job can reach")
    parser.add_argument("--output", type=Path, required=True)
    parser.set_defaults(handler=handler, stage=name)
    return parser


def _bases(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--bases", type=Path, nargs="*", default=[], help="files of the runs that runs stand on")


def _json(text: str) -> Any:
    return json.loads(text if text.startswith(("{", "[")) else Path(text).read_text(encoding="utf-8"))


def _models(paths: Sequence[Path]) -> dict[str, Path]:
    """The models among files in runs' folders, by run id."""
    return {path.parent.name: path for path in listed(paths) if path.suffix == ".safetensors"}


def _run(stage: str, **options: Any) -> None:
    import_module(f"attnexplain.stages.{stage}").run(**options)


def _data(given: argparse.Namespace) -> None:
    _run("data", spec=given.spec, output=given.output.parent, mirror=_mirror(), provenance={"code": given.code})


def _mirror() -> Path | None:
    named = os.environ.get("ATTNEXPLAIN_DATA_MIRROR")
    return Path(named) if named else None


def _tokenise(given: argparse.Namespace) -> None:
    folders = {"dataset": given.dataset.parent, "output": given.output.parent}
    _run("tokenise", spec=given.spec, **folders, provenance={"code": given.code})


def _train(given: argparse.Namespace) -> None:
    vectors = Path(given.vectors) if given.vectors else None
    _run("train", **_of_run(given, "train"), output=given.output.parent, vectors=vectors)


def _attribute(given: argparse.Namespace) -> None:
    _run(
        "attribute",
        **_of_run(given, "attribute"),
        method=given.method,
        model=given.model,
        output=given.output,
        shard=given.shard,
    )


def _experiment(given: argparse.Namespace) -> None:
    chosen = {"experiment": given.experiment, "model": given.model, "attributions": given.attributions}
    _run("experiment", **_of_run(given, "experiment"), **chosen, output=given.output, shard=given.shard)


def _of_run(given: argparse.Namespace, rule: str) -> dict[str, Any]:
    """What every stage of a run takes; resume state lies under an address of output and code."""
    _compute(given)
    run = given.spec["run"]
    return {
        "spec": given.spec,
        "bases": _models(given.bases),
        "tokens": given.tokens.parent,
        "scratch": Path("scratch") / run / f"{rule}-{given.output.stem}-{given.code or 'none'}",
        "device": given.device,
        "tokens_per_batch": given.tokens_per_batch,
        "provenance": {"run": run, "code": given.code},
    }


def _compute(given: argparse.Namespace) -> None:
    """The cores of this job, and a GPU of its own where it may take one."""
    if given.device != "cpu":
        take_one(os.environ)
    import_module("torch").set_num_threads(given.threads)


def _measure(given: argparse.Namespace) -> None:
    tables = {"tokens": given.tokens, "attributions": given.attributions, "experiments": given.experiments}
    provenance = {"run": given.run, "code": given.code}
    chosen = {"metrics": given.metrics, "disclose": given.disclose}
    _run("measure", **chosen, **tables, output=given.output, provenance=provenance)


def _between(given: argparse.Namespace) -> None:
    _compute(given)
    study, address = given.output.parents[1].name, f"between-{given.output.stem}-{given.code or 'none'}"
    inputs = {"plugins": given.plugins, "models": listed(given.models), "tokens": given.tokens.parent}
    inputs["bases"] = _models(given.bases)
    batching = {"device": given.device, "tokens_per_batch": given.tokens_per_batch, "shard": given.shard}
    places = {"output": given.output, "scratch": Path("scratch") / study / address}
    _run("between", **inputs, **batching, **places, disclose=given.disclose, **_code(given))


def _annotators(given: argparse.Namespace) -> None:
    inputs = {name: getattr(given, name) for name in ("metrics", "dataset", "tokens", "disclose")}
    _run("annotators", **inputs, output=given.output, **_code(given))


def _retest(given: argparse.Namespace) -> None:
    inputs = {"plugins": given.plugins, "attributions": listed(given.attributions), "disclose": given.disclose}
    _run("retest", **inputs, output=given.output, **_code(given))


def _gather(given: argparse.Namespace) -> None:
    _run("gather", files=given.files, output=given.output)


def _statistics(given: argparse.Namespace) -> None:
    inputs = {name: listed(getattr(given, name)) for name in ("measures", "between", "annotators", "areas")}
    _run("statistics", settings=given.settings, **inputs, runs=_RUNS, output=given.output, **_code(given))


def _curve(given: argparse.Namespace) -> None:
    inputs = {"measures": listed(given.measures), "between": listed(given.between), "runs": _RUNS}
    _run("curve", settings=given.settings, **inputs, output=given.output, areas=given.areas, **_code(given))


def _contrast(given: argparse.Namespace) -> None:
    inputs = {"measures": listed(given.measures), "areas": given.areas, "runs": _RUNS}
    _run("contrast", settings=given.settings, **inputs, output=given.output, **_code(given))


def _agreement(given: argparse.Namespace) -> None:
    inputs = {"measures": listed(given.measures), "areas": given.areas, "runs": _RUNS}
    _run("agreement", settings=given.settings, **inputs, output=given.output, **_code(given))


def _tables(given: argparse.Namespace) -> None:
    run_ids = list(dict.fromkeys(path.parent.name for path in listed(given.runs)))
    made = {name: listed(getattr(given, name)) for name in ("statistics", "comparisons", "agreement", "curves")}
    inputs = {**made, "runs": _RUNS, "run_ids": run_ids}
    _run("tables", settings=given.settings, **inputs, output=given.output.parent, **_code(given))


def _wide(given: argparse.Namespace) -> None:
    tables, output = given.tables.parent, given.output.with_suffix("")
    _run("wide", settings=given.settings, tables=tables, output=output, **_code(given))


def _figure(given: argparse.Namespace) -> None:
    inputs = {"tables": given.tables.parent, "measures": listed(given.measures), "texts": given.texts, "runs": _RUNS}
    output = given.output.with_suffix("")
    _run("figure", figure=given.figure, settings=given.settings, **inputs, output=output, **_code(given))


def _partial(given: argparse.Namespace) -> None:
    _run("partial", plan=given.plan, runs=_RUNS, output=given.output, **_code(given))


def _report(given: argparse.Namespace) -> None:
    lists = {name: getattr(given, name) for name in ("figures", "datasets", "tokens")}
    inputs = {"tables": given.tables.parent, "runs": _RUNS}
    _run("report", settings=given.settings, **inputs, **lists, output=given.output, **_code(given))


def _code(given: argparse.Namespace) -> dict[str, Any]:
    return {"provenance": {"code": given.code}}


def _data_check(given: argparse.Namespace) -> None:
    mirror = given.mirror or _mirror()
    for line in import_module("attnexplain.inspection").check(given.names, given.study, mirror):
        sys.stdout.write(f"{line}\n")


def _replication(given: argparse.Namespace) -> None:
    _run("replication_page", studies=given.studies, output=given.output)


def _findings(given: argparse.Namespace) -> None:
    planned = of_studies.dataset_names(given.part_of) if given.part_of else []
    _run("findings", study=given.study, output=given.output, planned=planned)


def _compare(given: argparse.Namespace) -> int:
    found = import_module("attnexplain.stages.compare").run(first=given.first, second=given.second, output=given.output)
    sys.stdout.write(import_module("attnexplain.pages.changes").page(found, shown=20))
    return CHANGED if found.has_changed else 0


def _recover(given: argparse.Namespace) -> int:
    return int(import_module("attnexplain.recovery").recover(given.call))


def _schema(given: argparse.Namespace) -> None:
    import_module("attnexplain.config.schema").write(given.schemas)
    given.reference.write_text(import_module("attnexplain.config.reference").reference(), encoding="utf-8")


_RUNS = Path("results") / "runs"
