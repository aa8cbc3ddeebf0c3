"""The vocabulary that Docs share."""
import contextlib
from functools import partial
from pathlib import Path

from cpython.dict cimport PyDict_GetItem
from cpython.object cimport PyObject
from cpython.unicode cimport PyUnicode_GET_LENGTH
from libc.string cimport memset

from .. cimport attrs as A
from .._types cimport attr_t, int32_t, uint64_t
from .arena cimport Arena
from .lex_attrs cimport Plan, flags_of, lower_of, shape_of
from .lexemes cimport (
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
    N_LEX_COLUMNS,
    LexemeTable,
)
from .strings cimport N_SYMBOLS, StringStore, as_id, hash_string, plain_text

from ..errors import InvalidTypeError, InvalidValueError, UnsupportedError
from .lex_attrs import neutral_getters
from .lookups import Lookups
from .morphology import Morphology

cdef attr_t OOV_RANK = 0xFFFFFFFFFFFFFFFF

cdef object LEXEME = None       # lexeme.Lexeme, which needs this module first


cdef object lexeme_class():
    global LEXEME
    if LEXEME is None:
        from .lexeme import Lexeme
        LEXEME = Lexeme
    return LEXEME


cdef int column_of(int attr) noexcept:
    # The column of a lexeme attribute, or -1.
    if attr == A.ORTH:
        return LEX_ORTH
    if attr == A.LOWER:
        return LEX_LOWER
    if attr == A.NORM:
        return LEX_NORM
    if attr == A.SHAPE:
        return LEX_SHAPE
    if attr == A.PREFIX:
        return LEX_PREFIX
    if attr == A.SUFFIX:
        return LEX_SUFFIX
    if attr == A.LANG:
        return LEX_LANG
    if attr == A.ID:
        return LEX_ID
    if attr == A.LENGTH:
        return LEX_LENGTH
    if 0 < attr < 64:
        return LEX_FLAGS
    return -1


