"""Run by either Python: what a pipeline with vectors says of a sentence.

python measure_vectors.py spacy|spanwright FOLDER OUT.json
"""

import importlib
import json
import sys
import warnings
from pathlib import Path

import numpy

TEXT = "The sea and the ocean like TEA in unheardof Port"
QUANTITIES = ("vector", "has_vector", "similarity")


def main(library, folder, out):
    warnings.simplefilter("ignore")
    nlp = importlib.import_module(library).load(folder)
    doc = nlp(TEXT)
    span, token = doc[1:5], doc[1]
    parts = [doc, span, *doc, nlp.vocab["sea"]]
    found = {
        "vectors": [part.vector.tolist() for part in parts],
        "norms": [float(part.vector_norm) for part in parts],
        "has": [bool(part.has_vector) for part in parts],
        "rows": [(part.is_oov, part.rank) for part in doc],
        "alike": [float(one.similarity(other)) for one in parts for other in (doc, span, token)],
    }
    vectors = nlp.vocab.vectors
    if vectors.mode == "default":
        keys, _, scores = vectors.most_similar(numpy.asarray([token.vector, doc[3].vector]), n=3)
        found["most"] = [[nlp.vocab.strings[int(key)] for key in row] for row in keys]
        found["scores"] = numpy.asarray(scores).tolist()
    for number, hooks in enumerate((doc.user_hooks, doc.user_span_hooks, doc.user_token_hooks), 1):
        hooks["vector"] = lambda part, number=number: numpy.full((3,), number, dtype="f")
        hooks["has_vector"] = lambda part: False
        hooks["similarity"] = lambda one, other, number=number: number / 8
    found["hooks"] = [
        (part.vector.tolist(), bool(part.has_vector), float(part.similarity(token))) for part in (doc, span, token)
    ]
    with Path(out).open("w", encoding="utf8") as file:
        json.dump(found, file)


if __name__ == "__main__":
    main(*sys.argv[1:])
