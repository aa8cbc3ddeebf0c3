"""Build pipelines of rules with the library that is named, save them, and say what saved pipelines do.

    python whole_rulers_worker.py LIBRARY build FOLDER
    python whole_rulers_worker.py LIBRARY annotate FOLDER OUT.json

Runs in the environment of either library, so it uses only what both have. FOLDER gets a folder for each of PIPELINES.
"""

import importlib
import json
import sys
import warnings
from pathlib import Path

TEXTS = [
    "Captain Ida Moss sailed the Grey Heron to Port Larn. She didn't stop at Larn Ferry!",
    "PORT LARN and port larn are one; 24 boats, 1,200 crates and heron-feathers went by Larn Ferry.",
    "The gray herons saw Idas Moss. Grey Heron Grey Heron Lines paid him $5 on 3 May.",
    "",
    "Larn",
    "Superfragmentation of lightshipkeepers   is\nrare\u2026 isn't it? Yes. No; perhaps!",
]
PATTERNS = [
    {"label": "PLACE", "pattern": "Port Larn", "id": "larn"},
    {"label": "PLACE", "pattern": [{"LOWER": "larn"}, {"LOWER": "ferry", "OP": "?"}], "id": "larn"},
    {"label": "SHIP", "pattern": [{"LOWER": {"IN": ["grey", "gray"]}}, {"LOWER": {"REGEX": "^herons?$"}}]},
    {"label": "FIRM", "pattern": [{"IS_TITLE": True, "OP": "+"}, {"ORTH": "Lines"}]},
    {"label": "WHO", "pattern": [{"LOWER": {"FUZZY1": "ida"}}, {"ORTH": "Moss"}], "id": "ida"},
    {"label": "COUNT", "pattern": [{"LIKE_NUM": True}, {"IS_ALPHA": True, "LENGTH": {">": 3}}]},
    {"label": "LINES", "pattern": "Grey Heron Lines"},
]
RULES = [
    {"patterns": [[{"ORTH": "Heron"}], [{"LOWER": "boats"}]], "attrs": {"POS": "NOUN", "MORPH": "Number=Sing"}},
    {"patterns": [[{"LOWER": "port"}, {"LOWER": "larn"}]], "attrs": {"LEMMA": "Larn", "TAG": "NNP"}, "index": -1},
    {"patterns": [[{"IS_PUNCT": True}]], "attrs": {"POS": "PUNCT", "TAG": ".", "DEP": "punct"}},
    {"patterns": [[{"LIKE_NUM": True, "OP": "+"}]], "attrs": {"POS": "NUM", "LEMMA": "0"}},
    {"patterns": [[{"POS": "PUNCT"}]], "attrs": {"POS": "SYM"}},
]
LOOKUP = {"herons": "heron", "boats": "boat", "went": "go", "saw": "see", "is": "be", "paid": "pay"}
# Name of a pipeline -> its components, each with its factory and settings.
PIPELINES = {
    "entity_ruler": [("entity_ruler", {})],
    "by_lower_case": [
        ("entity_ruler", {"phrase_matcher_attr": "LOWER", "validate": True, "ent_id_sep": "##"}),
        ("merge_entities", {}),
    ],
    "overwriting": [
        ("span_ruler", {"spans_key": None, "annotate_ents": True}),
        ("entity_ruler", {"overwrite_ents": True}),
    ],
    "future_entity_ruler": [("future_entity_ruler", {"phrase_matcher_attr": "LOWER"})],
    "span_ruler": [("span_ruler", {"spans_key": "found", "overwrite": False, "validate": True})],
    "filtered": [
        (
            "span_ruler",
            {
                "annotate_ents": True,
                "spans_filter": {"@misc": "spacy.first_longest_spans_filter.v1"},
                "ents_filter": {"@misc": "spacy.prioritize_existing_ents_filter.v1"},
                "matcher_fuzzy_compare": {"@misc": "spacy.levenshtein_compare.v1"},
            },
        )
    ],
    "attributes": [("attribute_ruler", {"validate": True}), ("sentencizer", {"punct_chars": ["!", ";"]})],
    "lookup": [("lemmatizer", {"mode": "lookup", "overwrite": True}), ("sentencizer", {})],
    "split": [
        ("token_splitter", {"min_length": 12, "split_length": 5}),
        ("doc_cleaner", {"attrs": {"tensor": None, "_.note": None}, "silent": True}),
    ],
}


def build(library, folder):
    Path(folder).mkdir(exist_ok=True)
    lookups = importlib.import_module(f"{library}.lookups").Lookups()
    lookups.add_table("lemma_lookup", LOOKUP)
    for name, components in PIPELINES.items():
        nlp = importlib.import_module(library).blank("en")
        for factory, settings in components:
            pipe = nlp.add_pipe(factory, config=settings)
            if factory.endswith("_ruler"):
                pipe.add_patterns(RULES if factory == "attribute_ruler" else PATTERNS)
            if factory == "lemmatizer":
                pipe.initialize(lookups=lookups)
        nlp.to_disk(Path(folder) / name)


def observe(doc):
    return {
        "tokens": [t.text_with_ws for t in doc],
        "tag": [t.tag_ for t in doc],
        "pos": [t.pos_ for t in doc],
        "morph": [str(t.morph) for t in doc],
        "lemma": [t.lemma_ for t in doc],
        "dep": [t.dep_ for t in doc],
        "sent_start": [t.is_sent_start for t in doc],
        "ents": [[e.start, e.end, e.label_, e.id_, e.kb_id_] for e in doc.ents],
        "spans": {key: [[s.start, s.end, s.label_, s.id_] for s in group] for key, group in doc.spans.items()},
        "ids": [t.ent_id_ for t in doc],
    }


def annotate(library, folder, out):
    load = importlib.import_module(library).load
    found = {}
    for name in PIPELINES:
        nlp = load(Path(folder) / name)
        streamed = [observe(doc) for doc in nlp.pipe(TEXTS)]
        assert [observe(nlp(text)) for text in TEXTS] == streamed
        rules = [getattr(pipe, "patterns", None) for _, pipe in nlp.pipeline]
        labels = [sorted(getattr(pipe, "labels", ())) for _, pipe in nlp.pipeline]
        found[name] = {"pipe_names": nlp.pipe_names, "texts": streamed, "rules": rules, "labels": labels}
    Path(out).write_text(json.dumps(found), encoding="utf8")


if __name__ == "__main__":
    warnings.simplefilter("ignore")
    library, task, *rest = sys.argv[1:]
    {"build": build, "annotate": annotate}[task](library, *rest)
