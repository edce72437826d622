# make run · make test · make check · make fix · make benchmark · make label ID=...
PYTHON ?= python3
BIN := .venv/bin

.DEFAULT_GOAL := run
.PHONY: run test check fix benchmark sample label

# One environment for everything; made again when what it is made from changes.
.venv/ready: pyproject.toml install-system-packages
	./install-system-packages
	$(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --quiet --upgrade pip
	$(BIN)/python -m pip install --quiet --editable '.[dev]'
	touch $@

run: .venv/ready
	$(BIN)/clausier screen --sample
	@echo
	@echo "Ouvrir le service / open the service:  $(BIN)/clausier serve   ->  http://127.0.0.1:8000"

test: .venv/ready
	$(BIN)/python -m pytest

check: .venv/ready
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

fix: .venv/ready
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

benchmark: .venv/ready
	$(BIN)/python tests/benchmark.py

sample: .venv/ready
	$(BIN)/python service/sample/render.py
