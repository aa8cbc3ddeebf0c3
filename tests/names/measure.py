"""What a golden holds: the graph and the numbers of a network, the scores of a scorer, the facts of a component.

The same code runs on our library and, to record, on the peer's: `library` gives the few things it needs of either.
"""

from __future__ import annotations

import math
import zlib
from importlib import import_module
from importlib.metadata import version
from types import SimpleNamespace
from typing import Any

import numpy as np
from samples import SCORERS, VECTOR_WIDTH, WIDTH

TEXTS = [
    "The quick Fox didn't jump over 42 lazy dogs .".split(),
    [],
    "Dogs".split(),
    "the lazy fox , überrascht : “ Jump ! ” — 1,000 Dogs don't".split(),
]
# Their words have vectors, the others have none.
KNOWN = "The quick Fox jump over lazy dogs Dogs , ! the".split()
FEW = 4
# Of transition models: actions, and sample states.
CLASSES = 5
STATES = 7


def library(name: str) -> SimpleNamespace:
    """What is needed of a library, by its import name."""
    top, tokens = import_module(name), import_module(f"{name}.tokens")
    # The peer knows its factories, and a language's own, once a pipeline has been made.
    top.blank("en")
    registry = import_module(f"{name}.util").registry
    language = import_module(f"{name}.language").Language
    release = version("spacy") if name == "spacy" else version("spanwright-core")
    return SimpleNamespace(
        blank=top.blank,
        registry=registry,
        Doc=tokens.Doc,
        Span=tokens.Span,
        Example=import_module(f"{name}.training").Example if name == "spacy" else tokens.Example,
        Language=language,
        source=f"{'spaCy' if name == 'spacy' else name} {release}",
    )


def measure_network(case: dict[str, Any], lib: SimpleNamespace) -> dict[str, Any]:
    """The graph before and after initialisation, and numbers with noise on the parameters (zeros hide faults)."""
    from thinc.api import fix_random_seed, set_dropout_rate

    fix_random_seed(0)
    # Two names that are architectures with us are layers alone with the peer.
    kind = case["kind"] if lib.registry.has(case["kind"], case["name"]) else "layers"
    model = lib.registry.resolve({"model": {f"@{kind}": case["name"], **case["settings"]}})["model"]
    found: dict[str, Any] = {"graph": graph(model)}
    if case["inputs"] == "nothing":
        return found
    batch = make_batch(case["inputs"], lib)
    if model.attrs.get("resize_output") and not (case["inputs"] == "docs with words" and model.has_dim("nO")):
        model.attrs["resize_output"](model, CLASSES)
    model.initialize(X=batch, Y=make_outputs(case["classes"]))
    found["dims"] = [{dim: node.maybe_get_dim(dim) for dim in sorted(node.dim_names)} for node in model.walk()]
    found["first weights"] = per_parameter(model, "get_param")
    numbers = np.random.default_rng(0)
    for node in model.walk():
        for name in sorted(node.param_names):
            value = node.get_param(name)
            node.set_param(name, value + (0.2 * numbers.normal(size=value.shape)).astype(value.dtype))
    set_dropout_rate(model, 0.0)
    if case["inputs"] in ("docs of states", "tokens of states"):
        return {**found, **measure_states(model, batch, numbers)}
    found["predicted"] = [summary(array) for array in arrays(model.predict(batch))]
    output, backprop = model(batch, is_train=True)
    found["trained"] = [summary(array) for array in arrays(output)]
    if all(array.dtype.kind == "f" for array in arrays(output)):
        d_input = backprop(like(output, lambda array: numbers.normal(size=array.shape).astype("float32")))
        found["gradient of the inputs"] = [summary(array) for array in arrays(d_input)]
        found["gradients"] = per_parameter(model, "get_grad")
    return found


def measure_states(model: Any, batch: Any, numbers: Any) -> dict[str, Any]:
    """What the parts of a transition model compute. Its states are the peer's own objects, so they are left out."""
    lower = model.get_ref("lower") if model.has_ref("lower") else model
    found: dict[str, Any] = {}
    if lower is not model:
        batch, backprop = model.get_ref("tok2vec")(batch, is_train=True)
        found["token vectors"] = summary(batch)
    table, backprop_lower = lower(batch, is_train=True)
    found["table"] = summary(table)
    places, width, pieces = (lower.get_dim(dim) for dim in ("nF", "nO", "nP"))
    ids = numbers.integers(-1, len(batch), size=(STATES, places)).astype("int32")
    gradient = numbers.normal(size=(STATES, width, pieces)).astype("float32")
    found["gradient of the states' tokens"] = summary(backprop_lower((gradient, ids)))
    if lower is not model:
        vectors = table[ids + 1, np.arange(places)].sum(axis=1).max(axis=-1)
        scores, backprop_upper = model.get_ref("upper")(vectors, is_train=True)
        found["scores"] = summary(scores)
        backprop_upper(numbers.normal(size=scores.shape).astype("float32"))
        backprop(numbers.normal(size=batch.shape).astype("float32"))
    found["gradients"] = per_parameter(model, "get_grad")
    return found


