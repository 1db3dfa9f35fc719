# Everything that is made stays in this folder.  `make help` lists targets.

PYTHON =
DATA =
ARGS =
VENV_PYTHON = .venv/bin/python

# matplotlib's font list would go to the home folder
export MPLCONFIGDIR = $(CURDIR)/.cache/matplotlib
# without bytecode each start of the program takes a second more
unexport PYTHONDONTWRITEBYTECODE

.DEFAULT_GOAL := help
.PHONY: help env crism libs mnist test kills fuzz elsewhere mutants lint pins \
    map options results floats threads bench image image-check image-twice \
    capsule capsule-check deposit sbom lock clean

help:
	@echo "make env           .venv with the locked packages (PYTHON=/path/to/python2.7)"
	@echo "make crism         the CRISM experiment   } DATA=FOLDER_OR_FILE EPOCHS=N"
	@echo "make libs          the LIBS experiment    } ARGS='--model m2 ...', see"
	@echo "make mnist         the MNIST experiment   } python run_crism.py --help"
	@echo "make test          the tests (ARGS='-k pins')"
	@echo "make mutants       mistakes put into the objective, and the tests that"
	@echo "                   notice (ARGS='--every 10'); all take an hour or more"
	@echo "make kills         20 runs killed at random moments and resumed"
	@echo "make fuzz          10,000 damaged files through the readers"
	@echo "make elsewhere     the same bits on other processors, in the image, ..."
	@echo "make lint          flake8"
	@echo "make options       docs/options.md again, from the options' table"
	@echo "make results       docs/results.md and the report, from the kept runs"
	@echo "make pins          the pins, for eval \"\$$(make -s pins)\""
	@echo "make map           docs/rooms.svg, the rooms as their imports draw them"
	@echo "make floats        squares, exp, log, ...: the same bits for every float"
	@echo "make threads       threads under a sanitizer; 200 runs on random numbers of"
	@echo "                   threads and cores, bit for bit"
	@echo "make bench         how fast training is (ARGS='--published CHECKOUT')"
	@echo "make image         the container image, named untapped"
	@echo "make image-check   the image, and each script in it without a network"
	@echo "make image-twice   two images of the same parts, file by file"
	@echo "make capsule       dist/capsule: all that it takes, for a time without"
	@echo "                   a network; make capsule-check tries it"
	@echo "make deposit       what Zenodo and Software Heritage ask for"
	@echo "make sbom          what the image is made of, as SPDX: sbom.spdx.json"
	@echo "make lock          requirements.lock again from requirements.in"
	@echo "make clean         removes what was made, but for results/"

env: .venv/made

.venv/made: requirements.lock tools/virtualenv.lock tools/make_env.sh
	@sh tools/make_env.sh $(PYTHON)

# MNIST's 1000 epochs take hours; the others run for their own default.
mnist: EPOCHS ?= 10
mnist: NOTE = make mnist EPOCHS=1000 trains as long as the paper; it takes hours

crism libs mnist: env
	@$(if $(NOTE),echo "$(EPOCHS) epochs ($(NOTE))")
	$(VENV_PYTHON) run_$@.py $(if $(DATA),--data "$(DATA)") \
	    $(if $(EPOCHS),--epochs $(EPOCHS)) $(ARGS)

# pytest's own search for plugins fails where a path has letters beyond ASCII
test mutants kills fuzz: export PYTEST_DISABLE_PLUGIN_AUTOLOAD = 1
test mutants kills fuzz: export PYTEST_PLUGINS = xdist.plugin

# two processes; a file's tests stay together, with what they share
test: env
	$(VENV_PYTHON) -m pytest -n 2 --dist loadfile $(ARGS)

mutants: env
	$(VENV_PYTHON) tools/mutants.py $(ARGS)

# minutes to hours each, so not part of make test, which has a few of all
kills: env
	UNTAPPED_KILLS=20 $(VENV_PYTHON) -m pytest -v -k random_moment \
	    tests/experiments/test_resume.py $(ARGS)

