"""Types of configuration values: strict, except that numbers, booleans and null given as text are read as such.

Snakemake hands the values of `--config` on as text in places (`seeds=[1]` arrives as `["1"]`, `null` as `"null"`),
and YAML reads `1e-3` as text; both must mean what the user wrote. Anything else of a wrong type is refused.
"""

import re
from collections.abc import Callable
from typing import Annotated, Any

from pydantic import (
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    GetCoreSchemaHandler,
    GetJsonSchemaHandler,
    model_validator,
)
from pydantic_core import PydanticCustomError, core_schema

from attnexplain.errors import nearest

_NUMBER = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?")


def number_from_text(value: Any) -> Any:
    """`"1e-3"` -> 0.001, `"3"` -> 3; anything that is not a number written as text is returned as it is."""
    if isinstance(value, str) and _NUMBER.fullmatch(value.strip()):
        return float(value) if re.search(r"[.eE]", value) else int(value)
    return value


def integer_from_text(value: Any) -> Any:
    """Like `number_from_text`, and a whole float (`1.0e3`) is an integer."""
    value = number_from_text(value)
    return int(value) if isinstance(value, float) and value.is_integer() else value


def null_from_text(value: Any) -> Any:
    """`"null"`, as a command line hands it on, is null."""
    return None if value in ("null", "None", "~") else value


def boolean_from_text(value: Any) -> Any:
    """`"true"` and `"false"` are booleans."""
    return {"true": True, "false": False}.get(value.lower(), value) if isinstance(value, str) else value


def integer_or_null(value: Any) -> Any:
    """An integer, or null, either of them possibly as text."""
    return integer_from_text(null_from_text(value))


Null = BeforeValidator(null_from_text)
Integer = Annotated[int, BeforeValidator(integer_from_text)]
Number = Annotated[float, BeforeValidator(number_from_text)]
PositiveOrNull = Annotated[Annotated[int, Field(ge=1)] | None, BeforeValidator(integer_or_null)]
Boolean = Annotated[bool, BeforeValidator(boolean_from_text)]


class Shorthand:
    """Pydantic annotation: a value may also be written short; `expand` turns the short form into the long one."""

    def __init__(self, expand: Callable[[Any], Any], short: Callable[[dict[str, Any]], dict[str, Any]]) -> None:
        self._expand, self._short = expand, short

    def __get_pydantic_core_schema__(self, source: Any, handler: GetCoreSchemaHandler) -> core_schema.CoreSchema:
        return core_schema.no_info_before_validator_function(self._expand, handler(source))

    def __get_pydantic_json_schema__(self, schema: Any, handler: GetJsonSchemaHandler) -> dict[str, Any]:
        long = handler(schema)
        return {"anyOf": [self._short(long), long]}


# One value stands for the list that holds it alone.
OneOrMore = Shorthand(lambda value: value if isinstance(value, list) else [value], lambda array: array["items"])


class StrictModel(BaseModel):
    """Closed and frozen: an unknown key or a wrong type is refused, nothing is converted silently."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True, allow_inf_nan=False)

    @model_validator(mode="before")
    @classmethod
    def _known_keys(cls, value: Any) -> Any:
        for key in value if isinstance(value, dict) else ():
            if key not in cls.model_fields:
                raise refused(f"unknown key {key!r}. {nearest(key, cls.model_fields)}", str(key))
        return value


def refused(message: str, key: str = "") -> PydanticCustomError:
    """An error that reaches the user in these words, with the place of the value (or of its `key`) put before it."""
    # The message goes in as a value: braces in it would be read as a template's.
    return PydanticCustomError("refused", "{message}", {"message": message, "key": key})
