"""Run by the peer's Python: annotate texts with whole pipelines as they are, and write what they say as JSON lines.

    python peer_whole.py TEXTS.jsonl PIPELINE OUT.jsonl [PIPELINE OUT.jsonl ...] [--margins]

A first line describes the pipeline, then there is a line a text. With `--margins` each line also tells how far the two
best scores were apart: for taggers by token, for parser and entities the least of all steps. That takes much longer, so
it is asked for the few texts in which something differs.
"""

import json
import sys
import warnings
from pathlib import Path

import spacy

sys.path[:0] = [str(Path(__file__).parent), str(Path(__file__).parent / "parser")]
from peer_annotate import margins as by_token
from peer_parse import margins as by_step

TRANSITIONS = ("parser", "ner")


def observe(doc):
    """What a Doc says."""
    return {
        "tokens": [t.text_with_ws for t in doc],
        "tag": [t.tag_ for t in doc],
        "pos": [t.pos_ for t in doc],
        "morph": [str(t.morph) for t in doc],
        "lemma": [t.lemma_ for t in doc],
        "dep": [t.dep_ for t in doc],
        "head": [t.head.i for t in doc],
        "ents": [[e.start, e.end, e.label_, e.kb_id_, e.id_] for e in doc.ents],
        "ent_iob": [t.ent_iob_ for t in doc],
        "sent_start": [t.is_sent_start for t in doc],
    }


def doubts(nlp, texts):
    """For each text, the margins of every network of the pipeline, by its name."""
    found = [{} for _ in texts]
    for place, name in enumerate(nlp.pipe_names):
        pipe = nlp.get_pipe(name)
        if name == "tok2vec" or not getattr(pipe, "model", None):
            continue
        # What a component sees is what the ones before it said.
        with nlp.select_pipes(disable=nlp.pipe_names[place:]):
            docs = list(nlp.pipe(texts))
        for row, gaps in zip(found, (by_step if name in TRANSITIONS else by_token)(pipe, docs), strict=True):
            row[name] = gaps
    return found


def main(texts_path, *places):
    with_margins = places[-1] == "--margins"
    places = places[:-1] if with_margins else places
    texts = [json.loads(line)["text"] for line in Path(texts_path).read_text(encoding="utf8").splitlines()]
    for pipeline, out in zip(places[::2], places[1::2], strict=True):
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            nlp = spacy.load(pipeline)
        rows = [observe(doc) for doc in nlp.pipe(texts)]
        if with_margins:
            for row, gaps in zip(rows, doubts(nlp, texts), strict=True):
                row["margins"] = gaps
        head = {"pipe_names": nlp.pipe_names, "disabled": nlp.disabled, "spacy": spacy.__version__}
        lines = [json.dumps(row) for row in (head, *rows)]
        Path(out).write_text("\n".join(lines) + "\n", encoding="utf8")


if __name__ == "__main__":
    main(*sys.argv[1:])
