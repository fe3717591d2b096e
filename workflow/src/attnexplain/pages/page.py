"""The replication page: published numbers beside ours, claims, controls; every number in it is read from tables."""

from collections.abc import Mapping, Sequence
from pathlib import Path

from attnexplain import __version__
from attnexplain.pages.claims import claims
from attnexplain.pages.controls import controls
from attnexplain.pages.markdown import escaped
from attnexplain.pages.numbers import numbers
from attnexplain.pages.results import Results, StudyTables, chosen
from attnexplain.pages.summary import counts, setup, vectors

# Captions of the figures that are embedded, in the order of the page.
FIGURES = {
    "tau-distributions": "Kendall τ of attention with gradients and with leave-one-out, by predicted class (figure 2)",
    "tau-differences": "τ of gradient and leave-one-out less τ of attention with either, text by text (figures 3 and "
    "4)",
    "tau-by-encoder": "Mean τ by encoder (figure 5)",
    "permutation-by-max-attention": "Median distance under permuted attention, by largest weight (figure 6)",
    "adversary-by-max-attention": "Divergence of adversarial attention, by largest weight (figure 7)",
    "adversary-histograms": "Divergence of adversarial attention (figure 8)",
}

# A page goes with the project, and texts of the data sets do not.
HEATMAPS = (
    "Figure 1, attention of single texts, learned and adversarial, quotes the data sets and is left out here: it lies "
    "in the study's folder, `figures/attention-heatmaps.svg`."
)


def page(studies: Sequence[StudyTables], figures: Mapping[str, str], csv: str) -> str:
    """Markdown of the page. `figures`: files of figures by name, relative to the page; `csv` likewise."""
    results = chosen(studies)
    parts = [
        "# Attention is not Explanation: published numbers and ours",
        _introduction(results, csv),
        "## What was run",
        setup(studies),
        "## The claims",
        claims(results),
        "## Controls",
        controls(results),
        "## How near the numbers are",
        counts(results.replication, results.confidence),
        *_vectors(studies, results),
        *_figures(figures),
        "## Every published number",
        _how_to_read(),
        *(numbers(results.replication, name) for name in results.datasets),
    ]
    return "\n\n".join(parts) + "\n"


def embedded(studies: Sequence[StudyTables]) -> dict[str, Path]:
    """Files of the figures that the page embeds: of the first study, as far as it has them."""
    return {name: studies[0].figures[name] for name in FIGURES if name in studies[0].figures}


def _introduction(results: Results, csv: str) -> str:
    return (
        "Jain and Wallace (2019), *Attention is not Explanation*, set against our own runs. This page is made from the "
        f"tables of finished studies by `attnexplain replication`; no number is typed in (attnexplain {__version__}). "
        f"Brackets are {100 * results.confidence:g} % intervals over seeds and test texts (over texts alone where "
        f"there is one seed). All rows, with what each run differs in, are in [{escaped(Path(csv).name)}]({csv}).\n\n"
        "The authors published two sets of numbers, each from one run without a fixed seed: set A (2 April 2019, "
        "checkpoint chosen on test) and set B (25 April 2019, chosen on dev). Comparisons are with set B where it has "
        "the number. We choose the checkpoint on dev, among all epochs; theirs was never the first."
    )


def _how_to_read() -> str:
    return (
        "Classes are predicted classes, by index; `all` is all texts. `Difference` is ours less set B, or less set A "
        "where B has no number, and `Inside` says whether that number lies in our interval. Standard deviations and "
        "shares have no interval. `Seeds` and `Texts` count what ours comes from. `Note` names what our runs differ "
        "in, or why a number of ours is missing."
    )


def _vectors(studies: Sequence[StudyTables], results: Results) -> list[str]:
    found = {study.name: vectors(results, study) for study in studies[1:]}
    parts = [f"### Study `{name}`\n\n{body}" for name, body in found.items() if body]
    return ["## Other word vectors", *parts] if parts else []


def _figures(figures: Mapping[str, str]) -> list[str]:
    parts = [f"![{FIGURES[name]}]({place})\n\n*{FIGURES[name]}.*" for name, place in figures.items()]
    return ["## Figures", *parts, HEATMAPS] if parts else []
