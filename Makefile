# Two commands matter: `make demo` and `make test`. Both set up what they need.

VENV := .venv
BIN := $(VENV)/bin

.PHONY: demo test check bench screenshots setup system clean

demo: $(VENV)/.ready
	@$(BIN)/fctui demo build/demo

test: $(VENV)/.ready-dev
	$(BIN)/python -m pytest -n auto --maxprocesses 4 --dist loadgroup

# Lint, types, and the imports that the house allows.
check: $(VENV)/.ready-dev
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

# Against pip, uv, apt-get and dpkg-deb; takes half an hour.
bench: $(VENV)/.ready-dev
	$(BIN)/python -m tests.bench

screenshots: $(VENV)/.ready-dev
	$(BIN)/python screenshots/make.py
	$(BIN)/python screenshots/terminal.py

setup: $(VENV)/.ready-dev

system:
	@sh setup/system.sh

$(VENV)/.ready: pyproject.toml constraints.txt setup/system.sh setup/environment.sh setup/npm.sh
	@sh setup/system.sh
	@sh setup/environment.sh $(VENV)
	@sh setup/npm.sh $(VENV)
	@touch $@

$(VENV)/.ready-dev: $(VENV)/.ready
	@sh setup/system.sh dev
	@sh setup/environment.sh $(VENV) dev
	@touch $@

clean:
	rm -rf $(VENV) build dist .bench .mypy_cache .ruff_cache .pytest_cache .import_linter_cache
