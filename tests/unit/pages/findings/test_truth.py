"""Which method finds the evidence: planted means and differences, both ways."""

import pytest

from attnexplain.pages.findings.truth import truth
from findings_tables import model, moved, ran, study, table

GAINS = [moved(None, "evidence", dataset="planted-shortcut"), moved("tying", "evidence", dataset="planted-shortcut")]


def found(remedy: str | None, method: str, mean: float, null: float = 0.1) -> dict:
    about = {"study": "demo", **model(remedy, "planted-shortcut"), "method": method, "class": "all"}
    about |= {"metric": "evidence-auprc", "options": "{}", "n_examples": 50, "n_undefined": 0, "n_seeds": 2}
    return {**about, "mean": mean, "ci_low": mean - 0.05, "ci_high": mean + 0.05, "null_low": 0.0, "null_high": null}


def beside(remedy: str | None, low: float, high: float) -> dict:
    about = {"study": "demo", **model(remedy, "planted-shortcut"), "class": "all", "metric": "evidence-auprc"}
    about |= {"axis": "method", "value": "attention", "other": "leave-one-out", "options": "{}", "ci_kind": "two-way"}
    counts = {"n_examples": 50, "n_undefined": 0, "n_seeds": 2}
    return {**about, "difference": (low + high) / 2, "ci_low": low, "ci_high": high, **counts}


def said(attention: float, low: float, high: float) -> str:
    evidence = [found(None, "attention", attention), found(None, "leave-one-out", 0.6)]
    evidence += [found("tying", "attention", 0.9), found("tying", "leave-one-out", 0.6)]
    compared = [beside(None, low, high), beside("tying", 0.2, 0.4)]
    return truth(study(GAINS, ran("planted-shortcut"), evidence, compared))


def test_the_method_with_the_highest_mean_is_named_per_model() -> None:
    page = said(0.2, -0.5, -0.3)
    assert "Highest mean of 2 models: Leave-one-out in 1 (plain); Attention in 1 (tying)." in page
    assert "(evidence planted)" in page
    assert list(table(page)["Attention"]) == ["0.200 [0.150, 0.250]", "0.900 [0.850, 0.950]"]


@pytest.mark.parametrize(
    ("low", "high", "words"),
    [
        (-0.5, -0.3, "under 1 of 2 models, less under 1 (tying), and no difference is found under 0."),
        (0.1, 0.3, "under 0 of 2 models, less under 2 (plain and tying), and no difference is found under 0."),
        (-0.1, 0.3, "under 0 of 2 models, less under 1 (tying), and no difference is found under 1."),
    ],
)
def test_a_method_is_set_beside_attention_by_the_interval(low: float, high: float, words: str) -> None:
    assert f"Leave-one-out finds more than attention {words}" in said(0.5, low, high)


def test_attention_is_set_beside_chance() -> None:
    assert "not told from a random ranking, or lies below one, under: plain." in said(0.12, -0.5, -0.3)
    assert "above chance under every model" in said(0.5, -0.5, -0.3)


def test_a_study_without_evidence_says_so() -> None:
    assert truth(study([moved(None, "accuracy")])).startswith("No data set of this study has evidence")
