"""Stage: the people who marked the evidence of a data set measured as attribution methods are, each against the others.

An annotator's marks are the scores, the evidence is that of the other annotators of the example; of planted data the
truth is held against itself. What comes out is the ceiling of a method against all annotators: it says how far people
can tell each other's marks, by the same code. The others are one fewer than the annotators whose evidence methods are
measured against: where a half of them makes a token evidence, of three two have to mark it, of two others one.
"""

import json
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from attnexplain.data.annotators import others_of
from attnexplain.metrics.ragged import Bools, Ragged
from attnexplain.metrics.result import Measured
from attnexplain.privacy import OPEN
from attnexplain.pseudonyms import KEY, MARK, PSEUDONYMOUS, pseudonymised
from attnexplain.registry import load
from attnexplain.stages.measure import rows
from attnexplain.tables import dataset as dataset_table
from attnexplain.tables import measures as measures_table
from attnexplain.tables import tokens as tokens_table
from attnexplain.tables.io import read_metadata, read_table, write_table
from attnexplain.tables.segments import attended

TRUTH = "truth"  # stands for the method where the evidence was planted
PLANTED = "synthetic"  # kind of a source whose evidence is the truth
MARKED_NOTHING = "annotator marked nothing"

Marks = dict[str, list[tuple[int, list[float], list[float]]]]  # who -> (example, own marks, evidence of the others)


def run(
    *,
    metrics: Sequence[Mapping[str, Any]],
    dataset: Path,
    tokens: Path,
    output: Path,
    provenance: Mapping[str, Any],
    disclose: bool = False,
    key: Path = KEY,
) -> None:
    """Write the table `measures` with annotators in the place of methods, from dataset.json and its test split.

    Rows are ordered by metric, annotator, example, and are of examples with two annotators alone. The examples of a
    credentialed data set have pseudonyms by `key`, unless the study may `disclose` them.
    """
    about = json.loads(dataset.read_text(encoding="utf-8"))
    texts = read_table(tokens, tokens_table.SCHEMA)
    hidden = not disclose and read_metadata(texts.schema).get("access", OPEN) != OPEN
    texts = attended(texts)
    marks = _truth(texts) if about["source"]["kind"] == PLANTED else _marks(dataset.parent / "test.parquet", texts)
    found = pa.concat_tables([measures_table.SCHEMA.columns.empty_table(), *_measures(metrics, marks, texts)])
    if hidden:
        found, provenance = pseudonymised(found, key), {**provenance, MARK: PSEUDONYMOUS}
    write_table(output, found, measures_table.SCHEMA, provenance)


def _marks(split: Path, texts: pa.Table) -> Marks:
    """Marks of every annotator on the tokens of `texts`, a table `tokens`."""
    table = read_table(split, dataset_table.SCHEMA, ["example_id", "evidence"])
    spans = table["evidence"].take(pc.index_in(texts["example_id"], table["example_id"].combine_chunks()))
    marks: Marks = defaultdict(list)
    lists = (texts[name].to_pylist() for name in ("segment", "start", "end"))
    for example, (marked, *places) in enumerate(zip(spans.to_pylist(), *lists, strict=True)):
        for annotator, own, others in others_of(marked or [], places):
            marks[f"annotator-{annotator}"].append((example, own, others))
    return marks


def _truth(texts: pa.Table) -> Marks:
    known = [(example, row, row) for example, row in enumerate(texts["evidence"].to_pylist()) if row is not None]
    return {TRUTH: known} if known else {}


def _marks_nothing(scores: Ragged) -> Bools:
    """Examples on which no token is marked, (N,)."""
    marked = np.concatenate([np.zeros(1), np.cumsum(scores.values > 0)])
    return np.asarray(np.diff(marked[scores.offsets]) == 0)


def _measures(metrics: Sequence[Mapping[str, Any]], marks: Marks, texts: pa.Table) -> Iterator[pa.Table]:
    for metric in sorted(metrics, key=lambda plugin: str(plugin["id"])):
        measure: Callable[..., Measured] = load("metric", metric["name"])
        for who, marked in sorted(marks.items()):
            examples, own, others = zip(*marked, strict=True)
            scores = Ragged.from_rows(own)
            found = measure(_unless_empty(scores), Ragged.from_rows(others), **metric["options"])
            chosen = texts["example_id"].take(pa.array(examples)).combine_chunks()
            yield rows(chosen, scores.lengths, metric["id"], who, None, _said(found, scores))


def _unless_empty(scores: Ragged) -> Ragged:
    """Marks of nothing rank nothing: NaN, which metrics leave undefined."""
    return Ragged(np.where(np.repeat(_marks_nothing(scores), scores.lengths), np.nan, scores.values), scores.offsets)


def _said(found: Measured, scores: Ragged) -> Measured:
    """What was found, with the reason of those who marked nothing."""
    reasons = found.undefined_reason or [None] * len(scores)
    told = [MARKED_NOTHING if empty else why for empty, why in zip(_marks_nothing(scores), reasons, strict=True)]
    return Measured(found.value, found.p_value, told, found.null_mean, found.null_std)
