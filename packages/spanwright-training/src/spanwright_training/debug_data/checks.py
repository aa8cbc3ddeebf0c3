"""What the figures mean for each component: labels that are missing or rare, annotation that is missing or odd."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from .figures import Figures
from .findings import Findings, listed, share

# Fewer examples of a label than these are too few to learn it from.
FEW_ENTITIES = 50
FEW_RELATIONS = 20
FEW_TOKENS = 5
NORMAL_MORPH_LABELS = 2


@dataclass
class Context:
    """What a check looks at: the component `name`, and both corpora."""

    name: str
    component: Any
    train: Figures
    dev: Figures
    out: Findings

    def labels_of_component(self) -> set[str]:
        return {str(label) for label in getattr(self.component, "labels", ())}


def check_component(factory: str, context: Context) -> None:
    """The check for components of a factory; none for one that is not known."""
    check = CHECKS.get(factory)
    if check is not None:
        context.out.begin(f"{context.name}" if context.name == factory else f"{context.name} ({factory})")
        check(context)


def compare_labels(context: Context, train: Mapping[str, int], dev: Mapping[str, int], what: str, few: int) -> None:
    """Labels: how many, which are rare, and which only one corpus has."""
    out = context.out
    out.info(f"{len(train):,} {what} in the training data")
    out.detail(f"{what}: {listed(train, most=None)}")
    rare = {label: number for label, number in train.items() if number < few}
    if rare:
        out.warn(f"{len(rare)} {what} with fewer than {few} examples: {listed(rare)}. They will hardly be learnt.")
    else:
        out.good(f"Each of the {what} has at least {few} examples")
    only_dev = set(dev) - set(train)
    if only_dev:
        lost = sum(dev[label] for label in only_dev)
        out.warn(
            f"{len(only_dev)} {what} are in the dev data only: {listed({label: dev[label] for label in only_dev})}. "
            f"They cannot be predicted, which costs {share(lost, sum(dev.values()))} of the dev examples."
        )
    only_train = set(train) - set(dev)
    if only_train:
        out.detail(f"{len(only_train)} {what} are in the training data only: {listed(only_train)}")


def _require(context: Context, attribute: str, what: str) -> bool:
    """Whether the corpora have annotation of an attribute; note where it is missing."""
    out, train, dev = context.out, context.train, context.dev
    if not train.docs_with[attribute]:
        out.fail(f"The training data has no {what}, which '{context.name}' learns from. Convert it with them, or leave "
                 f"'{context.name}' out of the pipeline.")  # fmt: skip
        return False
    for corpus, name in ((train, "training"), (dev, "dev")):
        without = corpus.docs - corpus.docs_with[attribute]
        if without:
            out.warn(f"{without:,} of {corpus.docs:,} Docs of the {name} data have no {what}.")
        if corpus.missing[attribute]:
            out.warn(f"{corpus.missing[attribute]:,} tokens of the {name} data have no {what}.")
    return True


def check_labels_of_model(context: Context, known: Mapping[str, int]) -> None:
    missing = context.labels_of_component() - set(known)
    if missing:
        context.out.warn(
            f"{len(missing)} labels of the component are not in the training data: {listed(missing)}. "
            "It may forget them."
        )


def _tagger(context: Context) -> None:
    if not _require(context, "TAG", "tags"):
        return
    tags = context.train.labels["TAG"]
    compare_labels(context, tags, context.dev.labels["TAG"], "tags", FEW_TOKENS)
    check_labels_of_model(context, tags)
    if len(tags) > 1:
        shares = np.array(list(tags.values())) / sum(tags.values())
        entropy = float(-(shares * np.log2(shares)).sum() / np.log2(len(tags)))
        context.out.info(f"Evenness of the tags (normalised entropy): {entropy:.2f}")
    else:
        context.out.fail(f"There is a single tag, {listed(tags)}: there is nothing to learn.")
    if context.train.tagged_white_space:
        context.out.info(f"{context.train.tagged_white_space:,} white space tokens are tagged")


def _morphologizer(context: Context) -> None:
    train, dev = context.train, context.dev
    if not train.docs_with["POS"] and not train.docs_with["MORPH"]:
        context.out.fail("The training data has neither parts of speech (POS) nor features (MORPH) to learn from.")
        return
    if train.docs_with["POS"]:
        _require(context, "POS", "parts of speech")
        compare_labels(context, train.labels["POS"], dev.labels["POS"], "parts of speech", FEW_TOKENS)
    if train.docs_with["MORPH"]:
        compare_labels(context, train.labels["MORPH"], dev.labels["MORPH"], "sets of features", FEW_TOKENS)
    else:
        context.out.info("No features (MORPH): only parts of speech will be learnt.")


def _sentences(context: Context) -> None:
    train, out = context.train, context.out
    if not _require(context, "SENT_START", "sentence starts"):
        return
    out.info(f"{train.sentences:,} sentences, of {train.tokens / max(1, train.sentences):.1f} tokens on average")
    if train.single_sentence_docs > 0.9 * train.docs:
        out.warn(
            f"{share(train.single_sentence_docs, train.docs)} of the training Docs are single sentences: where a "
            "sentence ends within a text cannot be learnt from them. Group them: spanwright convert --n-sents 10"
        )
    else:
        out.good("Docs have several sentences")


def _parser(context: Context) -> None:
    train, dev, out = context.train, context.dev, context.out
    if not _require(context, "DEP", "dependency relations"):
        return
    _sentences(context)
    compare_labels(context, train.labels["DEP"], dev.labels["DEP"], "relations", FEW_RELATIONS)
    for corpus, name in ((train, "training"), (dev, "dev")):
        if corpus.nonprojective:
            out.info(f"{corpus.nonprojective:,} sentences of the {name} data are non-projective")
    if len(train.roots) > 1:
        out.warn(f"Roots have several relations: {listed(train.roots)}. Only ROOT will be predicted for them.")


def _lemmatizer(context: Context) -> None:
    if not _require(context, "LEMMA", "lemmas"):
        return
    lemmas = context.train.labels["LEMMA"]
    context.out.info(f"{len(lemmas):,} different lemmas in the training data")
    if len(lemmas) < 2:
        context.out.fail("There is a single lemma: there is nothing to learn.")


def _entities(context: Context) -> None:
    train, dev, out = context.train, context.dev, context.out
    if not _require(context, "ENT_IOB", "entity annotation"):
        return
    if not train.ents:
        out.fail("The training data has no entities.")
        return
    compare_labels(context, train.ents, dev.ents, "entity labels", FEW_ENTITIES)
    check_labels_of_model(context, train.ents)
    if "" in train.ents:
        out.fail(f"{train.ents['']:,} entities have an empty label.")
    if train.ents_missing:
        out.info(f"{train.ents_missing:,} tokens are neither in nor out of an entity (missing values)")
    everywhere = [label for label, docs in train.docs_with_ent.items() if docs == train.docs]
    if everywhere and train.docs > 1:
        out.warn(f"Every training Doc has {listed(everywhere)}: add texts without, or it will be seen everywhere.")
    else:
        out.good("There are Docs without, for each label")
    if train.white_space_ents:
        out.fail(f"{train.white_space_ents:,} entities begin or end with white space, which no entity can. Trim them.")
    else:
        out.good("No entity begins or ends with white space")
    if train.crossing_ents:
        out.warn(f"{train.crossing_ents:,} entities go beyond the end of a sentence.")
    else:
        out.good("No entity goes beyond the end of a sentence")


def _spans(context: Context) -> None:
    train, dev, out = context.train, context.dev, context.out
    key = str(getattr(context.component, "key", None) or context.component.cfg.get("spans_key", "sc"))
    if not train.spans.get(key):
        there = f" There are the keys {listed(list(train.spans))}." if train.spans else ""
        out.fail(f"The training data has no spans under the key '{key}'.{there} Set spans_key, or doc.spans['{key}'].")
        return
    compare_labels(context, train.spans[key], dev.spans.get(key, Counter()), "span labels", FEW_ENTITIES)
    lengths = train.span_lengths[key]
    total, running = sum(lengths.values()), 0
    out.detail(f"Lengths of spans: {listed({f'{n} tokens': lengths[n] for n in sorted(lengths)}, most=None)}")
    for size in range(1, max(lengths) + 1):
        running += lengths[size]
        if running >= 0.9 * total:
            out.info(f"{share(running, total)} of the spans have up to {size} tokens, the longest has {max(lengths)}")
            break
    _check_suggester(context, key)


def _check_suggester(context: Context, key: str) -> None:
    sizes = getattr(getattr(context.component, "suggester", None), "keywords", {}).get("sizes")
    if not sizes:
        return
    lengths = context.train.span_lengths[key]
    inside, total = sum(lengths[size] for size in sizes), sum(lengths.values())
    report = context.out.good if inside >= 0.9 * total else context.out.warn
    report(
        f"The suggester's sizes {list(sizes)} reach {share(inside, total)} of the gold spans; the rest can't be found"
    )


def _categories(exclusive: bool) -> Callable[[Context], None]:
    def check(context: Context) -> None:
        train, dev, out = context.train, context.dev, context.out
        if not train.cats:
            out.fail("The training data has no categories (doc.cats).")
            return
        compare_labels(context, train.cats_true, dev.cats_true, "categories", FEW_ENTITIES)
        check_labels_of_model(context, train.cats)
        never = set(train.cats) - set(train.cats_true)
        if never:
            out.warn(f"{len(never)} categories are never true: {listed(never)}.")
        if set(train.cats) != set(dev.cats):
            out.warn(f"The corpora name other categories: {listed(set(train.cats) ^ set(dev.cats))} in one only.")
        bad = train.cats_bad + dev.cats_bad
        if bad:
            out.fail(f"{bad:,} values of categories are neither 0 nor 1.")
        without = train.docs - train.docs_with_cats
        if without:
            out.warn(f"{without:,} of {train.docs:,} Docs of the training data have no categories.")
        _check_number(context, exclusive)

    return check


def _check_number(context: Context, exclusive: bool) -> None:
    train, dev, out = context.train, context.dev, context.out
    several = train.docs_with_several_cats + dev.docs_with_several_cats
    if exclusive and len(train.cats) < 2:
        out.fail("There is a single category. Exclusive categories are two or more, such as SPORT and OTHER.")
    if exclusive and several:
        out.fail(f"{several:,} Docs have several categories. Use textcat_multilabel for these, not textcat.")
    if exclusive and train.docs_with_no_cat:
        out.warn(f"{train.docs_with_no_cat:,} training Docs have no category that is true.")
    if not exclusive and not train.docs_with_several_cats and not train.docs_with_no_cat:
        out.warn(
            "Each training Doc has exactly one category: textcat, whose categories exclude each other, may do better."
        )


CHECKS: dict[str, Callable[[Context], None]] = {
    "tagger": _tagger,
    "morphologizer": _morphologizer,
    "senter": _sentences,
    "parser": _parser,
    "trainable_lemmatizer": _lemmatizer,
    "ner": _entities,
    "beam_ner": _entities,
    "beam_parser": _parser,
    "spancat": _spans,
    "spancat_singlelabel": _spans,
    "span_finder": _spans,
    "textcat": _categories(exclusive=True),
    "textcat_multilabel": _categories(exclusive=False),
}
