# Two commands for a newcomer: `make demo` and `make test`. Both install what they need first.
SIZE ?= full
SEED ?= 20221014
SERVE ?= 1
YES ?=

# Commands are started by the dozen in the tests: what is compiled once is kept, whatever the shell says.
unexport PYTHONDONTWRITEBYTECODE

.PHONY: demo test test-all bench bench-report bench-letters bench-analysis bench-dataset bench-collection study lint format lock clean

demo:
	@.ci/setup
	@.venv/bin/trygg demo --size $(SIZE) --seed $(SEED) $(if $(filter 0,$(SERVE)),--no-serve,--serve) $(if $(YES),--yes,)

test:
	@.ci/setup dev
	.venv/bin/pytest -n 2 --dist loadfile --no-loadscope-reorder -m "not long"

test-all:
	@.ci/setup dev
	.venv/bin/pytest -n 2 --dist loadfile --no-loadscope-reorder

# Measured side by side in one run; ratios count, seconds depend on the machine.
bench: bench-report bench-letters bench-analysis bench-dataset bench-collection

# What a report costs beside the same words as plain paragraphs, and beside a browser's print of the page.
bench-report:
	@.ci/setup dev
	.venv/bin/python tests/bench/bench_report.py

# What a letter costs beside a bare one, and what its codes and reading it back cost.
bench-letters:
	@.ci/setup dev
	.venv/bin/python tests/bench/bench_letters.py

# What the statistics cost beside R survey, svy and samplics; SIZES=small,full,large for all three.
SIZES ?= small,full
bench-analysis:
	@.ci/setup dev
	.venv/bin/python tests/bench/bench_analysis.py --sizes $(SIZES)

# What it costs to get a wave's answers out of the database into columns.
bench-dataset:
	@.ci/setup dev
	.venv/bin/python tests/bench/bench_dataset.py $(if $(LARGE),--large,)

# What a completed response costs the server beside a bare floor application, and how long residents wait.
bench-collection:
	@.ci/setup dev
	PYTHONPATH=tests .venv/bin/python tests/bench/collection/bench_collection.py

# The coverage study: simulates, and writes the tables and plots of analysis/STUDY.md; `QUICK=1` is a look in var/study.
study:
	@.ci/setup dev
	.venv/bin/python -m tests.study $(if $(QUICK),--quick,)

lint:
	@.ci/setup dev
	.venv/bin/ruff format --check .
	.venv/bin/ruff check .
	.venv/bin/mypy
	.venv/bin/lint-imports

format:
	@.ci/setup dev
	.venv/bin/ruff format .
	.venv/bin/ruff check --fix .

# Renew the locked dependencies from setup.cfg.
PIP_COMPILE = .venv/bin/pip-compile --quiet --generate-hashes --no-header --strip-extras --allow-unsafe \
	--no-emit-index-url --no-emit-trusted-host --no-emit-find-links --build-deps-for editable
lock:
	@.ci/setup dev
	$(PIP_COMPILE) -o .ci/requirements.txt setup.cfg
	$(PIP_COMPILE) --extra dev -c .ci/requirements.txt -o .ci/requirements-dev.txt setup.cfg

clean:
	rm -rf .venv var build *.egg-info
