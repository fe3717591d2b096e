# Statistics per data set, then the tables of the study.


rule statistics:
    input:
        measures=PLAN.measures,
        predictions=PLAN.predictions,
        between=PLAN.between.table,
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
        mem_mb=8000,
        runtime=60,
    params:
        settings=PLAN.statistics_settings,
        code=PLAN.stage_code("statistics"),
        reference=PLAN.reference_digest,
    message:
        "Statistics of {wildcards.dataset}"
    shell:
        "python -m attnexplain statistics --settings {params.settings:q} --code {params.code}"
        " --measures {input.measures:q} --between {input.between:q} --output {output:q} 2> >(tee {log:q} >&2)"


rule tables:
    input:
        statistics=PLAN.statistics,
        specs=expand("results/runs/{run}/spec.json", run=PLAN.runs),
        metrics=expand("results/runs/{run}/metrics.json", run=PLAN.runs),
    output:
        statistics=f"{PLAN.folder}/tables/statistics.parquet",
        runs=f"{PLAN.folder}/tables/runs.parquet",
        replication=f"{PLAN.folder}/tables/replication.parquet",
        csv=expand(f"{PLAN.folder}/tables/{{table}}.csv", table=["statistics", "runs", "replication"]),
    log:
        f"logs/tables/{PLAN.name}.log",
    benchmark:
        f"results/benchmarks/tables/{PLAN.name}.tsv"
    localrule: True
    conda:
        "../../envs/statistics.yaml"
    threads: 1
    resources:
        mem_mb=4000,
        runtime=30,
    params:
        settings=PLAN.tables_settings,
        code=PLAN.stage_code("tables"),
        reference=PLAN.reference_digest,
    message:
        "Tables of the study"
    shell:
        "python -m attnexplain tables --settings {params.settings:q} --code {params.code}"
        " --statistics {input.statistics:q} --runs {input.metrics:q} --output {output.statistics:q} 2> >(tee {log:q} >&2)"


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
        mem_mb=4000,
        runtime=30,
    params:
        settings=PLAN.figure_settings,
        code=PLAN.stage_code("wide"),
    message:
        "Wide tables of the study"
    shell:
        "python -m attnexplain wide --settings {params.settings:q} --code {params.code}"
        " --tables {input.statistics:q} --output {output.csv:q} 2> >(tee {log:q} >&2)"