def graph(model: Any) -> list[dict[str, Any]]:
    """The nodes in the order of the walk."""
    nodes = list(model.walk())
    places = {id(node): place for place, node in enumerate(nodes)}
    return [
        {
            "name": node.name,
            "layers": [places[id(layer)] for layer in node.layers],
            "dims": {dim: node.maybe_get_dim(dim) for dim in sorted(node.dim_names)},
            "refs": {ref: places.get(id(node.maybe_get_ref(ref))) for ref in sorted(node.ref_names)},
            "attrs": sorted(node.attrs),
            "params": sorted(node.param_names),
            "shims": len(node.shims),
        }
        for node in nodes
    ]


def per_parameter(model: Any, getter: str) -> list[dict[str, Any]]:
    """A summary of each parameter (or its gradient), node by node."""
    return [{name: summary(getattr(node, getter)(name)) for name in sorted(node.param_names)} for node in model.walk()]


def summary(array: Any) -> dict[str, Any]:
    """An array in a few numbers: its shape, sums, and its first values. Integers by a checksum."""
    found: dict[str, Any] = {"shape": list(array.shape)}
    flat = np.ascontiguousarray(array).reshape(-1)
    if flat.dtype.kind != "f":
        return {**found, "checksum": zlib.crc32(flat.astype("uint64").tobytes()), "first": flat[:FEW].tolist()}
    wide = flat.astype("float64")
    # A weighted sum as well: the plain one does not see an exchange of two values.
    weighted = float((wide * np.cos(np.arange(wide.size))).sum())
    sums = [float(wide.sum()), float(np.abs(wide).sum()), weighted]
    return {**found, "sums": rounded(sums), "first": rounded(wide[:FEW].tolist())}


def rounded(values: list[float]) -> list[float]:
    """Nine digits: more than float32 holds."""
    return [float(f"{value:.9g}") for value in values]


def make_batch(kind: str, lib: SimpleNamespace) -> Any:
    """Sample inputs of one kind."""
    if kind in ("docs", "docs of states"):
        vocab = lib.blank("xx").vocab
        numbers = np.random.default_rng(1)
        vocab.reset_vectors(width=VECTOR_WIDTH)
        for word in KNOWN:
            vocab.set_vector(word, numbers.normal(size=VECTOR_WIDTH).astype("float32"))
        return [lib.Doc(vocab, words=words, spaces=[i % 3 != 2 for i in range(len(words))]) for words in TEXTS]
    floats = [np.random.default_rng(len(words)).normal(size=(len(words), WIDTH)).astype("float32") for words in TEXTS]
    if kind == "floats":
        return floats
    if kind == "docs and states":
        numbers = np.random.default_rng(2)
        ids = [numbers.integers(-1, max(len(words), 1), size=(len(words), 3)) for words in TEXTS]
        return list(zip(make_batch("docs", lib), (one.astype("int32") for one in ids), strict=True))
    if kind in ("matrix", "tokens of states"):
        return np.concatenate(floats)
    if kind == "docs and spans":
        return make_batch("docs", lib), make_batch("spans", lib)[1]
    if kind == "ragged":
        tokens = make_batch("spans", lib)[0]
        return type(tokens)(tokens.dataXd, tokens.lengths[tokens.lengths > 0])
    if kind == "docs with words":
        return [doc for doc in make_batch("docs", lib) if len(doc)]
    if kind == "docs with entities":
        docs = make_batch("docs", lib)
        for doc in docs:
            for token in doc:
                token.is_sent_start = token.i % 4 == 0
            doc.ents = [lib.Span(doc, start, start + 1, label="THING") for start in (0, 5, 6) if start < len(doc)]
        return docs
    if kind == "spans":
        from thinc.api import Ragged

        lengths = np.array([len(words) for words in TEXTS], dtype="int32")
        spans = np.array([(0, 2), (1, 5), (8, 9), (0, 1), (2, 3), (0, 9)], dtype="int32")
        return Ragged(np.concatenate(floats), lengths), Ragged(spans, np.array([3, 0, 1, 2], dtype="int32"))
    raise ValueError(f"inputs '{kind}' are not known")


def make_outputs(classes: int) -> Any:
    """Sample outputs: a matrix for each Doc."""
    return [np.zeros((len(words), classes), dtype="float32") for words in TEXTS] if classes else None


