# cython: language_level=3, boundscheck=False, wraparound=False, initializedcheck=False
"""Token and lexeme attributes by id: one reader for single values, one for whole columns, one writer."""

from .._types cimport attr_t, int8_t, int32_t, uint8_t
from ..attrs cimport (
    DEP,
    ENT_ID,
    ENT_IOB,
    ENT_KB_ID,
    ENT_TYPE,
    HEAD,
    ID,
    IDX,
    LANG,
    LEMMA,
    LENGTH,
    LOWER,
    MORPH,
    NORM,
    ORTH,
    POS,
    PREFIX,
    SENT_START,
    SHAPE,
    SPACY,
    SUFFIX,
    TAG,
)
from ..vocab.lexemes cimport (
    LEX_FLAGS,
    LEX_ID,
    LEX_LANG,
    LEX_LENGTH,
    LEX_LOWER,
    LEX_NORM,
    LEX_ORTH,
    LEX_PREFIX,
    LEX_SHAPE,
    LEX_SUFFIX,
)

import operator

from ..attrs import IDS
from ..errors import InvalidValueError, MissingKeyError, nearest

_NAMES = {value: key for key, value in IDS.items()}
# What a token holds itself, so what can be set; all other attributes are the lexeme's.
OWN = frozenset({
    NORM, LEMMA, TAG, MORPH, DEP, ENT_TYPE, ENT_KB_ID, ENT_ID,
    HEAD, SPACY, POS, ENT_IOB, SENT_START,
})
# Those whose values are ids of strings.
TEXTS = frozenset({
    NORM, LEMMA, TAG, MORPH, DEP, ENT_TYPE, ENT_KB_ID, ENT_ID,
})


class UnknownAttributeError(MissingKeyError, InvalidValueError):
    """There is no attribute of that name."""


def attribute_id(name):
    """The id of an attribute that is given as a name in any case ("LEMMA", "lemma") or as an id.

    Raises `UnknownAttributeError` (a `KeyError` and a `ValueError`) for a name that does not exist.
    """
    if isinstance(name, str):
        key = IDS.get(name.upper())
        if key is not None:
            return key
        known = [each for each in IDS if not each.startswith("FLAG")]
        raise UnknownAttributeError(f"There is no token attribute {name!r}.{nearest(name.upper(), known)}")
    try:
        return operator.index(name)
    except TypeError:
        raise UnknownAttributeError(
            f"A token attribute is given as a name or an id, but found {name!r} ({type(name).__name__})."
        ) from None


def attribute_name(attr):
    """The name of an attribute's id, for messages."""
    return _NAMES.get(attr, str(attr))


def attribute_ids(attrs):
    """The ids of one attribute or a sequence of them, as a list."""
    if isinstance(attrs, str) or not hasattr(attrs, "__iter__"):
        attrs = (attrs,)
    return [attribute_id(attr) for attr in attrs]


cdef inline int lex_column(int attr) noexcept nogil:
    if attr == ORTH:
        return LEX_ORTH
    if attr == NORM:
        return LEX_NORM
    if attr == LOWER:
        return LEX_LOWER
    if attr == SHAPE:
        return LEX_SHAPE
    if attr == PREFIX:
        return LEX_PREFIX
    if attr == SUFFIX:
        return LEX_SUFFIX
    if attr == LENGTH:
        return LEX_LENGTH
    if attr == LANG:
        return LEX_LANG
    if attr == ID:
        return LEX_ID
    return -1


cdef inline attr_t* wide_column(const Columns* c, int attr) noexcept nogil:
    if attr == LEMMA:
        return c.lemma
    if attr == TAG:
        return c.tag
    if attr == MORPH:
        return c.morph
    if attr == DEP:
        return c.dep
    if attr == ENT_TYPE:
        return c.ent_type
    if attr == ENT_KB_ID:
        return c.ent_kb_id
    if attr == ENT_ID:
        return c.ent_id
    return NULL


cdef attr_t token_value(const TokenTable* table, int32_t i, int attr) noexcept nogil:
    cdef attr_t value
    read_range(table, attr, &value, 1, i, i + 1)
    return value


cdef void read_values(const TokenTable* table, int attr, attr_t* out, Py_ssize_t stride) noexcept nogil:
    read_range(table, attr, out, stride, 0, table.length)


cdef void read_range(
    const TokenTable* table, int attr, attr_t* out, Py_ssize_t stride, int32_t start, int32_t stop
) noexcept nogil:
    cdef const Columns* c = &table.c
    cdef attr_t* wide = wide_column(c, attr)
    cdef int32_t i
    cdef int column
    if wide is not NULL:
        for i in range(start, stop):
            out[(i - start) * stride] = wide[i]
    elif 0 < attr < ID:
        for i in range(start, stop):
            out[(i - start) * stride] = (lex_value(table, i, LEX_FLAGS) >> attr) & 1
    elif attr == NORM:
        for i in range(start, stop):
            out[(i - start) * stride] = c.norm[i] if c.norm[i] else lex_value(table, i, LEX_NORM)
    elif attr == HEAD:
        for i in range(start, stop):
            out[(i - start) * stride] = <attr_t>c.head[i]
    elif attr == IDX:
        for i in range(start, stop):
            out[(i - start) * stride] = <attr_t>c.idx[i]
    elif attr == SPACY:
        for i in range(start, stop):
            out[(i - start) * stride] = c.spacy[i]
    elif attr == POS:
        for i in range(start, stop):
            out[(i - start) * stride] = c.pos[i]
    elif attr == ENT_IOB:
        for i in range(start, stop):
            out[(i - start) * stride] = c.ent_iob[i]
    elif attr == SENT_START:
        for i in range(start, stop):
            out[(i - start) * stride] = <attr_t>c.sent_start[i]
    else:
        column = lex_column(attr)
        for i in range(start, stop):
            out[(i - start) * stride] = lex_value(table, i, column) if column >= 0 else 0


cdef bint write_value(Columns* c, int32_t i, int attr, attr_t value) noexcept nogil:
    cdef attr_t* wide = wide_column(c, attr)
    if wide is not NULL:
        wide[i] = value
    elif attr == NORM:
        c.norm[i] = value
    elif attr == HEAD:
        c.head[i] = <int32_t>value
    elif attr == SPACY:
        c.spacy[i] = value != 0
    elif attr == POS:
        c.pos[i] = <uint8_t>value
    elif attr == ENT_IOB:
        c.ent_iob[i] = <uint8_t>value
    elif attr == SENT_START:
        c.sent_start[i] = <int8_t>value
    else:
        return False
    return True
