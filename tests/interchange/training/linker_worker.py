"""Train an entity_linker for 20 steps from saved weights, then link, with the library that is named.

    python linker_worker.py init VARIANT ROWS.json FOLDER               (the peer: a pipeline that it has initialized)
    python linker_worker.py steps LIBRARY VARIANT FOLDER ROWS.json OUT.npz [PACKAGES]

OUT has the losses, the weights after the steps, and the links of the last rows. Runs in the environment of either
library. PACKAGES: a folder of installed packages to search after the environment's own.
"""

from __future__ import annotations

import importlib
import json
import site
import sys
from pathlib import Path
from typing import Any

import numpy

STEPS, DOCS, WIDTH = 20, 4, 16
CNN = {
    "@architectures": "spacy.HashEmbedCNN.v2",
    "pretrained_vectors": None,
    "width": 24,
    "depth": 2,
    "embed_size": 300,
    "window_size": 1,
    "maxout_pieces": 3,
    "subword_features": True,
}
LISTENER = {"@architectures": "spacy.Tok2VecListener.v1", "width": 24}
VARIANTS: dict[str, dict[str, Any]] = {
    "own vectors": {"n_sents": 0},
    "shared vectors": {"shared": True, "n_sents": 1},
    "given entities": {"use_gold_ents": False, "incl_prior": False, "n_sents": 2, "labels_discard": ["PLACE"]},
    "threshold": {"threshold": 0.3, "candidates_batch_size": 3},
    "legacy": {"network": "spacy-legacy.EntityLinker.v1", "n_sents": 1},
}


def examples(library: str, nlp: Any, rows: list[dict[str, Any]], *, ents: bool) -> list[Any]:
    """Predicted Docs have sentences, and entities if asked for; gold Docs have links."""
    tokens = importlib.import_module(f"{library}.tokens")
    example = importlib.import_module(f"{library}.training").Example
    made = []
    for row in rows:
        predicted, gold = (tokens.Doc(nlp.vocab, words=row["words"], sent_starts=row["starts"]) for _ in range(2))
        gold.ents = [tokens.Span(gold, start, end, label=label, kb_id=name) for start, end, label, name in row["ents"]]
        if ents:
            predicted.ents = [tokens.Span(predicted, start, end, label=label) for start, end, label, _ in row["ents"]]
        made.append(example(predicted, gold))
    return made


def initialize(variant: str, rows_path: str, folder: str) -> None:
    import spacy
    from spacy.kb import InMemoryLookupKB

    spacy.util.fix_random_seed(0)
    data = json.loads(Path(rows_path).read_text())
    nlp = spacy.blank("xx")
    settings = dict(VARIANTS[variant])
    shared = settings.pop("shared", False)
    if shared:
        nlp.add_pipe("tok2vec", config={"model": CNN})
    network = settings.pop("network", "spacy.EntityLinker.v2")
    model = {"@architectures": network, "tok2vec": LISTENER if shared else CNN}
    linker = nlp.add_pipe("entity_linker", config={"model": model, "entity_vector_length": WIDTH, **settings})

    def load(vocab: Any) -> Any:
        kb = InMemoryLookupKB(vocab, WIDTH)
        numbers = numpy.random.default_rng(0)
        for name in data["entities"]:
            kb.add_entity(name, 1.0, numbers.normal(size=WIDTH).tolist())
        for alias, names, priors in data["aliases"]:
            kb.add_alias(alias, names, priors)
        return kb

    linker.set_kb(load)
    nlp.initialize(lambda: examples("spacy", nlp, data["rows"], ents=True))
    nlp.to_disk(folder)


def steps(library: str, variant: str, folder: str, rows_path: str, out: str, packages: str = "") -> None:
    if packages:
        site.addsitedir(packages)
    nlp = importlib.import_module(library).load(folder)
    optimizer = importlib.import_module("thinc.api").Adam(0.001)
    rows = json.loads(Path(rows_path).read_text())["rows"]
    ents = not VARIANTS[variant].get("use_gold_ents", True)
    found = []
    for step in range(STEPS):
        losses: dict[str, float] = {}
        batch = examples(library, nlp, rows[step * DOCS : (step + 1) * DOCS], ents=ents)
        # The peer updates shared vectors a step late unless weights are updated apart.
        nlp.update(batch, sgd=False, losses=losses)
        for _, pipe in nlp.pipeline:
            pipe.finish_update(optimizer)
        found.append([losses[name] for name in nlp.pipe_names])
    arrays = {
        f"weights/{component}.{index}.{node.name}.{name}": node.get_param(name)
        for component, pipe in nlp.pipeline
        for index, node in enumerate(pipe.model.walk())
        for name in node.param_names
        if node.has_param(name)
    }
    docs = [example.predicted for example in examples(library, nlp, rows[STEPS * DOCS :], ents=True)]
    links = json.dumps([[ent.kb_id_ for ent in doc.ents] for doc in nlp.pipe(docs)])
    numpy.savez(Path(out), losses=numpy.array(found), links=numpy.array(links), **arrays)


if __name__ == "__main__":
    {"init": initialize, "steps": steps}[sys.argv[1]](*sys.argv[2:])
