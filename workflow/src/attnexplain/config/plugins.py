"""A plug-in as a study writes it (`additive`, or `{name: additive, normaliser: sparsemax}`), checked and completed.

The options and their defaults are the plug-in's own FACTS. The id of a plug-in is its name, plus 6 hex digits of
its complete options where any differs from its default, so that two variants live side by side.

A plug-in that needs a base (`frozen`) names it as a partial grid point: `{name: frozen, base: {encoder: bilstm}}`. Its
id then holds the base as it is written; which run that is, the plan says (`plan/grid.py`).

An option of type `plugins` names plug-ins of another family, whose results are read: `{name: token-removal, methods:
[attention, {name: integrated-gradients, steps: 20}]}`. Its value is their ids, in alphabetical order.
"""

import hashlib
import json
import math
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from typing import Any, cast

from pydantic import GetCoreSchemaHandler, GetJsonSchemaHandler
from pydantic_core import core_schema

from attnexplain import registry
from attnexplain.config.values import (
    boolean_from_text,
    integer_from_text,
    null_from_text,
    number_from_text,
    refused,
)
from attnexplain.errors import AttnExplainError, nearest

_READ: dict[str, Callable[[Any], Any]] = {
    "integer": integer_from_text,
    "number": number_from_text,
    "boolean": boolean_from_text,
    "string": lambda value: value,
}
_BOUNDS: dict[str, tuple[str, Callable[[Any, Any], bool]]] = {
    "minimum": (">=", lambda value, bound: value >= bound),
    "maximum": ("<=", lambda value, bound: value <= bound),
    "exclusiveMinimum": (">", lambda value, bound: value > bound),
    "multipleOf": ("that is a multiple of", lambda value, bound: value % bound == 0),
}
_SINGLE = ("encoder", "attention", "normaliser")
_TYPES: dict[str, tuple[type, ...]] = {"integer": (int,), "number": (int, float), "boolean": (bool,), "string": (str,)}


# What a `base` may say of the run it names, and what the grid calls it. Data set and seed are always the run's own.
BASE_AXES = {
    "encoder": "An encoder; left out: the run's own.",
    "attention": "An attention, with its normaliser as in the grid; left out: both the run's own.",
    "regulariser": "A regulariser, a list of those combined, or `none`; left out: the run's own.",
    "control": "A control or `none`; left out: the run's own.",
}
CONTROLS = ("none", "untrained", "shuffled-labels")
PLUGINS = "plugins"  # type of an option that names plug-ins of another family


@dataclass(frozen=True)
class Base:
    """The run that a plug-in stands on, as a partial grid point; what is None is the run's own.

    `normaliser` is given exactly where `attention` is.
    """

    encoder: "Plugin | None" = None
    attention: "Plugin | None" = None
    normaliser: "Plugin | None" = None
    regulariser: "tuple[Plugin, ...] | None" = None
    control: str | None = None

    def plugins(self) -> "list[Plugin]":
        """Encoder, attention, normaliser and regularisers, where they are given."""
        given = (self.encoder, self.attention, self.normaliser, *(self.regulariser or ()))
        return [plugin for plugin in given if plugin is not None]

    def identity(self) -> dict[str, Any]:
        """What is given, as it counts in a digest."""
        models = {"encoder": self.encoder, "attention": self.attention, "normaliser": self.normaliser}
        found: dict[str, Any] = {axis: plugin.identity() for axis, plugin in models.items() if plugin is not None}
        if self.regulariser is not None:
            found["regulariser"] = [plugin.identity() for plugin in self.regulariser]
        return found | ({} if self.control is None else {"control": self.control})


class Plugin:
    """One plug-in with its complete options, the base it stands on where it needs one, and the plug-ins it reads.

    `reads`: by option, the plug-ins whose ids are the option's value.
    """

    def __init__(
        self,
        family: str,
        name: str,
        options: dict[str, Any],
        base: Base | None = None,
        reads: "dict[str, tuple[Plugin, ...]] | None" = None,
    ) -> None:
        self.family, self.name, self.options, self.base, self.reads = family, name, options, base, reads or {}

    @cached_property
    def id(self) -> str:
        """The name, with a digest of the complete options where any differs from its default, and of the base."""
        defaults = {key: option["default"] for key, option in self.facts["options"].items()}
        if self.options == defaults and self.base is None:
            return self.name
        # A base is no option: without one the digest is that of the options alone.
        hashed = self.options if self.base is None else self.identity()
        return f"{self.name}-{hashlib.sha256(canonical(hashed).encode()).hexdigest()[:6]}"

    @property
    def facts(self) -> dict[str, Any]:
        """The plug-in's literal FACTS."""
        return registry.facts(self.family, self.name)

    @property
    def module(self) -> str:
        """Dotted name of the file that implements it."""
        return registry.module(self.family, self.name)

    def spec(self) -> dict[str, Any]:
        """As it stands in a run's specification."""
        return {"name": self.name, "id": self.id, "options": self.options, **self._based()}

    def identity(self) -> dict[str, Any]:
        """What counts in a digest: the name, the complete options, and the base as it is written."""
        return {"name": self.name, "options": self.options, **self._based()}

    def updated(self, changes: dict[str, Any]) -> "Plugin":
        """The same plug-in with some options replaced; those it does not have are left aside."""
        known = {key: value for key, value in changes.items() if key in self.options}
        if not known:
            return self
        return make_plugin(self.family, {"name": self.name, **self.options, **self.reads, **known}, self.base)

    def _based(self) -> dict[str, Any]:
        return {} if self.base is None else {"base": self.base.identity()}

    @cached_property
    def _key(self) -> tuple[str, str]:
        """What tells it from other plug-ins; that of the plug-ins it reads stands in its options."""
        return self.family, canonical(self.identity())

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Plugin) and self._key == other._key

    def __hash__(self) -> int:
        return hash(self._key)

    def __repr__(self) -> str:
        return f"Plugin({self.family}, {self.id})"


