"""The page of findings of a study: every number in it is read from the study's tables."""

from collections.abc import Mapping

from attnexplain import __version__
from attnexplain.pages.findings.claims import KEPT_WITHIN, claims
from attnexplain.pages.findings.notions import agreement
from attnexplain.pages.findings.short import in_short
from attnexplain.pages.findings.study import Study
from attnexplain.pages.findings.summary import answer, costs, overview, ran
from attnexplain.pages.findings.truth import evidence, truth
from attnexplain.pages.markdown import bullets, escaped, folded
from attnexplain.statistics.gains import BETTER, WORSE
from attnexplain.statistics.intervals.base import EXAMPLES_ONLY

# Captions of the figures that are embedded, in the order of the page.
EVIDENCE = "evidence-by-remedy"
FIGURES = {
    "costs-and-gains": "What each remedy costs in accuracy and buys in each notion of faithfulness",
    EVIDENCE: "Evidence found by each method under each remedy",
}


def pictured(study: Study) -> list[str]:
    """Names of the figures that have something of the study to show."""
    return [name for name in FIGURES if name != EVIDENCE or len(evidence(study))]


def page(study: Study, figures: Mapping[str, str]) -> str:
    """Markdown of the page. `figures`: files of figures by name, relative to the page."""
    pictures = [f"![{FIGURES[name]}]({place})\n\n*{FIGURES[name]}.*" for name, place in figures.items()]
    parts = [
        f"# What remedies cost and buy: findings of the study `{study.name}`",
        _introduction(study),
        "## In short",
        in_short(study),
        "## What was run",
        ran(study),
        "## What each remedy buys",
        overview(study),
        "## What it costs",
        costs(study),
        *pictures[:1],
        "### Every model and notion",
        _how_to_read(study),
        *(folded(escaped(study.label(name)), answer(study, name)) for name in study.datasets),
        "## What the papers say, and what was found",
        "Each claim is decided by the interval of the difference from the plain model. Accuracy counts as kept within "
        f"{KEPT_WITHIN:g}.",
        claims(study),
        "## Do the notions agree?",
        "Signs are turned so that a positive correlation means: both call the same models more faithful.",
        agreement(study),
        "## Which method finds the evidence, under which remedy?",
        truth(study),
        *pictures[1:],
        "## What this does not say",
        limits(study),
    ]
    return "\n\n".join(part for part in parts if part) + "\n"


def _introduction(study: Study) -> str:
    return (
        f"Made from the tables of `results/studies/{study.name}` by `attnexplain findings`; no number is "
        f"typed in (attnexplain {__version__}). Brackets are {100 * study.confidence:g} % intervals over seeds and "
        "test texts, over texts alone where there is one seed. A model is named by what is not plain of it. A "
        "difference is that of the model less the same model without its remedy (of an encoder or normaliser: less the "
        "plain model), paired by text and seed; `better`, `worse` and `no difference found` go by whether its interval "
        "leaves out 0."
    )


def _how_to_read(study: Study) -> str:
    return (
        "Means with intervals; ▲ better, ▼ worse than without the remedy, by the interval of the paired difference "
        "(`tables/gains.csv` has the differences). No mark: no difference found, or none can be told."
    )


def limits(study: Study) -> str:
    """What stands against reading more into the numbers: seeds, subsets, many comparisons, what is missing."""
    rows = study.known[study.known["difference_kind"].notna()]
    alone = sorted({study.label(name) for name in rows.loc[rows["difference_kind"] == EXAMPLES_ONLY, "dataset"]})
    told, found = int(study.known["gain"].notna().sum()), int(study.known["gain"].isin((BETTER, WORSE)).sum())
    adjusted = int((rows["p_adjusted"] <= 1 - study.confidence).sum())
    about = zip(study.runs["dataset"], study.runs["limits"], strict=True)
    cut = sorted({f"{study.label(name)}: {said}" for name, said in about if said != "none"})
    chance = (1 - study.confidence) * told
    lines = [
        f"{told:,} differences are told by intervals of their own, and {found:,} of these leave out 0; were all models "
        f"alike, about {chance:.0f} would do so by chance. {adjusted:,} stay different after adjustment for all "
        "that is tested (Holm).",
        "No difference found is not the same as no difference: with few seeds intervals are wide.",
    ]
    lines += [f"One seed alone, so nothing is told beyond those models: {escaped(', '.join(alone))}."] if alone else []
    lines += [f"Subsets: {escaped('; '.join(cut))}. Models trained on more may behave otherwise."] if cut else []
    absent = study.runs[study.runs["run"].isna()]
    lines += [f"Planned and not run: {escaped(', '.join(map(study.label, study.unrun)))}."] if study.unrun else []
    lines += [
        f"Could not be run: {escaped(study.label(str(name)))} ({escaped(str(reason))})."
        for (name, reason), _ in absent.groupby(["dataset", "missing_reason"])
    ]
    return bullets(lines)
