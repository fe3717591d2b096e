# One number per example, method and metric: agreement of methods, plausibility, properties of attention.


rule measure:
    input:
        attributions=PLAN.attributions,
        experiments=PLAN.experiment_tables,
        tokens=PLAN.test_tokens,
    output:
        f"{PLAN.folder}/measures/{{run}}.parquet",
    log:
        f"logs/measure/{PLAN.name}/{{run}}.log",
    benchmark:
        f"results/benchmarks/measure/{PLAN.name}/{{run}}.tsv"
    conda:
        "../../envs/statistics.yaml"
    threads: 1
    resources:
        mem_mb=doubling(4000),
        runtime=doubling(60),
    params:
        metrics=PLAN.metrics_spec,
        disclose=PLAN.disclosure,
        code=PLAN.measure_code,
    message:
        "Measuring {wildcards.run}"
    shell:
        "python -m attnexplain measure --run {wildcards.run:q} --metrics {params.metrics:q} --code {params.code} {params.disclose}"
        " --tokens {input.tokens:q} --attributions {input.attributions:q} --experiments {input.experiments:q}"
        " --output {output:q} 2> >(tee {log:q} >&2)"


rule annotators:
    input:
        dataset=PLAN.annotators.dataset,
        split=PLAN.annotators.split,
        tokens=PLAN.annotators.tokens,
    output:
        f"{PLAN.folder}/annotators/{{dataset}}.parquet",
    log:
        f"logs/annotators/{PLAN.name}/{{dataset}}.log",
    benchmark:
        f"results/benchmarks/annotators/{PLAN.name}/{{dataset}}.tsv"
    conda:
        "../../envs/statistics.yaml"
    threads: 1
    resources:
        mem_mb=doubling(4000),
        runtime=doubling(60),
    params:
        metrics=PLAN.annotators.metrics,
        disclose=PLAN.annotators.disclosure,
        code=PLAN.annotators.code,
    message:
        "Measuring the annotators of {wildcards.dataset}"
    shell:
        "python -m attnexplain annotators --metrics {params.metrics:q} --code {params.code} {params.disclose}"
        " --dataset {input.dataset:q} --tokens {input.tokens:q} --output {output:q} 2> >(tee {log:q} >&2)"
