# make run · make test · make check · make fix · make benchmark · make label ID=...
PYTHON ?= python3
BIN := .venv/bin
MODEL := models/artefacts/clauses/manifest.json

.DEFAULT_GOAL := run
.PHONY: run test check fix benchmark sample label

# One environment for everything; made again when what it is made from changes.
.venv/ready: pyproject.toml install-system-packages
	./install-system-packages
	$(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --quiet --upgrade pip
	$(BIN)/python -m pip install --quiet --editable '.[dev]'
	touch $@

# The classifier is trained here, in a minute or two, for the libraries that are here.
$(MODEL): .venv/ready $(wildcard corpus/passages/*/*.jsonl nlp/patterns/*.toml) \
		models/features.py models/classifier.py models/training.py
	$(BIN)/clausier train

run: $(MODEL)
	$(BIN)/clausier screen --sample
	@echo
	@echo "Ouvrir le service / open the service:  $(BIN)/clausier serve   ->  http://127.0.0.1:8000"

test: $(MODEL)
	$(BIN)/python -m pytest

check: .venv/ready
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

fix: .venv/ready
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

benchmark: $(MODEL)
	$(BIN)/python tests/benchmark.py

sample: .venv/ready
	$(BIN)/python service/sample/render.py
