"""Every published number whose data set, encoder and attention are in a study, our own number beside it."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from attnexplain.statistics.published import SIGNIFICANT, Published, is_plain, numbers, protocol

Row = dict[str, Any]
NOT_PLAIN = "no run of this model with softmax, without regulariser and control in the study"


def replication_rows(
    study: str, statistics: Sequence[Mapping[str, Any]], specs: Iterable[Mapping[str, Any]]
) -> Iterator[Row]:
    """Rows of the table `replication`.

    `statistics`: rows of that table, those of missing cells included; `specs`: specifications of the study's runs.
    """
    ours = _by_key(statistics)
    planned = {(row["dataset"], row["encoder"], row["attention"]) for row in statistics}
    runs = {tuple(spec["slug"][axis] for axis in ("dataset", "encoder", "attention")): spec for spec in specs}
    for number in numbers():
        model = (number.dataset, number.encoder, number.attention)
        if model in planned:
            found = _ours(number, ours) or [{"missing_reason": _why_absent(number, statistics)}]
            for row in found:
                yield {"study": study, **_published(number), **_compared(number, row, runs.get(model))}


def deviations(number: Published, row: Mapping[str, Any], spec: Mapping[str, Any]) -> str:
    """How our runs differ from the published one, as `what: published ..., ours ...`, joined by semicolons."""
    published, tokeniser = protocol(number.result_set, number.dataset), spec["tokeniser"]["options"]
    pairs = [
        ("vectors", published.get("vectors"), vectors_text(spec)),
        ("seeds", "1", str(row["n_seeds"])),
        ("limits", "none", row["limits"]),
        ("lengths kept", _bounds(published), _bounds(tokeniser)),
        ("minimum frequency", _integer(published.get("min_frequency")), _integer(tokeniser.get("min_frequency"))),
        ("cleaning", published.get("cleaning"), tokeniser.get("cleaning")),
        ("checkpoint chosen on", published.get("selection_split"), "dev"),
    ]
    known = [pair for pair in pairs if None not in pair and pair[1] != pair[2]]
    return "; ".join(f"{what}: published {theirs}, ours {mine}" for what, theirs, mine in known)


def vectors_text(spec: Mapping[str, Any]) -> str:
    """What a run's embeddings start as."""
    size, spread = spec["training"]["embedding_size"], spec["training"]["embedding_init_std"]
    if spec["vectors"] is None:
        return f"none (random N(0, {spread:g}^2), {size}-d)"
    return f"from a file (sha256 {spec['vectors']['sha256'][:8]}...)"


def _by_key(statistics: Iterable[Mapping[str, Any]]) -> dict[tuple[Any, ...], list[Mapping[str, Any]]]:
    found: dict[tuple[Any, ...], list[Mapping[str, Any]]] = {}
    for row in filter(is_plain, statistics):
        columns = ("dataset", "encoder", "attention", "class", "metric", "method", "method_b")
        found.setdefault(tuple(row[column] for column in columns), []).append(row)
    return found


def _ours(number: Published, ours: Mapping[tuple[Any, ...], list[Mapping[str, Any]]]) -> list[Row]:
    """Our rows of a published number, `mean` being what compares with it; a share has no interval."""
    if number.metric != SIGNIFICANT:
        return [dict(row) for row in ours.get(number.key, [])]
    key = tuple("kendall-tau" if part == SIGNIFICANT else part for part in number.key)
    found = [dict(row) for row in ours.get(key, [])]
    return [{**row, "mean": row.get("significant_fraction"), "ci_low": None, "ci_high": None} for row in found]


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


def _compared(number: Published, row: Mapping[str, Any], spec: Mapping[str, Any] | None) -> Row:
    mean, low, high = (row.get(name) for name in ("mean", "ci_low", "ci_high"))
    if mean is None or spec is None:
        return {"limits": row.get("limits"), "missing_reason": row.get("missing_reason") or "no run of this model"}
    return {
        "ours": mean,
        "ci_low": low,
        "ci_high": high,
        "inside": None if low is None or high is None else low <= number.value <= high,
        "difference": mean - number.value,
        "n_seeds": row["n_seeds"],
        "n_examples": row["n_examples"],
        "limits": row["limits"],
        "vectors": vectors_text(spec),
        "deviations": deviations(number, row, spec),
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
    metric = number.metric.partition(":")[0]
    if all(row["metric"] != metric for row in rows):
        return f"{metric} is not computed in the study"
    if all((row["method"], row["method_b"]) != (number.method, number.method_b) for row in rows):
        return f"the study does not compare {number.method} and {number.method_b}"
    return f"no test example is predicted as class {number.class_}"


def _bounds(options: Mapping[str, Any]) -> str:
    low, high = _integer(options.get("min_length")), _integer(options.get("max_length"))
    return "all" if low is None and high is None else f"{low or 1} to {high or 'any'}"


def _integer(value: float | None) -> str | None:
    return None if value is None else str(int(value))
