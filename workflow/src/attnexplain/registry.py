"""Names of plug-ins and where each is implemented; nothing is imported until a plug-in is used.

A plug-in's facts (options with defaults, needs, citation) are the literal `FACTS = {...}` at the top of
its file. They are read with `ast.literal_eval`, so the plan can validate a study without importing torch.
Packages add their own plug-ins through entry points of the group `attnexplain.<family>`.
"""

import ast
from functools import cache
from importlib import import_module, metadata, util
from pathlib import Path
from typing import Any

from attnexplain.errors import ConfigError, UnknownNameError

_ROOT = Path(__file__).parent.parent

BUILT_IN: dict[str, dict[str, str]] = {
    "reader": {
        "ade-corpus": "attnexplain.data.readers.ade_corpus:read",
        "ag-news": "attnexplain.data.readers.ag_news:read",
        "babi": "attnexplain.data.readers.babi:read",
        "class-files": "attnexplain.data.readers.class_files:read",
        "cnn-qa": "attnexplain.data.readers.cnn_qa:read",
        "delimited": "attnexplain.data.readers.delimited:read",
        "eraser": "attnexplain.data.readers.eraser:read",
        "generated-babi": "attnexplain.data.readers.generated_babi:read",
        "hatexplain": "attnexplain.data.readers.hatexplain:read",
        "imdb": "attnexplain.data.readers.imdb:read",
        "mimic-notes": "attnexplain.data.readers.mimic_notes:read",
        "parquet": "attnexplain.data.readers.parquet:read",
        "planted-sentiment": "attnexplain.data.readers.planted_sentiment:read",
        "planted-shortcut": "attnexplain.data.readers.planted_shortcut:read",
        "snli": "attnexplain.data.readers.snli:read",
        "squad": "attnexplain.data.readers.squad:read",
        "sst-trees": "attnexplain.data.readers.sst_trees:read",
        "text-folder": "attnexplain.data.readers.text_folder:read",
        "trec": "attnexplain.data.readers.trec:read",
        "twenty-newsgroups": "attnexplain.data.readers.twenty_newsgroups:read",
        "word-masks": "attnexplain.data.readers.word_masks:read",
    },
    "tokeniser": {
        "word": "attnexplain.data.tokenisers.word:WordTokeniser",
    },
    "encoder": {
        "average": "attnexplain.models.encoders.average:Average",
        "bilstm": "attnexplain.models.encoders.bilstm:BiLSTM",
        "cnn": "attnexplain.models.encoders.cnn:CNN",
        "gru": "attnexplain.models.encoders.gru:GRU",
        "lstm": "attnexplain.models.encoders.lstm:LSTM",
        "rnn": "attnexplain.models.encoders.rnn:RNN",
    },
    "attention": {
        "additive": "attnexplain.models.attention.additive:Additive",
        "dot": "attnexplain.models.attention.dot:Dot",
        "frozen": "attnexplain.models.attention.frozen:Frozen",
        "uniform": "attnexplain.models.attention.uniform:Uniform",
    },
    "normaliser": {
        "entmax15": "attnexplain.models.normalisers.entmax15:Entmax15",
        "softmax": "attnexplain.models.normalisers.softmax:Softmax",
        "sparsemax": "attnexplain.models.normalisers.sparsemax:Sparsemax",
    },
    "regulariser": {
        "adversarial": "attnexplain.objectives.adversarial:Adversarial",
        "concat": "attnexplain.objectives.concat:Concat",
        "deceptive": "attnexplain.objectives.deceptive:Deceptive",
        "diversity": "attnexplain.objectives.diversity:Diversity",
        "entropy": "attnexplain.objectives.entropy:Entropy",
        "evidence-supervision": "attnexplain.objectives.evidence_supervision:EvidenceSupervision",
        "mlm": "attnexplain.objectives.mlm:MLM",
        "orthogonal": "attnexplain.objectives.orthogonal:Orthogonal",
        "tasc": "attnexplain.objectives.tasc:TaSc",
        "tying": "attnexplain.objectives.tying:Tying",
    },
    "method": {
        "attention": "attnexplain.attribution.attention:Attention",
        "attention-gradient": "attnexplain.attribution.attention_gradient:AttentionGradient",
        "attention-x-gradient": "attnexplain.attribution.attention_x_gradient:AttentionXGradient",
        "gradient": "attnexplain.attribution.gradient:Gradient",
        "input-x-gradient": "attnexplain.attribution.input_x_gradient:InputXGradient",
        "integrated-gradients": "attnexplain.attribution.integrated_gradients:IntegratedGradients",
        "leave-one-out": "attnexplain.attribution.leave_one_out:LeaveOneOut",
        "random": "attnexplain.attribution.random:Random",
    },
    "experiment": {
        "adversary": "attnexplain.experiments.adversary:Adversary",
        "adversary-exact": "attnexplain.experiments.adversary_exact:AdversaryExact",
        "conicity": "attnexplain.experiments.conicity:Conicity",
        "distance-to-base": "attnexplain.experiments.distance_to_base:DistanceToBase",
        "erasure": "attnexplain.experiments.erasure:Erasure",
        "least-mass": "attnexplain.experiments.least_mass:LeastMass",
        "nearest-uniform": "attnexplain.experiments.nearest_uniform:NearestUniform",
        "permutation": "attnexplain.experiments.permutation:Permutation",
        "permuted-at-test": "attnexplain.experiments.permuted_at_test:PermutedAtTest",
        "probe": "attnexplain.experiments.probe:Probe",
        "token-removal": "attnexplain.experiments.token_removal:TokenRemoval",
        "uniform-at-test": "attnexplain.experiments.uniform_at_test:UniformAtTest",
    },
    "between": {
        "imposed-attention": "attnexplain.between.imposed_attention:ImposedAttention",
        "retest": "attnexplain.between.retest:measure",
        "seed-variance": "attnexplain.between.seed_variance:SeedVariance",
    },
    "metric": {
        "attention-by-word-class": "attnexplain.metrics.attention_by_word_class:measure",
        "attention-entropy": "attnexplain.metrics.attention_entropy:measure",
        "evidence-auprc": "attnexplain.metrics.evidence_auprc:measure",
        "kendall-tau": "attnexplain.metrics.kendall_tau:measure",
        "max-attention": "attnexplain.metrics.max_attention:measure",
        "precision-at-k": "attnexplain.metrics.precision_at_k:measure",
    },
    "interval": {
        "crossed-bootstrap": "attnexplain.statistics.intervals.crossed_bootstrap:interval",
        "mixed-model": "attnexplain.statistics.intervals.mixed_model:interval",
        "two-way": "attnexplain.statistics.intervals.two_way:interval",
    },
    "figure": {
        "accuracy-by-run": "attnexplain.figures.accuracy_by_run:draw",
        "adversary-by-max-attention": "attnexplain.figures.adversary_by_max_attention:draw",
        "adversary-curves": "attnexplain.figures.adversary_curves:draw",
        "adversary-histograms": "attnexplain.figures.adversary_histograms:draw",
        "attention-heatmaps": "attnexplain.figures.attention_heatmaps:draw",
        "comparisons": "attnexplain.figures.comparisons:draw",
        "costs-and-gains": "attnexplain.figures.costs_and_gains:draw",
        "erasure-by-ranking": "attnexplain.figures.erasure_by_ranking:draw",
        "evidence-by-method": "attnexplain.figures.evidence_by_method:draw",
        "evidence-by-remedy": "attnexplain.figures.evidence_by_remedy:draw",
        "method-agreement": "attnexplain.figures.method_agreement:draw",
        "metric-agreement": "attnexplain.figures.metric_agreement:draw",
        "permutation-by-max-attention": "attnexplain.figures.permutation_by_max_attention:draw",
        "rank-stability": "attnexplain.figures.rank_stability:draw",
        "tau-by-encoder": "attnexplain.figures.tau_by_encoder:draw",
        "tau-differences": "attnexplain.figures.tau_differences:draw",
        "tau-distributions": "attnexplain.figures.tau_distributions:draw",
    },
}