def make_plugin(family: str, value: Any, base: Base | None = None) -> Plugin:
    """Read a plug-in from a name or a mapping; refuse unknown names, unknown options and values out of range.

    `base` is one that was read already; without it, it is the mapping's own.
    """
    if isinstance(value, Plugin):
        return value
    given = {"name": value} if isinstance(value, str) else value
    if not isinstance(given, dict) or not isinstance(given.get("name"), str):
        article = "an" if family[0] in "aeiou" else "a"
        raise refused(f"expected the name of {article} {family}, or {{name: ..., option: ...}}, got {value!r}")
    try:
        facts = registry.facts(family, given["name"])
    except AttnExplainError as error:
        raise refused(str(error)) from error
    options, where = facts["options"], f"{family} {given['name']!r}"
    base = base or _base(where, facts, given)
    for key in given.keys() - options.keys() - {"name", "base"}:
        known = "It has no options." if not options else nearest(key, options)
        raise refused(f"{where} has no option {key!r}. {known}")
    values = {key: given.get(key, option["default"]) for key, option in options.items()}
    reads = {
        key: _plugins(where, key, options[key]["family"], value)
        for key, value in values.items()
        if options[key]["type"] == PLUGINS
    }
    complete = {
        key: [plugin.id for plugin in reads[key]] if key in reads else _option(where, key, options[key], value)
        for key, value in values.items()
    }
    return Plugin(family, given["name"], complete, base, reads)


def make_combination(value: Any) -> tuple[Plugin, ...]:
    """Read a regulariser or a list of them; the empty tuple is `none`."""
    members = [member for member in (value if isinstance(value, list) else [value]) if member != "none"]
    plugins = sorted((make_plugin("regulariser", member) for member in members), key=lambda plugin: plugin.id)
    if len({plugin.name for plugin in plugins}) < len(plugins):
        raise refused(f"a combination names a regulariser twice: {value!r}")
    return tuple(plugins)


def split_scorer(value: Any) -> dict[str, Any]:
    """An attention as a study writes it -> `attention` without its normaliser, and `normaliser`."""
    if not isinstance(value, dict):
        return {"attention": value, "normaliser": "softmax"}
    rest = {key: option for key, option in value.items() if key != "normaliser"}
    return {"attention": rest, "normaliser": value.get("normaliser", "softmax")}


def check_scorer(attention: Plugin, normaliser: Plugin) -> None:
    """Refuse a normaliser of weights that are imposed: nothing is left to normalise."""
    if attention.base is not None and normaliser.name != "softmax":
        raise refused(
            f"attention {attention.name!r} imposes the weights of its base, so {normaliser.name!r} would normalise"
            f" nothing; give it to the base: base: {{attention: {{name: ..., normaliser: {normaliser.name}}}}}"
        )


def needs_base(facts: dict[str, Any]) -> bool:
    """Whether a plug-in stands on another run."""
    return bool(facts.get("base", False))


def _base(where: str, facts: dict[str, Any], given: dict[str, Any]) -> Base | None:
    """The base that a plug-in needs and is given; None for the others."""
    example = "base: {encoder: bilstm, attention: additive, regulariser: none}"
    if not needs_base(facts):
        if "base" in given:
            raise refused(f"{where} stands on no other run: it takes no `base`")
        return None
    if "base" not in given:
        raise refused(f"{where} stands on another run, which `base` names: {example}")
    value = given["base"]
    if not isinstance(value, dict) or not value:
        raise refused(f"{where}, `base`: expected the axes in which the base differs ({example}), got {value!r}")
    for key in value:
        if key not in BASE_AXES:
            own = " Data set and seed are the run's own." if key in ("dataset", "seed", "datasets", "seeds") else ""
            raise refused(f"{where}, `base`: unknown axis {key!r}. {nearest(key, BASE_AXES)}{own}")
    return _read_base(where, value)


def _read_base(where: str, value: dict[str, Any]) -> Base:
    control = value.get("control")
    if control is not None and control not in CONTROLS:
        raise refused(f"{where}, `base`: unknown control {control!r}. {nearest(control, CONTROLS)}")
    scorer = split_scorer(value["attention"]) if "attention" in value else {}
    given = {axis: make_plugin(axis, raw) for axis, raw in {**value, **scorer}.items() if axis in _SINGLE}
    if scorer:
        check_scorer(given["attention"], given["normaliser"])
    combined = make_combination(value["regulariser"]) if "regulariser" in value else None
    return Base(**given, regulariser=combined, control=control)


