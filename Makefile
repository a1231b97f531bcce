# Everything needs only Python 3.11+. `make help` lists what there is.
PYTHON ?= python3
PY := .venv/bin/python
BOOTSTRAP := $(PYTHON) scripts/bootstrap.py
NODE := PATH="$(CURDIR)/.venv/bin:$$PATH"

.DEFAULT_GOAL := help
.PHONY: help run test test-unit test-browser check fmt bench faults new-node lock clean

help: ## this list
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | awk -F ':.*## ' '{printf "  make %-14s %s\n", $$1, $$2}'

run: ## start Tierflow with its demo workspace (PORT, TIERFLOW_DATA)
	@$(BOOTSTRAP) runtime islands
	@exec $(PY) -m backend.cli up

test: ## all tests: unit, property, API on both databases, browser
	@$(BOOTSTRAP) dev islands browser
	@cd frontend/islands && $(NODE) npm test --silent
	@$(PY) -m pytest -q -n 2 --dist worksteal tests --ignore=tests/e2e
	@$(PY) -m pytest -q tests/e2e

test-unit: ## the quick tests
	@$(BOOTSTRAP) dev
	@$(PY) -m pytest -q -n 2 tests/unit tests/property tests/architecture

test-browser: ## the browser tests; TIERFLOW_SCREENSHOTS=1 takes the pictures of the guides anew
	@$(BOOTSTRAP) dev islands browser
	@$(PY) -m pytest -q tests/e2e

check: ## style, types, rooms, texts
	@$(BOOTSTRAP) dev islands
	@$(PY) -m ruff check .
	@$(PY) -m ruff format --check -q .
	@$(PY) -m mypy
	@.venv/bin/lint-imports --no-logo --no-cache
	@$(PY) scripts/check_texts.py
	@$(PY) -m scripts.check_sources
	@cd frontend/islands && $(NODE) npm run --silent check

fmt: ## format and mend what can be mended
	@$(PY) -m ruff check --fix -q . ; $(PY) -m ruff format -q .

bench: ## benchmarks against peers and limits; writes bench/RESULTS.md
	@$(BOOTSTRAP) dev islands browser
	@$(PY) -m bench

faults: ## the long form of the fault tests
	@$(BOOTSTRAP) dev
	@TIERFLOW_FAULTS=long $(PY) -m pytest -q tests/faults

new-node: ## scaffold a node type: make new-node NAME=call_back
	@$(BOOTSTRAP) dev
	@$(PY) scripts/new_node.py "$(NAME)"

lock: ## compile requirements/*.in to hash locks
	@for kind in runtime dev build; do .venv/bin/uv pip compile -q --universal --python-version 3.11 \
	  --generate-hashes --no-emit-index-url requirements/$$kind.in -o requirements/$$kind.txt; done

clean: ## remove what was built (not your data)
	@rm -rf .venv frontend/static/dist frontend/islands/node_modules .mypy_cache .ruff_cache .pytest_cache