# What stands beside a plug-in under its name, without facts or options of its own.
COMPANIONS: dict[str, dict[str, str]] = {
    # Of an encoder: how its states change when a word is deleted (models.encoders.deletions).
    "deletions": {
        "average": "attnexplain.models.encoders.average_deletions:AverageDeletions",
        "bilstm": "attnexplain.models.encoders.lstm_deletions:LSTMDeletions",
        "cnn": "attnexplain.models.encoders.cnn_deletions:CNNDeletions",
        "lstm": "attnexplain.models.encoders.lstm_deletions:LSTMDeletions",
    },
    # Of an encoder: the affine map of the embeddings that it starts with (models.encoders.projection).
    "projections": {
        "average": "attnexplain.models.encoders.average_projection:AverageProjection",
        "bilstm": "attnexplain.models.encoders.lstm_projection:LSTMProjection",
        "cnn": "attnexplain.models.encoders.cnn_projection:CNNProjection",
        "lstm": "attnexplain.models.encoders.lstm_projection:LSTMProjection",
    },
}


@cache
def targets(family: str) -> dict[str, str]:
    """Name -> `module:attribute` of one family: the built-in plug-ins and those of installed packages."""
    built_in = {**BUILT_IN, **COMPANIONS}[family]
    found = dict(built_in)
    for entry in metadata.entry_points(group=f"attnexplain.{family}"):
        if entry.name in built_in:
            raise ConfigError(f"entry point {entry.value!r} takes the name of the built-in {family} {entry.name!r}")
        found[entry.name] = entry.value
    return found


