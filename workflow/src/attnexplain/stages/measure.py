"""Stage: all measures of one run, every metric on every method and pair of methods; reads tables, never the model."""

from collections.abc import Callable, Iterator, Mapping
from itertools import combinations
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from attnexplain.errors import ResultError
from attnexplain.metrics.ragged import Integers, Ragged
from attnexplain.metrics.result import Measured
from attnexplain.privacy import OPEN
from attnexplain.pseudonyms import KEY, MARK, PSEUDONYMOUS, pseudonymised
from attnexplain.registry import facts, load
from attnexplain.tables import attributions as attributions_table
from attnexplain.tables import experiments as experiments_table
from attnexplain.tables import measures as measures_table
from attnexplain.tables import tokens as tokens_table
from attnexplain.tables.io import TableSchema, read_metadata, read_table, write_table
from attnexplain.tables.segments import attended

ATTENTION = "attention"  # the method whose scores are the attention weights; it has no options, so this is its id
DRAW = "draw"  # numbers an experiment's draws; not a measure
METHOD = "method"  # whose scores a row of an experiment is about, where it reads attributions

Named = Iterator[tuple[str, str | None, Measured]]  # method, method_b, what was measured


def run(
    *,
    metrics: list[Mapping[str, Any]],
    tokens: Path,
    attributions: list[Path],
    experiments: list[Path],
    output: Path,
    provenance: Mapping[str, Any],
    disclose: bool = False,
    key: Path = KEY,
) -> None:
    """Write the table `measures`. The stem of an attribution or experiment file is the method's or experiment's id.

    Rows are ordered by metric, then methods, then example (as in `tokens`); the experiments' measures come last. The
    examples of a credentialed data set have pseudonyms by `key`, unless the study may `disclose` them. Of
    pairs, the attended text alone is measured.
    """
    texts = read_table(tokens, tokens_table.SCHEMA)
    access = read_metadata(texts.schema).get("access", OPEN)
    texts = attended(texts)
    if disclose or access == OPEN:
        found = _measures(metrics, texts, tokens, attributions, experiments)
    else:
        found = pseudonymised(_withheld(output, _measures, metrics, texts, tokens, attributions, experiments), key)
        provenance = {**provenance, MARK: PSEUDONYMOUS}
    write_table(output, found, measures_table.SCHEMA, provenance)


def _withheld(output: Path, compute: Callable[..., pa.Table], *inputs: Any) -> pa.Table:
    """What `compute` gives; its errors, which name examples, are told without them."""
    try:
        return compute(*inputs)
    except ResultError:
        raise ResultError(
            f"{output}: attributions, experiments and tokens of this run are not of the same examples; rebuild them"
        ) from None


def _measures(
    metrics: list[Mapping[str, Any]], texts: pa.Table, tokens: Path, attributions: list[Path], experiments: list[Path]
) -> pa.Table:
    examples, n_tokens = texts["example_id"].combine_chunks(), _lengths(texts["tokens"])
    words = texts["tokens"].combine_chunks()
    evidence = Ragged.from_arrow(texts["evidence"]) if texts["evidence"].null_count < len(texts) else None
    scores = {path.stem: _scores(path, tokens, examples, n_tokens) for path in sorted(attributions, key=_stem)}
    parts = [measures_table.SCHEMA.columns.empty_table()]
    for metric in sorted(metrics, key=lambda plugin: str(plugin["id"])):
        for method, method_b, measured in _measure(metric, scores, evidence):
            parts.append(rows(examples, n_tokens, metric["id"], method, method_b, measured))
        for name, measured in _by_words(metric, scores, words):
            parts.append(rows(examples, n_tokens, f"{metric['id']}:{name}", ATTENTION, None, measured))
    for path in sorted(experiments, key=_stem):
        for method, name, measured in _experiment(path, tokens, examples):
            parts.append(rows(examples, n_tokens, f"{path.stem}:{name}", method, None, measured))
    return pa.concat_tables(parts)


def rows(
    examples: pa.Array, n_tokens: Integers, metric: str, method: str, method_b: str | None, measured: Measured
) -> pa.Table:
    """Rows of one metric on one method or pair; NaN becomes null."""
    n, reasons = len(examples), measured.undefined_reason
    if reasons is None or any(np.isnan(measured.value) != [reason is not None for reason in reasons]):
        reasons = ["undefined" if nan else None for nan in np.isnan(measured.value)]
    numbers = {name: getattr(measured, name) for name in ("value", "p_value", "null_mean", "null_std")}
    columns = {
        "example_id": examples,
        "method": pa.repeat(pa.scalar(method), n),
        "method_b": pa.repeat(pa.scalar(method_b, pa.string()), n),
        "metric": pa.repeat(pa.scalar(metric), n),
        **{
            name: pa.nulls(n, pa.float64()) if x is None else pa.array(x, from_pandas=True)
            for name, x in numbers.items()
        },
        "n_tokens": pa.array(n_tokens, pa.int32()),
        "undefined_reason": pa.array(reasons, pa.string()),
    }
    return pa.table([columns[name] for name in measures_table.SCHEMA.columns.names], measures_table.SCHEMA.columns)


