# Two commands do everything: `make study` and `make test`; `make test-slurm` tests on a SLURM node of its own,
# `make benchmark` measures, `make simulation` proves the statistics.
PYTHON ?= python3
CORES ?= $(shell getconf _NPROCESSORS_ONLN)
VENV := .venv
BIN := $(VENV)/bin

.PHONY: study test test-slurm benchmark benchmark-planning simulation check schema clean

study: $(VENV)/installed  ## install, then run the default study
	$(BIN)/snakemake --cores $(CORES)
	@echo "Open results/studies/planted_evidence/figures and report.zip."

test: $(VENV)/installed  ## install, then all tests
	OMP_NUM_THREADS=1 $(BIN)/python -m pytest --numprocesses $(CORES) --dist loadfile --no-loadscope-reorder

test-slurm: $(VENV)/installed  ## a study on SLURM nodes of its own, undisturbed and disturbed; needs slurm-wlm and munge
	$(BIN)/python -m pytest -m slurm tests/slurm --numprocesses 3 --dist worksteal

benchmark: $(VENV)/installed  ## speed and memory of every stage, into docs/benchmarks.md and .csv; on a quiet machine
	$(BIN)/python tests/benchmarks/run.py

benchmark-planning: $(VENV)/installed  ## time and memory of planning up to 100,000 jobs, into docs/scale.md and .csv; an hour
	$(BIN)/python tests/benchmarks/planning.py

simulation: $(VENV)/installed  ## coverage and error rates of the statistics, into docs/statistics.md and .csv; minutes
	$(BIN)/python tests/simulations/run.py --workers $(CORES)

check: $(VENV)/installed  ## format, lint and types
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/snakefmt --check Snakefile workflow
	$(BIN)/mypy
	$(BIN)/snakemake --lint

schema: $(VENV)/installed  ## regenerate schemas and reference from the typed configuration
	$(BIN)/attnexplain schema --schemas workflow/schemas --reference docs/configuration.md

# Exact pins come from constraints.txt; a change of it or of pyproject.toml installs again.
$(VENV)/installed: constraints.txt pyproject.toml
	test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --constraint constraints.txt --editable ".[test,slurm]"
	touch $@

clean:  ## remove results, keeping downloads and the environment
	rm -rf results logs scratch .snakemake
