# Results of what is finished: `snakemake --cores 1 --nolock partial`, also while the study runs or after it failed.
# No inputs: Snakemake would make those that are not finished. `finished` tells it when there is more.


rule partial:
    output:
        f"{PLAN.folder}/partial/status.parquet",
    log:
        f"logs/partial/{PLAN.name}.log",
    benchmark:
        f"results/benchmarks/partial/{PLAN.name}.tsv"
    localrule: True
    conda:
        "../../envs/statistics.yaml"
    threads: 1
    resources:
        mem_mb=doubling(4000),
        runtime=doubling(60),
    params:
        plan=PARTIAL.file,
        finished=PARTIAL.finished,
        code=PARTIAL.code,
    message:
        "Results of what is finished"
    shell:
        "python -m attnexplain partial --plan {params.plan:q} --code {params.code}"
        " --output {output:q} 2> >(tee {log:q} >&2)"
