# Runs that differ in the seed alone, held against each other: their models, and their attributions.


rule between:
    input:
        models=GATHERING.given("between", "models"),
        specs=GATHERING.given("between", "specs"),
        tokens=PLAN.between.test_tokens,
        classes=PLAN.between.class_list,
        bases=GATHERING.given("between", "bases"),
    output:
        f"{PLAN.folder}/between/{{cells}}.parquet",
    log:
        f"logs/between/{PLAN.name}/{{cells}}.log",
    benchmark:
        f"results/benchmarks/between/{PLAN.name}/{{cells}}.tsv"
    conda:
        f"../../envs/{TORCH}.yaml"
    threads: 1
    resources:
        mem_mb=doubling(4000),
        runtime=doubling(240),
        gpu=1 if GPUS else 0,
        device=PLAN.study.resources.device,
        tokens_per_batch=PLAN.study.resources.tokens_per_batch,
        shard=PLAN.study.resources.shard,
    params:
        plugins=PLAN.between.plugins,
        disclose=PLAN.between.disclosure,
        code=PLAN.between.code,
    message:
        "Comparing the seeds of {wildcards.cells}"
    shell:
        "python -m attnexplain between --plugins {params.plugins:q} --code {params.code} {params.disclose}"
        " --models {input.models:q} --tokens {input.tokens:q} --bases {input.bases:q} --device {resources.device}"
        " --tokens-per-batch {resources.tokens_per_batch} --shard {resources.shard} --threads {threads}"
        " --output {output:q} 2> >(tee {log:q} >&2)"


rule retest:
    input:
        attributions=GATHERING.given("retest", "attributions"),
        specs=GATHERING.given("retest", "specs"),
    output:
        f"{PLAN.folder}/retest/{{cells}}.parquet",
    log:
        f"logs/retest/{PLAN.name}/{{cells}}.log",
    benchmark:
        f"results/benchmarks/retest/{PLAN.name}/{{cells}}.tsv"
    conda:
        "../../envs/statistics.yaml"
    threads: 1
    resources:
        mem_mb=doubling(4000),
        runtime=doubling(240),
    params:
        plugins=PLAN.retest.plugins,
        disclose=PLAN.retest.disclosure,
        code=PLAN.retest.tables_code,
    message:
        "Comparing the attributions of the seeds of {wildcards.cells}"
    shell:
        "python -m attnexplain retest --plugins {params.plugins:q} --code {params.code} {params.disclose}"
        " --attributions {input.attributions:q} --output {output:q} 2> >(tee {log:q} >&2)"
