# cython: boundscheck=False
"""The getters of lexeme attributes: language neutral, and replaceable one by one.

Each takes the text of a word. A vocabulary that uses these functions computes them in C without calling them.
"""
import re
import unicodedata
from functools import partial

from cpython.dict cimport PyDict_Next
from cpython.object cimport PyObject
from cpython.unicode cimport (
    PyUnicode_DATA,
    PyUnicode_FromKindAndData,
    PyUnicode_GET_LENGTH,
    PyUnicode_KIND,
    PyUnicode_READ,
)
from libc.stdint cimport uint8_t, uint32_t

from .._types cimport attr_t, uint64_t
from .. cimport attrs as A

from .norms import BASE_NORMS
from .urls import TOP_LEVEL_DOMAINS, is_address

cdef extern from "Python.h":
    bint PyUnicode_IS_ASCII(object text)
    const int PyUnicode_4BYTE_KIND

cdef enum:
    LONG_WORD = 100     # characters from which on the shape is LONG
    LONGEST_RUN = 4

# A mail box, a host and at least the beginning of its domain, in ASCII.
cdef object email_match = re.compile(r"[\w.+-]+@[a-z\d-]+\.[a-z\d.-]", re.ASCII | re.IGNORECASE).match
cdef frozenset SIGNS = frozenset("-+~±")
cdef dict WITHOUT_SEPARATORS = {ord(separator): None for separator in ".,"}

cdef frozenset BRACKETS = frozenset("()[]{}<>")
cdef frozenset QUOTES = frozenset([*"\"'`«»‘’‚‛“”„‟‹›❮❯", "''", "``"])
cdef frozenset LEFT = frozenset([*"([{<\"'«‘‚‛“„‟‹❮", "``"])
cdef frozenset RIGHT = frozenset([*")]}>\"'»’”›❯", "''"])

# Unicode category of a character of the basic plane: not asked yet, punctuation, currency, anything else.
cdef enum:
    UNASKED, PUNCTUATION, CURRENCY, OTHER
cdef uint8_t[65536] CATEGORY


cdef int category_of(uint32_t c) except -1:
    cdef int found = CATEGORY[c] if c < 65536 else <int>UNASKED
    cdef str name
    if found == UNASKED:
        name = unicodedata.category(chr(c))
        found = PUNCTUATION if name[0] == "P" else CURRENCY if name == "Sc" else OTHER
        if c < 65536:
            CATEGORY[c] = <uint8_t>found
    return found


cdef bint all_of(str text, int category) except -1:
    cdef int kind = PyUnicode_KIND(text)
    cdef void* data = PyUnicode_DATA(text)
    cdef Py_ssize_t i
    for i in range(PyUnicode_GET_LENGTH(text)):
        if category_of(<uint32_t>PyUnicode_READ(kind, data, i)) != category:
            return False
    return True


def is_alpha(text):
    """Whether a word consists of letters."""
    return text.isalpha()


def is_ascii(text):
    """Whether all characters of a word are ASCII."""
    return text.isascii()


def is_digit(text):
    """Whether a word consists of digits."""
    return text.isdigit()


def is_lower(text):
    """Whether a word is in lower case."""
    return text.islower()


def is_upper(text):
    """Whether a word is in upper case."""
    return text.isupper()


def is_title(text):
    """Whether a word is in title case."""
    return text.istitle()


def is_space(text):
    """Whether a word is whitespace."""
    return text.isspace()


def is_punct(text):
    """Whether a word consists of punctuation."""
    return all_of(text, PUNCTUATION)


def is_currency(text):
    """Whether a word consists of currency signs."""
    return all_of(text, CURRENCY)


def is_bracket(text):
    """Whether a word is a bracket."""
    return text in BRACKETS


def is_quote(text):
    """Whether a word is a quotation mark."""
    return text in QUOTES


def is_left_punct(text):
    """Whether a word is an opening bracket or quotation mark."""
    return text in LEFT


def is_right_punct(text):
    """Whether a word is a closing bracket or quotation mark."""
    return text in RIGHT


def like_num(text):
    """Whether a word is written as a number: `10`, `-1,000.5`, `3/4`."""
    cdef list parts = text[text[:1] in SIGNS:].translate(WITHOUT_SEPARATORS).split("/")
    cdef str part
    if len(parts) > 2:
        return False
    for part in parts:
        if not part.isdigit():
            return False
    return True


def like_email(text):
    """Whether a word begins as an e-mail address."""
    return email_match(text) is not None


