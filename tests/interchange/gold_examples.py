"""Random gold and predicted annotation, and what is asked of it. Ours and the peer run it, so it imports neither."""

import random

WORDS = ["a", "B", "ccc", "Dé", "x\u0130", "1", "--", "(", ")", "Ω", "日本", "it", "n't", " ", "\n", "  "]
LABELS = ["PER", "ORG", "GPL-1"]
CATS = ["c1", "c2", "c3"]
COLUMNS = {
    "tags": ["NN", "VB", ""],
    "pos": ["NOUN", "VERB", ""],
    "lemmas": ["l1", "l2", ""],
    "morphs": ["", "A=1|B=2", "A=2", "B=2|C=x"],
}
FIELDS = ["TAG", "POS", "MORPH", "LEMMA", "DEP", "ENT_IOB", "ENT_TYPE", "SENT_START"]
# Name of the scorer, and the settings of a component.
SCORERS = [
    ("attribute_ruler_scorer.v1", {}),
    ("entity_linker_scorer.v1", {}),
    ("entity_ruler_scorer.v1", {}),
    ("lemmatizer_scorer.v1", {}),
    ("morphologizer_scorer.v1", {}),
    ("ner_scorer.v1", {}),
    ("overlapping_labeled_spans_scorer.v1", {}),
    ("parser_scorer.v1", {}),
    ("senter_scorer.v1", {}),
    ("span_finder_scorer.v1", {"spans_key": "sc"}),
    ("spancat_scorer.v1", {"spans_key": "sc"}),
    ("tagger_scorer.v1", {}),
    ("textcat_multilabel_scorer.v2", {"labels": CATS}),
    ("textcat_multilabel_scorer.v2", {"labels": CATS, "threshold": 0.7}),
    ("textcat_scorer.v2", {"labels": CATS}),
    ("textcat_scorer.v2", {"labels": CATS, "threshold": 0.7}),
    ("textcat_scorer.v2", {"labels": ["c1", "c2"], "positive_label": "c1"}),
]


def retokenized(rng, words, spaces):
    """The same text with some words split and some joined."""
    pieces, after = [], []
    for word, space in zip(words, spaces, strict=True):
        joins = pieces and not after[-1] and pieces[-1].strip()
        if len(word) > 1 and word.strip() and rng.random() < 0.3:
            pieces += [word[:1], word[1:]]
            after += [False, space]
        elif joins and word.strip() and rng.random() < 0.4:
            pieces[-1] += word
            after[-1] = space
        else:
            pieces.append(word)
            after.append(space)
    return pieces, after


def annotation(rng, words, spaces):
    """Random annotation of these words; kinds may be missing."""
    n = len(words)
    result = {"words": words, "spaces": spaces, "kb": [rng.choice(["NIL", "Q1", "Q2", ""]) for _ in words]}
    order = rng.sample(range(n), n)
    heads = list(range(n))
    for i, token in enumerate(order[1:], start=1):
        heads[token] = order[rng.randrange(i)] if rng.random() < 0.85 else token
    if rng.random() < 0.7:
        result["heads"] = heads
        result["deps"] = [rng.choice(["ROOT", "nsubj", "punct", "P", ""]) for _ in words]
    elif rng.random() < 0.6:
        result["sent_starts"] = [rng.choice([1, -1, 0]) for _ in words]
    for name, values in COLUMNS.items():
        if rng.random() < 0.8:
            result[name] = [rng.choice(values) for _ in words]
    if rng.random() < 0.8:
        result["entities"] = entity_tags(rng, n)
    # The peer fails if only one side has labels that exclude each other, so some always are there.
    result["cats"] = {label: rng.random() for label in CATS if label == "c1" or rng.random() < 0.8}
    result["groups"] = {}
    for key in ("sc", "ruler"):
        bounds = [sorted(rng.sample(range(n + 1), 2)) for _ in range(rng.randrange(4))]
        if rng.random() < 0.7:
            result["groups"][key] = [[start, end, rng.choice(LABELS)] for start, end in bounds]
    return result


def entity_tags(rng, n):
    tags = []
    while len(tags) < n:
        draw, label, length = rng.random(), rng.choice(LABELS), min(rng.randint(1, 3), n - len(tags))
        if draw > 0.4:
            tags.append("O" if draw < 0.9 else "-")
        elif length == 1:
            tags.append(f"U-{label}")
        else:
            tags += [f"B-{label}", *[f"I-{label}"] * (length - 2), f"L-{label}"]
    return tags


def specs(seed, n):
    """Pairs of predicted and gold annotation over the same texts."""
    rng = random.Random(seed)
    result = []
    for _ in range(n):
        words = [rng.choice(WORDS) for _ in range(rng.randrange(1, 14))]
        spaces = [rng.random() < 0.5 for _ in words]
        gold = annotation(rng, words, spaces)
        gold["cats"] = {label: float(value > 0.5) for label, value in gold["cats"].items()}
        result.append({"predicted": annotation(rng, *retokenized(rng, words, spaces)), "gold": gold})
    return result


def make_doc(spec, vocab, doc_class, span_class, tags_to_spans):
    """A Doc with this annotation, made with ours or the peer's classes."""
    columns = {k: spec[k] for k in (*COLUMNS, "heads", "deps", "sent_starts") if k in spec}
    doc = doc_class(vocab, words=spec["words"], spaces=spec["spaces"], **columns)
    if "entities" in spec:
        spans = tags_to_spans(doc, spec["entities"])
        labelled = [span for span in spans if span.label]
        ents = [span_class(doc, s.start, s.end, label=s.label, kb_id=spec["kb"][s.start]) for s in labelled]
        doc.set_ents(ents, missing=[span for span in spans if not span.label])
    doc.cats.update(spec["cats"])
    for key, group in spec["groups"].items():
        doc.spans[key] = [span_class(doc, start, end, label=label) for start, end, label in group]
    return doc


def aligned(example):
    """Everything that an Example knows from its alignment."""

    def plain(spans):
        return [[span.start, span.end, span.label_] for span in spans]

    x, y = example.x, example.y
    result = {
        "x2y": [example.alignment.x2y[i].tolist() for i in range(len(x))],
        "y2x": [example.alignment.y2x[i].tolist() for i in range(len(y))],
        "parse": [list(part) for part in example.get_aligned_parse()],
        "raw parse": [list(part) for part in example.get_aligned_parse(projectivize=False)],
        "sentence starts": example.get_aligned_sent_starts(),
        "ner": example.get_aligned_ner(),
        "matching": [plain(example.get_matching_ents(check)) for check in (True, False)],
    }
    for field in FIELDS:
        result[field] = [example.get_aligned(field), example.get_aligned(field, as_string=True)]
    for overlap in (True, False):
        result[f"groups {overlap}"] = [
            {key: plain(example.get_aligned_spans_x2y(group, overlap)) for key, group in x.spans.items()},
            {key: plain(example.get_aligned_spans_y2x(group, overlap)) for key, group in y.spans.items()},
        ]
    return result


def scores(examples, get_scorer, scorer_class):
    """The results of all scorers for all Examples, and for small batches of them."""
    batches = [examples, *(examples[i : i + 5] for i in range(0, len(examples), 5))]
    return [
        {
            "scorers": [get_scorer(f"spacy.{name}")()(batch, **settings) for name, settings in SCORERS],
            "tokens": scorer_class.score_tokenization(batch),
            "ents": scorer_class.score_spans(batch, "ents"),
            "tag_": scorer_class.score_token_attr(batch, "tag_"),
            "dep_": scorer_class.score_deps(batch, "dep_", ignore_labels=["P"]),
        }
        for batch in batches
    ]
