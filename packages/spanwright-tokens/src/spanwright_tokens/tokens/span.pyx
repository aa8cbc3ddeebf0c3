# cython: boundscheck=False, initializedcheck=False
"""Span: a view of consecutive tokens, with a label."""
from itertools import chain

from .._types cimport attr_t, int32_t
from ..vocab.lexemes cimport LEX_LENGTH
from ..vocab.strings cimport plain_text
from . cimport tree
from .attributes cimport lex_attr
from .doc cimport Doc
from .token cimport Token, token_at

from ..errors import InvalidIndexError, InvalidTypeError, InvalidValueError, UnsupportedError
from . import attributes as _attributes
from . import chars as _chars
from . import columns as _columns
from . import combine as _combine
from . import similarity as _similarity
from . import tree as _tree
from . import underscore as _underscore


cdef attr_t label_id(Doc doc, value) except? 0:
    # The id of a label, whose string is permanent.
    cdef attr_t key
    if isinstance(value, str):
        return doc.vocab.strings.intern(plain_text(value))
    key = value
    if key and doc.vocab.strings.find(key, doc.arena.texts) is None:
        raise InvalidValueError(
            f"The span's label is the id {key}, but no string of that id is known: pass the label as a string, or add "
            "it with `vocab.strings.add`."
        )
    doc.keep_text(key)
    return key


cdef attr_t text_key(Doc doc, value) except? 0:
    if isinstance(value, str):
        return doc.vocab.text_id(doc.arena, plain_text(value))
    doc.keep_text(value)
    return value


cdef int32_t natural(str name, value) except -1:
    if value < 0:
        raise InvalidIndexError(f"`{name}` of a Span must not be negative, but found {value}.")
    return value


