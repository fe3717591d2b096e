# From an original distribution to canonical Parquet, and from text to tokens.
#
# With `--cache`, those of open data sets whose sources are pinned are shared between workflows (docs/running.md). All
# others have rules of their own, which never are.


rule data:
    input:
        PLAN.unregistered_files,
    output:
        train="resources/datasets/{dataset}/train.parquet",
        dev="resources/datasets/{dataset}/dev.parquet",
        test="resources/datasets/{dataset}/test.parquet",
        about="resources/datasets/{dataset}/dataset.json",
    log:
        "logs/data/{dataset}.log",
    benchmark:
        "results/benchmarks/data/{dataset}.tsv"
    wildcard_constraints:
        dataset=PLAN.open_data,
    cache: "hash-omit-software"
    localrule: True
    conda:
        "../../envs/data.yaml"
    threads: 1
    resources:
        mem_mb=doubling(4000),
        runtime=doubling(60),
    params:
        spec=PLAN.dataset_spec,
        code=PLAN.data_code,
    message:
        "Reading data set {wildcards.dataset}"
    shell:
        "python -m attnexplain read --spec {params.spec:q} --code {params.code} --output {output.about:q} 2> >(tee {log:q} >&2)"


rule tokenise:
    input:
        about="resources/datasets/{dataset}/dataset.json",
        splits=PLAN.splits,
    output:
        train="resources/tokens/{dataset}/{tokeniser}/train.parquet",
        dev="resources/tokens/{dataset}/{tokeniser}/dev.parquet",
        test="resources/tokens/{dataset}/{tokeniser}/test.parquet",
        vocabulary="resources/tokens/{dataset}/{tokeniser}/vocabulary.json",
        statistics="resources/tokens/{dataset}/{tokeniser}/statistics.json",
    log:
        "logs/tokenise/{dataset}/{tokeniser}.log",
    benchmark:
        "results/benchmarks/tokenise/{dataset}/{tokeniser}.tsv"
    wildcard_constraints:
        dataset=PLAN.open_data,
    cache: "hash-omit-software"
    conda:
        "../../envs/data.yaml"
    threads: 1
    resources:
        mem_mb=doubling(4000),
        runtime=doubling(60),
    params:
        spec=PLAN.tokens_spec,
        code=PLAN.tokens_code,
    message:
        "Tokenising {wildcards.dataset} with {wildcards.tokeniser}"
    shell:
        "python -m attnexplain tokenise --spec {params.spec:q} --code {params.code} --dataset {input.about:q}"
        " --output {output.vocabulary:q} 2> >(tee {log:q} >&2)"


use rule data as own_data with:
    wildcard_constraints:
        dataset=PLAN.own_data,
    cache: False
    localrule: True


use rule tokenise as own_tokenise with:
    wildcard_constraints:
        dataset=PLAN.own_data,
    cache: False