def target(family: str, name: str) -> str:
    """`module:attribute` of one plug-in."""
    if name not in targets(family):
        raise UnknownNameError(family, name, targets(family))
    return targets(family)[name]


def module(family: str, name: str) -> str:
    """Dotted name of the module that holds a plug-in."""
    return target(family, name).partition(":")[0]


def load(family: str, name: str) -> Any:
    """Import a plug-in: the class or function that its registry line names."""
    module_name, _, attribute = target(family, name).partition(":")
    return getattr(import_module(module_name), attribute)


def companion(family: str, of: str, plugin: type) -> Any | None:
    """The companion of the class `plugin`, a plug-in of the family `of`; None where it has none."""
    here = f"{plugin.__module__}:{plugin.__qualname__}"
    names = [name for name, where in targets(of).items() if where == here and name in targets(family)]
    return load(family, names[0]) if names else None


@cache
def facts(family: str, name: str) -> dict[str, Any]:
    """The literal FACTS of a plug-in, read from its source without importing it."""
    path = source_file(module(family, name))
    if path is None:
        raise ConfigError(f"{family} {name!r}: no source file for module {module(family, name)!r}")
    for node in ast.parse(path.read_text(encoding="utf-8")).body:
        match node:
            case ast.Assign(targets=[ast.Name(id="FACTS")], value=value):
                return dict(ast.literal_eval(value))
    raise ConfigError(f"{path}: {family} {name!r} has no literal `FACTS = {{...}}`")


def source_file(module_name: str) -> Path | None:
    """The file of a module, found without importing it; None where it has no Python source."""
    if module_name.split(".")[0] == "attnexplain":
        base = _ROOT.joinpath(*module_name.split("."))
        return next((path for path in (base.with_suffix(".py"), base / "__init__.py") if path.is_file()), None)
    try:
        spec = util.find_spec(module_name)
    except ModuleNotFoundError:
        return None
    return Path(spec.origin) if spec and spec.origin and spec.origin.endswith(".py") else None
