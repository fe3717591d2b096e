# Statistics, adversaries' curves, comparisons and the agreement of metrics per data set, then the tables of the study.
# Files of runs that are too many for one job are listed first, by `gather`; the job is then given the lists.


rule gather:
    input:
        GATHERING.files,
    output:
        f"{PLAN.folder}/gathered/{{collection}}/{{part}}.sha256",
    log:
        f"logs/gather/{PLAN.name}/{{collection}}/{{part}}.log",
    benchmark:
        f"results/benchmarks/gather/{PLAN.name}/{{collection}}/{{part}}.tsv"
    localrule: True
    conda:
        "../../envs/statistics.yaml"
    threads: 1
    resources:
        mem_mb=doubling(1000),
        runtime=doubling(30),
    params:
        code=PLAN.stage_code("gather"),
    message:
        "Gathering {wildcards.part} of {wildcards.collection}"
    shell:
        "python -m attnexplain gather --code {params.code} --files {input:q} --output {output:q} 2> >(tee {log:q} >&2)"


rule statistics:
    input:
        measures=GATHERING.given("runs", "measures"),
        predictions=GATHERING.given("runs", "predictions"),
        between=GATHERING.given("runs", "between"),
        retest=GATHERING.given("runs", "retest"),
        annotators=PLAN.annotators.table,
        areas=PLAN.curves.areas,
    output:
        f"{PLAN.folder}/statistics/{{dataset}}.parquet",
    log:
        f"logs/statistics/{PLAN.name}/{{dataset}}.log",
    benchmark:
        f"results/benchmarks/statistics/{PLAN.name}/{{dataset}}.tsv"
    conda:
        "../../envs/statistics.yaml"
    threads: 1
    resources:
        mem_mb=doubling(4000),
        runtime=doubling(60),
    params:
        settings=short(PLAN.statistics_settings),
        code=PLAN.inference_code("statistics"),
        reference=PLAN.reference_digest,
    message:
        "Statistics of {wildcards.dataset}"
    shell:
        "python -m attnexplain statistics --settings {params.settings:q} --code {params.code}"
        " --measures {input.measures:q} --between {input.between:q} {input.retest:q}"
        " --annotators {input.annotators:q} --areas {input.areas:q} --output {output:q} 2> >(tee {log:q} >&2)"


rule curve:
    input:
        measures=GATHERING.given("curves", "measures"),
        predictions=GATHERING.given("curves", "predictions"),
        between=GATHERING.given("curves", "between"),
    output:
        curves=f"{PLAN.folder}/curves/{{dataset}}.parquet",
        areas=f"{PLAN.folder}/areas/{{dataset}}.parquet",
    log:
        f"logs/curve/{PLAN.name}/{{dataset}}.log",
    benchmark:
        f"results/benchmarks/curve/{PLAN.name}/{{dataset}}.tsv"
    conda:
        "../../envs/statistics.yaml"
    threads: 1
    resources:
        mem_mb=doubling(4000),
        runtime=doubling(60),
    params:
        settings=short(PLAN.curve_settings),
        code=PLAN.inference_code("curve"),
    message:
        "Curves of adversaries on {wildcards.dataset}"
    shell:
        "python -m attnexplain curve --settings {params.settings:q} --code {params.code}"
        " --measures {input.measures:q} --between {input.between:q} --areas {output.areas:q}"
        " --output {output.curves:q} 2> >(tee {log:q} >&2)"


rule contrast:
    input:
        measures=GATHERING.given("runs", "measures"),
        predictions=GATHERING.given("runs", "predictions"),
        areas=PLAN.curves.areas,
    output:
        f"{PLAN.folder}/comparisons/{{dataset}}.parquet",
    log:
        f"logs/contrast/{PLAN.name}/{{dataset}}.log",
    benchmark:
        f"results/benchmarks/contrast/{PLAN.name}/{{dataset}}.tsv"
    conda:
        "../../envs/statistics.yaml"
    threads: 1
    resources:
        mem_mb=doubling(4000),
        runtime=doubling(60),
    params:
        settings=short(PLAN.contrast_settings),
        code=PLAN.inference_code("contrast"),
    message:
        "Contrasts of {wildcards.dataset}"
    shell:
        "python -m attnexplain contrast --settings {params.settings:q} --code {params.code}"
        " --measures {input.measures:q} --areas {input.areas:q} --output {output:q} 2> >(tee {log:q} >&2)"


