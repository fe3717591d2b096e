"""Everything the page says, from the tables of a study: what `page.render` fills the template with."""

from pathlib import Path
from typing import Any

import pandas as pd

from attnexplain import __version__
from attnexplain.figures.report import answer, data, definitions, pictures, published, study
from attnexplain.figures.style import style_of
from attnexplain.identifiers import base_name


def content(
    *,
    settings: dict[str, Any],
    tables: dict[str, pd.DataFrame],
    specs: list[dict[str, Any]],
    datasets: list[dict[str, Any]],
    tokens: list[dict[str, Any]],
    figures: list[Path],
    files: list[str],
) -> dict[str, Any]:
    """`tables` are runs, statistics and replication; `specs` of the runs; `files` the csv names in the archive."""
    style = style_of(settings)
    runs, statistics, replication = tables["runs"], tables["statistics"], tables["replication"]
    methods = {*statistics["method"].dropna(), *statistics["method_b"].dropna()}
    metrics = set(statistics["metric"])
    return {
        "study": settings["study"],
        "version": __version__,
        "confidence": f"{100 * settings['confidence']:g}",
        "sentences": answer.sentences(statistics, style),
        "overview": study.overview(runs, settings, style),
        "answer": answer.answer(statistics, style),
        "has_evidence": "evidence-auprc" in set(map(base_name, metrics)),
        "evidence": answer.evidence(statistics, style),
        "figures": [pictures.picture(figure, settings["confidence"]) for figure in figures],
        "replication": published.replication(replication, style),
        "datasets": data.datasets(datasets, style),
        "splits": data.splits(tokens, style),
        "training": study.training(specs, style),
        "runs": study.runs_grid(runs, style),
        "missing": study.missing_grid(runs, statistics, replication, style),
        "definitions": definitions.definitions(metrics, style),
        "citations": definitions.citations(datasets, methods, metrics, replication["published_source"]),
        "files": files,
    }
