"""Run by the peer's Python: annotate texts with some components of a pipeline folder; write what it says as JSON lines.

    python peer_rules.py PIPELINE TEXTS.jsonl OUT.jsonl COMPONENTS

COMPONENTS are names with commas. A first line tells the names of the pipeline's components.
"""

import json
import sys

import numpy
import spacy


def margins(pipe, docs):
    """How far apart the two best scores for each token are, per Doc."""
    rows = []
    for scores in pipe.model.predict(docs):
        best = numpy.sort(numpy.asarray(scores), axis=1)[:, -2:]
        rows.append((best[:, 1] - best[:, 0]).round(6).tolist() if best.size else [])
    return rows


def main(pipeline, texts_path, out, components):
    keep = components.split(",")
    names = spacy.util.load_config(f"{pipeline}/config.cfg")["nlp"]["pipeline"]
    nlp = spacy.load(pipeline, exclude=[name for name in names if name not in keep])
    texts = [json.loads(line)["text"] for line in open(texts_path, encoding="utf8")]
    docs = list(nlp.pipe(texts))
    networks = [name for name in nlp.pipe_names if getattr(nlp.get_pipe(name), "model", None) and name != "tok2vec"]
    gaps = {name: margins(nlp.get_pipe(name), docs) for name in networks}
    with open(out, "w", encoding="utf8") as file:
        print(json.dumps({"pipe_names": nlp.pipe_names, "spacy": spacy.__version__}), file=file)
        for i, doc in enumerate(docs):
            row = {
                "tokens": [t.text_with_ws for t in doc],
                "tag": [t.tag_ for t in doc],
                "pos": [t.pos_ for t in doc],
                "morph": [str(t.morph) for t in doc],
                "lemma": [t.lemma_ for t in doc],
                "dep": [t.dep_ for t in doc],
                "margin": [min(gap) for gap in zip(*(gaps[name][i] for name in gaps), strict=True)],
            }
            print(json.dumps(row), file=file)


if __name__ == "__main__":
    main(*sys.argv[1:5])
