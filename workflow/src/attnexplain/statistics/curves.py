"""Curves of attacked models: mean distance of predictions and mean divergence of attentions, attack by attack.

As in Wiegreffe and Pinter (2019), figure 5: trained adversaries over lambda, other seeds, uniform attention (imposed at
test, or trained with) and adversaries found post hoc, all beside one model. What is attacked is the run that an
adversary stands on, whatever regulariser that has; adversary and base pair up by seed, text by text. A point is a pair
of means over the same texts and seeds, those that have both numbers, each with the study's kind of interval; of seeds,
which are pairs, the interval is that of `statistics/jackknife.py`.

The area is that under the frontier of the trained adversaries (`statistics/frontier.py`). It is of the points that pool
the seeds that every adversary of the model has, over the texts that all of them have a value for.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from attnexplain.attacks import DISTANCE, divergence, is_adversary, is_uniform_twin
from attnexplain.errors import ResultError
from attnexplain.identifiers import base_name
from attnexplain.metrics.ragged import Floats
from attnexplain.statistics.between import ONE_SEED, Pairs, summary
from attnexplain.statistics.cells import Row, Run, empty
from attnexplain.statistics.frontier import corners, linearised, pooled
from attnexplain.statistics.inference import Inference
from attnexplain.statistics.performance import has_labels, per_seed
from attnexplain.statistics.ranked import model_id
from attnexplain.tables import curves as table
from attnexplain.tables.statistics import CELL

UNIFORM = "uniform-at-test"
# Experiment on the model attacked -> what it is called, and the column of its divergence; `tvd` is its distance.
ON_THE_BASE = {
    UNIFORM: (table.UNIFORM, "jsd"),
    "adversary": (table.SEARCH, "jsd_max"),
    "adversary-exact": (table.EXACT, "jsd_found"),
}
READ = {DISTANCE, *ON_THE_BASE}
NO_UNIFORM = f"its divergence is measured by the experiment {UNIFORM}, which the study lacks"
NO_SEED = "no seed has every adversary of this model"

Cell = tuple[str, ...]


@dataclass(frozen=True)
class Attacked:
    """A model with what there is beside it: runs ordered by seed. `own` is empty where the study measures it not."""

    axes: Mapping[str, str]
    own: Sequence[Run]
    adversaries: Mapping[str, Sequence[Run]]  # by the model that was trained
    uniform: Sequence[Run]  # the same trained with uniform attention


@dataclass(frozen=True)
class Area:
    """Linearised values (S, N) of the seeds that count, or why there are none; the adversaries that are corners."""

    seeds: Sequence[int]
    values: Floats
    corners: frozenset[str]
    reason: str | None


def attacked(runs: Iterable[Run]) -> list[Attacked]:
    """The models that adversaries among `runs` of one data set stand on, by their cell."""
    ordered = sorted(runs, key=lambda run: int(run.spec["seed"]))
    _refuse_others(ordered)
    against: dict[Cell, dict[str, list[Run]]] = defaultdict(lambda: defaultdict(list))
    slugs: dict[Cell, Mapping[str, Any]] = {}
    for run in (run for run in ordered if is_adversary(run.spec)):
        cell = _cell(run.spec["base"])
        slugs[cell] = run.spec["base"]
        against[cell][model_id(run.spec["slug"])].append(run)
    return [
        Attacked(
            dict(zip(CELL, cell, strict=True)),
            [run for run in ordered if _cell(run.spec) == cell],
            dict(sorted(against[cell].items(), key=_by_lambda)),
            [run for run in ordered if is_uniform_twin(run.spec, slugs[cell])],
        )
        for cell in sorted(against)
    ]


def curve_rows(
    found: Attacked, pairs: Mapping[str, tuple[Pairs, Pairs] | None], to: float, inference: Inference
) -> Iterator[Row]:
    """Rows of the table `curves` of one model. `pairs`: distances and divergences of its seeds by plug-in id."""
    under = area(found, to)
    for name, runs in found.adversaries.items():
        about = {"kind": table.TRAINED, "attack": name, "lambda": divergence(runs[0].spec), "accuracy": accuracy(runs)}
        about["is_corner"] = name in under.corners
        yield {**found.axes, **about, **point(*_distances(runs, DISTANCE, "jsd"), inference)}
    for name, both in pairs.items():
        about = {"kind": table.SEED, "attack": name, "accuracy": accuracy(found.own)}
        yield {**found.axes, **about, **_of_seeds(both, inference.confidence)}
    for experiment, (kind, column) in ON_THE_BASE.items():
        for name in variants(found.own, experiment):
            yield {**found.axes, "kind": kind, "attack": name, **point(*_distances(found.own, name, column), inference)}
    if found.own and found.uniform:
        yield {**found.axes, **_uniform_trained(found, inference)}
    yield {**found.axes, "kind": table.AREA, "to": to, **_area_row(under, inference)}


def area(found: Attacked, to: float) -> Area:
    """The area under the curve of a model's trained adversaries."""
    seeds = sorted(set.intersection(*({run.spec["seed"] for run in runs} for runs in found.adversaries.values())))
    n_examples = len(_examples(next(iter(found.adversaries.values()))))
    if not seeds:
        return Area(seeds, np.full((0, n_examples), np.nan), frozenset(), NO_SEED)
    shared = [[run for run in runs if run.spec["seed"] in seeds] for runs in found.adversaries.values()]
    both = [_distances(runs, DISTANCE, "jsd") for runs in shared]
    tvd, jsd = np.stack([tvd for tvd, _ in both]), np.stack([jsd for _, jsd in both])  # (K, S, N)
    used, values, names = pooled(jsd, tvd), linearised(jsd, tvd, to), list(found.adversaries)
    if not used.any():
        return Area(seeds, values, frozenset(), "no text has a value of every adversary")
    divergences, distances = (own[:, used].mean(axis=1) for own in (jsd, tvd))
    bends = frozenset(names[place] for place in corners(divergences, distances))
    far = f"its adversaries reach a divergence of {divergences.max():.3g} nats, and the area is taken up to {to:g}"
    return Area(seeds, values, bends, far if np.isnan(values).all() else None)