fuzz: env
	UNTAPPED_FUZZ=10000 $(VENV_PYTHON) -m pytest -v -s \
	    tests/datasets/test_fuzz.py $(ARGS)

elsewhere: env
	$(VENV_PYTHON) -m untapped.verify elsewhere $(ARGS)

lint: env
	$(VENV_PYTHON) -m flake8

options: env
	$(VENV_PYTHON) -m untapped.experiments.options >docs/options.md.new
	mv docs/options.md.new docs/options.md

results: env .cache/report/made
	PYTHONPATH=.cache/report $(VENV_PYTHON) -m evidence

# apart from the stack: nothing but the report needs it
.cache/report/made: tools/report.lock
	rm -rf .cache/report
	PIP_CACHE_DIR=.cache/pip $(VENV_PYTHON) -m pip install -q --no-deps \
	    --require-hashes --only-binary :all: --target .cache/report \
	    -r tools/report.lock
	touch $@

# works before .venv is made: any Python can print them
pins:
	@for python in $(VENV_PYTHON) python3 python2.7 python2 python; do \
	    "$$python" -c '' 2>/dev/null || continue; \
	    exec "$$python" untapped/pins.py; \
	done; echo "make pins: no Python was found." >&2; exit 1

# works before .venv is made, as above
map:
	@for python in $(VENV_PYTHON) python3 python2.7 python2 python; do \
	    "$$python" -c '' 2>/dev/null || continue; \
	    "$$python" tools/draw_rooms.py >docs/rooms.svg.new && \
	    exec mv docs/rooms.svg.new docs/rooms.svg; exit 1; \
	done; echo "make map: no Python was found." >&2; exit 1

floats: env
	$(VENV_PYTHON) tools/all_floats.py

threads: env
	$(VENV_PYTHON) tools/sanitize_threads.py
	$(VENV_PYTHON) tools/stress_threads.py $(ARGS)

bench: env
	$(VENV_PYTHON) -m bench --out results/bench $(ARGS)

image:
	@sh container/check.sh build

image-check:
	@sh container/check.sh

image-twice:
	@sh container/twice.sh

capsule:
	@sh container/capsule/make.sh dist/capsule

# without a network, in the year 2046, without an engine, with flipped bits
capsule-check:
	@sh container/capsule/try.sh dist/capsule

# works before .venv is made, as above
deposit:
	@for python in $(VENV_PYTHON) python2.7 python2 python; do \
	    "$$python" -c 'import imp' 2>/dev/null || continue; \
	    "$$python" tools/deposit.py && \
	    exec "$$python" tools/deposit.py --swhids; exit 1; \
	done; echo "make deposit: no Python was found." >&2; exit 1

sbom:
	@sh container/check.sh sbom >sbom.spdx.json.new
	@mv sbom.spdx.json.new sbom.spdx.json

# pip-tools 5.5.0 is the last for Python 2.7; it lists the hash of every file
# that the index holds for a release
lock: env
	rm -rf .cache/lock
	$(VENV_PYTHON) .cache/virtualenv/virtualenv.py --no-download -q .cache/lock
	PIP_CACHE_DIR=.cache/pip .cache/lock/bin/python -m pip install -q \
	    pip-tools==5.5.0
	.cache/lock/bin/python -m piptools compile -q --rebuild --generate-hashes \
	    --allow-unsafe --cache-dir .cache/piptools \
	    --no-emit-index-url --no-emit-find-links --no-emit-trusted-host \
	    --no-annotate --no-header -o .cache/lock/made requirements.in
	(echo "# Made from requirements.in by 'make lock'; installed by"; \
	 echo "#     pip install --require-hashes -r requirements.lock"; \
	 cat .cache/lock/made) >requirements.lock

clean:
	rm -rf .venv .cache .theano .pytest_cache build dist *.egg-info
	find . -name '*.pyc' -not -path './.git/*' -delete
