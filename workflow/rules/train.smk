# One trained model per point of the grid.


rule train:
    input:
        splits=PLAN.tokens,
        vocabulary=PLAN.vocabulary,
        classes=PLAN.class_list,
        bases=PLAN.base_files,
    output:
        spec="results/runs/{run}/spec.json",
        model="results/runs/{run}/model.safetensors",
        history="results/runs/{run}/history.parquet",
        metrics="results/runs/{run}/metrics.json",
        performance="results/runs/{run}/performance.json",
        predictions="results/runs/{run}/predictions.parquet",
    log:
        "logs/train/{run}.log",
    benchmark:
        "results/benchmarks/train/{run}.tsv"
    conda:
        f"../../envs/{TORCH}.yaml"
    threads: 1
    resources:
        mem_mb=doubling(4000),
        runtime=doubling(240),
        gpu=1 if GPUS else 0,
        device=PLAN.study.resources.device,
        tokens_per_batch=PLAN.study.resources.tokens_per_batch,
        vectors=PLAN.vectors_file,
    params:
        spec=PLAN.run_spec,
        code=PLAN.train_code,
    message:
        "Training {wildcards.run}"
    shell:
        "python -m attnexplain train --spec {params.spec:q} --code {params.code} --tokens {input.vocabulary:q}"
        " --bases {input.bases:q} --vectors={resources.vectors:q} --device {resources.device}"
        " --tokens-per-batch {resources.tokens_per_batch}"
        " --threads {threads} --output {output.spec:q} 2> >(tee {log:q} >&2)"
