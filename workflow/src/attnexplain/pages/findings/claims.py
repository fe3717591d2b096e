"""What the papers say of their remedies, each set beside our differences by one rule.

A claim names remedies, a notion and a direction. Per data set and remedy the difference from the plain model, paired by
text and seed, decides: as claimed where its whole interval lies on the claimed side of 0, the opposite where it lies on
the other, and no difference found where it holds 0. One seed decides nothing, since its interval is over texts alone.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from attnexplain.figures.report.grid import count, missing, number
from attnexplain.identifiers import base_name
from attnexplain.pages.findings.study import Study, difference_text, value_text
from attnexplain.pages.markdown import bullets, escaped, folded, joined, table
from attnexplain.statistics.intervals.base import EXAMPLES_ONLY
from attnexplain.statistics.notions import BY_NAME

AS_CLAIMED, OPPOSITE, OPEN = "as claimed", "the opposite", "no difference found"
LOST, MAY_LOSE, ONE_SEED, NO_INTERVAL = "loses more", "cannot be told", "one seed", "no interval"
HIGHER, LOWER, KEPT = "higher", "lower", "kept"
KEPT_WITHIN = 0.02  # accuracy: what counts as kept
COLUMNS = ("Data set", "Remedy", "Notion", "Plain", "With it", "Difference", "Seeds", "Texts", "Found")


@dataclass(frozen=True)
class Claim:
    """`remedies`: names of plug-ins on `axis`; `notions` and where they are said to go; `encoders`: of these alone."""

    title: str
    axis: str
    remedies: tuple[str, ...]
    notions: tuple[tuple[str, str], ...]
    encoders: tuple[str, ...] | None = None

    @property
    def source(self) -> str:
        """The paper, as the title ends: `Pruthi et al. 2020`."""
        return self.title[self.title.rindex("(") + 1 : -1]

    def concerns(self, row: Mapping[Any, Any]) -> bool:
        """Whether a row of `gains` is of one of its remedies, under one of its encoders."""
        remedy = row["axis"] == self.axis and base_name(str(row["value"])) in self.remedies
        return remedy and (self.encoders is None or base_name(str(row["encoder"])) in self.encoders)


CLAIMS = (
    Claim(
        "Word-level objectives make attention harder to manipulate, and states keep the words (Tutek and Šnajder 2020)",
        "regulariser",
        ("concat", "tying", "mlm"),
        (("curve", HIGHER), ("adversary", LOWER), ("probe", HIGHER)),
    ),
    Claim(
        "States that differ make attention agree with gradients, at little cost (Mohankumar et al. 2020)",
        "regulariser",
        ("diversity", "orthogonal"),
        (
            ("conicity", LOWER),
            ("tau-gradient", HIGHER),
            ("tau-integrated-gradients", HIGHER),
            ("permutation", HIGHER),
            ("accuracy", KEPT),
        ),
    ),
    Claim(
        "Attention can be trained to hide what decides, and a BiLSTM stays as accurate (Pruthi et al. 2020)",
        "regulariser",
        ("deceptive",),
        (("mass", LOWER), ("evidence", LOWER), ("accuracy", KEPT)),
        encoders=("bilstm", "lstm", "gru", "rnn"),
    ),
    Claim(
        "A model without context that hides what decides loses accuracy (Pruthi et al. 2020)",
        "regulariser",
        ("deceptive",),
        (("mass", LOWER), ("accuracy", LOWER)),
        encoders=("average",),
    ),
    Claim(
        "Sparse attention agrees less with measures of importance (Meister et al. 2021)",
        "normaliser",
        ("sparsemax", "entmax15"),
        (
            ("tau-gradient", LOWER),
            ("tau-input-x-gradient", LOWER),
            ("tau-integrated-gradients", LOWER),
            ("tau-leave-one-out", LOWER),
        ),
    ),
    Claim(
        "Task scaling: rankings by attention times its gradient flip decisions earlier (Chrysostomou and Aletras 2021)",
        "regulariser",
        ("tasc",),
        (("token-removal-scaled", LOWER), ("token-removal", LOWER), ("accuracy", KEPT)),
    ),
    Claim(
        "Attention taught by people's evidence finds it (Mathew et al. 2021)",
        "regulariser",
        ("evidence-supervision",),
        (("evidence", HIGHER), ("accuracy", KEPT)),
    ),
    Claim(
        "Without context, attention agrees more with gradients and leave-one-out (Jain and Wallace 2019)",
        "encoder",
        ("average",),
        (("tau-gradient", HIGHER), ("tau-leave-one-out", HIGHER)),
    ),
)
SAID = {HIGHER: "said to rise", LOWER: "said to fall", KEPT: f"said to be kept, here within {KEPT_WITHIN:g}"}


def claims(study: Study) -> str:
    """Every claim of a remedy that the study has, with counts and all differences."""
    found = [(claim, judged(study, claim)) for claim in CLAIMS]
    return "\n\n".join(_part(study, claim, rows) for claim, rows in found if rows)


def judged(study: Study, claim: Claim) -> list[dict[str, Any]]:
    """Rows of `gains` that a claim is about, each with `expected` and `found`."""
    rows = []
    for row in study.known.to_dict("records"):
        expected = dict(claim.notions).get(row["notion"])
        if expected and claim.concerns(row):
            known = {str(name): value for name, value in row.items()}
            rows.append({**known, "expected": expected, "found": decided(row, expected)})
    return rows


def decided(row: Mapping[Any, Any], expected: str) -> str:
    """What the interval of a row's difference says of a claim."""
    low, high = row["difference_low"], row["difference_high"]
    if missing(low) or missing(high):
        return NO_INTERVAL
    if row["difference_kind"] == EXAMPLES_ONLY:
        return ONE_SEED
    if expected == KEPT:
        return AS_CLAIMED if low > -KEPT_WITHIN else LOST if high < -KEPT_WITHIN else MAY_LOSE
    if low <= 0 <= high:
        return OPEN
    return AS_CLAIMED if (low > 0) == (expected == HIGHER) else OPPOSITE


