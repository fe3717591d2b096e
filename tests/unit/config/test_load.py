"""Configuration: what is accepted, what is refused and in which words; precedence as the design states it."""

from pathlib import Path
from typing import Any

import pytest

from attnexplain.config.load import load_study
from attnexplain.errors import ConfigError
from studies import load, write_study

GENERATED = {"synthetic": {"reader": "planted-sentiment"}}
X: dict[str, Any] = {"title": "X", "classes": ["a", "b"]}
MALFORMED: list[tuple[dict[str, Any], list[str]]] = [
    ({"grid": {"encodr": "bilstm", "attention": "dot"}}, ["grid", "unknown key 'encodr'", "Did you mean 'encoder'?"]),
    ({"sedes": [1]}, ["unknown key 'sedes'", "Did you mean 'seeds'?"]),
    ({"seeds": None}, ["seeds", "is required"]),
    ({"seeds": "many"}, ["seeds", "list", "'many'"]),
    ({"seeds": [1, "two"]}, ["seeds[1]", "integer", "'two'"]),
    ({"seeds": [True]}, ["seeds[0]", "integer", "True"]),
    ({"seeds": [1, 1]}, ["seeds", "1 is named twice"]),
    ({"seeds": []}, ["seeds", "at least 1 item"]),
    ({"datasets": ["revews"]}, ["datasets[0]", "unknown data set 'revews'", "Did you mean 'reviews'?"]),
    ({"datasets": [{"name": "mine", **X}]}, ["datasets[0].sources", "is required"]),
    (
        {"datasets": [{"name": "mine", "title": "X", "sources": {"synthetic": {"reader": "planted-shortcut"}}}]},
        ["task 'classification' needs `classes`"],
    ),
    (
        {"grid": {"encoder": "bilstm", "attention": ["dot", "aditive"]}},
        ["grid.attention[1]", "unknown attention 'aditive'", "Did you mean 'additive'?"],
    ),
    (
        {"grid": {"encoder": {"name": "bilstm", "hiden": 3}, "attention": "dot"}},
        ["grid.encoder", "no option 'hiden'", "'hidden'"],
    ),
    (
        {"grid": {"encoder": {"name": "bilstm", "hidden": "big"}, "attention": "dot"}},
        ["grid.encoder", "option 'hidden'", "expected an integer", "'big'"],
    ),
    (
        {"grid": {"encoder": "bilstm", "attention": {"name": "dot", "normaliser": "softmx"}}},
        ["unknown normaliser 'softmx'"],
    ),
    ({"grid": {"encoder": "bilstm", "attention": "dot", "regulariser": "tyin"}}, ["unknown regulariser 'tyin'"]),
    ({"methods": ["attention", "gradints"]}, ["methods[1]", "unknown method 'gradints'", "Did you mean 'gradient'?"]),
    ({"methods": ["attention"], "metrics": ["kendall-tau"]}, ["metrics[0]", "compares two methods"]),
    ({"methods": ["gradient", "random"], "metrics": ["max-attention"]}, ["metrics[0]", "'attention'"]),
    ({"between": ["imposed-atention"]}, ["between[0]", "unknown between", "Did you mean 'imposed-attention'?"]),
    ({"between": ["imposed-attention"] * 2}, ["between", "'imposed-attention' is named twice"]),
    ({"between": [{"name": "imposed-attention", "draws": 3}]}, ["between[0]", "no option 'draws'"]),
    ({"controls": ["untraind"]}, ["controls", "unknown control 'untraind'", "Did you mean 'untrained'?"]),
    ({"training": {"epochs": 0}}, ["training.epochs", "greater than or equal to 1", "got 0"]),
    ({"training": {"learning_rate": True}}, ["training.learning_rate", "number", "True"]),
    ({"training": {"lr": 0.1}}, ["training", "unknown key 'lr'"]),
    (
        {"grid": [{"encoder": "bilstm", "attention": "dot", "training": {"epoch": 3}}]},
        ["grid[0].training", "unknown key 'epoch'", "Did you mean 'epochs'?"],
    ),
    (
        {"grid": {"encoder": "bilstm", "attention": "dot", "training": {"epochs": 0}}},
        ["grid.training.epochs", "greater than or equal to 1"],
    ),
    ({"limits": {"trian": 3}}, ["limits", "unknown key 'trian'", "'train'"]),
    ({"per_dataset": {"imbd": {}}}, ["per_dataset", "unknown data set 'imbd'"]),
    (
        {"per_dataset": {"reviews": {"training": {"epoch": 3}}}},
        ["per_dataset.reviews.training", "unknown key 'epoch'", "'epochs'"],
    ),
    (
        {"per_dataset": {"reviews": {"encoder": {"hiden": 3}}}},
        ["per_dataset.reviews.encoder", "option 'hiden'", "'hidden'"],
    ),
    (
        {"per_dataset": {"reviews": {"encoder": {"hidden": 0}}}},
        ["per_dataset.reviews.encoder", "option 'hidden'", "got 0"],
    ),
    ({"exclude": [{"encoder": "bilstn"}]}, ["exclude[0].encoder", "unknown encoder 'bilstn'", "'bilstm'"]),
    ({"statistics": {"interval": "two-ways"}}, ["statistics.interval", "unknown interval", "Did you mean 'two-way'?"]),
    ({"statistics": {"compare": ["encodr"]}}, ["statistics.compare", "unknown axis 'encodr'", "'encoder'"]),
    ({"statistics": {"compare": ["encoder"] * 2}}, ["statistics.compare", "'encoder' is named twice"]),
    ({"statistics": {"reference": {"encodr": "cnn"}}}, ["statistics.reference", "unknown axis 'encodr'", "'encoder'"]),
    ({"statistics": {"reference": {"regulariser": "nnone"}}}, ["statistics.reference", "'nnone'", "'none'"]),
    (
        {"statistics": {"family": ["kendal-tau"]}},
        ["statistics.family", "unknown metric", "Did you mean 'kendall-tau'?"],
    ),
    ({"statistics": {"family": ["permutation:tvd_median"]}}, ["statistics.family", "unknown metric", "kendall-tau"]),
    ({"statistics": {"margins": {"acuracy": 0.1}}}, ["statistics.margins", "'acuracy'", "Did you mean 'accuracy'?"]),
    ({"statistics": {"margins": {"accuracy": 0}}}, ["statistics.margins.accuracy", "greater than 0"]),
    ({"statistics": {"confidence": 95}}, ["statistics.confidence", "less than 1", "95"]),
    ({"protocol": "jain_walace_2019"}, ["protocol", "'jain_walace_2019'", "Did you mean 'jain_wallace_2019'?"]),
    ({"display": {"colours": {"bilstm": "red"}}}, ["display.colours", "#rrggbb", "'red'"]),
    ({"training": {"learning_rate": float("inf")}}, ["training.learning_rate", "finite", "inf"]),
    ({"exclude": [{"control": "untraind"}]}, ["exclude[0].control", "'untrained'", "'untraind'"]),
    ({"seeds": [2**63]}, ["seeds[0]", "less than or equal to"]),
    (
        {"tokeniser": {"name": "word", "min_length": 10, "max_length": 5}},
        ["tokeniser", "min_length 10", "max_length 5"],
    ),
    ({"datasets": [{**X, "name": "mine", "classes": ["a", "a"], "sources": GENERATED}]}, ["classes", "named twice"]),
    (
        {"datasets": [{**X, "name": "mine", "sources": {"synthetic": {"reader": "delimited"}}}]},
        ["datasets[0].sources.synthetic.reader", "'delimited' reads files"],
    ),
    (
        {
            "datasets": [
                {**X, "name": "mine", "sources": {"files": {"reader": "planted-shortcut", "files": {"train": "x"}}}}
            ]
        },
        ["datasets[0].sources.files.reader", "generates its texts"],
    ),
    ({"protocol": "jain_wallace_2019", "datasets": [{**X, "name": ["x"], "sources": GENERATED}]}, ["datasets[0].name"]),
    ({"study": "a/b"}, ["study", "a/b"]),
]


