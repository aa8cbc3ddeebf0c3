"""Match generated patterns in generated Docs with the library that is named, and write down what it finds.

    python match_worker.py LIBRARY CASES.json OUT.json

Runs in the environment of either library, so it uses only what both have. Each case is a Doc and the patterns of some
keys for one of the matchers; what is found is written as lists in the order of the matcher.
"""

import importlib
import json
import sys
from pathlib import Path


def make_doc(library, vocab, spec):
    return importlib.import_module(f"{library}.tokens").Doc(vocab, **spec)


def run(library, vocab, case):
    matcher_module = importlib.import_module(f"{library}.matcher")
    doc = make_doc(library, vocab, case["doc"])
    kind = case["kind"]
    if kind == "phrase":
        matcher = matcher_module.PhraseMatcher(vocab, attr=case["attr"])
        for key, phrases in case["patterns"]:
            matcher.add(key, [make_doc(library, vocab, phrase) for phrase in phrases])
    else:
        matcher = getattr(matcher_module, {"token": "Matcher", "dependency": "DependencyMatcher"}[kind])(vocab)
        for key, patterns, settings in case["patterns"]:
            matcher.add(key, patterns, **settings)
    target = doc if case.get("span") is None else doc[case["span"][0] : case["span"][1]]
    found = [[vocab.strings[key], *rest] for key, *rest in matcher(target, **case.get("call", {}))]
    if kind == "token" and case.get("aligned"):
        found = [found, [list(match[3]) for match in matcher(target, with_alignments=True)]]
    # The peer gives up on the edges of trees in which arcs cross very often.
    edges = [[token.left_edge.i, token.right_edge.i] for token in doc] if kind == "dependency" else []
    return [edges, found]


def main(library, cases_path, out):
    vocab = importlib.import_module(library).blank("xx").vocab
    cases = json.loads(Path(cases_path).read_text(encoding="utf8"))
    found = []
    for case in cases:
        try:
            found.append(run(library, vocab, case))
        except Exception as error:
            found.append(f"{type(error).__name__}: {error}"[:200])
    Path(out).write_text(json.dumps(found), encoding="utf8")


if __name__ == "__main__":
    main(*sys.argv[1:4])
