# Everything a newcomer needs: `make demo` and `make test` set up what they want on a machine with Python ≥ 3.11.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
PORT ?= 8080

.PHONY: demo serve test test-fast lint format bench chaos clean help

help: ## Say what there is
	@grep -E '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed 's/:.*## /\t/' | expand -t 14

demo: $(VENV)/.installed ## Start everything with a sample firm on http://127.0.0.1:8080
	$(BIN)/azukari demo --port $(PORT)

serve: $(VENV)/.installed ## Start from config.yaml, without sample data
	$(BIN)/azukari serve

test: $(VENV)/.installed-dev ## All tests; those that need Debian's clients run where these are installed
	$(BIN)/pytest -n 2 --dist loadfile

test-fast: $(VENV)/.installed-dev ## The quick tests only
	$(BIN)/pytest -n 2 --dist loadfile -m "not slow"

lint: $(VENV)/.installed-dev ## Style, types and the house's import rules
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

format: $(VENV)/.installed-dev ## Bring the code into form
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

bench: $(VENV)/.installed-dev ## Measure against peers, side by side
	$(BIN)/python -m bench

chaos: $(VENV)/.installed-dev ## Kill the parts at random moments, 200 times
	$(BIN)/python -m tests.chaos

clean: ## Remove what the other targets made, except stored data
	rm -rf $(VENV) build dist *.egg-info .pytest_cache .mypy_cache .ruff_cache .hypothesis .import_linter_cache

$(VENV)/bin/python:
	$(PYTHON) -m venv $(VENV)

$(VENV)/.installed: pyproject.toml constraints.txt | $(VENV)/bin/python
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --constraint constraints.txt --editable .
	touch $@

$(VENV)/.installed-dev: pyproject.toml constraints.txt | $(VENV)/bin/python
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --constraint constraints.txt --editable '.[dev]'
	touch $(VENV)/.installed $@
