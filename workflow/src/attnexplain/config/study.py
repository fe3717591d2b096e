"""A study, typed: one source of truth for what a study file may say, its defaults and its JSON schema."""

from typing import Annotated, Any, Literal, get_args

from pydantic import (
    AfterValidator,
    BeforeValidator,
    Discriminator,
    Field,
    GetCoreSchemaHandler,
    GetJsonSchemaHandler,
    SerializerFunctionWrapHandler,
    Tag,
    field_validator,
    model_serializer,
    model_validator,
)
from pydantic_core import core_schema

from attnexplain.config.plugins import (
    Plugin,
    PluginOf,
    check_scorer,
    make_combination,
    make_plugin,
    plugin_json_schema,
    split_scorer,
)
from attnexplain.config.registry_file import NAME, DatasetEntry
from attnexplain.config.values import Integer, Null, Number, OneOrMore, PositiveOrNull, StrictModel, refused
from attnexplain.errors import nearest

Control = Literal["untrained", "shuffled-labels"]
Axis = Literal["encoder", "attention", "normaliser", "regulariser", "control", "method"]
# As wide as the tables' column.
Seed = Annotated[Integer, Field(ge=0, le=2**63 - 1)]


def _lengths_in_order(tokeniser: Plugin) -> Plugin:
    shortest, longest = (tokeniser.options.get(name) for name in ("min_length", "max_length"))
    if shortest is not None and longest is not None and shortest > longest:
        raise refused(f"min_length {shortest} is above max_length {longest}: no text is kept")
    return tokeniser


Tokeniser = Annotated[Plugin, PluginOf("tokeniser"), AfterValidator(_lengths_in_order)]


class OwnDataset(DatasetEntry):
    """A data set that stands in the study file itself."""

    name: str = Field(pattern=f"^{NAME}$")


def _name_or_entry(value: Any) -> str:
    return "entry" if isinstance(value, dict | OwnDataset) else "name"


class Scorer(StrictModel):
    """An attention variant: a scorer and a normaliser."""

    attention: Annotated[Plugin, PluginOf("attention")]
    normaliser: Annotated[Plugin, PluginOf("normaliser")]

    @model_validator(mode="after")
    def _fits(self) -> "Scorer":
        check_scorer(self.attention, self.normaliser)
        return self


def _as_scorer(value: Any) -> Any:
    read = isinstance(value, Scorer) or (isinstance(value, dict) and "attention" in value)
    return value if read else split_scorer(value)


class _ScorerSchema:
    def __get_pydantic_json_schema__(self, schema: Any, handler: GetJsonSchemaHandler) -> dict[str, Any]:
        return plugin_json_schema("attention", {"normaliser": plugin_json_schema("normaliser")})


class _CombinationOf:
    """Pydantic annotation: a combination of regularisers; the empty tuple is none."""

    def __get_pydantic_core_schema__(self, source: Any, handler: GetCoreSchemaHandler) -> core_schema.CoreSchema:
        return core_schema.no_info_plain_validator_function(
            make_combination,
            serialization=core_schema.plain_serializer_function_ser_schema(lambda value: [one.spec() for one in value]),
        )

    def __get_pydantic_json_schema__(self, schema: Any, handler: GetJsonSchemaHandler) -> dict[str, Any]:
        one = plugin_json_schema("regulariser")
        return {"anyOf": [{"const": "none"}, one, {"type": "array", "items": one}]}


Combination = Annotated[tuple[Plugin, ...], _CombinationOf()]
AnyScorer = Annotated[Scorer, BeforeValidator(_as_scorer), _ScorerSchema()]


class Training(StrictModel):
    """Options of training; the defaults are those of Jain and Wallace (2019), with selection on dev."""

    epochs: Integer = Field(8, ge=1, le=10_000, description="Passes over the training split.")
    batch_size: Integer = Field(32, ge=1, description="Examples per step.")
    learning_rate: Number = Field(1e-3, gt=0, description="Adam's step size.")
    weight_decay: Number = Field(
        1e-5, ge=0, description="L2 penalty on encoder, embeddings and decoder; on the attention in pairs alone."
    )
    embedding_size: Integer = Field(300, ge=1, description="Size of the embeddings; that of the vectors where given.")
    embedding_init_std: Number = Field(0.25, gt=0, description="Embeddings without vectors start as N(0, std^2).")
    class_weights: Literal["balanced", "none"] = Field("balanced", description="Weight classes by inverse frequency.")
    selection: Literal["roc-auc", "accuracy", "f1", "loss"] = Field(
        "roc-auc", description="Dev measure that picks the epoch."
    )
    patience: PositiveOrNull = Field(None, description="Stop after so many epochs without improvement.")