cdef class Span:
    """Consecutive tokens of a Doc, as a view: `doc[start:end]`, a sentence, an entity.

    doc: the Doc. start, end: the first token, and the one after the last.
    label: a string or the id of one, such as an entity type.
    vector, vector_norm: the span's own vector; by default it is the mean of the tokens' vectors.
    kb_id, span_id: ids in a knowledge base, and of the span; strings or ids of strings.

    Raises `InvalidIndexError` (an IndexError) if the Doc has no such tokens.
    """

    def __init__(
        self, Doc doc not None, int start, int end, label=0, vector=None, vector_norm=None, kb_id=0, span_id=0
    ):
        if not 0 <= start <= end <= doc.length:
            raise InvalidIndexError(
                f"There is no span from {start} to {end}: the Doc has {doc.length} tokens, and 0 <= start <= end <= "
                "len(doc) must hold."
            )
        self.doc = doc
        self.c.label = label_id(doc, label)
        self.c.kb_id = text_key(doc, kb_id)
        self.c.id = text_key(doc, span_id)
        self.c.start = start
        self.c.end = end
        self.c.start_char = char_start(doc, start)
        self.c.end_char = char_end(doc, end - 1) if end > start else self.c.start_char
        self._vector = vector
        self._vector_norm = vector_norm

    cdef int check(self) except -1:
        if self.c.start > self.c.end or self.c.end > self.doc.length:
            raise InvalidIndexError(
                f"The span from {self.c.start} to {self.c.end} is not in the Doc, which has {self.doc.length} tokens. "
                "Take spans anew after retokenizing."
            )
        return 0

    @classmethod
    def set_extension(cls, name, **kwargs):
        """Add a custom attribute `span._.name` to all spans; see `Doc.set_extension`."""
        _underscore.add("Span", name, kwargs)

    @classmethod
    def get_extension(cls, name):
        """The (default, method, getter, setter) of a custom attribute, or None."""
        return _underscore.get("Span", name)

    @classmethod
    def has_extension(cls, name):
        """Whether there is a custom attribute of that name."""
        return _underscore.has("Span", name)

    @classmethod
    def remove_extension(cls, name):
        """Remove a custom attribute; returns its (default, method, getter, setter)."""
        return _underscore.remove("Span", name)

    @property
    def _(self):
        """Custom attributes, see `set_extension`."""
        return _underscore.custom_attributes("Span", self, self.c.start_char, self.c.end_char)

    # Comparisons go by place, then label, ids and Doc.

    cdef tuple order(self):
        return (self.c.start_char, self.c.end_char, self.c.label, self.c.kb_id, self.c.id)

    def __eq__(self, other):
        return isinstance(other, Span) and self.order() == (<Span>other).order() and self.doc is (<Span>other).doc

    def __ne__(self, other):
        return not self == other

    def __lt__(self, other):
        return isinstance(other, Span) and self.order() < (<Span>other).order()

    def __le__(self, other):
        return isinstance(other, Span) and self.order() <= (<Span>other).order()

    def __gt__(self, other):
        return other is None or (isinstance(other, Span) and self.order() > (<Span>other).order())

    def __ge__(self, other):
        return other is None or (isinstance(other, Span) and self.order() >= (<Span>other).order())

    def __hash__(self):
        return hash((self.doc, self.c.start_char, self.c.end_char, self.c.label, self.c.kb_id, self.c.id))

    def __len__(self):
        return max(self.c.end - self.c.start, 0)

    def __repr__(self):
        return self.text

    def __reduce__(self):
        raise UnsupportedError(
            "A Span is a view of its Doc and cannot be pickled by itself. Pickle the Doc with the span's `start` and "
            "`end`, or the Doc that `span.as_doc()` makes."
        )

    def __getitem__(self, object i):
        """A `Token` for a position in the span, or a `Span` for a slice."""
        cdef Py_ssize_t start, stop, at
        if isinstance(i, slice):
            start, stop = _chars.normalize_slice(len(self), i.start, i.stop, i.step)
            return Span(self.doc, self.c.start + start, self.c.start + stop)
        at = i
        at += self.c.end if at < 0 else self.c.start
        if not self.c.start <= at < self.c.end:
            raise InvalidIndexError(f"There is no token {i} in the span: it has {len(self)} tokens.")
        self.check()
        return token_at(self.doc, <int32_t>at)

    def __iter__(self):
        cdef int32_t i
        self.check()
        for i in range(self.c.start, self.c.end):
            yield token_at(self.doc, i)

    # What it is

    @property
    def vocab(self):
        """The Doc's vocabulary."""
        return self.doc.vocab

    @property
    def text(self):
        """The text, without the space after the last token."""
        self.check()
        text = self.doc._text(self.c.start, self.c.end)
        if self.c.end > self.c.start and self.doc.c.spacy[self.c.end - 1]:
            return text[:-1]
        return text

    @property
    def text_with_ws(self):
        """The text, with the space that follows the last token if one does."""
        self.check()
        return self.doc._text(self.c.start, self.c.end)

    @property
    def orth_(self):
        """The same as `text`."""
        return self.text

    @property
    def lemma_(self):
        """The lemmas, with spaces as in the text."""
        cdef list forms = [f"{token.lemma_}{token.whitespace_}" for token in self]
        return "".join(forms).strip()

    @property
    def start(self):
        """The first token's position."""
        return self.c.start

    @start.setter
    def start(self, int value):
        self.c.start = natural("start", value)

    @property
    def end(self):
        """The position after the last token."""
        return self.c.end

    @end.setter
    def end(self, int value):
        self.c.end = natural("end", value)

    @property
    def start_char(self):
        """Where the span begins in the text, in characters."""
        return self.c.start_char

    @start_char.setter
    def start_char(self, int value):
        self.c.start_char = natural("start_char", value)

    @property
    def end_char(self):
        """Where the span ends in the text, in characters; without the space that follows."""
        return self.c.end_char

    @end_char.setter
    def end_char(self, int value):
        self.c.end_char = natural("end_char", value)

    @property
    def label(self):
        return self.c.label

    @label.setter
    def label(self, attr_t value):
        self.c.label = value
        self.doc.keep_text(value)

    @property
    def label_(self):
        """The label."""
        return self.doc.text_of(self.c.label)

    @label_.setter
    def label_(self, value):
        self.c.label = self.doc.vocab.strings.intern(plain_text(value))

    @property
    def kb_id(self):
        return self.c.kb_id

    @kb_id.setter
    def kb_id(self, attr_t value):
        self.c.kb_id = text_key(self.doc, value)

    @property
    def kb_id_(self):
        """The id in a knowledge base."""
        return self.doc.text_of(self.c.kb_id)

    @kb_id_.setter
    def kb_id_(self, value):
        self.c.kb_id = text_key(self.doc, plain_text(value))

    @property
    def id(self):
        return self.c.id

    @id.setter
    def id(self, attr_t value):
        self.c.id = text_key(self.doc, value)

    @property
    def id_(self):
        """The span's id."""
        return self.doc.text_of(self.c.id)

    @id_.setter
    def id_(self, value):
        self.c.id = text_key(self.doc, plain_text(value))

    @property
    def ent_id(self):
        """The entity id of the root token."""
        return self.root.ent_id

    @ent_id.setter
    def ent_id(self, value):
        raise UnsupportedError("`ent_id` of a Span cannot be set: set `span.id`, or `ent_id` of its tokens.")

    @property
    def ent_id_(self):
        """The entity id of the root token."""
        return self.root.ent_id_

    @ent_id_.setter
    def ent_id_(self, value):
        raise UnsupportedError("`ent_id_` of a Span cannot be set: set `span.id_`, or `ent_id_` of its tokens.")

    # Spans within and around

    def char_span(
        self, int start_idx, int end_idx, label=0, kb_id=0, vector=None, id=0, alignment_mode="strict", span_id=0
    ):
        """The span of the characters [start_idx, end_idx) of this span's text, or None; see `Doc.char_span`."""
        cdef int32_t offset = self.c.start_char
        return self.doc.char_span(
            start_idx + offset, end_idx + offset, label=label, kb_id=kb_id, vector=vector,
            alignment_mode=alignment_mode, span_id=span_id,
        )

    @property
    def sent(self):
        """The sentence that holds the first token. Raises `InvalidValueError` if no boundaries are set."""
        cdef int32_t start = self.c.start, end = self.c.start + 1
        self.check()
        hook = self.doc.user_span_hooks.get("sent")
        if hook is not None:
            return hook(self)
        if "sents" in self.doc.user_hooks:
            for sentence in self.doc.user_hooks["sents"](self.doc):
                if sentence.start <= self.c.start < sentence.end:
                    return sentence
        if not self.doc.has_annotation("SENT_START"):
            raise InvalidValueError(_chars.NO_SENTENCES)
        start = min(start, self.doc.length - 1)
        while start > 0 and self.doc.c.sent_start[start] != 1:
            start -= 1
        while end < self.doc.length and self.doc.c.sent_start[end] != 1:
            end += 1
        return Span(self.doc, max(start, 0), min(end, self.doc.length))

    @property
    def sents(self):
        """The sentences that share tokens with the span. Raises `InvalidValueError` if no boundaries are set."""
        cdef int32_t start = self.c.start, i
        self.check()
        if "sents" in self.doc.user_span_hooks:
            yield from self.doc.user_span_hooks["sents"](self)
            return
        if "sents" in self.doc.user_hooks:
            for sentence in self.doc.user_hooks["sents"](self.doc):
                if sentence.end <= self.c.start:
                    continue
                if sentence.start < self.c.end or sentence.start == self.c.start == self.c.end:
                    yield sentence
                else:
                    break
            return
        if not self.doc.has_annotation("SENT_START"):
            raise InvalidValueError(_chars.NO_SENTENCES)
        start = min(start, self.doc.length - 1)
        while start > 0 and self.doc.c.sent_start[start] != 1:
            start -= 1
        i = start + 1
        while i < self.doc.length:
            if self.doc.c.sent_start[i] == 1:
                yield Span(self.doc, start, i)
                start = i
                if start >= self.c.end:
                    return
            i += 1
        if 0 <= start < self.doc.length:
            yield Span(self.doc, start, self.doc.length)

    @property
    def ents(self):
        """The entities that lie wholly within the span: a list."""
        return [ent for ent in self.doc.ents if ent.start >= self.c.start and ent.end <= self.c.end]

    @property
    def noun_chunks(self):
        """The base noun phrases that lie wholly within the span."""
        for chunk in self.doc.noun_chunks:
            if chunk.start >= self.c.start and chunk.end <= self.c.end:
                yield chunk

    # The tree

    @property
    def root(self):
        """The token nearest to the root of its tree; the first one of several."""
        hook = self.doc.user_span_hooks.get("root")
        if hook is not None:
            return hook(self)
        self.check()
        if self.c.start >= self.doc.length:
            raise InvalidIndexError("An empty span at the end of a Doc has no root.")
        return token_at(self.doc, tree.span_root(self.doc, self.c.start, self.c.end))

    @property
    def conjuncts(self):
        """The tokens that are coordinated with the root."""
        return self.root.conjuncts

    @property
    def lefts(self):
        """Tokens before the span that hang on one of its tokens."""
        cdef int32_t i, child
        cdef list found = []
        self.check()
        for i in range(self.c.end - 1, self.c.start - 1, -1):
            for child in tree.lefts(self.doc, i):
                if child < self.c.start:
                    found.append(token_at(self.doc, child))
        yield from found

    @property
    def rights(self):
        """Tokens behind the span that hang on one of its tokens."""
        cdef int32_t i, child
        cdef list found = []
        self.check()
        for i in range(self.c.start, self.c.end):
            for child in tree.rights(self.doc, i):
                if child >= self.c.end:
                    found.append(token_at(self.doc, child))
        yield from found

    @property
    def n_lefts(self):
        """How many tokens `lefts` has."""
        return sum(1 for _ in self.lefts)

    @property
    def n_rights(self):
        """How many tokens `rights` has."""
        return sum(1 for _ in self.rights)

    @property
    def subtree(self):
        """The span's tokens, with all that descend from them on the left and on the right."""
        outside = [chain.from_iterable([token.subtree for token in side]) for side in (self.lefts, self.rights)]
        yield from chain(outside[0], self, outside[1])

    def get_lca_matrix(self):
        """Lowest common ancestors in the span: an int32 array of *shape* (n, n), -1 where two tokens have none."""
        self.check()
        return _tree.common_ancestors(self.doc, self.c.start, self.c.end)

    # Arrays and vectors

    def to_array(self, attrs):
        """The values of attributes: a uint64 array of *shape* (n_tokens, n_attrs); see `Doc.to_array`."""
        self.check()
        return _columns.gather((self.doc,), _attributes.attribute_ids(attrs))[self.c.start : self.c.end]

    def as_doc(self, *, bint copy_user_data=False, array_head=None, array=None):
        """A Doc of its own with the span's tokens and annotations.

        copy_user_data: take along what `user_data` has of the span.
        array_head, array: attributes and values of the whole Doc, if the caller has them already.
        """
        self.check()
        return _combine.span_as_doc(self, copy_user_data, array_head, array)

    def similarity(self, other):
        """Cosine similarity of this vector and that of another Span, Doc, Token or Lexeme."""
        hook = self.doc.user_span_hooks.get("similarity")
        if hook is not None:
            return hook(self, other)
        return _similarity.similarity(self, other)

    @property
    def has_vector(self):
        """Whether any token has a vector, or the Doc a tensor."""
        hook = self.doc.user_span_hooks.get("has_vector")
        if hook is not None:
            return hook(self)
        return _similarity.tokens_have_vector(self.doc, self)

    @property
    def vector(self):
        """The span's own vector, else the mean of its tokens' vectors."""
        hook = self.doc.user_span_hooks.get("vector")
        if hook is not None:
            return hook(self)
        if self._vector is None:
            self._vector = _similarity.mean_vector(self.doc, self)
        return self._vector

    @property
    def vector_norm(self):
        """The length (L2 norm) of `vector`."""
        hook = self.doc.user_span_hooks.get("vector_norm")
        if hook is not None:
            return hook(self)
        if self._vector_norm is None:
            self._vector_norm = _similarity.norm(self.vector)
        return self._vector_norm

    @property
    def tensor(self):
        """The span's rows of `doc.tensor`."""
        return None if self.doc.tensor is None else self.doc.tensor[self.c.start : self.c.end]

    @property
    def sentiment(self):
        """The mean of the tokens' sentiments."""
        hook = self.doc.user_span_hooks.get("sentiment")
        if hook is not None:
            return hook(self)
        return sum([token.sentiment for token in self]) / max(len(self), 1)


cdef int32_t char_end(Doc doc, int32_t i) noexcept:
    return doc.c.idx[i] + <int32_t>lex_attr(doc, i, LEX_LENGTH)


cdef int32_t char_start(Doc doc, int32_t i) noexcept:
    if i < doc.length:
        return doc.c.idx[i]
    return 0 if doc.length == 0 else char_end(doc, doc.length - 1) + doc.c.spacy[doc.length - 1]