cdef class Vocab:
    """The strings, lexemes, vectors and look-up tables that the Docs of a pipeline share.

    lex_attr_getters: attribute id -> function of a word's text that gives a string, a flag or a number. None: the
        language-neutral getters. The dictionary may be changed; it applies to words not met before.
    strings: words to add.
    lookups: a Lookups; its table `lexeme_norm` decides the norms of words.
    oov_prob: the log probability of words that the table `lexeme_prob` lacks.
    vectors_name: a name for the table of vectors.
    writing_system: the properties `direction`, `has_case`, `has_letters` of the language's script.
    get_noun_chunks: a function that yields the base noun phrases of a Doc or Span.
    """

    def __cinit__(self):
        self.strings = StringStore()
        self.lexemes = LexemeTable()
        self._arena = None
        self._vectors = None
        self._zones = 0

    def __init__(
        self,
        lex_attr_getters=None,
        strings=(),
        lookups=None,
        oov_prob=-20.0,
        vectors_name=None,
        writing_system=None,
        get_noun_chunks=None,
        **deprecated,
    ):
        self.cfg = {"oov_prob": oov_prob, "vectors_name": vectors_name}
        self.lex_attr_getters = neutral_getters() if lex_attr_getters is None else dict(lex_attr_getters)
        self._getters = None
        self._lookups = lookups if isinstance(lookups, Lookups) else Lookups()
        self.morphology = Morphology(self.strings)
        self.writing_system = {} if writing_system is None else writing_system
        self.get_noun_chunks = get_noun_chunks
        for text in strings:
            self.permanent_lexeme(text)

    # ---------------------------------------------------------------- arenas and lexemes, for Cython

    cdef Arena arena(self):
        if self._arena is None or self._arena.is_full():
            self._arena = Arena()
            self.strings.register(self._arena)
        return self._arena

    cdef int32_t lexeme_ref(self, Arena arena, str text) except? -2147483648:
        cdef attr_t key = hash_string(text)
        cdef int32_t row = self.lexemes.find(key)
        if row >= 0:
            return row
        if arena is None or self.strings.is_permanent(key):
            return self._add_lexeme(None, text, key)
        row = arena.lexemes.find(key)
        return ~row if row >= 0 else ~self._add_lexeme(arena, text, key)

    cdef int32_t permanent_lexeme(self, str text) except -1:
        return self.lexeme_ref(None, text)

    cdef int32_t _add_lexeme(self, Arena arena, str text, attr_t key) except -1:
        # A row of the arena's table, or of the permanent one without an arena.
        cdef attr_t[<int>N_LEX_COLUMNS] values
        cdef LexemeTable table = self.lexemes if arena is None else arena.lexemes
        self._describe(values, arena, text, key)
        # Getters may be Python functions, and another thread may have run meanwhile.
        cdef int32_t row = table.find(key)
        return row if row >= 0 else table.append(values)

    cdef int _describe(self, attr_t* values, Arena arena, str text, attr_t key) except -1:
        # Everything about a word type, by the getters in force.
        cdef Plan plan = self._plan()
        cdef str lower, norm
        memset(values, 0, N_LEX_COLUMNS * sizeof(attr_t))
        values[<int>LEX_ID] = OOV_RANK
        values[<int>LEX_ORTH] = key
        if key == 0:
            return 0
        self.text_id(arena, text)
        values[<int>LEX_LENGTH] = PyUnicode_GET_LENGTH(text)
        lower = lower_of(text)
        if plan.lower:
            values[<int>LEX_LOWER] = key if lower is text else self.text_id(arena, lower)
        if plan.norm:
            norm = self._norm_table_entry(text, key)
            if norm is None:
                norm = plan.norm_of(text, lower)
            values[<int>LEX_NORM] = values[<int>LEX_LOWER] if norm is lower and plan.lower else self.text_id(arena, norm)
        if plan.shape:
            values[<int>LEX_SHAPE] = self.text_id(arena, shape_of(text))
        if plan.prefix:
            values[<int>LEX_PREFIX] = self.text_id(arena, text[0])
        if plan.suffix:
            values[<int>LEX_SUFFIX] = self.text_id(arena, text[-3:] if PyUnicode_GET_LENGTH(text) > 3 else text)
        if plan.default_flags:
            values[<int>LEX_FLAGS] = flags_of(text, plan.default_flags)
        if plan.stops is not None and lower in plan.stops:
            values[<int>LEX_FLAGS] |= (<uint64_t>1) << <int>A.IS_STOP
        if plan.lang:
            values[<int>LEX_LANG] = self.strings.intern(plan.lang)
        if self._vectors is not None:
            values[<int>LEX_ID] = self._rank(key)
        for attr, getter in plan.others:
            self._apply(values, arena, attr, getter(text))
        return 0

    cdef int _apply(self, attr_t* values, Arena arena, int attr, value) except -1:
        # Puts what a getter gave into its column.
        cdef int column = column_of(attr)
        if value is None or column < 0 or column == LEX_ORTH:
            return 0
        if column == LEX_FLAGS:
            values[column] &= ~((<uint64_t>1) << attr)
            if value:
                values[column] |= (<uint64_t>1) << attr
        elif isinstance(value, str):
            values[column] = self.text_id(arena, value)
        else:
            values[column] = value
        return 0

    cdef Plan _plan(self):
        cdef Plan plan = self._getters
        if plan is None or not plan.fits(self.lex_attr_getters):
            plan = Plan(self.lex_attr_getters)
            self._getters = plan
        return plan

    cdef str _norm_table_entry(self, str text, attr_t key):
        table = self._lookups._tables.get("lexeme_norm")
        cdef PyObject* found
        if table is None:
            return None
        found = PyDict_GetItem(table, key)
        if found == NULL or <object>found is None:
            return None
        if not isinstance(<object>found, str):
            raise InvalidTypeError(f"The table 'lexeme_norm' must hold strings, found {<object>found!r} for {text!r}.")
        return plain_text(<object>found)

    cdef attr_t _rank(self, attr_t key) except? 0:
        rows = getattr(self._vectors, "key2row", None)
        return OOV_RANK if not rows else rows.get(key, OOV_RANK)

    cdef attr_t lexeme_attr(self, Arena arena, int32_t ref, int column) noexcept nogil:
        if ref >= 0:
            return self.lexemes.get(ref, column)
        return arena.lexemes.get(~ref, column)

    cdef attr_t text_id(self, Arena arena, str text) except? 0:
        cdef attr_t key = hash_string(text)
        if key < N_SYMBOLS:
            return key
        if arena is None:
            self.strings.permanent.put(key, text)
        elif not self.strings.permanent.has(key):
            arena.texts.put(key, text)
        return key

    cdef str text_of(self, Arena arena, attr_t key):
        return self.strings.lookup(key, None if arena is None else arena.texts)

    cdef int32_t lexeme_ref_of(self, Arena arena, attr_t orth) except? -2147483648:
        cdef int32_t row = self.lexemes.find(orth)
        if row >= 0:
            return row
        if arena is not None:
            row = arena.lexemes.find(orth)
            if row >= 0:
                return ~row
        return self.lexeme_ref(arena, self.text_of(arena, orth))

    # ---------------------------------------------------------------- lexemes

    def _find(self, attr_t orth):
        # The arena and reference of a lexeme that exists, or None.
        cdef Arena arena
        cdef int32_t row = self.lexemes.find(orth)
        if row >= 0:
            return None, row
        for arena in self.strings.arenas():
            row = arena.lexemes.find(orth)
            if row >= 0:
                return arena, ~row
        return None

    def __getitem__(self, id_or_string):
        """The Lexeme of a word, given as text or as an id.

        A text that is new to the vocabulary is added for good (inside a memory zone: for the zone).

        Raises UnknownStringError (a KeyError) for an id nobody knows, InvalidTypeError for another type.
        """
        cdef Arena arena = None
        cdef attr_t orth
        cdef str text
        if isinstance(id_or_string, str):
            text = plain_text(id_or_string)
            if self._zones:
                arena = self.arena()
            return lexeme_class()._view(self, arena, self.lexeme_ref(arena, text))
        try:
            orth = as_id(id_or_string)
        except (TypeError, OverflowError):
            raise InvalidTypeError(
                f"A vocabulary is indexed by a word or its id, found {id_or_string!r} "
                f"of type {type(id_or_string).__name__}."
            ) from None
        found = self._find(orth)
        if found is not None:
            return lexeme_class()._view(self, found[0], found[1])
        text = self.strings.lookup(orth, None)
        if not self.strings.is_permanent(orth):
            arena = self.arena()
        return lexeme_class()._view(self, arena, self.lexeme_ref(arena, text))

    def _current_arena(self):
        # The arena that a Doc made now would get.
        return self.arena()

    def _word_of_text(self, Arena arena, str text):
        # The Lexeme of a word met in the text of a Doc that holds an arena.
        return lexeme_class()._view(self, arena, self.lexeme_ref(arena, text))

    def __contains__(self, key):
        """Whether a word, given as text or as an id, has a lexeme."""
        cdef attr_t orth
        if isinstance(key, bytes):
            key = key.decode("utf8")
        if isinstance(key, str):
            orth = hash_string(plain_text(key))
        else:
            try:
                orth = as_id(key)
            except (TypeError, OverflowError):
                return False
        return self._find(orth) is not None

    def __iter__(self):
        """The lexemes: the permanent ones, and those of words that a living Doc holds."""
        cdef Arena arena
        cdef int32_t row
        view = lexeme_class()._view
        for row in range(self.lexemes.length):
            if self.lexemes.get(row, LEX_ORTH) != 0:
                yield view(self, None, row)
        for arena in self.strings.arenas():
            for row in range(arena.lexemes.length):
                if self.lexemes.find(arena.lexemes.get(row, LEX_ORTH)) < 0:
                    yield view(self, arena, ~row)

    def __len__(self):
        """The number of lexemes that `iter` gives."""
        cdef Arena arena
        cdef int32_t row
        cdef Py_ssize_t n = self.lexemes.length - (self.lexemes.find(0) >= 0)
        for arena in self.strings.arenas():
            for row in range(arena.lexemes.length):
                n += self.lexemes.find(arena.lexemes.get(row, LEX_ORTH)) < 0
        return n

    def __bool__(self):
        return True

    @property
    def lang(self):
        """The language code; empty if there is none."""
        getter = self.lex_attr_getters.get(int(A.LANG))
        return getter("_") if getter is not None else ""

    @property
    def lookups(self):
        """The look-up tables."""
        return self._lookups

    @lookups.setter
    def lookups(self, lookups):
        if not isinstance(lookups, Lookups):
            raise InvalidTypeError(f"vocab.lookups must be a Lookups, found {type(lookups).__name__}.")
        self._lookups = lookups

    def add_flag(self, flag_getter, flag_id=-1):
        """Add a boolean flag to the words of the vocabulary and to all to come.

        flag_getter: a function str -> bool.
        flag_id: the bit of the flag, 1 to 63; -1 takes the lowest bit that is free.
        Returns the id for `check_flag`. Raises InvalidValueError if the bit is out of range or none is free.
        """
        if flag_id == -1:
            flag_id = next((bit for bit in range(1, 64) if bit not in self.lex_attr_getters), 64)
            if flag_id == 64:
                raise InvalidValueError("All 63 flags are taken: remove one from vocab.lex_attr_getters first.")
        elif not 1 <= flag_id < 64:
            raise InvalidValueError(f"A flag's id must lie between 1 and 63, found {flag_id}.")
        values = [(lexeme, bool(flag_getter(lexeme.orth_))) for lexeme in self]
        for lexeme, value in values:
            lexeme._mark(flag_id, value)
        self.lex_attr_getters[flag_id] = flag_getter
        return flag_id

    # ---------------------------------------------------------------- memory

    @property
    def in_memory_zone(self):
        """Whether a memory zone is open."""
        return self._zones > 0

    @contextlib.contextmanager
    def memory_zone(self, mem=None):
        """A block whose new words are dropped at its end, unless a Doc that holds them is kept.

        Without a zone the words of text live as long as the Docs of their time; a zone only ends that time early,
        and lets `vocab[word]` and `strings.add` of the block end with it too.
        """
        before = self._arena
        self._arena = None
        self._zones += 1
        zone = self.strings.memory_zone(mem)
        zone.__enter__()
        self.arena()
        try:
            yield mem
        finally:
            zone.__exit__(None, None, None)
            self._zones -= 1
            self._arena = before

    # ---------------------------------------------------------------- vectors

    @property
    def vectors(self):
        """The table of vectors; an empty one until vectors are loaded or set."""
        if self._vectors is None:
            from .vectors import Vectors
            self._vectors = Vectors(strings=self.strings, name=self.cfg.get("vectors_name"))
        return self._vectors

    @vectors.setter
    def vectors(self, vectors):
        strings = getattr(vectors, "strings", None)
        if strings is not None and strings is not self.strings:
            for text in strings:
                self.strings.intern(text)
        vectors.strings = self.strings
        self._vectors = vectors

    @property
    def vectors_length(self):
        """The width of the vectors; 0 if there are none, -1 if they cannot tell."""
        if self._vectors is None:
            return 0
        shape = getattr(self._vectors, "shape", None)
        return -1 if shape is None else shape[1]

    def _vector_key(self, orth):
        # The key of a word's vector: its id, or that of another attribute where the vectors go by one.
        cdef Arena arena
        cdef int32_t ref
        attr = getattr(self.vectors, "attr", A.ORTH)
        if isinstance(orth, str):
            if attr == A.ORTH and getattr(self._vectors, "mode", "") == "default":
                return hash_string(orth)
            arena = self.arena()
            ref = self.lexeme_ref(arena, orth)
        else:
            if attr == A.ORTH:
                return int(orth)
            lexeme = self[orth]
            return lexeme._get_attr(attr)
        if attr < 64:
            return (self.lexeme_attr(arena, ref, LEX_FLAGS) >> <int>attr) & 1
        return self.lexeme_attr(arena, ref, column_of(attr)) if column_of(attr) >= 0 else 0

    def get_vector(self, orth):
        """The vector of a word, given as text or id. *Shape* (vectors_length,); zeros if it has none."""
        key = self._vector_key(orth)
        vectors = self.vectors
        if key in vectors:
            return vectors[key]
        return vectors.zeros() if hasattr(vectors, "zeros") else _zeros(self.vectors_length)

    def has_vector(self, orth):
        """Whether a word, given as text or id, has a vector."""
        return self._vector_key(orth) in self.vectors

    def set_vector(self, orth, vector):
        """Set the vector of a word, given as text or id. The table grows if it is full.

        vector: *Shape* (vectors_length,), float32.
        """
        if isinstance(orth, str):
            self.permanent_lexeme(orth)
        lexeme = self[orth]
        key = self._vector_key(orth)
        vectors = self.vectors
        if vectors.is_full and key not in vectors:
            rows = max(100, int(vectors.shape[0] * 1.3))
            vectors.resize((rows, vectors.shape[1] or len(vector)))
        row = vectors.add(key, vector=vector)
        if row >= 0:
            lexeme.rank = row

    def reset_vectors(self, *, width=None, shape=None):
        """Drop all vectors, and start an empty table: of the same number of rows and a width, or of a shape."""
        from .vectors import Vectors
        self._need_table("reset_vectors")
        if width is not None and shape is not None:
            raise InvalidValueError(f"reset_vectors takes a width or a shape, found both: {width!r} and {shape!r}.")
        if shape is None:
            shape = (self.vectors.shape[0], self.vectors.shape[1] if width is None else width)
        self.vectors = Vectors(strings=self.strings, shape=shape)

    def deduplicate_vectors(self):
        """Keep one row of vectors that are equal, and let all their keys share it."""
        from .prune import deduplicate
        self._need_table("deduplicate_vectors")
        deduplicate(self)

    def prune_vectors(self, nr_row, batch_size=1024):
        """Keep the vectors of the `nr_row` likeliest words; give the others the most similar vector that is kept.

        nr_row: rows to keep. batch_size: rows compared at a time; larger is faster and takes more memory.
        Returns a dict: word -> (the word whose vector it has now, their cosine).
        """
        from .prune import prune
        self._need_table("prune_vectors")
        return prune(self, nr_row, batch_size)

    def _need_table(self, method):
        from .vectors import Vectors
        if not isinstance(self.vectors, Vectors):
            raise UnsupportedError(
                f"vocab.{method} works on the built-in Vectors, and the vectors here are a {type(self.vectors).__name__}."
            )

    # ---------------------------------------------------------------- files

    def to_disk(self, path, *, exclude=()):
        """Write strings, vectors and look-up tables into a folder: all of them, or none.

        exclude: any of "strings", "vectors", "lookups".
        """
        from .files import write_vocab
        write_vocab(self, Path(path), exclude)

    def from_disk(self, path, *, exclude=()):
        """Load what `to_disk` wrote, this library's or spaCy's. A load that fails changes nothing.

        exclude: any of "strings", "vectors", "lookups".
        Raises MissingFileError, DataFormatError.
        """
        from .files import read_vocab
        return read_vocab(self, Path(path), exclude)

    def to_bytes(self, *, exclude=()):
        """Strings, vectors and look-up tables as bytes. exclude: as for `to_disk`."""
        from .files import vocab_to_bytes
        return vocab_to_bytes(self, exclude)

    def from_bytes(self, bytes_data, *, exclude=()):
        """Load what `to_bytes` gave. A load that fails changes nothing. Raises DataFormatError."""
        from .files import vocab_from_bytes
        return vocab_from_bytes(self, bytes_data, exclude)

    def _refresh(self):
        # Describes the words known so far again: norms, getters or vectors have changed.
        cdef Arena arena
        self._describe_again(None, self.lexemes)
        for arena in self.strings.arenas():
            self._describe_again(arena, arena.lexemes)

    cdef int _describe_again(self, Arena arena, LexemeTable table) except -1:
        cdef attr_t[<int>N_LEX_COLUMNS] values
        cdef int32_t row
        cdef int column
        cdef attr_t orth
        for row in range(table.length):
            orth = table.get(row, LEX_ORTH)
            self._describe(values, arena, self.text_of(arena, orth), orth)
            for column in range(N_LEX_COLUMNS):
                table.set(row, column, values[column])
        return 0

    def __reduce__(self):
        from srsly import pickle_dumps

        from .files import packed_vectors
        state = {
            "strings": self.strings,
            "vectors": packed_vectors(self._vectors),
            "lookups": self._lookups,
            "getters": pickle_dumps(self.lex_attr_getters),
            "writing_system": self.writing_system,
            "get_noun_chunks": self.get_noun_chunks,
            "cfg": self.cfg,
        }
        return _unpickle, (type(self), state)


def _unpickle(cls, state):
    from srsly import pickle_loads

    from .files import unpacked_vectors
    cdef Vocab vocab = cls(pickle_loads(state["getters"]), lookups=state["lookups"])
    vocab.strings = state["strings"]
    vocab.morphology = Morphology(vocab.strings)
    vocab.writing_system = state["writing_system"]
    vocab.get_noun_chunks = state["get_noun_chunks"]
    vocab.cfg = state["cfg"]
    vectors = unpacked_vectors(state["vectors"], vocab.strings)
    if vectors is not None:
        vocab.vectors = vectors
    return vocab


def _zeros(width):
    import numpy
    return numpy.zeros((width,), dtype="f")
