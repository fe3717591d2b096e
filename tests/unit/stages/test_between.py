"""The stage of measures between runs. Expected numbers: the measure called by hand on one sentence at a time."""

import hmac
import json

import numpy as np
import pandas as pd
import pyarrow.parquet as pq
import pytest
from safetensors.torch import save_file

from attnexplain import sharding
from attnexplain.data.batching import collate, load_split
from attnexplain.errors import ResultError
from attnexplain.stages.between import run
from attnexplain.tables.between import SCHEMA
from attnexplain.tables.io import read_metadata, read_table, write_table
from attnexplain.tables.tokens import SCHEMA as TOKENS
from explaining import PAIRS, make_between, model, spec
from tiny import PROVENANCE, plugin, write_pairs, write_tokens

SEEDS = (3, 1, 2)  # not the order in which they are written


def write_models(folder, encoder="bilstm", classes=2, seeds=SEEDS):
    paths = []
    for seed in seeds:
        about = {**spec(encoder, classes=classes), "seed": seed, "run": f"tiny.{encoder}.s{seed}"}
        path = folder / "runs" / about["run"] / "model.safetensors"
        path.parent.mkdir(parents=True)
        (path.parent / "spec.json").write_text(json.dumps(about), encoding="utf-8")
        save_file(model(encoder, classes=classes, seed=seed).state_dict(), path)
        paths.append(path)
    return paths


def measured(folder, models, shard=1000, **options):
    run(
        plugins=[plugin("between", "imposed-attention")],
        models=models,
        tokens=folder / "tokens",
        output=folder / "between" / "tiny.parquet",
        scratch=folder / "scratch",
        device="cpu",
        tokens_per_batch=20,
        shard=shard,
        provenance=PROVENANCE,
        **options,
    )
    return read_table(folder / "between" / "tiny.parquet", SCHEMA)


@pytest.mark.parametrize("shard", [3, 1000])
def test_every_ordered_pair_of_each_cell_has_its_rows(tmp_path, shard):
    write_tokens(tmp_path / "tokens", 16)
    models = write_models(tmp_path) + write_models(tmp_path, "average", seeds=(1, 2))
    rows = measured(tmp_path, models, shard).to_pandas()
    split = load_split(tmp_path / "tokens" / "test.parquet")
    assert len(rows) == len(split) * 2 * (6 + 2)
    assert not rows.duplicated(["example_id", "run", "run_b", "metric"]).any()
    assert not (tmp_path / "scratch").exists()
    found = rows.set_index(["metric", "run", "run_b", "example_id"])
    for encoder, seeds in {"bilstm": (1, 2, 3), "average": (1, 2)}.items():
        measure = make_between("imposed-attention", [model(encoder, seed=seed) for seed in seeds])
        for index, example_id in enumerate(split.example_ids):
            for column, values in measure.run(collate(split, [index])).items():
                for a, b in [(a, b) for a in range(len(seeds)) for b in range(len(seeds)) if a != b]:
                    key = f"imposed-attention:{column}", f"tiny.{encoder}.s{seeds[a]}", f"tiny.{encoder}.s{seeds[b]}"
                    assert found.loc[(*key, example_id), "value"] == pytest.approx(values[a, b, 0], abs=1e-6)
                    assert found.loc[(*key, example_id), "n_tokens"] == split.lengths[index]
    assert rows["undefined_reason"].isna().all()


def test_rows_of_a_shard_follow_metric_runs_by_seed_and_split(tmp_path):
    write_tokens(tmp_path / "tokens", 8)
    rows = measured(tmp_path, write_models(tmp_path)).to_pandas()
    ids = load_split(tmp_path / "tokens" / "test.parquet").example_ids
    assert rows["example_id"].tolist() == ids * 12
    order = rows[["metric", "run", "run_b"]].drop_duplicates().to_numpy().tolist()
    names = [f"tiny.bilstm.s{seed}" for seed in (1, 2, 3)]
    pairs = [[a, b] for a in names for b in names if a != b]
    assert order == [[f"imposed-attention:{column}", *pair] for column in ("tvd", "jsd") for pair in pairs]


def test_a_job_stopped_midway_goes_on_and_writes_the_same_bytes(tmp_path, monkeypatch):
    write_tokens(tmp_path / "tokens", 16)
    models = write_models(tmp_path) + write_models(tmp_path, "average")
    measured(tmp_path, models, shard=3)
    whole = (tmp_path / "between" / "tiny.parquet").read_bytes()
    written, write = [], sharding.write_table

    def stops(path, *arguments):
        if len(written) == 5:
            raise KeyboardInterrupt
        written.append(path)
        write(path, *arguments)

    with monkeypatch.context() as patched:
        patched.setattr(sharding, "write_table", stops)
        with pytest.raises(KeyboardInterrupt):
            measured(tmp_path, models, shard=3)
    kept = list((tmp_path / "scratch").rglob("*.parquet"))
    assert len(kept) > 1
    before = {path: path.stat().st_mtime_ns for path in kept}
    monkeypatch.setattr(sharding.shutil, "rmtree", lambda path: None)
    measured(tmp_path, models, shard=3)
    assert {path: path.stat().st_mtime_ns for path in kept} == before
    assert (tmp_path / "between" / "tiny.parquet").read_bytes() == whole


