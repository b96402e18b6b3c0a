# `make demo` and `make test` are all that a newcomer needs; both build .venv on their own.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip install --quiet --disable-pip-version-check --constraint constraints.txt
DEMO := output/demo

.PHONY: demo thesis site test test-postgresql lint types layers docs bench-train bench-passes bench-growth bench-quality bench-predict bench-score bench-audit bench-site bench-pages fuzz clean
.DEFAULT_GOAL := help

help:
	@echo "make demo    train, test and plot a model on a real corpus"
	@echo "make thesis  audit, cross-validation, learning curve, explanations, and a report with LaTeX"
	@echo "make site    run the site on this machine (ARGS='--port 8001')"
	@echo "make test    run the whole test suite"
	@echo "make test-postgresql   the site's tests on a PostgreSQL that is started for them"
	@echo "make lint types layers   what CI checks besides"
	@echo "make docs    rewrite docs/configuration.md from the schema"
	@echo "make bench-train bench-passes DATA=folder   speed of training, with train.csv and val.csv"
	@echo "make bench-growth bench-quality   growth with the rows, and quality against baselines"
	@echo "make bench-predict DATA=folder   speed of scoring texts, against the usual ways"
	@echo "make bench-score   speed and memory of scoring files, by format"
	@echo "make bench-audit   planted faults that an audit finds, and its speed"
	@echo "make bench-site   requests a second that the site answers, on SQLite and PostgreSQL"
	@echo "make bench-pages   pages and analysis of a video with 100,000 comments, on both"
	@echo "make fuzz    damage saved models 12,000 times and load each"
	@echo "   (ARGS='...' goes to the script, as in ARGS='--rows 4000')"

$(BIN)/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' \
	  || { echo "roomtone needs Python 3.11 or newer; try: make PYTHON=python3.11 $(MAKECMDGOALS)"; exit 1; }
	$(PYTHON) -m venv $(VENV)

$(VENV)/.train: pyproject.toml constraints.txt | $(BIN)/python
	$(PIP) --editable '.[train]'
	@touch $@

$(VENV)/.thesis: pyproject.toml constraints.txt | $(BIN)/python
	$(PIP) --editable '.[explain,audit]'
	@touch $@ $(VENV)/.train

$(VENV)/.site: pyproject.toml constraints.txt | $(BIN)/python
	$(PIP) --editable '.[site]'
	@touch $@

$(VENV)/.dev: pyproject.toml constraints.txt | $(BIN)/python
	$(PIP) --editable '.[dev]'
	@touch $@ $(VENV)/.train $(VENV)/.thesis $(VENV)/.site

$(VENV)/.bench: pyproject.toml constraints.txt | $(BIN)/python
	$(PIP) --editable '.[bench]'
	@touch $@ $(VENV)/.train

demo: $(VENV)/.train
	$(BIN)/roomtone demo --config configs/fast.yaml --output_dir $(DEMO)

thesis: $(VENV)/.thesis
	$(BIN)/roomtone thesis $(ARGS)

site: $(VENV)/.site
	$(BIN)/roomtone site $(ARGS)

test: $(VENV)/.dev
	$(BIN)/python -m pytest

test-postgresql: $(VENV)/.dev
	$(BIN)/python tests/helpers/own_postgres.py $(BIN)/python -m pytest tests/site $(ARGS)

lint: $(VENV)/.dev
	$(BIN)/ruff check src tests backend benchmarks
	$(BIN)/ruff format --check src tests backend benchmarks

types: $(VENV)/.dev
	$(BIN)/mypy

layers: $(VENV)/.dev
	$(BIN)/lint-imports

docs: $(VENV)/.dev
	$(BIN)/python -m roomtone.cli.reference > docs/configuration.md

bench-train: $(VENV)/.bench
	$(BIN)/python benchmarks/train.py $(if $(DATA),--data $(DATA)) $(ARGS)

bench-passes: $(VENV)/.bench
	$(BIN)/python benchmarks/passes.py $(if $(DATA),--data $(DATA)) $(ARGS)

bench-growth: $(VENV)/.bench
	$(BIN)/python benchmarks/growth.py $(ARGS)

bench-quality: $(VENV)/.bench
	$(BIN)/python benchmarks/quality.py $(ARGS)

bench-predict: $(VENV)/.bench
	$(BIN)/python benchmarks/predict.py $(if $(DATA),--data $(DATA)) $(ARGS)

bench-score: $(VENV)/.bench
	$(BIN)/python benchmarks/score.py $(ARGS)

bench-audit: $(VENV)/.dev
	$(BIN)/python benchmarks/planted.py $(ARGS)

bench-site: $(VENV)/.dev
	$(BIN)/python benchmarks/serve_site.py $(ARGS)

bench-pages: $(VENV)/.dev
	$(BIN)/python benchmarks/site_pages.py $(ARGS)

fuzz: $(VENV)/.dev
	$(BIN)/python benchmarks/fuzz.py $(ARGS)

clean:
	rm -rf $(VENV) output runs
