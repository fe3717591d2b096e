"""Commands that look after studies: `plan`, `status` and `runs`."""

import argparse
import os
import sys
from collections.abc import Iterable, Sequence
from importlib import import_module
from pathlib import Path
from typing import Any


def add(commands: Any) -> None:
    """Add them to the parser of the command line."""
    plan = _of_study(commands, "plan", _plan, "what a study would run, what is there already, how long it may take")
    plan.add_argument("--cores", type=positive, default=2, help="jobs at a time that the time is reckoned with")
    status = _of_study(
        commands, "status", _status, "what is done, running and failed, why, and how long the rest takes"
    )
    status.add_argument("--cores", type=positive, help="jobs at a time that the time is reckoned with; else as run now")
    status.add_argument("--all", action="store_true", help="every running and failed job, not the first 20")
    runs = commands.add_parser("runs", help="runs and data on disk, and the studies that use them; removes the others")
    runs.add_argument("--prune", action="store_true", help="remove what no study refers to, after asking")
    runs.add_argument("--yes", action="store_true", help="with --prune: do not ask")
    runs.add_argument(
        "--study", type=Path, nargs="+", action="append", default=[], metavar="FILE",
        help="a study file that lies elsewhere (with those laid over it); may be given again",
    )  # fmt: skip
    runs.add_argument("--mirror", type=Path, help="folder with the original files (data_mirror)")
    runs.set_defaults(handler=_runs)


def dataset_names(files: Sequence[Path]) -> list[str]:
    """The data sets of a study, as its files have them."""
    names: list[str] = _module("study").dataset_names(files)
    return names


def _of_study(commands: Any, name: str, handler: Any, words: str) -> argparse.ArgumentParser:
    parser: argparse.ArgumentParser = commands.add_parser(name, help=words)
    parser.add_argument(
        "study",
        type=Path,
        nargs="*",
        metavar="STUDY",
        help="study file, and those laid over it; else the default study",
    )
    parser.add_argument("--config", nargs="+", default=[], metavar="KEY=VALUE", help="as for snakemake")
    parser.set_defaults(handler=handler)
    return parser


def _plan(given: argparse.Namespace) -> None:
    _print(_module("plan_page").page(given.study, given.config, given.cores))


def _status(given: argparse.Namespace) -> None:
    shown = {"shown": None} if given.all else {}
    _print(_module("status_page").page(given.study, given.config, given.cores, **shown))


def _runs(given: argparse.Namespace) -> None:
    pages = _module("runs_page")
    mirror = given.mirror.expanduser().resolve() if given.mirror else _module("study").environment_mirror()
    if given.prune:
        pages.prune(given.study, mirror, (lambda question: True) if given.yes else _ask, _say)
    else:
        _print(pages.page(given.study, mirror))


def positive(text: str) -> int:
    number = int(text)
    if number < 1:
        raise argparse.ArgumentTypeError(f"expected 1 or more, got {number}")
    return number


def _ask(question: str) -> bool:
    """Whether the user says yes; no answer is a no."""
    try:
        return input(question).strip().lower() in ("y", "yes")
    except EOFError:
        return False


def _module(name: str) -> Any:
    return import_module(f"attnexplain.operations.{name}")


def _print(lines: Iterable[str]) -> None:
    try:
        for line in lines:
            _say(line)
        sys.stdout.flush()
    except BrokenPipeError:  # read by `head` or a pager that was left: nobody wants the rest
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _say(line: str) -> None:
    sys.stdout.write(f"{line}\n")
