"""Examples of two attentions. Expected: the texts that a sort by hand picks; words from the table."""

import numpy as np
import pandas as pd
import pytest

import report_tables as tables
from attnexplain.figures.attention_heatmaps import choose, draw, words
from attnexplain.figures.text_blocks import word_width, wrap

DATA = {"texts": tables.texts_table(), "statistics": tables.statistics_table()}


def _shown(texts: pd.DataFrame) -> list[str]:
    figure, _ = draw({**DATA, "texts": texts}, tables.SETTINGS)
    return [text.get_text() for ax in figure.axes for text in ax.texts]


def test_the_texts_at_median_and_upper_quartile_are_chosen_ties_by_identifier() -> None:
    texts = DATA["texts"][DATA["texts"]["dataset"] == "sst"].sample(frac=1, random_state=4)
    order = sorted(zip(texts["jsd"], texts["example_id"], strict=True))  # nine of them
    assert choose(texts)["example_id"].tolist() == [order[4][1], order[6][1]]
    alike = texts.assign(jsd=0.5)
    assert choose(alike)["example_id"].tolist() == ["test-4", "test-6"]


@pytest.mark.parametrize(("n", "expected"), [(1, ["median"]), (2, ["median"]), (3, ["median"]), (4, 2), (5, 2)])
def test_of_few_texts_one_may_be_both_and_is_shown_once(n: int, expected: list[str] | int) -> None:
    found = choose(DATA["texts"][DATA["texts"]["dataset"] == "sst"].iloc[:n])["quantile"].tolist()
    assert found == (["median", "upper quartile"] if expected == 2 else expected)


def test_every_word_is_written_with_both_its_weights() -> None:
    chosen = choose(DATA["texts"])
    found = words(chosen)
    assert len(found) == chosen["tokens"].dropna().map(len).sum() + 1
    one = chosen[chosen["dataset"] == "sst"].iloc[0]
    rows = found[(found["dataset"] == "sst") & (found["quantile"] == "median")]
    assert rows["token"].tolist() == one["tokens"] and rows["position"].tolist() == list(range(len(one["tokens"])))
    assert rows["learned"].tolist() == one["learned"] and rows["found"].tolist() == one["found"]


def test_panels_say_prediction_distance_and_divergence() -> None:
    shown = _shown(DATA["texts"])
    jsd = choose(DATA["texts"])["jsd"].dropna().iloc[0]
    assert "learned: positive, p = 0.900" in shown
    assert f"found: TVD = 0.050, JSD = {jsd:.3f} (median)" in shown
    assert shown[-1] == "right: Adversary, exact"
    assert "SST: BiLSTM, additive" in shown and "MIMIC anemia: BiLSTM, additive" in shown


def test_a_data_set_without_texts_says_why() -> None:
    private = DATA["texts"][DATA["texts"]["dataset"] == "mimic-anemia"]
    shown = _shown(private)
    assert shown[1:-1] == ["texts of a credentialed data set are not shown"]
    assert words(choose(private))["token"].isna().all()


def test_words_are_taken_as_they_are_never_as_mathematics() -> None:
    row = {**DATA["texts"].iloc[0], "tokens": ["$x$", "$\\unknown{$", "a\nb", " "]}
    row |= {"learned": [0.25] * 4, "found": [0.25] * 4, "class_name": "$\\bad{$"}
    shown = _shown(pd.DataFrame([row]))
    assert {"$x$", "$\\unknown{$", "a b", "␣"} <= set(shown)


def test_the_question_of_a_pair_stands_below() -> None:
    row = {**DATA["texts"].iloc[0], "pair_tokens": np.array(["where", "is", "the", "football"], dtype=object)}
    shown = _shown(pd.DataFrame([row]))
    assert shown[-6:-1] == ["second text:", "where", "is", "the", "football"]


def test_lines_hold_every_word_once_in_order_within_the_width() -> None:
    text = [f"word{i}" * (1 + i % 3) for i in range(40)]
    lines = wrap(text, 2.0)
    assert [word for line in lines for _, _, word in line] == text and len(lines) > 5
    assert [position for line in lines for position, _, _ in line] == list(range(40))
    for line in lines:
        ends = [x + word_width(word) for _, x, word in line]
        assert ends[-1] <= 2.0 and all(end < x for end, (_, x, _) in zip(ends, line[1:], strict=False))


def test_a_word_longer_than_a_line_is_cut_short() -> None:
    (((_, _, shown),),) = wrap(["a" * 200], 1.0)
    assert shown.endswith("…") and 0.9 < word_width(shown) <= 1.0
