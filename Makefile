# `make demo` and `make test` are all that a newcomer needs; both build .venv on their own.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip install --quiet --disable-pip-version-check --constraint constraints.txt
DEMO := output/demo

.PHONY: demo test lint types layers docs clean
.DEFAULT_GOAL := help

help:
	@echo "make demo    train, test and plot a model on a real corpus"
	@echo "make test    run the whole test suite"
	@echo "make lint types layers   what CI checks besides"
	@echo "make docs    rewrite docs/configuration.md from the schema"

$(BIN)/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' \
	  || { echo "roomtone needs Python 3.11 or newer; try: make PYTHON=python3.11 $(MAKECMDGOALS)"; exit 1; }
	$(PYTHON) -m venv $(VENV)

$(VENV)/.train: pyproject.toml constraints.txt | $(BIN)/python
	$(PIP) --editable '.[train]'
	@touch $@

$(VENV)/.dev: pyproject.toml constraints.txt | $(BIN)/python
	$(PIP) --editable '.[dev]'
	@touch $@ $(VENV)/.train

demo: $(VENV)/.train
	$(BIN)/roomtone demo --config configs/fast.yaml --output_dir $(DEMO)

test: $(VENV)/.dev
	$(BIN)/python -m pytest

lint: $(VENV)/.dev
	$(BIN)/ruff check src tests backend benchmarks
	$(BIN)/ruff format --check src tests backend benchmarks

types: $(VENV)/.dev
	$(BIN)/mypy

layers: $(VENV)/.dev
	$(BIN)/lint-imports

docs: $(VENV)/.dev
	$(BIN)/python -m roomtone.cli.reference > docs/configuration.md

clean:
	rm -rf $(VENV) output runs
