# Everything is installed into .venv of this folder; nothing is downloaded when Zhike runs.
PYTHON ?= python3
BIN := .venv/bin
UV := $(BIN)/uv
# Tests start hundreds of processes: what Python has compiled is kept, whatever this machine says.
export PYTHONDONTWRITEBYTECODE =

help: ## Show what there is
	@grep -hE '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed -E 's/^([a-z]+):.*## (.*)/make \1\t\2/' | expand -t 16

install: .venv/installed ## Install Zhike into .venv (creates .venv/bin/zhike)

demo: install ## Grow the fictional company and serve it at 127.0.0.1:8000
	$(BIN)/zhike demo $(DEMO)

serve: install ## Serve what is there
	$(BIN)/zhike serve $(SERVE)

test: .venv/tools chromium ## Install what the tests need, run all of them
	$(BIN)/python -m pytest -n auto $(PYTEST)

chromium: # What looks at the pages; where it cannot be installed, the tests of the pages say so
	@command -v chromium chromium-browser google-chrome >/dev/null && fc-list :lang=zh 2>/dev/null | grep -q . \
		|| { [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null && apt-get update -qq \
		&& DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends \
			chromium fontconfig fonts-noto-cjk fonts-noto-color-emoji >/dev/null; } \
		|| echo "Install the packages chromium and fonts-noto-cjk to run the tests of the pages."

check: lint ## Lint, types, architecture, documentation
	$(BIN)/python -m pytest tests/docs tests/consistency

lint: .venv/tools # What needs no test to run
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

spark: install ## Add Apache Spark, to compute refreshes with it
	$(UV) pip install --quiet --python $(BIN)/python --require-hashes -r requirements/spark.txt

bench: .venv/rivals ## Run the benchmarks (BENCH="--scale full" for the large ones)
	$(BIN)/python -m benchmarks $(BENCH)

format: .venv/tools ## Put the code in order
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

docs: .venv/tools ## Write the generated part of the documentation anew
	$(BIN)/python -m docs.generate

messages: .venv/tools ## Gather the words of all pages for translation
	$(BIN)/python -m zhike.ui.messages

lock: .venv/uv ## Lock the newest versions that hold together
	$(UV) pip compile -q --upgrade $(LOCK) --extra spark --extra test pyproject.toml -o requirements/test.txt
	$(UV) pip compile -q --upgrade $(LOCK) -c requirements/test.txt pyproject.toml -o requirements/run.txt
	$(UV) pip compile -q --upgrade $(LOCK) -c requirements/test.txt --extra spark pyproject.toml -o requirements/spark.txt
	$(UV) pip compile -q --upgrade $(LOCK) -c requirements/test.txt --extra spark --extra test --extra bench pyproject.toml -o requirements/bench.txt
	npm update --silent --package-lock-only
LOCK := --python-version 3.11 --generate-hashes --no-emit-index-url --no-emit-find-links --no-annotate --no-header

clean: ## Remove what make has built (not zhike-data)
	rm -rf .venv node_modules .mypy_cache .ruff_cache .pytest_cache .hypothesis

.venv/uv: requirements/uv.txt
	$(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements/uv.txt
	@touch $@

node_modules/.package-lock.json: package.json package-lock.json
	npm ci --silent
	@touch $@

.venv/installed: .venv/uv requirements/run.txt pyproject.toml node_modules/.package-lock.json
	$(UV) pip install --quiet --python $(BIN)/python --require-hashes -r requirements/run.txt
	$(UV) pip install --quiet --python $(BIN)/python --no-deps --editable .
	$(BIN)/python -m zhike.ui.assets
	$(BIN)/python -m zhike.collect.identity.build
	@touch $@

.venv/tools: .venv/uv requirements/test.txt pyproject.toml node_modules/.package-lock.json
	$(UV) pip install --quiet --python $(BIN)/python --require-hashes -r requirements/test.txt
	$(UV) pip install --quiet --python $(BIN)/python --no-deps --editable .
	$(BIN)/python -m zhike.ui.assets
	$(BIN)/python -m zhike.collect.identity.build
	@touch $@ .venv/installed

.venv/rivals: .venv/tools requirements/bench.txt
	$(UV) pip install --quiet --python $(BIN)/python --require-hashes -r requirements/bench.txt
	@touch $@

.PHONY: help install demo serve test chromium check lint spark bench format docs messages lock clean