class Block(StrictModel):
    """A block of the grid: every combination of its axes is trained."""

    encoder: Annotated[list[Annotated[Plugin, PluginOf("encoder")]], OneOrMore] = Field(
        min_length=1, description="Encoders."
    )
    attention: Annotated[list[AnyScorer], OneOrMore] = Field(
        min_length=1, description="Attention variants: `additive`, or `{name: additive, normaliser: softmax}`."
    )
    regulariser: Annotated[list[Combination], OneOrMore] = Field(
        [()], min_length=1, description="Regularisers; a list inside the list combines its members."
    )
    datasets: Annotated[list[str] | None, Null] = Field(None, description="Narrows the block to these data sets.")
    seeds: Annotated[list[Integer] | None, Null] = Field(None, description="Narrows the block to these seeds.")
    training: Annotated[Training | None, Null] = Field(
        None, description="Some options of training, for the runs of this block; they beat the study's."
    )

    @property
    def own_training(self) -> dict[str, Any]:
        """The options of training that the block gives, without defaults."""
        return {} if self.training is None else self.training.model_dump(mode="json", exclude_unset=True)

    @model_serializer(mode="wrap")
    def _as_given(self, dump: SerializerFunctionWrapHandler) -> dict[str, Any]:
        # A block that gives no options of training reads as it did before there were any: folders of studies with
        # overrides are named after it.
        written: dict[str, Any] = dump(self)
        del written["training"]
        return {**written, "training": self.own_training} if self.own_training else written


class Exclusion(StrictModel):
    """Grid points to leave out: those that match every axis given, by name."""

    dataset: str | None = Field(None, description="Name of a data set.")
    encoder: str | None = Field(None, description="Name of an encoder, with any options.")
    attention: str | None = Field(None, description="Name of an attention, with any options.")
    normaliser: str | None = Field(None, description="Name of a normaliser, with any options.")
    regulariser: str | None = Field(None, description="Any member of a combination, or `none`.")
    control: Literal["none", "untrained", "shuffled-labels"] | None = Field(None, description="A control, or `none`.")
    seed: Integer | None = Field(None, description="A seed.")


class Limits(StrictModel):
    """Seeded, stratified subsets: at most so many examples; null keeps all."""

    train: PositiveOrNull = Field(None, description="Most examples to train on.")
    dev: PositiveOrNull = Field(None, description="Most examples to choose a checkpoint on.")
    test: PositiveOrNull = Field(None, description="Most examples to test and explain.")


class Statistics(StrictModel):
    """Options of the statistics."""

    bootstrap: Integer = Field(1000, ge=1, description="Resamples, where an interval is a bootstrap.")
    confidence: Number = Field(0.95, gt=0.5, lt=1, description="Confidence level of intervals and null ranges.")
    interval: Annotated[Plugin, PluginOf("interval")] = Field(
        default_factory=lambda: make_plugin("interval", "two-way"), description="Kind of interval of a mean."
    )
    family: Annotated[list[str] | None, Null] = Field(
        None,
        description="Metrics whose tests are adjusted together (ids, `accuracy`, `f1`, `roc-auc`, or"
        " `<experiment>:<column>`); null takes all.",
    )
    margins: dict[str, Annotated[Number, Field(gt=0)]] = Field(
        {}, description="Metric -> the largest distance that does not matter: equivalence is tested with it."
    )
    curve_to: Number = Field(
        0.4,
        gt=0,
        lt=0.6931471805599453,
        description="Divergence, in nats, up to which the area under the curve of trained adversaries is taken.",
    )
    compare: list[Axis] = Field(
        [*get_args(Axis)], description="Axes along which cells are compared, all else equal; of `method`, methods."
    )
    reference: dict[Axis, str] = Field(
        {},
        description="Axis -> the id that all are compared with, as {regulariser: none}; of other axes, all pairs.",
    )

    @field_validator("compare", "reference", mode="before")
    @classmethod
    def _known_axes(cls, value: Any) -> Any:
        for name in value if isinstance(value, list | dict) else []:
            if name not in get_args(Axis):
                raise refused(f"unknown axis {name!r}. {nearest(name, get_args(Axis))}")
        return value

    @field_validator("compare", "family")
    @classmethod
    def _distinct(cls, value: list[str] | None) -> list[str] | None:
        for name in value or ():
            if (value or []).count(name) > 1:
                raise refused(f"{name!r} is named twice")
        return value


class Display(StrictModel):
    """Names and colours for people; never identity."""

    labels: dict[str, str] = Field({}, description="Identifier -> label in figures and tables for people.")
    colours: dict[str, str] = Field({}, description="Identifier -> colour (#rrggbb).")

    @field_validator("colours")
    @classmethod
    def _hexadecimal(cls, value: dict[str, str]) -> dict[str, str]:
        for name, colour in value.items():
            if len(colour) != 7 or colour[0] != "#" or set(colour[1:].lower()) - set("0123456789abcdef"):
                raise refused(f"colour of {name!r}: expected #rrggbb, got {colour!r}")
        return value


