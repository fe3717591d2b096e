"""The plan of a study: which jobs there are, what each is given, and which code each can reach.

Rules ask the plan through its methods, which are input and params functions of Snakemake: they take the wildcards.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache, cached_property
from pathlib import Path
from typing import Any

from attnexplain import registry
from attnexplain.config.load import LoadedStudy
from attnexplain.config.plugins import Plugin, canonical
from attnexplain.errors import ConfigError
from attnexplain.plan import sources
from attnexplain.plan.annotators import AnnotatorsPlan
from attnexplain.plan.between import ATTRIBUTIONS, MODELS, BetweenPlan
from attnexplain.plan.combinations import refusals
from attnexplain.plan.curves import CurvesPlan
from attnexplain.plan.examples import example_files
from attnexplain.plan.grid import (
    Point,
    base_files,
    bases,
    chain,
    companion_modules,
    model_modules,
    points,
    run_spec,
    slug,
)
from attnexplain.plan.identity import dataset_identity, digest, plugin_identity, run_id
from attnexplain.plan.training_options import TrainingOptions
from attnexplain.privacy import OPEN
from attnexplain.provenance import Sources

REFERENCE = Path(__file__).parent.parent / "reference"
PAGE = Path(__file__).parent.parent / "figures" / "report" / "template.html"
SPLITS = ("train", "dev", "test")
FIGURE_FORMATS = ("svg", "png", "csv")
WIDE_FORMATS = ("csv", "md", "tex")
TABLES = ("runs", "statistics", "comparisons", "gains", "agreement", "curves", "replication")


@dataclass(frozen=True)
class PlannedDataset:
    """A data set of the study: its folder and specification, or the reason why it is missing."""

    name: str
    limits: dict[str, int | None]
    spec: dict[str, Any] | None
    missing_reason: str | None

    @cached_property
    def folder(self) -> str:
        """Name of its folder under `resources/datasets`."""
        return sources.folder(self.name, dataset_identity(self.spec or {}))


class StudyPlan:
    """All jobs of one study."""

    def __init__(self, loaded: LoadedStudy, code: Sources, mirror: Path | None) -> None:
        self.loaded, self.study, self._code, self.mirror = loaded, loaded.study, code, mirror
        changed = f"+{digest(loaded.changed, 6)}" if loaded.changed else ""
        self.name = f"{loaded.study.study}{changed}"
        self.folder = f"results/studies/{self.name}"
        self._training = TrainingOptions(loaded)
        # Of all jobs of a run one text: it is made once, and takes room once.
        self._run_text = cache(lambda run: canonical(self.trained[run]))
        self.datasets = {name: self._dataset(name) for name in self.study.dataset_names}
        self.runs: dict[str, dict[str, Any]] = {}
        self.missing: list[dict[str, Any]] = []
        for point in points(self.study):
            self._plan_point(point)
        if not self.runs and not self.missing:
            raise ConfigError(f"{loaded.where}: the study plans no run: its grid, `exclude` and `seeds` leave none")

    # --- What there is

    @cached_property
    def trained(self) -> dict[str, dict[str, Any]]:
        """Specifications by run id of all that is trained: the study's runs, and those that they stand on.

        A base that the grid lacks is trained and no more: it is neither explained nor measured, and no table has it.
        """
        below = {base["run"]: base for spec in self.runs.values() for base in bases(spec)}
        return {**below, **self.runs}

    @cached_property
    def methods(self) -> dict[str, Plugin]:
        """Attribution methods by id."""
        return {plugin.id: plugin for plugin in self.study.methods}

    @cached_property
    def attributing(self) -> dict[str, Plugin]:
        """Attribution methods by id: those of the study, and those that its experiments read.

        What an experiment reads and the study lacks is computed and no more: no measure has it by itself.
        """
        read = {plugin.id: plugin for experiment in self.study.experiments for plugin in _read(experiment)}
        return {**read, **self.methods}

    @cached_property
    def experiments(self) -> dict[str, Plugin]:
        """Experiments on attention by id."""
        return {plugin.id: plugin for plugin in self.study.experiments}

    @cached_property
    def between(self) -> BetweenPlan:
        """Measures between runs that read models."""
        return self._between(MODELS, "between")

    @cached_property
    def retest(self) -> BetweenPlan:
        """Measures between runs that read attributions."""
        return self._between(ATTRIBUTIONS, "retest")

    @cached_property
    def annotators(self) -> AnnotatorsPlan:
        """Annotators of evidence against each other."""
        return AnnotatorsPlan(self.study, self.folder, self.runs, self.tokens_folder, self._code)

    @cached_property
    def curves(self) -> CurvesPlan:
        """Curves of the models that trained adversaries attack."""
        return CurvesPlan(self.study, self.folder, self.runs, self.between.table)

    def _between(self, reads: str, folder: str) -> BetweenPlan:
        return BetweenPlan(self.study, reads, f"{self.folder}/{folder}", self.runs, self.tokens_folder, self._code)

    @cached_property
    def figures(self) -> list[str]:
        """Figures of every study."""
        return sorted(registry.targets("figure"))

    @cached_property
    def dataset_folders(self) -> dict[str, PlannedDataset]:
        """Data sets that are not missing, by the name of their folder."""
        return {planned.folder: planned for planned in self.datasets.values() if planned.spec}

    @cached_property
    def open_data(self) -> str:
        """Pattern of the data sets that workflows may share: open ones, all of whose files are pinned."""
        return _any_of(folder for folder, planned in self.dataset_folders.items() if self._is_open(planned))

    @cached_property
    def own_data(self) -> str:
        """Pattern of the data sets that no other workflow may see: credentialed ones, and a user's own files."""
        return _any_of(folder for folder, planned in self.dataset_folders.items() if not self._is_open(planned))

    @cached_property
    def tokens_folders(self) -> dict[str, dict[str, Any]]:
        """Tokeniser specifications by `<data set folder>/<tokeniser folder>`."""
        return {self.tokens_folder(spec): spec["tokeniser"] for spec in self.runs.values()}

    @cached_property
    def run_datasets(self) -> list[str]:
        """Names of the data sets that have runs."""
        return list(dict.fromkeys(spec["slug"]["dataset"] for spec in self.runs.values()))

    def tokens_folder(self, spec: dict[str, Any]) -> str:
        """`sst-1a2b3c4d/word-5e6f7a8b` of a run."""
        return self._tokens_of[spec["slug"]["dataset"]]

    @cached_property
    def _tokens_of(self) -> dict[str, str]:
        """Folder of the tokens of each data set that is not missing: all its runs read the same."""
        found = {}
        for name, planned in self.datasets.items():
            if planned.spec:
                tokeniser = self.loaded.settings[name].tokeniser
                found[name] = f"{planned.folder}/{sources.folder(tokeniser.name, plugin_identity(tokeniser.spec()))}"
        return found

    def targets(self, wildcards: Any = None) -> list[str]:
        """Final files of the study."""
        tables = [f"{self.folder}/tables/{table}.{kind}" for table in TABLES for kind in ("parquet", "csv")]
        return [*tables, *self.wide_tables(), *self.figure_files(), f"{self.folder}/report.zip"]

    def wide_tables(self, wildcards: Any = None) -> list[str]:
        """The statistics as tables for people and programs that read a row per model."""
        return [f"{self.folder}/tables/wide.{kind}" for kind in WIDE_FORMATS]

    def figure_files(self, wildcards: Any = None) -> list[str]:
        """Every figure in every format."""
        return [f"{self.folder}/figures/{name}.{kind}" for name in self.figures for kind in FIGURE_FORMATS]

    def figure_images(self, wildcards: Any = None) -> list[str]:
        """Every figure as svg."""
        return [f"{self.folder}/figures/{name}.svg" for name in self.figures]

    # --- Inputs

    def unregistered_files(self, wildcards: Any) -> list[str]:
        """Inputs of a data job: a user's files that have no registered digest."""
        return sources.unregistered_files(self._planned(wildcards.dataset)["source"], self.mirror)

    def splits(self, wildcards: Any) -> list[str]:
        """Canonical Parquet of a data set."""
        return [f"resources/datasets/{wildcards.dataset}/{split}.parquet" for split in SPLITS]

    def tokens(self, wildcards: Any) -> list[str]:
        """Tokens that a run reads."""
        folder = f"resources/tokens/{self.tokens_folder(self.trained[wildcards.run])}"
        return [f"{folder}/{split}.parquet" for split in SPLITS]

    def vocabulary(self, wildcards: Any) -> str:
        """Vocabulary that a run reads."""
        return f"resources/tokens/{self.tokens_folder(self.trained[wildcards.run])}/vocabulary.json"

    def test_tokens(self, wildcards: Any) -> str:
        """Tokens of the test split that a run is explained on."""
        return f"resources/tokens/{self.tokens_folder(self.trained[wildcards.run])}/test.parquet"

    def train_tokens(self, wildcards: Any) -> list[str]:
        """Tokens of the train split, for an experiment that is fitted on it; nothing for others."""
        if "train" not in self.experiments[wildcards.experiment].facts["needs"]:
            return []
        return [f"resources/tokens/{self.tokens_folder(self.runs[wildcards.run])}/train.parquet"]

    def class_list(self, wildcards: Any) -> list[str]:
        """Where a run finds its classes, if they are left to the data; nothing if the data set names them."""
        spec = self.trained[wildcards.run]
        folder = f"resources/tokens/{self.tokens_folder(spec)}"
        return [f"{folder}/statistics.json"] if spec["dataset"]["classes"] is None else []

    def base_files(self, wildcards: Any) -> list[str]:
        """Specification and model of each run that a run stands on."""
        return base_files(self.trained[wildcards.run])

    def attributions(self, wildcards: Any) -> list[str]:
        """Attributions of a run by every method of the study."""
        return [f"results/runs/{wildcards.run}/attributions/{method}.parquet" for method in self.methods]

    def experiment_attributions(self, wildcards: Any) -> list[str]:
        """Attributions of a run that an experiment reads; nothing for most."""
        methods = [plugin.id for plugin in _read(self.experiments[wildcards.experiment])]
        return [f"results/runs/{wildcards.run}/attributions/{method}.parquet" for method in methods]

    def experiment_tables(self, wildcards: Any) -> list[str]:
        """Tables of a run of every experiment of the study; of those about its base, where it has one."""
        based = self.runs[wildcards.run]["base"] is not None
        asked = [name for name, one in self.experiments.items() if based or "base" not in one.facts["needs"]]
        return [f"results/runs/{wildcards.run}/experiments/{name}.parquet" for name in asked]

    def measures(self, wildcards: Any = None) -> list[str]:
        """Measures of every run of the study, or of one data set's where the job is for one."""
        name = getattr(wildcards, "dataset", None)
        runs = [run for run, spec in self.runs.items() if name in (None, spec["slug"]["dataset"])]
        return [f"{self.folder}/measures/{run}.parquet" for run in runs]

    def predictions(self, wildcards: Any) -> list[str]:
        """Predictions of every run of one data set."""
        runs = [run for run, spec in self.runs.items() if spec["slug"]["dataset"] == wildcards.dataset]
        return [f"results/runs/{run}/predictions.parquet" for run in runs]

    def statistics(self, wildcards: Any = None) -> list[str]:
        """Statistics of every data set of the study that has runs."""
        return [f"{self.folder}/statistics/{name}.parquet" for name in self.run_datasets]

    def comparisons(self, wildcards: Any = None) -> list[str]:
        """Comparisons within every data set of the study that has runs."""
        return [f"{self.folder}/comparisons/{name}.parquet" for name in self.run_datasets]

    def agreement(self, wildcards: Any = None) -> list[str]:
        """Agreement of the metrics on every data set of the study that has runs."""
        return [f"{self.folder}/agreement/{name}.parquet" for name in self.run_datasets]

    def curve_tables(self, wildcards: Any = None) -> list[str]:
        """Curves of every data set of the study with trained adversaries."""
        return [path for name in self.run_datasets for path in self.curves.table(name)]

    def reads_measures(self, wildcards: Any) -> bool:
        """Whether a figure reads the measures of the runs; others are drawn from tables alone."""
        return bool({"measures", "experiments"} & set(registry.facts("figure", wildcards.figure)["reads"]))

    def figure_texts(self, wildcards: Any) -> list[str]:
        """Attributions and experiments of single runs, for the figures that show texts."""
        about = registry.facts("figure", wildcards.figure)
        if "texts" not in about["reads"]:
            return []
        names = {key: plugin.name for key, plugin in self.experiments.items()}
        return example_files(self.runs, names, self.methods, about["texts"]["experiments"])

    def dataset_files(self, wildcards: Any = None) -> list[str]:
        """`dataset.json` of every data set with runs."""
        return [f"resources/datasets/{self.datasets[name].folder}/dataset.json" for name in self.run_datasets]

    def tokens_statistics(self, wildcards: Any = None) -> list[str]:
        """Statistics of the splits of every data set with runs."""
        return [f"resources/tokens/{folder}/statistics.json" for folder in sorted(self.tokens_folders)]

    # --- Params: canonical JSON texts, since Snakemake ignores params of other types and misses two values swapped

    def dataset_spec(self, wildcards: Any) -> str:
        """Specification of a data set."""
        return canonical(self._planned(wildcards.dataset))

    def tokens_spec(self, wildcards: Any) -> str:
        """Specification of the tokens of a data set."""
        tokeniser = self.tokens_folders[f"{wildcards.dataset}/{wildcards.tokeniser}"]
        return canonical({"dataset": self.dataset_folders[wildcards.dataset].name, "tokeniser": tokeniser})

    def run_spec(self, wildcards: Any) -> str:
        """Specification of a run."""
        return self._run_text(wildcards.run)

    def method_spec(self, wildcards: Any) -> str:
        """Specification of an attribution method."""
        return canonical(self.attributing[wildcards.method].spec())

    def experiment_spec(self, wildcards: Any) -> str:
        """Specification of an experiment."""
        return canonical(self.experiments[wildcards.experiment].spec())

    def metrics_spec(self, wildcards: Any) -> str:
        """Specifications of the study's metrics."""
        return canonical([metric.spec() for metric in self.study.metrics])

    def disclosure(self, wildcards: Any) -> str:
        """The option by which a run's measures keep the identifiers of a credentialed data set."""
        return "--disclose" if self.runs[wildcards.run]["slug"]["dataset"] in self.study.disclose else ""

    def statistics_settings(self, wildcards: Any) -> str:
        """What the statistics of a data set need to know of the study."""
        curve = self.curves.options(wildcards)
        return canonical({**self._naming(), **self._inference(), **self._measured(), **curve})

    def curve_settings(self, wildcards: Any) -> str:
        """What the curves of a data set need to know of the study."""
        return canonical({**self._naming(), **self._inference(), **self.curves.settings()})

    def contrast_settings(self, wildcards: Any) -> str:
        """What the comparisons within a data set need to know of the study."""
        used = {name: [one.spec() for one in getattr(self.study, name)] for name in ("metrics", "experiments")}
        more = {"compare": self.study.statistics.compare, **self.curves.options(wildcards)}
        more |= {"reference": self.study.statistics.reference} if self.study.statistics.reference else {}
        return canonical({**self._naming(), **self._inference(), **used, **more})

    def agreement_settings(self, wildcards: Any) -> str:
        """What the agreement of the metrics on a data set needs to know of the study."""
        ranking = {name: spec for name, spec in self._measured().items() if name in ("metrics", "experiments")}
        return canonical({**self._naming(), "bootstrap": self.study.statistics.bootstrap, **ranking})

    def tables_settings(self, wildcards: Any = None) -> str:
        """What the tables need to know of the study."""
        used: dict[str, Any] = {"missing": self.missing, "family": self.study.statistics.family}
        used |= {"differs": self._differs(), "vectors": self._vectors()}
        return canonical({**self._naming(), **self._measured(), **used})

    def figure_settings(self, wildcards: Any = None) -> str:
        """What a figure and the report need to know of the study."""
        return canonical({**self._naming(), "display": self.study.display.model_dump(mode="json")})

    # --- Resources: how and from where, never identity; Snakemake does not track them

    def vectors_file(self, wildcards: Any) -> str:
        """Where a run's word vectors lie; empty without vectors."""
        found = self._vectors_file(self.trained[wildcards.run]["slug"]["dataset"])
        return str(found.resolve()) if found else ""

    # --- Code digests

    def data_code(self, wildcards: Any) -> str:
        """Code of a data job."""
        reader = self._planned(wildcards.dataset)["source"].get("reader")
        return self._digest("data", [registry.module("reader", reader["name"])] if reader else [])

    def tokens_code(self, wildcards: Any) -> str:
        """Code of a tokenise job."""
        name = self.tokens_folders[f"{wildcards.dataset}/{wildcards.tokeniser}"]["name"]
        return self._digest("tokenise", [registry.module("tokeniser", name)])

    def train_code(self, wildcards: Any) -> str:
        """Code of a training job."""
        return self._digest("train", self._model_modules(wildcards))

    def attribute_code(self, wildcards: Any) -> str:
        """Code of an attribution job."""
        method = self.attributing[wildcards.method]
        beside = companion_modules(self.runs[wildcards.run], method.facts["needs"])
        return self._digest("attribute", [*self._model_modules(wildcards), *beside, method.module])

    def experiment_code(self, wildcards: Any) -> str:
        """Code of an experiment job."""
        return self._digest(
            "experiment", [*self._model_modules(wildcards), self.experiments[wildcards.experiment].module]
        )

    def measure_code(self, wildcards: Any) -> str:
        """Code of a measure job."""
        return self._digest("measure", [metric.module for metric in self.study.metrics])

    def figure_code(self, wildcards: Any) -> str:
        """Code of a figure job."""
        return self._digest("figure", [registry.module("figure", wildcards.figure)])

    def inference_code(self, stage: str) -> str:
        """Code of a stage that loads the study's kind of interval."""
        return self._digest(stage, [self.study.statistics.interval.module])

    def stage_code(self, stage: str) -> str:
        """Code of a stage that loads no plug-in."""
        return self._digest(stage, [])

    def code_of(self, stage: str, plugins: Iterable[str]) -> str:
        """Code of a stage that loads the plug-ins in these modules."""
        return self._digest(stage, plugins)

    @cached_property
    def reference_digest(self) -> str:
        """Digest of the published numbers, which stand beside the code as csv."""
        return digest([self._code.file_digest(path) for path in sorted(REFERENCE.glob("*.csv"))], 12)

    @cached_property
    def page_digest(self) -> str:
        """Digest of what the report reads beside its code: the page's template and published split sizes."""
        files = [PAGE, *sorted(REFERENCE.glob("*.csv"))]
        return digest([self._code.file_digest(path) for path in files], 12)

    def _digest(self, stage: str, plugins: Iterable[str]) -> str:
        return self._code.code_digest([f"attnexplain.stages.{stage}", *plugins])

    def _model_modules(self, wildcards: Any) -> list[str]:
        return model_modules(self.trained[wildcards.run])

    def _is_open(self, planned: PlannedDataset) -> bool:
        spec = planned.spec or {}
        return spec["access"] == OPEN and not sources.unregistered_files(spec["source"], self.mirror)

    def _planned(self, folder: str) -> dict[str, Any]:
        return self.dataset_folders[folder].spec or {}

    def _naming(self) -> dict[str, Any]:
        return {"study": self.name, "confidence": self.study.statistics.confidence}

    def _inference(self) -> dict[str, Any]:
        """How means are given intervals and tested."""
        chosen = self.study.statistics
        return {"interval": chosen.interval.name, "bootstrap": chosen.bootstrap, "margins": chosen.margins}

    def _measured(self) -> dict[str, Any]:
        """Specifications of all that gives measures; of experiments also what their FACTS ask of the statistics."""
        used = {"metrics": self.study.metrics, "between": self.study.between}
        specs: dict[str, Any] = {family: [plugin.spec() for plugin in plugins] for family, plugins in used.items()}
        specs["methods"] = list(self.methods)
        return {**specs, "experiments": [{**one.spec(), **_asked(one.facts)} for one in self.study.experiments]}

    def _differs(self) -> dict[str, str]:
        """In what the copies of the data differ from the published ones, where they do."""
        found: dict[str, str] = {}
        for name, planned in self.datasets.items():
            if planned.spec:
                source = getattr(self.loaded.registry[name].sources, planned.spec["source"]["kind"])
                found |= {name: source.differs} if source.differs else {}
        return found

    def _vectors(self) -> dict[str, dict[str, Any]]:
        """Name and size of the word vectors of the study's runs, by the digest that stands in their specifications."""
        files = [self._vectors_file(name) for name in self.run_datasets]
        return {self._code.file_digest(path): sources.about_vectors(path) for path in files if path}

    def _dataset(self, name: str) -> PlannedDataset:
        entry = self.loaded.registry[name]
        limits = self.loaded.settings[name].limits.model_dump(mode="json")
        source, reason = sources.choose(entry, self.mirror)
        spec = sources.dataset_spec(name, entry, source, limits) if source else None
        return PlannedDataset(name, limits, spec, reason)

    def _plan_point(self, point: Point) -> None:
        planned = self.datasets[point[0]]
        if planned.spec is None:
            reason = {"seed": point[-1], "missing_reason": planned.missing_reason}
            self.missing.append({**slug(point, planned.limits), **reason})
            return
        spec = self._spec(chain(point), planned.spec)
        self.runs[spec["run"]] = spec

    def _spec(self, down: list[Point], dataset: dict[str, Any]) -> dict[str, Any]:
        """Specification of the first of a chain of runs, which stand on each other."""
        point, below = down[0], down[1:]
        vectors = self._vectors_file(point[0])
        base = self._spec(below, dataset) if below else None
        digested = self._code.file_digest(vectors) if vectors else None
        spec = run_spec(point, self.loaded, dataset, self._training.of(point), digested, base)
        self._refuse_impossible(spec, vectors)
        return {**spec, "run": run_id(spec)}

    def _refuse_impossible(self, spec: dict[str, Any], vectors: Path | None) -> None:
        if not spec["regulariser"]:
            return
        size = sources.about_vectors(vectors)["size"] if vectors else spec["training"]["embedding_size"]
        for reason in refusals(spec, size):
            model = ", ".join(f"{axis}: {spec[axis]['name']}" for axis in ("encoder", "attention"))
            raise ConfigError(
                f"{self.loaded.where}: grid ({model}, data set {spec['slug']['dataset']}): {reason};"
                " or leave the point out with `exclude`"
            )

    def _vectors_file(self, dataset: str) -> Path | None:
        path = self.loaded.settings[dataset].vectors
        found = sources.find(path, self.mirror) if path else None
        if path and (found is None or not found.is_file()):
            looked = f"data_mirror ({self.mirror})" if self.mirror else "data_mirror (none is set)"
            where = f"under {looked} or in the working directory"
            raise ConfigError(f"{self.loaded.where}: vectors of {dataset!r}: no file {path!r} {where}")
        return found


def _read(experiment: Plugin) -> list[Plugin]:
    """Attribution methods whose scores an experiment reads."""
    return [plugin for plugins in experiment.reads.values() for plugin in plugins]


def _asked(facts: dict[str, Any]) -> dict[str, Any]:
    """What an experiment asks of the statistics: quantiles, McNemar's test, and tests of means against a null."""
    nulls = {name: about["null"] for name, about in facts["columns"].items() if "null" in about}
    return {"by": facts.get("by"), "mcnemar": facts.get("mcnemar"), "nulls": nulls}


def _any_of(names: Iterable[str]) -> str:
    """A pattern that matches these names alone."""
    return "|".join(re.escape(name) for name in names) or "(?!)"
