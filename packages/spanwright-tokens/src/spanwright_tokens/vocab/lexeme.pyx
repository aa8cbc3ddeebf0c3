"""Word types, as views on the columns of a vocabulary."""
import warnings

from .. cimport attrs as A
from .._types cimport attr_t, int32_t, uint64_t
from .arena cimport Arena
from .lexemes cimport LEX_FLAGS, LEX_ID, LEX_LANG, LEX_LOWER, LEX_NORM, LEX_ORTH, LEX_PREFIX, LEX_SHAPE, LEX_SUFFIX
from .vocab cimport Vocab, column_of

from ..attrs import intify_attrs
from ..errors import InvalidValueError, SpanwrightWarning

OOV_RANK = 0xFFFFFFFFFFFFFFFF


cdef Lexeme make_lexeme(Vocab vocab, Arena arena, int32_t ref):
    cdef Lexeme self = Lexeme.__new__(Lexeme)
    self.vocab = vocab
    self.arena = arena if ref < 0 else None
    self.ref = ref
    self.orth = vocab.lexeme_attr(arena, ref, LEX_ORTH)
    return self


cdef class Lexeme:
    """An entry of the vocabulary: a word without its context.

    A lexeme of a word that was met only in text goes with the last Doc that holds it; setting one of its attributes
    keeps it for good.

    vocab: the vocabulary. orth: the id of the word's text, which the vocabulary must know.

    Raises UnknownStringError (a KeyError) for an id nobody knows.
    """

    def __init__(self, Vocab vocab, attr_t orth):
        cdef Lexeme found = vocab[orth]
        self.vocab = vocab
        self.arena = found.arena
        self.ref = found.ref
        self.orth = orth

    @staticmethod
    def _view(Vocab vocab, Arena arena, int32_t ref):
        return make_lexeme(vocab, arena, ref)

    cdef attr_t read(self, int column) noexcept:
        return self.vocab.lexeme_attr(self.arena, self.ref, column)

    cdef int write(self, int column, attr_t value) except -1:
        # For good, and for every living Doc that has the word.
        cdef Arena arena
        cdef int32_t row
        if self.ref < 0 and not self.vocab._zones:
            row = self.vocab.permanent_lexeme(self.orth_)
            for i in range(LEX_NORM + 1):
                self.vocab.lexemes.set(row, i, self.read(i))
            for text in (self.lower_, self.norm_, self.shape_, self.prefix_, self.suffix_):
                self.vocab.strings.intern(text)
            self.ref, self.arena = row, None
        if self.ref >= 0:
            self.vocab.lexemes.set(self.ref, column, value)
        for arena in self.vocab.strings.arenas():
            row = arena.lexemes.find(self.orth)
            if row >= 0:
                arena.lexemes.set(row, column, value)
        return 0

    cdef str text_at(self, int column):
        return self.vocab.text_of(self.arena, self.read(column))

    cdef int write_text(self, int column, str text) except -1:
        return self.write(column, self.vocab.strings.add(text))

    def _get_attr(self, attr):
        # The value of a lexeme attribute by id.
        cdef int column = column_of(attr)
        if column == LEX_FLAGS:
            return (self.read(LEX_FLAGS) >> <int>attr) & 1
        return self.read(column) if column >= 0 else 0

    def _mark(self, int flag_id, bint value):
        # Sets a flag where the word is, without keeping the word.
        cdef attr_t flags = self._with(flag_id, value)
        if self.ref >= 0:
            self.vocab.lexemes.set(self.ref, LEX_FLAGS, flags)
        else:
            self.arena.lexemes.set(~self.ref, LEX_FLAGS, flags)

    cdef attr_t _with(self, int flag_id, bint value):
        cdef attr_t flags = self.read(LEX_FLAGS)
        return flags | (<uint64_t>1 << flag_id) if value else flags & ~(<uint64_t>1 << flag_id)

    def __richcmp__(self, other, int op):
        cdef object mine = self.orth
        if other is None:
            return op == 3 or op == 4 or op == 5
        if isinstance(other, Lexeme):
            other = (<Lexeme>other).orth
        elif isinstance(other, str):
            mine = self.orth_
        elif not isinstance(other, int):
            mine, other = 0, 1
        if op == 0:
            return mine < other
        if op == 1:
            return mine <= other
        if op == 2:
            return mine == other
        if op == 3:
            return mine != other
        if op == 4:
            return mine > other
        return mine >= other

    def __hash__(self):
        return hash(self.orth)

    def __repr__(self):
        return f"<Lexeme {self.orth_!r}>"

    def __reduce__(self):
        return _unpickle, (self.vocab, self.orth_)

    # ---------------------------------------------------------------- setting by name

    def set_attrs(self, **attrs):
        """Set attributes by name: `lexeme.set_attrs(norm="cannot", is_stop=True)`. Floats are passed over.

        Raises InvalidValueError for an attribute that a lexeme lacks.
        """
        for attr, value in intify_attrs(attrs).items():
            if isinstance(value, float):
                continue
            column = column_of(attr)
            if column < 0 or column == LEX_ORTH:
                raise InvalidValueError(f"A lexeme has no attribute with the id {attr} that could be set.")
            if column == LEX_FLAGS:
                self.set_flag(attr, value)
            elif isinstance(value, str):
                self.write_text(column, value)
            else:
                self.write(column, value)

    def set_flag(self, int flag_id, bint value):
        """Set the flag with the given attribute id, 1 to 63. Raises InvalidValueError for another id."""
        _check_flag(flag_id)
        self.write(LEX_FLAGS, self._with(flag_id, value))

    def check_flag(self, int flag_id):
        """Whether the flag with the given attribute id, 1 to 63, is set. Raises InvalidValueError for another id."""
        _check_flag(flag_id)
        return bool((self.read(LEX_FLAGS) >> flag_id) & 1)

    # ---------------------------------------------------------------- vectors

    def similarity(self, other):
        """The cosine of the vectors of this lexeme and of a Doc, Span, Token or Lexeme; 1.0 for the same word.

        Warns and gives 0.0 if either has no vector.
        """
        orth = getattr(other, "orth", None)
        if orth is None and hasattr(other, "__len__") and len(other) == 1:
            orth = getattr(other[0], "orth", None)
        if orth is not None and orth == self.orth:
            return 1.0
        if self.vocab.vectors_length == 0 or self.vector_norm == 0 or other.vector_norm == 0:
            warnings.warn(
                f"The similarity of {self.orth_!r} is 0 because one of the two has no vector: load a pipeline with "
                "vectors (its name ends in md or lg).",
                SpanwrightWarning,
                stacklevel=2,
            )
            return 0.0
        return float((self.vector * other.vector).sum() / (self.vector_norm * other.vector_norm))

    @property
    def has_vector(self):
        """Whether the word has a vector."""
        return self.vocab.has_vector(self.orth)

    @property
    def vector_norm(self):
        """The length (L2 norm) of the vector."""
        vector = self.vector
        return ((vector ** 2).sum()) ** 0.5

    @property
    def vector(self):
        """The vector. *Shape* (vocab.vectors_length,). Raises InvalidValueError if the vocabulary has none."""
        if self.vocab.vectors_length == 0:
            raise InvalidValueError(
                "This vocabulary has no vectors: load a pipeline with vectors, or set some with vocab.set_vector."
            )
        return self.vocab.get_vector(self.orth)

    @vector.setter
    def vector(self, vector):
        width = self.vocab.vectors_length
        if len(vector) != width:
            raise InvalidValueError(
                f"A vector of {width} numbers is needed, found {len(vector)}: "
                f"use vocab.reset_vectors(width={len(vector)}) to change the width of the table."
            )
        self.vocab.set_vector(self.orth, vector)

    # ---------------------------------------------------------------- numbers

    @property
    def rank(self):
        """The row of the word's vector; 2**64 - 1 if it has none."""
        return self.read(LEX_ID)

    @rank.setter
    def rank(self, attr_t value):
        self.write(LEX_ID, value)

    @property
    def is_oov(self):
        """Whether the word has no vector."""
        return self.orth not in self.vocab.vectors

    @property
    def prob(self):
        """The log probability of the word, from the table `lexeme_prob`."""
        settings = self.vocab.lookups.get_table("lexeme_settings", {})
        default = settings.get("oov_prob", self.vocab.cfg.get("oov_prob", -20.0))
        return self.vocab.lookups.get_table("lexeme_prob", {}).get(self.orth, default)

    @prob.setter
    def prob(self, float value):
        self._table("lexeme_prob")[self.orth] = value

    @property
    def cluster(self):
        """The Brown cluster of the word, from the table `lexeme_cluster`."""
        return self.vocab.lookups.get_table("lexeme_cluster", {}).get(self.orth, 0)

    @cluster.setter
    def cluster(self, int value):
        self._table("lexeme_cluster")[self.orth] = value

    @property
    def sentiment(self):
        """How positive the word is, from the table `lexeme_sentiment`."""
        return self.vocab.lookups.get_table("lexeme_sentiment", {}).get(self.orth, 0.0)

    @sentiment.setter
    def sentiment(self, float value):
        self._table("lexeme_sentiment")[self.orth] = value

    def _table(self, name):
        lookups = self.vocab.lookups
        return lookups.get_table(name) if name in lookups else lookups.add_table(name)

    @property
    def flags(self):
        """All flags; the bit of each is its attribute id."""
        return self.read(LEX_FLAGS)

    @flags.setter
    def flags(self, attr_t value):
        self.write(LEX_FLAGS, value)

    # ---------------------------------------------------------------- strings

    @property
    def orth_(self):
        """The text of the word."""
        return self.text_at(LEX_ORTH)

    @property
    def text(self):
        """The text of the word."""
        return self.text_at(LEX_ORTH)

    @property
    def norm(self):
        """The normalised form of the word, as an id."""
        return self.read(LEX_NORM)

    @norm.setter
    def norm(self, attr_t value):
        self._table("lexeme_norm")[self.orth] = self.vocab.strings.lookup(value, None)
        self.write(LEX_NORM, value)

    @property
    def norm_(self):
        """The normalised form of the word."""
        return self.text_at(LEX_NORM)

    @norm_.setter
    def norm_(self, str value):
        self.norm = self.vocab.strings.add(value)

    @property
    def lower(self):
        """The lower-case form of the word, as an id."""
        return self.read(LEX_LOWER)

    @lower.setter
    def lower(self, attr_t value):
        self.write(LEX_LOWER, value)

    @property
    def lower_(self):
        """The lower-case form of the word."""
        return self.text_at(LEX_LOWER)

    @lower_.setter
    def lower_(self, str value):
        self.write_text(LEX_LOWER, value)

    @property
    def shape(self):
        """The shape (`Xxxxx`, `dd`) of the word, as an id."""
        return self.read(LEX_SHAPE)

    @shape.setter
    def shape(self, attr_t value):
        self.write(LEX_SHAPE, value)

    @property
    def shape_(self):
        """The shape (`Xxxxx`, `dd`) of the word."""
        return self.text_at(LEX_SHAPE)

    @shape_.setter
    def shape_(self, str value):
        self.write_text(LEX_SHAPE, value)

    @property
    def prefix(self):
        """The first character of the word, as an id."""
        return self.read(LEX_PREFIX)

    @prefix.setter
    def prefix(self, attr_t value):
        self.write(LEX_PREFIX, value)

    @property
    def prefix_(self):
        """The first character of the word."""
        return self.text_at(LEX_PREFIX)

    @prefix_.setter
    def prefix_(self, str value):
        self.write_text(LEX_PREFIX, value)

    @property
    def suffix(self):
        """The last three characters of the word, as an id."""
        return self.read(LEX_SUFFIX)

    @suffix.setter
    def suffix(self, attr_t value):
        self.write(LEX_SUFFIX, value)

    @property
    def suffix_(self):
        """The last three characters of the word."""
        return self.text_at(LEX_SUFFIX)

    @suffix_.setter
    def suffix_(self, str value):
        self.write_text(LEX_SUFFIX, value)

    @property
    def lang(self):
        """The language code of the vocabulary, as an id."""
        return self.read(LEX_LANG)

    @lang.setter
    def lang(self, attr_t value):
        self.write(LEX_LANG, value)

    @property
    def lang_(self):
        """The language code of the vocabulary."""
        return self.text_at(LEX_LANG)

    @lang_.setter
    def lang_(self, str value):
        self.write_text(LEX_LANG, value)

    # ---------------------------------------------------------------- flags

    @property
    def is_alpha(self):
        """Whether the word consists of letters."""
        return self.check_flag(A.IS_ALPHA)

    @is_alpha.setter
    def is_alpha(self, bint value):
        self.set_flag(A.IS_ALPHA, value)

    @property
    def is_ascii(self):
        """Whether the word is all ASCII."""
        return self.check_flag(A.IS_ASCII)

    @is_ascii.setter
    def is_ascii(self, bint value):
        self.set_flag(A.IS_ASCII, value)

    @property
    def is_digit(self):
        """Whether the word consists of digits."""
        return self.check_flag(A.IS_DIGIT)

    @is_digit.setter
    def is_digit(self, bint value):
        self.set_flag(A.IS_DIGIT, value)

    @property
    def is_lower(self):
        """Whether the word is in lower case."""
        return self.check_flag(A.IS_LOWER)

    @is_lower.setter
    def is_lower(self, bint value):
        self.set_flag(A.IS_LOWER, value)

    @property
    def is_upper(self):
        """Whether the word is in upper case."""
        return self.check_flag(A.IS_UPPER)

    @is_upper.setter
    def is_upper(self, bint value):
        self.set_flag(A.IS_UPPER, value)

    @property
    def is_title(self):
        """Whether the word is in title case."""
        return self.check_flag(A.IS_TITLE)

    @is_title.setter
    def is_title(self, bint value):
        self.set_flag(A.IS_TITLE, value)

    @property
    def is_punct(self):
        """Whether the word is punctuation."""
        return self.check_flag(A.IS_PUNCT)

    @is_punct.setter
    def is_punct(self, bint value):
        self.set_flag(A.IS_PUNCT, value)

    @property
    def is_space(self):
        """Whether the word is whitespace."""
        return self.check_flag(A.IS_SPACE)

    @is_space.setter
    def is_space(self, bint value):
        self.set_flag(A.IS_SPACE, value)

    @property
    def is_bracket(self):
        """Whether the word is a bracket."""
        return self.check_flag(A.IS_BRACKET)

    @is_bracket.setter
    def is_bracket(self, bint value):
        self.set_flag(A.IS_BRACKET, value)

    @property
    def is_quote(self):
        """Whether the word is a quotation mark."""
        return self.check_flag(A.IS_QUOTE)

    @is_quote.setter
    def is_quote(self, bint value):
        self.set_flag(A.IS_QUOTE, value)

    @property
    def is_left_punct(self):
        """Whether the word opens a bracket or quotation."""
        return self.check_flag(A.IS_LEFT_PUNCT)

    @is_left_punct.setter
    def is_left_punct(self, bint value):
        self.set_flag(A.IS_LEFT_PUNCT, value)

    @property
    def is_right_punct(self):
        """Whether the word closes a bracket or quotation."""
        return self.check_flag(A.IS_RIGHT_PUNCT)

    @is_right_punct.setter
    def is_right_punct(self, bint value):
        self.set_flag(A.IS_RIGHT_PUNCT, value)

    @property
    def is_currency(self):
        """Whether the word is a currency sign."""
        return self.check_flag(A.IS_CURRENCY)

    @is_currency.setter
    def is_currency(self, bint value):
        self.set_flag(A.IS_CURRENCY, value)

    @property
    def is_stop(self):
        """Whether the word is a stop word."""
        return self.check_flag(A.IS_STOP)

    @is_stop.setter
    def is_stop(self, bint value):
        self.set_flag(A.IS_STOP, value)

    @property
    def like_url(self):
        """Whether the word looks like a web address."""
        return self.check_flag(A.LIKE_URL)

    @like_url.setter
    def like_url(self, bint value):
        self.set_flag(A.LIKE_URL, value)

    @property
    def like_num(self):
        """Whether the word looks like a number."""
        return self.check_flag(A.LIKE_NUM)

    @like_num.setter
    def like_num(self, bint value):
        self.set_flag(A.LIKE_NUM, value)

    @property
    def like_email(self):
        """Whether the word looks like an e-mail address."""
        return self.check_flag(A.LIKE_EMAIL)

    @like_email.setter
    def like_email(self, bint value):
        self.set_flag(A.LIKE_EMAIL, value)


cdef int _check_flag(int flag_id) except -1:
    if not 1 <= flag_id < 64:
        raise InvalidValueError(f"A flag's id must lie between 1 and 63, found {flag_id}.")
    return 0


def _unpickle(vocab, text):
    return vocab[text]
