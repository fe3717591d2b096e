"""Every registered metric keeps the promises of its family. Null moments: by simulation of the FACTS' null model."""

import numpy as np
import pyarrow as pa
import pytest

from attnexplain.metrics.ragged import Ragged
from attnexplain.registry import BUILT_IN, facts, load

EVERY = sorted(BUILT_IN["metric"])
NAMES = [name for name in EVERY if facts("metric", name)["kind"] != "words"]
READERS = [name for name in EVERY if facts("metric", name)["kind"] == "words"]
NULLED = [name for name in NAMES if facts("metric", name)["null"] != "none"]


def options(name):
    return {key: option["default"] for key, option in facts("metric", name)["options"].items()}


def example(rng, n):
    """Scores of two methods and evidence, as attention would be: positive, summing to 1."""
    scores = [rng.dirichlet(np.ones(n)) if n else np.empty(0) for _ in range(2)]
    return *scores, (rng.random(n) < 0.4).astype(float)


def awkward():
    """Examples of many lengths, with ties, constant scores, NaN, without evidence, all evidence, none annotated."""
    rng = np.random.default_rng(0)
    found = [example(rng, n) for n in [0, 1, 1, 2, 2, 3, 5, 8, 8, 20, 21, 40, 70] * 3]
    found += [(np.full(4, 0.25), rng.dirichlet(np.ones(4)), np.array([1.0, 0, 0, 0]))]
    found += [(np.array([0.5, 0.5, 0, 0]), np.array([0.4, 0.2, 0.2, 0.2]), np.array([0.5, 0, 0.2, 1]))]
    found += [(np.array([np.nan, 0.5]), np.array([0.5, 0.5]), np.array([1.0, 0]))]
    found += [(np.array([0.3, 0.7]), np.array([0.6, 0.4]), evidence) for evidence in (np.ones(2), np.zeros(2), [])]
    return found


def measure(name, examples):
    a, b, evidence = (Ragged.from_rows(side) for side in zip(*examples, strict=True))
    arguments = {"pair": (a, b), "method": (a, evidence), "attention": (a,)}[facts("metric", name)["kind"]]
    return load("metric", name)(*arguments, **options(name))


@pytest.mark.parametrize("name", EVERY)
def test_facts_say_what_tables_and_figures_need(name):
    found = facts("metric", name)
    assert found["name"] == name
    assert found["kind"] in ("pair", "method", "attention", "words")
    assert (found["kind"] == "words") == ("columns" in found)
    assert found["direction"] in ("higher", "lower", "neither")
    assert len(found["range"]) == 2
    assert {"title", "citation", "needs", "options", "null", "p_value"} <= set(found)


@pytest.mark.parametrize("name", NAMES)
def test_values_lie_in_the_range_and_p_values_in_0_1(name):
    found, (low, high) = measure(name, awkward()), facts("metric", name)["range"]
    defined = found.value[~np.isnan(found.value)]
    assert len(defined) > 20
    assert (low is None or (defined >= low).all()) and (high is None or (defined <= high + 1e-12).all())
    assert (found.p_value is not None) == facts("metric", name)["p_value"]
    if found.p_value is not None:
        assert ((found.p_value[~np.isnan(found.value)] >= 0) & (found.p_value[~np.isnan(found.value)] <= 1)).all()


@pytest.mark.parametrize("name", NAMES)
def test_a_value_is_nan_exactly_where_a_reason_is_given(name):
    found = measure(name, awkward())
    reasons = found.undefined_reason or [None] * len(found.value)
    assert np.isnan(found.value).tolist() == [reason is not None for reason in reasons]
    assert any(reasons)
    for values in (found.p_value, found.null_mean, found.null_std):
        assert values is None or (np.isnan(values) == np.isnan(found.value)).all()


@pytest.mark.parametrize("name", NAMES)
def test_an_example_alone_has_the_value_it_has_among_others(name):
    examples = awkward()
    together, order = measure(name, examples), np.random.default_rng(1).permutation(len(examples))
    shuffled = measure(name, [examples[i] for i in order])
    np.testing.assert_allclose(shuffled.value, together.value[order], rtol=0, atol=1e-14)
    for i in (0, 7, 10, 30, len(examples) - 1):
        alone = measure(name, [examples[i]])
        np.testing.assert_allclose(alone.value, together.value[[i]], rtol=0, atol=1e-14)
        assert (alone.undefined_reason or [None])[0] == (together.undefined_reason or [None] * len(examples))[i]


@pytest.mark.parametrize("name", NAMES)
def test_no_examples_give_no_values(name):
    kind, empty = facts("metric", name)["kind"], Ragged.from_rows([])
    arguments = {"pair": (empty, empty), "method": (empty, empty), "attention": (empty,)}[kind]
    assert len(load("metric", name)(*arguments, **options(name)).value) == 0


@pytest.mark.parametrize("name", NAMES)
def test_inputs_are_left_as_found(name):
    examples = awkward()
    before = [[np.array(part) for part in parts] for parts in examples]
    measure(name, examples)
    for parts, expected in zip(examples, before, strict=True):
        for part, copy in zip(parts, expected, strict=True):
            np.testing.assert_array_equal(part, copy)


@pytest.mark.parametrize("name", NULLED)
@pytest.mark.parametrize("n", [4, 9, 25])
def test_null_moments_equal_those_of_shuffled_scores(name, n):
    rng, draws = np.random.default_rng(n), 20_000
    a, b, _ = example(rng, n)
    evidence = np.arange(n) < max(1, n // 4)
    shuffled = rng.permuted(np.tile(a, (draws, 1)), axis=1)
    found = measure(name, [(row, b, evidence) for row in shuffled])
    standard_error = found.null_std[0] / np.sqrt(draws)
    assert found.value.mean() == pytest.approx(found.null_mean[0], abs=4 * standard_error)
    assert found.value.std() == pytest.approx(found.null_std[0], rel=0.03)


@pytest.mark.parametrize("name", READERS)
def test_metrics_of_words_have_the_columns_of_the_facts_and_each_example_its_own_value(name):
    rng = np.random.default_rng(0)
    rows = [a for a, _, _ in awkward()]
    words = [[str(word) for word in rng.choice(["the", "Film", "isn't", ",", "3rd", "and"], len(row))] for row in rows]
    together = columns_of_words(name, rows, words)
    described = facts("metric", name)["columns"]
    assert set(together) == set(described)
    for column, measured in together.items():
        low, high = described[column]["range"]
        defined = measured.value[~np.isnan(measured.value)]
        assert (defined >= low).all() and (high is None or (defined <= high).all())
        assert [reason is not None for reason in measured.undefined_reason] == np.isnan(measured.value).tolist()
        for values in (measured.null_mean, measured.null_std):
            assert values is None or (np.isnan(values) == np.isnan(measured.value)).all()
        for place in (0, 7, 30, len(rows) - 1):
            alone = columns_of_words(name, [rows[place]], [words[place]])[column]
            assert alone.value[0] == pytest.approx(measured.value[place], abs=1e-14, nan_ok=True)
            assert alone.undefined_reason[0] == measured.undefined_reason[place]


def columns_of_words(name, rows, words):
    """All columns of a metric: the option `words` asks for those of one's own list."""
    flat = [word for text in words for word in text]
    return load("metric", name)(
        Ragged.from_rows(rows), pa.array(flat, pa.string()), **{**options(name), "words": "film"}
    )