@pytest.mark.parametrize(("changes", "words"), MALFORMED, ids=[str(changes)[:60] for changes, _ in MALFORMED])
def test_a_malformed_study_is_refused_in_words_that_name_file_key_and_remedy(
    tmp_path: Path, changes: dict[str, Any], words: list[str]
) -> None:
    with pytest.raises(ConfigError) as caught:
        load(tmp_path, changes)
    message = str(caught.value)
    assert message.startswith(str(tmp_path / "study.yaml"))
    for word in words:
        assert word in message
    assert "Traceback" not in message and "pydantic" not in message and "nput should" not in message


def test_an_override_that_is_wrong_is_blamed_on_the_command_line(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"^--config: training\.epochs: "):
        load(tmp_path, config={"training": {"epochs": "zero"}})


def test_an_unknown_key_of_the_command_line_is_blamed_on_it(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"^--config: unknown key 'sedes'\. Did you mean 'seeds'"):
        load(tmp_path, config={"sedes": [1]})


def test_a_key_given_twice_is_refused(tmp_path: Path) -> None:
    study, registry = write_study(tmp_path)
    study.write_text(study.read_text() + "\nseeds: [3]\n")
    with pytest.raises(ConfigError, match="'seeds' is given twice"):
        load_study([study], registry, {})


