# cython: wraparound=False, initializedcheck=False
"""Token: a view of one row of a Doc's columns."""

from .._types cimport attr_t, int32_t
from ..symbols cimport conj
from ..vocab.lexemes cimport LEX_LENGTH, LEX_NORM
from ..vocab.strings cimport plain_text
from . cimport tree
from .attributes cimport TokenTable, lex_attr, table_of, token_value
from .doc cimport Doc
from .lexical cimport LexicalToken
from .span cimport Span

import numpy

from ..attrs import IOB_STRINGS
from ..errors import InvalidIndexError, InvalidTypeError, InvalidValueError, UnsupportedError, nearest
from ..parts_of_speech import IDS as POS_IDS
from ..parts_of_speech import NAMES as POS_NAMES
from ..vocab.morphology import MorphAnalysis
from . import similarity as _similarity
from . import underscore as _underscore

cdef list POS_BY_ID = [POS_NAMES.get(i) for i in range(256)]


cdef list tokens_at(Doc doc, list positions):
    cdef int32_t i
    return [token_at(doc, i) for i in positions]


cdef class Token(LexicalToken):
    """A word, punctuation mark or whitespace: a light view that reads and writes the Doc's columns.

    vocab: the Doc's vocabulary. doc: the Doc. offset: the position, from 0 to `len(doc) - 1`.

    An attribute without underscore is an id, with underscore a string: `token.tag`, `token.tag_`.
    """

    def __init__(self, vocab, Doc doc not None, int offset):
        if offset < 0 or offset >= doc.length:
            raise InvalidIndexError(f"There is no token {offset}: the Doc has {doc.length} tokens.")
        if vocab is not doc.vocab:
            raise InvalidValueError("A Token and its Doc must have the same vocabulary, but found two.")
        self.doc = doc
        self.i = offset

    @classmethod
    def set_extension(cls, name, **kwargs):
        """Add a custom attribute `token._.name` to all tokens; see `Doc.set_extension`."""
        _underscore.add("Token", name, kwargs)

    @classmethod
    def get_extension(cls, name):
        """The (default, method, getter, setter) of a custom attribute, or None."""
        return _underscore.get("Token", name)

    @classmethod
    def has_extension(cls, name):
        """Whether there is a custom attribute of that name."""
        return _underscore.has("Token", name)

    @classmethod
    def remove_extension(cls, name):
        """Remove a custom attribute; returns its (default, method, getter, setter)."""
        return _underscore.remove("Token", name)

    @property
    def _(self):
        """Custom attributes, see `set_extension`."""
        return _underscore.custom_attributes("Token", self, self.idx, None)

    def __hash__(self):
        return hash((self.doc, self.i))

    def __len__(self):
        return self.lexical(LEX_LENGTH)

    def __bytes__(self):
        return self.text.encode("utf8")

    def __str__(self):
        return self.text

    def __repr__(self):
        return self.text

    def __reduce__(self):
        raise UnsupportedError(
            "A Token is a view of its Doc and cannot be pickled by itself. Pickle the Doc and the token's position `i`."
        )

    def __eq__(self, other):
        return isinstance(other, Token) and (<Token>other).doc is self.doc and (<Token>other).i == self.i

    def __ne__(self, other):
        return not self == other

    def __lt__(self, other):
        return self.idx < other.idx if isinstance(other, Token) else False

    def __le__(self, other):
        return self.idx <= other.idx if isinstance(other, Token) else False

    def __gt__(self, other):
        return self.idx > other.idx if isinstance(other, Token) else other is None

    def __ge__(self, other):
        return self.idx >= other.idx if isinstance(other, Token) else other is None

    # Annotations

    @property
    def norm(self):
        cdef attr_t own = self.doc.c.norm[self.at()]
        return own if own else self.lexical(LEX_NORM)

    @norm.setter
    def norm(self, attr_t value):
        self.doc.c.norm[self.at()] = value
        self.doc.keep_text(value)

    @property
    def norm_(self):
        """The normal form: the token's own if it has one, else the lexeme's."""
        return self.doc.text_of(self.norm)

    @norm_.setter
    def norm_(self, value):
        self.doc.c.norm[self.at()] = self.doc.vocab.text_id(self.doc.arena, plain_text(value))

    @property
    def lemma(self):
        return self.doc.c.lemma[self.at()]

    @lemma.setter
    def lemma(self, attr_t value):
        self.doc.c.lemma[self.at()] = value
        self.doc.keep_text(value)

    @property
    def lemma_(self):
        """The base form."""
        return self.doc.text_of(self.doc.c.lemma[self.at()])

    @lemma_.setter
    def lemma_(self, value):
        self.doc.c.lemma[self.at()] = self.doc.vocab.text_id(self.doc.arena, plain_text(value))

    @property
    def tag(self):
        return self.doc.c.tag[self.at()]

    @tag.setter
    def tag(self, attr_t value):
        self.doc.c.tag[self.at()] = value
        self.doc.keep_text(value)

    @property
    def tag_(self):
        """The fine-grained part of speech."""
        return self.doc.text_of(self.doc.c.tag[self.at()])

    @tag_.setter
    def tag_(self, value):
        self.doc.c.tag[self.at()] = self.doc.vocab.strings.intern(plain_text(value))

    @property
    def pos(self):
        return self.doc.c.pos[self.at()]

    @pos.setter
    def pos(self, int value):
        if value not in POS_NAMES:
            raise InvalidValueError(f"{value} is not the id of a universal part of speech.")
        self.doc.c.pos[self.at()] = value

    @property
    def pos_(self):
        """The universal part of speech, such as "NOUN"."""
        return POS_BY_ID[self.doc.c.pos[self.at()]]

    @pos_.setter
    def pos_(self, value):
        if value not in POS_IDS:
            raise InvalidValueError(
                f"{value!r} is not a universal part of speech.{nearest(str(value).upper(), POS_IDS)} Other tags go "
                "into `tag_`."
            )
        self.doc.c.pos[self.at()] = POS_IDS[value]

    def has_morph(self):
        """Whether a morphological analysis is set; it may be the empty one."""
        return self.doc.c.morph[self.at()] != 0

    @property
    def morph(self):
        """The morphological analysis."""
        return MorphAnalysis.from_id(self.doc.vocab, self.doc.c.morph[self.at()])

    @morph.setter
    def morph(self, value):
        if not isinstance(value, MorphAnalysis):
            raise InvalidTypeError(
                f"`token.morph` takes a MorphAnalysis, but found {type(value).__name__}; `token.set_morph` takes "
                "strings and dicts."
            )
        if value.vocab is not self.doc.vocab:
            raise InvalidValueError(
                "This MorphAnalysis belongs to another vocabulary. Set its text: `token.set_morph(str(morph))`."
            )
        self.doc.c.morph[self.at()] = value.key

    def set_morph(self, features):
        """Set the morphological analysis.

        features: "Feat=Val|Feat=Val", a dict, the id of such a string, a MorphAnalysis, or None for not set.
        """
        cdef attr_t key = 0
        if isinstance(features, MorphAnalysis):
            self.morph = features
            return
        if features is not None:
            if isinstance(features, int):
                features = self.doc.text_of(features)
            key = self.doc.vocab.morphology.add(features)
        self.doc.c.morph[self.at()] = key

    @property
    def ent_type(self):
        return self.doc.c.ent_type[self.at()]

    @ent_type.setter
    def ent_type(self, attr_t value):
        self.doc.c.ent_type[self.at()] = value
        self.doc.keep_text(value)

    @property
    def ent_type_(self):
        """The label of the entity that the token is in."""
        return self.doc.text_of(self.doc.c.ent_type[self.at()])

    @ent_type_.setter
    def ent_type_(self, value):
        self.doc.c.ent_type[self.at()] = self.doc.vocab.strings.intern(plain_text(value))

    @classmethod
    def iob_strings(cls):
        """The strings for the values of `ent_iob`."""
        return IOB_STRINGS

    @property
    def ent_iob(self):
        """0: not known, 1: inside of an entity, 2: outside, 3: begins one (without `ent_type`: never is one)."""
        return self.doc.c.ent_iob[self.at()]

    @property
    def ent_iob_(self):
        """`ent_iob` as a string: "", "I", "O" or "B"."""
        return IOB_STRINGS[self.doc.c.ent_iob[self.at()]]

    @property
    def ent_id(self):
        return self.doc.c.ent_id[self.at()]

    @ent_id.setter
    def ent_id(self, attr_t value):
        self.doc.c.ent_id[self.at()] = value
        self.doc.keep_text(value)

    @property
    def ent_id_(self):
        """The id of the entity, such as a pattern's."""
        return self.doc.text_of(self.doc.c.ent_id[self.at()])

    @ent_id_.setter
    def ent_id_(self, value):
        self.doc.c.ent_id[self.at()] = self.doc.vocab.text_id(self.doc.arena, plain_text(value))

    @property
    def ent_kb_id(self):
        return self.doc.c.ent_kb_id[self.at()]

    @ent_kb_id.setter
    def ent_kb_id(self, attr_t value):
        self.doc.c.ent_kb_id[self.at()] = value
        self.doc.keep_text(value)

    @property
    def ent_kb_id_(self):
        """The id of the entity in a knowledge base."""
        return self.doc.text_of(self.doc.c.ent_kb_id[self.at()])

    @ent_kb_id_.setter
    def ent_kb_id_(self, value):
        self.doc.c.ent_kb_id[self.at()] = self.doc.vocab.text_id(self.doc.arena, plain_text(value))

    # Sentences

    @property
    def sent(self):
        """The sentence."""
        hook = self.doc.user_token_hooks.get("sent")
        if hook is not None:
            return hook(self)
        return Span(self.doc, self.at(), self.i + 1).sent

    @property
    def sent_start(self):
        """Deprecated: see `is_sent_start`."""
        return False if self.i == 0 else self.doc.c.sent_start[self.at()]

    @sent_start.setter
    def sent_start(self, value):
        self.is_sent_start = value

    @property
    def is_sent_start(self):
        """Whether the token begins a sentence; None if that is not known."""
        cdef int value = self.doc.c.sent_start[self.at()]
        return None if value == 0 else value > 0

    @is_sent_start.setter
    def is_sent_start(self, value):
        cdef int32_t i = self.at()
        if self.doc.has_annotation("DEP"):
            raise InvalidValueError(
                f"`is_sent_start` of token {i} cannot be set: the Doc is parsed, and its trees say where sentences "
                "begin."
            )
        if value is None:
            self.doc.c.sent_start[i] = 0
        elif isinstance(value, (bool, numpy.bool_)):
            self.doc.c.sent_start[i] = 1 if value else -1
        else:
            raise InvalidValueError(f"`is_sent_start` must be True, False or None, but found {value!r}.")

    @property
    def is_sent_end(self):
        """True for the last token of a sentence, False for others, None where no one has said."""
        cdef int32_t i = self.at()
        if i + 1 == self.doc.length:
            return True
        return None if self.doc.c.sent_start[i + 1] == 0 else self.doc.c.sent_start[i + 1] > 0

    @is_sent_end.setter
    def is_sent_end(self, value):
        raise InvalidValueError("`is_sent_end` cannot be set: set `is_sent_start` of the next token.")

    # The tree

    def has_dep(self):
        """Whether a dependency label is set."""
        return self.doc.c.dep[self.at()] != 0

    @property
    def dep(self):
        return self.doc.c.dep[self.at()]

    @dep.setter
    def dep(self, attr_t value):
        self.doc.c.dep[self.at()] = value
        self.doc.keep_text(value)

    @property
    def dep_(self):
        """The dependency label."""
        return self.doc.text_of(self.doc.c.dep[self.at()])

    @dep_.setter
    def dep_(self, value):
        self.doc.c.dep[self.at()] = self.doc.vocab.strings.intern(plain_text(value))

    def has_head(self):
        """Whether a head is set, which is so where a dependency label is."""
        return self.doc.c.dep[self.at()] != 0

    @property
    def head(self):
        """The head; the token itself if it is a root or has none.

        Setting it moves the token's whole subtree and mends sentence starts. Raises `InvalidValueError` for a token
        of another Doc, or one that descends from this token.
        """
        cdef int32_t i = self.at()
        if self.doc.c.dep[i] == 0:
            return self
        return token_at(self.doc, i + self.doc.c.head[i])

    @head.setter
    def head(self, Token new_head not None):
        if self.doc is not new_head.doc:
            raise InvalidValueError(f"The head of token {self.i} must be of the same Doc, but found one of another.")
        tree.set_head(self.doc, self.at(), new_head.at())

    @property
    def n_lefts(self):
        """How many children stand to the left."""
        return self.doc.c.l_kids[self.at()]

    @property
    def n_rights(self):
        """How many children stand to the right."""
        return self.doc.c.r_kids[self.at()]

    @property
    def lefts(self):
        """The children to the left, in order."""
        yield from tokens_at(self.doc, tree.lefts(self.doc, self.at()))

    @property
    def rights(self):
        """The children to the right, in order."""
        yield from tokens_at(self.doc, tree.rights(self.doc, self.at()))

    @property
    def children(self):
        """The children, in order."""
        yield from tokens_at(self.doc, tree.lefts(self.doc, self.at()) + tree.rights(self.doc, self.i))

    @property
    def subtree(self):
        """The token and all its descendants: left ones, itself, right ones."""
        yield from tokens_at(self.doc, tree.subtree(self.doc, self.at()))

    @property
    def left_edge(self):
        """The leftmost token of the subtree."""
        return token_at(self.doc, self.doc.c.l_edge[self.at()])

    @property
    def right_edge(self):
        """The rightmost token of the subtree."""
        return token_at(self.doc, self.doc.c.r_edge[self.at()])

    @property
    def ancestors(self):
        """The head, the head's head, and so on up to the root."""
        yield from tokens_at(self.doc, tree.ancestors(self.doc, self.at()))

    def is_ancestor(self, Token descendant not None):
        """Whether the token is an ancestor of another."""
        if self.doc is not descendant.doc:
            return False
        return self.at() in tree.ancestors(self.doc, descendant.at())

    @property
    def conjuncts(self):
        """The tokens that are coordinated with this one, which is not among them: a tuple."""
        cdef Doc doc = self.doc
        cdef int32_t start = self.at(), i, child
        cdef list found
        hook = doc.user_token_hooks.get("conjuncts")
        if hook is not None:
            return tuple(hook(self))
        while doc.c.head[start] != 0 and doc.c.dep[start] == <attr_t>conj:
            start += doc.c.head[start]
        found = [start]
        for i in found:
            for child in tree.rights(doc, i):
                if doc.c.dep[child] == <attr_t>conj:
                    found.append(child)
        return tuple(tokens_at(doc, [i for i in found if i != self.i]))

    # Others

    def nbor(self, int i=1):
        """The token `i` places to the right. Raises `InvalidIndexError` (an IndexError) if there is none."""
        cdef int32_t at = self.at() + i
        if at < 0 or at >= self.doc.length:
            raise InvalidIndexError(
                f"Token {self.i} has no neighbour {i} places away: the Doc has {self.doc.length} tokens."
            )
        return token_at(self.doc, at)

    def similarity(self, other):
        """Cosine similarity of this vector and that of another Token, Span, Doc or Lexeme."""
        hook = self.doc.user_token_hooks.get("similarity")
        if hook is not None:
            return hook(self, other)
        return _similarity.similarity(self, other)

    def _vector_key(self):
        cdef TokenTable table = table_of(self.doc)
        return token_value(&table, self.at(), self.doc.vocab.vectors.attr)

    @property
    def has_vector(self):
        """Whether the vocabulary has a vector for the word, or, having none at all, the Doc has a tensor."""
        hook = self.doc.user_token_hooks.get("has_vector")
        if hook is not None:
            return hook(self)
        if self.doc.vocab.vectors.size == 0 and self.doc.tensor.size != 0:
            return True
        return self._vector_key() in self.doc.vocab.vectors

    @property
    def vector(self):
        """The word's vector, or the token's row of `doc.tensor` if the vocabulary has no vectors."""
        hook = self.doc.user_token_hooks.get("vector")
        if hook is not None:
            return hook(self)
        if self.doc.vocab.vectors.size == 0 and self.doc.tensor.size != 0:
            return self.doc.tensor[self.at()]
        return _similarity.word_vector(self.doc.vocab, self._vector_key())

    @property
    def vector_norm(self):
        """The length (L2 norm) of `vector`."""
        hook = self.doc.user_token_hooks.get("vector_norm")
        if hook is not None:
            return hook(self)
        return _similarity.norm(self.vector)

    @property
    def tensor(self):
        """The token's row of `doc.tensor`."""
        return None if self.doc.tensor is None else self.doc.tensor[self.at()]
