"""Expected sizes are the shares computed by hand."""

from collections import Counter

from attnexplain.data.divide import divide, three_ways

ROWS = [{"example_id": str(n), "label": "a" if n % 4 else 1} for n in range(200)]


def test_a_division_is_a_partition_in_the_old_order_and_keeps_the_shares_of_the_classes():
    stay, drawn = divide(ROWS, 40, 0, "dev")
    assert Counter(row["label"] for row in drawn) == {"a": 30, 1: 10}
    assert [row for row in ROWS if row in stay] == stay
    assert [row for row in ROWS if row in drawn] == drawn
    assert len(stay) + len(drawn) == len(ROWS)


def test_a_draw_follows_its_seed_and_the_split_it_is_for():
    draws = [divide(ROWS, 40, *key)[1] for key in ((0, "dev"), (1, "dev"), (0, "test"))]
    assert divide(ROWS, 40, 0, "dev")[1] == draws[0]
    assert draws[0] != draws[1] and draws[0] != draws[2]


def test_all_rows_may_be_drawn():
    assert divide(ROWS, 200, 0, "test") == ([], ROWS)


def test_shares_of_three_splits_are_of_the_whole():
    splits = three_ways(ROWS, 0.2, 0.1, 0)
    assert {split: len(rows) for split, rows in splits.items()} == {"train": 140, "dev": 20, "test": 40}
    assert len({row["example_id"] for rows in splits.values() for row in rows}) == 200
