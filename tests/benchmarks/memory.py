"""Peak memory of jobs on long texts, each in a process of its own; run by hand:

    python tests/benchmarks/memory.py                            # every case, at 240 and at 4,000 words
    python tests/benchmarks/memory.py adversary-exact train --words 4000
    python tests/benchmarks/memory.py attention train --words 240 --texts 25000 --encoders average

Models are random, of the published sizes; texts too, over a vocabulary of IMDB's size. With 240 words they are as long
as IMDB's: log-normal, the mean 240, the longest 2,500; other numbers of words are of every text. `--classes 2 3 0`
asks for models of two classes, of three, and of pairs (0). Steps of the search are few, for its memory does not depend
on them. One line per case: stage, what it does, encoder, classes, words, peak MiB.
"""

import argparse
import json
import subprocess
import sys
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

HERE = Path(__file__).parents[1]
SOURCE = HERE.parent / "workflow" / "src"
sys.path[:0] = [str(HERE), str(SOURCE)]

IMDB = 240
LONGEST = 2_500
VOCABULARY = 45_000
METHODS = ("attention", "gradient", "input-x-gradient", "integrated-gradients", "leave-one-out")
EXPERIMENTS = (
    *("permutation", "adversary", "adversary-exact", "conicity", "erasure", "least-mass", "nearest-uniform", "probe"),
    *("permuted-at-test", "uniform-at-test"),
)
METRICS = ("kendall-tau", "evidence-auprc")
CASES = ("train", *METHODS, *EXPERIMENTS, *METRICS)
OPTIONS = {"adversary": {"steps": 3}, "integrated-gradients": {"steps": 3}}
# Texts per case: enough for full batches, few enough for seconds. Deletions of one long text take minutes.
TEXTS = {"train": 64, "leave-one-out": 1, "adversary-exact": 2}
WORDS_LEFT_OUT = 1_000
# The stage, as `python -m attnexplain` calls it, and the largest the process has been.
PROBE = """
import re, sys
from pathlib import Path
from attnexplain.cli import main
status = main(sys.argv[1:])
print(re.search(r"VmHWM:\\s+(\\d+)", Path("/proc/self/status").read_text())[1])
sys.exit(status)
"""