def arrays(value: Any) -> list[Any]:
    """The arrays in an output or gradient."""
    if isinstance(value, (list, tuple)):
        return [array for inner in value for array in arrays(inner)]
    if type(value).__name__ == "Ragged":
        return [value.dataXd, value.lengths]
    return [value] if hasattr(value, "dtype") else []


def like(value: Any, make: Any) -> Any:
    """A gradient of the structure of an output."""
    if isinstance(value, (list, tuple)):
        return type(value)(like(inner, make) for inner in value)
    if type(value).__name__ == "Ragged":
        return type(value)(make(value.dataXd), value.lengths)
    return make(value)


def measure_scorer(name: str, lib: SimpleNamespace) -> list[Any]:
    """The scores for each sample setting."""
    make = lib.registry.scorers.get(name)
    found = []
    for settings, options in SCORERS[name]:
        scores = make(**settings)(make_examples(lib), **options)
        found.append({"settings": settings, "options": options, "scores": plain(scores)})
    return found


def plain(value: Any) -> Any:
    """Scores as JSON holds them."""
    if isinstance(value, dict):
        return {str(key): plain(inner) for key, inner in value.items()}
    if hasattr(value, "to_dict"):
        return plain(value.to_dict())
    if isinstance(value, (float, np.floating)):
        return None if math.isnan(value) else rounded([float(value)])[0]
    return value


def make_examples(lib: SimpleNamespace) -> list[Any]:
    """Two predicted Docs with some mistakes and one that is empty."""
    vocab = lib.blank("xx").vocab
    words = "Ada met Bo in Rome . She left .".split()
    right: dict[str, Any] = {
        "tags": "NNP VBD NNP IN NNP . PRP VBD .".split(),
        "pos": "PROPN VERB PROPN ADP PROPN PUNCT PRON VERB PUNCT".split(),
        "morphs": ["Number=Sing", "Tense=Past", "Number=Sing", "", "Number=Sing", "", "Case=Nom|Number=Sing", "", ""],
        "lemmas": "Ada meet Bo in Rome . she leave .".split(),
        "heads": [1, 1, 1, 1, 3, 1, 7, 7, 7],
        "deps": "nsubj ROOT obj prep pobj punct nsubj ROOT punct".split(),
    }
    wrong = {
        "tags": "NNP VBD NN IN NNP . PRP VB .".split(),
        "pos": "PROPN VERB NOUN ADP PROPN PUNCT PRON VERB PUNCT".split(),
        "morphs": ["Number=Sing", "Tense=Past", "", "", "Number=Plur", "", "Number=Sing", "Tense=Past", ""],
        "lemmas": "Ada met Bo in Rome . she left .".split(),
        "heads": [1, 1, 1, 4, 1, 1, 1, 1, 1],
        "deps": "nsubj ROOT obj prep obj punct nsubj conj punct".split(),
    }
    first = _marked(lib, vocab, words, wrong, [(0, 1, "PER", "Q1"), (2, 3, "LOC", "Q2")], [(0, 1, "A"), (2, 5, "B")])
    gold = _marked(lib, vocab, words, right, [(0, 1, "PER", "Q1"), (2, 3, "PER", "Q3")], [(0, 1, "A"), (2, 4, "B")])
    first.cats, gold.cats = {"GOOD": 0.8, "BAD": 0.4}, {"GOOD": 1.0, "BAD": 0.0}
    second = _marked(lib, vocab, words, right, [(4, 5, "LOC", "NIL")], [(4, 5, "A")])
    second.cats = {"GOOD": 0.7, "BAD": 0.3}
    other = _marked(lib, vocab, words, right, [(4, 5, "LOC", "NIL")], [(4, 5, "A"), (4, 5, "B")])
    other.cats = {"GOOD": 0.0, "BAD": 1.0}
    empty = lib.Example(lib.Doc(vocab, words=[]), lib.Doc(vocab, words=[]))
    return [lib.Example(first, gold), lib.Example(second, other), empty]


def _marked(
    lib: SimpleNamespace, vocab: Any, words: list[str], columns: dict[str, Any], ents: list[Any], spans: list[Any]
) -> Any:
    doc = lib.Doc(vocab, words=words, spaces=[True] * len(words), **columns)
    doc.ents = [lib.Span(doc, start, end, label=label, kb_id=kb) for start, end, label, kb in ents]
    for key in ("sc", "ruler"):
        doc.spans[key] = [lib.Span(doc, start, end, label=label) for start, end, label in spans]
    return doc


def measure_factory(name: str, lib: SimpleNamespace) -> dict[str, Any]:
    """The facts of a component that stand in configs and analyses."""
    meta = lib.Language.get_factory_meta(name)
    return {
        "default_config": meta.default_config,
        "assigns": list(meta.assigns),
        "requires": list(meta.requires),
        "retokenizes": meta.retokenizes,
        "default_score_weights": dict(meta.default_score_weights),
    }