def area_rows(found: Attacked, to: float) -> Iterator[Row]:
    """Rows of the table `areas`: the values of the runs attacked that the study measures."""
    values = area(found, to)
    own = {run.spec["seed"]: run for run in found.own}
    adversaries = next(iter(found.adversaries.values()))
    for seed, of_seed in zip(values.seeds, values.values, strict=True):
        if seed not in own:
            continue
        for example, value in zip(_examples(adversaries).to_pylist(), of_seed, strict=True):
            known = not np.isnan(value)
            reason = None if known else values.reason or "an adversary attends to no token, or its base"
            about = {"run": own[seed].spec["run"], "example_id": example}
            yield {**about, "value": float(value) if known else None, "undefined_reason": reason}


def point(tvd: Floats, jsd: Floats, inference: Inference) -> Row:
    """Means and intervals of distances and divergences (S, N), over the texts and seeds that have both."""
    used = ~(np.isnan(tvd) | np.isnan(jsd))
    n_undefined = int(used.size - used.sum())
    if not used.any():
        return {**empty("undefined for every example"), "n_undefined": n_undefined}
    ends = _interval("tvd", tvd, used, inference) | _interval("jsd", jsd, used, inference)
    return {**ends, **_counts(used), "n_undefined": n_undefined}


def accuracy(runs: Sequence[Run]) -> float | None:
    """Mean over seeds; None without runs or labels."""
    return float(per_seed("accuracy", runs)[0].mean()) if runs and has_labels(runs) else None


def variants(runs: Sequence[Run], experiment: str) -> list[str]:
    """Ids of an experiment's variants among the measures of all runs."""
    named = [{metric.partition(":")[0] for metric in run.measures["metric"].unique().to_pylist()} for run in runs]
    return sorted(name for name in set.union(set(), *named) if base_name(name) == experiment)


def values(runs: Sequence[Run], metric: str) -> Floats:
    """Values (S, N) of a metric, examples as the first run predicts them; NaN where undefined."""
    examples = _examples(runs)
    found = np.full((len(runs), len(examples)), np.nan)
    for row, run in zip(found, runs, strict=True):
        rows = run.measures.filter(pc.equal(run.measures["metric"], metric))
        place = pc.index_in(rows["example_id"], examples)
        if place.null_count:
            raise ResultError(f"measures of {run.spec['run']} hold other examples than its data set; rebuild them")
        row[place.to_numpy()] = rows["value"].to_numpy()
    return found


