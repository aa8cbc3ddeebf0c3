"""Sample settings of every registered network, scorer and component. Plain data: the peer's Python reads it too."""

from __future__ import annotations

from typing import Any

WIDTH = 8
VECTOR_WIDTH = 6
WINDOW = {"width": WIDTH, "window_size": 1, "depth": 2}
HASHED = {"width": WIDTH, "attrs": ["NORM", "PREFIX", "SHAPE"], "rows": [50, 20, 30]}
CHARACTERS = {"width": WIDTH, "rows": 30, "nM": 4, "nC": 3}
CNN = {
    "width": WIDTH,
    "depth": 2,
    "embed_size": 50,
    "window_size": 1,
    "maxout_pieces": 2,
    "subword_features": True,
    "pretrained_vectors": None,
}
PLAIN_CNN = {"@architectures": "spacy.HashEmbedCNN.v2", **CNN, "depth": 1, "subword_features": False}
LISTENER = {"@architectures": "spacy.Tok2VecListener.v1", "width": WIDTH, "upstream": "*"}


def embed(version: str, **settings: Any) -> dict[str, Any]:
    """A block of a config: embeddings."""
    return {"@architectures": f"{version}.MultiHashEmbed.{'v2' if version == 'spacy' else 'v1'}", **HASHED, **settings}


def encode(version: str) -> dict[str, Any]:
    """A block of a config: an encoder."""
    name = f"{version}.MaxoutWindowEncoder.{'v2' if version == 'spacy' else 'v1'}"
    return {"@architectures": name, **WINDOW, "maxout_pieces": 2}


def _case(
    name: str,
    settings: dict[str, Any],
    *,
    kind: str = "architectures",
    inputs: str = "docs",
    classes: int = 0,
    **conformance: Any,
) -> dict[str, Any]:
    """One network.

    inputs: What it takes: docs, floats (a list of matrices), matrix, or spans (token vectors and spans, both Ragged).
    classes: Width of the sample outputs that it is initialised with; 0: none.
    conformance: Arguments of `check_architecture`.
    """
    return {
        "name": name,
        "kind": kind,
        "settings": settings,
        "inputs": inputs,
        "classes": classes,
        "conformance": conformance,
    }


STATES = {"extra_state_tokens": False, "hidden_width": 6, "maxout_pieces": 2}
LOWER = {"@layers": "spacy.PrecomputableAffine.v1", "nO": 6, "nI": WIDTH, "nF": 3, "nP": 2}
VECTORS = {
    "@layers": "chain.v1",
    "*": {"one": PLAIN_CNN, "two": {"@layers": "list2array.v1"}},
}


def _transitions(name: str, inputs: str = "docs of states", **settings: Any) -> dict[str, Any]:
    """A transition model. What it gives is no array, except for v3: the conformance kit only initialises it."""
    return _case(name, {"tok2vec": PLAIN_CNN, "state_type": "ner", **STATES, **settings}, inputs=inputs)


TEXTCAT_MODEL = {"@architectures": "spacy.TextCatCNN.v2"}


def bag(version: str, *, exclusive: bool = False, bare: bool = False, size: int = 2, **settings: Any) -> dict[str, Any]:
    """Settings of a bag of n-grams."""
    if version == "v3":
        settings["length"] = 1000
    return {"exclusive_classes": exclusive, "ngram_size": size, "no_output_layer": bare, **settings}


def _categories(name: str, **settings: Any) -> dict[str, Any]:
    """A network that scores the categories of Docs. The peer's fail where a Doc has no token."""
    # The softmax of a bag takes the gradient of its output, not that of the cross-entropy.
    softmax = {"softmax": False} if "BOW" in name else {}
    return _case(name, settings, inputs="docs with words", **softmax)


