# cython: wraparound=False, initializedcheck=False
"""Doc: the tokens of a text, one column per attribute."""

from .._types cimport attr_t, int32_t
from ..attrs cimport DEP, HEAD, SENT_START
from ..vocab.arena cimport Arena
from ..vocab.lexemes cimport LEX_LENGTH, LEX_ORTH
from ..vocab.strings cimport plain_text
from ..vocab.vocab cimport Vocab
from .attributes cimport TokenTable, lex_attr, table_of, token_value
from .layout cimport ColumnBlock, copy_columns
from .span cimport Span
from .token cimport Token, token_at

import warnings

import numpy

from ..errors import InvalidIndexError, InvalidValueError, UnsupportedError
from . import attributes as _attributes
from . import build as _build
from . import chars as _chars
from . import columns as _columns
from . import combine as _combine
from . import doc_json as _json
from . import entities as _entities
from . import serialize as _serialize
from . import similarity as _similarity
from . import tree as _tree
from . import underscore as _underscore
from .entities import SetEntsDefault

DOCBIN_ALL_ATTRS = (
    "ORTH", "NORM", "TAG", "HEAD", "DEP", "ENT_IOB", "ENT_TYPE", "ENT_KB_ID", "ENT_ID", "LEMMA", "MORPH", "POS",
    "SENT_START",
)


