# How much each token counted, by one method on one run's test split.


rule attribute:
    input:
        model="results/runs/{run}/model.safetensors",
        tokens=PLAN.test_tokens,
        classes=PLAN.class_list,
        bases=PLAN.base_files,
    output:
        "results/runs/{run}/attributions/{method}.parquet",
    log:
        "logs/attribute/{run}/{method}.log",
    benchmark:
        "results/benchmarks/attribute/{run}/{method}.tsv"
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
        spec=PLAN.run_spec,
        method=PLAN.method_spec,
        code=PLAN.attribute_code,
    message:
        "Attributing {wildcards.run} with {wildcards.method}"
    shell:
        "python -m attnexplain attribute --spec {params.spec:q} --method {params.method:q} --code {params.code}"
        " --model {input.model:q} --tokens {input.tokens:q} --bases {input.bases:q} --device {resources.device}"
        " --tokens-per-batch {resources.tokens_per_batch} --shard {resources.shard} --threads {threads}"
        " --output {output:q} 2> >(tee {log:q} >&2)"