@pytest.mark.parametrize("text", ["grid: {encoder: [", "[1, 2]", ""])
def test_a_file_that_is_no_mapping_is_refused(tmp_path: Path, text: str) -> None:
    study, registry = write_study(tmp_path)
    study.write_text(text)
    with pytest.raises(ConfigError, match=r"study\.yaml: "):
        load_study([study], registry, {})


def test_numbers_given_as_text_are_read_as_numbers(tmp_path: Path) -> None:
    given = {
        "seeds": ["1", "3"],
        "training": {"learning_rate": "1e-3", "epochs": "2"},
        "limits": {"train": "50", "dev": "null"},
    }
    loaded = load(tmp_path, config=given)
    assert loaded.study.seeds == [1, 3]
    assert loaded.settings["reviews"].training.learning_rate == 0.001
    assert loaded.settings["reviews"].training.epochs == 2
    assert loaded.settings["reviews"].limits.model_dump() == {"train": 50, "dev": None, "test": None}


def test_numbers_in_plugin_options_may_be_text_too(tmp_path: Path) -> None:
    loaded = load(tmp_path, {"methods": ["attention", {"name": "integrated-gradients", "steps": "20"}]})
    assert loaded.study.methods[1].options["steps"] == 20


def test_the_command_line_merges_mappings_and_replaces_lists(tmp_path: Path) -> None:
    written = {"training": {"epochs": 3, "batch_size": 7}, "methods": ["attention", "random"]}
    loaded = load(tmp_path, written, {"training": {"epochs": 4}, "methods": ["gradient", "attention"]})
    assert (loaded.study.training.epochs, loaded.study.training.batch_size) == (4, 7)
    assert [method.id for method in loaded.study.methods] == ["gradient", "attention"]


@pytest.mark.parametrize(
    ("config", "epochs"),
    [
        ({}, 30),  # the data set's own key beats the general one
        ({"per_dataset": {"reviews": {"training": {"epochs": 40}}}}, 40),  # a higher level beats a lower
        ({"training": {"epochs": 50}}, 50),  # the general key of the command line beats all
        ({"training": {"epochs": 50}, "per_dataset": {"reviews": {"training": {"epochs": 40}}}}, 50),
    ],
)
def test_precedence_of_general_and_data_set_keys(tmp_path: Path, config: dict[str, Any], epochs: int) -> None:
    changes = {"training": {"epochs": 20}, "per_dataset": {"reviews": {"training": {"epochs": 30}}}}
    assert load(tmp_path, changes, config).settings["reviews"].training.epochs == epochs


@pytest.mark.parametrize(
    ("config", "epochs"),
    [
        ({}, 80),  # a block beats the options of the files, those of a data set too
        ({"per_dataset": {"reviews": {"training": {"epochs": 40}}}}, 40),
        ({"training": {"epochs": 50}}, 50),
        ({"training": {"patience": 3}}, 80),  # option by option
    ],
    ids=str,
)
def test_precedence_of_the_options_of_a_block(tmp_path: Path, config: dict[str, Any], epochs: int) -> None:
    block = {"encoder": "bilstm", "attention": "dot", "training": {"epochs": 80}}
    general = {"training": {"epochs": 20, "batch_size": 5}, "per_dataset": {"reviews": {"training": {"epochs": 30}}}}
    loaded = load(tmp_path, {**general, "grid": [block, {"encoder": "average", "attention": "dot"}]}, config)
    assert [one["reviews"].epochs for one in loaded.training] == [epochs, loaded.settings["reviews"].training.epochs]
    assert {one["reviews"].batch_size for one in loaded.training} == {5}


def test_mappings_may_be_merged_as_yaml_has_it(tmp_path: Path) -> None:
    study, registry = write_study(tmp_path)
    second = tmp_path / "more.yaml"
    second.write_text("display: {labels: &names {a: A, b: B}, colours: {<<: *names, a: '#112233', b: '#112244'}}\n")
    assert load_study([study, second], registry, {}).study.display.colours == {"a": "#112233", "b": "#112244"}


def test_a_block_that_gives_no_options_of_training_reads_as_before_there_were_any(tmp_path: Path) -> None:
    """Folders of studies with another `grid` are named after what `changed` holds."""
    given = load(tmp_path, config={"grid": {"encoder": "bilstm", "attention": "dot"}}).changed["grid"]
    assert [set(block) for block in given] == [{"encoder", "attention", "regulariser", "datasets", "seeds"}]
    more = {"encoder": "bilstm", "attention": "dot", "training": {"epochs": "8"}}
    assert load(tmp_path, config={"grid": more}).changed["grid"][0]["training"] == {"epochs": 8}


