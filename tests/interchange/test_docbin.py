"""`.spacy` files go both ways, every layer of annotation included."""

from __future__ import annotations

import importlib.util
import json
import sys
from pathlib import Path

from spanwright.tokens import Doc, DocBin, Span
from spanwright.vocab import Vocab

sys.path.insert(0, str(Path(__file__).parent))


def describe(doc: Doc) -> dict:
    """Every layer in the terms of peer_docbin.py, whose `describe` cannot be imported without spaCy."""
    return {
        "text": doc.text,
        "tokens": [token.text_with_ws for token in doc],
        "tag": [token.tag_ for token in doc],
        "pos": [token.pos_ for token in doc],
        "lemma": [token.lemma_ for token in doc],
        "morph": [str(token.morph) for token in doc],
        "dep": [token.dep_ for token in doc],
        "head": [token.head.i for token in doc],
        "sent_start": [token.is_sent_start for token in doc],
        "ents": [[ent.start, ent.end, ent.label_, ent.kb_id_, ent.id_] for ent in doc.ents],
        "spans": {key: [[s.start, s.end, s.label_, s.kb_id_] for s in group] for key, group in doc.spans.items()},
        "cats": dict(doc.cats),
        "user": doc.user_data.get("origin"),
    }


def sample(vocab: Vocab) -> Doc:
    """A Doc with something in every layer."""
    doc = Doc(
        vocab,
        words=["Marta", "mends", "nets", ",", "slowly", "."],
        spaces=[True, True, False, True, False, False],
        tags=["NNP", "VBZ", "NNS", ",", "RB", "."],
        pos=["PROPN", "VERB", "NOUN", "PUNCT", "ADV", "PUNCT"],
        morphs=["Number=Sing", "Number=Sing|Person=3", "Number=Plur", "", "", ""],
        lemmas=["Marta", "mend", "net", ",", "slowly", "."],
        heads=[1, 1, 1, 1, 1, 1],
        deps=["nsubj", "ROOT", "obj", "punct", "advmod", "punct"],
        ents=["B-PERSON", "O", "O", "O", "O", "O"],
        user_data={"origin": "harbour"},
    )
    doc.spans["sc"] = [Span(doc, 1, 3, label="ACT"), Span(doc, 0, 1, label="WHO", kb_id="Q1")]
    doc.cats = {"PLAIN": 1.0, "ODD": 0.0}
    return doc


def test_spacy_files_go_both_ways(run_peer, tmp_path):
    vocab = Vocab()
    docs = [sample(vocab), Doc(vocab)]
    DocBin(docs=docs, store_user_data=True).to_disk(tmp_path / "ours.spacy")
    run_peer("peer_docbin.py", tmp_path / "ours.spacy", tmp_path / "seen.json", tmp_path / "theirs.spacy")
    assert json.loads((tmp_path / "seen.json").read_text(encoding="utf8")) == [describe(doc) for doc in docs]
    read = list(DocBin().from_disk(tmp_path / "theirs.spacy").get_docs(Vocab()))
    assert [len(doc) for doc in read] == [10, 0]
    seen = describe(read[0])
    assert seen["ents"] == [[3, 4, "LOC", "", ""]]
    assert seen["spans"] == {"sc": [[0, 4, "PHRASE", ""], [3, 4, "PLACE", "Q107393"]]}
    assert seen["head"] == [1, 6, 1, 2, 6, 6, 6, 6, 8, 8]
    assert seen["morph"][4] == "Tense=Past"
    assert seen["cats"] == {"NEWS": 0.25, "LETTER": 0.75}
    assert seen["user"] == "log book"
    assert importlib.util.find_spec("spacy") is None, "the peer belongs in its own environment"
