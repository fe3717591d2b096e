"""Controls beside the models: what the tests on attention say of models that learnt, and of models that did not."""

from collections.abc import Mapping

from attnexplain.figures.report.grid import number
from attnexplain.pages.divergences import Attained, attained
from attnexplain.pages.markdown import joined, table
from attnexplain.pages.results import Model, Results, label, text
from attnexplain.statistics.differences import Estimate, difference

NEAR_MAXIMAL = 0.9  # of the largest divergence that any attention has
NEARLY_EVERY = 0.9
TRAINED, UNTRAINED = Model("bilstm", "additive"), Model("bilstm", "additive", "untrained")
ATTENTION = ("attention", None)
COLUMNS = (
    "Model",
    "Accuracy",
    "Permuted: mean TVD",
    "Search: mean JSD",
    "Exact or bound: mean JSD",
    "Share exact",
    "Found: mean JSD",
    "Of any attention's",
    "Nearest uniform: KL / ln L",
    "Least mass on evidence",
    "Imposed: TVD",
    "Imposed: JSD",
)


def controls(results: Results) -> str:
    """What the columns are, what the controls say as a whole, and a table per data set."""
    parts = [_explained(results), conclusion(results)]
    for name in results.known:
        rows = [[model.name, *_cells(results, name, model)] for model in models(results, name)]
        parts.append(f"**{label(name)}**\n\n{table(COLUMNS, rows)}")
    return "\n\n".join(parts)


def models(results: Results, dataset: str) -> list[Model]:
    """Models of a data set with softmax and without regulariser, trained ones first."""
    rows = results.statistics
    rows = rows[(rows["dataset"] == dataset) & (rows["normaliser"] == "softmax") & (rows["regulariser"] == "none")]
    found = {Model(*row) for row in rows[["encoder", "attention", "control"]].itertuples(index=False, name=None)}
    return sorted(found, key=lambda model: (model.control != "none", model))


def conclusion(results: Results) -> str:
    """What the adversaries say of trained and untrained models, computed; a sentence per comparison."""
    found = {
        (name, model): share_of_any(attained(results, name, model))
        for name in results.known
        for model in models(results, name)
    }
    known = {key: value for key, value in found.items() if value is not None}
    if not known:
        return "No adversary was computed: nothing can be said of whether it separates models."
    return " ".join([_near_maximal(known), *_separating(results)])


def mean_found(divergences: Attained | None) -> float | None:
    """Mean over texts and seeds of the largest divergence that was found; None where none is known."""
    if divergences is None or divergences.table["found"].isna().all():
        return None
    return float(divergences.table["found"].mean())


def share_of_any(divergences: Attained | None) -> float | None:
    """Mean divergence found as a share of the mean of the farthest attention of all, whatever that one predicts.

    ln 2 would be no yardstick: attention spread evenly over n tokens is nearer than that to any other.
    """
    if divergences is None:
        return None
    known = divergences.table[["found", "ceiling"]].dropna()
    return float(known["found"].mean() / known["ceiling"].mean()) if len(known) and known["ceiling"].mean() else None


def _near_maximal(known: Mapping[tuple[str, Model], float]) -> str:
    """How many models admit a near-maximal adversary, by kind, and what follows."""
    near = {key for key, value in known.items() if value > NEAR_MAXIMAL}
    kinds = {kind: [key for key in known if _kind(key[1]) == kind] for kind in ("trained", "uniform", "untrained")}
    counts = [f"{sum(key in near for key in keys)} of {len(keys)} {kind}" for kind, keys in kinds.items() if keys]
    share = len(near) / len(known)
    start = (
        "The mean divergence found, at nearly the same prediction, is above "
        f"{100 * NEAR_MAXIMAL:g} % of what any attention reaches, whatever it predicts, for {len(near)} of "
        f"{len(known)} models ({joined(counts)})."
    )
    if share >= NEARLY_EVERY:
        return f"{start} Nearly every model admits a near-maximal adversary: its existence does not separate models."
    untrained = kinds["untrained"]
    if untrained and sum(key in near for key in untrained) / len(untrained) >= share:
        return (
            f"{start} Models that learnt nothing admit one at least as often as the others: it says little of training."
        )
    return f"{start} Not every model admits one, so its existence is a property of the model or of its texts."


