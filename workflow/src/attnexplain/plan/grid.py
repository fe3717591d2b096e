"""The grid of a study, expanded to its runs: data set x encoder x attention x regulariser x control x seed.

A plug-in with a `base` makes its run stand on another: the grid point that has the base's axes, and the run's own where
the base says nothing. So data set and seed are always the run's own, and the control too unless the base names one: of
shuffled labels both see the same shuffled labels, and an untrained run stands on an untrained one.
"""

from collections.abc import Iterable, Iterator, Mapping
from itertools import product
from typing import Any

from attnexplain import registry
from attnexplain.config.load import LoadedStudy
from attnexplain.config.plugins import Plugin
from attnexplain.config.study import Block, Exclusion, Scorer, Study, Training
from attnexplain.errors import ConfigError
from attnexplain.plan.identity import dataset_identity, limits_text, run_name

MODEL_AXES = ("encoder", "attention", "normaliser")
Point = tuple[str, Plugin, Scorer, tuple[Plugin, ...], str, int]


def points(study: Study) -> Iterator[Point]:
    """Every grid point of the union of the blocks, once, without the excluded ones, in the study's order."""
    seen: set[Any] = set()
    for block in study.grid:
        for point in block_points(study, block):
            key = point_key(point)
            if key not in seen and not any(_excluded(point, exclusion) for exclusion in study.exclude):
                seen.add(key)
                yield point


def point_key(point: Point) -> Any:
    """What tells one grid point from another; it can be hashed."""
    dataset, encoder, scorer, regularisers, control, seed = point
    return dataset, encoder, scorer.attention, scorer.normaliser, regularisers, control, seed


def base_point(point: Point) -> Point | None:
    """The grid point that a run stands on; None for the others."""
    dataset, encoder, scorer, regularisers, control, seed = point
    carriers = [one for one in (encoder, scorer.attention, scorer.normaliser, *regularisers) if one.base is not None]
    found: dict[Any, Point] = {}
    for base in (one.base for one in carriers if one.base is not None):
        own = Scorer(
            attention=base.attention or scorer.attention,
            normaliser=base.normaliser or scorer.normaliser,
        )
        combined = regularisers if base.regulariser is None else base.regulariser
        below = (dataset, base.encoder or encoder, own, combined, base.control or control, seed)
        found[point_key(below)] = below
    if len(found) > 1:
        names = " and ".join(repr(one.name) for one in carriers)
        raise ConfigError(f"grid: {names} of one run stand on different bases; a run stands on one other at most")
    return next(iter(found.values()), None)


def chain(point: Point) -> list[Point]:
    """A run's point, the one that it stands on, and so on down; a cycle is refused."""
    found, keys = [point], [point_key(point)]
    while (below := base_point(found[-1])) is not None:
        found.append(below)
        if point_key(below) in keys:
            names = " -> ".join(point_name(one) for one in found)
            raise ConfigError(
                f"grid: a run stands on itself: {names}. The axes that a `base` leaves out are the run's own; name the"
                " attention, or the regulariser (`none`), of the base"
            )
        keys.append(point_key(below))
    return found


def point_name(point: Point) -> str:
    """The readable part of the id of a point's run."""
    return run_name(slug(point, {}), point[-1])


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


def run_spec(
    point: Point,
    loaded: LoadedStudy,
    dataset: dict[str, Any],
    training: Training,
    vectors: str | None,
    base: dict[str, Any] | None = None,
) -> dict[str, Any]:
    """The specification of a run, without its id; `base` is that of the run it stands on, whole."""
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
        "training": training.model_dump(mode="json"),
        "seed": seed,
        # No identity: who may read a run's files.
        "access": dataset["access"],
        "base": base,
    }


def model_modules(spec: Mapping[str, Any]) -> list[str]:
    """Dotted names of the files that implement the plug-ins a run's model is made of, and those of its bases."""
    modules = []
    for one in (spec, *bases(spec)):
        modules += [registry.module(axis, one[axis]["name"]) for axis in MODEL_AXES]
        modules += [registry.module("regulariser", plugin["name"]) for plugin in one["regulariser"]]
    return modules


def bases(spec: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Specifications of the run that a run stands on, of the one below that, and so on."""
    found: list[dict[str, Any]] = []
    base = spec["base"]
    while base is not None:
        found.append(base)
        base = base["base"]
    return found


def base_files(spec: Mapping[str, Any]) -> list[str]:
    """Specification and model of each of a run's bases."""
    return [f"results/runs/{one['run']}/{file}" for one in bases(spec) for file in ("spec.json", "model.safetensors")]


def companion_modules(spec: Mapping[str, Any], needs: Iterable[str]) -> list[str]:
    """Files beside the run's encoder that a method which `needs` them loads."""
    name = spec["encoder"]["name"]
    families = sorted(set(needs) & set(registry.COMPANIONS))
    return [registry.module(family, name) for family in families if name in registry.targets(family)]


def block_points(study: Study, block: Block) -> Iterator[Point]:
    """Every grid point of a block, also those that the study excludes."""
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
