"""From files and the command line to a checked study: layers, precedence, and errors in the user's words.

Precedence: `--config` > study file > protocol > defaults; at each level `per_dataset` beats the general key,
except that a general key given by `--config` beats all. Options of training that a block of the grid gives for its runs
beat those of the files, for all data sets and for one; `--config` beats them.
"""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml
from pydantic import BaseModel, ValidationError

from attnexplain import registry
from attnexplain.config.plugins import Plugin
from attnexplain.config.registry_file import DatasetEntry
from attnexplain.config.study import Block, Limits, Study, Tokeniser, Training
from attnexplain.config.values import StrictModel
from attnexplain.errors import ConfigError, UnknownNameError, nearest

# Metrics of a whole split, that every study has (`classification.METRICS`, which needs numpy).
PERFORMANCE = ("accuracy", "f1", "roc-auc")
PROTOCOLS = Path(__file__).parent.parent / "protocols"
# Keys that never change a result.
NOT_SEMANTIC = frozenset({"study", "data_mirror", "disclose", "display", "resources"})
# Pydantic speaks of "input"; the user wrote a value.
_WORDS = {
    " after validation": "",
    "Input should be a valid dictionary or instance of Block": "expected a mapping",
    "Input should be a valid dictionary": "expected a mapping",
    "Input should be '": "expected '",
    "Input should be a valid ": "expected ",
    "Input should be ": "expected a value ",
    "Input should ": "it should ",
}
_PER_DATASET = ("training", "tokeniser", "limits", "vectors", "encoder", "attention")


class DatasetSettings(StrictModel):
    """What holds for one data set, after `per_dataset` and precedence."""

    training: Training
    tokeniser: Tokeniser
    limits: Limits
    vectors: str | None = None
    encoder: dict[str, Any] = {}
    attention: dict[str, Any] = {}


@dataclass(frozen=True)
class Layer:
    """One level of precedence: a mapping and the name errors call it by."""

    where: str
    raw: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class LoadedStudy:
    """A checked study with the settings of each of its data sets."""

    study: Study
    registry: dict[str, DatasetEntry]
    settings: dict[str, DatasetSettings]
    training: list[dict[str, Training]]  # of each block of the grid: data set -> options of training
    changed: dict[str, Any]  # semantic keys that `--config` changed, with their values
    where: str  # the study's files, as errors name them


def load_study(files: Iterable[Path], registry_file: Path, overrides: Mapping[str, Any]) -> LoadedStudy:
    """Read and check a study; any mistake is a ConfigError that names file, key and the nearest valid names."""
    files = list(files)
    written = Layer(", ".join(map(str, files)))
    for path in files:
        written.raw.update(merge(written.raw, read_mapping(path)))
    entries = load_registry(registry_file)
    given = Layer("--config", dict(overrides))
    layers = [_protocol(entries, written, given), written, given]
    loaded = _resolve(layers, entries, registry_file)
    changed: dict[str, Any] = {}
    if given.raw.keys() - NOT_SEMANTIC:
        plain = _resolve([_protocol(entries, written), written], entries, registry_file)
        before, after = plain.model_dump(mode="json"), loaded.model_dump(mode="json")
        changed = {key: after[key] for key in after if key not in NOT_SEMANTIC and after[key] != before[key]}
    known = entries | {entry.name: entry for entry in loaded.datasets if not isinstance(entry, str)}
    names = loaded.dataset_names
    settings = {name: _settings(name, layers) for name in names}
    training = [
        {name: (_settings(name, layers, block) if block.own_training else settings[name]).training for name in names}
        for block in loaded.grid
    ]
    return LoadedStudy(loaded, known, settings, training, changed, written.where)


def load_registry(path: Path) -> dict[str, DatasetEntry]:
    """The data set registry: name -> entry."""
    raw = read_mapping(path)
    return {name: validate(DatasetEntry, entry, [Layer(str(path), raw)], (name,)) for name, entry in raw.items()}