def _reduced(exclusive: bool, *ways: str) -> dict[str, Any]:
    chosen = {f"use_reduce_{way}": way in ways for way in ("first", "last", "max", "mean")}
    return _categories("spacy.TextCatReduce.v1", tok2vec=PLAIN_CNN, exclusive_classes=exclusive, **chosen, nO=4)


def _ensemble(exclusive: bool) -> dict[str, Any]:
    # As many labels as vectors are wide: with a number of its own, the peer's cannot be initialised.
    linear = {"@architectures": "spacy.TextCatBOW.v3", **bag("v3", exclusive=exclusive, size=1), "nO": WIDTH}
    return _categories("spacy.TextCatEnsemble.v2", tok2vec=PLAIN_CNN, linear_model=linear, nO=WIDTH)


def _old_ensemble(**settings: Any) -> dict[str, Any]:
    basis = {"width": WIDTH, "embed_size": 50, "ngram_size": 1, "window_size": 1, "conv_depth": 2, "dropout": None}
    tolerance = settings.pop("tolerance", 2e-2)
    return _case(
        "spacy-legacy.TextCatEnsemble.v1", {**basis, **settings, "nO": 4}, inputs="docs with words", tolerance=tolerance
    )


# As published: a byte that comes again in the same place of a token counts once in the gradient, and words without a
# vector are left out of it. The first is passed over here and pinned in test_conformance.py.
BYTES = {"without_gradients": ["E"]}
# As published, neighbours in a batch see each other.
TOGETHER = {"independent": False}


def _categorizer(scorer: dict[str, Any]) -> dict[str, Any]:
    """A network for candidate spans."""
    reducer = {"@layers": "spacy.mean_max_reducer.v1", "hidden_size": 6}
    settings = {"tok2vec": PLAIN_CNN, "reducer": reducer, "scorer": scorer}
    return _case("spacy.SpanCategorizer.v1", settings, inputs="docs and spans", classes=3, **TOGETHER)


