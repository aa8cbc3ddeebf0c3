"""What `init config` proposes for the components of the standard set, as nested dicts.

A plugin proposes for components of its own with the hook `init_config`, whose settings are put over these.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

Block = dict[str, Any]
Upstream = Callable[[], Block]

# Languages with published word vectors.
VECTOR_PACKAGES = {
    **dict.fromkeys(("ca", "da", "de", "el", "es", "fi", "fr", "hr", "it", "ja", "ko", "lt", "mk"), "{}_core_news_lg"),
    **dict.fromkeys(("nb", "nl", "pl", "pt", "ro", "ru", "sl", "sv", "uk"), "{}_core_news_lg"),
    **dict.fromkeys(("en", "zh"), "{}_core_web_lg"),
}
TRANSFORMERS = {
    "de": "bert-base-german-cased",
    "en": "roberta-base",
    "es": "dccuchile/bert-base-spanish-wwm-cased",
    "fr": "camembert-base",
    "nl": "GroNLP/bert-base-dutch-cased",
    "pt": "neuralmind/bert-base-portuguese-cased",
    "sv": "KB/bert-base-swedish-cased",
    "zh": "bert-base-chinese",
}
MULTILINGUAL = "bert-base-multilingual-uncased"
# Scripts without capitals or without an alphabet: the form of a word says little, its characters more.
WITHOUT_LETTER_CASE = (
    "bn",
    "fa",
    "gu",
    "he",
    "hi",
    "ja",
    "kn",
    "ko",
    "ml",
    "mr",
    "ne",
    "sa",
    "si",
    "ta",
    "te",
    "th",
    "ur",
    "zh",
)


def tok2vec_listener() -> Block:
    """The shared tok2vec, as a layer of another model."""
    width = "${components.tok2vec.model.encode.width}"
    return {"@architectures": "spacy.Tok2VecListener.v1", "width": width}


def transformer_listener() -> Block:
    """The shared transformer, as a layer of another model."""
    pooling = {"@layers": "reduce_mean.v1"}
    return {"@architectures": "spacy-transformers.TransformerListener.v1", "grad_factor": 1.0, "pooling": pooling}


def tok2vec(lang: str, optimize: str, *, static_vectors: bool) -> Block:
    """A component `tok2vec`: small and quick, or wide and deep."""
    accurate = optimize == "accuracy"
    attrs = ["NORM", "PREFIX", "SUFFIX"] if lang in WITHOUT_LETTER_CASE else ["NORM", "PREFIX", "SUFFIX", "SHAPE"]
    embed = {
        "@architectures": "spacy.MultiHashEmbed.v2",
        "width": "${components.tok2vec.model.encode.width}",
        "attrs": attrs,
        "rows": [5000, 1000, 2500, 2500][: len(attrs)],
        "include_static_vectors": static_vectors,
    }
    encode = {
        "@architectures": "spacy.MaxoutWindowEncoder.v2",
        "width": 256 if accurate else 96,
        "depth": 8 if accurate else 4,
        "window_size": 1,
        "maxout_pieces": 3,
    }
    model = {"@architectures": "spacy.Tok2Vec.v2", "embed": embed, "encode": encode}
    return {"factory": "tok2vec", "model": model}


def transformer(lang: str) -> Block:
    """A component `transformer` with a pretrained model of the language."""
    spans = {"@span_getters": "spacy-transformers.strided_spans.v1", "window": 128, "stride": 96}
    model = {
        "@architectures": "spacy-transformers.TransformerModel.v3",
        "name": TRANSFORMERS.get(lang, MULTILINGUAL),
        "tokenizer_config": {"use_fast": True},
        "get_spans": spans,
    }
    return {"factory": "transformer", "model": model}


def component(name: str, upstream: Upstream, *, optimize: str) -> Block:
    """A component that listens to the shared upstream; of an unknown name, its factory with its defaults."""
    recipe = RECIPES.get(name)
    if recipe is None:
        return {"factory": name}
    return {"factory": name, **recipe(upstream, optimize)}


def needs_upstream(names: Sequence[str], optimize: str, *, gpu: bool) -> bool:
    """Whether one of the components listens: quick text classifiers do not, off the GPU."""
    quick = {"textcat", "textcat_multilabel"} if optimize == "efficiency" and not gpu else set()
    return any(name in RECIPES and name not in quick for name in names)


def _tagger(upstream: Upstream, optimize: str) -> Block:
    return {"label_smoothing": 0.05, "model": {"@architectures": "spacy.Tagger.v2", "tok2vec": upstream()}}


def _lemmatizer(upstream: Upstream, optimize: str) -> Block:
    return {"model": {"@architectures": "spacy.Tagger.v2", "tok2vec": upstream()}}


def _transitions(state_type: str, hidden_width: int, maxout_pieces: int) -> Callable[[Upstream, str], Block]:
    def recipe(upstream: Upstream, optimize: str) -> Block:
        model = {
            "@architectures": "spacy.TransitionBasedParser.v2",
            "state_type": state_type,
            "extra_state_tokens": False,
            "hidden_width": hidden_width,
            "maxout_pieces": maxout_pieces,
            "use_upper": True,
            "tok2vec": upstream(),
        }
        return {"model": model}

    return recipe


def _spancat(scorer: Mapping[str, Any]) -> Callable[[Upstream, str], Block]:
    def recipe(upstream: Upstream, optimize: str) -> Block:
        reducer = {"@layers": "spacy.mean_max_reducer.v1", "hidden_size": 128}
        model = {
            "@architectures": "spacy.SpanCategorizer.v1",
            "reducer": reducer,
            "scorer": dict(scorer),
            "tok2vec": upstream(),
        }
        return {"model": model, "suggester": {"@misc": "spacy.ngram_suggester.v1", "sizes": [1, 2, 3]}}

    return recipe


def _span_finder(upstream: Upstream, optimize: str) -> Block:
    scorer = {"@layers": "spacy.LinearLogistic.v1", "nO": 2}
    return {
        "max_length": 25,
        "model": {"@architectures": "spacy.SpanFinder.v1", "scorer": scorer, "tok2vec": upstream()},
    }


def _entity_linker(upstream: Upstream, optimize: str) -> Block:
    return {"model": {"@architectures": "spacy.EntityLinker.v2", "tok2vec": upstream()}}


def _textcat(exclusive: bool) -> Callable[[Upstream, str], Block]:
    def recipe(upstream: Upstream, optimize: str) -> Block:
        bag = {
            "@architectures": "spacy.TextCatBOW.v3",
            "exclusive_classes": exclusive,
            "length": 262144,
            "ngram_size": 1,
            "no_output_layer": False,
        }
        if optimize == "accuracy":
            ensemble = {"@architectures": "spacy.TextCatEnsemble.v2", "linear_model": bag, "tok2vec": upstream()}
            return {"model": ensemble}
        if upstream is transformer_listener:
            cnn = {"@architectures": "spacy.TextCatCNN.v2", "exclusive_classes": exclusive, "tok2vec": upstream()}
            return {"model": cnn}
        return {"model": bag}

    return recipe


RECIPES: dict[str, Callable[[Upstream, str], Block]] = {
    "tagger": _tagger,
    "morphologizer": _tagger,
    "trainable_lemmatizer": _lemmatizer,
    "parser": _transitions("parser", 128, 3),
    "ner": _transitions("ner", 64, 2),
    "spancat": _spancat({"@layers": "spacy.LinearLogistic.v1"}),
    "spancat_singlelabel": _spancat({"@layers": "Softmax.v2"}),
    "span_finder": _span_finder,
    "entity_linker": _entity_linker,
    "textcat": _textcat(True),
    "textcat_multilabel": _textcat(False),
}
