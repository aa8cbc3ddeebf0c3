"""Run by either Python: what is drawn of Docs, as plain data.

python measure_pictures.py spacy|spanwright DOCS.spacy OUT.json
"""

import importlib
import json
import sys
import warnings
from pathlib import Path

OPTIONS = ({}, {"collapse_punct": False}, {"fine_grained": True, "add_lemma": True})


def main(library, docs, out):
    warnings.simplefilter("ignore")
    nlp = importlib.import_module(library).blank("en")
    displacy = importlib.import_module(f"{library}.displacy")
    found = []
    for doc in importlib.import_module(f"{library}.tokens").DocBin().from_disk(docs).get_docs(nlp.vocab):
        found += [{"of": "deps", **displacy.parse_deps(doc, options)} for options in OPTIONS]
        doc.spans["sc"] = list(doc.ents)
        found += [
            displacy.parse_ents(doc, {"kb_url_template": "https://example.org/{}"}),
            displacy.parse_spans(doc),
        ]
    with Path(out).open("w", encoding="utf8") as file:
        json.dump(found, file)


if __name__ == "__main__":
    main(*sys.argv[1:])
