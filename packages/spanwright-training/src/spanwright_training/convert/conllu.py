"""CoNLL-U, the format of Universal Dependencies, as Docs."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from spanwright.tokens import Doc, Span

from .blocks import groups, new_vocab
from .conllu_sentences import Range, Sentence, Word, read_sentences
from .problems import Problems

# Entities in MISC: a tag of BILU with its label, bare (B-PER) or behind a key (name=B-PER, NE=B-PER); O alone is none.
KEYS = ("name", "NE")
TAG = re.compile(r"(?P<prefix>[BILU])-(?P<label>[A-Z_]+)")


def conllu_to_docs(
    input_data: str,
    n_sents: int = 10,
    append_morphology: bool = False,
    ner_map: Mapping[str, str] | None = None,
    merge_subtokens: bool = False,
    no_print: bool = True,
    *,
    source: str = "CoNLL-U",
    vocab: Any = None,
    **_: Any,
) -> Iterator[Doc]:
    """Read CoNLL-U: words, lemmas, UPOS, XPOS, FEATS, the basic tree and, where MISC has them, entities.

    input_data: The text of the file.
    n_sents: Sentences in a Doc; 10 is usual. 0: a Doc for each `# newdoc`, or for each sentence where there is none.
    append_morphology: Put the features behind the tag: "NOUN__Number=Sing".
    ner_map: Label in the file -> label to use; "" drops the entity.
    merge_subtokens: Make one token of a range such as `3-4 du`, with its surface form. Its tag is made of those of its
        words, joined by _; lemmas are joined by blanks and features united. The word highest in the tree gives part
        of speech, head and relation. Otherwise the words are the tokens, with no blank between.
    no_print: Accepted and not used: nothing is printed.
    source: What to call the text in errors.
    vocab: Vocabulary of the Docs; by default a new one.

    The tag of a word without XPOS is its UPOS. A word without HEAD is a root, but a sentence that has no HEAD at all
    gets no tree, only its start. Empty nodes are left out.

    Raises ConversionError (a ValueError), which names each faulty line: a wrong number of columns, ids out of order, a
    head that is no number or not there, a cycle of heads, features without "=".
    """
    problems = Problems(source)
    sentences = list(read_sentences(input_data, problems))
    problems.check()
    with_entities = any(_entity_tag(word.misc) is not None for sentence in sentences for word in sentence.words)
    vocab = new_vocab(vocab)
    for group in _documents(sentences, n_sents):
        docs = [
            _make_doc(vocab, sentence, ner_map or {}, with_entities, merge_subtokens, append_morphology)
            for sentence in group
        ]
        merged = Doc.from_docs(docs)
        if merged is not None:
            yield merged


def _documents(sentences: list[Sentence], n_sents: int) -> Iterator[list[Sentence]]:
    if n_sents:
        yield from groups(sentences, n_sents)
        return
    group: list[Sentence] = []
    marked = any(sentence.starts_doc for sentence in sentences)
    for sentence in sentences:
        if group and (sentence.starts_doc or not marked):
            yield group
            group = []
        group.append(sentence)
    if group:
        yield group


def _make_doc(
    vocab: Any,
    sentence: Sentence,
    ner_map: Mapping[str, str],
    with_entities: bool,
    merge_subtokens: bool,
    append_morphology: bool,
) -> Doc:
    words = sentence.words
    columns: dict[str, Any] = {
        "words": [word.form for word in words],
        "spaces": [word.space_after for word in words],
        "tags": [word.upos if word.xpos == "_" else word.xpos for word in words],
        "pos": ["" if word.upos == "_" else word.upos for word in words],
        "morphs": ["" if word.feats == "_" else word.feats for word in words],
        "lemmas": [word.lemma for word in words],
        "heads": [i if word.head is None else word.head for i, word in enumerate(words)],
        "deps": ["ROOT" if word.deprel == "root" else word.deprel for word in words],
    }
    for one in sentence.ranges:
        columns["spaces"][one.first : one.stop] = [False] * (one.stop - one.first - 1) + [one.space_after]
    entities = _entities(words, ner_map) if with_entities else []
    if merge_subtokens and sentence.ranges:
        entities = _merge(columns, sentence.ranges, entities)
    if append_morphology:
        pairs = zip(columns["tags"], columns["morphs"], strict=True)
        columns["tags"] = [f"{tag}__{morph}" if morph else tag for tag, morph in pairs]
    if not sentence.has_tree:
        columns["sent_starts"] = [i == 0 for i in range(len(columns["words"]))]
        del columns["heads"], columns["deps"]
    doc = Doc(vocab, **columns)
    if with_entities:
        doc.set_ents([Span(doc, start, stop, label=label) for start, stop, label in entities])
    return doc


def _entity_tag(misc: str) -> tuple[str, str] | None:
    """Prefix and label of the first tag in MISC; both empty for O; None if there is no tag."""
    for part in misc.split("|"):
        if part == "O":
            return "", ""
        key, equals, value = part.partition("=")
        found = TAG.match(value if equals and key in KEYS else part)
        if found:
            return found["prefix"], found["label"]
    return None


def _entities(words: list[Word], ner_map: Mapping[str, str]) -> list[tuple[int, int, str]]:
    from spanwright_tokens.tokens.iob import iob_to_biluo, tags_to_entities

    tags = []
    for word in words:
        prefix, label = _entity_tag(word.misc) or ("", "")
        label = ner_map.get(label, label) if label else ""
        tags.append(f"{prefix}-{label}" if label else "O")
    return [(start, last + 1, label) for label, start, last in tags_to_entities(iob_to_biluo(tags))]


def _merge(
    columns: dict[str, list[Any]], ranges: list[Range], entities: list[tuple[int, int, str]]
) -> list[tuple[int, int, str]]:
    """Make one token of each range, in place; return the entities at their new places."""
    heads = columns["heads"]
    owner = list(range(len(heads)))  # word -> the word that its token keeps
    dropped: set[int] = set()
    for one in ranges:
        root = _highest(heads, one)
        part = slice(one.first, one.stop)
        columns["words"][root] = one.form
        columns["spaces"][root] = one.space_after
        columns["tags"][root] = "_".join(columns["tags"][part])
        columns["lemmas"][root] = " ".join(columns["lemmas"][part])
        columns["morphs"][root] = _united(columns["morphs"][part])
        owner[part] = [root] * (one.stop - one.first)
        dropped.update(set(range(one.first, one.stop)) - {root})
    kept = [i for i in range(len(heads)) if i not in dropped]
    place = {word: i for i, word in enumerate(kept)}
    for name, values in columns.items():
        columns[name] = [values[i] for i in kept]
    columns["heads"] = [place[owner[head]] for head in columns["heads"]]
    placed: list[tuple[int, int, str]] = []
    for start, stop, label in entities:
        first, end = place[owner[start]], place[owner[stop - 1]] + 1
        # Two entities within one range: the first keeps the token.
        if not placed or first >= placed[-1][1]:
            placed.append((first, end, label))
    return placed


def _highest(heads: list[int], one: Range) -> int:
    """The word of a range that is nearest to the root of the sentence; the first of several."""

    def depth(i: int) -> int:
        steps = 0
        while heads[i] != i:
            i = heads[i]
            steps += 1
        return steps

    return min(range(one.first, one.stop), key=depth)


def _united(morphs: list[str]) -> str:
    """One set of features, with all values of each."""
    features: dict[str, set[str]] = {}
    for name, _, values in (feature.partition("=") for morph in morphs if morph for feature in morph.split("|")):
        features.setdefault(name, set()).update(values.split(","))
    return "|".join(sorted(f"{name}={','.join(sorted(values))}" for name, values in features.items()))
