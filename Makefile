# Everything there is to do here; `make` alone lists it.
#
# Needed: Python 3.10 or later, Rust (rust-version in Cargo.toml says which), a C compiler, GNU make.
# What Python needs goes into .venv; stamps in .venv/stamps tell what is there and still right.

SHELL := /bin/bash
.SHELLFLAGS := -eu -o pipefail -c
.DEFAULT_GOAL := help
MAKEFLAGS += --no-print-directory

PYTHON ?= $(shell scripts/find-python)
BIN := .venv/bin
STAMPS := .venv/stamps
SERVICES = $(BIN)/python scripts/services

# What the compiled core is made from; a change in a Python file needs no build.
CORE := $(shell find src -name '*.rs') $(wildcard .cargo/config.toml) Cargo.toml Cargo.lock pyproject.toml

# A question of one's own reaches the program as it was typed: make would take `$100` for a variable of its own.
override QUESTION := $(value QUESTION)
export QUESTION

.PHONY: help
help: ## list the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-13s %s\n", $$1, $$2 }' $(firstword $(MAKEFILE_LIST))

.PHONY: demo
demo: $(STAMPS)/package ## build, make the demo shop and ask it; QUESTION="…" asks your own
	@$(BIN)/db-query demo $(if $(QUESTION),"$$QUESTION")
	@echo 'Here `db-query` is $(BIN)/db-query, and make demo QUESTION="…" asks a question of your own.' >&2

.PHONY: demo-ui
demo-ui: $(STAMPS)/package ## the demo as a page in a browser
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check "streamlit>=1.30" "openpyxl>=3.1"
	@$(BIN)/python -m db_query_agent.demo.ui

.PHONY: test
test: $(STAMPS)/venv ## run all tests on real servers, started where none answer
	@$(SERVICES) $(MAKE) SERVICES= test-rust test-python

.PHONY: test-rust
test-rust: $(STAMPS)/venv ## run the tests of the core, without Python in the build
	@$(SERVICES) cargo test

.PHONY: test-python
test-python: $(STAMPS)/package $(STAMPS)/test-tools ## run the tests of the package
	@TEST_CHROMIUM="$$(scripts/find-chromium)" $(SERVICES) $(BIN)/python -m pytest tests/python

.PHONY: lint
lint: $(STAMPS)/package $(STAMPS)/test-tools $(STAMPS)/lint-tools ## check format, lints, types, stubs and generated pages
	cargo fmt --check
	cargo clippy --quiet --all-targets -- -D warnings
	cargo clippy --quiet --lib --features python -- -D warnings
	$(BIN)/ruff check --quiet .
	$(BIN)/ruff format --quiet --check .
	$(BIN)/mypy
	$(BIN)/stubtest db_query_agent._core
	cargo test --quiet --test it pages

.PHONY: fmt
fmt: $(STAMPS)/lint-tools ## format all code
	cargo fmt
	$(BIN)/ruff check --quiet --fix-only .
	$(BIN)/ruff format --quiet .

.PHONY: bench
bench: $(STAMPS)/venv ## measure against other packages, each in its own environment; WORDS="rows import" measures those
	@$(SERVICES) $(BIN)/python bench $(WORDS)

.PHONY: docs
docs: $(STAMPS)/package ## write the reference pages in docs/ from their tables
	BLESS=1 cargo test --quiet --test it pages
	$(BIN)/python scripts/terminal_page.py

.PHONY: eval
eval: $(STAMPS)/test-tools ## measure the offline engine on the folder BENCH=…; SETS="develop defog", HISTORY=1 keeps the figures
	@cargo build --quiet --profile eval --example offline_eval
	@$(if $(SETS),$(if $(findstring defog,$(SETS)),$(SERVICES)),$(SERVICES)) $(BIN)/python scripts/eval \
		--bench "$(or $(BENCH),$(DB_QUERY_AGENT_BENCH))" $(if $(SETS),--sets $(SETS)) \
		$(if $(OUT),--out "$(OUT)") $(if $(HISTORY),--history)

.PHONY: eval-model
eval-model: $(STAMPS)/package ## measure a model with and without the grounding; BENCH=… OPENAI_BASE_URL=… OPENAI_MODEL=… QUESTIONS=200
	@$(BIN)/python scripts/eval_model.py --bench "$(or $(BENCH),$(DB_QUERY_AGENT_BENCH))" \
		--base-url "$(OPENAI_BASE_URL)" --model "$(OPENAI_MODEL)" --questions $(or $(QUESTIONS),200)

.PHONY: guard-report
guard-report: ## count what the guard lets through and refuses of its law, or of the cases in the folder CORPUS=…
	@cargo run --quiet --example guard_report -- $(or $(CORPUS),$(GUARD_CORPUS))

.PHONY: fuzz
fuzz: $(STAMPS)/venv ## attack the guard by chance on real servers; SECONDS=180 in all, SEED=… repeats a run
	@cargo build --quiet --example guard_fuzz
	@SECONDS="$(SECONDS)" SEED="$(SEED)" $(SERVICES) target/debug/examples/guard_fuzz

.PHONY: fuzz-bytes
fuzz-bytes: ## attack the guard with any bytes by cargo-fuzz, without a server; SECONDS=180
	@cp Cargo.lock fuzz/Cargo.lock
	@cargo fuzz run --sanitizer none guard -- -max_len=2048 -timeout=20 \
		-max_total_time=$(or $(SECONDS),180)

.PHONY: deny
deny: ## check licences, sources and unwanted crates among the dependencies
	@scripts/cargo-deny

.PHONY: package
package: $(STAMPS)/package ## build the package into .venv and stop there

$(STAMPS)/venv: scripts/find-python
	@test -n "$(PYTHON)"
	@test -x $(BIN)/python || $(PYTHON) -m venv .venv || $(PYTHON) -m virtualenv .venv || \
		{ echo "make: this Python makes no virtual environment: install python3-venv" >&2; rm -rf .venv; exit 1; }
	@mkdir -p $(STAMPS)
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check "maturin>=1.9,<2"
	@touch $@

$(STAMPS)/package: $(STAMPS)/venv $(CORE)
	@echo "make: building the package, which takes a few minutes the first time" >&2
	@PATH="$(CURDIR)/$(BIN):$$PATH" VIRTUAL_ENV="$(CURDIR)/.venv" PIP_QUIET=1 \
		env -u CONDA_PREFIX $(BIN)/maturin develop --extras cli
	@touch $@

$(STAMPS)/%-tools: scripts/requirements-%.txt $(STAMPS)/venv
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --requirement $<
	@touch $@
