# Doorward: the two commands are `make run` and `make test`; `make help` lists the rest.
SHELL := bash
.SHELLFLAGS := -eu -o pipefail -c
MAKEFLAGS += --warn-undefined-variables --no-print-directory
.ONESHELL:
.DEFAULT_GOAL := help

PYTHON ?= python3
VENV ?= .venv
DOORWARD_HOME ?= $(CURDIR)/.doorward
BIN := $(VENV)/bin
CAMERA ?=
FRAME ?=
PHOTOS ?=
export DOORWARD_HOME CAMERA

$(VENV)/.run: pyproject.toml $(wildcard proto/doorward_api/v1/*.proto)
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	echo "Installing into $(VENV) ..." >&2
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable '.[daemon,central,kiosk,starter,demo]'
	touch $@

$(VENV)/.dev: $(VENV)/.run
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable '.[daemon,central,kiosk,starter,demo,dev]'
	touch $@

.PHONY: help install pack run smoke test faults faults-long check bench bench-peers train-quality check-quality proto clean

help: ## lists the targets
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/^([a-z-]+):.*## /\1\t/' | expand -t 14

install: $(VENV)/.run ## creates .venv and installs what running needs

pack: $(VENV)/.run ## finds a model pack: compact, or starter where compact cannot be had
	@mkdir -p "$(DOORWARD_HOME)"
	$(BIN)/doorwardd models pull --auto >&2

run: pack ## starts daemon, centre and page under supervisord; CAMERA=/dev/video0 or any URL takes a real camera
	@$(BIN)/python deploy/walk/run.py

smoke: pack ## starts everything in a folder of its own, walks once, prints the decision as JSON, stops
	@$(BIN)/python deploy/walk/smoke.py

test: $(VENV)/.dev ## runs the test suite
	@$(BIN)/python -m pytest -n 2 --dist loadfile

faults: $(VENV)/.dev ## breaks everything on purpose, for minutes; figures in build/faults.json
	@$(BIN)/python -m pytest -m faults

faults-long: $(VENV)/.dev ## the same for hours, from a seed of its own; figures in build/faults-long.json
	@$(BIN)/python -m pytest -m faults --faults-long -s

check: $(VENV)/.dev ## formatter, lint, strict types, import contracts
	@$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports

bench: pack ## measures this machine: one table in build/bench.md and .json, ratios held against their limits
	@$(BIN)/python deploy/bench/measure.py

bench-peers: pack ## the same pictures through Doorward and through what people install today; PHOTOS=DIR/person/photo FRAME=640x480
	@$(BIN)/python deploy/peers/run.py $(PHOTOS) $(if $(FRAME),--frame $(FRAME))

train-quality: pack ## trains the quality heads of compact and starter anew (half an hour; torch, the development pictures)
	@$(BIN)/python -c 'import torch' 2> /dev/null || $(BIN)/python -m pip install --quiet --disable-pip-version-check torch
	$(BIN)/doorwardd models pull starter
	# Sums of as many parts on every machine: the bytes of a head depend on it.
	export OPENBLAS_NUM_THREADS=2 OMP_NUM_THREADS=2
	for name in compact starter; do
		$(BIN)/python -m doorward_export train-quality $$name --output daemon/doorward_daemon/packs/heads/$$name.npz
		sha256sum daemon/doorward_daemon/packs/heads/$$name.npz
	done
	echo "The hashes go into daemon/doorward_daemon/packs/catalogue, head_sha256." >&2

check-quality: pack ## measures both heads on held-out photos, and strangers on spoiled ones (half an hour); fails below what must be reached
	@mkdir -p build
	$(BIN)/doorwardd models pull starter >&2
	result=0
	for what in "compact 94" "starter 40"; do
		read -r name photos <<< "$$what"
		$(BIN)/python -m doorward_export evaluate-quality "$$name" --photos "$$photos" --check --json \
			> "build/quality-$$name.json" || result=$$?
		$(BIN)/doorwardd eval identification "$${DOORWARD_ASSETS:-../shared}/faces" --pack "$$name" \
			--splits all --degrade --seed 1 --json > "build/strangers-$$name.json"
		$(BIN)/python .ci/identification.py "build/strangers-$$name.json" || result=$$?
	done
	exit $$result

proto: $(VENV)/.dev ## generates the contract's code and its golden descriptor anew
	@$(BIN)/python proto/generate.py
	$(BIN)/python tests/golden/update.py

clean: ## removes what was built, not what was recorded
	@rm -rf build dist proto/gen .mypy_cache .ruff_cache .pytest_cache $(VENV)/.run $(VENV)/.dev
