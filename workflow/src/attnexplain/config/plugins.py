"""A plug-in as a study writes it (`additive`, or `{name: additive, normaliser: sparsemax}`), checked and completed.

The options and their defaults are the plug-in's own FACTS. The id of a plug-in is its name, plus 6 hex digits of
its complete options where any differs from its default, so that two variants live side by side.
"""

import hashlib
import json
import math
from collections.abc import Callable
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
_TYPES: dict[str, tuple[type, ...]] = {"integer": (int,), "number": (int, float), "boolean": (bool,), "string": (str,)}


class Plugin:
    """One plug-in with its complete options."""

    def __init__(self, family: str, name: str, options: dict[str, Any]) -> None:
        self.family, self.name, self.options = family, name, options

    @property
    def id(self) -> str:
        """The name, with a digest of the complete options where any differs from its default."""
        defaults = {key: option["default"] for key, option in self.facts["options"].items()}
        if self.options == defaults:
            return self.name
        return f"{self.name}-{hashlib.sha256(canonical(self.options).encode()).hexdigest()[:6]}"

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
        return {"name": self.name, "id": self.id, "options": self.options}

    def identity(self) -> dict[str, Any]:
        """What counts in a digest: the name and the complete options."""
        return {"name": self.name, "options": self.options}

    def updated(self, changes: dict[str, Any]) -> "Plugin":
        """The same plug-in with some options replaced; those it does not have are left aside."""
        known = {key: value for key, value in changes.items() if key in self.options}
        return make_plugin(self.family, {"name": self.name, **self.options, **known})

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Plugin) and self.__dict__ == other.__dict__

    def __hash__(self) -> int:
        return hash((self.family, self.name, canonical(self.options)))

    def __repr__(self) -> str:
        return f"Plugin({self.family}, {self.id})"


def make_plugin(family: str, value: Any) -> Plugin:
    """Read a plug-in from a name or a mapping; refuse unknown names, unknown options and values out of range."""
    if isinstance(value, Plugin):
        return value
    given = {"name": value} if isinstance(value, str) else value
    if not isinstance(given, dict) or not isinstance(given.get("name"), str):
        article = "an" if family[0] in "aeiou" else "a"
        raise refused(f"expected the name of {article} {family}, or {{name: ..., option: ...}}, got {value!r}")
    try:
        options = registry.facts(family, given["name"])["options"]
    except AttnExplainError as error:
        raise refused(str(error)) from error
    where = f"{family} {given['name']!r}"
    for key in given.keys() - options.keys() - {"name"}:
        known = "It has no options." if not options else nearest(key, options)
        raise refused(f"{where} has no option {key!r}. {known}")
    complete = {key: _option(where, key, options[key], given.get(key, options[key]["default"])) for key in options}
    return Plugin(family, given["name"], complete)


def canonical(value: Any) -> str:
    """The one JSON text of a value: keys sorted, no spaces."""
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False)


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
    properties = {"name": {"const": name}, **extra}
    for key, option in facts["options"].items():
        properties[key] = {field: value for field, value in option.items() if field != "nullable"}
        if option.get("nullable"):
            properties[key]["type"] = [option["type"], "null"]
    title = facts.get("title", name)
    return {
        "type": "object",
        "title": title,
        "required": ["name"],
        "properties": properties,
        "additionalProperties": False,
    }