def _part(study: Study, claim: Claim, rows: Sequence[Mapping[str, Any]]) -> str:
    measured = {row["notion"] for row in rows}
    lines = [_sentence(study, notion, expected, rows) for notion, expected in claim.notions if notion in measured]
    absent = [BY_NAME[notion].title for notion, _ in claim.notions if notion not in measured]
    lines += [f"not measured in this study: {escaped(joined(absent))}"] if absent else []
    body = table(COLUMNS, [_cells(study, row) for row in rows], left=3)
    return "\n\n".join([f"### {escaped(claim.title)}", bullets(lines), folded("All differences", body)])


def _sentence(study: Study, notion: str, expected: str, rows: Sequence[Mapping[str, Any]]) -> str:
    own = [row for row in rows if row["notion"] == notion]
    deciding = [row for row in own if row["found"] not in (ONE_SEED, NO_INTERVAL)]
    said = f"**{escaped(BY_NAME[notion].title)}** ({SAID[expected]}): "
    if not deciding:
        return f"{said}nothing can be told: no comparison has two seeds and an interval."
    parts = []
    for verdict in (AS_CLAIMED, OPPOSITE, LOST, OPEN, MAY_LOSE):
        chosen = [row for row in deciding if row["found"] == verdict]
        if chosen:
            parts.append(f"{verdict} in {count(len(chosen))} of {count(len(deciding))}: {escaped(_who(study, chosen))}")
    seeds = sorted({int(row["n_seeds"]) for row in deciding})
    return f"{said}{'; '.join(parts)}. Seeds: {' or '.join(map(count, seeds))}."


def _who(study: Study, rows: Sequence[Mapping[str, Any]]) -> str:
    """`SST (concat and tying) and TREC (tying)`; a single one with its difference."""
    if len(rows) == 1:
        return f"{study.label(rows[0]['dataset'])} ({study.remedy(rows[0])}, {difference_text(rows[0])})"
    by_dataset: dict[str, list[str]] = {}
    for row in rows:
        by_dataset.setdefault(study.label(row["dataset"]), []).append(study.remedy(row))
    return joined([f"{dataset} ({joined(names)})" for dataset, names in by_dataset.items()])


def _cells(study: Study, row: Mapping[str, Any]) -> list[str]:
    plain = number(row["mean"] - row["difference"], 3) if not missing(row["difference"]) else "–"
    about = [study.label(row["dataset"]), study.remedy(row), BY_NAME[row["notion"]].title]
    counted = [count(row["n_seeds"]), count(row["n_examples"])]
    return [*about, plain, value_text(row), difference_text(row), *counted, row["found"]]