def read_mapping(path: Path) -> dict[str, Any]:
    """A YAML file that holds a mapping; a key given twice is an error, not the last one's."""
    if not path.is_file():
        raise ConfigError(f"{path}: no such file")
    try:
        raw = yaml.load(path.read_text(encoding="utf-8"), Loader=_Loader)
    except yaml.YAMLError as error:
        raise ConfigError(f"{path}: not valid YAML: {' '.join(str(error).split())}") from error
    if not isinstance(raw, dict):
        raise ConfigError(f"{path}: expected a mapping of keys to values, found {type(raw).__name__}")
    return raw


def merge(lower: Any, upper: Any) -> Any:
    """Mappings merge key by key, anything else is replaced by the upper value."""
    if not (isinstance(lower, Mapping) and isinstance(upper, Mapping)):
        return upper
    if "name" in upper and lower.get("name", upper["name"]) != upper["name"]:
        return dict(upper)  # another plug-in: the options of the first mean nothing to it
    return {**lower, **{key: merge(lower[key], value) if key in lower else value for key, value in upper.items()}}


def validate(model: type[BaseModel], raw: Any, layers: list[Layer], prefix: tuple[str | int, ...] = ()) -> Any:
    """Validate against a model; the first mistakes become one ConfigError that says where each stands."""
    try:
        return model.model_validate(raw)
    except ValidationError as error:
        lines = dict.fromkeys(_line(found, raw, layers, prefix) for found in error.errors())
        raise ConfigError("\n".join(lines)) from None


def _resolve(layers: list[Layer], entries: dict[str, DatasetEntry], registry_file: Path) -> Study:
    raw: dict[str, Any] = {}
    for layer in layers:
        raw = merge(raw, _plain(layer.raw))
    study: Study = validate(Study, raw, layers)
    _check_names(study, entries, layers, registry_file)
    return study


def _settings(name: str, layers: list[Layer], block: Block | None = None) -> DatasetSettings:
    """What holds for a data set, of a block's runs where one is given."""
    merged: dict[str, Any] = {"training": {}, "tokeniser": {"name": "word"}, "limits": {}}
    written: list[dict[str, Any]] = []
    given: list[dict[str, Any]] = []
    for layer in layers:
        general = {key: _plain(layer.raw)[key] for key in _PER_DATASET[:4] if key in layer.raw}
        specific = _plain((layer.raw.get("per_dataset") or {}).get(name) or {})
        # A general key of the command line beats all; in a file the data set's own key beats the general one.
        if layer.where == "--config":
            given += [specific, general]
        else:
            written += [general, specific]
    for part in (*written, {"training": block.own_training if block else {}}, *given):
        merged = merge(merged, part)
    settings: DatasetSettings = validate(DatasetSettings, merged, layers, ("per_dataset", name))
    return settings


def _check_names(study: Study, entries: dict[str, DatasetEntry], layers: list[Layer], registry_file: Path) -> None:
    own = {entry.name for entry in study.datasets if not isinstance(entry, str)}
    known = {*entries, *own}
    for place, name in _named_datasets(study):
        if name not in known:
            where = f"{_source(place.split('[')[0].split('.')[0], layers)}: {place}"
            raise ConfigError(f"{where}: unknown data set {name!r}. {nearest(name, known)} (registry: {registry_file})")
    if len(set(study.dataset_names)) < len(study.dataset_names):
        raise ConfigError(f"{_source('datasets', layers)}: datasets: a data set is named twice")
    for index, exclusion in enumerate(study.exclude):
        for family in ("encoder", "attention", "normaliser", "regulariser"):
            name = getattr(exclusion, family)
            if name is not None and name != "none" and name not in registry.targets(family):
                where = f"{_source('exclude', layers)}: exclude[{index}].{family}"
                raise UnknownNameError(family, name, registry.targets(family), where)
    for name, options in study.per_dataset.items():
        for family in ("encoder", "attention"):
            _check_options(study, family, getattr(options, family), f"per_dataset.{name}.{family}", layers)
    _check_measures(study, layers)
    _check_statistics(study, layers)


