"""Identity of data, tokens and runs: a readable slug and a digest of what is semantic.

In: the task (where it is not classification), source kind and pinned revision or registered digest, reader options,
limits, tokeniser, vectors' digest, architecture, regulariser, control, training options, seed, and the identity of the
run that it stands on. Out: titles, labels,
resources and where files lie.
"""

import hashlib
from collections.abc import Mapping
from typing import Any

from attnexplain.config.plugins import canonical
from attnexplain.data.tasks import CLASSIFICATION, task_of

_WHERE_FILES_LIE = ("files", "url")


def digest(value: Any, length: int) -> str:
    """So many hex digits of the SHA-256 of the canonical JSON of a value."""
    return hashlib.sha256(canonical(value).encode()).hexdigest()[:length]


def dataset_identity(spec: Mapping[str, Any]) -> dict[str, Any]:
    """What makes a data set the data it is."""
    source = {key: value for key, value in spec["source"].items() if key not in _WHERE_FILES_LIE}
    files = spec["source"].get("files", {})
    if "reader" in source:
        source["reader"] = plugin_identity(source["reader"])
    source["sha256s"] = {name: file.get("sha256") for name, file in files.items()}
    # The default is left out, so that identities are those from before there were tasks.
    tasks = {} if task_of(spec) == CLASSIFICATION else {"task": task_of(spec)}
    # The order of the classes decides which label is which.
    return {"name": spec["name"], **tasks, "classes": spec["classes"], "source": source, "limits": spec["limits"]}


def tokens_identity(spec: Mapping[str, Any]) -> dict[str, Any]:
    """What makes the tokens of a data set."""
    return plugin_identity(spec)


def run_identity(spec: Mapping[str, Any]) -> dict[str, Any]:
    """What makes a run: everything in its specification that is semantic."""
    return {
        "dataset": dataset_identity(spec["dataset"]),
        "tokeniser": tokens_identity(spec["tokeniser"]),
        "vectors": spec["vectors"] and spec["vectors"]["sha256"],
        **{axis: plugin_identity(spec[axis]) for axis in ("encoder", "attention", "normaliser")},
        "regulariser": [plugin_identity(plugin) for plugin in spec["regulariser"]],
        **{key: spec[key] for key in ("control", "training", "seed")},
        "base": spec["base"] and run_identity(spec["base"]),
    }


def run_id(spec: Mapping[str, Any]) -> str:
    """`sst.bilstm.additive.none.s1-3fa94c01de`: slug and 10 hex digits."""
    return f"{run_name(spec['slug'], spec['seed'])}-{digest(run_identity(spec), 10)}"


def run_name(slug: Mapping[str, str], seed: int) -> str:
    """`sst.bilstm.additive.none.s1`: the readable part of a run's id."""
    scorer = slug["attention"] if slug["normaliser"] == "softmax" else f"{slug['attention']}+{slug['normaliser']}"
    parts = [slug["dataset"], slug["encoder"], scorer, slug["regulariser"], f"s{seed}"]
    if slug["control"] != "none":
        parts.append(slug["control"])
    return ".".join(parts)


def plugin_identity(spec: Mapping[str, Any]) -> dict[str, Any]:
    """A plug-in's name and complete options; its id and base, as the grid gave them, are not identity."""
    return {"name": spec["name"], "options": spec["options"]}


def limits_text(limits: Mapping[str, int | None]) -> str:
    """Limits as tables print them: `none`, or `train=500,dev=100`."""
    return ",".join(f"{split}={limit}" for split, limit in limits.items() if limit is not None) or "none"
