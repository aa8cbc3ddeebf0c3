"""The JSON format of training data before version 3: read, and written."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from spanwright.errors import DataFormatError
from spanwright.tokens import Doc, Example

from .blocks import new_vocab

# Key of a token -> key of the annotation. All but these two are texts.
TOKEN_KEYS = {"tag": "tags", "pos": "pos", "morph": "morphs", "lemma": "lemmas"}


def json_to_docs(
    input_data: str | bytes | Any,
    model: str | None = None,
    *,
    source: str = "JSON",
    vocab: Any = None,
    **_: Any,
) -> Iterator[Doc]:
    """Read the JSON format of training data before version 3: documents of paragraphs of sentences of tokens.

    input_data: The text of the file, or what it holds: `[{"paragraphs": [{"raw", "sentences": [{"tokens": [{"orth",
        "space", "tag", "pos", "morph", "lemma", "head", "dep", "ner"}]}], "cats": [{"label", "value"}]}]}]`.
    model: Pipeline (name or folder) whose vocabulary to use.
    source: What to call the text in errors.
    vocab: Vocabulary of the Docs; by default a new one.

    Gives a Doc for each paragraph. Raises DataFormatError (a ValueError) that names document, paragraph and what is
    wrong there.
    """
    documents = _loaded(input_data, source)
    if model is not None and vocab is None:
        from spanwright.language import load

        vocab = load(model).vocab
    vocab = new_vocab(vocab)
    for i, document in enumerate(documents):
        for j, paragraph in enumerate(_field(document, "paragraphs", list, f"{source}: document {i}")):
            where = f"{source}: document {i}, paragraph {j}"
            annotation = _annotation(paragraph, where)
            try:
                words = annotation["words"]
                yield Example.from_dict(Doc(vocab, words=words), annotation).reference
            except (ValueError, TypeError, KeyError) as error:
                raise DataFormatError(f"{where}: {error}") from error


def _loaded(data: Any, source: str) -> list[Any]:
    if isinstance(data, (str, bytes)):
        try:
            data = json.loads(data)
        except ValueError as error:
            raise DataFormatError(f"{source}: this is no JSON: {error}.") from None
    documents = data if isinstance(data, list) else [data]
    if not documents:
        raise DataFormatError(f"{source}: there is no document in it.")
    return documents


def _field(value: Any, key: str, kind: type, where: str) -> Any:
    if not isinstance(value, Mapping) or not isinstance(value.get(key), kind):
        found = ", ".join(map(str, value)) if isinstance(value, Mapping) else type(value).__name__
        raise DataFormatError(f'{where}: expected an object with "{key}" ({kind.__name__}), found {found}.')
    return value[key]


def _annotation(paragraph: Any, where: str) -> dict[str, Any]:
    columns: dict[str, list[Any]] = {
        key: [] for key in ("words", "spaces", *TOKEN_KEYS.values(), "heads", "deps", "sent_starts", "entities")
    }
    for sentence in _field(paragraph, "sentences", list, where):
        for i, token in enumerate(_field(sentence, "tokens", list, where)):
            place = len(columns["words"])
            columns["words"].append(_field(token, "orth", str, f"{where}, token {place}"))
            space = token.get("space")
            columns["spaces"].append(None if space is None else bool(space))
            for key, name in TOKEN_KEYS.items():
                columns[name].append(token.get(key) or "")
            head = token.get("head")
            columns["heads"].append(None if head is None else place + int(head))
            dep = token.get("dep")
            columns["deps"].append("ROOT" if dep and dep.lower() == "root" else dep)
            columns["entities"].append(token.get("ner"))
            columns["sent_starts"].append(1 if i == 0 else -1)
    kept = {key: values for key, values in columns.items() if key == "words" or _is_told(values)}
    kept["entities"] = columns["entities"]
    cats = {cat["label"]: cat["value"] for cat in paragraph.get("cats") or ()}
    return {**kept, "text": paragraph.get("raw"), "cats": cats}


def _is_told(values: Iterable[Any]) -> bool:
    return any(value is not None and value != "" for value in values)


def docs_to_json(docs: Doc | Iterable[Doc], doc_id: int = 0, ner_missing_tag: str = "O") -> dict[str, Any]:
    """One document in the JSON format of training data before version 3, with a paragraph for each Doc.

    docs: A Doc or several; each needs sentence starts (a Doc without is one sentence).
    doc_id: The document's "id".
    ner_missing_tag: "ner" of tokens outside of entities.
    """
    paragraphs = [_paragraph(doc, ner_missing_tag) for doc in ([docs] if isinstance(docs, Doc) else docs)]
    return {"id": doc_id, "paragraphs": paragraphs}


def _paragraph(doc: Doc, missing: str) -> dict[str, Any]:
    from spanwright_tokens.tokens.iob import doc_to_biluo_tags

    tags = doc_to_biluo_tags(doc, missing=missing)
    keys = [key for key in ("tag", "pos", "morph", "lemma", "dep") if doc.has_annotation(key.upper())]
    with_entities = doc.has_annotation("ENT_IOB")

    def token_dict(token: Any) -> dict[str, Any]:
        entry = {"id": token.i, "orth": token.text, "space": token.whitespace_}
        for key in keys:
            entry[key] = str(token.morph) if key == "morph" else getattr(token, f"{key}_")
        if "dep" in keys:
            entry["head"] = token.head.i - token.i
        if with_entities:
            entry["ner"] = tags[token.i]
        return entry

    sentences = list(doc.sents) if doc.has_annotation("SENT_START") else [doc[:]]
    return {
        "raw": None if doc.has_unknown_spaces else doc.text,
        "sentences": [{"tokens": [token_dict(token) for token in sent], "brackets": []} for sent in sentences],
        "cats": [{"label": label, "value": value} for label, value in doc.cats.items()],
        "entities": [(ent.start_char, ent.end_char, ent.label_) for ent in doc.ents],
        "links": [],
    }
