"""What the terms of the page mean, and whom to cite."""

from collections.abc import Iterable, Mapping
from typing import Any

from attnexplain import __version__
from attnexplain.errors import UnknownNameError
from attnexplain.figures.style import Style
from attnexplain.identifiers import base_name
from attnexplain.registry import facts

METRICS = {
    "accuracy": "Share of test texts whose predicted class is their label.",
    "f1": "Harmonic mean of precision and recall of the positive class; the mean over classes where there are more.",
    "roc-auc": "Probability that a random positive text is ranked above a random negative one.",
    "kendall-tau": (
        "Rank correlation (tau-b, from −1 to 1) between two methods' scores of the tokens of one text; the mean over "
        "texts is shown. Undefined for texts of one token and where a method gives all tokens the same score."
    ),
    "retest:kendall_tau": (
        "The same between the scores under two seeds, of one method (its reliability) or of two; the mean over texts "
        "and pairs of seeds."
    ),
    "kendall-tau:disattenuated": (
        "Agreement of two methods across seeds, corrected for how little each agrees with itself across seeds. Above "
        "1 where the methods agree better with each other than with themselves."
    ),
    "evidence-auprc": (
        "Average precision with which a method's scores rank the tokens that people, or the generator, marked as "
        "evidence. Undefined for texts with no evidence or with nothing else."
    ),
    "precision-at-k": (
        "Share of evidence among the k tokens ranked highest; k is the number of evidence tokens unless set."
    ),
    "attention-entropy": (
        "Entropy of the attention weights of a text as a share of that of uniform attention; low where concentrated."
    ),
    "attention-by-word-class": (
        "mass: sum of the attention on the words of a class; share: share of the text's tokens that are of the class, "
        "the mass under uniform attention; ratio: mass over share. The classes are closed lists of English words."
    ),
    "max-attention": "Largest attention weight of a text.",
    "conicity:conicity": (
        "Mean cosine of the states of a text to their mean: 1 where attention has nothing to choose between, about one "
        "over the root of the number of tokens for unrelated states. Undefined for texts of one token."
    ),
    "conicity:conicity_absolute": "The same of the magnitudes of the cosines, as Mohankumar et al. (2020) compute it.",
    "probe:accuracy": (
        "Share of a text's words that a linear probe, fitted on training texts, recovers from the states at their "
        "places; among the most frequent words."
    ),
    "probe:accuracy_control": (
        "The same of a probe fitted to shuffled words: about what guessing the commonest word gives, or less."
    ),
    "probe:information": (
        "Nats per word by which the probe knows the word better than its frequency tells. The mean over texts is a "
        "lower bound of the mutual information of word and state, and at most the entropy of the words."
    ),
    "probe:information_control": "The same of a probe fitted to shuffled words: 0 or less, but for chance.",
    "token-removal:flip_first": "Share of texts whose predicted class changes without the word a method ranks first.",
    "token-removal:fraction": (
        "Words are removed in the order of a method's scores and the rest is read anew: share of the words that are "
        "gone when another class is predicted, 1 where that never happens. Lower: a more faithful ranking."
    ),
    "token-removal:never": "Share of texts whose predicted class is the same at every step, without any word too.",
    "probe:entropy": "Nats per word that there are to find; of the texts, not of the model.",
}
TERMS = {
    "Interval": (
        "Where the mean would lie over other seeds and other test texts. Two-way counts both sources of variation; "
        "examples-only (one seed) leaves the seeds out and is too narrow."
    ),
    "Chance": (
        "Range of the mean when the scores of each text are permuted. For evidence AUPRC on short texts it lies well "
        "above the share of evidence tokens."
    ),
    "Undefined": "Values that a text does not have, counted over texts and seeds; they enter no mean.",
    "Published": "The number of the cited paper for the same cell, from its own training; it has no interval.",
    "Control: untrained": "The same model with its initial weights.",
    "Control: shuffled labels": "The same model trained on labels that were permuted among the texts.",
}


def definitions(metrics: Iterable[str], style: Style) -> list[tuple[str, str]]:
    """(term, meaning) of the metrics that the study reports, then of the other terms."""
    names = sorted({_defined(metric) for metric in metrics if base_name(_defined(metric)) in METRICS})
    return [(style.label(name), METRICS[base_name(name)]) for name in names] + list(TERMS.items())


def citations(
    about: Iterable[Mapping[str, Any]], methods: Iterable[str], metrics: Iterable[str], published: Iterable[str]
) -> list[tuple[str, str]]:
    """(what, whom to cite): this software, then data sets, methods, metrics and published numbers."""
    found = [("This software", f"attnexplain {__version__}: when is attention an explanation?")]
    found += [(str(one["name"]), str(one["citation"])) for one in about if one.get("citation")]
    for family, names in (("method", methods), ("metric", metrics)):
        for name in sorted({base_name(name.partition(":")[0]) for name in names}):
            citation = _citation(family, name)
            found += [(name, citation)] if citation else []
    return found + [("published numbers", source) for source in sorted(set(published))]


def _defined(metric: str) -> str:
    """What a metric is defined as: itself, or the metric that it is a column of."""
    return metric if base_name(metric) in METRICS else metric.partition(":")[0]


def _citation(family: str, name: str) -> str:
    try:
        return str(facts(family, name).get("citation") or "")
    except UnknownNameError:
        return ""
