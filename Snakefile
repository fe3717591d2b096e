# What `snakemake` finds. The rules are in workflow/; a bare include would plan nothing, so the default target is here.
include: "workflow/Snakefile"


rule default:
    default_target: True
    localrule: True
    input:
        rules.all.input,
