"""The benchmark measures one thing in two ways: every stage's results equal those of its reference, on tiny cases.

A difference that a mistake would make is also seen to be found.
"""

import contextlib
import csv
import dataclasses
import json

import numpy as np
import pytest
import torch

from benchmarks import flops, inputs, table
from benchmarks.case import ENCODERS, Case, Setting, Sizes, largest_difference
from benchmarks.catalogue import STAGES, cases
from benchmarks.machine import gflops
from benchmarks.measure import main, measured

SIZES = Sizes(vocabulary=40, embedding=8, hidden=8)
CASES = list(cases(list(STAGES), [20], ENCODERS))


FLOPS = ("training epoch", "forward", "gradient", "leave-one-out", "integrated gradients")


def setting(folder, encoder="bilstm", tokens=7, examples=6, few=2):
    return Setting(encoder, tokens, examples, few, examples, folder, torch.device("cpu"), SIZES)


def tiny(folder, name, encoder):
    return setting(folder, encoder, examples=3, few=1) if "adversary" in name else setting(folder, encoder)


@pytest.mark.parametrize(("name", "encoder", "tokens"), CASES)
def test_a_stage_computes_what_its_reference_computes(tmp_path, name, encoder, tokens):
    case = STAGES[name].build(tiny(tmp_path, name, encoder))
    assert case.mean_tokens == pytest.approx(7, abs=0.5)
    row = measured(case, tiny(tmp_path, name, encoder), repeats=1)
    assert row["largest_difference"] <= STAGES[name].tolerance
    assert row["ratio"] == pytest.approx(row["examples_per_s"] / row["reference_examples_per_s"])
    assert (row["flops_per_example"] is None) == (name not in FLOPS)


def test_every_stage_that_is_asked_for_is_measured():
    asked = ("training epoch", "forward", "gradient", "leave-one-out", "permutation", "search adversary")
    asked += ("exact adversary", "integrated gradients", "Kendall tau", "tokenisation", "Parquet writing")
    assert set(asked) <= set(STAGES)
    every = set(cases(list(STAGES), [20, 180, 400], ENCODERS))
    assert {(name, "bilstm", 400) for name in (*FLOPS, "permutation", "search adversary", "exact adversary")} <= every
    assert {(name, encoder, 180) for name in FLOPS for encoder in ENCODERS} <= every
    assert not {case for case in cases(list(STAGES), [20], ["cnn"]) if case[1] not in ("cnn", "none")}


@pytest.mark.parametrize(("name", "encoder", "tokens"), CASES)
def test_another_model_or_text_would_be_a_difference(tmp_path, monkeypatch, name, encoder, tokens):
    ours = STAGES[name].build(tiny(tmp_path, name, encoder))
    found = ours.fast()
    monkeypatch.setattr(inputs, "SEED", 2)
    monkeypatch.setattr(inputs, "lengths", lambda setting: np.arange(setting.examples) + 4)
    if name.startswith("exact"):
        found = {at: dataclasses.replace(one, jsd_found=one.jsd_found + 1e-6) for at, one in found.items()}
        assert ours.difference(found, None) > STAGES[name].tolerance
        return
    assert ours.difference(found, STAGES[name].build(tiny(tmp_path, name, encoder)).naive()) > STAGES[name].tolerance


def test_a_difference_is_the_largest_and_what_cannot_be_compared_is_infinite():
    assert largest_difference({0: [1.0, 2.0], 1: 3.0, 2: 9.0}, {0: [1.0, 2.25], 1: 3.1}) == 0.25
    for found, expected in (([1.0], [1.0, 2.0]), ([float("nan")], [1.0]), ([1.0], [float("nan")])):
        assert largest_difference({0: found}, {0: expected}) == float("inf")
    assert largest_difference({}, {}) == float("inf")


def test_rates_are_medians_of_examples_by_seconds(tmp_path, monkeypatch):
    seconds = iter([1.0, 4.0, 2.0, 8.0, 3.0, 16.0])
    monkeypatch.setattr("benchmarks.measure.timed", lambda function, device: (next(seconds), function()))
    row = measured(Case(lambda: {0: 1.5}, lambda: {0: 1.0}, 7.0), setting(tmp_path), repeats=3)
    assert row["examples_per_s"] == 6 / 2 and row["reference_examples_per_s"] == 2 / 8
    assert row["ratio"] == 12 and row["largest_difference"] == 0.5
    assert row["examples_per_s_iqr"] == pytest.approx(np.subtract(*np.quantile([6, 3, 2], [0.75, 0.25])))


