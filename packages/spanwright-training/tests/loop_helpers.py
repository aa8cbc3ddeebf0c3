"""A tiny corpus and config for tests of the loop."""

from __future__ import annotations

import io
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy

from spanwright import blank
from spanwright.config import load_config_from_str
from spanwright.tokens import Doc, DocBin

WORDS = {
    "DET": ["the", "a", "every"],
    "NOUN": ["boat", "river", "child", "lamp", "song", "door"],
    "VERB": ["sees", "holds", "finds", "paints"],
    "ADJ": ["green", "old", "quiet"],
}
PATTERNS = [
    ["DET", "NOUN", "VERB", "DET", "ADJ", "NOUN"],
    ["DET", "ADJ", "NOUN", "VERB"],
    ["NOUN", "VERB", "NOUN"],
]

CONFIG = """
[paths]
train = null
dev = null

[system]
seed = 7
gpu_allocator = null

[nlp]
lang = "en"
pipeline = ["tok2vec", "tagger"]
batch_size = 16

[components]

[components.tok2vec]
factory = "tok2vec"

[components.tok2vec.model]
@architectures = "spacy.HashEmbedCNN.v2"
pretrained_vectors = null
width = 8
depth = 1
embed_size = 50
window_size = 1
maxout_pieces = 2
subword_features = true

[components.tagger]
factory = "tagger"

[components.tagger.model]
@architectures = "spacy.Tagger.v2"

[components.tagger.model.tok2vec]
@architectures = "spacy.Tok2VecListener.v1"
width = 8
upstream = "*"

[corpora]

[corpora.train]
@readers = "spacy.Corpus.v1"
path = ${paths.train}
gold_preproc = false

[corpora.dev]
@readers = "spacy.Corpus.v1"
path = ${paths.dev}
gold_preproc = false

[training]
seed = ${system.seed}
gpu_allocator = ${system.gpu_allocator}
dropout = 0.2
patience = 0
max_epochs = 0
max_steps = 12
eval_frequency = 5

[training.score_weights]
tag_acc = 1.0

[training.batcher]
@batchers = "spacy.batch_by_words.v1"
tolerance = 0.2
discard_oversize = false

[training.batcher.size]
@schedules = "compounding.v1"
start = 20
stop = 60
compound = 1.1

[training.optimizer]
@optimizers = "Adam.v1"
L2 = 0.01
grad_clip = 1.0
use_averages = true

[training.optimizer.learn_rate]
@schedules = "warmup_linear.v1"
warmup_steps = 4
total_steps = 40
initial_rate = 0.02
"""


def make_docs(count: int, *, tags: bool = True, seed: int = 0) -> list[Doc]:
    """Docs of one or two made-up sentences."""
    numbers = numpy.random.RandomState(seed)
    vocab = blank("en").vocab
    docs = []
    for _ in range(count):
        pattern = [tag for _ in range(numbers.randint(1, 3)) for tag in PATTERNS[numbers.randint(len(PATTERNS))]]
        words = [WORDS[tag][numbers.randint(len(WORDS[tag]))] for tag in pattern]
        docs.append(Doc(vocab, words=words, tags=pattern if tags else None))
    return docs


def write_corpus(path: Path, count: int, *, tags: bool = True, seed: int = 0) -> Path:
    DocBin(docs=make_docs(count, tags=tags, seed=seed), store_user_data=True).to_disk(path)
    return path


def make_config(folder: Path, overrides: Mapping[str, Any] = {}) -> Any:
    """The config, with its data in `folder`."""
    train, dev = folder / "train.spacy", folder / "dev.spacy"
    if not train.exists():
        write_corpus(train, 30, seed=1)
        write_corpus(dev, 8, seed=2)
    return load_config_from_str(CONFIG, {"paths.train": str(train), "paths.dev": str(dev), **overrides})


def run(config: Any, output: Path | None, *, resume: bool = False) -> tuple[Any, str]:
    """Initialize and train; returns the pipeline and what was printed."""
    from spanwright_training.initialize import init_nlp
    from spanwright_training.loop import train

    out = io.StringIO()
    nlp = init_nlp(config)
    train(nlp, output, stdout=out, stderr=io.StringIO(), resume=resume)
    return nlp, out.getvalue()


def weights(folder: Path) -> dict[str, bytes]:
    """The models' files of a saved pipeline."""
    return {path.parent.name: path.read_bytes() for path in sorted(folder.glob("*/model"))}
