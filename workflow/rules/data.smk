# From an original distribution to canonical Parquet, and from text to tokens.


rule data:
    input:
        PLAN.unregistered_files,
    output:
        splits=expand("resources/datasets/{{dataset}}/{split}.parquet", split=["train", "dev", "test"]),
        about="resources/datasets/{dataset}/dataset.json",
    log:
        "logs/data/{dataset}.log",
    benchmark:
        "results/benchmarks/data/{dataset}.tsv"
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
        splits=expand(
            "resources/tokens/{{dataset}}/{{tokeniser}}/{split}.parquet",
            split=["train", "dev", "test"],
        ),
        vocabulary="resources/tokens/{dataset}/{tokeniser}/vocabulary.json",
        statistics="resources/tokens/{dataset}/{tokeniser}/statistics.json",
    log:
        "logs/tokenise/{dataset}/{tokeniser}.log",
    benchmark:
        "results/benchmarks/tokenise/{dataset}/{tokeniser}.tsv"
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