def _distances(runs: Sequence[Run], plugin: str, divergence_column: str) -> tuple[Floats, Floats]:
    return values(runs, f"{plugin}:tvd"), values(runs, f"{plugin}:{divergence_column}")


def _examples(runs: Sequence[Run]) -> pa.Array:
    return runs[0].predictions["example_id"].combine_chunks()


def _refuse_others(runs: Sequence[Run]) -> None:
    """Runs that predict other examples than the first one."""
    if any(not run.predictions["example_id"].equals(runs[0].predictions["example_id"]) for run in runs):
        raise ResultError("runs of one data set predict different test examples; rebuild them with `train`")


def _uniform_trained(found: Attacked, inference: Inference) -> Row:
    """The point of the runs trained with uniform attention; its divergence is that of imposing it."""
    pairs = [(own, other) for own in found.own for other in found.uniform if own.spec["seed"] == other.spec["seed"]]
    name = model_id(found.uniform[0].spec["slug"])
    about = {"kind": table.UNIFORM_TRAINED, "attack": name, "accuracy": accuracy(found.uniform)}
    if not pairs:
        return {**about, **empty("the two have no seed in common")}
    tvd = np.stack([0.5 * np.abs(_probability(own) - _probability(other)).sum(axis=1) for own, other in pairs])
    own, names = [own for own, _ in pairs], variants(found.own, UNIFORM)
    if not names:
        return {**about, **_interval("tvd", tvd, np.ones(tvd.shape, bool), inference), **empty(NO_UNIFORM)}
    return {**about, **point(tvd, values(own, f"{names[0]}:jsd"), inference)}


def _probability(run: Run) -> Floats:
    flat = run.predictions["probability"].combine_chunks().flatten()
    return np.asarray(flat, np.float64).reshape(len(run.predictions), -1)


def _of_seeds(both: tuple[Pairs, Pairs] | None, confidence: float) -> Row:
    """The point of pairs of seeds."""
    if both is None:
        return empty(ONE_SEED)
    counted = np.ones(both[0].values.shape[1:], bool)
    rows = {name: summary(pairs, counted, confidence) for name, pairs in zip(("tvd", "jsd"), both, strict=True)}
    ends = _named("tvd", rows["tvd"]) | _named("jsd", rows["jsd"])
    kept = ("ci_kind", "n_examples", "n_undefined", "n_seeds", "missing_reason")
    return {**ends, **{name: rows["jsd"].get(name) for name in kept}}


def _named(name: str, row: Row) -> Row:
    return {name: row.get("mean"), f"{name}_low": row.get("ci_low"), f"{name}_high": row.get("ci_high")}


def _area_row(found: Area, inference: Inference) -> Row:
    used = ~np.isnan(found.values)
    n_undefined = int(used.size - used.sum())
    if not used.any():
        return {**empty(str(found.reason)), "n_undefined": n_undefined}
    return {**_interval("area", found.values, used, inference), **_counts(used), "n_undefined": n_undefined}


def _interval(name: str, found: Floats, used: Any, inference: Inference) -> Row:
    """Mean and interval of the values that are `used`, (S, N) both."""
    seed, example = np.nonzero(used)
    limits = inference.interval(found[used], seed, example, inference.confidence)
    known = limits.kind is not None
    ends = {f"{name}_low": limits.low, f"{name}_high": limits.high} if known else {}
    return {name: float(found[used].mean()), **ends, "ci_kind": limits.kind}


def _counts(used: Any) -> Row:
    return {"n_examples": int(used.any(axis=0).sum()), "n_seeds": int(used.any(axis=1).sum())}


def _by_lambda(named: tuple[str, Sequence[Run]]) -> tuple[float, str]:
    name, runs = named
    return divergence(runs[0].spec) or 0.0, name


def _cell(spec: Mapping[str, Any]) -> Cell:
    return tuple(spec["slug"][axis] for axis in CELL)
