# `make` explains the project. `make run` serves it, `make test` is what CI runs; both install what they need.
PYTHON ?= python3
VENV   := .venv
BIN    := $(VENV)/bin
JS     := tests/js/node_modules
# All but hashes of packages, and what the service of 2013 published. Made-up secrets elsewhere carry a pragma.
SCANNED := . ':!requirements' ':!benchmarks/peers/flask/requirements.txt' ':!tests/vectors' ':!docs/protocol.md' ':!tests/fuzz/found/*.json'
PARTS  := pyproject.toml setup.cfg sdk/pyproject.toml sdk/setup.cfg

.DEFAULT_GOAL := help
.PHONY: help run test lint types js quick slow newest bench bench-peers bench-large wrk lock postgresql chromium node clean deploylint servers faults fuzz tracer wrongclock

help: ## What you are reading
	@printf 'Passwordless sign-in that anyone can run: the Keychain, its SDK, its tests.\n\n'
	@sed -n 's/^\([a-z-]*\):[^#]*## \(.*\)/  make \1\t\2/p' $(MAKEFILE_LIST) | expand -t 20

run: $(VENV)/run ## Serve on http://127.0.0.1:8000, with two sites to sign in to, and print what to try
	@$(BIN)/python -m examples

test: $(VENV)/dev $(VENV)/deploy postgresql servers tracer wrongclock chromium lint types js ## Lint, types, every test, the coverage gates, the newest Python
	@rm -f .coverage .coverage.*
	$(BIN)/coverage run -m pytest -n auto --maxprocesses=4 --dist=loadfile
	@$(BIN)/coverage combine -q
	$(BIN)/coverage report --include='keychain/jose/*,keychain/nonce.py,keychain/validation/*' --fail-under=100
	$(BIN)/coverage report --fail-under=95
	@$(MAKE) --no-print-directory newest

quick: $(VENV)/dev postgresql ## The unit and API tests alone, in four minutes
	$(BIN)/pytest -q -n auto --maxprocesses=4 --dist=loadfile -m 'not slow'

slow: $(VENV)/dev $(VENV)/deploy $(JS)/dev postgresql servers tracer wrongclock chromium ## The races, wheels, real sockets and real browsers alone
	$(BIN)/pytest -q -m slow

lint: $(VENV)/dev ## Style, and a search for secrets in the tree
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	@git ls-files -z -- $(SCANNED) | xargs -0 $(BIN)/detect-secrets-hook

types: $(VENV)/dev $(JS)/dev ## mypy --strict, and the same for JavaScript
	$(BIN)/mypy
	$(JS)/.bin/tsc -p tests/js/jsconfig.json

js: node ## The tests of the browser side's modules alone, in Node
	node --test --test-timeout=60000 tests/js/

newest: $(VENV)/dev ## The unit and API tests on the newest Python of this machine
	@newest=$$($(BIN)/python tests/newest_python.py) && \
	if [ "$$($$newest -V)" = "$$($(BIN)/python -V)" ]; then \
		echo "the newest Python here is $$($$newest -V), the one that all tests ran on"; \
	else \
		$(MAKE) --no-print-directory quick PYTHON=$$newest VENV=.venv-newest; \
	fi


deploylint: $(VENV)/deploy postgresql servers ## What deploy/ holds, under its linters
	$(BIN)/pytest -q tests/packaging/test_deploy.py tests/packaging/test_proxy.py

faults: $(VENV)/dev postgresql tracer wrongclock ## 200 kills, power cuts, lost databases, full disks, wrong clocks: half an hour
	$(BIN)/pytest -s tests/faults --long --rounds 200 --races 10000

fuzz: $(VENV)/fuzz ## 1,000,000 hostile bodies, by grammar and guided by coverage: a quarter of an hour
	@$(BIN)/python -m tests.fuzz --bodies 600000 --guided 400000

bench: $(VENV)/bench postgresql chromium wrk ## Every figure that is wanted of a validation, on both databases: 10 minutes
	@$(BIN)/python -m benchmarks --write

bench-peers: $(VENV)/bench node ## The same job by Flask + py_webauthn and Express + SimpleWebAuthn, beside ours
	@$(BIN)/python -m benchmarks.peers --write

bench-large: $(VENV)/dev postgresql ## What a validation costs among 10,000,000 people: forty minutes, 15 GB of disk
	@$(BIN)/python -m benchmarks.growth

lock: $(VENV)/bin/python ## Pin every dependency again, with hashes
	@$(BIN)/pip install -q uv
	$(BIN)/uv pip compile -q -U --universal --generate-hashes --python-version 3.11 --no-header \
		--group build -o requirements/run.txt pyproject.toml sdk/pyproject.toml
	$(BIN)/uv pip compile -q -U --universal --generate-hashes --python-version 3.11 --no-header \
		--group dev -c requirements/run.txt -o requirements/dev.txt pyproject.toml sdk/pyproject.toml
	$(BIN)/uv pip compile -q -U --universal --generate-hashes --python-version 3.11 --no-header \
		--group limits -c requirements/dev.txt -o requirements/limits.txt
	$(BIN)/uv pip compile -q -U --universal --generate-hashes --python-version 3.11 --no-header \
		--group deploy -c requirements/dev.txt -o requirements/deploy.txt
	$(BIN)/uv pip compile -q -U --universal --generate-hashes --python-version 3.11 --no-header \
		--group fuzz -c requirements/dev.txt -o requirements/fuzz.txt
	$(BIN)/uv pip compile -q -U --universal --generate-hashes --python-version 3.11 --no-header \
		--group bench -c requirements/dev.txt -o requirements/bench.txt
	cd benchmarks/peers/flask && ../../../$(BIN)/uv pip compile -q -U --universal --generate-hashes --python-version 3.11 \
		--no-header -o requirements.txt requirements.in

