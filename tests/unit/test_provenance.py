"""Code digests: what moves them and what does not; the closure of a training job, listed."""

from pathlib import Path

import pytest

from attnexplain import registry
from attnexplain.provenance import Sources, sha256, strip

SOURCE = '''"""A module."""

import os  # for paths


class Thing:
    """A docstring."""

    def name(self):
        """Another,

        of several lines.
        """
        return f"{os.sep}#no comment"  # a comment
'''
CLOSURE = [
    "attnexplain.classification",
    "attnexplain.data.batching",
    "attnexplain.data.order",
    "attnexplain.data.originals",
    "attnexplain.data.special_tokens",
    "attnexplain.data.tasks",
    "attnexplain.data.vectors",
    "attnexplain.errors",
    "attnexplain.models.attention.additive",
    "attnexplain.models.checkpoint",
    "attnexplain.models.classifier",
    "attnexplain.models.decoders.linear",
    "attnexplain.models.decoders.pair",
    "attnexplain.models.device",
    "attnexplain.models.encoders.bilstm",
    "attnexplain.models.encoders.recurrent",
    "attnexplain.models.evaluation",
    "attnexplain.models.memory",
    "attnexplain.models.normalisers.softmax",
    "attnexplain.models.prediction",
    "attnexplain.models.question",
    "attnexplain.models.states",
    "attnexplain.objectives.adam",
    "attnexplain.objectives.base",
    "attnexplain.objectives.loss",
    "attnexplain.objectives.selection",
    "attnexplain.privacy",
    "attnexplain.seeding",
    "attnexplain.stages.classes",
    "attnexplain.stages.folder",
    "attnexplain.stages.splits",
    "attnexplain.stages.train",
    "attnexplain.stages.train_results",
    "attnexplain.tables.history",
    "attnexplain.tables.io",
    "attnexplain.tables.predictions",
    "attnexplain.tables.segments",
    "attnexplain.tables.tokens",
    "attnexplain.training",
]
# The same program in other words and with other spacing.
REWORDED = '''"""Another text."""
import os


# More to say.
class Thing:
    def name(self):
        return f"{os.sep}#no comment"
'''


def test_comments_docstrings_and_blank_lines_do_not_count() -> None:
    assert strip(SOURCE) == strip(REWORDED)


@pytest.mark.parametrize("old, new", [("os.sep", "os.linesep"), ("#no comment", "#comment"), ("name", "title")])
def test_code_and_strings_count(old: str, new: str) -> None:
    assert strip(SOURCE) != strip(SOURCE.replace(old, new))


def test_indentation_counts() -> None:
    assert strip("if a:\n    b()\n    c()\n") != strip("if a:\n    b()\nc()\n")


def test_a_body_on_its_own_line_as_a_string_is_kept() -> None:
    assert "'once'" in strip("def f(): 'once'\n")


def test_the_closure_of_a_training_job() -> None:
    """What retrains a model when it is edited. Registries, configuration, plan and command line are not here."""
    roots = ["attnexplain.stages.train"]
    roots += [registry.module("encoder", "bilstm"), registry.module("attention", "additive")]
    roots += [registry.module("normaliser", "softmax")]
    modules = [
        name for name in Sources().closure(roots) if (registry.source_file(name) or Path()).name != "__init__.py"
    ]
    assert modules == CLOSURE


def test_plugins_of_a_family_are_not_in_each_others_closure() -> None:
    sources = Sources()
    for name in registry.BUILT_IN["encoder"]:
        others = {registry.module("encoder", other) for other in registry.BUILT_IN["encoder"] if other != name}
        assert others.isdisjoint(sources.closure([registry.module("encoder", name)]))


def test_a_plugin_of_another_package_is_hashed_over_that_package(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    package = tmp_path / "outsidepackage"
    package.mkdir()
    (package / "__init__.py").write_text("")
    (package / "plugin.py").write_text("from outsidepackage.helper import VALUE\n")
    (package / "helper.py").write_text("VALUE = 1\n")
    monkeypatch.syspath_prepend(str(tmp_path))
    before = Sources().code_digest(["outsidepackage.plugin"])
    (package / "helper.py").write_text("VALUE = 1  # the same\n")
    assert Sources().code_digest(["outsidepackage.plugin"]) == before
    (package / "helper.py").write_text("VALUE = 22\n")
    assert Sources().code_digest(["outsidepackage.plugin"]) != before


def test_digests_are_remembered_by_size_and_time(tmp_path: Path) -> None:
    data, cache = tmp_path / "vectors.txt", tmp_path / "cache" / "sources.json"
    data.write_text("the 1 2\n")
    first = Sources(cache)
    assert first.file_digest(data) == sha256(data)
    first.save()
    status = data.stat()
    again = Sources(cache)
    assert again.file_digest(data) == sha256(data)
    data.write_text("the 1 3 4\n")
    assert again.file_digest(data) == sha256(data) != Sources(cache)._known[str(data)][2]
    assert status.st_size != data.stat().st_size


def test_a_damaged_cache_is_read_again(tmp_path: Path) -> None:
    cache = tmp_path / "sources.json"
    cache.write_text("{")
    assert Sources(cache).code_digest(["attnexplain.errors"]) == Sources().code_digest(["attnexplain.errors"])
