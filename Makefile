# Every command that a person needs; `make` alone lists them.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
READY := $(VENV)/.ready
BOOK := $(BIN)/python -m dlabook

export PIP_DISABLE_PIP_VERSION_CHECK = 1

.DEFAULT_GOAL := help
.PHONY: help book test accept serve lab offline pdf release chapter benchmark growth study why newest lint format clean

help: ## list the targets
	@awk -F ':.*## ' '/^[a-z]+:.*## / {printf "make %-10s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

book: $(READY) ## execute the chapters that changed and build the site in _build/html
	@$(BOOK) build

test: $(READY) lint ## run every test; executes only what `make book` has not executed
	@$(BOOK) build
	@OMP_NUM_THREADS=1 $(BIN)/python -m pytest tests -n auto --max-worker-restart=0 --durations=10

accept: $(READY) ## make the present outputs the expected ones (review: git diff tests/transcripts)
	@$(BOOK) accept

serve: $(READY) ## build, serve on http://127.0.0.1:8000/, rebuild on change
	@$(BOOK) serve$(if $(PORT), --port $(PORT))

lab: $(READY) ## JupyterLab on the executed pages, to change and run again
	@$(BOOK) lab

offline: $(READY) ## build, then zip the site to be read without a server
	@$(BOOK) offline

pdf: $(READY) ## the whole book as _build/pdf/book.pdf (needs xelatex); the edition for a class: SOLUTIONS=no
	@$(BOOK) pdf$(if $(filter no,$(SOLUTIONS)), --without-solutions)

release: $(READY) ## archives of this commit for a repository: site, offline zip, notebooks, source, PDF
	@$(BOOK) release

chapter: $(READY) ## execute and build one chapter: make chapter C=part/chapter
	@$(BOOK) chapter $(C)

benchmark: $(READY) ## time the builds against plain jupyter-book, weigh the pages
	@$(BOOK) benchmark

growth: $(READY) ## time the builds of this book, and of a larger one: make growth PAGES=110
	@$(BOOK) growth$(if $(PAGES), --pages $(PAGES))

study: $(READY) ## run a study again: make study S=name; without S, list them with their state
	@$(BIN)/python -m dla.protocol.study $(S)

why: $(READY) ## say why chapters would be executed again: make why C=part/chapter; without C, all
	@$(BOOK) why $(C)

newest: ## try the newest packages in _build/newest: tests of dla, and what chapters would print otherwise
	@$(PYTHON) tools/newest.py _build/newest

lint: $(READY) ## check format and style of the code
	@$(BIN)/ruff format --check --quiet . || { echo "run: make format"; exit 1; }
	@$(BIN)/ruff check --quiet .
	@$(BIN)/python tools/biome.py check || { echo "run: make format"; exit 1; }

format: $(READY) ## format the code
	@$(BIN)/ruff format --quiet . && $(BIN)/ruff check --quiet --fix .
	@$(BIN)/python tools/biome.py check --write

clean: ## remove everything that was built, and the environment; your notebooks in lab/ stay
	rm -rf _build $(VENV) node_modules

$(READY): requirements.txt pyproject.toml
	@$(PYTHON) tools/set_up.py $(VENV)
	@touch $@