def _named_datasets(study: Study) -> Iterable[tuple[str, str]]:
    for index, entry in enumerate(study.datasets):
        if isinstance(entry, str):
            yield f"datasets[{index}]", entry
    for name in study.per_dataset:
        yield "per_dataset", name
    for index, name in enumerate(study.disclose):
        yield f"disclose[{index}]", name
    for block in study.grid:
        for name in block.datasets or ():
            yield "grid.datasets", name
    for index, exclusion in enumerate(study.exclude):
        if exclusion.dataset is not None:
            yield f"exclude[{index}].dataset", exclusion.dataset


def _check_options(study: Study, family: str, options: Mapping[str, Any], place: str, layers: list[Layer]) -> None:
    plugins = [plugin for block in study.grid for plugin in _members(block) if plugin.family == family]
    known = {key for plugin in plugins for key in plugin.options}
    for key in options:
        if key not in known:
            where = f"{_source('per_dataset', layers)}: {place}"
            raise ConfigError(f"{where}: no {family} of the grid has an option {key!r}. {nearest(key, known)}")
    for plugin in plugins:
        try:
            plugin.updated(dict(options))
        except Exception as error:
            raise ConfigError(f"{_source('per_dataset', layers)}: {place}: {error}") from None


def _members(block: Block) -> list[Plugin]:
    """Plug-ins of a block, and those of the bases that they stand on."""
    found = [*block.encoder, *(scorer.attention for scorer in block.attention)]
    found += [plugin for combined in block.regulariser for plugin in combined]
    for plugin in found:  # it grows while there are bases
        found += plugin.base.plugins() if plugin.base is not None else ()
    return found


def _check_measures(study: Study, layers: list[Layer]) -> None:
    names = {method.name for method in study.methods}
    for index, metric in enumerate(study.metrics):
        where = f"{_source('metrics', layers)}: metrics[{index}]: metric {metric.name!r}"
        if metric.facts["kind"] == "pair" and len(study.methods) < 2:
            raise ConfigError(f"{where} compares two methods, but the study has {sorted(names)}; add one to `methods`")
        if metric.facts["kind"] in ("attention", "words") and "attention" not in names:
            raise ConfigError(f"{where} measures attention, which is not among `methods`; add 'attention' to them")


def _check_statistics(study: Study, layers: list[Layer]) -> None:
    """Metrics that `statistics` names: those of the study, by their ids."""
    known = {*PERFORMANCE, *(metric.id for metric in study.metrics if "columns" not in metric.facts)}
    for plugin in (*study.metrics, *study.experiments, *study.between):
        known |= {f"{plugin.id}:{column}" for column in plugin.facts.get("columns", ())}
    for place, names in (("family", study.statistics.family or ()), ("margins", study.statistics.margins)):
        for name in names:
            if name not in known:
                raise UnknownNameError("metric", name, known, f"{_source('statistics', layers)}: statistics.{place}")
    for axis, name in study.statistics.reference.items():
        if name not in _on_axis(study, axis):
            where = f"{_source('statistics', layers)}: statistics.reference"
            raise UnknownNameError(axis, name, _on_axis(study, axis), where)


def _on_axis(study: Study, axis: str) -> set[str]:
    """What the cells of a study are on an axis, by id; of `method`, its methods."""
    if axis == "method":
        return {method.id for method in study.methods}
    if axis == "control":
        return {"none", *study.controls}
    if axis == "encoder":
        return {encoder.id for block in study.grid for encoder in block.encoder}
    if axis == "regulariser":
        combined = [plugins for block in study.grid for plugins in block.regulariser]
        return {"+".join(sorted(plugin.id for plugin in plugins)) or "none" for plugins in combined}
    return {getattr(scorer, axis).id for block in study.grid for scorer in block.attention}