cdef class Doc:
    """A sequence of tokens with their annotations.

    Tokens and spans are views made on demand; the Doc holds one contiguous column per attribute (see `column`).

    vocab: where strings and lexemes are looked up; must be the pipeline's own.
    words: the tokens' texts, or ids of known strings. None makes an empty Doc.
    spaces: for each word, whether a space follows it. None means always (and sets `has_unknown_spaces`).
    user_data: a dict kept with the Doc, and saved with it.
    tags, pos, morphs, lemmas, deps: for each word a string; None where it has none.
    heads: for each word the position of its head in the Doc; a root is its own head. Needs `deps`.
    sent_starts: for each word True, False or None (1, -1, 0); `heads` override it.
    ents: for each word an IOB or IOB2 tag such as "B-ORG", "I-ORG", "O", or "" where it is not known.
    arena: where words that the vocabulary lacks are kept; Docs that are made together may share one.

    Raises `InvalidValueError` (a ValueError) for arguments of different lengths, words that are empty or bytes, an
    unknown part of speech, ill-formed IOB tags, heads outside of the Doc, and heads in a cycle.
    """

    def __init__(
        self,
        Vocab vocab not None,
        words=None,
        spaces=None,
        *,
        user_data=None,
        tags=None,
        pos=None,
        morphs=None,
        lemmas=None,
        heads=None,
        deps=None,
        sent_starts=None,
        ents=None,
        Arena arena=None,
    ):
        self.vocab = vocab
        self.arena = vocab.arena() if arena is None else arena
        self.user_data = {} if user_data is None else user_data
        self.cats, self.activations, self.broadcasts = {}, {}, {}
        self.user_hooks, self.user_span_hooks, self.user_token_hooks = {}, {}, {}
        self.tensor = numpy.zeros((0,), dtype="float32")
        self.noun_chunks_iterator = vocab.get_noun_chunks
        self.has_unknown_spaces = words is not None and spaces is None
        self._spans = None
        if words is None:
            if spaces is not None:
                raise InvalidValueError("A Doc takes `spaces` only together with `words`.")
            words = ()
        elif not isinstance(words, (list, tuple)):
            words = list(words)
        self.length = 0
        self.block = ColumnBlock(len(words) if words else 16)
        self.c = self.block.c
        self._add_words(words, spaces)
        _build.annotate(
            self, tags=tags, pos=pos, morphs=morphs, lemmas=lemmas, heads=heads, deps=deps,
            sent_starts=sent_starts, ents=ents,
        )

    def _add_words(self, words, spaces):
        cdef str text
        cdef Py_ssize_t i
        spaces = _build.spaces_of(words, spaces)
        for i, word in enumerate(words):
            text = plain_text(word) if isinstance(word, str) else ""
            if not text:
                text = _build.text_of(self, i, word)
            self.append(self.vocab.lexeme_ref(self.arena, text), spaces is None or spaces[i])

    cdef int append(self, int32_t lex, bint space) except -1:
        cdef int32_t i = self.length
        if i == self.block.capacity:
            self.reserve(i + (i >> 1) + 16)
        self.c.lex[i] = lex
        self.c.spacy[i] = space
        if i == 0:
            self.c.idx[i] = 0
            self.c.sent_start[i] = 1
        else:
            self.c.idx[i] = self.c.idx[i - 1] + <int32_t>lex_attr(self, i - 1, LEX_LENGTH) + self.c.spacy[i - 1]
        self.c.l_edge[i] = i
        self.c.r_edge[i] = i
        self.length = i + 1
        self.structure += 1
        return 0

    cdef int reserve(self, int32_t capacity) except -1:
        if capacity <= self.block.capacity:
            return 0
        cdef ColumnBlock larger = ColumnBlock(capacity)
        copy_columns(self.block, larger, self.length)
        self.block = larger
        self.c = larger.c
        return 0

    cdef int adopt(self, ColumnBlock block, int32_t length, Arena arena) except -1:
        self.block = block
        self.c = block.c
        self.length = length
        self.arena = arena
        self.structure += 1
        return 0

    cdef str text_of(self, attr_t key):
        return self.vocab.text_of(self.arena, key)

    cdef int keep_text(self, attr_t key) except -1:
        cdef str text
        if key == 0 or self.vocab.strings.permanent.has(key) or self.arena.texts.has(key):
            return 0
        text = self.vocab.strings.find(key, None)
        if text is not None:
            self.vocab.text_id(self.arena, text)
        return 0

    def _text_id(self, text):
        return self.vocab.text_id(self.arena, plain_text(text))

    def _text_of(self, attr_t key):
        return self.text_of(key)

    def _text_or_id(self, attr_t key):
        # The text of an id, or the id if nobody knows the text.
        text = self.vocab.strings.find(key, self.arena.texts)
        return key if text is None else text

    def _has_spans(self):
        return bool(self._spans)

    def _take(self, Doc other not None):
        # The tokens and span groups of another Doc, which is of no use afterwards.
        self.adopt(other.block, other.length, other.arena)
        self._spans = None if other._spans is None else other._spans.copy(doc=self)

    def _intern_labels(self):
        _columns.intern_labels(self)

    # Extension attributes

    @classmethod
    def set_extension(cls, name, **kwargs):
        """Add a custom attribute `doc._.name` to all Docs.

        default, getter, setter, method: exactly one of `default`, `getter` (with or without `setter`) and `method`.
        force: replace an attribute of that name; without it, `InvalidValueError` is raised if there is one.
        """
        _underscore.add("Doc", name, kwargs)

    @classmethod
    def get_extension(cls, name):
        """The (default, method, getter, setter) of a custom attribute, or None."""
        return _underscore.get("Doc", name)

    @classmethod
    def has_extension(cls, name):
        """Whether there is a custom attribute of that name."""
        return _underscore.has("Doc", name)

    @classmethod
    def remove_extension(cls, name):
        """Remove a custom attribute; returns its (default, method, getter, setter)."""
        return _underscore.remove("Doc", name)

    @property
    def _(self):
        """Custom attributes, see `set_extension`."""
        return _underscore.custom_attributes("Doc", self, None, None)

    # The sequence

    @property
    def doc(self):
        """The Doc itself, as Token and Span have it."""
        return self

    @property
    def spans(self):
        """Named groups of spans, which may overlap: a dict of `SpanGroup`."""
        if self._spans is None:
            from .span_groups import SpanGroups

            self._spans = SpanGroups(self)
        return self._spans

    @spans.setter
    def spans(self, value):
        self._spans = value

    def __len__(self):
        return self.length

    def __getitem__(self, object i):
        """A `Token` for a position, which may be negative, or a `Span` for a slice without a step."""
        cdef Py_ssize_t start, stop
        if isinstance(i, slice):
            start, stop = _chars.normalize_slice(self.length, i.start, i.stop, i.step)
            return Span(self, start, stop)
        cdef Py_ssize_t at = i
        if at < 0:
            at += self.length
        if at < 0 or at >= self.length:
            raise InvalidIndexError(f"There is no token {i}: the Doc has {self.length} tokens.")
        return token_at(self, <int32_t>at)

    def __iter__(self):
        cdef int32_t i
        for i in range(self.length):
            yield token_at(self, i)

    def __bytes__(self):
        return self.text.encode("utf8")

    def __str__(self):
        return self.text

    def __repr__(self):
        return self.text

    def __reduce__(self):
        return _serialize.reduce_doc(self)

    @property
    def text(self):
        """The text: all tokens with the spaces that follow them."""
        return self._text(0, self.length)

    def _text(self, int32_t start, int32_t stop):
        cdef list parts = []
        cdef int32_t i
        for i in range(start, stop):
            parts.append(self.vocab.text_of(self.arena, lex_attr(self, i, LEX_ORTH)))
            if self.c.spacy[i]:
                parts.append(" ")
        return "".join(parts)

    @property
    def text_with_ws(self):
        """The same as `text`, as Token and Span have it."""
        return self.text

    @property
    def lang(self):
        """The id of the vocabulary's language."""
        return self.vocab.strings[self.vocab.lang]

    @property
    def lang_(self):
        """The vocabulary's language, such as "en"."""
        return self.vocab.lang

    def char_span(
        self, int start_idx, int end_idx, label=0, kb_id=0, vector=None, alignment_mode="strict", span_id=0
    ):
        """The span of the characters [start_idx, end_idx) of the text, or None if there is none.

        label, kb_id, span_id: strings or ids for the span.
        vector: the span's own vector.
        alignment_mode: "strict" (both ends must be ends of tokens), "contract" (the tokens wholly inside) or "expand"
            (all tokens that are touched).
        """
        return _chars.char_span(self, start_idx, end_idx, label, kb_id, vector, alignment_mode, span_id)

    # Annotations

    def has_annotation(self, attr, *, bint require_complete=False):
        """Whether an attribute is set on any token, or on every one with `require_complete`.

        attr: name or id, such as "TAG", "DEP", "ENT_IOB", "SENT_START". HEAD counts as set where DEP is. The first
            token always starts a sentence, so SENT_START is asked of the others. An empty Doc has every annotation.
        """
        if self.length == 0:
            return True
        if isinstance(attr, str) and attr.upper() in ("IS_SENT_START", "IS_SENT_END"):
            attr = "SENT_START"
        cdef int attr_id = _attributes.attribute_id(attr)
        cdef int32_t i, start = 0
        if attr_id == HEAD:
            attr_id = DEP
        elif attr_id == SENT_START:
            if "sents" in self.user_hooks or self.length == 1:
                return True
            start = 1
        cdef TokenTable table = table_of(self)
        for i in range(start, self.length):
            if (token_value(&table, i, attr_id) != 0) != require_complete:
                return not require_complete
        return require_complete

    @property
    def is_tagged(self):
        return self._old_flag("is_tagged", "TAG")

    @property
    def is_parsed(self):
        return self._old_flag("is_parsed", "DEP")

    @property
    def is_nered(self):
        return self._old_flag("is_nered", "ENT_IOB")

    @property
    def is_sentenced(self):
        return self._old_flag("is_sentenced", "SENT_START")

    def _old_flag(self, name, attr):
        warnings.warn(
            f"`Doc.{name}` is deprecated: use `Doc.has_annotation({attr!r})`.", DeprecationWarning, stacklevel=2
        )
        return self.has_annotation(attr)

    @property
    def ents(self):
        """The entities: a tuple of spans in order, which do not overlap.

        Set with spans or (label, start, end), (label, kb_id, start, end) or (id, kb_id, label, start, end); all
        other tokens then count as outside.
        """
        return _entities.get_ents(self)

    @ents.setter
    def ents(self, ents):
        spans = [_entities.as_span(self, entity) for entity in ents]
        _entities.set_ents(self, spans, default="outside")

    def set_ents(self, entities, *, blocked=None, missing=None, outside=None, default=SetEntsDefault.outside):
        """Set entities, and what is known of other tokens.

        entities: spans with labels.
        blocked: spans that never are entities. missing: spans of which nothing is known. outside: spans in no entity.
        default: what tokens in none of these become: "outside", "blocked", "missing" or "unmodified".

        Raises `InvalidValueError` if a token is in two of the spans or `default` is none of these.
        """
        _entities.set_ents(
            self, entities, blocked=blocked, missing=missing, outside=outside, default=default
        )

    @property
    def sents(self):
        """The sentences, as spans in order. Raises `InvalidValueError` if no sentence boundaries are set."""
        cdef int32_t first = 0, after
        if not self.has_annotation(SENT_START):
            raise InvalidValueError(_chars.NO_SENTENCES)
        if "sents" in self.user_hooks:
            yield from self.user_hooks["sents"](self)
            return
        # The caller may retokenize meanwhile: the length is asked each time.
        while first < self.length:
            after = first + 1
            while after < self.length and self.c.sent_start[after] != 1:
                after += 1
            yield Span(self, first, after)
            first = after

    @property
    def noun_chunks(self):
        """Base noun phrases, as spans. Raises `UnsupportedError` (a NotImplementedError) if the language has none."""
        if self.noun_chunks_iterator is None:
            raise UnsupportedError(
                f"There are no noun chunks for the language {self.vocab.lang!r}. They come with the language's data: "
                "install spanwright-languages, or set `doc.noun_chunks_iterator`."
            )
        # All before the first is handed out: the caller may retokenize meanwhile.
        spans = [Span(self, start, end, label=label) for start, end, label in self.noun_chunks_iterator(self)]
        yield from spans

    # Arrays

    def to_array(self, attrs):
        """The values of token or lexeme attributes.

        attrs: a name or id, or a sequence of them, such as ["ORTH", "TAG"].
        Returns a uint64 array of *shape* (n_tokens, n_attrs), or (n_tokens,) for one attribute. HEAD is relative and,
        like SENT_START, to be read as int64. Raises `UnknownAttributeError` (a KeyError) for an unknown name.
        """
        cdef list ids = _attributes.attribute_ids(attrs)
        values = _columns.gather((self,), ids)
        return values if len(ids) >= 2 else values.reshape((self.length,))

    def from_array(self, attrs, array):
        """Set token attributes from an array as `to_array` gives it; attributes of lexemes are passed over.

        attrs: a name or id, or a sequence of them.
        array: integers of *shape* (n_tokens, n_attrs) or (n_tokens,). With HEAD and DEP together, sentence starts are
            set from the trees.
        Returns the Doc. Raises `InvalidValueError` for another length, heads outside of the Doc or in a cycle, and
        values that an attribute cannot have; the Doc is then as it was.
        """
        _columns.store(self, attrs, array)
        return self

    def column(self, str name):
        """A column as a read-only NumPy view, without a copy.

        name: a token attribute: NORM (0 where it is the lexeme's), LEMMA, TAG, MORPH, DEP, ENT_TYPE, ENT_KB_ID,
            ENT_ID (uint64); IDX, HEAD (relative), L_KIDS, R_KIDS, L_EDGE, R_EDGE (int32); SPACY, POS, ENT_IOB
            (uint8); SENT_START (int8).
        The view shows later changes of values, and keeps its memory for as long as it lives; after tokens were added,
        merged or split, ask again. Lexeme attributes are not stored by token: see `to_array` and `gather`.
        """
        return _columns.column(self, name)

    def count_by(self, attr_id, exclude=None, counts=None):
        """How often each value of an attribute occurs: a dict, or None if `counts` (a Counter) is added to.

        exclude: a function that is given each token and says whether to leave it out.
        """
        values = self.to_array(attr_id).tolist()
        if exclude is not None:
            values = [value for value, token in zip(values, self) if not exclude(token)]
        result = {} if counts is None else counts
        for value in values:
            result[value] = result.get(value, 0) + 1
        return result if counts is None else None

    def get_lca_matrix(self):
        """Lowest common ancestors: an int32 array of *shape* (n_tokens, n_tokens), -1 where two tokens have none."""
        return _tree.common_ancestors(self, 0, self.length)

    def to_utf8_array(self, int nr_char=-1):
        """The UTF-8 bytes of the words, in the order first, last, second, last but one, ...

        nr_char: the width; -1 for that of the longest word.
        Returns a uint8 array of *shape* (n_tokens, nr_char), filled up with 255.
        """
        return _columns.utf8_array([token.text.encode("utf8") for token in self], nr_char)

    @staticmethod
    def _get_array_attrs():
        return _serialize.ARRAY_ATTRS

    # Vectors

    def similarity(self, other):
        """Cosine similarity of this vector and that of another Doc, Span, Token or Lexeme."""
        hook = self.user_hooks.get("similarity")
        if hook is not None:
            return hook(self, other)
        return _similarity.similarity(self, other)

    @property
    def has_vector(self):
        """Whether any token has a vector, or the Doc a tensor."""
        hook = self.user_hooks.get("has_vector")
        if hook is not None:
            return hook(self)
        return _similarity.tokens_have_vector(self, self)

    @property
    def vector(self):
        """The mean of the tokens' vectors, or of the tensor's rows if the vocabulary has no vectors."""
        hook = self.user_hooks.get("vector")
        if hook is not None:
            return hook(self)
        if self._vector is None:
            vector = _similarity.mean_vector(self, self)
            if not self.length or self.vocab.vectors.size or self.tensor.size:
                self._vector = vector
            return vector
        return self._vector

    @vector.setter
    def vector(self, value):
        self._vector = value

    @property
    def vector_norm(self):
        """The length (L2 norm) of `vector`."""
        hook = self.user_hooks.get("vector_norm")
        if hook is not None:
            return hook(self)
        if self._vector_norm is None:
            self._vector_norm = _similarity.norm(self.vector)
        return self._vector_norm

    @vector_norm.setter
    def vector_norm(self, value):
        self._vector_norm = value

    def extend_tensor(self, tensor):
        """Put more columns to the right of `doc.tensor`.

        tensor: an array of *shape* (n_tokens, width).
        """
        self.tensor = _similarity.extended(self.tensor, tensor)

    # Changing and copying

    def retokenize(self):
        """A block in which tokens are marked to be merged and split; it is done when the block ends.

        Tokens and spans that were taken before are no longer valid.
        """
        from .retokenizer import Retokenizer

        return Retokenizer(self)

    def copy(self):
        """A Doc with the same tokens and annotations, which shares nothing but vocabulary and arena."""
        cdef Doc other = Doc(self.vocab, arena=self.arena)
        cdef ColumnBlock block = ColumnBlock(self.length)
        copy_columns(self.block, block, self.length)
        other.adopt(block, self.length, self.arena)
        _combine.copy_rest(self, other)
        return other

    @staticmethod
    def from_docs(docs, ensure_whitespace=True, attrs=None, *, exclude=()):
        """One Doc out of several that share a vocabulary; None if there are none.

        ensure_whitespace: put a space between two Docs where the first does not end in one.
        attrs: names or ids of the attributes to carry over; None for all.
        exclude: "spans", "tensor", "user_data".
        """
        return _combine.from_docs(docs, ensure_whitespace, attrs, exclude)

    # Files

    def to_bytes(self, *, exclude=()):
        """The Doc as bytes, with the strings that it needs.

        exclude: "text", "sentiment", "tensor", "cats", "spans", "strings", "user_data", "user_data_keys", ...
        """
        return _serialize.to_bytes(self, exclude)

    def from_bytes(self, bytes_data, *, exclude=()):
        """Fill this empty Doc from what `to_bytes` wrote. Raises `DataFormatError` (a ValueError) for other bytes."""
        return _serialize.from_bytes(self, bytes_data, exclude)

    def to_disk(self, path, *, exclude=()):
        """Write `to_bytes` to a file, whole or not at all."""
        _serialize.to_disk(self, path, exclude)

    def from_disk(self, path, *, exclude=()):
        """Fill this empty Doc from a file that `to_disk` wrote."""
        return _serialize.from_disk(self, path, exclude)

    def to_dict(self, *, exclude=()):
        """What `to_bytes` packs, as a dict."""
        return _serialize.to_dict(self, exclude)

    def from_dict(self, msg, *, exclude=()):
        """Fill this empty Doc from a dict that `to_dict` made."""
        return _serialize.from_dict(self, msg, exclude)

    def to_json(self, underscore=None):
        """The Doc as a dict for JSON.

        underscore: names of custom attributes to put in; their values must fit into JSON.
        """
        return _json.to_json(self, underscore)

    def from_json(self, doc_json, *, validate=False):
        """Fill this empty Doc from a dict as `to_json` makes it.

        validate: check all of it against the format first, and name every mistake.
        """
        return _json.from_json(self, doc_json, validate)
