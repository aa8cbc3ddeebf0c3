"""Run by the peer's Python: read a .spacy file, describe it as JSON, and write one of the peer's own.

python peer_docbin.py IN.spacy OUT.json OUT.spacy
"""

import json
import sys

import spacy
from spacy.tokens import Doc, DocBin, Span


def describe(doc):
    return {
        "text": doc.text,
        "tokens": [t.text_with_ws for t in doc],
        "tag": [t.tag_ for t in doc],
        "pos": [t.pos_ for t in doc],
        "lemma": [t.lemma_ for t in doc],
        "morph": [str(t.morph) for t in doc],
        "dep": [t.dep_ for t in doc],
        "head": [t.head.i for t in doc],
        "sent_start": [t.is_sent_start for t in doc],
        "ents": [[e.start, e.end, e.label_, e.kb_id_, e.id_] for e in doc.ents],
        "spans": {k: [[s.start, s.end, s.label_, s.kb_id_] for s in g] for k, g in doc.spans.items()},
        "cats": dict(doc.cats),
        "user": doc.user_data.get("origin"),
    }


def sample(vocab):
    words = ["The", "ferry", "to", "Skye", "did", "n't", "sail", ".", "Why", "?"]
    spaces = [True, True, True, True, False, True, False, True, False, False]
    doc = Doc(
        vocab,
        words=words,
        spaces=spaces,
        tags=["DT", "NN", "IN", "NNP", "VBD", "RB", "VB", ".", "WRB", "."],
        pos=["DET", "NOUN", "ADP", "PROPN", "AUX", "PART", "VERB", "PUNCT", "SCONJ", "PUNCT"],
        morphs=[
            "Definite=Def",
            "Number=Sing",
            "",
            "Number=Sing",
            "Tense=Past",
            "Polarity=Neg",
            "",
            "",
            "",
            "",
        ],
        lemmas=["the", "ferry", "to", "Skye", "do", "not", "sail", ".", "why", "?"],
        heads=[1, 6, 1, 2, 6, 6, 6, 6, 8, 8],
        deps=["det", "nsubj", "prep", "pobj", "aux", "neg", "ROOT", "punct", "ROOT", "punct"],
        ents=["O", "O", "O", "B-LOC", "O", "O", "O", "O", "O", "O"],
        user_data={"origin": "log book"},
    )
    doc.spans["sc"] = [Span(doc, 0, 4, label="PHRASE"), Span(doc, 3, 4, label="PLACE", kb_id="Q107393")]
    doc.cats = {"NEWS": 0.25, "LETTER": 0.75}
    return doc


def main(source, described, own):
    vocab = spacy.blank("xx").vocab
    docs = list(DocBin().from_disk(source).get_docs(vocab))
    json.dump([describe(doc) for doc in docs], open(described, "w", encoding="utf8"))
    DocBin(docs=[sample(vocab), Doc(vocab)], store_user_data=True).to_disk(own)


if __name__ == "__main__":
    main(*sys.argv[1:4])
