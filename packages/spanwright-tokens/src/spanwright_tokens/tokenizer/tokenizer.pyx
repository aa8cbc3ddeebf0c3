# cython: boundscheck=False, wraparound=False
"""The tokenizer."""
from itertools import count
from threading import RLock

from cpython.unicode cimport PyUnicode_DATA, PyUnicode_GET_LENGTH, PyUnicode_KIND, PyUnicode_Substring
from libc.stdint cimport int32_t
from libcpp.vector cimport vector

from ..tokens.doc cimport ColumnBlock, Columns, Doc
from ..vocab.arena cimport Arena
from ..vocab.vocab cimport Vocab
from .chunks cimport (
    ChunkTable,
    L_INFIX,
    L_PREFIX,
    L_SPECIAL,
    L_SUFFIX,
    L_TOKEN_MATCH,
    L_URL_MATCH,
    Piece,
    hash_chars,
)
from .patterns cimport Pattern
from .phrases cimport PhraseTrie
from .segmenter cimport Segmenter
from .state cimport State

from ..errors import InvalidTypeError, InvalidValueError
from ..io import dump_msgpack, read_bytes, write_bytes
from . import message as _message
from .rules import pieces_of
from .scoring import score_tokenization

cdef enum:
    MAX_LENGTH = 1 << 30

cdef dict METHODS = {
    "prefix_search": "search",
    "suffix_search": "search",
    "infix_finditer": "finditer",
    "token_match": "match",
    "url_match": "match",
}
cdef dict LABELS = {
    <int>L_PREFIX: "PREFIX",
    <int>L_SUFFIX: "SUFFIX",
    <int>L_INFIX: "INFIX",
    <int>L_TOKEN_MATCH: "TOKEN_MATCH",
    <int>L_URL_MATCH: "URL_MATCH",
}
cdef object KEYS = count()


cdef Pattern as_pattern(str name, value):
    if value is None or isinstance(value, Pattern):
        return value
    if isinstance(value, str):
        return Pattern(name, METHODS[name], source=value)
    if not callable(value):
        raise InvalidTypeError(
            f"The tokenizer's {name} must be a function like re.compile(...).{METHODS[name]}, a pattern as a string, or "
            f"None, found {value!r}."
        )
    return Pattern(name, METHODS[name], function=value)


