# make up     the platform on a local cloud in two regions     make down    stop what was started
# make test   every check                                      make clean   remove what was made
# make bench  what is heavy
.DEFAULT_GOAL := help
.PHONY: help up down clean test bench lock schemas
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
# pulumi_aws takes seconds to compile at every start when its bytecode may not be kept.
unexport PYTHONDONTWRITEBYTECODE
READY := $(VENV)/.ready

help:
	@sed -n '1,3s/^# //p' Makefile

# The environment is complete only when the marker is there: a killed install is done again.
$(READY): requirements/local.txt pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' \
	  || { echo "error: $(PYTHON) is older than 3.11; install Python 3.11 or newer, or say 'make PYTHON=/path/to/python3.12 ...'."; exit 2; }
	@echo "virtual environment: installing the pinned packages (once; about a minute)"
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV) \
	  || { echo "error: the virtual environment can't be made; install Python's venv module (on Debian the package python3-venv)."; exit 2; }
	@PYTHON=$(BIN)/python sh requirements/install.sh
	@touch $@

up: $(READY)
	@$(BIN)/stanchion sandbox up

down:
	@test -x $(BIN)/stanchion && $(BIN)/stanchion sandbox stop || echo "nothing is running"

clean:
	@test -x $(BIN)/stanchion && $(BIN)/stanchion sandbox clean || true
	@rm -rf $(VENV) .stanchion *.egg-info

test: $(READY)
	@$(BIN)/python -m tests.run

bench: $(READY)
	@$(BIN)/python -m benchmarks.run

lock:
	@sh requirements/lock.sh

schemas: $(READY)
	@$(BIN)/python -m stanchion.spec.json_schema
	@$(BIN)/python -m stanchion.contracts.shape
	@$(BIN)/python -m stanchion.recovery.report.reference
	@$(BIN)/python -m policies.reference
