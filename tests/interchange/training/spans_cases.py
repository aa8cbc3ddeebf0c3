"""Small pipelines that find and label spans, one for each case of the comparisons with the peer."""

from __future__ import annotations

from typing import Any

WIDTH = 32
CNN: dict[str, Any] = {
    "@architectures": "spacy.HashEmbedCNN.v2", "width": WIDTH, "depth": 2, "embed_size": 500, "window_size": 1,
    "maxout_pieces": 3, "subword_features": True, "pretrained_vectors": None,
}  # fmt: skip
# Without maxout: rounding cannot decide here which piece learns.
SMOOTH: dict[str, Any] = {
    "@architectures": "spacy.Tok2Vec.v2",
    "embed": {
        "@architectures": "spacy.CharacterEmbed.v2", "width": WIDTH, "rows": 500, "nM": 16, "nC": 4,
        "include_static_vectors": False,
    },
    "encode": {"@architectures": "spacy.MishWindowEncoder.v2", "width": WIDTH, "window_size": 1, "depth": 2},
}  # fmt: skip
LISTENER: dict[str, Any] = {"@architectures": "spacy.Tok2VecListener.v1", "width": WIDTH, "upstream": "*"}
NGRAMS = {"@misc": "spacy.ngram_suggester.v1", "sizes": [1, 2, 3, 4, 5, 6]}
RANGE = {"@misc": "spacy.ngram_range_suggester.v1", "min_size": 1, "max_size": 3}
PRESET = {"@misc": "spacy.preset_spans_suggester.v1", "spans_key": "found"}
ADAM: dict[str, Any] = {
    "@optimizers": "Adam.v1", "learn_rate": 0.001, "beta1": 0.9, "beta2": 0.999, "eps": 1e-8, "L2": 0.01,
    "grad_clip": 1.0, "L2_is_weight_decay": True, "use_averages": False,
}  # fmt: skip
SGD: dict[str, Any] = {"@optimizers": "SGD.v1", "learn_rate": 0.003, "L2": 0.0, "grad_clip": 1.0}
LOGISTIC = {"@layers": "spacy.LinearLogistic.v1"}


def network(factory: str, tok2vec: dict[str, Any]) -> dict[str, Any]:
    """The block [model] of a component."""
    if factory == "span_finder":
        return {"@architectures": "spacy.SpanFinder.v1", "tok2vec": tok2vec, "scorer": {**LOGISTIC, "nO": 2}}
    scorer: dict[str, Any] = {"@layers": "Softmax.v2"} if factory == "spancat_singlelabel" else LOGISTIC
    reducer = {"@layers": "spacy.mean_max_reducer.v1", "hidden_size": WIDTH}
    return {"@architectures": "spacy.SpanCategorizer.v1", "tok2vec": tok2vec, "reducer": reducer, "scorer": scorer}


def case(factory: str, tok2vec: dict[str, Any], optimizer: dict[str, Any], **settings: Any) -> dict[str, Any]:
    """One pipeline. Settings: of the component; `drop`: of the steps; `shared`: with a listener."""
    drop, shared = settings.pop("drop", 0.0), settings.pop("shared", False)
    pipes = [["tok2vec", {"model": tok2vec}]] if shared else []
    own = {"model": network(factory, LISTENER if shared else tok2vec), **settings}
    return {"pipes": [*pipes, [factory, own]], "optimizer": optimizer, "drop": drop}


def variants(tok2vec: dict[str, Any], optimizer: dict[str, Any]) -> dict[str, dict[str, Any]]:
    """Every component, with its own vectors and with shared ones."""
    one = {"negative_weight": 0.5, "allow_overlap": False}
    return {
        "spancat": case("spancat", tok2vec, optimizer, suggester=NGRAMS),
        "spancat-shared": case("spancat", tok2vec, optimizer, suggester=NGRAMS, shared=True),
        "spancat-dropout": case("spancat", tok2vec, optimizer, suggester=RANGE, drop=0.2),
        "spancat-preset": case("spancat", tok2vec, optimizer, suggester=PRESET, max_positive=2),
        "singlelabel": case("spancat_singlelabel", tok2vec, optimizer, suggester=RANGE),
        "singlelabel-weighed": case("spancat_singlelabel", tok2vec, optimizer, suggester=NGRAMS, shared=True, **one),
        "finder": case("span_finder", tok2vec, optimizer),
        "finder-shared": case("span_finder", tok2vec, optimizer, shared=True, max_length=6),
    }