cdef class Tokenizer:
    """Cut text into tokens by rules, and make Docs of them.

    Text is first cut at whitespace. Of each piece, prefixes and suffixes are taken off as long as there are any; what is
    left is a special case, an exact match, or is cut at infixes. Special cases that the rules have cut are put together
    again. Whitespace other than single blanks becomes tokens, so that the text can always be rebuilt.

    vocab: where words are looked up; the pipeline's own.
    rules: special cases: string -> a list of dicts with ORTH and, optionally, NORM.
    prefix_search, suffix_search: a function like `re.compile(...).search`, whose pattern should be anchored at the
        beginning or the end. None: there are none.
    infix_finditer: like `re.compile(...).finditer`.
    token_match: like `re.compile(...).match`: what matches is a token, whatever affixes it seems to have.
    url_match: the same, tried after the affixes are taken off.
    faster_heuristics: look for special cases across tokens only where affixes, infixes or blanks could have cut them.
    max_cache_size: how many pieces of text to remember the cuts of. At most twice as many are held.

    Each of the five patterns can also be given as a string; it is then compiled when it is first needed.
    A tokenizer may be used by several threads at once.
    """

    cdef readonly Vocab vocab
    cdef dict _patterns
    cdef dict _rules
    cdef dict _pieces               # special case -> [(text, norm), ...]
    cdef bint _faster_heuristics
    cdef Py_ssize_t _max_cache_size
    cdef State _state               # None: something has changed
    cdef object _key
    cdef object _lock
    cdef object __weakref__

    def __init__(
        self,
        Vocab vocab not None,
        rules=None,
        prefix_search=None,
        suffix_search=None,
        infix_finditer=None,
        token_match=None,
        url_match=None,
        faster_heuristics=True,
        max_cache_size=10000,
    ):
        self.vocab = vocab
        self._key = ("tokenizer", next(KEYS))
        self._lock = RLock()
        self._patterns = {
            "prefix_search": as_pattern("prefix_search", prefix_search),
            "suffix_search": as_pattern("suffix_search", suffix_search),
            "infix_finditer": as_pattern("infix_finditer", infix_finditer),
            "token_match": as_pattern("token_match", token_match),
            "url_match": as_pattern("url_match", url_match),
        }
        self._faster_heuristics = bool(faster_heuristics)
        self._max_cache_size = max_cache_size
        self._set_rules(rules)

    # ---------------------------------------------------------------- rules

    @property
    def rules(self):
        """The special cases: string -> list of dicts. Assign a dict to replace them all."""
        return self._rules

    @rules.setter
    def rules(self, rules):
        self._set_rules(rules)

    def _set_rules(self, rules):
        rules = {} if rules is None else dict(sorted(rules.items()))
        pieces = {}
        for text, substrings in rules.items():
            rules[text] = substrings = list(substrings) if not isinstance(substrings, (str, dict)) else substrings
            pieces[text] = pieces_of(text, substrings)
        for text in pieces:
            self._intern(pieces[text])
        self._rules = rules
        self._pieces = pieces
        self._state = None

    def _intern(self, list pieces):
        for text, norm in pieces:
            self.vocab.strings.intern(text)
            if norm is not None:
                self.vocab.strings.intern(norm)

    def add_special_case(self, str string not None, substrings):
        """Cut a string in a fixed way from now on.

        string: the text, as it stands between blanks, or inside of affixes. It may contain blanks.
        substrings: a dict for each token, with ORTH (its text) and, optionally, NORM. The texts must add up to `string`.

        Raises InvalidValueError (a ValueError) if they do not, or if another attribute is given.
        """
        if isinstance(substrings, dict) or not hasattr(substrings, "__iter__"):
            pieces_of(string, substrings)
        substrings = list(substrings)
        pieces = pieces_of(string, substrings)
        self._intern(pieces)
        with self._lock:
            self._rules[string] = substrings
            self._pieces[string] = pieces
            self._state = None

    @property
    def prefix_search(self):
        """The function that finds prefixes, or None. Assigning it empties the cache, as with the other patterns."""
        return self._get("prefix_search")

    @prefix_search.setter
    def prefix_search(self, value):
        self._set("prefix_search", value)

    @property
    def suffix_search(self):
        """The function that finds suffixes, or None."""
        return self._get("suffix_search")

    @suffix_search.setter
    def suffix_search(self, value):
        self._set("suffix_search", value)

    @property
    def infix_finditer(self):
        """The function that finds infixes, or None."""
        return self._get("infix_finditer")

    @infix_finditer.setter
    def infix_finditer(self, value):
        self._set("infix_finditer", value)

    @property
    def token_match(self):
        """The function that finds tokens before affixes are taken off, or None."""
        return self._get("token_match")

    @token_match.setter
    def token_match(self, value):
        self._set("token_match", value)

    @property
    def url_match(self):
        """The function that finds tokens after affixes are taken off, or None."""
        return self._get("url_match")

    @url_match.setter
    def url_match(self, value):
        self._set("url_match", value)

    @property
    def faster_heuristics(self):
        """Whether special cases across tokens are looked for only where rules could have cut them."""
        return self._faster_heuristics

    @faster_heuristics.setter
    def faster_heuristics(self, value):
        self._faster_heuristics = bool(value)
        self._state = None

    @property
    def max_cache_size(self):
        """How many pieces of text to remember the cuts of."""
        return self._max_cache_size

    @max_cache_size.setter
    def max_cache_size(self, value):
        self._max_cache_size = value
        self._state = None

    def _get(self, str name):
        cdef Pattern pattern = self._patterns[name]
        return None if pattern is None else pattern.callable()

    def _set(self, str name, value):
        self._patterns[name] = as_pattern(name, value)
        self._state = None

    cdef State ready(self):
        # The rules in force, prepared if something has changed.
        cdef State state = self._state
        if state is not None:
            return state
        with self._lock:
            if self._state is None:
                self._state = self._prepared()
            return self._state

    cdef State _prepared(self):
        cdef ChunkTable specials = ChunkTable()
        cdef vector[Piece] pieces
        cdef Piece piece
        cdef str string, text
        for string, cut in self._pieces.items():
            pieces.clear()
            for text, norm in cut:
                piece.norm = 0 if norm is None else self.vocab.strings.intern(norm)
                piece.ref = 0
                piece.length = <int32_t>PyUnicode_GET_LENGTH(text)
                piece.label = L_SPECIAL
                piece.nth = <unsigned char>min(pieces.size() + 1, 255)
                piece.space = False
                piece.root = False
                pieces.push_back(piece)
            if pieces.size():
                add_text(specials, string, pieces)
        names = self._patterns
        cdef Segmenter segmenter = Segmenter(
            names["prefix_search"], names["suffix_search"], names["infix_finditer"], names["token_match"],
            names["url_match"], specials,
        )
        cdef State state = State(segmenter, PhraseTrie(), self._max_cache_size)
        for string in self._pieces:
            if not self._faster_heuristics or " " in string or segmenter.would_cut(string):
                state.add_phrase(string)
        return state

    # ---------------------------------------------------------------- text to tokens

    def __call__(self, str string not None):
        """Cut a text and make a Doc of it.

        Raises InvalidValueError (a ValueError) for a text of 2**30 characters or more.
        """
        cdef Doc doc = Doc(self.vocab)
        cdef vector[Piece] pieces
        cdef State state
        if PyUnicode_GET_LENGTH(string) >= MAX_LENGTH:
            raise InvalidValueError(
                f"A text may have up to {MAX_LENGTH - 1} characters, found {len(string)}. Cut it into smaller texts."
            )
        if string:
            state = self.ready()
            state.tokenize(string, self.vocab, doc.arena, state.cache(self.vocab, doc.arena, self._key), False, pieces)
            fill(doc, pieces)
        return doc

    def pipe(self, texts, batch_size=1000):
        """Cut the texts of a stream, in order.

        texts: an iterable of strings.
        batch_size: accepted for its callers; texts are cut one by one.
        """
        for text in texts:
            yield self(text)

    def explain(self, str text not None):
        """Which rule made each token: a list of (rule, token) pairs.

        The rules are "PREFIX", "SUFFIX", "INFIX", "TOKEN_MATCH", "URL_MATCH", "TOKEN" and "SPECIAL-1", "SPECIAL-2", ...
        for the tokens of a special case. The tokens are those of a call, without whitespace.
        """
        cdef State state = self.ready()
        cdef vector[Piece] pieces
        cdef Py_ssize_t offset = 0
        cdef size_t i
        cdef list result = []
        state.tokenize(text, self.vocab, None, None, True, pieces)
        for i in range(pieces.size()):
            token = PyUnicode_Substring(text, offset, offset + pieces[i].length)
            offset += pieces[i].length + pieces[i].space
            if token.isspace():
                continue
            if pieces[i].label == L_SPECIAL:
                result.append((f"SPECIAL-{pieces[i].nth}", token))
            else:
                result.append((LABELS.get(pieces[i].label, "TOKEN"), token))
        return result

    def find_prefix(self, str string not None):
        """The length of the prefix to take off a string, 0 if there is none."""
        return self._affix("prefix_search", string)

    def find_suffix(self, str string not None):
        """The length of the suffix to take off a string, 0 if there is none."""
        return self._affix("suffix_search", string)

    def find_infix(self, str string not None):
        """The matches in a string at which it is cut, a list."""
        finditer = self._get("infix_finditer")
        return [] if finditer is None else list(finditer(string))

    def _affix(self, str name, str string):
        search = self._get(name)
        match = None if search is None else search(string)
        return 0 if match is None else match.end() - match.start()

    def score(self, examples, **kwargs):
        """Compare with gold tokens: `token_acc`, and `token_p`, `token_r`, `token_f` of their places in the text.

        examples: Examples; those whose reference does not know its spaces are passed over. Values are None if none is left.
        """
        return score_tokenization(examples)

    # ---------------------------------------------------------------- saving

    def __reduce__(self):
        patterns = {}
        cdef Pattern pattern
        for name, pattern in self._patterns.items():
            if pattern is not None:
                patterns[name] = (pattern.source, pattern.flags) if pattern.method else pattern.callable()
        state = (self._rules, patterns, self._faster_heuristics, self._max_cache_size)
        return (_restored, (type(self), self.vocab, *state))

    def to_bytes(self, *, exclude=()):
        """The rules as a message.

        exclude: fields to leave out, such as "vocab", which is part of the message otherwise.

        Raises InvalidValueError (a ValueError) if one of the five functions has no pattern to save.
        """
        message = {}
        cdef Pattern pattern
        if "vocab" not in exclude:
            message["vocab"] = self.vocab.to_bytes(exclude=exclude)
        for name, pattern in self._patterns.items():
            if name not in exclude:
                message[name] = None if pattern is None else pattern.saved()
        if "exceptions" not in exclude:
            message["exceptions"] = dict(sorted(self._rules.items()))
        if "faster_heuristics" not in exclude:
            message["faster_heuristics"] = self._faster_heuristics
        return dump_msgpack(message)

    def from_bytes(self, bytes_data, *, exclude=()):
        """Take over the rules of a message; returns the tokenizer. If that fails, the tokenizer is as before.

        Raises DataFormatError (a ValueError) for anything but a tokenizer's message.
        """
        return self._load(bytes_data, "tokenizer", exclude)

    def to_disk(self, path, *, exclude=()):
        """Write the rules to a file, as `to_bytes` gives them."""
        write_bytes(path, self.to_bytes(exclude=exclude))

    def from_disk(self, path, *, exclude=()):
        """Take over the rules of a file; returns the tokenizer.

        Raises DataFormatError (a ValueError) for another file, MissingFileError (a FileNotFoundError) if there is none.
        """
        return self._load(read_bytes(path), str(path), exclude)

    def _load(self, bytes_data, str where, exclude):
        fields = _message.read(bytes_data, where=where, exclude=exclude)
        patterns = {name: as_pattern(name, fields.get(name)) for name in METHODS}
        if "vocab" in fields:
            self.vocab.from_bytes(fields["vocab"], exclude=exclude)
        with self._lock:
            self._patterns = patterns
            self._faster_heuristics = fields.get("faster_heuristics", self._faster_heuristics)
            self._set_rules(fields.get("exceptions"))
        return self