NETWORKS: dict[str, dict[str, Any]] = {
    "FeatureExtractor.v1": _case("spacy.FeatureExtractor.v1", {"columns": ["NORM", "SPACY", "LOWER", "SUFFIX"]}),
    "FeatureExtractor.v1-layer": _case("spacy.FeatureExtractor.v1", {"columns": ["SHAPE"]}, kind="layers"),
    "MultiHashEmbed.v2": _case("spacy.MultiHashEmbed.v2", {**HASHED, "include_static_vectors": False}),
    "MultiHashEmbed.v2-vectors": _case("spacy.MultiHashEmbed.v2", {**HASHED, "include_static_vectors": True}),
    "CharacterEmbed.v2": _case("spacy.CharacterEmbed.v2", {**CHARACTERS, "include_static_vectors": False}, **BYTES),
    "CharacterEmbed.v2-vectors": _case(
        "spacy.CharacterEmbed.v2", {**CHARACTERS, "include_static_vectors": True, "feature": "NORM"}, **BYTES
    ),
    "CharEmbed.v1": _case("spacy.CharEmbed.v1", {"nM": 4, "nC": 3}, kind="layers", **BYTES),
    "StaticVectors.v2": _case("spacy.StaticVectors.v2", {"nO": 4}),
    "StaticVectors.v2-layer": _case("spacy.StaticVectors.v2", {"nO": 4, "nM": VECTOR_WIDTH}, kind="layers"),
    "MaxoutWindowEncoder.v2": _case("spacy.MaxoutWindowEncoder.v2", {**WINDOW, "maxout_pieces": 2}, inputs="floats"),
    "MaxoutWindowEncoder.v2-wide": _case(
        "spacy.MaxoutWindowEncoder.v2",
        {"width": WIDTH, "window_size": 2, "depth": 1, "maxout_pieces": 3},
        inputs="floats",
    ),
    "MishWindowEncoder.v2": _case("spacy.MishWindowEncoder.v2", WINDOW, inputs="floats", **TOGETHER),
    "TorchBiLSTMEncoder.v1": _case(
        "spacy.TorchBiLSTMEncoder.v1", {"width": WIDTH, "depth": 1, "dropout": 0.0}, inputs="floats", **TOGETHER
    ),
    "Tok2Vec.v2": _case(
        "spacy.Tok2Vec.v2", {"embed": embed("spacy", include_static_vectors=False), "encode": encode("spacy")}
    ),
    "Tok2Vec.v2-vectors": _case(
        "spacy.Tok2Vec.v2", {"embed": embed("spacy", include_static_vectors=True), "encode": encode("spacy")}
    ),
    "HashEmbedCNN.v2": _case("spacy.HashEmbedCNN.v2", CNN),
    "HashEmbedCNN.v2-plain": _case("spacy.HashEmbedCNN.v2", {**CNN, "subword_features": False}),
    "HashEmbedCNN.v2-vectors": _case("spacy.HashEmbedCNN.v2", {**CNN, "pretrained_vectors": True}),
    "Tok2VecListener.v1": _case("spacy.Tok2VecListener.v1", {"width": WIDTH, "upstream": "tok2vec"}, inputs="nothing"),
    "Tagger.v2": _case("spacy.Tagger.v2", {"tok2vec": PLAIN_CNN, "nO": 3}),
    "Tagger.v2-normalize": _case("spacy.Tagger.v2", {"tok2vec": PLAIN_CNN, "normalize": True}, classes=3),
    "TransitionBasedParser.v2": _transitions("spacy.TransitionBasedParser.v2", use_upper=True),
    "TransitionBasedParser.v2-extra": _transitions(
        "spacy.TransitionBasedParser.v2", use_upper=True, extra_state_tokens=True, maxout_pieces=3
    ),
    "TransitionBasedParser.v2-parser": _transitions(
        "spacy.TransitionBasedParser.v2", use_upper=True, state_type="parser", maxout_pieces=1
    ),
    "TransitionBasedParser.v2-lower": _transitions(
        "spacy.TransitionBasedParser.v2", use_upper=False, state_type="parser", extra_state_tokens=True
    ),
    "TransitionBasedParser.v3": _transitions("spacy.TransitionBasedParser.v3", inputs="docs and states", nO=5),
    "PrecomputableAffine.v1": _case(
        "spacy.PrecomputableAffine.v1",
        {"nO": 6, "nI": WIDTH, "nF": 3, "nP": 2},
        kind="layers",
        inputs="tokens of states",
    ),
    "TransitionModel.v1": _case(
        "spacy.TransitionModel.v1",
        {
            "tok2vec": VECTORS,
            "lower": LOWER,
            "upper": {"@layers": "Linear.v1", "nO": 4, "nI": 6},
            "resize_output": None,
        },
        kind="layers",
        inputs="docs of states",
    ),
    "legacy-TransitionBasedParser.v1": _transitions("spacy-legacy.TransitionBasedParser.v1"),
    "legacy-MaxoutWindowEncoder.v1": _case(
        "spacy-legacy.MaxoutWindowEncoder.v1", {**WINDOW, "maxout_pieces": 2}, inputs="matrix", **TOGETHER
    ),
    "legacy-MishWindowEncoder.v1": _case("spacy-legacy.MishWindowEncoder.v1", WINDOW, inputs="matrix", **TOGETHER),
    "legacy-MultiHashEmbed.v1": _case("spacy-legacy.MultiHashEmbed.v1", {**HASHED, "include_static_vectors": False}),
    "legacy-MultiHashEmbed.v1-vectors": _case(
        "spacy-legacy.MultiHashEmbed.v1", {**HASHED, "include_static_vectors": True}
    ),
    "legacy-CharacterEmbed.v1": _case(
        "spacy-legacy.CharacterEmbed.v1", {**CHARACTERS, "include_static_vectors": False}, **BYTES
    ),
    "legacy-CharacterEmbed.v1-vectors": _case(
        "spacy-legacy.CharacterEmbed.v1", {**CHARACTERS, "include_static_vectors": True}, **BYTES
    ),
    "legacy-StaticVectors.v1": _case("spacy-legacy.StaticVectors.v1", {"nO": 4}, kind="layers"),
    "legacy-Tok2Vec.v1": _case(
        "spacy-legacy.Tok2Vec.v1",
        {"embed": embed("spacy-legacy", include_static_vectors=False), "encode": encode("spacy-legacy")},
    ),
    "legacy-HashEmbedCNN.v1": _case("spacy-legacy.HashEmbedCNN.v1", CNN),
    "legacy-HashEmbedCNN.v1-plain": _case("spacy-legacy.HashEmbedCNN.v1", {**CNN, "subword_features": False}),
    "legacy-HashEmbedCNN.v1-vectors": _case("spacy-legacy.HashEmbedCNN.v1", {**CNN, "pretrained_vectors": True}),
    "legacy-Tagger.v1": _case("spacy-legacy.Tagger.v1", {"tok2vec": PLAIN_CNN}, classes=3),
    "SpanCategorizer.v1": _categorizer({"@layers": "spacy.LinearLogistic.v1"}),
    "SpanCategorizer.v1-softmax": _categorizer({"@layers": "Softmax.v2"}),
    "SpanFinder.v1": _case(
        "spacy.SpanFinder.v1", {"tok2vec": PLAIN_CNN, "scorer": {"@layers": "spacy.LinearLogistic.v1", "nO": 2}}
    ),
    "LinearLogistic.v1": _case(
        "spacy.LinearLogistic.v1", {"nO": 3, "nI": WIDTH}, kind="layers", inputs="matrix", **TOGETHER
    ),
    "mean_max_reducer.v1": _case(
        "spacy.mean_max_reducer.v1", {"hidden_size": 6}, kind="layers", inputs="ragged", **TOGETHER
    ),
    "EntityLinker.v2": _case("spacy.EntityLinker.v2", {"tok2vec": PLAIN_CNN, "nO": 3}, inputs="docs with entities"),
    "legacy-EntityLinker.v1": _case("spacy-legacy.EntityLinker.v1", {"tok2vec": PLAIN_CNN, "nO": 3}),
    "TextCatBOW.v2": _categories("spacy.TextCatBOW.v2", **bag("v2"), nO=4),
    "TextCatBOW.v2-exclusive": _categories("spacy.TextCatBOW.v2", **bag("v2", exclusive=True), nO=4),
    "TextCatBOW.v3": _categories("spacy.TextCatBOW.v3", **bag("v3"), nO=4),
    "TextCatBOW.v3-exclusive": _categories("spacy.TextCatBOW.v3", **bag("v3", exclusive=True, size=3), nO=4),
    "TextCatBOW.v3-bare": _categories("spacy.TextCatBOW.v3", **bag("v3", bare=True), nO=4),
    "TextCatCNN.v2": _categories("spacy.TextCatCNN.v2", tok2vec=PLAIN_CNN, exclusive_classes=False, nO=4),
    "TextCatCNN.v2-exclusive": _categories("spacy.TextCatCNN.v2", tok2vec=PLAIN_CNN, exclusive_classes=True, nO=4),
    "TextCatReduce.v1": _reduced(False, "first", "last", "max", "mean"),
    "TextCatReduce.v1-exclusive": _reduced(True, "first", "max"),
    "TextCatEnsemble.v2": _ensemble(False),
    "TextCatEnsemble.v2-exclusive": _ensemble(True),
    "TextCatParametricAttention.v1": _categories(
        "spacy.TextCatParametricAttention.v1", tok2vec=PLAIN_CNN, exclusive_classes=False, nO=4
    ),
    "TextCatParametricAttention.v1-exclusive": _categories(
        "spacy.TextCatParametricAttention.v1", tok2vec=PLAIN_CNN, exclusive_classes=True, nO=4
    ),
    "TextCatLowData.v1": _categories("spacy.TextCatLowData.v1", width=WIDTH, dropout=0.2, nO=4),
    "extract_ngrams.v1": _case(
        "spacy.extract_ngrams.v1", {"ngram_size": 3}, kind="layers", inputs="docs with words", **TOGETHER
    ),
    "legacy-TextCatBOW.v1": _categories("spacy-legacy.TextCatBOW.v1", **bag("v1", exclusive=True), nO=4),
    "legacy-TextCatCNN.v1": _categories("spacy-legacy.TextCatCNN.v1", tok2vec=PLAIN_CNN, exclusive_classes=False, nO=4),
    "legacy-TextCatEnsemble.v1": _old_ensemble(exclusive_classes=False, pretrained_vectors=None),
    "legacy-TextCatEnsemble.v1-exclusive": _old_ensemble(
        exclusive_classes=True, pretrained_vectors=None, tolerance=4e-2
    ),
    "extract_spans.v1": _case("spacy.extract_spans.v1", {}, kind="layers", inputs="spans", **TOGETHER),
}

