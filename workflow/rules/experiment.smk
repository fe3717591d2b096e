# Interventions on the attention of a trained model.


rule experiment:
    input:
        model="results/runs/{run}/model.safetensors",
        tokens=PLAN.test_tokens,
        train=PLAN.train_tokens,
        classes=PLAN.class_list,
        bases=PLAN.base_files,
        attributions=PLAN.experiment_attributions,
    output:
        "results/runs/{run}/experiments/{experiment}.parquet",
    log:
        "logs/experiment/{run}/{experiment}.log",
    benchmark:
        "results/benchmarks/experiment/{run}/{experiment}.tsv"
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
        experiment=PLAN.experiment_spec,
        code=PLAN.experiment_code,
    message:
        "Experimenting on {wildcards.run}: {wildcards.experiment}"
    shell:
        "python -m attnexplain experiment --spec {params.spec:q} --experiment {params.experiment:q} --code {params.code}"
        " --model {input.model:q} --tokens {input.tokens:q} --bases {input.bases:q}"
        " --attributions {input.attributions:q} --device {resources.device}"
        " --tokens-per-batch {resources.tokens_per_batch} --shard {resources.shard} --threads {threads}"
        " --output {output:q} 2> >(tee {log:q} >&2)"
