# Moa. `make help` lists what can be done; it is made from the lines with two hashes.
.DEFAULT_GOAL := help
SHELL := /bin/bash
PYTHON ?= python3
BIN := .venv/bin
CODE := services contracts deploy tests

help: ## Show this list
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | awk -F ':.*## ' '{printf "  make %-10s %s\n", $$1, $$2}'

.venv/run.stamp: requirements.lock pyproject.toml
	@echo "설치 중 / installing: Python packages from requirements.lock (about half a minute, once)"
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "Python 3.11 이상이 필요합니다. PYTHON=python3.11 make run 처럼 지정해 주세요. / Python 3.11 or newer is needed: PYTHON=python3.11 make run"; exit 2; }
	@test -x $(BIN)/python || $(PYTHON) -m venv .venv || { echo "python3-venv 패키지를 설치해 주세요. / Install your system's python3-venv package."; exit 2; }
	@$(BIN)/python deploy/install.py requirements.lock
	@$(BIN)/python -m pip install --disable-pip-version-check --quiet --no-deps --no-build-isolation -e .
	@touch $@

.venv/dev.stamp: .venv/run.stamp requirements-dev.lock
	@echo "설치 중 / installing: tools for checks and tests"
	@$(BIN)/python deploy/install.py requirements-dev.lock
	@touch $@

run: .venv/run.stamp ## Set everything up and serve; Ctrl-C stops it
	@exec $(BIN)/python -m deploy.embedded

demo: .venv/run.stamp ## Load the facts of two seed documents into the running stack
	@$(BIN)/python -m deploy.demo

test: .venv/dev.stamp ## Run the whole suite against real Postgres, NATS and Chromium
	@$(BIN)/python -m pytest

check: .venv/dev.stamp ## Check format, lint, types and boundaries
	@$(BIN)/ruff format --check $(CODE)
	@$(BIN)/ruff check $(CODE)
	@$(BIN)/mypy services contracts deploy
	@$(BIN)/lint-imports
	@$(BIN)/python -m pytest -q tests/boundaries

bench: .venv/dev.stamp ## Measure against peers in the same run; writes var/bench.json
	@$(BIN)/python -m tests.bench

faults: .venv/dev.stamp ## Kill servers and services under load for many rounds; fails if anything is lost
	@$(BIN)/python -m tests.faults

contracts: .venv/dev.stamp ## Write contracts/schemas anew from the messages
	@$(BIN)/python -m tests.boundaries.write_schemas

lock: ## Write both lock files anew (needs uv)
	uv pip compile --quiet --universal --generate-hashes --python-version 3.11 --no-header --no-annotate pyproject.toml -o requirements.lock
	uv pip compile --quiet --universal --generate-hashes --python-version 3.11 --no-header --no-annotate --extra dev -c requirements.lock pyproject.toml -o requirements-dev.lock

.PHONY: help run demo test check bench faults contracts lock