def main() -> None:
    """Print a line per case."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("cases", nargs="*", metavar="CASE", default=CASES, help=", ".join(CASES))
    parser.add_argument("--words", nargs="+", type=int, default=[IMDB, 4_000])
    parser.add_argument("--encoders", nargs="+", default=["bilstm"])
    parser.add_argument("--classes", nargs="+", type=int, default=[2])
    parser.add_argument("--texts", type=int, help="of every case, instead of a few")
    if sys.argv[1:2] == ["write"]:
        write(Path(sys.argv[2]), *json.loads(sys.argv[3]))
        return
    given = parser.parse_args()
    for words in given.words:
        for encoder in given.encoders:
            for classes in given.classes:
                for case in given.cases:
                    texts = given.texts or TEXTS.get(case, 8 if words > IMDB else 200)
                    length = min(words, WORDS_LEFT_OUT) if case == "leave-one-out" and words != IMDB else words
                    stage, peak = measured(case, encoder, classes, length, texts)
                    kind = f"{classes} classes" if classes else "pairs"
                    sys.stdout.write(f"{stage:10} {case:20} {encoder:8} {kind:9} {length:5} words {peak:6.0f} MiB\n")
                    sys.stdout.flush()


def measured(case: str, encoder: str, classes: int, words: int, texts: int) -> tuple[str, float]:
    """The stage, and its peak in MiB."""
    with TemporaryDirectory() as name:
        folder = Path(name)
        run_python([__file__, "write", name, json.dumps([case, encoder, classes, words, texts])])
        command = json.loads((folder / "command.json").read_text(encoding="utf-8"))
        return command[0], int(run_python(["-c", PROBE, *command], folder).splitlines()[-1]) / 1024


def run_python(arguments: list[str], folder: Path | None = None) -> str:
    """What a process prints; its errors end ours."""
    environment = {"PYTHONPATH": str(SOURCE), "OMP_NUM_THREADS": "1"}
    done = subprocess.run([sys.executable, *arguments], cwd=folder, env=environment, capture_output=True, text=True)
    if done.returncode:
        sys.exit(done.stderr)
    return done.stdout


def write(folder: Path, case: str, encoder: str, classes: int, words: int, texts: int) -> None:
    """All that the job of a case reads, and its command."""
    from safetensors.torch import save_file

    from attnexplain.models.classifier import build_classifier

    spec = run_spec(encoder, classes)
    sizes = {"test": texts}
    if case == "train":  # as IMDB: as many to train on, a fifth of them kept for dev
        sizes |= {"train": texts - texts // 5, "dev": texts // 5}
    if case == "probe":
        sizes |= {"train": texts}
    for seed, (split, count) in enumerate(sizes.items()):
        write_tokens(folder / f"{split}.parquet", lengths(words, count, seed), classes or 3, not classes)
    (folder / "vocabulary.json").write_text(json.dumps({f"w{number}": number for number in range(VOCABULARY)}))
    if case not in METRICS and case != "train":
        save_file(build_classifier(spec, VOCABULARY).state_dict(), folder / "model.safetensors")
    command = command_of(case, spec, folder)
    (folder / "command.json").write_text(json.dumps(command), encoding="utf-8")


def command_of(case: str, spec: dict[str, Any], folder: Path) -> list[str]:
    """The arguments of the stage."""
    if case in METRICS:
        return ["measure", *metric_arguments(case, folder)]
    named = ["--spec", json.dumps(spec), "--tokens", str(folder / "test.parquet"), "--device", "cpu"]
    if case == "train":
        return ["train", *named, "--output", str(folder / "run" / "spec.json")]
    stage, family = ("attribute", "method") if case in METHODS else ("experiment", "experiment")
    named += [f"--{family}", json.dumps(plugin(family, case, **OPTIONS.get(case, {})))]
    return [stage, *named, "--model", str(folder / "model.safetensors"), "--output", str(folder / "out" / "x.parquet")]


def metric_arguments(name: str, folder: Path) -> list[str]:
    """Of a measure of two methods, whose scores are random."""
    import numpy as np
    import pyarrow as pa

    from attnexplain.tables import attributions
    from attnexplain.tables.io import read_table, write_table
    from attnexplain.tables.tokens import SCHEMA

    texts, paths = read_table(folder / "test.parquet", SCHEMA), []
    offsets = texts["tokens"].combine_chunks().offsets
    for seed, method in enumerate(("attention", "gradient")):
        scores = np.random.default_rng(seed).random(offsets[-1].as_py(), dtype=np.float32)
        columns = {key: texts[key] for key in ("example_id", "tokens", "segment", "start", "end")}
        columns["scores"] = pa.ListArray.from_arrays(offsets, scores)
        columns["target"] = pa.array(np.zeros(len(texts)), pa.int32())
        columns["probability"] = pa.array([[0.5, 0.5]] * len(texts), pa.list_(pa.float32()))
        paths.append(folder / f"{method}.parquet")
        write_table(paths[-1], pa.table(columns), attributions.SCHEMA, {})
    arguments = ["--run", "random", "--metrics", json.dumps([plugin("metric", name)])]
    arguments += ["--tokens", str(folder / "test.parquet"), "--attributions", *map(str, paths)]
    return [*arguments, "--output", str(folder / "measures.parquet")]


def run_spec(encoder: str, classes: int) -> dict[str, Any]:
    """A run of the published sizes; of pairs where `classes` is 0."""
    from tiny import tiny_spec

    training = {"embedding_size": 300, "batch_size": 32, "epochs": 1}
    spec = {**tiny_spec(encoder, classes=classes or 3, training=training), "encoder": plugin("encoder", encoder)}
    if not classes:
        spec["dataset"] |= {"task": "entailment"}
    return spec


def plugin(family: str, name: str, **options: Any) -> dict[str, Any]:
    """A plug-in with its default options, some replaced."""
    from tiny import plugin as tiny_plugin

    return tiny_plugin(family, name, **options)


def lengths(words: int, count: int, seed: int) -> Any:
    """How many words each text has."""
    import numpy as np

    if words != IMDB:
        return np.full(count, words)
    spread = 0.7  # of the logarithm
    drawn = np.random.default_rng(seed).lognormal(np.log(IMDB) - spread**2 / 2, spread, count)
    return np.append(np.clip(drawn, 10, LONGEST).astype(int)[:-1], LONGEST)


def write_tokens(path: Path, lengths: Any, classes: int, pairs: bool) -> None:
    """A split of texts of so many words at random, every tenth of them evidence; of pairs, with questions of 20."""
    import numpy as np
    import pyarrow as pa

    from attnexplain.tables.io import write_table
    from attnexplain.tables.tokens import SCHEMA

    asked = 20 if pairs else 0
    random, total = np.random.default_rng(0), int((lengths + asked).sum())
    offsets = np.concatenate([[0], np.cumsum(lengths + asked)])
    ids = random.integers(4, VOCABULARY, total)
    forms = pa.array([f"w{number}" for number in range(VOCABULARY)])
    place = np.arange(total) - np.repeat(offsets[:-1], lengths + asked)
    values = {
        "tokens": forms.take(pa.array(ids)),
        "token_ids": pa.array(ids, pa.int32()),
        "segment": pa.array(place >= np.repeat(lengths, lengths + asked)).cast(pa.int8()),
        "start": pa.array(7 * place, pa.int32()),
        "end": pa.array(7 * place + 6, pa.int32()),
        "evidence": pa.array((place % 10 == 0).astype(np.float32)),
    }
    columns = {name: pa.ListArray.from_arrays(pa.array(offsets, pa.int32()), part) for name, part in values.items()}
    columns["example_id"] = pa.array([f"e{number}" for number in range(len(lengths))])
    columns["label"] = pa.array(np.arange(len(lengths)) % classes, pa.int32())
    columns["candidates"] = pa.nulls(len(lengths), pa.list_(pa.int32()))
    write_table(path, pa.table(columns), SCHEMA, {})


if __name__ == "__main__":
    main()
