"""Definitions and citations: every registered metric is defined, every name cited is one of the registry."""

from attnexplain import registry
from attnexplain.figures.report.definitions import METRICS, citations, definitions
from attnexplain.figures.style import Style


def test_every_registered_metric_is_defined() -> None:
    assert set(registry.BUILT_IN["metric"]) <= set(METRICS)


def test_a_variant_is_defined_as_its_metric_and_metrics_not_reported_are_left_out() -> None:
    terms = dict(definitions({"kendall-tau-3fa94c", "accuracy", "permutation:tvd_median"}, Style()))
    assert terms["Kendall τ (3fa94c)"] == METRICS["kendall-tau"]
    assert "F1" not in terms and "Interval" in terms


def test_columns_of_a_metric_are_defined_and_cited_as_their_metric() -> None:
    metrics = {"attention-by-word-class:mass_content", "attention-by-word-class-3fa94c:mass_listed"}
    terms = dict(definitions(metrics | {"permutation:tvd_median"}, Style()))
    both = {"Attention by word class", "Attention by word class (3fa94c)"}
    assert both <= set(terms) and not any("permutation" in term.lower() for term in terms)
    assert [name for name, _ in citations([], [], metrics, [])][1:] == ["attention-by-word-class"]


def test_software_data_methods_and_published_numbers_are_cited_once() -> None:
    about = [{"name": "sst", "citation": "Socher et al. (2013)"}, {"name": "mine", "citation": None}]
    found = citations(about, {"gradient", "unknown-method"}, {"kendall-tau"}, ["J (2019)", "J (2019)"])
    names = [name for name, _ in found]
    assert names[0] == "This software" and "mine" not in names and "unknown-method" not in names
    assert {"sst", "gradient", "kendall-tau"} <= set(names) and found.count(("published numbers", "J (2019)")) == 1
