"""Run by the peer's Python: files of tagged tokens, or of spans in JSON lines, become a DocBin.

python peer_convert.py SOURCE TARGET.spacy

Tokens: a Doc a document where -DOCSTART- divides them, else a Doc a sentence; IOB1 and IOB2 are both read.
"""

import json
import sys
from pathlib import Path

import spacy
from spacy.tokens import Doc, DocBin


def sentences(source):
    """Lists of (word, tag); None where a document begins."""
    sentence = []
    for line in [*source.read_text(encoding="utf8").splitlines(), ""]:
        if line.startswith("-DOCSTART-"):
            yield None
        elif line.strip():
            sentence.append(line.split("\t") if "\t" in line else line.split(" "))
        elif sentence:
            yield sentence
            sentence = []


def iob2(sentence):
    """Tags in which each entity begins with B-."""
    before = "O"
    for _, tag in sentence:
        begins = tag[:1] == "I" and before[1:] != tag[1:]
        yield f"B{tag[1:]}" if begins else tag
        before = tag


def tagged(nlp, source):
    documents, divided = [], False
    for sentence in sentences(source):
        if sentence is None:
            divided = True
            documents.append([])
        elif divided:
            documents[-1].append(sentence)
        else:
            documents.append([sentence])
    for document in filter(None, documents):
        yield Doc(
            nlp.vocab,
            words=[word for sentence in document for word, _ in sentence],
            sent_starts=[i == 0 for sentence in document for i in range(len(sentence))],
            ents=[tag for sentence in document for tag in iob2(sentence)],
        )


def spans(nlp, source):
    for line in source.read_text(encoding="utf8").splitlines():
        row = json.loads(line)
        doc = nlp.make_doc(row["text"])
        found = [doc.char_span(span["start"], span["end"], label=span["label"]) for span in row.get("spans", [])]
        doc.set_ents(found, default="outside")
        yield doc


def main(source, target):
    read = spans if source.suffix == ".jsonl" else tagged
    DocBin(docs=read(spacy.blank("en"), source)).to_disk(target)


if __name__ == "__main__":
    main(*map(Path, sys.argv[1:3]))