rule agreement:
    input:
        measures=GATHERING.given("runs", "measures"),
        predictions=GATHERING.given("runs", "predictions"),
        areas=PLAN.curves.areas,
    output:
        f"{PLAN.folder}/agreement/{{dataset}}.parquet",
    log:
        f"logs/agreement/{PLAN.name}/{{dataset}}.log",
    benchmark:
        f"results/benchmarks/agreement/{PLAN.name}/{{dataset}}.tsv"
    conda:
        "../../envs/statistics.yaml"
    threads: 1
    resources:
        mem_mb=doubling(4000),
        runtime=doubling(60),
    params:
        settings=short(PLAN.agreement_settings),
        code=PLAN.stage_code("agreement"),
    message:
        "Agreement of metrics on {wildcards.dataset}"
    shell:
        "python -m attnexplain agreement --settings {params.settings:q} --code {params.code}"
        " --measures {input.measures:q} --areas {input.areas:q} --output {output:q} 2> >(tee {log:q} >&2)"


rule tables:
    input:
        statistics=GATHERING.given("tables", "statistics"),
        comparisons=GATHERING.given("tables", "comparisons"),
        agreement=GATHERING.given("tables", "agreement"),
        curves=GATHERING.given("tables", "curves"),
        specs=GATHERING.given("tables", "spec"),
        metrics=GATHERING.given("tables", "metrics"),
    output:
        statistics=f"{PLAN.folder}/tables/statistics.parquet",
        comparisons=f"{PLAN.folder}/tables/comparisons.parquet",
        gains=f"{PLAN.folder}/tables/gains.parquet",
        agreement=f"{PLAN.folder}/tables/agreement.parquet",
        curves=f"{PLAN.folder}/tables/curves.parquet",
        runs=f"{PLAN.folder}/tables/runs.parquet",
        replication=f"{PLAN.folder}/tables/replication.parquet",
        csv=expand(
            f"{PLAN.folder}/tables/{{table}}.csv",
            table=["statistics", "comparisons", "gains", "agreement", "curves", "runs", "replication"],
        ),
    log:
        f"logs/tables/{PLAN.name}.log",
    benchmark:
        f"results/benchmarks/tables/{PLAN.name}.tsv"
    localrule: True
    conda:
        "../../envs/statistics.yaml"
    threads: 1
    resources:
        mem_mb=doubling(4000),
        runtime=doubling(30),
    params:
        settings=short(PLAN.tables_settings),
        code=PLAN.stage_code("tables"),
        reference=PLAN.reference_digest,
    message:
        "Tables of the study"
    shell:
        "python -m attnexplain tables --settings {params.settings:q} --code {params.code}"
        " --statistics {input.statistics:q} --comparisons {input.comparisons:q} --agreement {input.agreement:q}"
        " --curves {input.curves:q} --runs {input.metrics:q} --output {output.statistics:q} 2> >(tee {log:q} >&2)"


rule wide:
    input:
        statistics=f"{PLAN.folder}/tables/statistics.parquet",
    output:
        csv=f"{PLAN.folder}/tables/wide.csv",
        md=f"{PLAN.folder}/tables/wide.md",
        tex=f"{PLAN.folder}/tables/wide.tex",
    log:
        f"logs/wide/{PLAN.name}.log",
    benchmark:
        f"results/benchmarks/wide/{PLAN.name}.tsv"
    localrule: True
    conda:
        "../../envs/statistics.yaml"
    threads: 1
    resources:
        mem_mb=doubling(4000),
        runtime=doubling(30),
    params:
        settings=short(PLAN.figure_settings),
        code=PLAN.stage_code("wide"),
    message:
        "Wide tables of the study"
    shell:
        "python -m attnexplain wide --settings {params.settings:q} --code {params.code}"
        " --tables {input.statistics:q} --output {output.csv:q} 2> >(tee {log:q} >&2)"
