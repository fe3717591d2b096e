"""Counts of better and worse, what they cost, and the table of all models: planted both ways."""

import pytest

from attnexplain.pages.findings.page import limits, page
from attnexplain.pages.findings.short import in_short
from attnexplain.pages.findings.summary import answer, costs, overview
from findings_tables import moved, ran, study, table, towards

PLAIN = [moved(None, "accuracy", mean=0.8), moved(None, "evidence")]
SAME = (0.0, -0.1, 0.1)


@pytest.mark.parametrize("notion", ["evidence", "adversary", "token-removal"])
@pytest.mark.parametrize("faithful", [True, False])
def test_a_remedy_is_marked_on_the_side_where_its_interval_lies(notion: str, faithful: bool) -> None:
    moves = [moved("tying", notion, towards(notion, faithful)), moved("average", notion, SAME)]
    found = table(overview(study([*PLAIN, moved(None, notion), *moves])))
    assert dict(zip(found["Remedy"], found.iloc[:, -1], strict=True)) == {
        "tying": "▲" if faithful else "▼",
        "Average": "·",
    }


def test_the_overview_has_a_mark_per_data_set_in_the_order_that_it_says() -> None:
    moves = [
        moved("tying", "evidence", towards("evidence", True)),
        moved("tying", "evidence", towards("evidence", False), dataset="imdb"),
        moved("average", "evidence", SAME, dataset="imdb"),
    ]
    said = overview(study([*PLAIN, *moves], [*ran("imdb"), *ran()]))
    assert "in this order: IMDb and SST." in said
    assert list(table(said)["Evidence AUPRC ↑"]) == ["▼ ▲", "· –"]


def test_of_one_seed_nothing_is_told() -> None:
    moves = [moved("tying", "evidence", towards("evidence", True), kind="examples-only")]
    found = study([*PLAIN, *moves], ran(seeds=(1,)))
    assert in_short(found).startswith("No data set has two seeds") == overview(found).startswith("No data set") is True
    assert "One seed alone, so nothing is told beyond those models: SST." in limits(found)


@pytest.mark.parametrize(
    ("cost", "mark"),
    [((-0.01, -0.019, -0.001), " ✓"), ((-0.2, -0.3, -0.1), " ✗"), ((-0.1, -0.3, 0.1), ""), ((-0.01, -0.03, 0), "")],
)
def test_accuracy_is_kept_or_lost_by_its_whole_interval(cost: tuple, mark: str) -> None:
    said = costs(study([*PLAIN, moved("tying", "accuracy", cost)]))
    (cell,) = table(said)["SST"]
    assert cell.partition("]")[2] == mark


def test_the_table_has_a_row_per_model_and_marks_what_differs() -> None:
    moves = [
        *(moved("tying", "evidence", towards("evidence", True), mean=0.7), moved("tying", "accuracy", SAME, mean=0.8)),
        *(
            moved("average", "evidence", towards("evidence", False), mean=0.3),
            moved("average", "accuracy", SAME, mean=0.8),
        ),
    ]
    found = table(answer(study([*PLAIN, *moves]), "sst"))
    assert list(found["Model"]) == ["plain: BiLSTM, additive", "tying", "Average"]
    assert [cell[-1] for cell in found["Evidence AUPRC"]] == ["]", "▲", "▼"]
    assert found["Accuracy"][0] == "0.800 [0.780, 0.820]"


def test_the_page_names_what_could_not_be_run() -> None:
    trained = [*ran(), *ran("babi-1", reason="no source for this data set")]
    moves = [moved("tying", "evidence", (0.2, 0.1, 0.3)), moved("tying", "accuracy", SAME)]
    said = page(study([*PLAIN, *moves], trained), {})
    assert "Could not be run: bAbI 1 (no source for this data set)." in said
    assert (
        "Subsets: SST: train=100" in said
        and "2 differences are told by intervals of their own, and 1 of these leave out 0" in said
    )