def test_a_case_that_differs_from_its_reference_is_refused(monkeypatch, capsys):
    for difference, refused in ((0.5, False), (1.5, True)):
        case = Case(lambda: {0: 1.0}, lambda off=difference: {0: 1.0 + off}, 20.0)
        stage = dataclasses.replace(STAGES["forward"], build=lambda setting, case=case: case, tolerance=1.0)
        monkeypatch.setitem(STAGES, "forward", stage)
        with pytest.raises(SystemExit, match="differs") if refused else contextlib.nullcontext():
            main("forward", "cnn", "20", "1", "cpu")
        printed = capsys.readouterr().out
        assert printed == "" if refused else json.loads(printed)["largest_difference"] == 0.5


def test_the_references_texts_are_of_every_length(tmp_path):
    one = setting(tmp_path, tokens=100, examples=45, few=15)
    lengths = inputs.lengths(one)
    assert (lengths.min(), lengths.max()) == (61, 139) and lengths.mean() == pytest.approx(100, abs=0.1)
    some = lengths[inputs.few(one)]
    assert len(set(some)) == 15 and some.mean() == pytest.approx(100, abs=0.1) and some.max() > 135 > 65 > some.min()
    assert [len(words) for words in inputs.word_ids(one)] == lengths.tolist()
    assert set(lengths[inputs.middling(one)]) == set(range(88, 113)) & set(lengths)


def test_a_batch_holds_texts_of_nearly_one_length(tmp_path):
    one = dataclasses.replace(setting(tmp_path, tokens=100, examples=12, few=3), lengths=3)
    found = inputs.batches(one, inputs.split(one))
    assert [batch.mask.shape for batch in found] == [(4, 75), (4, 102), (4, 129)]
    assert sorted(torch.cat([batch.index for batch in found]).tolist()) == list(range(12))
    assert inputs.mean_tokens(one) == 100 and [inputs.lengths(one)[at] for at in inputs.middling(one)] == [100] * 3


def test_operations_are_those_counted_on_paper():
    sizes, texts = Sizes(embedding=3, hidden=4), [np.array([5, 6, 5]), np.array([6])]
    # Two words, <sos> and <eos> by 32 gates; 5 + 3 tokens by 4 x 32; 4 words by 8 x 4.
    assert flops.forward("bilstm", sizes, texts) == 2 * (3 * 32 * 4 + 8 * 4 * 32 + 4 * 8 * 4)
    # 16 places in the windows, a filter of 3 each, for each of four words; attention 4 x 2.
    assert flops.forward("cnn", sizes, texts) == 2 * (3 * 16 * 4 + 4 * 4 * 2)
    assert flops.forward("average", sizes, texts) == 2 * (3 * 4 * 4 + 2 * 4 * 2)
    assert flops.gradient("bilstm", sizes, texts) - flops.forward("bilstm", sizes, texts) == 2 * 8 * 4 * 32
    # Six pairs of a deleted word and another: half the states of each.
    deleted = flops.leave_one_out("bilstm", sizes, texts) - flops.forward("bilstm", sizes, texts)
    assert deleted == 6 * 2 * (4 * 16 + 4 * 4)
    assert flops.training_epoch("cnn", sizes, [texts, texts]) == 6 * flops.forward("cnn", sizes, texts)


def test_the_table_has_every_number_and_the_limit_of_the_machine(tmp_path):
    row = {"stage": "forward", "encoder": "cnn", "tokens": 20, "device": "cpu", "imports_mib": 200.0}
    row |= measured(Case(lambda: {0: 1.0}, lambda: {0: 1.0}, 20.0, flops=2e6), setting(tmp_path), repeats=2)
    machine = {"cpu": "Example CPU", "cores": 2, "instructions": "AVX2", "memory_gib": 8.0, "gpu": None}
    machine |= {"gflops": {"cpu": 80.0}, "system": "Linux", "python": "3.12", "torch": "2.9"}
    done = table.completed(row, machine)
    assert done["limit_examples_per_s"] == pytest.approx(40_000)
    assert done["of_limit"] == pytest.approx(row["examples_per_s"] / 40_000)
    without = table.completed({**row, "stage": "Kendall tau", "encoder": "none", "flops_per_example": None}, machine)
    table.write(tmp_path / "docs" / "speed", [done, without], machine, repeats=2)
    with (tmp_path / "docs" / "speed.csv").open() as file:
        written = list(csv.DictReader(file))
    assert [one["stage"] for one in written] == ["forward", "Kendall tau"]
    assert float(written[0]["of_limit"]) == pytest.approx(done["of_limit"], rel=1e-4) and written[1]["of_limit"] == ""
    page = (tmp_path / "docs" / "speed.md").read_text()
    assert "Example CPU, 2 cores (AVX2), 8.0 GiB; 80 GFLOP/s" in page and "`speed.csv`" in page
    assert "| cnn | 20 | " in page and "| – | 20 | " in page and page.index("## Forward") < page.index("## Kendall tau")
    assert json.dumps(done) and table.line(done)


def test_the_machines_rate_is_measured():
    assert 0.01 < gflops(torch.device("cpu"), side=128) < 1e5