def like_url(text):
    """Whether a word looks like a web address: `www.site.org`, `https://...`, `site.fr/page`."""
    if text.startswith(("http://", "https://")):
        return True
    if text.startswith("www.") and len(text) >= 5:
        return True
    if "." not in text or "@" in text or text[0] == "." or text[-1] == ".":
        return False
    ending = text.rsplit(".", 1)[1].partition(":")[0]
    if ending.endswith("/") or ending in TOP_LEVEL_DOMAINS:
        return True
    return is_address(text)


def word_shape(text):
    """The shape of a word: `Xxxxx` of `Apple`, `dd` of `42`. Runs are cut to four; words of 100 characters are LONG."""
    return shape_of(text)


def lower(text):
    """The lower-case form of a word."""
    return text.lower()


def prefix(text):
    """The first character of a word."""
    return text[0]


def suffix(text):
    """The last three characters of a word."""
    return text[-3:]


cdef str shape_of(str text):
    cdef Py_ssize_t length = PyUnicode_GET_LENGTH(text)
    cdef int kind = PyUnicode_KIND(text)
    cdef void* data = PyUnicode_DATA(text)
    cdef Py_UCS4[LONG_WORD] out
    cdef Py_UCS4 c, shape, last = 0xFFFFFFFF
    cdef Py_ssize_t i
    cdef int run = 0, n = 0
    if length >= LONG_WORD:
        return "LONG"
    for i in range(length):
        c = PyUnicode_READ(kind, data, i)
        if c.isalpha():
            shape = u"X" if c.isupper() else u"x"
        elif c.isdigit():
            shape = u"d"
        else:
            shape = c
        run = run + 1 if shape == last else 1
        last = shape
        if run <= LONGEST_RUN:
            out[n] = shape
            n += 1
    return PyUnicode_FromKindAndData(PyUnicode_4BYTE_KIND, out, n)


cdef str lower_of(str text):
    if PyUnicode_IS_ASCII(text) and text.islower():
        return text
    return text.lower()


cdef inline uint64_t bit(int flag) noexcept nogil:
    return (<uint64_t>1) << flag


cdef uint64_t flags_of(str text, uint64_t wanted) except? 0:
    # The flags of a word that is not empty, of those wanted.
    cdef Py_ssize_t i, length = PyUnicode_GET_LENGTH(text)
    cdef int kind = PyUnicode_KIND(text)
    cdef void* data = PyUnicode_DATA(text)
    cdef Py_UCS4 c
    cdef bint alpha, digit = False, dot = False, at = False
    cdef uint64_t found = 0
    for i in range(length):
        c = PyUnicode_READ(kind, data, i)
        digit = digit or c.isdigit()
        dot = dot or c == u"."
        at = at or c == u"@"
    alpha = text.isalpha()
    if PyUnicode_IS_ASCII(text):
        found |= bit(A.IS_ASCII)
    if text.islower():
        found |= bit(A.IS_LOWER)
    elif text.isupper():
        found |= bit(A.IS_UPPER)
    if text.istitle():
        found |= bit(A.IS_TITLE)
    if alpha:
        found |= bit(A.IS_ALPHA)
    else:
        found |= flags_of_signs(text, digit)
    if at and like_email(text):
        found |= bit(A.LIKE_EMAIL)
    if (dot or (length > 6 and PyUnicode_READ(kind, data, 4) in u":s")) and wanted & bit(A.LIKE_URL) and like_url(text):
        found |= bit(A.LIKE_URL)
    return found & wanted


cdef uint64_t flags_of_signs(str text, bint digit) except? 0:
    # What only a word with something else than letters can be.
    cdef uint64_t found = 0
    cdef int first = category_of(<uint32_t><Py_UCS4>text[0])
    if digit:
        if text.isdigit():
            found |= bit(A.IS_DIGIT)
        if like_num(text):
            found |= bit(A.LIKE_NUM)
    if text.isspace():
        found |= bit(A.IS_SPACE)
    if first == PUNCTUATION and all_of(text, PUNCTUATION):
        found |= bit(A.IS_PUNCT)
    if first == CURRENCY and all_of(text, CURRENCY):
        found |= bit(A.IS_CURRENCY)
    if PyUnicode_GET_LENGTH(text) <= 2:
        if text in BRACKETS:
            found |= bit(A.IS_BRACKET)
        if text in QUOTES:
            found |= bit(A.IS_QUOTE)
        if text in LEFT:
            found |= bit(A.IS_LEFT_PUNCT)
        if text in RIGHT:
            found |= bit(A.IS_RIGHT_PUNCT)
    return found


def is_stop(text, stops=frozenset()):
    """Whether the lower-case form of a word is one of a set of stop words."""
    return text.lower() in stops


