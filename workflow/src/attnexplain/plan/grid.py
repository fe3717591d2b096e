"""The grid of a study, expanded to its runs: data set x encoder x attention x regulariser x control x seed."""

from collections.abc import Iterable, Iterator, Mapping
from itertools import product
from typing import Any

from attnexplain import registry
from attnexplain.config.load import LoadedStudy
from attnexplain.config.plugins import Plugin
from attnexplain.config.study import Block, Exclusion, Scorer, Study
from attnexplain.plan.identity import dataset_identity, limits_text

MODEL_AXES = ("encoder", "attention", "normaliser")
Point = tuple[str, Plugin, Scorer, tuple[Plugin, ...], str, int]


def points(study: Study) -> Iterator[Point]:
    """Every grid point of the union of the blocks, once, without the excluded ones, in the study's order."""
    seen: set[Any] = set()
    for block in study.grid:
        for point in _block_points(study, block):
            dataset, encoder, scorer, regularisers, control, seed = point
            key = (dataset, encoder, scorer.attention, scorer.normaliser, regularisers, control, seed)
            if key not in seen and not any(_excluded(point, exclusion) for exclusion in study.exclude):
                seen.add(key)
                yield point


def slug(point: Point, limits: dict[str, int | None]) -> dict[str, str]:
    """The point as identifiers: the columns of the tables."""
    dataset, encoder, scorer, regularisers, control, _ = point
    return {
        "dataset": dataset,
        "limits": limits_text(limits),
        "encoder": encoder.id,
        "attention": scorer.attention.id,
        "normaliser": scorer.normaliser.id,
        "regulariser": "+".join(sorted(plugin.id for plugin in regularisers)) or "none",
        "control": control,
    }


def run_spec(point: Point, loaded: LoadedStudy, dataset: dict[str, Any], vectors: str | None) -> dict[str, Any]:
    """The specification of a run, without its id."""
    name, encoder, scorer, regularisers, control, seed = point
    settings = loaded.settings[name]
    # The data set's own options change what is built, not what the variant is called.
    built = {"encoder": encoder.updated(settings.encoder), "attention": scorer.attention.updated(settings.attention)}
    return {
        "slug": slug(point, dataset["limits"]),
        # Its title, licence and paths are no part of a run: editing them must not retrain anything.
        "dataset": dataset_identity(dataset),
        "tokeniser": settings.tokeniser.spec(),
        "vectors": vectors and {"sha256": vectors},
        "encoder": {**built["encoder"].spec(), "id": encoder.id},
        "attention": {**built["attention"].spec(), "id": scorer.attention.id},
        "normaliser": scorer.normaliser.spec(),
        "regulariser": [plugin.spec() for plugin in regularisers],
        "control": control,
        "training": settings.training.model_dump(mode="json"),
        "seed": seed,
        # No identity: who may read a run's files.
        "access": dataset["access"],
        "base": None,
    }


def model_modules(spec: Mapping[str, Any]) -> list[str]:
    """Dotted names of the files that implement the plug-ins a run's model is made of."""
    modules = [registry.module(axis, spec[axis]["name"]) for axis in MODEL_AXES]
    return modules + [registry.module("regulariser", plugin["name"]) for plugin in spec["regulariser"]]


def companion_modules(spec: Mapping[str, Any], needs: Iterable[str]) -> list[str]:
    """Files beside the run's encoder that a method which `needs` them loads."""
    name = spec["encoder"]["name"]
    families = sorted(set(needs) & set(registry.COMPANIONS))
    return [registry.module(family, name) for family in families if name in registry.targets(family)]


def _block_points(study: Study, block: Block) -> Iterator[Point]:
    datasets = [name for name in study.dataset_names if block.datasets is None or name in block.datasets]
    seeds = [seed for seed in study.seeds if block.seeds is None or seed in block.seeds]
    axes = (datasets, block.encoder, block.attention, block.regulariser, ["none", *study.controls], seeds)
    yield from product(*axes)


def _excluded(point: Point, exclusion: Exclusion) -> bool:
    dataset, encoder, scorer, regularisers, control, seed = point
    names: dict[str, set[Any]] = {
        "dataset": {dataset},
        "encoder": {encoder.name},
        "attention": {scorer.attention.name},
        "normaliser": {scorer.normaliser.name},
        "regulariser": {plugin.name for plugin in regularisers} or {"none"},
        "control": {control},
        "seed": {seed},
    }
    wanted = exclusion.model_dump(exclude_none=True)
    return bool(wanted) and all(value in names[axis] for axis, value in wanted.items())
