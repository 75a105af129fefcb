# SPDX-FileCopyrightText: The OpenJuki contributors
# SPDX-License-Identifier: Apache-2.0
#
# make demo    a small nation on this machine: installs what it needs, starts, plays a day
# make test    everything the project promises, checked
# make help    the other verbs

SHELL := /bin/sh
UV := .tools/bin/uv
VENV := .venv/bin
export UV_PYTHON_DOWNLOADS := never
# Where this is set, as in many a container, every process of a nation would compile all it imports anew.
unexport PYTHONDONTWRITEBYTECODE
# Where no user cache can be written, keep the packages' cache beside the tools.
UV_SYNC = UV_PYTHON="$$(scripts/find-python.sh)" $(UV) sync --locked --quiet

ONCE ?=
ROUNDS ?= 50
SEED ?= 7
RESIDENTS ?= 20000
# A file of tests stays together: many share servers. Each worker has a PostgreSQL and a NATS of its own. One worker
# more than there are processors, up to four: a nation often waits for its disk.
WORKERS ?= $(shell processors=$$(getconf _NPROCESSORS_ONLN); echo $$(( processors < 3 ? processors + 1 : 4 )))
SIDE_BY_SIDE ?= -n $(WORKERS) --dist loadfile --no-loadscope-reorder
DEMO_ARGS = --residents $(RESIDENTS) --seed $(SEED) $(if $(ONCE),--once)

.DEFAULT_GOAL := help
.PHONY: help setup setup-dev demo juki browser test test-oldest check format docs chaos chaos-online bench-spine bench-look-up bench-online bench-matching bench-sequencing bench-import bench-bulk bench-disclosure bench-clientele chaos-bulk clean

help: ## show the verbs
	@grep -E '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 16

$(UV):
	@python="$$(scripts/find-python.sh)" || exit 4; \
	echo "setup: using $$python; installing uv into .tools"; \
	"$$python" -m venv .tools && .tools/bin/python -m pip install --quiet --disable-pip-version-check 'uv>=0.13,<0.14' \
	|| { echo "setup: uv could not be installed: is the Python package index reachable?" >&2; exit 4; }

.venv/.run: uv.lock pyproject.toml | $(UV)
	@echo "setup: installing what runs into .venv"
	@$(UV_SYNC) --inexact || { echo "setup: the packages could not be installed: is the Python package index reachable, is there disk space?" >&2; exit 4; }
	@touch $@

.venv/.dev: uv.lock pyproject.toml | $(UV)
	@echo "setup: installing the tools of development into .venv"
	@$(UV_SYNC) --group dev || { echo "setup: the packages could not be installed: is the Python package index reachable, is there disk space?" >&2; exit 4; }
	@touch .venv/.run $@

setup: .venv/.run ## install what runs (no root needed)
setup-dev: .venv/.dev ## install what develops and tests

demo: setup ## a nation in a box; ONCE=1 plays the day and stops
	@$(VENV)/juki demo $(DEMO_ARGS)

juki: setup ## run a command: make juki ARGS="import --help"
	@$(VENV)/juki $(ARGS)

check: setup-dev ## format, lint, types, layers, doctests
	$(VENV)/ruff format --check .
	$(VENV)/ruff check .
	$(VENV)/mypy
	$(VENV)/lint-imports
	$(VENV)/pytest -q src

# The system's Chromium opens the live page; where there is none and nobody may install one, those tests are skipped.
browser: ## a browser for the tests (root on Debian installs it)
	@scripts/set-up-browser.sh

test: check browser ## everything the project promises, checked
	$(VENV)/pytest -q $(SIDE_BY_SIDE) tests
	@$(MAKE) --no-print-directory test-oldest

# Certificates and TLS are where Python versions differ most: 3.13 verifies strictly, 3.12 is the oldest we serve.
test-oldest: setup-dev ## keys and messages once more on Python 3.12, where there is one
	@if python="$$(scripts/find-python.sh 3.12)"; then \
	  echo "test: keys and messages on $$python"; \
	  UV_PROJECT_ENVIRONMENT=.venv/oldest UV_PYTHON="$$python" $(UV) sync --locked --quiet --group tests && \
	  .venv/oldest/bin/python -m pytest -q $(SIDE_BY_SIDE) tests/unit/pki tests/unit/wire tests/integration/test_transport.py; \
	else echo "test: no Python 3.12 here; keys and messages were tested on one version only"; fi

format: setup-dev ## write the house format
	$(VENV)/ruff format .
	$(VENV)/ruff check --fix .

docs: setup-dev ## write the generated pages
	$(VENV)/python scripts/write_docs.py

chaos: setup-dev ## ROUNDS faults of chance amid the work, each mended; needs root, for a disk that can be filled
	PYTHONPATH=tests $(VENV)/python -m fixtures.chaos --rounds $(ROUNDS) $(ARGS)

chaos-online: setup-dev ## ROUNDS kills of provider, gateway and database under online load; what was released was recorded
	PYTHONPATH=tests $(VENV)/python -m fixtures.chaos_online --rounds $(ROUNDS) $(ARGS)

chaos-bulk: setup-dev ## ROUNDS kills of provider, gateway and database amid files in bulk; what comes is what was to come, and on record
	PYTHONPATH=tests $(VENV)/python -m fixtures.chaos_bulk --rounds $(ROUNDS) $(ARGS)

bench-spine: setup-dev ## notices through three tiers, and the centre's initial load
	$(VENV)/python benchmarks/spine.py $(ARGS)

bench-look-up: setup-dev ## look-ups in a register of a million, and at the centre over the network
	$(VENV)/python benchmarks/look_up.py $(ARGS)

bench-online: setup-dev ## one agency's gateway under wrk: one person a request, then a hundred
	$(VENV)/python benchmarks/online.py $(ARGS)

bench-matching: setup-dev ## ten thousand questions as people write them, against the truth
	$(VENV)/python benchmarks/matching.py $(ARGS)

bench-bulk: setup-dev ## ten million keys against ten million persons: the engine, four-item keys, from file to file
	$(VENV)/python benchmarks/bulk.py $(ARGS)

bench-disclosure: setup-dev ## who received my data, over a hundred million rows of the log, proofs included
	$(VENV)/python benchmarks/disclosure.py $(ARGS)

bench-clientele: setup-dev ## changes for a clientele of ten million against a day's hundred thousand
	$(VENV)/python benchmarks/clientele.py $(ARGS)

bench-import: setup-dev ## a million residents from a file, killed twice on the way
	$(VENV)/python benchmarks/import_register.py $(ARGS)

bench-sequencing: setup-dev ## from commit to sequenced and to signed, at 2,000 rows a second
	$(VENV)/python benchmarks/sequencing.py $(ARGS)

clean: ## remove the demo's data
	rm -rf var
