"""Run by the peer's Python: align and score random annotation.

python peer_scores.py SEED N OUT.json
"""

import json
import sys

import gold_examples
import spacy
from spacy.scorer import Scorer
from spacy.tokens import Doc, Span
from spacy.training import Example, biluo_tags_to_spans


def main(seed, n, out):
    vocab = spacy.blank("en").vocab
    specs = gold_examples.specs(int(seed), int(n))
    examples = [
        Example(
            *(
                gold_examples.make_doc(spec[side], vocab, Doc, Span, biluo_tags_to_spans)
                for side in ("predicted", "gold")
            )
        )
        for spec in specs
    ]
    result = {
        "specs": specs,
        "aligned": [gold_examples.aligned(example) for example in examples],
        "scores": gold_examples.scores(examples, lambda name: spacy.registry.get("scorers", name), Scorer),
    }
    json.dump(result, open(out, "w", encoding="utf8"), ensure_ascii=False)


if __name__ == "__main__":
    main(*sys.argv[1:4])
