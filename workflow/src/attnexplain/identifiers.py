"""Identifiers of plug-ins: `name`, or `name-3fa94c` for a variant with other options than its defaults."""

import re

VARIANT = re.compile(r"^(?P<name>.+)-(?P<digest>[0-9a-f]{6})$")


def base_name(identifier: str) -> str:
    """Name of the plug-in behind an id: `gradient-3fa94c` is a variant of `gradient`."""
    variant = VARIANT.match(identifier)
    return variant["name"] if variant else identifier
