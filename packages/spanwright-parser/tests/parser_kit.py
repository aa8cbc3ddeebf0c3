"""Small networks, pipelines and Examples for the tests of the components."""

from __future__ import annotations

from typing import Any

import spanwright
from spanwright.tokens import Example

CNN = {
    "@architectures": "spacy.HashEmbedCNN.v2", "width": 8, "depth": 1, "embed_size": 60, "window_size": 1,
    "maxout_pieces": 2, "subword_features": True, "pretrained_vectors": None,
}  # fmt: skip
LISTENER = {"@architectures": "spacy.Tok2VecListener.v1", "width": 8, "upstream": "*"}

SENTENCES: list[tuple[list[str], list[int], list[str], list[str]]] = [
    (
        "Ada Lovelace lived in London .".split(),
        [1, 2, 2, 2, 3, 2],
        "compound nsubj ROOT prep pobj punct".split(),
        ["B-PER", "L-PER", "O", "O", "U-LOC", "O"],
    ),
    (
        "She met Babbage there .".split(),
        [1, 1, 1, 1, 1],
        "nsubj ROOT dobj advmod punct".split(),
        ["O", "O", "U-PER", "O", "O"],
    ),
    # not projective: "that" hangs on "like", over "I"
    (
        "That I really like .".split(),
        [3, 3, 3, 3, 3],
        "dobj nsubj advmod ROOT punct".split(),
        ["O", "O", "O", "O", "O"],
    ),
    (
        "A hearing is scheduled on the issue today .".split(),
        [1, 3, 3, 3, 1, 6, 4, 3, 3],
        "det nsubjpass auxpass ROOT prep det pobj npadvmod punct".split(),
        ["O"] * 9,
    ),
]


def network(kind: str, version: str = "v2", tok2vec: Any = None, **settings: Any) -> dict[str, Any]:
    """A block of a config: a small transition-based network."""
    block = {
        "@architectures": f"spacy.TransitionBasedParser.{version}", "tok2vec": tok2vec or CNN, "state_type": kind,
        "extra_state_tokens": False, "hidden_width": 12, "maxout_pieces": 2,
    }  # fmt: skip
    return {**block, **({"use_upper": True} if version == "v2" else {}), **settings}


def examples(nlp: Any) -> list[Example]:
    """Gold trees and entities."""
    return [
        Example.from_dict(
            nlp.make_doc(" ".join(words)), {"words": words, "heads": heads, "deps": deps, "entities": ents}
        )
        for words, heads, deps, ents in SENTENCES
    ]


def pipeline(
    *factories: str, version: str = "v2", shared: bool = False, config: dict[str, Any] | None = None, **settings: Any
) -> Any:
    """A pipeline of transition-based components, not initialized. `settings` are the network's."""
    nlp = spanwright.blank("xx")
    if shared:
        nlp.add_pipe("tok2vec", config={"model": CNN})
    for factory in factories:
        kind = factory.removeprefix("beam_")
        block = network(kind, version, LISTENER if shared else CNN, **settings)
        own = {"min_action_freq": 1} if kind == "parser" else {}
        nlp.add_pipe(factory, config={"model": block, **own, **(config or {})})
    return nlp


def trained(*factories: str, steps: int = 30, **settings: Any) -> Any:
    """A pipeline that has learned the Examples."""
    from thinc.api import Adam, fix_random_seed

    fix_random_seed(0)
    nlp = pipeline(*factories, **settings)
    nlp.initialize(lambda: examples(nlp))
    optimizer = Adam(0.01)
    for _ in range(steps):
        nlp.update(examples(nlp), sgd=optimizer)
    return nlp


def annotation(doc: Any) -> Any:
    """What transition-based components set."""
    return (
        [(token.head.i, token.dep_, token.is_sent_start) for token in doc],
        [(ent.start, ent.end, ent.label_) for ent in doc.ents],
    )
