"""Stage: attributions of the runs of each cell held against each other, for one data set; reads no model."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations, permutations
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from attnexplain.errors import ResultError
from attnexplain.metrics.ragged import Bools, Integers, Ragged
from attnexplain.metrics.result import Measured
from attnexplain.privacy import OPEN
from attnexplain.pseudonyms import KEY, MARK, PSEUDONYMOUS, pseudonymised
from attnexplain.registry import load
from attnexplain.stages.cells import cells_of
from attnexplain.tables import attributions as attributions_table
from attnexplain.tables.between import SCHEMA
from attnexplain.tables.io import conform, read_table, write_table

OTHER_TOKENS = "other tokens"
PLACES = ("segment", "start", "end")  # what tells whether two tables have the same tokens

Plugin = Mapping[str, Any]


@dataclass(frozen=True)
class Scored:
    """Scores of one method under one run, and where its tokens stand."""

    scores: Ragged
    places: pa.Table


Cell = Mapping[str, Mapping[str, Scored]]  # run id -> method id -> scores, examples in one order


def run(
    *,
    plugins: Sequence[Plugin],
    attributions: Sequence[Path],
    output: Path,
    provenance: Mapping[str, Any],
    disclose: bool = False,
    key: Path = KEY,
) -> None:
    """Write the table `between` of the runs in whose folders `attributions` lie; the stem of a path is the method's id.

    Rows are ordered by cell, metric, methods, run and run_b (by seed), example. The examples of a credentialed data set
    have pseudonyms by `key`, unless the study may `disclose` them.
    """
    methods = sorted({path.stem for path in attributions})
    hidden, parts = False, [SCHEMA.columns.empty_table()]
    for name, specs in sorted(cells_of(path.parent.parent for path in attributions).items()):
        hidden |= not disclose and any(spec.get("access", OPEN) != OPEN for spec in specs.values())
        examples, cell = _read(name, {spec["run"]: folder for folder, spec in specs.items()}, methods, hidden)
        parts += [table for plugin in plugins for table in _rows(plugin, examples, cell, methods)]
    table, about = pa.concat_tables(parts), {**provenance, MARK: PSEUDONYMOUS} if hidden else provenance
    write_table(output, pseudonymised(table, key) if hidden else table, SCHEMA, about)


def compared(methods: Sequence[str]) -> list[tuple[str, str | None]]:
    """(method, method_b) of every row: each method with itself, then each pair."""
    return [*((method, None) for method in methods), *combinations(methods, 2)]


def _rows(plugin: Plugin, examples: pa.Array, cell: Cell, methods: Sequence[str]) -> Iterator[pa.Table]:
    """A table per column, methods and ordered pair of runs."""
    measure = load("between", plugin["name"])
    for method, method_b in compared(methods):
        for run_id, other in permutations(cell, 2):
            a, b = cell[run_id][method], cell[other][method_b or method]
            differ = _differ(a.places, b.places)
            found = measure(_without(a.scores, differ), _without(b.scores, differ), **plugin["options"])
            named = {"run": run_id, "run_b": other, "method": method, "method_b": method_b}
            for column, measured in found.items():
                about = {**named, "metric": f"{plugin['id']}:{column}"}
                yield _table(examples, about, measured, a.scores.lengths, _reasons(measured, differ))


def _table(
    examples: pa.Array,
    about: Mapping[str, str | None],
    measured: Measured,
    n_tokens: Integers,
    reasons: Sequence[str | None],
) -> pa.Table:
    numbers = {name: getattr(measured, name) for name in ("value", "null_mean", "null_std")}
    columns = {
        "example_id": examples,
        **{name: pa.repeat(pa.scalar(text, pa.string()), len(examples)) for name, text in about.items()},
        **{name: pa.array(x, from_pandas=True) for name, x in numbers.items() if x is not None},
        "n_tokens": pa.array(n_tokens, pa.int32()),
        "undefined_reason": pa.array(reasons, pa.string()),
    }
    return conform(pa.table(columns), SCHEMA)


def _reasons(measured: Measured, differ: Bools) -> list[str | None]:
    reasons = measured.undefined_reason or ["undefined" if nan else None for nan in np.isnan(measured.value)]
    return [OTHER_TOKENS if other else reason for other, reason in zip(differ, reasons, strict=True)]


def _differ(a: pa.Table, b: pa.Table) -> Bools:
    """Examples whose tokens two tables do not share, (N,)."""
    if a is b:
        return np.zeros(len(a), bool)
    pairs = zip(a.to_pylist(), b.to_pylist(), strict=True)
    return np.array([one != other for one, other in pairs], bool)


def _without(scores: Ragged, left_out: Bools) -> Ragged:
    """The scores with the rows `left_out` emptied."""
    if not left_out.any():
        return scores
    kept = np.where(left_out, 0, scores.lengths)
    return Ragged.from_lengths(scores.values[np.repeat(~left_out, scores.lengths)], kept)


def _read(name: str, folders: Mapping[str, Path], methods: Sequence[str], hidden: bool) -> tuple[pa.Array, Cell]:
    """Examples of a cell, and its runs' scores in their order."""
    examples: pa.Array | None = None
    known: list[pa.Table] = []
    cell: dict[str, dict[str, Scored]] = {}
    for run_id, folder in folders.items():
        for method in methods:
            path = folder / "attributions" / f"{method}.parquet"
            table = read_table(path, attributions_table.SCHEMA, ["example_id", "scores", *PLACES])
            examples = table["example_id"].combine_chunks() if examples is None else examples
            table = _aligned(path, table, examples, hidden)
            # Tables of the same tokens share one copy of their places, so that they need not be compared again.
            places = next((one for one in known if one.equals(table.select(PLACES))), table.select(PLACES))
            known += [] if any(one is places for one in known) else [places]
            cell.setdefault(run_id, {})[method] = Scored(Ragged.from_arrow(table["scores"]), places)
    if examples is None:
        raise ResultError(f"{name}: no attributions to hold against each other")
    return examples, cell


def _aligned(path: Path, table: pa.Table, examples: pa.Array, hidden: bool) -> pa.Table:
    """The rows of a table in the order of `examples`; refused where they are of others."""
    place = pc.index_in(examples, table["example_id"].combine_chunks())
    if len(table) != len(examples) or place.null_count:
        missing = examples.filter(pc.is_null(place))
        which = f", such as {missing[0].as_py()!r}" if len(missing) and not hidden else ""
        raise ResultError(f"{path} is not of the test examples that other runs of its cell have{which}; rebuild it")
    return table.take(place)
