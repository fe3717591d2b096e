# What `snakemake` finds. The rules are in workflow/; a bare include would plan nothing, so the default target is here.
include: "workflow/Snakefile"


rule default:
    default_target: True
    input:
        rules.all.input,
    localrule: True