def canonical(value: Any) -> str:
    """The one JSON text of a value: keys sorted, no spaces."""
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False)


def _plugins(where: str, key: str, family: str, value: Any) -> tuple[Plugin, ...]:
    """The plug-ins that an option names, in the order of their ids."""
    if not isinstance(value, list | tuple) or not value:
        raise refused(f"{where}, option {key!r}: expected a list of plug-ins of the family {family!r}, got {value!r}")
    plugins = sorted((make_plugin(family, member) for member in value), key=lambda plugin: plugin.id)
    ids = [plugin.id for plugin in plugins]
    for name in ids:
        if ids.count(name) > 1:
            raise refused(f"{where}, option {key!r}: {name!r} is named twice")
    return tuple(plugins)


def _option(where: str, key: str, schema: dict[str, Any], value: Any) -> Any:
    if schema.get("nullable") and null_from_text(value) is None:
        return None
    value = _READ[schema["type"]](value)
    # bool is a subclass of int: `steps: true` is not a number.
    if not isinstance(value, _TYPES[schema["type"]]) or (isinstance(value, bool) and schema["type"] != "boolean"):
        raise refused(f"{where}, option {key!r}: expected {_expected(schema)}, got {value!r}")
    if "enum" in schema and value not in schema["enum"]:
        raise refused(f"{where}, option {key!r}: {value!r} is not allowed. {nearest(value, map(str, schema['enum']))}")
    if isinstance(value, float) and not math.isfinite(value):
        raise refused(f"{where}, option {key!r}: expected {_expected(schema)}, got {value!r}")
    if any(bound in schema and not holds(value, schema[bound]) for bound, (_, holds) in _BOUNDS.items()):
        raise refused(f"{where}, option {key!r}: expected {_expected(schema)}, got {value!r}")
    return float(cast(Any, value)) if schema["type"] == "number" else value


def _expected(schema: dict[str, Any]) -> str:
    bounds = [f"{words} {schema[key]}" for key, (words, _) in _BOUNDS.items() if key in schema]
    article = "an" if schema["type"] == "integer" else "a"
    return " ".join([f"{article} {schema['type']}", *bounds, *(["or null"] if schema.get("nullable") else [])])


class PluginOf:
    """Pydantic annotation: `Annotated[Plugin, PluginOf("method")]` reads and checks a plug-in of that family."""

    def __init__(self, family: str) -> None:
        self.family = family

    def __get_pydantic_core_schema__(self, source: Any, handler: GetCoreSchemaHandler) -> core_schema.CoreSchema:
        return core_schema.no_info_plain_validator_function(
            lambda value: make_plugin(self.family, value),
            serialization=core_schema.plain_serializer_function_ser_schema(lambda plugin: plugin.spec()),
        )

    def __get_pydantic_json_schema__(self, schema: Any, handler: GetJsonSchemaHandler) -> dict[str, Any]:
        return plugin_json_schema(self.family)


def plugin_json_schema(family: str, extra: dict[str, Any] | None = None) -> dict[str, Any]:
    """JSON schema of a plug-in of one family: a built-in name, or an object with its options (any external name)."""
    names = sorted(registry.BUILT_IN[family])
    objects = [_object_schema(family, name, extra or {}) for name in names]
    external: dict[str, Any] = {
        "type": "object",
        "required": ["name"],
        "properties": {"name": {"not": {"enum": names}}},
    }
    return {"anyOf": [{"enum": names}, {"type": "string"}, *objects, external]}


def _object_schema(family: str, name: str, extra: dict[str, Any]) -> dict[str, Any]:
    facts = registry.facts(family, name)
    properties = {"name": {"const": name}, **extra, **(_base_schema() if needs_base(facts) else {})}
    for key, option in facts["options"].items():
        properties[key] = _option_schema(option)
    title = facts.get("title", name)
    return {
        "type": "object",
        "title": title,
        "required": ["name", *(["base"] if needs_base(facts) else [])],
        "properties": properties,
        "additionalProperties": False,
    }


def _option_schema(option: dict[str, Any]) -> dict[str, Any]:
    """An option's own schema; plug-ins that it names are those of another key, not written out a second time."""
    found = {field: value for field, value in option.items() if field not in ("nullable", "family")}
    if option["type"] == PLUGINS:
        member = {"type": ["string", "object"]}
        found = {**found, "type": "array", "items": member, "minItems": 1}
    if option.get("nullable"):
        found["type"] = [option["type"], "null"]
    return found


def _base_schema() -> dict[str, Any]:
    """A partial grid point; its plug-ins are those of the grid, and are not written out a second time."""
    axes: dict[str, Any] = {axis: {"description": words} for axis, words in BASE_AXES.items()}
    axes["control"]["enum"] = list(CONTROLS)
    about = "The run that this one stands on: the axes in which it differs."
    return {
        "base": {
            "type": "object",
            "description": about,
            "minProperties": 1,
            "properties": axes,
            "additionalProperties": False,
        }
    }
