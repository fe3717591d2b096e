"""Stages where memory runs out on the way. Expected rows: those of the same job with all the memory it wants."""

import json

import numpy as np
import pyarrow.parquet as pq
import pytest
from safetensors.torch import save_file

from attnexplain.between import attentions
from attnexplain.errors import AttnExplainError
from attnexplain.experiments.fixed import fixed_examples
from attnexplain.models.classifier import load_classifier
from attnexplain.stages import attribute, between, experiment
from explaining import model, spec
from scarce_memory import scarcely
from tiny import PROVENANCE, plugin, write_tokens


def attributed(folder, name):
    _of_run(attribute.run, folder, method=plugin("method", name))


def experimented(folder, name):
    _of_run(experiment.run, folder, experiment=plugin("experiment", name))


def compared(folder, name):
    models = []
    for seed in (1, 2):
        path = folder / f"s{seed}" / "model.safetensors"
        path.parent.mkdir()
        about = {**spec(), "seed": seed, "run": f"tiny.s{seed}"}
        (path.parent / "spec.json").write_text(json.dumps(about), encoding="utf-8")
        save_file(model(seed=seed).state_dict(), path)
        models.append(path)
    _run(between.run, folder, plugins=[plugin("between", name)], models=models)


def _of_run(run, folder, **chosen):
    save_file(model().state_dict(), folder / "model.safetensors")
    _run(run, folder, spec=spec(), model=folder / "model.safetensors", **chosen)


def _run(run, folder, **given):
    write_tokens(folder / "tokens", 60)
    places = {"tokens": folder / "tokens", "output": folder / "out.parquet", "scratch": folder / "scratch"}
    run(**given, **places, device="cpu", tokens_per_batch=4096, shard=1000, provenance=PROVENANCE)


def refusing(examples, limit):
    """`fixed_examples` of batches of `limit` positions at most."""

    def few(model, batch):
        if batch.mask.numel() > limit:
            raise MemoryError
        return examples(model, batch)

    return few


JOBS = [
    (attributed, "integrated-gradients", ["scores", "completeness_gap"]),
    (attributed, "leave-one-out", ["scores"]),
    (experimented, "permutation", ["tvd_median", "max_attention"]),
    (experimented, "adversary-exact", ["jsd_max", "weights"]),
    (compared, "imposed-attention", ["value"]),
]
LIMIT = 90  # positions; the test split has more than 200, its longest text 11


@pytest.mark.parametrize("job, name, columns", JOBS, ids=[name for _, name, _ in JOBS])
def test_a_job_goes_on_where_memory_runs_out(tmp_path, monkeypatch, caplog, job, name, columns):
    tables = []
    for place, limit in (("ample", 10**9), ("scarce", LIMIT)):
        monkeypatch.setattr("attnexplain.stages.inference.load_classifier", scarcely(load_classifier, limit))
        # There texts go through the model by themselves.
        monkeypatch.setattr(attentions, "fixed_examples", refusing(fixed_examples, limit))
        (tmp_path / place).mkdir()
        job(tmp_path / place, name)
        tables.append(pq.read_table(tmp_path / place / "out.parquet"))
    for column in columns:
        expected, found = (np.hstack(table[column].to_pylist()) for table in tables)
        np.testing.assert_allclose(found, expected, atol=1e-6, rtol=0)
    assert tables[0]["example_id"] == tables[1]["example_id"]
    lines = [line for line in caplog.messages if "out of memory" in line]
    assert lines
    assert len(lines) == len(set(lines))


def test_a_job_without_memory_for_one_text_says_how_long_it_is(tmp_path, monkeypatch):
    monkeypatch.setattr("attnexplain.stages.inference.load_classifier", scarcely(load_classifier, 2))
    with pytest.raises(AttnExplainError, match=r"words.*`max_length`"):
        attributed(tmp_path, "gradient")
