# make run      set up everything and serve on http://127.0.0.1:8000     ARGS="--port 9000 --data DIR"
# make test     set up the tests (Chromium by apt when missing) and run them all     ARGS="-k name", "-n 0 -s" for one process
# make check    format, lint, types, layers, generated docs
# make setup    the environment alone, leaving .venv/bin/hemicycle
# make fmt      write the format     make docs   write the generated docs     make locks   renew the locks
# make bench    measure the speed against other servers on this machine, about 10 minutes     ARGS="--only S1,S5"
# make bench-quick    the same with smaller halls, about 2 minutes
# make mutants  put faults into the counting and see whether the tests notice     ARGS="voting.tally.*"
# make clean    remove all that make has made, but never the data

PYTHON ?= python3
ARGS ?=
UV := .boot/bin/uv
BIN := .venv/bin
INSTALL := $(UV) pip install --quiet --python $(BIN)/python
export UV_PYTHON_DOWNLOADS := never
# The machine's own certificates, as pip on Debian uses them too: some networks have one of their own.
ifneq ($(wildcard /etc/ssl/certs/ca-certificates.crt),)
export UV_SYSTEM_CERTS ?= 1
endif
# An environment that happens to be active is not ours to write into.
unexport VIRTUAL_ENV
# Images often forbid bytecode; then every process compiles all of it anew, which takes longer than its start.
unexport PYTHONDONTWRITEBYTECODE
# libatomic1: the Node inside the playwright wheel needs it, and a minimal Debian lacks it.
# fonts-dejavu-core: Greek and Cyrillic in screenshots.
APT_PACKAGES := chromium libatomic1 fonts-dejavu-core
LOCK := $(UV) pip compile --quiet --upgrade --universal --python-version 3.11 --generate-hashes \
	--no-emit-index-url --no-header --no-annotate

.PHONY: run test check setup fmt docs locks clean chromium bench bench-quick mutants
.DELETE_ON_ERROR:

run: setup
	@$(BIN)/hemicycle serve $(ARGS)

test: chromium setup .venv/.test
	$(BIN)/python -m pytest -n 2 --dist loadfile $(ARGS)

check: setup .venv/.test
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/python -m server.docs --check

bench: setup
	$(BIN)/python -m tests.bench $(ARGS)

bench-quick: setup
	$(BIN)/python -m tests.bench --quick $(ARGS)

mutants: setup .venv/.mutants
	$(BIN)/python -m tests.mutants $(ARGS)

fmt: .venv/.test
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

docs: setup
	$(BIN)/python -m server.docs

setup: .venv/.run static/vendor/.lock-sha256

# `pip --target` works on a Debian without python3-venv and under PEP 668; uv then makes the environment itself.
$(UV): requirements-boot.lock
	$(PYTHON) -m pip install --quiet --disable-pip-version-check --root-user-action=ignore --upgrade \
		--target .boot --no-deps --require-hashes -r requirements-boot.lock
	@touch $@

# The build tools come from their own lock too, so that no isolated build fetches others without hashes.
.venv/.run: pyproject.toml requirements.lock requirements-build.lock package-lock.json hatch_build.py | $(UV)
	$(UV) venv --quiet --allow-existing --python $(PYTHON) .venv
	$(INSTALL) --require-hashes -r requirements.lock -r requirements-build.lock
	$(INSTALL) --no-deps --no-build-isolation --reinstall-package hemicycle -e .
	@touch $@

static/vendor/.lock-sha256: package-lock.json hatch_build.py .venv/.run
	$(BIN)/python hatch_build.py
	@touch $@

.venv/.test: .venv/.run requirements-test.lock
	$(INSTALL) --require-hashes -r requirements-test.lock
	@touch $@

.venv/.mutants: .venv/.test requirements-mutants.lock
	$(INSTALL) --require-hashes -r requirements-mutants.lock
	@touch $@

chromium:
	@command -v chromium >/dev/null || command -v chromium-browser >/dev/null || command -v google-chrome >/dev/null || missing=1; \
	if command -v dpkg >/dev/null; then for p in $(APT_PACKAGES); do \
		dpkg -s $$p >/dev/null 2>&1 || wanted="$$wanted $$p"; done; fi; \
	if [ -n "$$wanted" ] && [ "$$(id -u)" = 0 ]; then \
		echo "installing$$wanted"; apt-get update -qq && \
		DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends $$wanted >/dev/null; \
	elif [ -n "$$missing" ]; then \
		echo "The browser tests need Chromium: sudo apt-get install $(APT_PACKAGES)" >&2; exit 1; fi

locks: | $(UV)
	$(LOCK) pyproject.toml -o requirements.lock
	$(LOCK) pyproject.toml --group test -o requirements-test.lock
	$(LOCK) --group mutants -c requirements-test.lock -o requirements-mutants.lock
	echo hatchling | $(LOCK) - -o requirements-build.lock
	echo uv | $(LOCK) - -o requirements-boot.lock
	npm install --package-lock-only
	npm install --package-lock-only --prefix tests/bench/node

clean:
	rm -rf .venv .boot dist static/vendor tests/vendor .pytest_cache mutants .ruff_cache .mypy_cache .import_linter_cache .hypothesis
	find server polls voting dashboard tests -name __pycache__ -type d -prune -exec rm -rf {} +
