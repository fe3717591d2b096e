"""The page: one HTML file with its style and script inside, which needs no network and works without the script."""

from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined

TEMPLATE = Path(__file__).parent / "template.html"


def render(content: dict[str, Any]) -> str:
    """HTML of the template filled with `content`; all text is escaped, an unknown name is an error."""
    environment = Environment(
        loader=FileSystemLoader(TEMPLATE.parent),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    return environment.get_template(TEMPLATE.name).render(content)
