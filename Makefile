# make setup   the environment, in .venv, and nothing else
# make test    the whole gate
# make train   trains six-by-six four-in-a-row from zero, about five minutes
# make play    play against the best shipped model
# make web     the page in the browser: play and analyse
# make bench   the speeds of this machine
# make audit   are there known holes in what is installed? (without pip-audit: what is installed)
# make check-gpu   is all right on this machine's GPU, and how fast is it?

PYTHON ?= python3
BIN := .venv/bin
MINUTES ?= 5
SEED ?= 1
# One more than there are cores: many tests wait for a browser, a clock or another process.
WORKERS ?= $(shell $(BIN)/python -c 'import os; print(min(8, (os.cpu_count() or 1) + 1))')

# The programs that the tests start need not compile their sources again.
unexport PYTHONDONTWRITEBYTECODE

.PHONY: setup test types kernels train play web bench audit check-gpu

setup: .venv/ready

.venv/ready: pyproject.toml constraints.txt
	$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Python 3.11 or newer is needed: make setup PYTHON=python3.11")'
	test -x $(BIN)/python || $(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -c constraints.txt -e '.[dev]'
	touch $@

test: setup
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(MAKE) --no-print-directory --jobs types kernels
	$(BIN)/python -m pytest --numprocesses=$(WORKERS) --dist=worksteal

types:
	$(BIN)/mypy

# Before the tests: each of their workers would compile for itself.
kernels:
	$(BIN)/python tests/kernel_parts.py

train: setup
	$(BIN)/python train.py --preset 6x6x4 --run "$$($(BIN)/python -m training.fresh_name runs/6x6x4)" --minutes $(MINUTES) --seed $(SEED)

play: setup
	$(BIN)/python human_play.py

web: setup
	$(BIN)/python human_play.py web

bench: setup
	$(BIN)/python -m benchmarks.bench

audit: setup
	@if $(BIN)/python -m pip_audit --version >/dev/null 2>&1; then $(BIN)/python -m pip_audit --skip-editable; \
	else echo 'pip-audit is not installed; these are the versions to look up:'; $(BIN)/python -m pip freeze --exclude-editable; fi

check-gpu: setup
	$(BIN)/python -m benchmarks.check_gpu
