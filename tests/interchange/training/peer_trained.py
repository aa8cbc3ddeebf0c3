"""Runs in the peer's environment: load a pipeline that Spanwright trained, annotate, and train on.

    python peer_trained.py PIPELINE DEV.spacy ANNOTATIONS.json CONFIG OUTPUT

Trains on in both ways that the peer has: by a config whose components are sourced from the pipeline, and by
`resume_training` and `update` on the loaded pipeline. Prints what came of it as a line of JSON.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any


def annotations(nlp: Any, docs: list[Any]) -> list[list[Any]]:
    predicted = nlp.pipe(type(docs[0])(nlp.vocab, words=[t.text for t in doc]) for doc in docs)
    return [[[t.tag_, t.pos_, str(t.morph), t.is_sent_start] for t in doc] for doc in predicted]


def resume(nlp: Any, docs: list[Any]) -> tuple[list[float], list[str]]:
    """Losses of ten updates on the same Docs, and the components whose weights have moved."""
    from spacy.training import Example

    before = {name: pipe.model.to_bytes() for name, pipe in nlp.pipeline}
    optimizer = nlp.resume_training()
    losses = []
    for _ in range(10):
        batch = [Example(type(doc)(nlp.vocab, words=[t.text for t in doc]), doc) for doc in docs]
        losses.append(sum(nlp.update(batch, sgd=optimizer).values()))
    return losses, [name for name, pipe in nlp.pipeline if pipe.model.to_bytes() != before[name]]


def main(folder: str, data: str, out: str, config: str, output: str) -> None:
    import spacy
    from spacy.tokens import DocBin
    from spacy.training.initialize import init_nlp
    from spacy.training.loop import train

    nlp = spacy.load(folder)
    docs = list(DocBin().from_disk(data).get_docs(nlp.vocab))[:40]
    Path(out).write_text(json.dumps(annotations(nlp, docs)))
    Path(output).mkdir()
    trained, _ = train(init_nlp(spacy.util.load_config(config)), Path(output))
    losses, moved = resume(nlp, docs[:4])
    print(json.dumps({"tag_acc": trained.meta["performance"]["tag_acc"], "losses": losses, "moved": moved}))


if __name__ == "__main__":
    main(*sys.argv[1:])