def get_lang(text, lang=""):
    """The language code, whatever the word."""
    return lang


def norm_with_tables(base, tables, text):
    """The norm of a word in the first table that has one, else what the function `base` gives."""
    for table in tables:
        if text in table:
            return table[text]
    return base(text)


def add_lookups(default_func, *lookups):
    """A getter that looks in tables of word -> value before it calls another getter. It can be pickled."""
    return partial(norm_with_tables, default_func, lookups)


LEX_ATTRS = {
    A.LOWER: lower,
    A.NORM: lower,
    A.PREFIX: prefix,
    A.SUFFIX: suffix,
    A.SHAPE: word_shape,
    A.IS_ALPHA: is_alpha,
    A.IS_ASCII: is_ascii,
    A.IS_BRACKET: is_bracket,
    A.IS_CURRENCY: is_currency,
    A.IS_DIGIT: is_digit,
    A.IS_LEFT_PUNCT: is_left_punct,
    A.IS_LOWER: is_lower,
    A.IS_PUNCT: is_punct,
    A.IS_QUOTE: is_quote,
    A.IS_RIGHT_PUNCT: is_right_punct,
    A.IS_SPACE: is_space,
    A.IS_STOP: is_stop,
    A.IS_TITLE: is_title,
    A.IS_UPPER: is_upper,
    A.LIKE_EMAIL: like_email,
    A.LIKE_NUM: like_num,
    A.LIKE_URL: like_url,
}
LEX_ATTRS = {int(key): value for key, value in LEX_ATTRS.items()}


def neutral_getters(lang="", stop_words=frozenset(), overrides=None):
    """The getters of a language: the neutral ones, its stop words, the base norms, and what it overrides.

    lang: the language code. stop_words: a set of lower-case words. overrides: attribute id -> function.
    """
    getters = {**LEX_ATTRS, **(overrides or {})}
    getters[int(A.IS_STOP)] = partial(is_stop, stops=stop_words)
    getters[int(A.LANG)] = partial(get_lang, lang=lang or "")
    getters[int(A.NORM)] = add_lookups(getters[int(A.NORM)], BASE_NORMS)
    return getters


cdef class Plan:
    """How to make lexemes with a given set of getters: in C where they are the ones above."""

    def __init__(self, dict getters):
        self.attrs = tuple(getters.keys())
        self.getters = tuple(getters.values())
        self.default_flags = 0
        self.stops = None
        self.norm_tables = []
        self.norm_base = None
        self.lang = ""
        self.others = []
        for attr, getter in getters.items():
            if not self._known(attr, getter):
                self.others.append((attr, getter))

    def _known(self, attr, getter):
        # Whether C can do what the getter does.
        parts = getter.keywords if type(getter) is partial else {}
        function = getter.func if type(getter) is partial else getter
        if attr == A.NORM:
            return self._known_norm(getter)
        if attr == A.IS_STOP and function is is_stop and set(parts) <= {"stops"}:
            self.stops = parts.get("stops", frozenset())
            return isinstance(self.stops, (set, frozenset))
        if attr == A.LANG and function is get_lang and type(parts.get("lang", "")) is str:
            self.lang = parts.get("lang", "")
            return True
        if getter is not LEX_ATTRS.get(attr):
            return False
        if attr < 64:
            self.default_flags |= bit(attr)
        self.lower = self.lower or attr == A.LOWER
        self.shape = self.shape or attr == A.SHAPE
        self.prefix = self.prefix or attr == A.PREFIX
        self.suffix = self.suffix or attr == A.SUFFIX
        return True

    def _known_norm(self, getter):
        tables = []
        while type(getter) is partial and getter.func is norm_with_tables and len(getter.args) == 2:
            getter, more = getter.args
            tables.extend(more)
        self.norm = True
        self.norm_tables = tables
        self.norm_base = None if getter is lower else getter
        return True

    cdef bint fits(self, dict getters) noexcept:
        # The dictionary is the user's: it may have changed since.
        cdef Py_ssize_t position = 0
        cdef Py_ssize_t i = 0
        cdef PyObject* key
        cdef PyObject* value
        if len(getters) != len(self.getters):
            return False
        while PyDict_Next(getters, &position, &key, &value):
            if value != <PyObject*>self.getters[i] or key != <PyObject*>self.attrs[i]:
                return False
            i += 1
        return True

    cdef str norm_of(self, str text, str lower):
        for table in self.norm_tables:
            if text in table:
                return table[text]
        return lower if self.norm_base is None else self.norm_base(text)