clean: ## Remove what the other targets made, but no data
	rm -rf .venv .venv-newest $(JS) build dist sdk/build sdk/dist *.egg-info sdk/*.egg-info .coverage .coverage.* \
		.mypy_cache .ruff_cache .pytest_cache .hypothesis

$(VENV)/bin/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
		{ echo 'Python 3.11 or later is needed; name one: make PYTHON=/path/to/python3'; exit 1; }
	@$(PYTHON) -c 'import ensurepip' 2>/dev/null || \
		{ [ "$$(id -u)" = 0 ] && apt-get -qq update && apt-get -qq install -y python3-venv; } || \
		{ echo 'This Python can not make virtual environments: apt-get install python3-venv'; exit 1; }
	$(PYTHON) -m venv $(VENV)

$(VENV)/run: requirements/run.txt $(PARTS) | $(VENV)/bin/python
	@echo 'Installing the pinned dependencies ...'
	@$(BIN)/pip install -q --disable-pip-version-check --require-hashes -r requirements/run.txt
	@$(BIN)/pip install -q --disable-pip-version-check --no-deps --no-build-isolation -e . -e sdk
	@touch $@

$(VENV)/dev: requirements/dev.txt $(PARTS) | $(VENV)/bin/python
	@echo 'Installing the pinned dependencies, with those of the tests ...'
	@$(BIN)/pip install -q --disable-pip-version-check --require-hashes -r requirements/dev.txt
	@$(BIN)/pip install -q --disable-pip-version-check --no-deps --no-build-isolation -e . -e sdk
	@touch $(VENV)/run $@

$(VENV)/fuzz: requirements/fuzz.txt | $(VENV)/dev
	@echo 'Installing the fuzzer ...'
	@$(BIN)/pip install -q --disable-pip-version-check --require-hashes -r requirements/fuzz.txt
	@touch $@

$(VENV)/deploy: requirements/deploy.txt | $(VENV)/dev
	@echo 'Installing the linters of deploy/ ...'
	@$(BIN)/pip install -q --disable-pip-version-check --require-hashes -r requirements/deploy.txt
	@touch $@

$(JS)/dev: tests/js/package-lock.json | node
	@npm ci --prefix tests/js --no-audit --no-fund --loglevel=error
	@touch $@

$(VENV)/bench: requirements/bench.txt | $(VENV)/dev
	@echo 'Installing what draws the plot ...'
	@$(BIN)/pip install -q --disable-pip-version-check --require-hashes -r requirements/bench.txt
	@touch $@

postgresql:
	@ls /usr/lib/postgresql/*/bin/initdb >/dev/null 2>&1 || command -v initdb >/dev/null || \
		{ [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null && \
			apt-get -qq update && apt-get -qq install -y postgresql; } || \
		{ echo 'The tests need a PostgreSQL server on this machine: apt-get install postgresql'; exit 1; }

servers:
	@{ command -v nginx && command -v systemd-analyze; } >/dev/null || \
		{ [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null && \
			apt-get -qq update && apt-get -qq install -y nginx-light systemd; } || \
		{ echo 'The tests of deploy/ need nginx and systemd on this machine: apt-get install nginx-light systemd'; exit 1; }

tracer:
	@command -v strace >/dev/null || { [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null && \
		apt-get -qq update && apt-get -qq install -y strace; } || \
		{ echo 'The tests of power cuts need strace on this machine: apt-get install strace'; exit 1; }

wrongclock:
	@command -v faketime >/dev/null || { [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null && \
		apt-get -qq update && apt-get -qq install -y faketime; } || \
		{ echo 'The tests of wrong clocks need libfaketime on this machine: apt-get install faketime'; exit 1; }

wrk:
	@command -v wrk >/dev/null || { [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null && \
		apt-get -qq update && apt-get -qq install -y wrk; } || \
		{ echo 'The measurement of two workers needs the client wrk on this machine: apt-get install wrk'; exit 1; }

chromium:
	@command -v chromium >/dev/null || { [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null && \
		apt-get -qq update && apt-get -qq install -y chromium; } || \
		{ echo 'The tests need the browser Chromium on this machine: apt-get install chromium'; exit 1; }

node:
	@command -v npm >/dev/null || { [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null && \
		apt-get -qq update && apt-get -qq install -y nodejs npm; } || \
		{ echo 'The tests of the browser side need Node.js: apt-get install nodejs npm'; exit 1; }
