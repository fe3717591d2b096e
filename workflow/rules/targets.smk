# Names to ask for: `snakemake models`, `snakemake tables_only`, ...


rule all:
    localrule: True
    input:
        PLAN.targets(),


rule datasets:
    localrule: True
    input:
        PLAN.tokens_statistics(),


rule models:
    localrule: True
    input:
        expand("results/runs/{run}/model.safetensors", run=PLAN.runs),


rule attributions:
    localrule: True
    input:
        expand("results/runs/{run}/attributions/{method}.parquet", run=PLAN.runs, method=PLAN.methods),


rule figures:
    localrule: True
    input:
        PLAN.figure_files(),
