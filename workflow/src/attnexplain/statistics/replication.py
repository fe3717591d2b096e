"""Every published number whose data set, encoder and attention are in a study, our own number beside it."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from attnexplain.statistics.published import PERMUTED, SIGNIFICANT, SPREAD, Published, is_plain, numbers, protocol

Row = dict[str, Any]
NOT_PLAIN = "no run of this model with softmax, without regulariser and control in the study"
# Published numbers that stand in another column of the row of `kendall-tau`; neither has an interval.
COLUMNS = {SIGNIFICANT: "significant_fraction", SPREAD: "std"}
# What is compared of the training, by its name in the protocol and in a specification.
_TRAINING = {
    "epochs": "epochs",
    "batch_size": "batch size",
    "learning_rate": "learning rate",
    "weight_decay": "weight decay",
    "selection": "checkpoint chosen by",
}


@dataclass(frozen=True)
class About:
    """What the specifications of runs do not say.

    `differs`: in what the copy of a data set differs from the published one, by data set; `vectors`: name and size of
    word vectors, by the digest of their file.
    """

    differs: Mapping[str, str] = field(default_factory=dict)
    vectors: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)


def replication_rows(
    study: str,
    statistics: Sequence[Mapping[str, Any]],
    specs: Iterable[Mapping[str, Any]],
    about: About = About(),
) -> Iterator[Row]:
    """Rows of the table `replication`.

    `statistics`: rows of that table, those of missing cells included; `specs`: specifications of the study's runs.
    """
    ours = _by_key(statistics)
    planned = {(row["dataset"], row["encoder"], row["attention"]) for row in statistics}
    plain = [spec for spec in specs if is_plain(spec["slug"])]
    runs = {tuple(spec["slug"][axis] for axis in ("dataset", "encoder", "attention")): spec for spec in plain}
    for number in numbers():
        model = (number.dataset, number.encoder, number.attention)
        if model in planned:
            found = _ours(number, ours) or [{"missing_reason": _why_absent(number, statistics)}]
            for row in found:
                yield {"study": study, **_published(number), **_compared(number, row, runs.get(model), about)}


def deviations(number: Published, row: Mapping[str, Any], spec: Mapping[str, Any], about: About) -> str:
    """How our runs differ from the published one, as `what: published ..., ours ...`, joined by semicolons.

    The last part is `data: ...`, of what the copy of the data set differs in. What the protocol does not tell of the
    published run is not compared.
    """
    published, tokeniser = protocol(number.result_set, number.dataset), spec["tokeniser"]["options"]
    pairs = [
        ("vectors", published.get("vectors"), vectors_text(spec, about)),
        ("seeds", "1", str(row["n_seeds"])),
        ("limits", "none", row["limits"]),
        ("lengths kept", _bounds(published), _bounds(tokeniser)),
        ("minimum frequency", _integer(published.get("min_frequency")), _integer(tokeniser.get("min_frequency"))),
        ("cleaning", published.get("cleaning"), tokeniser.get("cleaning")),
        ("checkpoint chosen on", published.get("selection_split"), "dev"),
        *_training(published, spec),
    ]
    known = [pair for pair in pairs if None not in pair and pair[1] != pair[2]]
    parts = [f"{what}: published {theirs}, ours {mine}" for what, theirs, mine in known]
    data = about.differs.get(number.dataset)
    return "; ".join([*parts, *([f"data: {data}"] if data else [])])


def vectors_text(spec: Mapping[str, Any], about: About) -> str:
    """What a run's embeddings start as."""
    size, spread = spec["training"]["embedding_size"], spec["training"]["embedding_init_std"]
    if spec["vectors"] is None:
        return f"none (random N(0, {spread:g}^2), {size}-d)"
    sha256 = spec["vectors"]["sha256"]
    file = about.vectors.get(sha256)
    return f"{file['name']} ({file['size']}-d)" if file else f"from a file (sha256 {sha256[:8]}...)"


def _training(published: Mapping[str, Any], spec: Mapping[str, Any]) -> Iterator[tuple[str, str | None, str | None]]:
    """(what, theirs, ours) of the options of training; the published training never stopped early."""
    for key, what in _TRAINING.items():
        yield what, _text(published.get(key)), _text(spec["training"].get(key))
    if published.get("epochs") is not None:
        patience = spec["training"].get("patience")
        yield "stopped early", "never", "never" if patience is None else f"after {patience} epochs without improvement"
    if spec["slug"]["encoder"] == "bilstm":
        yield "states per direction", _text(published.get("bilstm_hidden")), _text(_option(spec, "encoder", "hidden"))


