"""Verdicts on hand-made numbers, each rule at both of its ends."""

import pytest

from attnexplain.pages import claims
from attnexplain.pages.claims import CLAIMS, FAILS, HOLDS, OPEN, UNKNOWN, above, below, counted, size, verdict_of_all
from attnexplain.pages.results import chosen
from attnexplain.statistics.differences import Estimate
from attnexplain.tables import statistics
from report_tables import cell, frame
from study_tables import divergences, rows_of, study


@pytest.mark.parametrize(
    ("low", "high", "is_below", "is_above"),
    [(0.2, 0.4, HOLDS, FAILS), (0.4, 0.5, OPEN, FAILS), (0.5, 0.6, FAILS, OPEN), (0.51, 0.6, FAILS, HOLDS)],
)
def test_rules_ask_for_the_whole_interval(low, high, is_below, is_above):
    one = Estimate((low + high) / 2, low, high)
    assert (below(0.5)(one), above(0.5)(one)) == (is_below, is_above)
    assert below(0.5)(Estimate(0.1)) == OPEN


def test_a_claim_on_several_numbers_fails_by_one():
    good, bad, wide = Estimate(0.1, 0.0, 0.2), Estimate(0.8, 0.7, 0.9), Estimate(0.5, 0.1, 0.9)
    assert verdict_of_all([good, good], below(0.5)) == HOLDS
    assert verdict_of_all([good, bad, wide], below(0.5)) == FAILS
    assert verdict_of_all([good, wide], below(0.5)) == OPEN
    assert verdict_of_all([good, None], below(0.5)) == UNKNOWN


def test_sizes_of_a_distance():
    found = [size(Estimate(0, *ends)) for ends in ((0, 0.09), (0.05, 0.2), (0.1, 0.3), (0.2, 0.4), (0.31, 0.9))]
    assert found == ["little", OPEN, "between", OPEN, "much"]
    assert (size(None), size(Estimate(0.2))) == (UNKNOWN, OPEN)


def judged(place, rows, found=None):
    more = {} if found is None else {"divergences": found}
    return CLAIMS[place].judge(chosen([study(statistics=frame(rows, statistics.SCHEMA), **more)]), "sst")


BILSTM, AVERAGE = cell("sst", "bilstm", "additive"), cell("sst", "average", "additive")


@pytest.mark.parametrize(
    ("taus", "average", "verdicts"),
    [
        ((0.30, 0.25, 0.60), (0.7, 0.7, 0.6), [HOLDS, HOLDS, HOLDS]),
        ((0.48, 0.25, 0.50), (0.5, 0.5, 0.6), [OPEN, OPEN, OPEN]),
        ((0.60, 0.25, 0.20), (0.2, 0.5, 0.6), [FAILS, FAILS, FAILS]),
    ],
)
def test_claims_on_tau(taus, average, verdicts):
    rows = rows_of(BILSTM, taus) + rows_of(AVERAGE, average)
    assert [judged(place, rows)[1] for place in range(3)] == verdicts


def test_cells_of_a_claim_hold_numbers_and_intervals():
    cells, _ = judged(0, rows_of(BILSTM))
    assert cells == ["0.300 [0.260, 0.340]", "0.35", "0.250 [0.210, 0.290]", "0.35"]
    cells, verdict = judged(1, rows_of(BILSTM))  # without the average encoder
    assert (cells[:3], verdict) == (["–", "0.300 [0.260, 0.340]", "–"], UNKNOWN)


def test_a_control_or_a_variant_is_not_taken_for_the_model():
    untrained = cell("sst", "bilstm", "additive", "untrained")
    assert judged(0, rows_of(untrained))[1] == UNKNOWN
    assert judged(0, rows_of({**BILSTM, "normaliser": "sparsemax"}))[1] == UNKNOWN


def test_permuted_attention_is_judged_on_the_sets_that_the_claim_names():
    assert judged(3, rows_of(BILSTM, permuted=0.05))[1] == HOLDS
    assert judged(3, rows_of(BILSTM, permuted=0.2))[1] == FAILS
    assert judged(3, rows_of(BILSTM, permuted=0.1))[1] == OPEN
    results = chosen([study(statistics=frame(rows_of(cell("snli", "bilstm", "additive")), statistics.SCHEMA))])
    assert CLAIMS[3].judge(results, "snli")[1] == "not named in the claim"


@pytest.mark.parametrize(
    ("values", "verdict"),
    [
        ((0.2, 0.60, 0.65), HOLDS),  # the search failed: that decides nothing
        ((0.6, 0.20, 0.65), HOLDS),  # the search found what the solver did not attain
        ((0.2, 0.20, 0.65), OPEN),  # not found, but possible
        ((0.2, 0.20, 0.40), FAILS),  # impossible
    ],
)
def test_an_adversary_exists_where_one_was_found_and_does_not_where_none_is_possible(values, verdict):
    cells, found = judged(4, rows_of(BILSTM), divergences(BILSTM, *values))
    assert found == verdict
    assert cells[0] == "0.500 [0.470, 0.530]"


def test_few_texts_leave_it_open():
    assert judged(4, rows_of(BILSTM), divergences(BILSTM, 0.2, 0.6, 0.65, texts=20))[1] == OPEN


def test_verdicts_are_counted_with_their_data_sets():
    lines = counted({"sst": HOLDS, "imdb": FAILS, "snli": HOLDS}).splitlines()
    assert lines == ["- **holds** on 2 of 3 data sets: SST and SNLI", "- **does not hold** on 1 of 3 data sets: IMDb"]


def test_all_claims_are_on_the_page():
    text = claims.claims(chosen([study()]))
    assert text.count("### ") == 5
    assert "| SST | 0.300 [0.260, 0.340] | 0.35 | 0.250 [0.210, 0.290] | 0.35 | holds |" in text