class Resources(StrictModel):
    """How jobs run; never identity."""

    device: Literal["auto", "cpu", "cuda"] = Field("auto", description="`auto` takes a GPU where one is visible.")
    shard: Integer = Field(1000, ge=1, description="Examples per resumable shard of attributions and experiments.")
    tokens_per_batch: Integer = Field(
        4096, ge=1, description="Budget of a batch: examples x padded length; halved where memory runs out."
    )


class PerDataset(StrictModel):
    """Options that hold for one data set only; they enter the run's identity, not a plug-in's id."""

    training: dict[str, Any] = Field({}, description="Options of training.")
    tokeniser: dict[str, Any] = Field({}, description="Tokeniser, or some of its options.")
    limits: dict[str, Any] = Field({}, description="Limits.")
    encoder: dict[str, Any] = Field({}, description="Options, taken by every encoder that has them.")
    attention: dict[str, Any] = Field({}, description="Options, taken by every attention that has them.")
    vectors: Annotated[str | None, Null] = Field(None, description="Text file of word vectors.")


def _plugins(family: str, default: list[str], description: str) -> Any:
    return Field(default_factory=lambda: [make_plugin(family, name) for name in default], description=description)


class Study(StrictModel):
    """One study: what is trained, explained and measured."""

    study: str = Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9_-]*$", description="Names results/studies/<study>.")
    data_mirror: Annotated[str | None, Null] = Field(None, description="Folder with the original files.")
    datasets: Annotated[
        list[
            Annotated[Annotated[str, Tag("name")] | Annotated[OwnDataset, Tag("entry")], Discriminator(_name_or_entry)]
        ],
        OneOrMore,
    ] = Field(min_length=1, description="Names of config/datasets.yaml, or own entries.")
    limits: Limits = Limits()
    tokeniser: Tokeniser = Field(
        default_factory=lambda: make_plugin("tokeniser", "word"), description="How text becomes tokens."
    )
    vectors: Annotated[str | None, Null] = Field(None, description="Text file of word vectors (GloVe, fastText).")
    grid: Annotated[list[Block], OneOrMore] = Field(
        min_length=1, description="One block or a list of blocks, whose union is trained."
    )
    exclude: list[Exclusion] = Field([], description="Grid points to leave out.")
    controls: list[Control] = Field(
        [], description="Beside the grid itself: `untrained` models, models of `shuffled-labels`."
    )
    seeds: list[Seed] = Field(min_length=1, description="One model is trained per seed.")
    training: Training = Training()
    per_dataset: dict[str, PerDataset] = Field({}, description="Options that hold for one data set only.")
    methods: list[Annotated[Plugin, PluginOf("method")]] = _plugins(
        "method", ["attention", "gradient", "leave-one-out"], "Attribution methods."
    )
    experiments: list[Annotated[Plugin, PluginOf("experiment")]] = Field(
        [], description="Interventions on the attention of a trained model."
    )
    between: list[Annotated[Plugin, PluginOf("between")]] = Field(
        [], description="Measures between runs that differ in the seed alone; a cell needs two seeds for them."
    )
    metrics: list[Annotated[Plugin, PluginOf("metric")]] = _plugins(
        "metric", ["kendall-tau"], "Measures per example; accuracy, f1 and roc-auc are always there."
    )
    statistics: Statistics = Statistics()
    protocol: Annotated[str | None, Null] = Field(
        None, description="A published study's options, expanded by the plan."
    )
    disclose: list[str] = Field(
        [],
        description="Credentialed data sets whose identifiers may stand under results/studies; of others there are"
        " pseudonyms alone.",
    )
    display: Display = Display()
    resources: Resources = Resources()

    @field_validator("controls", mode="before")
    @classmethod
    def _known_controls(cls, value: Any) -> Any:
        for name in value if isinstance(value, list) else []:
            if name not in get_args(Control):
                raise refused(f"unknown control {name!r}. {nearest(name, get_args(Control))}")
        return value

    @field_validator("seeds", "methods", "experiments", "between", "metrics", "controls")
    @classmethod
    def _distinct(cls, value: list[Any]) -> list[Any]:
        for member in value:
            if value.count(member) > 1:
                raise refused(f"{getattr(member, 'id', member)!r} is named twice")
        return value

    @property
    def dataset_names(self) -> list[str]:
        """Names of the study's data sets, in its order."""
        return [entry if isinstance(entry, str) else entry.name for entry in self.datasets]
