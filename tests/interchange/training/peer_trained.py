"""Runs in the peer's environment: load a pipeline that Spanwright trained, annotate, and train on.

python peer_trained.py PIPELINE DEV.spacy ANNOTATIONS.json [CONFIG OUTPUT]
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any


def annotations(nlp: Any, docs: list[Any]) -> list[list[Any]]:
    predicted = nlp.pipe(type(docs[0])(nlp.vocab, words=[t.text for t in doc]) for doc in docs)
    return [[[t.tag_, t.pos_, str(t.morph)] for t in doc] for doc in predicted]


def main(folder: str, data: str, out: str, config: str = "", output: str = "") -> None:
    import spacy
    from spacy.tokens import DocBin
    from spacy.training.initialize import init_nlp
    from spacy.training.loop import train

    nlp = spacy.load(folder)
    docs = list(DocBin().from_disk(data).get_docs(nlp.vocab))[:40]
    Path(out).write_text(json.dumps(annotations(nlp, docs)))
    if config:
        Path(output).mkdir()
        trained, _ = train(init_nlp(spacy.util.load_config(config)), Path(output))
        print(trained.meta["performance"]["tag_acc"])


if __name__ == "__main__":
    main(*sys.argv[1:])
