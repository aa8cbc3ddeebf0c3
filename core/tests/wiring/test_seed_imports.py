"""What documents import is found under our name, or the message says what to install."""

from __future__ import annotations

from importlib import import_module

import pytest

from spanwright.errors import MissingPluginError
from spanwright.registry import registry

IN_TOKENS = [
    ("tokens", "Doc"), ("tokens", "Span"), ("tokens", "Token"), ("tokens", "DocBin"), ("tokens", "Example"),
    ("tokens.doc", "Doc"), ("tokens.span", "Span"), ("tokens.token", "Token"), ("tokens.span_group", "SpanGroup"),
    ("vocab", "Vocab"), ("strings", "StringStore"), ("vectors", "Vectors"), ("lookups", "Lookups"),
    ("lexeme", "Lexeme"),
    ("morphology", "Morphology"), ("tokenizer", "Tokenizer"), ("matcher", "Matcher"), ("matcher", "PhraseMatcher"),
    ("attrs", "ORTH"), ("attrs", "NORM"), ("symbols", "NOUN"), ("training", "Example"),
    ("training", "offsets_to_biluo_tags"),
    ("training", "biluo_to_iob"), ("training.example", "Example"), ("training.example", "validate_examples"),
    ("pipeline", "Pipe"), ("pipeline", "TrainablePipe"), ("pipeline.pipe", "Pipe"),
    ("pipeline.trainable_pipe", "TrainablePipe"),
    ("language", "Language"), ("scorer", "Scorer"), ("util", "minibatch"), ("util", "registry"),
    ("errors", "SpanwrightError"), ("lang.xx", "MultiLanguage"), ("tokens.underscore", "Underscore"),
    ("tokens.morphanalysis", "MorphAnalysis"),
]  # fmt: skip

IN_PLUGINS = [
    ("pipeline", "Tok2Vec", "factories", "tok2vec"),
    ("pipeline.tok2vec", "Tok2Vec", "factories", "tok2vec"),
    ("pipeline.tok2vec", "DEFAULT_TOK2VEC_MODEL", "factories", "tok2vec"),
    ("pipeline", "Tagger", "factories", "tagger"),
    ("pipeline.tagger", "DEFAULT_TAGGER_MODEL", "factories", "tagger"),
    ("pipeline", "Morphologizer", "factories", "morphologizer"),
    ("pipeline", "SentenceRecognizer", "factories", "senter"),
    ("pipeline", "DependencyParser", "factories", "parser"),
    ("pipeline.ner", "EntityRecognizer", "factories", "ner"),
    ("ml.staticvectors", "StaticVectors", "layers", "spacy.StaticVectors.v2"),
    ("ml.featureextractor", "FeatureExtractor", "layers", "spacy.FeatureExtractor.v1"),
    ("kb", "KnowledgeBase", "factories", "entity_linker"),
    ("training", "Corpus", "readers", "spacy.Corpus.v1"),
]


@pytest.mark.parametrize(("module", "name"), IN_TOKENS)
def test_what_core_and_tokens_have(module: str, name: str) -> None:
    assert getattr(import_module(f"spanwright.{module}"), name) is not None


@pytest.mark.parametrize(("module", "name", "kind", "registered"), IN_PLUGINS)
def test_what_plugins_have(module: str, name: str, kind: str, registered: str) -> None:
    found = import_module(f"spanwright.{module}")
    if registry.has(kind, registered):
        assert getattr(found, name) is not None
        return
    with pytest.raises(ImportError, match=rf"Can't import {name} from spanwright\.{module}: .*pip install") as caught:
        getattr(found, name)
    assert isinstance(caught.value, MissingPluginError)
    assert caught.value.distribution


def test_names_that_nobody_has() -> None:
    with pytest.raises(AttributeError, match=r"module 'spanwright\.pipeline' has no attribute 'Nothing'"):
        import_module("spanwright.pipeline").Nothing  # noqa: B018
    assert "Tok2Vec" in dir(import_module("spanwright.pipeline"))
    assert not hasattr(import_module("spanwright.pipeline"), "__nothing__")