def _measure(metric: Mapping[str, Any], scores: Mapping[str, Ragged], evidence: Ragged | None) -> Named:
    measure: Callable[..., Measured] = load("metric", metric["name"])
    options, kind = metric["options"], facts("metric", metric["name"])["kind"]
    if kind == "pair":
        for a, b in combinations(sorted(scores), 2):
            yield a, b, measure(scores[a], scores[b], **options)
    elif kind == "method":
        for method in sorted(scores):
            yield method, None, measure(scores[method], evidence, **options)
    elif kind == "attention" and ATTENTION in scores:
        yield ATTENTION, None, measure(scores[ATTENTION], **options)


def _by_words(
    metric: Mapping[str, Any], scores: Mapping[str, Ragged], words: pa.ListArray
) -> Iterator[tuple[str, Measured]]:
    """Columns of a metric that reads the words beside the attention they have; none of other metrics."""
    if facts("metric", metric["name"])["kind"] == "words" and ATTENTION in scores:
        measure: Callable[..., Mapping[str, Measured]] = load("metric", metric["name"])
        yield from measure(scores[ATTENTION], words.flatten(), **metric["options"]).items()


def _scores(path: Path, tokens: Path, examples: pa.Array, n_tokens: Integers) -> Ragged:
    """Scores of one method in the order of `examples`."""
    table = _aligned(path, attributions_table.SCHEMA, tokens, examples)
    scores = Ragged.from_arrow(table["scores"])
    if len(scores) != len(examples):
        raise ResultError(
            f"{path}: {len(scores)} rows for the {len(examples)} examples of {tokens}; rebuild {path.name}"
        )
    differ = np.flatnonzero(scores.lengths != n_tokens)
    if len(differ):
        first = differ[0]
        counts = f"{scores.lengths[first]} scores for {n_tokens[first]} tokens"
        raise ResultError(f"{path}: example {examples[first].as_py()!r} has {counts} of {tokens}; rebuild {path.name}")
    return scores


def _experiment(path: Path, tokens: Path, examples: pa.Array) -> Iterator[tuple[str, str, Measured]]:
    """(method, column, values) of what an experiment measures: of attention, or of each method in its table."""
    table = _aligned(path, experiments_table.SCHEMA, tokens, examples)
    if METHOD not in table.column_names:
        yield from ((ATTENTION, *column) for column in _columns(table, examples))
        return
    for method in sorted(table[METHOD].unique().to_pylist()):
        of_method = table.filter(pc.equal(table[METHOD], method))
        yield from ((method, *column) for column in _columns(of_method, examples))


def _columns(table: pa.Table, examples: pa.Array) -> Iterator[tuple[str, Measured]]:
    """Each number or truth value that an experiment adds; the mean of the defined values over an example's draws."""
    place = pc.index_in(table["example_id"], examples).to_numpy()
    for field in table.schema:
        number = pa.types.is_floating(field.type) or pa.types.is_integer(field.type) or pa.types.is_boolean(field.type)
        if field.name in (*experiments_table.SCHEMA.columns.names, DRAW) or not number:
            continue
        drawn = np.asarray(table[field.name].cast(pa.float64()).to_numpy(), np.float64)
        known = ~np.isnan(drawn)
        count = np.bincount(place[known], minlength=len(examples))
        total = np.bincount(place[known], drawn[known], minlength=len(examples))
        value = np.divide(total, count, out=np.full(len(examples), np.nan), where=count > 0)
        reasons = ["undefined by the experiment" if nan else None for nan in np.isnan(value)]
        yield field.name, Measured(value, undefined_reason=reasons)


def _aligned(path: Path, schema: TableSchema, tokens: Path, examples: pa.Array) -> pa.Table:
    """A table in the order of `examples`; refused where its examples are others."""
    table = read_table(path, schema)
    place = pc.index_in(table["example_id"], examples)
    missing = pc.filter(examples, pc.invert(pc.is_in(examples, table["example_id"].combine_chunks())))
    if len(missing):
        raise ResultError(f"{path} lacks example {missing[0].as_py()!r} of {tokens}; rebuild {path.name}")
    if place.null_count:
        foreign = pc.filter(table["example_id"], pc.is_null(place))[0].as_py()
        raise ResultError(f"{path} has example {foreign!r} that {tokens} lacks; rebuild {path.name}")
    return table.take(pc.sort_indices(place.combine_chunks()))


def _lengths(column: pa.ChunkedArray) -> Integers:
    return np.asarray(pc.list_value_length(column).to_numpy(), np.int64)


def _stem(path: Path) -> str:
    return path.stem
