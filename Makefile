# `make demo` and `make test` need only Python 3.11+ (with pip and venv) and make: everything else is installed into
# .venv here. `make help` lists the rest.

PYTHON ?= python3
VENV   ?= .venv

# Installed first and pinned, so that nothing later pulls in another build: the CPU build where pip finds one
# (there 0.2 GB to fetch), else whatever this platform's index serves under that name. Another build can be had with
# e.g. `make demo TORCH=torch==2.9.1`, or by pointing pip's own configuration at an index of CPU builds.
TORCH ?= torch==2.13.0

# Test processes side by side; each computes with one thread. They begin with a stretch of the tests each, so that what
# tests have in common is mostly made once, and whichever is done takes half of what another has left.
JOBS ?= 2

# More options for `chatrec demo`, bench and reproduce, e.g. `make demo ARGS="--seed 1"`.
ARGS ?=

BIN := $(VENV)/bin
# pip caps and options of the machine stay in force; only its chatter about its own version is switched off.
PIP := PIP_DISABLE_PIP_VERSION_CHECK=1 $(BIN)/python -m pip --no-input
PACKAGES := chatrec_env simulators agents experiments
SOURCES := $(PACKAGES) tests

.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
.NOTPARALLEL:
.PHONY: help demo test lint format type test-long bench reproduce clean distclean

help: ## list the targets
	@echo "Chat-Rec. Targets:"
	@sed -n 's/^\([a-z][a-z-]*\):[^#]*## \(.*\)/  make \1|\2/p' Makefile \
	  | while IFS='|' read -r target text; do printf '%-18s %s\n' "$$target" "$$text"; done

demo: $(VENV)/.chatrec-demo ## train on the built-in films, evaluate, write a report to look at
	$(BIN)/chatrec demo $(ARGS)

test: lint ## linter, format check, type checker and tests
	@$(BIN)/python -m compileall -qq -j 0 $(PACKAGES) # for the processes that tests start, where these may not write it
	@echo "==> mypy, and beside it the rules are compiled that most tests need (about two minutes the first time)"
	@$(BIN)/python -m tests.beforehand & rules=$$!; \
	trap 'kill $$rules 2>/dev/null; exit 130' INT TERM; \
	$(BIN)/mypy || { kill $$rules 2>/dev/null; exit 1; }; wait $$rules
	@echo "==> pytest, $(JOBS) processes"
	@$(BIN)/python -m pytest -n $(JOBS) --dist worksteal

lint: $(VENV)/.chatrec-test ## linter and format check
	@echo "==> ruff check"
	@$(BIN)/ruff check $(SOURCES)
	@echo "==> ruff format --check"
	@$(BIN)/ruff format --check $(SOURCES)

format: $(VENV)/.chatrec-test ## rewrite the code as the format check wants it
	@$(BIN)/ruff check --fix $(SOURCES)
	@$(BIN)/ruff format $(SOURCES)

type: $(VENV)/.chatrec-test ## type checker
	@echo "==> mypy (about a minute the first time)"
	@$(BIN)/mypy

test-long: $(VENV)/.chatrec-test ## the tests that train for minutes or measure speed
	@$(BIN)/python -m pytest -m long

bench: $(VENV)/.chatrec-demo ## turns per CPU-second beside Gymnasium's CartPole-v1
	$(BIN)/chatrec bench $(ARGS)

reproduce: $(VENV)/.chatrec-demo ## the published comparison: every policy, scenario and training seed (long)
	$(BIN)/chatrec reproduce $(ARGS)

clean: ## remove caches and build products
	rm -rf build dist *.egg-info .pytest_cache .mypy_cache .ruff_cache .hypothesis
	find $(SOURCES) -name __pycache__ -type d -prune -exec rm -rf {} +

distclean: clean ## ... and the virtual environment (runs are kept)
	rm -rf $(VENV)

# --- installation: stamps make the second call instant; a changed pyproject.toml installs again --------------------

# $(call install,WHAT,PIP ARGUMENTS): one line before, one after, and one every ten seconds with how much is on disk
# and what pip is at; pip's whole output goes to a log, of which a failure shows the end. Python's files are compiled
# afterwards, which pip would do on one processor (and, as with pip, a file that Python cannot read is no failure).
define install
	@log=$(VENV)/install.log; start=$$(date +%s); \
	echo "==> $(1)"; \
	( while sleep 10 && kill -0 $$$$ 2>/dev/null; do \
	    printf '    %3d s  %5d MB  %.60s\n' $$(( $$(date +%s) - start )) \
	      $$(( $$(du -sk $(VENV) | cut -f 1) / 1000 )) "$$(grep -v WARNING $$log | tail -n 1 | sed 's/:.*//')"; \
	  done ) & ticker=$$!; \
	trap 'kill $$ticker 2>/dev/null' EXIT; trap 'exit 130' INT TERM; \
	if $(PIP) install --progress-bar off --no-compile $(2) > $$log 2>&1; then \
	  $(BIN)/python -m compileall -qq -j 0 $(VENV)/lib >> $$log 2>&1; \
	  echo "    done in $$(( $$(date +%s) - start )) s"; \
	else \
	  echo "    failed after $$(( $$(date +%s) - start )) s; the end of $$log:"; tail -n 30 $$log; exit 1; \
	fi
endef

$(VENV)/.chatrec-venv:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
	  { echo "Chat-Rec needs Python 3.11 or newer; $(PYTHON) is not. Name another: make PYTHON=python3.11"; exit 1; }
	@echo "==> creating the virtual environment $(VENV) (about 5 s)"
	@$(PYTHON) -m venv $(VENV)
	@touch $@

$(VENV)/.chatrec-torch: $(VENV)/.chatrec-venv
	$(call install,installing $(TORCH) (the CPU build: about 30 s, 0.9 GB on disk),"$(TORCH)")
	@touch $@

$(VENV)/.chatrec-demo: pyproject.toml | $(VENV)/.chatrec-torch
	$(call install,installing Chat-Rec with its dependencies (about 70 s, 1 GB on disk),-e ".[serve]")
	@touch $@

$(VENV)/.chatrec-test: pyproject.toml | $(VENV)/.chatrec-torch
	$(call install,installing Chat-Rec with its dependencies and the test tools (about 80 s, 1.2 GB on disk),-e ".[dev]")
	@touch $@ $(VENV)/.chatrec-demo
