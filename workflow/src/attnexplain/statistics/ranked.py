"""What is ranked together: models and methods of one data set, under every metric that ranks them.

Groups are trained models; trained models and controls; methods under each model and by their mean over trained models.
A ranking goes from the highest mean to the lowest, that of a metric whose FACTS call lower values the better ones the
other way round; a metric whose direction is `neither` ranks nothing. A metric that compares two methods, or has none,
ranks models alone.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np

from attnexplain.classification import METRICS
from attnexplain.metrics.ragged import Floats
from attnexplain.registry import facts
from attnexplain.statistics import rankings
from attnexplain.statistics.cells import CURVE_AREA, Row
from attnexplain.statistics.intervals.base import EXAMPLES_ONLY
from attnexplain.statistics.panel import Key, Panel
from attnexplain.statistics.quantiles import CROSSED_BOOTSTRAP

MODELS, WITH_CONTROLS, METHODS = "models", "models and controls", "methods"
ABOUT = ("metric", "method", "method_b")
_CONTEXT = {"max_attention"}  # the learned attention itself: the metric `max-attention`, which has no direction


@dataclass(frozen=True)
class Measured:
    """A data set's values, their means (1 + resamples, models), the `directions` of metrics, each model's control."""

    panel: Panel
    means: Mapping[Key, Floats]
    signs: Mapping[str, int]
    controls: Sequence[str]


@dataclass(frozen=True)
class Ranking:
    """The items of a group under one metric: observed means (items,), settled scores (1 + resamples, items), counts."""

    about: Mapping[str, str | None]  # metric, method, method_b
    means: Floats
    scores: Floats
    counts: Mapping[str, int]  # n_examples, n_seeds

    @cached_property
    def known(self) -> rankings.Bools:
        """Which items are ranked."""
        return np.asarray(~np.isnan(self.scores[0]))

    @cached_property
    def signs(self) -> rankings.Signs:
        """See `rankings.signs`."""
        return rankings.signs(self.scores)

    @cached_property
    def complete(self) -> Floats:
        """Scores of the resamples that draw a value for every ranked item."""
        drawn = self.scores[1:]
        return drawn[~np.isnan(drawn).all(axis=1)]

    @property
    def ci_kind(self) -> str | None:
        """What is resampled; None where nothing can be: one example."""
        if self.counts["n_examples"] < 2 or not len(self.complete):
            return None
        return CROSSED_BOOTSTRAP if self.counts["n_seeds"] > 1 else EXAMPLES_ONLY


@dataclass(frozen=True)
class Group:
    """What is ranked together, and its rankings."""

    ranked: str
    items: list[str]
    rankings: list[Ranking]
    model: str | None = None  # under which methods are ranked

    @property
    def noun(self) -> str:
        """What its items are."""
        return METHODS if self.ranked == METHODS else MODELS

    def row(self, kind: str, ranking: Ranking | None = None) -> Row:
        """The columns that say what a row is about."""
        about = ranking.about if ranking else dict.fromkeys(ABOUT)
        return {"kind": kind, "ranked": self.ranked, "model": self.model, **about}


def directions(settings: Mapping[str, Any]) -> dict[str, int]:
    """Metric, or `<experiment id>:<column>` -> 1 where high values are ranked first, -1 where low ones; else absent.

    `settings`: specifications of the study's `metrics` and `experiments`.
    """
    said = dict.fromkeys((*METRICS, CURVE_AREA), "higher")
    said |= {metric["id"]: facts("metric", metric["name"])["direction"] for metric in settings["metrics"]}
    for one in settings["experiments"]:
        columns = facts("experiment", one["name"])["columns"]
        said |= {f"{one['id']}:{name}": columns[name].get("direction", "") for name in columns.keys() - _CONTEXT}
    words = {name: text.partition(":")[0] for name, text in said.items()}  # after the colon stands what it means
    return {name: 1 if word == "higher" else -1 for name, word in words.items() if word in ("higher", "lower")}


def model_id(slug: Mapping[str, str]) -> str:
    """A model as runs are called, without data set and seed: `bilstm.additive.none`, `cnn.dot.none.untrained`."""
    plain = slug["normaliser"] == "softmax"
    scorer = slug["attention"] if plain else f"{slug['attention']}+{slug['normaliser']}"
    control = [] if slug["control"] == "none" else [slug["control"]]
    return ".".join([slug["encoder"], scorer, slug["regulariser"], *control])


def groups(found: Measured) -> Iterator[Group]:
    """Trained models, all models if there are controls, and methods under each model and over the trained ones."""
    trained = [place for place, control in enumerate(found.controls) if control == "none"]
    yield _models(found, trained, MODELS)
    if len(trained) < len(found.controls):
        yield _models(found, range(len(found.controls)), WITH_CONTROLS)
    for place, model in enumerate(found.panel.models):
        yield _methods(found, [place], model)
    yield _methods(found, trained, None)


def _models(found: Measured, models: Sequence[int], ranked: str) -> Group:
    made = []
    for key, values in found.means.items():
        about = {name: part or None for name, part in zip(ABOUT, key, strict=True)}
        made.append(_ranking(about, found.signs[key[0]], values[:, models], _counts(found.panel, [key], models)))
    return Group(ranked, [found.panel.models[model] for model in models], made)


def _methods(found: Measured, models: Sequence[int], model: str | None) -> Group:
    """Methods by their mean over `models`."""
    of_single = [key for key in found.means if key[1] and not key[2]]
    by_metric = {metric: [key for key in of_single if key[0] == metric] for metric, *_ in of_single}
    by_metric = {metric: keys for metric, keys in by_metric.items() if len(keys) > 1}
    items = sorted({method for keys in by_metric.values() for _, method, _ in keys})
    made = []
    for metric, keys in by_metric.items():
        values = np.stack([found.means[key][:, models] for key in keys])  # (methods, rows, models)
        mean, used = _over_models(values)
        columns = np.full((values.shape[1], len(items)), np.nan)
        columns[:, [items.index(method) for _, method, _ in keys]] = mean.T
        counts = _counts(found.panel, keys, [place for place, use in zip(models, used, strict=True) if use])
        about = {"metric": metric, "method": None, "method_b": None}
        made.append(_ranking(about, found.signs[metric], columns, counts))
    return Group(METHODS, items, made, model)


def _over_models(values: Floats) -> tuple[Floats, rankings.Bools]:
    """Means (methods, rows) of values (methods, rows, models) over the models that are used (models,).

    Those are the models with an observed value of every method that has any: all methods over the same models.
    """
    known = ~np.isnan(values[:, 0])
    measured = known.any(axis=1)
    used = np.asarray(known.any(axis=0) & known[measured].all(axis=0))
    mean = values[:, :, used].mean(axis=2) if used.any() else np.full(values.shape[:2], np.nan)
    return mean, used


def _ranking(about: Mapping[str, str | None], sign: int, values: Floats, counts: Mapping[str, int]) -> Ranking:
    """Of means (1 + resamples, items)."""
    return Ranking(about, values[0], rankings.settled(sign * values), counts)


def _counts(found: Panel, keys: Sequence[Key], models: Sequence[int]) -> dict[str, int]:
    """Examples with a value under any of the keys and models; seeds with a value under that which has fewest."""
    defined = {(key, model): found.defined(key, model) for key in keys for model in models}
    measured = [one for one in defined.values() if one.any()]
    if not measured:
        return {"n_examples": 0, "n_seeds": 0}
    examples = np.stack([one.any(axis=0) for one in measured]).any(axis=0)
    return {"n_examples": int(examples.sum()), "n_seeds": min(int(one.any(axis=1).sum()) for one in measured)}
