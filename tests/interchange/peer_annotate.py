"""Run by the peer's Python: annotate texts with a pipeline folder and write what it says as JSON lines and arrays.

    python peer_annotate.py PIPELINE TEXTS.jsonl OUT

OUT.jsonl has a line a text; OUT.npz the tensors of all texts in one array; a first line tells the pipeline's names.
"""

import json
import sys

import numpy
import spacy

KEEP = {"tok2vec", "tagger", "morphologizer", "senter"}


def margins(pipe, docs):
    """How far apart the two best scores for each token are, per Doc."""
    rows = []
    for scores in pipe.model.predict(docs):
        best = numpy.sort(numpy.asarray(scores), axis=1)[:, -2:]
        rows.append((best[:, 1] - best[:, 0]).round(6).tolist() if best.size else [])
    return rows


def main(pipeline, texts_path, out):
    probe = spacy.util.load_config(f"{pipeline}/config.cfg")
    names = probe["nlp"]["pipeline"]
    nlp = spacy.load(pipeline, exclude=[name for name in names if name not in KEEP])
    for name in nlp.disabled:
        nlp.enable_pipe(name)
    texts = [json.loads(line)["text"] for line in open(texts_path, encoding="utf8")]
    docs = list(nlp.pipe(texts))
    gaps = {name: margins(nlp.get_pipe(name), docs) for name in nlp.pipe_names if name != "tok2vec"}
    with open(f"{out}.jsonl", "w", encoding="utf8") as file:
        print(json.dumps({"pipe_names": nlp.pipe_names, "spacy": spacy.__version__}), file=file)
        for i, doc in enumerate(docs):
            row = {
                "tokens": [t.text_with_ws for t in doc],
                "tag": [t.tag_ for t in doc],
                "pos": [t.pos_ for t in doc],
                "morph": [str(t.morph) for t in doc],
                "sent_start": [t.is_sent_start for t in doc],
                "margins": {name: gaps[name][i] for name in gaps},
            }
            print(json.dumps(row), file=file)
    numpy.savez(f"{out}.npz", tensor=numpy.vstack([doc.tensor for doc in docs]) if docs else numpy.zeros((0, 0)))


if __name__ == "__main__":
    main(*sys.argv[1:4])
