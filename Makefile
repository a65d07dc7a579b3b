# The front door. `make` alone lists what there is.
PORT ?= 8000
export PORT

# The first of these that is Python 3.11 or newer (a name alone may be a stub that does not run).
PYTHONS := $(PYTHON) python3.14 python3.13 python3.12 python3.11 python3 python
WORKS := import sys, venv, ensurepip; sys.exit(sys.version_info < (3, 11))
CHOSEN = $(shell for name in $(PYTHONS); do \
	if "$$name" -c '$(WORKS)' >/dev/null 2>&1; then echo "$$name"; break; fi; done)
START = $(or $(CHOSEN),$(error Python 3.11 or newer is needed, with its venv module, and none of \
	$(strip $(PYTHONS)) is that. Install it (Debian, Ubuntu: apt install python3-venv) or name it: \
	make $@ PYTHON=/path/to/python3)) \
	-I run/bootstrap.py

.DEFAULT_GOAL := help
.PHONY: help run test test-clocks lint format bench migrations-check requirements outdated venv clean

help: ## what there is
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:[^#]*## /\t/' | \
		while IFS="$$(printf '\t')" read -r name text; do printf '  make %-18s %s\n' "$$name" "$$text"; done

run: ## start everything, with example data (PORT=8000)
	@$(START) supervisor

test: ## everything the project claims: lint, migrations, the suite, real browser, a moved clock
	@$(START) testing

test-clocks: ## the suite under every moved clock (CLOCKS="leap-day new-year": under some)
	@$(START) testing clocks $(CLOCKS)

lint: ## errors, formatting, the order of the rooms, types
	@$(START) testing lint

format: ## ruff: put in order what can be
	@$(START) ruff check --fix .
	@$(START) ruff format .

bench: ## the figures, as a table
	@$(START) pip install --quiet --disable-pip-version-check --require-hashes \
		-r requirements-bench.txt
	@$(START) bench

migrations-check: ## do models and migrations agree?
	@$(START) manage makemigrations --check --dry-run

requirements: ## compile requirements.in to requirements.txt, with hashes (needs uv)
	uv pip compile --universal --python-version 3.11 --generate-hashes --quiet \
		--custom-compile-command "make requirements" requirements.in -o requirements.txt
	uv pip compile --universal --python-version 3.11 --generate-hashes --quiet \
		--custom-compile-command "make requirements" requirements-bench.in \
		-o requirements-bench.txt

NAMED = $(shell sed -E '/^\#/d; s/[^A-Za-z0-9-].*//' requirements.in | paste -sd '|' -)
outdated: ## what requirements.in names and has a newer release (asks the package index)
	@$(START) pip list --outdated --disable-pip-version-check | grep -iE "^($(NAMED)) " || \
		echo "Nothing, if no warning stands above."

venv: ## only make .venv and install what is needed
	@$(START)

clean: ## remove .venv and caches; var/ (the data) stays
	rm -rf .venv .venv.lock .pytest_cache .ruff_cache .mypy_cache .hypothesis
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
