"""The page in short: what is counted, on planted tables."""

from typing import Any

from attnexplain.pages.findings.short import in_short
from findings_tables import moved, pair, ran, study, towards

SAME = (0.0, -0.1, 0.1)
LOST = (-0.2, -0.3, -0.1)
SETS = ("sst", "imdb")


def said(start: str, *moves: dict[str, Any], ranked: list[dict[str, Any]] | None = None) -> str:
    """The line that begins so."""
    plain = [moved(None, "accuracy", dataset=dataset) for dataset in SETS]
    trained = [row for dataset in SETS for row in ran(dataset)]
    lines = in_short(study([*plain, *moves], trained, ranked=ranked)).splitlines()
    (line,) = [line for line in lines if line.startswith((f"- {start}", f"- **{start}"))]
    return line


def both(remedy: str, notion: str, *differences: tuple[float, float, float]) -> list[dict[str, Any]]:
    return [
        moved(remedy, notion, difference, dataset=dataset)
        for dataset, difference in zip(SETS, differences, strict=False)
    ]


def test_better_everywhere_asks_for_every_data_set_and_two_at_least() -> None:
    up = towards("evidence", True)
    moves = [
        *both("tying", "evidence", up, up),
        *both("tying", "permutation", up, SAME),
        *both("average", "evidence", up),
        *both("tying", "accuracy", up, up),
    ]
    assert said("Better on every", *moves).endswith("(two at least): tying (evidence AUPRC).")
    assert said("No remedy", *moves[2:]) == "- No remedy betters a notion on every data set of several."


def test_what_is_better_in_one_notion_and_worse_in_another_is_counted_once_per_data_set() -> None:
    up, down = towards("evidence", True), towards("evidence", False)
    moves = [
        *both("tying", "evidence", up, up),
        *both("tying", "permutation", down, SAME),
        *both("average", "evidence", SAME, down),
    ]
    line = said("Notions pull apart", *moves)
    assert (
        "of 4 pairs" in line and "1 are better in one notion" in line and "1 better in some and worse in none" in line
    )


def test_the_price_is_counted_by_whole_intervals() -> None:
    moves = [*both("tying", "accuracy", LOST, (0, -0.01, 0.01)), *both("average", "accuracy", SAME)]
    line = said("Price", *moves)
    assert "of 3 differences in accuracy, 1 stay within 0.02, 1 lose more (tying on SST), and of 1 neither" in line


def test_claims_are_counted_by_paper() -> None:
    moves = [
        *both("tying", "probe", towards("probe", True), towards("probe", False)),
        *both("sparsemax", "tau-gradient", LOST, SAME),
    ]
    moves += [*both("deceptive", "accuracy", LOST), moved("deceptive", "accuracy", LOST) | {"encoder": "average"}]
    line = said("Papers", *moves)
    assert "Pruthi et al. 2020 1 of 2 (against: 1, neither: 0)" in line
    assert "Tutek and Šnajder 2020 1 of 2 (against: 1, neither: 0)" in line
    assert "Meister et al. 2021 1 of 2 (against: 0, neither: 1)" in line


def test_the_area_of_trained_adversaries_is_told_with_its_difference() -> None:
    line = said("Trained adversaries", moved(None, "curve", mean=0.1), *both("tying", "curve", (0.2, 0.1, 0.3)))
    assert line.endswith(
        "SST, plain 0.100 [0.080, 0.120]; SST, tying 0.500 [0.480, 0.520] (difference +0.20 [0.10, 0.30])."
    )


def test_pairs_of_notions_are_counted_over_data_sets() -> None:
    """One pair agrees on both data sets, one contradicts itself on one alone, one does both."""
    up, down, none = (0.5, 0.2, 0.8), (-0.5, -0.8, -0.2), (0.0, -0.3, 0.3)
    accuracy, permuted = {"metric": "accuracy"}, {"metric": "permutation:tvd_median"}
    evidence = {"metric": "evidence-auprc", "method": "attention"}
    planted = [(accuracy, evidence, up, up), (accuracy, permuted, none, down), (evidence, permuted, down, up)]
    rows = [
        pair(first, second, interval, dataset=dataset)
        for first, second, *intervals in planted
        for dataset, interval in zip(SETS, intervals, strict=True)
    ]
    line = said("Do notions", *both("tying", "evidence", SAME), ranked=rows)
    assert "Of 3 pairs, 1 agree on every data set, 1 contradict" in line and "(1 of these are accuracy" in line
    assert "1 do the one here" in line and "0 are neither" in line
    assert line.endswith("Contradicting: accuracy with distance under permutation.")
