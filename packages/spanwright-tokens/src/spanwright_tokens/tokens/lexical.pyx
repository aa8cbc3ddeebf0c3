# cython: boundscheck=False, wraparound=False, initializedcheck=False
"""What a token has from its text and its lexeme."""

cimport cython

from .._types cimport attr_t, int32_t
from ..attrs cimport (
    IS_ALPHA,
    IS_ASCII,
    IS_BRACKET,
    IS_CURRENCY,
    IS_DIGIT,
    IS_LEFT_PUNCT,
    IS_LOWER,
    IS_PUNCT,
    IS_QUOTE,
    IS_RIGHT_PUNCT,
    IS_SPACE,
    IS_STOP,
    IS_TITLE,
    IS_UPPER,
    LIKE_EMAIL,
    LIKE_NUM,
    LIKE_URL,
)
from ..vocab.lexeme cimport make_lexeme
from ..vocab.lexemes cimport (
    LEX_FLAGS,
    LEX_ID,
    LEX_LANG,
    LEX_LOWER,
    LEX_ORTH,
    LEX_PREFIX,
    LEX_SHAPE,
    LEX_SUFFIX,
)
from .attributes cimport lex_attr
from .doc cimport Doc

from ..errors import InvalidIndexError, InvalidValueError


@cython.freelist(64)
cdef class LexicalToken:
    """The part of `Token` that annotations do not touch."""

    cdef int32_t at(self) except -1:
        if self.i >= self.doc.length:
            raise InvalidIndexError(
                f"Token {self.i} is gone: the Doc has {self.doc.length} tokens now. Take tokens anew after "
                "retokenizing."
            )
        return self.i

    cdef attr_t lexical(self, int column) except? 18446744073709551615:
        return lex_attr(self.doc, self.at(), column)

    @property
    def vocab(self):
        """The Doc's vocabulary."""
        return self.doc.vocab

    # Text

    @property
    def text(self):
        """The token as it stands in the text."""
        return self.doc.vocab.text_of(self.doc.arena, self.lexical(LEX_ORTH))

    @property
    def text_with_ws(self):
        """The token with the space that follows it, if one does."""
        cdef str text = self.doc.vocab.text_of(self.doc.arena, self.lexical(LEX_ORTH))
        return text + " " if self.doc.c.spacy[self.i] else text

    @property
    def whitespace_(self):
        """A space if one follows the token, else an empty string."""
        return " " if self.doc.c.spacy[self.at()] else ""

    @property
    def idx(self):
        """Where the token begins in the text, in characters."""
        return self.doc.c.idx[self.at()]

    # Of the lexeme

    @property
    def lex(self):
        """The lexeme: what all tokens of this text have in common."""
        return make_lexeme(
            self.doc.vocab, None if self.doc.c.lex[self.at()] >= 0 else self.doc.arena, self.doc.c.lex[self.i]
        )

    @property
    def lex_id(self):
        """The lexeme's number."""
        return self.lexical(LEX_ID)

    @property
    def rank(self):
        """The lexeme's number."""
        return self.lexical(LEX_ID)

    @property
    def orth(self):
        return self.lexical(LEX_ORTH)

    @property
    def orth_(self):
        """The token as it stands in the text."""
        return self.doc.text_of(self.lexical(LEX_ORTH))

    @property
    def lower(self):
        return self.lexical(LEX_LOWER)

    @property
    def lower_(self):
        """The text in lower case."""
        return self.doc.text_of(self.lexical(LEX_LOWER))

    @property
    def shape(self):
        return self.lexical(LEX_SHAPE)

    @property
    def shape_(self):
        """The text with letters as x or X, digits as d, and runs cut to four: "Xxxxx", "dd"."""
        return self.doc.text_of(self.lexical(LEX_SHAPE))

    @property
    def prefix(self):
        return self.lexical(LEX_PREFIX)

    @property
    def prefix_(self):
        """The first character."""
        return self.doc.text_of(self.lexical(LEX_PREFIX))

    @property
    def suffix(self):
        return self.lexical(LEX_SUFFIX)

    @property
    def suffix_(self):
        """The last three characters."""
        return self.doc.text_of(self.lexical(LEX_SUFFIX))

    @property
    def lang(self):
        return self.lexical(LEX_LANG)

    @property
    def lang_(self):
        """The language of the vocabulary, such as "en"."""
        return self.doc.text_of(self.lexical(LEX_LANG))

    @property
    def prob(self):
        """The word's log probability, if the vocabulary has a table of them."""
        return self.lex.prob

    @property
    def cluster(self):
        """The word's Brown cluster, if the vocabulary has a table of them."""
        return self.lex.cluster

    @property
    def sentiment(self):
        """How positive or negative the word is, if the vocabulary has a table of that."""
        hook = self.doc.user_token_hooks.get("sentiment")
        if hook is not None:
            return hook(self)
        return self.lex.sentiment

    cpdef bint check_flag(self, int flag_id) except -1:
        """Whether a flag of the lexeme is set.

        flag_id: the flag's attribute id, 1 to 63.
        """
        if flag_id < 0 or flag_id > 63:
            raise InvalidValueError(f"A flag has an id from 1 to 63, but found {flag_id}.")
        return (self.lexical(LEX_FLAGS) >> flag_id) & 1

    @property
    def is_oov(self):
        """Whether the vocabulary has no vector for the word."""
        return self.lexical(LEX_ORTH) not in self.doc.vocab.vectors

    @property
    def is_stop(self):
        return self.check_flag(IS_STOP)

    @property
    def is_alpha(self):
        return self.check_flag(IS_ALPHA)

    @property
    def is_ascii(self):
        return self.check_flag(IS_ASCII)

    @property
    def is_digit(self):
        return self.check_flag(IS_DIGIT)

    @property
    def is_lower(self):
        return self.check_flag(IS_LOWER)

    @property
    def is_upper(self):
        return self.check_flag(IS_UPPER)

    @property
    def is_title(self):
        return self.check_flag(IS_TITLE)

    @property
    def is_punct(self):
        return self.check_flag(IS_PUNCT)

    @property
    def is_space(self):
        return self.check_flag(IS_SPACE)

    @property
    def is_bracket(self):
        return self.check_flag(IS_BRACKET)

    @property
    def is_quote(self):
        return self.check_flag(IS_QUOTE)

    @property
    def is_left_punct(self):
        return self.check_flag(IS_LEFT_PUNCT)

    @property
    def is_right_punct(self):
        return self.check_flag(IS_RIGHT_PUNCT)

    @property
    def is_currency(self):
        return self.check_flag(IS_CURRENCY)

    @property
    def like_url(self):
        return self.check_flag(LIKE_URL)

    @property
    def like_num(self):
        return self.check_flag(LIKE_NUM)

    @property
    def like_email(self):
        return self.check_flag(LIKE_EMAIL)
