"""What the jobs of experiments are given: train where they are fitted on it, and the code that they reach."""

import json
from types import SimpleNamespace

import pytest

from attnexplain import registry
from attnexplain.errors import ConfigError
from attnexplain.provenance import Sources
from studies import plan


def test_train_is_an_input_of_experiments_that_are_fitted_alone(tmp_path):
    planned = plan(tmp_path, {"experiments": ["permutation", {"name": "probe", "words": 50}]})
    run, (folder,) = next(iter(planned.runs)), planned.tokens_folders
    given = {name: planned.train_tokens(SimpleNamespace(run=run, experiment=name)) for name in planned.experiments}
    (probe,) = (name for name in given if name.startswith("probe-"))
    assert given == {"permutation": [], probe: [f"resources/tokens/{folder}/train.parquet"]}


def test_the_code_of_the_probe_is_reached_by_the_probe_alone():
    for name in registry.BUILT_IN["experiment"]:
        closure = Sources().closure(["attnexplain.stages.experiment", registry.module("experiment", name)])
        assert (name == "probe") == ("attnexplain.experiments.logistic" in closure)


REMOVAL = {"name": "token-removal", "methods": ["random", {"name": "integrated-gradients", "steps": 7}, "attention"]}


def test_attributions_are_inputs_of_experiments_that_read_them_alone(tmp_path):
    planned = plan(tmp_path, {"experiments": ["permutation", "token-removal"]})
    run = next(iter(planned.runs))
    read = registry.facts("experiment", "token-removal")["options"]["methods"]["default"]
    given = {
        name: planned.experiment_attributions(SimpleNamespace(run=run, experiment=name)) for name in planned.experiments
    }
    files = [f"results/runs/{run}/attributions/{method}.parquet" for method in read]
    assert given == {"permutation": [], "token-removal": files}
    assert read == sorted(read) and set(read) <= set(registry.BUILT_IN["method"])


def test_methods_that_an_experiment_reads_are_planned_and_no_measure_has_them(tmp_path):
    planned = plan(tmp_path, {"experiments": [REMOVAL], "methods": ["attention"], "metrics": ["max-attention"]})
    (experiment,), (run, *_) = planned.experiments.values(), planned.runs
    attention, integrated, random = experiment.options["methods"]
    assert (attention, random) == ("attention", "random") and integrated.startswith("integrated-gradients-")
    assert set(planned.attributing) == {attention, integrated, random}
    job = SimpleNamespace(run=run, method=integrated, experiment=experiment.id)
    spec = {"name": "integrated-gradients", "id": integrated, "options": {"steps": 7}}
    assert json.loads(planned.method_spec(job)) == spec
    assert planned.attribute_code(job)
    assert planned.attributions(job) == [f"results/runs/{run}/attributions/attention.parquet"]
    assert json.loads(planned.experiment_spec(job))["options"]["methods"] == [attention, integrated, random]


def test_the_order_in_which_methods_are_named_is_no_identity_and_their_options_are(tmp_path):
    def experiment(**options):
        return next(iter(plan(tmp_path, {"experiments": [{"name": "token-removal", **options}]}).experiments))

    default = registry.facts("experiment", "token-removal")["options"]["methods"]["default"]
    assert experiment(methods=default[::-1]) == experiment() == "token-removal"
    ids = {
        experiment(methods=["random"]),
        experiment(methods=["random", "attention"]),
        experiment(methods=[{"name": "random", "draw": 1}]),
        experiment(methods=["random"], how="zero"),
    }
    assert len(ids) == 4
    assert experiment(methods=["attention", "random"]) in ids


@pytest.mark.parametrize(
    ("methods", "words"),
    [
        (["attention", "gradent"], r"unknown method 'gradent'.*gradient"),
        (["attention", "attention"], r"option 'methods': 'attention' is named twice"),
        ([], r"option 'methods': expected a list of plug-ins of the family 'method', got \[\]"),
        ("attention", r"option 'methods': expected a list of plug-ins of the family 'method', got 'attention'"),
        ([{"name": "random", "steps": 3}], r"method 'random' has no option 'steps'"),
    ],
)
def test_methods_that_cannot_be_read_are_refused(tmp_path, methods, words):
    with pytest.raises(ConfigError, match=rf"study\.yaml: experiments\[0\]: .*{words}"):
        plan(tmp_path, {"experiments": [{"name": "token-removal", "methods": methods}]})


def test_the_code_of_an_experiment_does_not_reach_the_methods_it_reads():
    closure = Sources().closure(["attnexplain.stages.experiment", registry.module("experiment", "token-removal")])
    methods = {registry.module("method", name) for name in registry.BUILT_IN["method"]}
    assert not methods & set(closure)


def test_an_experiment_about_a_base_has_jobs_where_a_run_has_one(tmp_path):
    adversary = {"name": "adversarial", "base": {"regulariser": "none"}}
    grid = [{"encoder": "bilstm", "attention": "additive", "regulariser": ["none", adversary]}]
    planned = plan(tmp_path, {"grid": grid, "experiments": ["permutation", "distance-to-base"]})
    for run, spec in planned.runs.items():
        tables = [path.split("/")[-1] for path in planned.experiment_tables(SimpleNamespace(run=run))]
        assert tables == ["permutation.parquet", *["distance-to-base.parquet"] * (spec["base"] is not None)]
    assert len({spec["base"] is None for spec in planned.runs.values()}) == 2