def _restored(cls, vocab, rules, patterns, faster_heuristics, max_cache_size):
    """What a pickle makes a tokenizer with."""
    values = {}
    for name, value in patterns.items():
        if isinstance(value, tuple):
            value = Pattern(name, METHODS[name], source=value[0], flags=value[1])
        values[name] = value
    return cls(vocab, rules, faster_heuristics=faster_heuristics, max_cache_size=max_cache_size, **values)


cdef int add_text(ChunkTable table, str text, vector[Piece]& pieces) except -1:
    return table.add(
        hash_chars(PyUnicode_KIND(text), PyUnicode_DATA(text), 0, PyUnicode_GET_LENGTH(text)), text, pieces.data(),
        pieces.size(),
    )


cdef int fill(Doc doc, vector[Piece]& pieces) except -1:
    # Put the pieces into an empty Doc.
    cdef ColumnBlock block = ColumnBlock(pieces.size())
    cdef Columns* c = &block.c
    cdef size_t i
    cdef int32_t offset = 0
    for i in range(pieces.size()):
        c.lex[i] = pieces[i].ref
        c.idx[i] = offset
        c.spacy[i] = pieces[i].space
        c.l_edge[i] = <int32_t>i
        c.r_edge[i] = <int32_t>i
        if pieces[i].norm:
            c.norm[i] = pieces[i].norm
        offset += pieces[i].length + pieces[i].space
    c.sent_start[0] = 1
    doc.adopt(block, <int32_t>pieces.size(), doc.arena)
    return 0
