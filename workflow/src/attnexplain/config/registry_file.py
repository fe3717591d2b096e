"""The data set registry (`config/datasets.yaml`) and a study's own entries: typed, closed, every source described."""

import re
from typing import Annotated, Literal

from pydantic import AfterValidator, Field, model_validator

from attnexplain.config.plugins import Plugin, PluginOf
from attnexplain.config.values import Integer, Null, Number, Shorthand, StrictModel, refused

NAME = r"[a-z0-9]+(-[a-z0-9]+)*"
Digest = Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]


def _reads_files(reader: Plugin) -> Plugin:
    if reader.facts.get("generates"):
        raise refused(f"reader {reader.name!r} generates its texts and reads no file: it belongs under `synthetic`")
    return reader


def _generator(reader: Plugin) -> Plugin:
    if not reader.facts.get("generates"):
        raise refused(f"reader {reader.name!r} reads files, which `synthetic` has none of: it belongs under `files`")
    return reader


Reader = Annotated[Plugin, PluginOf("reader"), AfterValidator(_reads_files)]


class File(StrictModel):
    """One original file."""

    path: str = Field(
        description="A file, or a folder where the reader takes one; relative to data_mirror or to the working"
        " directory, or absolute."
    )
    sha256: Annotated[Digest | None, Null] = Field(
        None, description="Checked when read. A file without it is an input of its data rule instead."
    )


_PathAlone = Shorthand(
    lambda value: {"path": value} if isinstance(value, str) else value, lambda file: {"type": "string"}
)
Files = dict[str, Annotated[File, _PathAlone]]


class Source(StrictModel):
    """What every source may say; none of it is identity."""

    differs: str = Field(
        "",
        description="In what this copy differs from the data behind the published numbers; stands beside each of them.",
    )


class FilesSource(Source):
    """The original distribution in a local folder."""

    reader: Reader = Field(description="The reader of the original format, with its options.")
    files: Files = Field(min_length=1, description="Split (or the name the reader knows) -> file.")


class UrlSource(Source):
    """An archive to download."""

    url: str = Field(pattern=r"^(https?|ftp|file)://", description="Address of the archive or file.")
    sha256: Digest = Field(description="SHA-256 of what lies at the address.")
    reader: Reader = Field(description="The reader of the original format, with its options.")
    files: Files = Field(min_length=1, description="Split -> path inside the archive.")


class HubSource(Source):
    """A data set of the Hugging Face hub, without a loading script."""

    repository: str = Field(description="Repository id, `organisation/name`.")
    configuration: Annotated[str | None, Null] = Field(None, description="Configuration (subset) of the repository.")
    revision: str = Field(description="Pinned revision: the 40 hex digits of a commit.")
    splits: dict[Literal["train", "dev", "test"], str] = Field(description="Our split -> the repository's split.")
    columns: dict[
        Literal["text", "text_pair", "label", "example_id", "evidence", "evidence_tokens", "evidence_marked"], str
    ] = Field(
        description="Our column -> theirs; evidence as character spans, as indices of whitespace tokens, or as the text"
        " with `*marks*`."
    )

    @model_validator(mode="after")
    def _pinned(self) -> "HubSource":
        if not re.fullmatch(r"[0-9a-f]{40}", self.revision):
            raise refused(f"revision {self.revision!r} is not pinned: give the 40 hex digits of a commit, not a branch")
        return self


class SyntheticSource(Source):
    """Generated text with known ground truth."""

    reader: Annotated[Plugin, PluginOf("reader"), AfterValidator(_generator)] = Field(
        description="The generator, with its options."
    )


class Sources(StrictModel):
    """Where the data can be had. `files` is used where the mirror holds them; else `synthetic`, `hub`, `url`."""

    files: FilesSource | None = None
    synthetic: SyntheticSource | None = None
    hub: HubSource | None = None
    url: UrlSource | None = None

    @model_validator(mode="after")
    def _some(self) -> "Sources":
        if not self.model_fields_set:
            raise refused("a data set needs one source at least: files, url, hub or synthetic")
        return self


class Rows(StrictModel):
    """Rows per split."""

    train: Integer = Field(gt=0)
    dev: Integer = Field(gt=0)
    test: Integer = Field(gt=0)


class Published(StrictModel):
    """Statistics of the splits as a paper printed them, to stand beside ours."""

    train: list[Integer] | None = Field(None, description="Examples per class in the training split.")
    dev: list[Integer] | None = Field(None, description="The same in the dev split.")
    test: list[Integer] | None = Field(None, description="The same in the test split.")
    vocabulary: Integer | None = Field(None, description="Vocabulary size.")
    mean_length: Number | None = Field(None, description="Mean number of tokens.")
    source: str = Field(description="Where the numbers stand.")


class DatasetEntry(StrictModel):
    """One data set of the registry."""

    title: str = Field(description="Name for people.")
    licence: str = Field("none stated", description="Terms of the data.")
    citation: str = Field("", description="Who made it.")
    access: Literal["open", "credentialed"] = Field(
        "open", description="Whether anyone may have it; files of a credentialed one are its user's alone."
    )
    obtain: str = Field("", description="How to get it where its files are missing, as in `sign the agreement at ...`.")
    task: Literal["classification", "entailment", "question-answering"] = Field(
        "classification",
        description="What a model answers: a text's class, a pair's relation, or a question on a text.",
    )
    classes: Annotated[Annotated[list[str], Field(min_length=2)] | None, Null] = Field(
        None,
        description="Names of the classes, in the order of the labels; null (question-answering alone): the distinct"
        " answers of train, sorted.",
    )
    rows: Annotated[Rows | None, Null] = Field(
        None, description="Rows expected before limits; other counts are an error."
    )
    published: Annotated[Published | None, Null] = Field(None, description="Published statistics of the splits.")
    sources: Sources = Field(description="Where the data can be had: files, synthetic, hub, url.")

    @model_validator(mode="after")
    def _never_from_the_web(self) -> "DatasetEntry":
        if self.access == "credentialed" and (self.sources.hub or self.sources.url):
            raise refused("a credentialed data set comes from files of the user alone: leave out `hub` and `url`")
        return self

    @model_validator(mode="after")
    def _classes_named(self) -> "DatasetEntry":
        if self.classes is not None and len(set(self.classes)) < len(self.classes):
            raise refused(f"classes {self.classes}: a class is named twice")
        if self.classes is None and self.task != "question-answering":
            raise refused(f"task {self.task!r} needs `classes`: the names of the labels, in their order")
        return self