def _protocol(entries: Collection[str], *layers: Layer) -> Layer:
    """The options of the protocol that `layers` name, for the data sets that there are."""
    name = next((layer.raw["protocol"] for layer in reversed(layers) if "protocol" in layer.raw), None)
    if name in (None, "null"):
        return Layer("defaults")
    known = sorted(path.stem for path in PROTOCOLS.glob("*.yaml"))
    if name not in known:
        where = next(layer.where for layer in reversed(layers) if "protocol" in layer.raw)
        raise UnknownNameError("protocol", name, known, f"{where}: protocol")
    raw = read_mapping(PROTOCOLS / f"{name}.yaml")
    named = (entry.get("name") for layer in layers for entry in _own_entries(layer.raw))
    own = {name for name in named if isinstance(name, str)}
    kept = {key: options for key, options in raw.get("per_dataset", {}).items() if key in {*entries, *own}}
    return Layer(f"protocol {name}", {**raw, "per_dataset": kept})


def _own_entries(raw: Mapping[str, Any]) -> list[dict[str, Any]]:
    """The data sets that stand in a study itself, not checked yet."""
    datasets = raw.get("datasets")
    return [entry for entry in (datasets if isinstance(datasets, list) else [datasets]) if isinstance(entry, dict)]


def _plain(raw: dict[str, Any]) -> dict[str, Any]:
    """The tokeniser as a mapping, so that levels can set its options one by one."""
    return {**raw, "tokeniser": {"name": raw["tokeniser"]}} if isinstance(raw.get("tokeniser"), str) else raw


def _line(found: Any, raw: Any, layers: list[Layer], prefix: tuple[str | int, ...]) -> str:
    location = list(prefix) + _walkable(found["loc"], raw, missing=found["type"] == "missing")
    where = _source(location[0] if location else found.get("ctx", {}).get("key", ""), layers)
    text = "".join(f"[{key}]" if isinstance(key, int) else f".{key}" for key in location).lstrip(".")
    message = found["msg"]
    if found["type"] == "missing":
        message = "is required, but not given"
    elif found["type"] != "refused":
        for theirs, ours in _WORDS.items():
            message = message.replace(theirs, ours)
        message = f"{message[0].lower()}{message[1:]}, got {found['input']!r}"
    return f"{where}: {text}: {message}" if text else f"{where}: {message}"


def _walkable(location: tuple[str | int, ...], raw: Any, missing: bool) -> list[str | int]:
    """The part of a validator's location that the user wrote: wrappers of ours (a scalar as a list) are left out."""
    path: list[str | int] = []
    for index, key in enumerate(location):
        inside = isinstance(raw, dict) and key in raw
        if inside or (isinstance(raw, list) and isinstance(key, int) and key < len(raw)):
            raw = raw[key]
            path.append(key)
        elif missing and index == len(location) - 1:
            path.append(key)
    return path


def _source(key: str | int, layers: list[Layer]) -> str:
    """Which level the value of a top-level key came from: the last one that gives it."""
    givers = [layer.where for layer in layers if key in layer.raw]
    return givers[-1] if givers else next(layer.where for layer in layers if layer.raw)


class _Loader(yaml.SafeLoader):
    """SafeLoader that refuses a key given twice."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Any, Any]:
        seen: set[Any] = set()
        for key_node, _ in node.value:
            if key_node.tag == "tag:yaml.org,2002:merge":
                continue  # `<<: *name`, whose keys may be given again: that is what it is for
            key = self.construct_object(key_node, deep=True)
            if key in seen:
                raise yaml.YAMLError(f"key {key!r} is given twice, line {key_node.start_mark.line + 1}")
            seen.add(key)
        return dict(super().construct_mapping(node, deep=deep))