# What a scorer is made with, and what it is called with.
SCORERS: dict[str, list[tuple[dict[str, Any], dict[str, Any]]]] = {
    "spacy.attribute_ruler_scorer.v1": [({}, {})],
    "spacy.entity_linker_scorer.v1": [({}, {})],
    "spacy.entity_ruler_scorer.v1": [({}, {})],
    "spacy.lemmatizer_scorer.v1": [({}, {})],
    "spacy.morphologizer_scorer.v1": [({}, {})],
    "spacy.ner_scorer.v1": [({}, {})],
    "spacy.overlapping_labeled_spans_scorer.v1": [({}, {}), ({"spans_key": "sc"}, {})],
    "spacy.parser_scorer.v1": [({}, {})],
    "spacy.senter_scorer.v1": [({}, {})],
    "spacy.span_finder_scorer.v1": [({}, {"spans_key": "sc"})],
    "spacy.spancat_scorer.v1": [({}, {"spans_key": "sc", "allow_overlap": True})],
    "spacy.tagger_scorer.v1": [({}, {})],
    "spacy-legacy.textcat_multilabel_scorer.v1": [({}, {"labels": ["GOOD", "BAD"], "threshold": 0.5})],
    "spacy-legacy.textcat_scorer.v1": [({}, {"labels": ["GOOD", "BAD"], "positive_label": "GOOD"})],
    "spacy.textcat_multilabel_scorer.v1": [({}, {"labels": ["GOOD", "BAD"], "threshold": 0.5})],
    "spacy.textcat_multilabel_scorer.v2": [({}, {"labels": ["GOOD", "BAD"], "threshold": 0.3})],
    "spacy.textcat_scorer.v1": [({}, {"labels": ["GOOD", "BAD"], "positive_label": "GOOD"})],
    "spacy.textcat_scorer.v2": [({}, {"labels": ["GOOD", "BAD"], "positive_label": "GOOD", "threshold": 0.0})],
}

WITH_NETWORKS = (
    "tok2vec",
    "tagger",
    "morphologizer",
    "senter",
    "parser",
    "ner",
    "beam_parser",
    "beam_ner",
    "trainable_lemmatizer",
    "textcat",
    "textcat_multilabel",
    "spancat",
    "spancat_singlelabel",
    "span_finder",
)
# Their distribution's tests try them.
WITHOUT_NETWORKS = (
    "entity_linker",
    "attribute_ruler",
    "lemmatizer",
    "en.lemmatizer",
    "sentencizer",
    "entity_ruler",
    "future_entity_ruler",
    "span_ruler",
    "merge_entities",
    "merge_noun_chunks",
    "merge_subtokens",
    "token_splitter",
    "doc_cleaner",
)
FACTORIES = (*WITH_NETWORKS, *WITHOUT_NETWORKS)
