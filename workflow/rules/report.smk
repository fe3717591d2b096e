# What people look at: figures drawn from finished tables, and the browsable report.


rule figure:
    input:
        statistics=f"{PLAN.folder}/tables/statistics.parquet",
        runs=f"{PLAN.folder}/tables/runs.parquet",
        agreement=f"{PLAN.folder}/tables/agreement.parquet",
        measures=GATHERING.figure_measures,
        texts=PLAN.figure_texts,
    output:
        svg=report(
            f"{PLAN.folder}/figures/{{figure}}.svg",
            caption="../report/figure.rst",
            category="Figures",
            labels={"figure": "{figure}"},
        ),
        png=f"{PLAN.folder}/figures/{{figure}}.png",
        csv=f"{PLAN.folder}/figures/{{figure}}.csv",
    log:
        f"logs/figure/{PLAN.name}/{{figure}}.log",
    benchmark:
        f"results/benchmarks/figure/{PLAN.name}/{{figure}}.tsv"
    localrule: True
    conda:
        "../../envs/statistics.yaml"
    threads: 1
    resources:
        mem_mb=doubling(4000),
        runtime=doubling(30),
    params:
        settings=short(PLAN.figure_settings),
        code=PLAN.figure_code,
    message:
        "Drawing {wildcards.figure}"
    shell:
        "python -m attnexplain figure --figure {wildcards.figure:q} --settings {params.settings:q} --code {params.code}"
        " --tables {input.statistics:q} --measures {input.measures:q} --texts {input.texts:q}"
        " --output {output.svg:q} 2> >(tee {log:q} >&2)"


rule report:
    input:
        figures=PLAN.figure_images,
        statistics=f"{PLAN.folder}/tables/statistics.parquet",
        tables=expand(
            f"{PLAN.folder}/tables/{{table}}",
            table=["runs.parquet", "replication.parquet", "statistics.csv", "agreement.csv"],
        ),
        wide=PLAN.wide_tables,
        datasets=PLAN.dataset_files,
        tokens=PLAN.tokens_statistics,
    output:
        f"{PLAN.folder}/report.zip",
    log:
        f"logs/report/{PLAN.name}.log",
    benchmark:
        f"results/benchmarks/report/{PLAN.name}.tsv"
    localrule: True
    conda:
        "../../envs/statistics.yaml"
    threads: 1
    resources:
        mem_mb=doubling(4000),
        runtime=doubling(30),
    params:
        settings=short(PLAN.figure_settings),
        code=PLAN.stage_code("report"),
        page=PLAN.page_digest,
    message:
        "Report of the study"
    shell:
        "python -m attnexplain report --settings {params.settings:q} --code {params.code} --figures {input.figures:q}"
        " --tables {input.statistics:q} --datasets {input.datasets:q} --tokens {input.tokens:q}"
        " --output {output:q} 2> >(tee {log:q} >&2)"
