"""Small inputs that the checks run on."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

WORDS = "the quick Fox didn't jump over 42 lazy dogs , Ünïcode wörds and — dashes !".split()
TAGS = ("DT", "JJ", "NN", "VB")
POS = ("DET", "ADJ", "NOUN", "VERB")


def sample_docs(lengths: Sequence[int] = (5, 1, 8), *, vocab: Any = None, vectors: int = 6) -> list[Any]:
    """Docs of the given numbers of tokens, with words that repeat.

    vocab: Their vocabulary; by default a new one.
    vectors: Width of word vectors given to the words of a new vocabulary; one word has none. 0: no vectors.
    """
    from ..tokens import Doc

    vocab = sample_vocab(vectors) if vocab is None else vocab
    position = 0
    docs = []
    for length in lengths:
        words = [WORDS[(position + index) % len(WORDS)] for index in range(length)]
        docs.append(Doc(vocab, words=words, spaces=[True] * length))
        position += length + 3
    return docs


def sample_vocab(vectors: int = 6) -> Any:
    """A vocabulary, with word vectors of the given width (0: none)."""
    from ..vocab import Vocab

    vocab = Vocab()
    if vectors:
        numbers = np.random.default_rng(1)
        vocab.reset_vectors(width=vectors)
        for word in WORDS[:-1]:
            vocab.set_vector(word, numbers.normal(size=vectors).astype("float32"))
    return vocab


def sample_floats(lengths: Sequence[int] = (5, 1, 8), *, width: int) -> list[Any]:
    """Matrices of token vectors, one for each of the given lengths. *Shape:* (length, width)."""
    numbers = np.random.default_rng(2)
    return [numbers.normal(size=(length, width)).astype("float32") for length in lengths]


def sample_examples(nlp: Any, lengths: Sequence[int] = (5, 1, 8, 7)) -> list[Any]:
    """Examples with all the annotation that a component may learn from: tags, morphology, lemmas, trees, entities,
    categories and spans."""
    from ..tokens import Doc, Example, Span

    examples = []
    for number, plain in enumerate(sample_docs(lengths, vocab=nlp.vocab)):
        words = [token.text for token in plain]
        count = len(words)
        kinds = [(number + index) % len(TAGS) for index in range(count)]
        gold = Doc(
            nlp.vocab,
            words=words,
            spaces=[True] * count,
            tags=[TAGS[kind] for kind in kinds],
            pos=[POS[kind] for kind in kinds],
            morphs=["Number=Sing" if kind % 2 else "" for kind in kinds],
            lemmas=[word.lower() for word in words],
            heads=[max(0, index - 1) for index in range(count)],
            deps=["ROOT" if index == 0 else "dep" for index in range(count)],
            ents=["B-THING" if kind == 2 else "O" for kind in kinds],
        )
        gold.cats = {"GOOD": float(number % 2), "BAD": float(1 - number % 2)}
        if count:
            gold.spans["sc"] = [Span(gold, 0, 1, label="PART")]
        examples.append(Example(Doc(nlp.vocab, words=words, spaces=[True] * count), gold))
    return examples