def credentialed(folder):
    """Mark the tokens as the data's own access has it."""
    path = folder / "tokens" / "test.parquet"
    write_table(path, read_table(path, TOKENS), TOKENS, {**PROVENANCE, "access": "credentialed"})


def test_examples_of_credentialed_data_have_pseudonyms_in_the_table_and_on_the_way(tmp_path, monkeypatch):
    write_tokens(tmp_path / "tokens", 8)
    credentialed(tmp_path)
    models, seen = write_models(tmp_path), []
    write = sharding.write_table
    monkeypatch.setattr(
        sharding, "write_table", lambda path, rows, *rest: (seen.append(rows), write(path, rows, *rest))
    )
    table = measured(tmp_path, models, key=tmp_path / "key")
    ids, key = load_split(tmp_path / "tokens" / "test.parquet").example_ids, (tmp_path / "key").read_bytes()
    hidden = [hmac.digest(key, name.encode(), "sha256").hex()[:16] for name in ids]
    assert table["example_id"].to_pylist() == hidden * 12
    assert read_metadata(table.schema)["example_ids"] == "pseudonymous"
    assert seen and not any(set(rows["example_id"].to_pylist()) & set(ids) for rows in seen)


def test_a_study_may_disclose_them(tmp_path):
    write_tokens(tmp_path / "tokens", 8)
    credentialed(tmp_path)
    table = measured(tmp_path, write_models(tmp_path), key=tmp_path / "key", disclose=True)
    assert table["example_id"].to_pylist()[:4] == load_split(tmp_path / "tokens" / "test.parquet").example_ids
    assert "example_ids" not in read_metadata(table.schema) and not (tmp_path / "key").exists()


def test_of_pairs_the_tokens_of_the_attended_text_count(tmp_path):
    write_pairs(tmp_path / "tokens", 16)
    names = ["a", "b", "c", "d"][:PAIRS]
    (tmp_path / "tokens" / "statistics.json").write_text(json.dumps({"classes": names}), encoding="utf-8")
    table = measured(tmp_path, write_models(tmp_path, classes=PAIRS, seeds=(1, 2))).to_pandas()
    tokens = pd.read_parquet(tmp_path / "tokens" / "test.parquet").set_index("example_id")
    first = tokens["segment"].map(lambda segment: int((np.array(segment) == 0).sum()))
    assert (first < tokens["tokens"].str.len()).any()
    assert (table["n_tokens"].to_numpy() == first[table["example_id"]].to_numpy()).all()


def test_a_text_without_words_is_undefined_and_says_why(tmp_path):
    write_tokens(tmp_path / "tokens", 8)
    path = tmp_path / "tokens" / "test.parquet"
    rows = read_table(path, TOKENS).to_pylist()
    rows[1] |= {name: [] for name in ("tokens", "token_ids", "segment", "start", "end", "evidence")}
    write_table(path, TOKENS.columns.empty_table().from_pylist(rows, TOKENS.columns), TOKENS, PROVENANCE)
    table = measured(tmp_path, write_models(tmp_path)).to_pandas()
    empty = table["example_id"] == rows[1]["example_id"]
    assert table["value"].isna().equals(empty)
    assert set(table.loc[empty, "undefined_reason"]) == {"no token is attended"}
    assert set(table.loc[empty, "n_tokens"]) == {0}


def test_a_model_without_its_specification_is_named(tmp_path):
    write_tokens(tmp_path / "tokens", 8)
    models = write_models(tmp_path)
    (models[0].parent / "spec.json").unlink()
    with pytest.raises(ResultError, match=r"tiny\.bilstm\.s3/spec\.json: no such file"):
        measured(tmp_path, models)


def test_plain_pandas_reads_the_table(tmp_path):
    write_tokens(tmp_path / "tokens", 8)
    measured(tmp_path, write_models(tmp_path))
    frame = pd.read_parquet(tmp_path / "between" / "tiny.parquet")
    assert frame["value"].dtype == np.float64 and pq.read_schema(tmp_path / "between" / "tiny.parquet").names == [
        *("example_id", "run", "run_b", "method", "method_b", "metric", "value", "n_tokens", "undefined_reason"),
        *("null_mean", "null_std"),
    ]
