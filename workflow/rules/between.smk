# Runs that differ in the seed alone, held against each other.


rule between:
    input:
        models=PLAN.between.models,
        specs=PLAN.between.specs,
        tokens=PLAN.between.test_tokens,
        classes=PLAN.between.class_list,
    output:
        f"{PLAN.folder}/between/{{dataset}}.parquet",
    log:
        f"logs/between/{PLAN.name}/{{dataset}}.log",
    benchmark:
        f"results/benchmarks/between/{PLAN.name}/{{dataset}}.tsv"
    conda:
        "../../envs/torch.yaml"
    threads: 1
    resources:
        mem_mb=4000,
        runtime=240,
        gpu=1 if GPUS else 0,
        device=PLAN.study.resources.device,
        tokens_per_batch=PLAN.study.resources.tokens_per_batch,
        shard=PLAN.study.resources.shard,
    params:
        plugins=PLAN.between.plugins,
        disclose=PLAN.between.disclosure,
        code=PLAN.between.code,
    message:
        "Comparing the seeds of {wildcards.dataset}"
    shell:
        "python -m attnexplain between --plugins {params.plugins:q} --code {params.code} {params.disclose}"
        " --models {input.models:q} --tokens {input.tokens:q} --device {resources.device}"
        " --tokens-per-batch {resources.tokens_per_batch} --shard {resources.shard} --threads {threads}"
        " --output {output:q} 2> >(tee {log:q} >&2)"
