"""The pipelines on which text classification is compared, and their data."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

ADAM: dict[str, Any] = {
    "@optimizers": "Adam.v1", "learn_rate": 0.001, "beta1": 0.9, "beta2": 0.999, "eps": 1e-8, "L2": 0.01,
    "grad_clip": 1.0, "L2_is_weight_decay": True, "use_averages": True,
}  # fmt: skip
SGD: dict[str, Any] = {"@optimizers": "SGD.v1", "learn_rate": 0.01, "L2": 0.0, "grad_clip": 1.0}
CNN: dict[str, Any] = {
    "@architectures": "spacy.HashEmbedCNN.v2", "width": 16, "depth": 1, "embed_size": 200, "window_size": 1,
    "maxout_pieces": 2, "subword_features": True, "pretrained_vectors": None,
}  # fmt: skip
LISTENER = {"@architectures": "spacy.Tok2VecListener.v1", "width": 16, "upstream": "*"}
LENGTH = 4096
EXCLUSIVE, MULTI = "textcat", "textcat_multilabel"


def bow(version: str, exclusive: bool, size: int, bare: bool = False) -> dict[str, Any]:
    """A bag of n-grams."""
    settings = {"exclusive_classes": exclusive, "ngram_size": size, "no_output_layer": bare}
    if version == "spacy.TextCatBOW.v3":
        settings["length"] = LENGTH
    return {"@architectures": version, **settings}


def network(name: str, exclusive: bool, tok2vec: dict[str, Any]) -> dict[str, Any]:
    """A network of the name."""
    if "BOW" in name:
        return bow(name, exclusive, 2)
    if "Ensemble" in name:
        if name == "spacy.TextCatEnsemble.v1":
            return {
                "@architectures": name, "width": 16, "embed_size": 100, "pretrained_vectors": None, "ngram_size": 2,
                "exclusive_classes": exclusive, "window_size": 1, "conv_depth": 1, "dropout": None,
            }  # fmt: skip
        return {"@architectures": name, "tok2vec": tok2vec, "linear_model": bow("spacy.TextCatBOW.v3", exclusive, 1)}
    settings: dict[str, Any] = {"@architectures": name, "tok2vec": tok2vec, "exclusive_classes": exclusive}
    if "Reduce" in name:
        settings |= {f"use_reduce_{how}": True for how in ("first", "last", "max", "mean")}
    return settings


# TextCatLowData.v1 is left out: the peer cannot run it (its list2ragged refuses what its StaticVectors gives).
NAMES = [
    "spacy.TextCatBOW.v2",
    "spacy.TextCatBOW.v3",
    "spacy.TextCatCNN.v2",
    "spacy.TextCatReduce.v1",
    "spacy.TextCatEnsemble.v2",
    "spacy.TextCatParametricAttention.v1",
    "spacy.TextCatBOW.v1",
    "spacy.TextCatCNN.v1",
    "spacy.TextCatEnsemble.v1",
]


def pipeline(component: str, model: dict[str, Any], *, shared: bool = False) -> dict[str, Any]:
    """The config of a pipeline."""
    components: dict[str, Any] = {component: {"factory": component, "model": model}}
    if shared:
        components = {"tok2vec": {"factory": "tok2vec", "model": CNN}, **components}
    return {"nlp": {"lang": "en", "pipeline": list(components)}, "components": components}


def cases(optimizers: dict[str, dict[str, Any]]) -> dict[str, dict[str, Any]]:
    """Every network in both components, where it can be; CNN.v2 with shared vectors, too."""
    found = {}
    for optimizer, settings in optimizers.items():
        for name in NAMES:
            for component in (EXCLUSIVE, MULTI):
                key = f"{name.removeprefix('spacy.TextCat')}-{component}-{optimizer}"
                model = network(name, component == EXCLUSIVE, CNN)
                found[key] = {"config": pipeline(component, model), "optimizer": settings}
        for component in (EXCLUSIVE, MULTI):
            model = network("spacy.TextCatCNN.v2", component == EXCLUSIVE, LISTENER)
            key = f"shared-{component}-{optimizer}"
            found[key] = {"config": pipeline(component, model, shared=True), "optimizer": settings}
    return found


def make_data(folder: Path) -> dict[str, Path]:
    """Some Docs for either component: real recipes' questions if they are there, else sentences."""
    from spanwright import blank
    from spanwright.tokens import DocBin

    root = Path(__file__).resolve().parents[3]
    source = root.parent / "shared" / "data" / "textcat-cooking" / "cooking_train.jsonl"
    nlp = blank("en")
    first_words = ("how", "what") if source.is_file() else ("was", "the")
    if source.is_file():
        lines = [json.loads(line) for line in source.read_text(encoding="utf8").splitlines()[:170]]
    else:
        texts = (root / "examples" / "sentences.txt").read_text(encoding="utf8").splitlines() * 40
        lines = [{"text": text, "cats": {"LONG": len(text) > 60, "THE": "the" in text}} for text in texts[:170]]
    found = {}
    for component in (EXCLUSIVE, MULTI):
        docs = []
        for line in lines:
            doc = nlp.make_doc(line["text"])[:60].as_doc()
            doc.cats = {label: float(value) for label, value in line["cats"].items()}
            if component == EXCLUSIVE:
                words = {token.lower_ for token in doc}
                first = next((word for word in first_words if word in words), "other")
                doc.cats = {label: float(label == first) for label in (*first_words, "other")}
            docs.append(doc)
        found[component] = folder / f"{component}.spacy"
        DocBin(docs=docs, store_user_data=False).to_disk(found[component])
    return found
