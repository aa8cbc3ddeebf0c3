"""Run by the peer's Python: parse texts with a pipeline folder, write what it says and how sure it was.

    python peer_parse.py PIPELINE TEXTS.jsonl OUT.jsonl [--margins]

A first line describes the pipeline. Then a line a text: tokens, heads, labels, sentence starts, entities. With
`--margins` also the two best valid scores' smallest distance over all steps of the text, by component; that takes much
longer, so it is asked for the few texts in which something differs.
"""

import json
import sys
from pathlib import Path

import numpy
import spacy

KEEP = {"tok2vec", "transformer", "parser", "ner", "beam_parser", "beam_ner"}


def margins(pipe, docs):
    """The smallest distance, over a Doc's steps, of the best from the second best score of a valid action."""
    moves = pipe.moves
    names = [moves.get_class_name(i) for i in range(moves.n_moves)]
    model = pipe.model.predict(docs)
    smallest = [float("inf")] * len(docs)
    left = [(i, state) for i, state in enumerate(moves.init_batch(docs)) if not state.is_final()]
    while left:
        states = [state for _, state in left]
        scores = numpy.ascontiguousarray(model.predict(states))
        order = numpy.argsort(-scores, axis=1)
        for row, (i, state) in enumerate(left):
            best = []
            for move in order[row]:
                if moves.is_valid(state, names[move]):
                    best.append(scores[row, move])
                    if len(best) == 2:
                        smallest[i] = min(smallest[i], float(best[0] - best[1]))
                        break
        pipe.transition_states(states, scores)
        left = [(i, state) for i, state in left if not state.is_final()]
    return [min(one, 1e9) for one in smallest]


def main(pipeline, texts_path, out, *options):
    names = spacy.util.load_config(f"{pipeline}/config.cfg")["nlp"]["pipeline"]
    nlp = spacy.load(pipeline, exclude=[name for name in names if name not in KEEP])
    texts = [json.loads(line)["text"] for line in Path(texts_path).read_text(encoding="utf8").splitlines()]
    docs = list(nlp.pipe(texts))
    deciders = [name for name in nlp.pipe_names if name.removeprefix("beam_") in ("parser", "ner")]
    gaps = {}
    for name in deciders if "--margins" in options else ():
        # What is set already binds a component: sentences bind entities, for instance.
        with nlp.select_pipes(disable=deciders[deciders.index(name) :]):
            fresh = list(nlp.pipe(texts))
        gaps[name] = margins(nlp.get_pipe(name), fresh)
    with Path(out).open("w", encoding="utf8") as file:
        print(json.dumps({"pipe_names": nlp.pipe_names, "spacy": spacy.__version__}), file=file)
        for i, doc in enumerate(docs):
            row = {
                "tokens": [t.text_with_ws for t in doc],
                "heads": [t.head.i for t in doc],
                "deps": [t.dep_ for t in doc],
                "sent_start": [t.is_sent_start for t in doc],
                "ents": [[e.start, e.end, e.label_] for e in doc.ents],
                "ent_iob": [t.ent_iob for t in doc],
                "margins": {name: gaps[name][i] for name in gaps},
            }
            print(json.dumps(row), file=file)


if __name__ == "__main__":
    main(*sys.argv[1:5])
