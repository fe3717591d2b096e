"""The runs whose texts a figure shows. Expected: chosen by hand from a short list."""

from attnexplain.plan.examples import example_files

NAMES = {"permutation": "permutation", "adversary-aaaaaa": "adversary", "adversary-exact-bbbbbb": "adversary-exact"}
WANTED = ["adversary-exact", "adversary"]


def _run(dataset="sst", encoder="bilstm", attention="additive", regulariser=(), control="none"):
    names = {"encoder": encoder, "attention": attention, "normaliser": "softmax"}
    plugins = {axis: {"name": name, "id": f"{name}-123456"} for axis, name in names.items()}
    return {"slug": {"dataset": dataset}, **plugins, "regulariser": list(regulariser), "control": control}


def _chosen(runs) -> list[str]:
    files = example_files(runs, NAMES, ["attention", "gradient"], WANTED)
    return [file.split("/")[2] for file in files[::2]]


def test_the_published_model_is_taken_and_of_it_the_first_seed() -> None:
    runs = {"a": _run(encoder="cnn"), "b": _run(attention="dot"), "c": _run(), "d": _run()}
    assert _chosen(runs) == ["c"]
    assert _chosen({"r": _run(regulariser=[{"name": "tying"}]), **runs}) == ["c"]


def test_a_control_is_never_an_example() -> None:
    assert _chosen({"a": _run(control="untrained"), "b": _run(encoder="average", attention="dot")}) == ["b"]
    assert _chosen({"a": _run(control="shuffled-labels")}) == []


def test_without_that_model_the_encoder_counts_before_the_attention() -> None:
    assert _chosen({"a": _run(encoder="cnn"), "b": _run(attention="dot")}) == ["b"]
    assert _chosen({"a": _run(encoder="cnn"), "b": _run(encoder="average")}) == ["a"]


def test_every_data_set_has_its_own_run() -> None:
    runs = {"a": _run("imdb", encoder="cnn"), "b": _run(), "c": _run("imdb")}
    assert sorted(_chosen(runs)) == ["b", "c"]


def test_the_files_are_those_of_attention_and_of_the_first_experiment_that_there_is() -> None:
    assert example_files({"a": _run()}, NAMES, ["attention"], WANTED) == [
        "results/runs/a/attributions/attention.parquet",
        "results/runs/a/experiments/adversary-exact-bbbbbb.parquet",
    ]
    fewer = {key: NAMES[key] for key in ("permutation", "adversary-aaaaaa")}
    assert example_files({"a": _run()}, fewer, ["attention"], WANTED)[1].endswith("adversary-aaaaaa.parquet")


def test_without_attention_or_an_adversary_there_are_none() -> None:
    assert example_files({"a": _run()}, NAMES, ["gradient"], WANTED) == []
    assert example_files({"a": _run()}, {"permutation": "permutation"}, ["attention"], WANTED) == []
