"""The JSON schemas in the repository are those that the typed configuration generates."""

import difflib
import json
from pathlib import Path

import jsonschema
import pytest
import yaml
from pydantic import BaseModel

from attnexplain.config.load import load_study
from attnexplain.config.reference import MODELS, described, reference
from attnexplain.config.schema import schemas, text

ROOT = Path(__file__).parents[3]
FOLDER = ROOT / "workflow" / "schemas"
STUDIES = [ROOT / "config" / "config.yaml", *sorted((ROOT / "config" / "studies").glob("*.yaml"))]
OVERLAYS = sorted((ROOT / "config" / "overlays").glob("*.yaml"))


@pytest.mark.parametrize("name", sorted(schemas()))
def test_schema_file_matches_the_typed_configuration(name: str) -> None:
    written, generated = (FOLDER / name).read_text(encoding="utf-8"), text(schemas()[name])
    changes = "\n".join(difflib.unified_diff(written.splitlines(), generated.splitlines(), lineterm="", n=1))
    assert not changes, f"run `make schema` to regenerate workflow/schemas/{name}:\n{changes}"


def test_reference_page_matches_the_typed_configuration() -> None:
    written = (ROOT / "docs" / "configuration.md").read_text(encoding="utf-8")
    changes = "\n".join(difflib.unified_diff(written.splitlines(), reference().splitlines(), lineterm="", n=1))
    assert not changes, f"run `make schema` to regenerate docs/configuration.md:\n{changes}"


@pytest.mark.parametrize("path", STUDIES, ids=lambda path: path.stem)
def test_studies_of_the_project_satisfy_the_schema(path: Path) -> None:
    study = yaml.safe_load(path.read_text(encoding="utf-8"))
    jsonschema.validate(study, json.loads((FOLDER / "study.schema.json").read_text(encoding="utf-8")))


@pytest.mark.parametrize("path", OVERLAYS, ids=lambda path: path.stem)
def test_overlays_of_the_project_are_laid_over_their_study(path: Path) -> None:
    whole = next(study for study in STUDIES if path.stem.startswith(f"{study.stem}_"))
    loaded = load_study([whole, path], ROOT / "config" / "datasets.yaml", {})
    assert loaded.study.study == path.stem
    assert set(loaded.study.dataset_names) <= set(load_study([whole], ROOT / "config" / "datasets.yaml", {}).settings)


def test_registry_of_the_project_satisfies_the_schema() -> None:
    registry = yaml.safe_load((ROOT / "config" / "datasets.yaml").read_text(encoding="utf-8"))
    jsonschema.validate(registry, json.loads((FOLDER / "datasets.schema.json").read_text(encoding="utf-8")))


def test_schema_refuses_an_unknown_key() -> None:
    study = yaml.safe_load(STUDIES[0].read_text(encoding="utf-8"))
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate({**study, "sedes": [1]}, schemas()["study.schema.json"])


@pytest.mark.parametrize("title, model", MODELS, ids=[title for title, _ in MODELS])
def test_every_key_is_described(title: str, model: type[BaseModel]) -> None:
    assert [name for name, field in model.model_fields.items() if not described(field)] == []