def _option(spec: Mapping[str, Any], axis: str, name: str) -> Any:
    return spec.get(axis, {}).get("options", {}).get(name)


def _text(value: Any) -> str | None:
    return None if value is None else f"{value:g}" if isinstance(value, int | float) else str(value)


def _by_key(statistics: Iterable[Mapping[str, Any]]) -> dict[tuple[Any, ...], list[Mapping[str, Any]]]:
    found: dict[tuple[Any, ...], list[Mapping[str, Any]]] = {}
    for row in filter(is_plain, statistics):
        columns = ("dataset", "encoder", "attention", "class", "metric", "method", "method_b")
        found.setdefault(tuple(row[column] for column in columns), []).append(row)
    return found


def _ours(number: Published, ours: Mapping[tuple[Any, ...], list[Mapping[str, Any]]]) -> list[Row]:
    """Our rows of a published number, `mean` being what compares with it."""
    if number.metric not in COLUMNS:
        return [dict(row) for row in ours.get(number.key, [])]
    key = tuple("kendall-tau" if part == number.metric else part for part in number.key)
    column = COLUMNS[number.metric]
    return [{**row, "mean": row.get(column), "ci_low": None, "ci_high": None} for row in ours.get(key, [])]


def _published(number: Published) -> Row:
    return {
        "result_set": number.result_set,
        "dataset": number.dataset,
        "encoder": number.encoder,
        "attention": number.attention,
        "method": number.method,
        "method_b": number.method_b,
        "class": number.class_,
        "metric": number.metric,
        "published": number.value,
        "published_source": number.source,
    }


def _compared(number: Published, row: Mapping[str, Any], spec: Mapping[str, Any] | None, about: About) -> Row:
    mean, low, high = (row.get(name) for name in ("mean", "ci_low", "ci_high"))
    if mean is None or spec is None:
        why = "no run of this model" if spec is None else "undefined: too few values"
        return {"limits": row.get("limits"), "missing_reason": row.get("missing_reason") or why}
    return {
        "ours": mean,
        "ci_low": low,
        "ci_high": high,
        "inside": None if low is None or high is None else low <= number.value <= high,
        "difference": mean - number.value,
        "n_seeds": row["n_seeds"],
        "n_examples": row["n_examples"],
        "limits": row["limits"],
        "vectors": vectors_text(spec, about),
        "deviations": deviations(number, row, spec, about),
    }


def _why_absent(number: Published, statistics: Sequence[Mapping[str, Any]]) -> str:
    """The first thing that our statistics lack, from the model down to the class."""
    model = (number.dataset, number.encoder, number.attention)
    rows = [row for row in statistics if (row["dataset"], row["encoder"], row["attention"]) == model and is_plain(row)]
    if not rows:
        return NOT_PLAIN
    missing = {row["missing_reason"] for row in rows} - {None}
    if len(missing) == 1 and all(row["n_seeds"] == 0 for row in rows):
        return str(missing.pop())
    metric = PERMUTED if number.metric.startswith(PERMUTED) else number.metric.partition(":")[0]
    rows = [row for row in rows if row["metric"] == metric or row["metric"].startswith(f"{metric}:")]
    if not rows:
        return f"{metric} is not computed in the study"
    if all((row["method"], row["method_b"]) != (number.method, number.method_b) for row in rows):
        return f"the study does not compare {number.method} and {number.method_b}"
    if metric == PERMUTED:
        return _why_no_quartile(number, rows)
    return f"no test example is predicted as class {number.class_}"


def _why_no_quartile(number: Published, rows: Sequence[Mapping[str, Any]]) -> str:
    if all(row["metric"] == PERMUTED for row in rows):
        return f"quartiles of {PERMUTED} are not computed in the study"
    of_class = [row for row in rows if row["class"] == number.class_ and row["n_examples"]]
    inside = f"the largest attention in {number.metric.rpartition(':')[2]}"
    who = "no test example" if number.class_ == "all" else f"no test example predicted as class {number.class_}"
    return f"{who} has {inside}" if of_class else f"no test example is predicted as class {number.class_}"


def _bounds(options: Mapping[str, Any]) -> str:
    low, high = _integer(options.get("min_length")), _integer(options.get("max_length"))
    return "all" if low is None and high is None else f"{low or 1} to {high or 'any'}"


def _integer(value: float | None) -> str | None:
    return None if value is None else str(int(value))
