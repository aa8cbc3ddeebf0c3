# cython: boundscheck=False, wraparound=False
"""The regular expressions of a tokenizer, compiled when they are first needed."""
import re

from ..errors import InvalidValueError, DataFormatError
from .alternation import LARGE, Alternation
from .charsets import conditions, tail

cdef enum:
    KNOWN = 1               # of a table entry: it has been worked out
    MANY = 20000            # characters outside of the table that are remembered


cdef class CharBits:
    """Memberships of characters in the sets that conditions speak of, worked out once per character."""

    def __cinit__(self):
        self.others = {}
        self.sets = []

    cdef uint64_t of(self, Py_UCS4 letter) except? 0:
        cdef uint64_t bits
        if letter < TABLED:
            bits = self.table[letter]
            if bits == 0:
                bits = self.table[letter] = self.work_out(letter)
            return bits
        found = self.others.get(letter)
        if found is None:
            if len(self.others) >= MANY:
                self.others.clear()
            found = self.others[letter] = self.work_out(letter)
        return found

    cdef uint64_t work_out(self, Py_UCS4 letter) except? 0:
        cdef uint64_t bits = KNOWN
        cdef Py_ssize_t i
        for i in range(len(self.sets)):
            if <long>letter in self.sets[i]:
                bits |= <uint64_t>1 << (i + 1)
        return bits

    cdef uint64_t bit(self, object charset) except? 0:
        # 0 for None, and where there is no bit left, which asks nothing either.
        if charset is None:
            return 0
        if charset in self.sets:
            return <uint64_t>1 << (self.sets.index(charset) + 1)
        if len(self.sets) >= MAX_BITS:
            return 0
        self.sets.append(charset)
        return <uint64_t>1 << len(self.sets)


cdef class Filter:
    """Says which texts a pattern cannot match."""

    def __cinit__(self):
        self.passes_all = True
        self.tail = -1

    cdef bint possible(self, uint64_t first, uint64_t last, uint64_t anywhere) noexcept:
        cdef size_t i
        cdef Check* check
        if self.passes_all:
            return True
        for i in range(self.checks.size()):
            check = &self.checks[i]
            if check.first and not check.first & first:
                continue
            if check.last and not check.last & last:
                continue
            if check.anywhere and not check.anywhere & anywhere:
                continue
            return True
        return False


cdef int set_tail(Filter filter, object found, CharBits bits) except -1:
    if found is None:
        return 0
    for charset in found[1]:
        bit = bits.bit(charset)
        if not bit:
            return 0
        filter.unlimited |= bit
    filter.tail = found[0]
    return 0


cdef class Pattern:
    """One of the five regular expressions.

    name: of the setting, for messages.
    method: "search", "match" or "finditer", whichever the tokenizer calls.
    source, flags: the expression, unless `function` is given.
    function: a callable like `re.compile(...).search`; that of a compiled pattern is recognised.
    """

    def __init__(self, str name, str method, str source=None, int flags=0, object function=None):
        self.name = name
        self.method = method
        self.source = source
        self.flags = flags
        self._function = function
        if function is not None:
            compiled = getattr(function, "__self__", None)
            self.source = getattr(compiled, "pattern", None)
            if type(compiled) is re.Pattern and function.__name__ == method and type(self.source) is str:
                self.flags = compiled.flags
            else:
                self.method = None      # unknown code: no conditions, always called

    def saved(self):
        """The expression as a string, for saving.

        Raises InvalidValueError (a ValueError) where the setting is a function without one.
        """
        if self.source is None:
            raise InvalidValueError(
                f"The tokenizer's {self.name} is {self._function!r}, which has no pattern to save. "
                f"Use a method of a compiled pattern, such as re.compile(...).{self.method or 'search'}."
            )
        return self.source

    cdef object callable(self):
        if self._function is None:
            try:
                self._function = getattr(re.compile(self.source, self.flags), self.method)
            except (re.error, OverflowError, RecursionError) as error:
                raise DataFormatError(
                    f"The tokenizer's {self.name} is no valid regular expression: {error}. It begins with "
                    f"{self.source[:60]!r}."
                ) from error
        return self._function

    cdef Filter filter(self, CharBits bits):
        # Work out the conditions of a match. Called under the tokenizer's lock.
        cdef Filter result = Filter()
        cdef Check check
        found = None
        if self.method == "match" and len(self.source) > LARGE:
            alternation = Alternation.split(self.source, self.flags, self.name)
            if alternation is not None:
                self._truth = alternation.matches
                found = alternation.conditions()
        elif self.method is not None:
            found = conditions(self.source, self.flags, anchored=self.method == "match")
        if self.method == "search":
            set_tail(result, tail(self.source, self.flags), bits)
        if found is not None:
            result.passes_all = False
            for first, last, anywhere in found:
                check.first = bits.bit(first)
                check.last = bits.bit(last)
                check.anywhere = bits.bit(anywhere)
                result.checks.push_back(check)
        return result

    cdef bint matches(self, str text) except -1:
        if self._truth is not None:
            return self._truth(text)
        if self._function is None:
            self.callable()
        return bool(self._function(text))
