from .._types cimport int32_t
from .doc cimport Doc
from .lexical cimport LexicalToken


cdef class Token(LexicalToken):
    pass


cdef inline Token token_at(Doc doc, int32_t i):
    # `i` must be a position of the Doc.
    cdef Token token = Token.__new__(Token)
    token.doc = doc
    token.i = i
    return token
