"""Tagged tokens: one sentence a line (IOB), or one token a line (CoNLL-NER)."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from spanwright.tokens import Doc, Span

from .blocks import blocks, groups, new_vocab
from .problems import Problems

TAG = re.compile(r"O\Z|[BILUES]-.+\Z")
DOCUMENT_MARK = "-DOCSTART-"


@dataclass
class TaggedSentence:
    """Words with entity tags, and part-of-speech tags if there are any."""

    words: list[str] = field(default_factory=list)
    entity_tags: list[str] = field(default_factory=list)
    tags: list[str] = field(default_factory=list)


def iob_to_docs(
    input_data: str,
    n_sents: int = 10,
    no_print: bool = True,
    *,
    ner_map: Mapping[str, str] | None = None,
    source: str = "IOB",
    vocab: Any = None,
    **_: Any,
) -> Iterator[Doc]:
    """Read IOB: one sentence a line, its tokens separated by blanks: `word|tag|B-LABEL` or `word|B-LABEL`.

    input_data: The text of the file. IOB1, IOB2 and BILUO tags are understood.
    n_sents: Sentences in a Doc; 0 puts all in one.
    no_print: Accepted and not used: nothing is printed.
    ner_map: Label in the file -> label to use; "" drops the entity.
    source: What to call the text in errors.
    vocab: Vocabulary of the Docs; by default a new one.

    Spaces between words are not known. Tokens outside of entities are gold "no entity".

    Raises ConversionError (a ValueError), which names each faulty line: a token without a tag, or a tag that is none.
    """
    problems = Problems(source)
    sentences = []
    columns = 0
    for number, line in enumerate(input_data.split("\n"), start=1):
        tokens = line.split()
        if tokens:
            columns = columns or min(3, len(tokens[0].split("|")))
            sentences.append(_line_sentence(tokens, columns, number, problems))
    problems.check()
    vocab = new_vocab(vocab)
    for group in groups(sentences, n_sents):
        yield make_doc(vocab, group, ner_map)


def _line_sentence(tokens: list[str], columns: int, number: int, problems: Problems) -> TaggedSentence:
    sentence = TaggedSentence()
    for token in tokens:
        # From the right: the word itself may be a bar.
        parts = token.rsplit("|", columns - 1)
        if columns < 2 or len(parts) != columns or not parts[0]:
            expected = "word|tag|B-LABEL" if columns == 3 else "word|B-LABEL"
            problems.add(number, f"expected tokens of the form {expected}, found '{token}'.")
            continue
        _add(sentence, parts[0], parts[-1], parts[1] if columns == 3 else None, number, problems)
    return sentence


def conll_ner_to_docs(
    input_data: str,
    n_sents: int = 10,
    seg_sents: bool = False,
    model: str | None = None,
    no_print: bool = True,
    *,
    ner_map: Mapping[str, str] | None = None,
    source: str = "CoNLL-NER",
    vocab: Any = None,
    **_: Any,
) -> Iterator[Doc]:
    """Read tagged tokens as in CoNLL-2003: one token a line, columns separated by blanks or tabs.

    input_data: The text of the file. The first column is the word, the last its entity tag (IOB1, IOB2 or BILUO),
        and the second, where there are three or more, its part-of-speech tag. Empty lines end sentences; lines that
        begin with -DOCSTART- begin documents.
    n_sents: Sentences in a Doc, where the file marks no documents; 0 puts all in one.
    seg_sents: Find the sentences of a file that has no empty lines: with the components of `model` that do so, or the
        sentencizer.
    model: Pipeline (name or folder) for `seg_sents`.
    no_print: Accepted and not used: nothing is printed.
    ner_map: Label in the file -> label to use; "" drops the entity.
    source: What to call the text in errors.
    vocab: Vocabulary of the Docs; by default a new one.

    Spaces between words are not known. Tokens outside of entities are gold "no entity".

    Raises ConversionError (a ValueError), which names each faulty line: one with a single column, or a tag that is
    none.
    """
    problems = Problems(source)
    documents = _documents(input_data, problems)
    problems.check()
    marked = len(documents) > 1
    filled = [sentences for sentences in documents if sentences]
    if not marked and filled:
        sentences = filled[0]
        if len(sentences) == 1 and seg_sents:
            sentences = _segmented(sentences[0], model)
        filled = list(groups(sentences, n_sents))
    vocab = new_vocab(vocab)
    for sentences in filled:
        yield make_doc(vocab, sentences, ner_map)


def _documents(text: str, problems: Problems) -> list[list[TaggedSentence]]:
    """Sentences in a list for each document mark, and one for what stands before the first."""
    documents: list[list[TaggedSentence]] = [[]]
    for block in blocks(text):
        sentence = TaggedSentence()
        for number, line in block:
            columns = line.split()
            if columns[0] == DOCUMENT_MARK:
                if sentence.words:
                    documents[-1].append(sentence)
                    sentence = TaggedSentence()
                documents.append([])
            elif len(columns) < 2:
                problems.add(number, f"expected a word and its entity tag, found one column: '{line.strip()}'.")
            else:
                _add(sentence, columns[0], columns[-1], columns[1] if len(columns) > 2 else None, number, problems)
        if sentence.words:
            documents[-1].append(sentence)
    return documents


def _add(
    sentence: TaggedSentence, word: str, entity_tag: str, tag: str | None, number: int, problems: Problems
) -> None:
    if not TAG.match(entity_tag):
        problems.add(
            number, f"the entity tag of '{word}' must be O or a prefix and a label (B-ORG), found '{entity_tag}'."
        )
        return
    # IOBES writes what BILUO calls L and U as E and S.
    prefix = {"E": "L", "S": "U"}.get(entity_tag[0], entity_tag[0])
    sentence.words.append(word)
    sentence.entity_tags.append(prefix + entity_tag[1:])
    sentence.tags.append(tag or "")


def make_doc(vocab: Any, sentences: list[TaggedSentence], ner_map: Mapping[str, str] | None = None) -> Doc:
    """A Doc of tagged sentences, without spacing information."""
    doc = Doc(
        vocab,
        words=[word for sentence in sentences for word in sentence.words],
        tags=[tag for sentence in sentences for tag in sentence.tags],
        sent_starts=[i == 0 for sentence in sentences for i in range(len(sentence.words))],
    )
    entities = []
    offset = 0
    for sentence in sentences:
        for start, stop, label in entities_of(sentence.entity_tags):
            label = map_label(label, ner_map)
            if label:
                entities.append(Span(doc, offset + start, offset + stop, label=label))
        offset += len(sentence.words)
    doc.set_ents(entities)
    return doc


def map_label(label: str, ner_map: Mapping[str, str] | None) -> str:
    """The label to use: what `ner_map` says of it, or of "*", or itself."""
    if not ner_map:
        return label
    return ner_map.get(label, ner_map.get("*", label))


def entities_of(tags: list[str]) -> list[tuple[int, int, str]]:
    """Entities of a sentence as (first token, token after the last, label), from IOB1, IOB2 or BILUO tags."""
    from spanwright_tokens.tokens.iob import iob_to_biluo, tags_to_entities

    return [(start, last + 1, label) for label, start, last in tags_to_entities(iob_to_biluo(tags))]


def _segmented(sentence: TaggedSentence, model: str | None) -> list[TaggedSentence]:
    """The sentences of a text without marks between them."""
    if model:
        from spanwright.language import load

        nlp = load(model)
    else:
        from spanwright.language import blank

        nlp = blank("xx")
        nlp.add_pipe("sentencizer")
    doc = Doc(nlp.vocab, words=sentence.words)
    for _, component in nlp.pipeline:
        doc = component(doc)
    return [
        TaggedSentence(*(values[sent.start : sent.end] for values in vars(sentence).values())) for sent in doc.sents
    ]
