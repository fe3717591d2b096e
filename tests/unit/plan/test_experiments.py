"""What the jobs of experiments are given: train where they are fitted on it, and the code that they reach."""

from types import SimpleNamespace

from attnexplain import registry
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
