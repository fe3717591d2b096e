# Names to ask for: `snakemake models`, `snakemake figures`, ...


rule datasets:
    input:
        PLAN.tokens_statistics(),
    localrule: True


rule models:
    input:
        expand("results/runs/{run}/model.safetensors", run=PLAN.runs),
    localrule: True


rule attributions:
    input:
        expand("results/runs/{run}/attributions/{method}.parquet", run=PLAN.runs, method=PLAN.methods),
    localrule: True


rule figures:
    input:
        PLAN.figure_files(),
    localrule: True