def _kind(model: Model) -> str:
    return model.control if model.control != "none" else "uniform" if model.attention == "uniform" else "trained"


def _separating(results: Results) -> list[str]:
    """Per test a sentence: on how many data sets the trained BiLSTM and the untrained one can be told apart."""
    tests = {"permuted attention": "permutation:tvd_median"}
    tests |= {"the search": f"{results.search}:jsd_max"} if results.search else {}
    tests |= {"the exact maximum (or its bound)": f"{results.exact}:jsd_max"} if results.exact else {}
    sentences = []
    for title, metric in tests.items():
        gaps = {name: _gap(results, name, metric) for name in results.known}
        judged = [gap for gap in gaps.values() if gap is not None and gap.low is not None and gap.high is not None]
        if judged:
            higher = sum(gap.low > 0 for gap in judged if gap.low is not None)
            lower = sum(gap.high < 0 for gap in judged if gap.high is not None)
            sentences.append(
                f"By {title}, the trained BiLSTM is above the untrained one on {higher} and below it on {lower} of "
                f"{len(judged)} data sets; on the others the interval of the difference holds 0."
            )
    return sentences


def _gap(results: Results, dataset: str, metric: str) -> Estimate | None:
    first, second = (results.estimate(dataset, model, metric, ATTENTION) for model in (TRAINED, UNTRAINED))
    return difference(first, second) if first and second else None


def _cells(results: Results, dataset: str, model: Model) -> list[str]:
    divergences = attained(results, dataset, model)
    exact = f"{results.exact}:"
    share = results.estimate(dataset, model, f"{exact}is_exact", ATTENTION)
    found, share_found = mean_found(divergences), share_of_any(divergences)
    named = {name: results.variant(name, {}) for name in ("nearest-uniform", "least-mass", "imposed-attention")}
    metrics = (
        f"{named['nearest-uniform']}:kl_uniform",
        f"{named['least-mass']}:least_mass",
        f"{named['imposed-attention']}:tvd",
        f"{named['imposed-attention']}:jsd",
    )
    return [
        text(results.estimate(dataset, model, "accuracy")),
        text(results.estimate(dataset, model, "permutation:tvd_median", ATTENTION)),
        text(divergences.search_mean if divergences else None),
        text(divergences.exact_mean if divergences else None),
        "–" if share is None else number(share.value, 2),
        "–" if found is None else number(found, 3),
        "–" if share_found is None else number(share_found, 2),
        *(text(results.estimate(dataset, model, metric, ATTENTION)) for metric in metrics),
    ]


def _explained(results: Results) -> str:
    margins = []
    if results.search:
        tolerated, admitted = (results.margin(results.search, f"epsilon_{kind}") for kind in ("search", "select"))
        as_published = " (as in the released code)" if (tolerated, admitted) == (0.01, 0.05) else ""
        margins.append(f"the search tolerates {tolerated:g}, its selection admits {admitted:g}{as_published}")
    if results.exact:
        margins.append(f"the exact solver admits {results.margin(results.exact, 'epsilon'):g}")
    said = f" Margins in total variation: {'; '.join(margins)}." if margins else ""
    return (
        "Permuted: mean over texts of the median total variation distance (TVD) under permuted attention. Search, "
        "exact, found: Jensen-Shannon divergence (JSD, at most 0.693) of the farthest attention that leaves the "
        "prediction nearly alone: by the published search; the exact maximum, or a bound from above where none is "
        "known (`share exact` says of how many texts it is exact); the farthest that any of them found admissible, "
        "also as a share of the farthest attention of all, whatever it predicts. "
        "Nearest uniform: 0 where uniform attention would do, 1 where one token alone does. Least mass: the least "
        "attention that evidence must have. Imposed: the attention of another seed's model imposed on this model's "
        f"states; TVD of the predictions, JSD of the attentions. Brackets are {100 * results.confidence:g} % "
        f"intervals.{said}"
    )
