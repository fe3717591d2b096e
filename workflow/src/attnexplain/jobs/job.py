"""One job of a study, as those who look at a study need it: its files, and what its time depends on."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any


@dataclass(frozen=True)
class Job:
    """A job of the workflow. Paths are relative to the working directory, as Snakemake writes them."""

    rule: str
    about: str  # what tells it from the other jobs of its rule: a run, a run and a method, a data set
    outputs: tuple[str, ...]
    log: str
    benchmark: str
    kind: str = ""  # plug-ins that its time depends on, beside the rule
    tokens: str = ""  # `sst-1a2b3c4d/word-5e6f7a8b`: the tokens that it reads
    split: str = "test"  # the split that it works through ...
    times: int = 1  # ... and how often: the epochs of a training
    code: str = ""  # digest of the code that its files should be of
    needs: tuple[str, ...] = field(default=())  # names of the jobs whose files it reads

    @property
    def name(self) -> str:
        """The first of its outputs, which no other job has: the one that its command is told, where its record lies."""
        return self.outputs[0]

    def as_json(self) -> dict[str, Any]:
        """What `from_json` takes."""
        return asdict(self)

    @classmethod
    def from_json(cls, raw: Mapping[str, Any]) -> "Job":
        """A job that was written as JSON."""
        lists = {name: tuple(raw[name]) for name in ("outputs", "needs")}
        return cls(**{**raw, **lists})