def test_a_protocol_lies_below_the_study(tmp_path: Path) -> None:
    registry = {
        "sst": {"title": "SST", "classes": ["a", "b"], "sources": {"synthetic": {"reader": "planted-sentiment"}}}
    }
    base = {"datasets": ["sst"], "protocol": "jain_wallace_2019"}  # its other data sets are not in this registry
    study, datasets = write_study(tmp_path, base, registry)
    assert load_study([study], datasets, {}).settings["sst"].tokeniser.options["min_length"] == 6
    study, datasets = write_study(
        tmp_path, {**base, "per_dataset": {"sst": {"tokeniser": {"min_length": 2}}}}, registry
    )
    settings = load_study([study], datasets, {}).settings["sst"].tokeniser.options
    assert (settings["min_length"], settings["cleaning"]) == (2, "alphanumeric")


PUBLISHED = [("permutation", {"draws": 100}), ("adversary", {"epsilon_search": 0.01, "epsilon_select": 0.05})]


def test_experiments_and_methods_of_a_protocol_are_the_published_ones_where_nothing_else_is_named(
    tmp_path: Path,
) -> None:
    protocol = {"protocol": "jain_wallace_2019", "methods": None}
    found = load(tmp_path, protocol).study
    assert [one.name for one in found.experiments] == ["permutation", "adversary"]
    for experiment, (_, options) in zip(found.experiments, PUBLISHED, strict=True):
        assert options.items() <= experiment.options.items()
    assert [one.id for one in found.methods] == ["attention", "gradient", "leave-one-out"]
    assert load(tmp_path, {"methods": None}).study.experiments == []


def test_a_study_beats_its_protocol_and_the_command_line_beats_both(tmp_path: Path) -> None:
    named = {"protocol": "jain_wallace_2019", "experiments": ["permutation"]}
    assert [one.id for one in load(tmp_path, named).study.experiments] == ["permutation"]
    assert [one.name for one in load(tmp_path, named).study.methods] == ["attention", "gradient"]
    given = load(tmp_path, named, {"experiments": ["adversary-exact"]}).study
    assert [one.id for one in given.experiments] == ["adversary-exact"]
    assert load(tmp_path, {"protocol": "jain_wallace_2019", "experiments": []}).study.experiments == []


def test_a_data_set_that_the_registry_lacks_is_refused_in_a_study_though_the_protocol_has_it(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"study\.yaml.*: per_dataset: unknown data set 'imdb'"):
        load(tmp_path, {"protocol": "jain_wallace_2019", "per_dataset": {"imdb": {"tokeniser": {"min_length": 2}}}})


def test_only_changes_of_meaning_count_as_changes(tmp_path: Path) -> None:
    harmless = {
        "data_mirror": "/elsewhere",
        "display": {"labels": {"bilstm": "B"}},
        "resources": {"shard": 5},
        "seeds": ["1", "2"],
    }
    assert load(tmp_path, config=harmless).changed == {}
    assert load(tmp_path, config={"seeds": [1], "resources": {"shard": 5}}).changed == {"seeds": [1]}


def test_unknown_data_sets_of_a_registry_are_refused_with_file_and_key(tmp_path: Path) -> None:
    study, registry = write_study(tmp_path, registry={"x": {**X, "sources": {"hub": {"repository": "a/b"}}}})
    with pytest.raises(ConfigError, match=r"datasets\.yaml: x\.sources\.hub\.revision: is required"):
        load_study([study], registry, {})


def test_a_hub_revision_must_be_pinned(tmp_path: Path) -> None:
    hub = {"repository": "a/b", "revision": "main", "splits": {"train": "train"}, "columns": {"text": "text"}}
    study, registry = write_study(tmp_path, registry={"x": {**X, "sources": {"hub": hub}}})
    with pytest.raises(ConfigError, match="'main' is not pinned"):
        load_study([study], registry, {})


def test_own_entries_may_stand_in_the_study(tmp_path: Path) -> None:
    own = {
        "name": "mine",
        "title": "Mine",
        "classes": ["a", "b"],
        "sources": {"synthetic": {"reader": "planted-shortcut"}},
    }
    loaded = load(tmp_path, {"datasets": [own, "reviews"]})
    assert loaded.study.dataset_names == ["mine", "reviews"]
    assert loaded.registry["mine"].title == "Mine"


def test_only_data_sets_that_there_are_can_be_disclosed(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"disclose\[0\]: unknown data set 'privat'. Did you mean 'private'"):
        load(tmp_path, {"disclose": ["privat"]})
