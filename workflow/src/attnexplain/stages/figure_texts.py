"""Single texts for a figure: learned attention beside the one that an experiment found, of one run per data set.

Texts of credentialed data sets are never read: such a data set has one row, which says so.
"""

import json
from collections import defaultdict
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow.compute as pc

from attnexplain.data.tasks import QUESTION_ANSWERING, task_of
from attnexplain.privacy import OPEN
from attnexplain.stages.figure_measures import class_names
from attnexplain.tables import attributions as attributions_table
from attnexplain.tables import experiments as experiments_table
from attnexplain.tables.io import read_table
from attnexplain.tables.statistics import CELL

WITHHELD = "texts of a credentialed data set are not shown"
COLUMNS = (
    *(*CELL, "seed", "experiment", "missing_reason", "example_id", "tokens", "pair_tokens"),
    *("learned", "found", "class_name", "probability", "jsd", "tvd"),
)


def read_texts(paths: list[Path], runs: Path, wanted: Mapping[str, Any]) -> pd.DataFrame:
    """Texts of at most `wanted["words"]` words: their tokens, both attentions, the prediction, and the experiment's JSD
    and TVD (`COLUMNS`).

    `paths`: the attributions of the method `attention`, and the table of one experiment, of each run. `jsd` is that of
    the attention found. A run without such a text has one row, whose `missing_reason` says why.
    """
    files: dict[str, dict[str, Path]] = defaultdict(dict)
    for path in paths:
        files[path.parents[1].name][path.parent.name] = path
    tables = [_read_run(runs / run, found, wanted["words"]) for run, found in files.items()]
    return pd.concat(tables, ignore_index=True)[[*COLUMNS]] if tables else pd.DataFrame(columns=[*COLUMNS])


def _read_run(run: Path, files: Mapping[str, Path], words: int) -> pd.DataFrame:
    spec = json.loads((run / "spec.json").read_text(encoding="utf-8"))
    about = {**{name: spec["slug"][name] for name in CELL}, "seed": spec["seed"]}
    about |= {"experiment": files["experiments"].stem}
    texts, reason = pd.DataFrame(), WITHHELD
    if spec.get("access") == OPEN:
        texts, reason = _texts(spec, files, words), f"no test text of at most {words} words"
    rows = texts.assign(missing_reason=None) if len(texts) else pd.DataFrame([{"missing_reason": reason}])
    return rows.assign(**about).reindex(columns=list(COLUMNS))


def _texts(spec: Mapping[str, Any], files: Mapping[str, Path], words: int) -> pd.DataFrame:
    learned = read_table(files["attributions"], attributions_table.SCHEMA)
    length = pc.list_value_length(learned["tokens"])
    learned = learned.filter(pc.and_(pc.greater(length, 0), pc.less_equal(length, words)))
    table = read_table(files["experiments"], experiments_table.SCHEMA)
    found = table.filter(pc.is_valid(table["weights"])).to_pandas().rename(columns={"weights": "found"})
    both: pd.DataFrame = learned.to_pandas().rename(columns={"scores": "learned"}).merge(found, on="example_id")
    if both.empty:
        return both
    is_answer = task_of(spec["dataset"]) == QUESTION_ANSWERING
    return both.assign(
        jsd=both["jsd_found"] if "jsd_found" in both else both["jsd_max"],
        probability=[float(row[target]) for row, target in zip(both["probability"], both["target"], strict=True)],
        class_name="the answer" if is_answer else class_names(both["target"], spec["dataset"]["classes"]),
    )
