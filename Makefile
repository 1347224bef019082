# make          set up, run the default columnar simulation, leave neuron-trace.png and spikes.png here
# make test     set up and test        make check    ruff, mypy --strict, import-linter, docs
# make bench    measure                make wheel    build a wheel, and try it outside the checkout
# make gallery  draw docs/gallery.md and its pictures again (some minutes)
# make clean    remove all that make has made

PYTHON ?= python3
VENV ?= .venv
BIN := $(abspath $(VENV))/bin
PIP := $(BIN)/python -m pip --quiet --disable-pip-version-check

.PHONY: run test check bench wheel gallery clean FORCE
.DELETE_ON_ERROR:

run: $(VENV)/.installed
	@echo "Running the default columnar simulation (20 s of 2,000 neurons)"
	@$(BIN)/runen run columnar

test: $(VENV)/.test
	@echo "Testing"
	@$(BIN)/python -P -m pytest

# From docs/, because mypy and import-linter would take ./runen_ecs, without systems and scenarios, for the package.
check: $(VENV)/.test $(VENV)/.check
	@echo "Checking: ruff, mypy --strict, import-linter, docs"
	@$(BIN)/ruff format --check --quiet . || { echo "run: $(BIN)/ruff format ."; exit 1; }
	@$(BIN)/ruff check --quiet .
	@cd docs && $(BIN)/mypy --config-file ../pyproject.toml -p runen_ecs
	@cd docs && $(BIN)/lint-imports --config ../pyproject.toml --no-logo
	@$(BIN)/python -P -m pytest tests/test_docs.py tests/test_typing.py

bench: $(VENV)/.test
	@echo "Measuring (some minutes)"
	@$(BIN)/python -P -m pytest -o addopts=--import-mode=importlib --benchmark-only \
		--benchmark-columns=min,median,rounds tests/benchmarks

wheel: $(VENV)/.installed
	@echo "Building a wheel and trying it in an empty environment, outside the checkout"
	@sh tests/try_wheel.sh $(PYTHON)

gallery: $(VENV)/.installed
	@echo "Running every scenario, for docs/gallery.md (some minutes)"
	@$(BIN)/runen gallery --out docs

clean:
	rm -rf .venv build dist *.egg-info neuron-trace.png spikes.png .mypy_cache .ruff_cache .pytest_cache
	rm -rf .hypothesis .benchmarks .import_linter_cache docs/.mypy_cache docs/.import_linter_cache
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

$(VENV)/.created:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
		{ echo "runen-ecs needs Python 3.11 or newer; name one: make PYTHON=python3.12"; exit 1; }
	@echo "Creating the virtual environment $(VENV)"
	@$(PYTHON) -m venv $(VENV)
	@touch $@

# The installation links each file of the package, so it is made again when files come or go, and not when they change.
$(VENV)/.files: FORCE $(VENV)/.created
	@find runen_ecs systems scenarios -name '*.py' -o -name '*.toml' | LC_ALL=C sort > $@.new
	@cmp -s $@.new $@ && rm $@.new || mv $@.new $@

$(VENV)/.installed: pyproject.toml $(VENV)/.files
	@echo "Installing runen-ecs and what it needs (a minute on the first time)"
	@rm -rf build
	@$(PIP) install --editable . --config-settings editable_mode=strict
	@touch $@

$(VENV)/.test: $(VENV)/.installed
	@echo "Installing what the tests need"
	@$(PIP) install --editable '.[test]' --config-settings editable_mode=strict
	@touch $@

$(VENV)/.check: $(VENV)/.installed
	@echo "Installing what the checks need"
	@$(PIP) install --editable '.[check]' --config-settings editable_mode=strict
	@touch $@
