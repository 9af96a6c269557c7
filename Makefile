# Everything a clone needs. `make learn` and `make test` are the two commands to know.
#
# uv is used where it is installed, else venv and pip. Nothing here needs root.

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
# More than half of a test is waiting.
WORKERS = $(shell $(PYTHON) -c "import os; print(os.cpu_count() * 5 // 2)")

# The capstone's tests start databases and browsers of their own.
FEWER = $(shell $(PYTHON) -c "import os; print(os.cpu_count() * 3 // 2)")

.PHONY: help learn labs site site-serve test check lint types contracts notebooks pytest attacks verify chat test-capstone bench lock clean

help:
	@echo "make learn    set up, start the next exercise, check it"
	@echo "make labs     install Jupyter, for labs: grader lab fundamentals"
	@echo "make test     set up, then prove the project: lint, types, contracts, tests, grader verify"
	@echo "make site     build the site into site/; make site-serve shows it while you write"
	@echo "make chat     the capstone, running: the app, a worker, MongoDB, Redis and two accounts"
	@echo "make test-capstone   set up, then the capstone's own tests"
	@echo "make bench    measure a check beside plain pytest"
	@echo "make lock     renew the lock files after a change of dependencies (needs uv)"
	@echo "make clean    remove .venv (your work/ stays)"

learn: $(VENV)/.ready
	@$(BIN)/grader learn

labs: $(VENV)/.ready-labs
	@$(BIN)/grader lab

test: check

# What reads the sources does so while the tests begin, which wait half of their time.
check: $(VENV)/.ready-dev
	$(MAKE) --no-print-directory -j 2 lint types contracts notebooks pytest
	$(MAKE) --no-print-directory attacks verify

lint: $(VENV)/.ready-dev
	$(BIN)/ruff format --check grader tests bench capstone
	$(BIN)/ruff check .

types: $(VENV)/.ready-dev
	$(BIN)/mypy

contracts: $(VENV)/.ready-dev
	PYTHONPATH=capstone $(BIN)/lint-imports --no-logo

# What is published of labs is what their sources say.
notebooks: $(VENV)/.ready-dev
	$(BIN)/grader labs build --check

verify: $(VENV)/.ready-dev
	$(BIN)/grader verify --mutants --sample

pytest: $(VENV)/.ready-dev
	$(BIN)/python -m pytest -q -n $(WORKERS) --ignore tests/test_attacks.py

# Apart: what they leave behind is looked for on the whole machine.
attacks: $(VENV)/.ready-dev
	$(BIN)/python -m pytest -q tests/test_attacks.py

# The variable silences what the theme says about another mkdocs than the one that is pinned.
site: $(VENV)/.ready-dev
	@NO_MKDOCS_2_WARNING=1 $(BIN)/mkdocs build --strict
	@echo "The site is in site/. To read it: $(BIN)/python -m http.server --bind 127.0.0.1 --directory site"

site-serve: $(VENV)/.ready-dev
	@NO_MKDOCS_2_WARNING=1 $(BIN)/mkdocs serve --strict --livereload

chat: $(VENV)/.ready-dev
	@$(BIN)/python capstone/stage.py

test-capstone: $(VENV)/.ready-dev
	$(BIN)/python -m pytest -q -n $(FEWER) --dist loadfile -c capstone/pytest.ini capstone/tests

bench: $(VENV)/.ready-dev
	$(BIN)/python bench/one_check.py

lock:
	uv lock --upgrade
	uv export -q --no-emit-project --no-header --no-annotate --no-dev --extra services -o requirements.lock
	uv export -q --no-emit-project --no-header --no-annotate --no-dev --extra services --extra notebooks -o requirements-labs.lock
	uv export -q --no-emit-project --no-header --no-annotate --group dev --extra services --extra s3 --extra notebooks --extra docs -o requirements-dev.lock
	uv export -q --no-emit-project --no-header --no-annotate --only-group chat -o capstone/deploy/requirements.lock

clean:
	rm -rf $(VENV)

$(VENV)/.ready: requirements.lock pyproject.toml bin/setup
	@sh bin/setup "$(PYTHON)" $(VENV) requirements.lock
	@touch $@

$(VENV)/.ready-labs: $(VENV)/.ready requirements-labs.lock
	@sh bin/setup "$(PYTHON)" $(VENV) requirements-labs.lock
	@touch $@

$(VENV)/.ready-dev: $(VENV)/.ready requirements-dev.lock
	@sh bin/setup "$(PYTHON)" $(VENV) requirements-dev.lock
	@touch $@
