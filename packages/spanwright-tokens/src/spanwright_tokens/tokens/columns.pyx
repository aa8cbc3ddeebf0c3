# cython: boundscheck=False, wraparound=False, initializedcheck=False
"""Columns in bulk: views of one Doc's columns, and gather and scatter over a batch of Docs.

The loops over tokens run without the GIL and share nothing between threads.
"""

from cpython.buffer cimport PyBUF_FORMAT, PyBUF_WRITABLE
from libc.stdint cimport int64_t
from libc.stdlib cimport free, malloc
from libc.string cimport memcpy, memset

from .._types cimport attr_t, int8_t, int32_t, uint8_t
from ..attrs cimport DEP, ENT_IOB, HEAD, MORPH, POS, SENT_START, SPACY
from ..vocab.arena cimport Arena
from ..vocab.lexemes cimport LEX_LENGTH
from ..vocab.strings cimport StringStore
from . cimport tree
from .attributes cimport TokenTable, lex_attr, read_values, table_of, write_value
from .doc cimport ColumnBlock, Doc
from .layout cimport Columns

import numpy

from ..attrs import IOB_STRINGS
from ..errors import InvalidTypeError, InvalidValueError, nearest
from ..parts_of_speech import NAMES as POS_NAMES
from . import attributes as _attributes

_POS_IDS = numpy.array(list(POS_NAMES), dtype="uint64")
# name -> (number of the column in its Doc's block, bytes of a value, format)
_LAYOUT = {
    "NORM": (0, 8, b"Q"), "LEMMA": (1, 8, b"Q"), "TAG": (2, 8, b"Q"), "MORPH": (3, 8, b"Q"), "DEP": (4, 8, b"Q"),
    "ENT_TYPE": (5, 8, b"Q"), "ENT_KB_ID": (6, 8, b"Q"), "ENT_ID": (7, 8, b"Q"),
    "LEX": (8, 4, b"i"), "IDX": (9, 4, b"i"), "HEAD": (10, 4, b"i"), "L_KIDS": (11, 4, b"i"), "R_KIDS": (12, 4, b"i"),
    "L_EDGE": (13, 4, b"i"), "R_EDGE": (14, 4, b"i"),
    "SPACY": (15, 1, b"B"), "POS": (16, 1, b"B"), "ENT_IOB": (17, 1, b"B"), "SENT_START": (18, 1, b"b"),
}


cdef char* column_start(const Columns* c, int column) noexcept:
    cdef void* starts[19]
    starts[0] = c.norm
    starts[1] = c.lemma
    starts[2] = c.tag
    starts[3] = c.morph
    starts[4] = c.dep
    starts[5] = c.ent_type
    starts[6] = c.ent_kb_id
    starts[7] = c.ent_id
    starts[8] = c.lex
    starts[9] = c.idx
    starts[10] = c.head
    starts[11] = c.l_kids
    starts[12] = c.r_kids
    starts[13] = c.l_edge
    starts[14] = c.r_edge
    starts[15] = c.spacy
    starts[16] = c.pos
    starts[17] = c.ent_iob
    starts[18] = c.sent_start
    return <char*>starts[column]


cdef class ColumnBuffer:
    # One column as a read-only buffer that holds its block.
    cdef ColumnBlock block
    cdef char* start
    cdef bytes layout
    cdef Py_ssize_t shape[1]
    cdef Py_ssize_t strides[1]

    def __getbuffer__(self, Py_buffer* buffer, int flags):
        if flags & PyBUF_WRITABLE:
            raise BufferError("A view of a column is read-only; set values with `scatter` or `from_array`.")
        buffer.buf = self.start
        buffer.obj = self
        buffer.len = self.shape[0] * self.strides[0]
        buffer.itemsize = self.strides[0]
        buffer.readonly = 1
        buffer.ndim = 1
        buffer.format = <char*>self.layout if flags & PyBUF_FORMAT else NULL
        buffer.shape = self.shape
        buffer.strides = self.strides
        buffer.suboffsets = NULL
        buffer.internal = NULL

    def __releasebuffer__(self, Py_buffer* buffer):
        pass


def column(Doc doc not None, str name not None):
    """A column of a Doc as a read-only view; see `Doc.column`. Raises `InvalidValueError` for an unknown name."""
    layout = _LAYOUT.get(name.upper())
    if layout is None:
        raise InvalidValueError(
            f"A Doc has no column {name!r}.{nearest(name.upper(), _LAYOUT)} Attributes of lexemes are not stored by "
            "token: `doc.to_array` and `gather` collect them."
        )
    cdef ColumnBuffer buffer = ColumnBuffer.__new__(ColumnBuffer)
    buffer.block = doc.block
    buffer.start = column_start(&doc.c, layout[0])
    buffer.layout = layout[2]
    buffer.shape[0] = doc.length
    buffer.strides[0] = layout[1]
    return numpy.asarray(buffer)


def copy_columns(Doc doc not None):
    """All columns of a Doc as writable copies, by name; for those who build another block of them."""
    return {name: column(doc, name).copy() for name in _LAYOUT}


def replace_columns(Doc doc not None, dict columns):
    """Give a Doc the columns that `copy_columns` gave, changed and of any common length.

    Offsets in the text are worked out again; the tree and sentence starts are taken as they are given.
    """
    cdef int32_t length = len(columns["LEX"])
    cdef ColumnBlock block = ColumnBlock(length)
    cdef const uint8_t[::1] source
    for name, (number, size, layout) in _LAYOUT.items():
        if length:
            source = numpy.ascontiguousarray(columns[name], dtype=layout.decode("ascii")).view("uint8")
            memcpy(column_start(&block.c, number), &source[0], length * <Py_ssize_t>size)
    doc.adopt(block, length, doc.arena)
    place_tokens(doc)


cdef void place_tokens(Doc doc) noexcept:
    # Where tokens begin follows from their lengths and spaces.
    cdef int32_t i, at = 0
    for i in range(doc.length):
        doc.c.idx[i] = at
        at += <int32_t>lex_attr(doc, i, LEX_LENGTH) + doc.c.spacy[i]


def lengths(docs):
    """The numbers of tokens of Docs, as an int32 array of *shape* (n_docs,)."""
    return numpy.array([len(doc) for doc in docs], dtype="int32")


cdef list as_docs(docs):
    cdef list checked = list(docs)
    for i, doc in enumerate(checked):
        if not isinstance(doc, Doc):
            raise InvalidTypeError(f"Item {i} of the batch must be a Doc, but found {type(doc).__name__}.")
    return checked


def gather(docs, attrs):
    """The values of attributes for all tokens of a batch, one Doc after the other.

    docs: Docs, of any vocabularies.
    attrs: a name or id, or a sequence of them; attributes of tokens or of lexemes.
    Returns a uint64 array of *shape* (n_tokens_total, n_attrs). HEAD and SENT_START are to be read as int64. Raises
    `UnknownAttributeError` (a KeyError) for an unknown name.
    """
    cdef list batch = as_docs(docs)
    cdef list ids = _attributes.attribute_ids(attrs)
    cdef Py_ssize_t n_docs = len(batch), n_attrs = len(ids), total = 0, i, j, row = 0
    cdef Doc doc
    for doc in batch:
        total += doc.length
    values = numpy.empty((total, n_attrs), dtype="uint64")
    if total == 0 or n_attrs == 0:
        return values
    cdef attr_t[:, ::1] out = values
    cdef int[::1] c_ids = numpy.array(ids, dtype="intc")
    cdef TokenTable* tables = <TokenTable*>malloc(n_docs * sizeof(TokenTable))
    if tables is NULL:
        raise MemoryError()
    # Another thread may retokenize a Doc meanwhile: what is read must not go away.
    held = [(doc.block, doc.arena) for doc in batch]
    for i, doc in enumerate(batch):
        tables[i] = table_of(doc)
        total -= tables[i].length
    if total != 0:
        free(tables)
        raise InvalidValueError("A Doc of the batch was changed by another thread.")
    with nogil:
        for i in range(n_docs):
            if tables[i].length > 0:
                for j in range(n_attrs):
                    read_values(&tables[i], c_ids[j], &out[row, j], n_attrs)
                row += tables[i].length
    free(tables)
    return values


def scatter(docs, attr, values):
    """Set attributes for all tokens of a batch, one Doc after the other.

    docs: Docs.
    attr: the name or id of a token attribute, or a sequence of them.
    values: integers of *shape* (n_tokens_total,), or (n_tokens_total, n_attrs) for a sequence. HEAD is relative to
        the token. Setting HEAD sets children and edges too, and with labels (DEP, set here or before) the sentence
        starts.
    Raises `InvalidValueError` for another number of values, attributes that are not a token's own, and values that
    they cannot have; all Docs are then as they were.
    """
    cdef list batch = as_docs(docs)
    ids = _attributes.attribute_ids(attr)
    for name in ids:
        if name not in _attributes.OWN:
            raise InvalidValueError(
                f"{_attributes.attribute_name(name)} is not an attribute of tokens that can be set; these are: "
                f"{', '.join(sorted(map(_attributes.attribute_name, _attributes.OWN)))}."
            )
    sizes = [len(doc) for doc in batch]
    table = _as_table(values, len(ids), sum(sizes), "the Docs of the batch have")
    if not _all_fit(ids, table, sizes):
        row = 0
        for doc, size in zip(batch, sizes):
            _check(doc, ids, table[row : row + size])
            row += size
    _write(batch, sizes, ids, table, True)


def store(Doc doc not None, attrs, array):
    """Set attributes of one Doc; see `Doc.from_array`."""
    ids = _attributes.attribute_ids(attrs)
    if not ids:
        raise InvalidValueError("There is no attribute to set: `attrs` is empty.")
    table = _as_table(array, len(ids), len(doc), "the Doc has")
    _check(doc, ids, table)
    _write([doc], [len(table)], ids, table, DEP in ids)


def _as_table(values, Py_ssize_t n_attrs, Py_ssize_t n_tokens, str whose):
    # As uint64 of shape (n_tokens, n_attrs); negative numbers wrap around, as the columns expect.
    table = numpy.asarray(values)
    if table.dtype.kind in "fO" and not hasattr(values, "dtype"):
        table = _integers(values, table)
    if table.size == 0:
        table = table.astype("uint64")
    if table.dtype.kind not in "iub":
        raise InvalidTypeError(f"Attribute values must be integers, but found an array of {table.dtype}.")
    if table.ndim == 1 and n_attrs == 1:
        table = table.reshape((-1, 1))
    if table.ndim == 0 or len(table) != n_tokens:
        found = f"{len(table)} rows" if table.ndim else "a single value"
        raise InvalidValueError(
            f"There must be one row of values per token: {whose} {n_tokens} tokens, but found {found}."
        )
    if n_tokens and table.shape != (n_tokens, n_attrs):
        raise InvalidValueError(
            f"The values of {n_attrs} attributes must have the shape {(n_tokens, n_attrs)}, but found {table.shape}."
        )
    return table.reshape((n_tokens, n_attrs)).astype("uint64", copy=False)


def check_value(Doc doc not None, int attr, value):
    """Raise `InvalidValueError` or `InvalidTypeError` if an attribute cannot have a value."""
    _check(doc, [attr], _as_table([value], 1, 1, "there are"))


def _integers(values, table):
    # Of Python integers below and above 2 ** 63, as string ids are, NumPy makes floats.
    exact = numpy.asarray(values, dtype=object)
    if not all(isinstance(value, (int, numpy.integer)) for value in exact.flat):
        return table
    wrapped = [int(value) & 0xFFFFFFFFFFFFFFFF for value in exact.flat]
    return numpy.asarray(wrapped, dtype="uint64").reshape(exact.shape)


def _all_fit(list ids, table, list sizes):
    """Whether all values of a batch are known to be possible; `_check` says of one Doc what is not."""
    for j, attr in enumerate(ids):
        values = table[:, j]
        if attr == MORPH:
            return False
        if attr == HEAD:
            if not trees_fit(values.view("int64"), sizes):
                return False
        elif attr == ENT_IOB:
            if (values >= len(IOB_STRINGS)).any():
                return False
        elif attr == POS:
            if not numpy.isin(values, _POS_IDS).all():
                return False
        elif attr == SENT_START:
            if (values + 1 > 2).any():
                return False
    return True


cdef bint trees_fit(const int64_t[:] given, list sizes) except -1:
    # Whether relative heads stay within their Docs and make no cycle.
    cdef Py_ssize_t n_docs = len(sizes), doc, row = 0
    cdef int32_t[::1] heads = numpy.empty(given.shape[0], dtype="int32")
    cdef int32_t[::1] lengths = numpy.array(sizes, dtype="int32")
    cdef int32_t i
    with nogil:
        for doc in range(n_docs):
            for i in range(lengths[doc]):
                if given[row + i] < -i or given[row + i] >= lengths[doc] - i:
                    return False
                heads[row + i] = <int32_t>given[row + i]
            if lengths[doc] > 0 and tree.find_cycle(&heads[row], lengths[doc]) >= 0:
                return False
            row += lengths[doc]
    return True


def _check(Doc doc, ids, table):
    """Raise `InvalidValueError` if an attribute cannot have one of its values."""
    for j, attr in enumerate(ids):
        values = table[:, j]
        if attr == HEAD:
            check_heads(values.astype("int64"))
        elif attr == ENT_IOB and values.size and int(values.max()) >= len(IOB_STRINGS):
            raise InvalidValueError(
                f"ENT_IOB must be from 0 to 3, for one of {list(IOB_STRINGS)}, but found {int(values.max())}."
            )
        elif attr == POS:
            unknown = [value for value in set(values.tolist()) if value not in POS_NAMES]
            if unknown:
                raise InvalidValueError(f"POS must be the id of a universal part of speech, but found {unknown[0]}.")
        elif attr == SENT_START:
            bad = values[~numpy.isin(values.astype("int64"), (-1, 0, 1))]
            if bad.size:
                raise InvalidValueError(f"SENT_START must be 1, 0 or -1, but found {int(bad[0].astype('int64'))}.")
        elif attr == MORPH:
            for value in set(values.tolist()):
                doc.vocab.morphology.add(doc._text_of(value))


def check_heads(heads):
    """Raise `InvalidValueError` if relative heads lead out of the Doc or into a cycle.

    heads: int32 or int64 array of *shape* (n_tokens,).
    """
    cdef Py_ssize_t length = len(heads)
    targets = heads + numpy.arange(length, dtype="int64")
    outside = numpy.flatnonzero((targets < 0) | (targets >= length))
    if outside.size:
        i = int(outside[0])
        raise InvalidValueError(
            f"The head of token {i} lies outside of the Doc: {int(heads[i])} places away would be token "
            f"{int(targets[i])}, and the Doc has {length} tokens. HEAD is relative to the token."
        )
    cdef int32_t[::1] c_heads = numpy.array(heads, dtype="int32")
    cdef int32_t at = -1
    if length:
        with nogil:
            at = tree.find_cycle(&c_heads[0], <int32_t>c_heads.shape[0])
    if at >= 0:
        raise InvalidValueError(f"The heads have a cycle: token {at} would be its own ancestor.")


cdef struct Target:
    # Where a Doc's values go.
    Columns c
    int32_t length


cdef int _write(list batch, list sizes, list ids, table, bint parsed) except -1:
    # Sets values that were checked. With heads come children and edges and, if `parsed`, sentences where labels are set.
    cdef const attr_t[:, :] values = table
    cdef int[::1] c_ids = numpy.array(ids, dtype="intc")
    cdef Py_ssize_t i, n_docs = len(batch), row = 0
    cdef bint linked = HEAD in ids
    cdef Doc doc
    if values.shape[0] == 0 or values.shape[1] == 0:
        return 0
    cdef Target* targets = <Target*>malloc(n_docs * sizeof(Target))
    if targets is NULL:
        raise MemoryError()
    # Another thread may retokenize a Doc meanwhile: what is written to must not go away.
    cdef list held = [(<Doc>each).block for each in batch]
    try:
        for i, doc in enumerate(batch):
            targets[i].c = (<ColumnBlock>held[i]).c
            targets[i].length = sizes[i]
            if doc.length != targets[i].length:
                raise InvalidValueError("A Doc of the batch was changed by another thread.")
        with nogil:
            for i in range(n_docs):
                if targets[i].length > 0:
                    write_doc(&targets[i].c, targets[i].length, values, row, c_ids, linked, parsed)
                row += targets[i].length
    finally:
        free(targets)
    _keep_texts(batch, sizes, ids, values)
    if SPACY in ids:
        for doc in batch:
            place_tokens(doc)
    return 0


cdef int write_doc(
    Columns* c, int32_t length, const attr_t[:, :] values, Py_ssize_t row, int[::1] ids, bint linked, bint parsed
) except -1 nogil:
    cdef int32_t i
    cdef Py_ssize_t j
    cdef bint labelled = False
    for j in range(ids.shape[0]):
        for i in range(length):
            write_value(c, i, ids[j], values[row + i, j])
    if not linked:
        return 0
    tree.link_tree(c, 0, length)
    if parsed:
        for i in range(length):
            labelled = labelled or c.dep[i] != 0
        if labelled:
            tree.start_sentences(c, 0, length)
    return 0


cdef int _keep_texts(list batch, list sizes, list ids, const attr_t[:, :] values) except -1:
    # Ids of the permanent strings, as labels have, are remembered: a batch has the same few again and again.
    cdef attr_t known[2048]
    cdef attr_t value
    cdef StringStore strings = None
    cdef Py_ssize_t i, j, row, stop
    cdef Doc doc
    memset(known, 0, sizeof(known))
    for j in range(values.shape[1]):
        if ids[j] not in _attributes.TEXTS:
            continue
        row = 0
        for doc, size in zip(batch, sizes):
            if doc.vocab.strings is not strings:
                strings = doc.vocab.strings
                memset(known, 0, sizeof(known))
            stop = row + <Py_ssize_t>size
            for i in range(row, stop):
                value = values[i, j]
                # An empty slot holds 0, the id that needs no text.
                if known[value & 2047] == value:
                    continue
                if strings.is_permanent(value):
                    known[value & 2047] = value
                else:
                    doc.keep_text(value)
            row = stop
    return 0


def relink(Doc doc not None, bint sentences):
    """Work out children and edges again from the heads; `sentences`: and the sentence starts."""
    tree.link_tree(&doc.c, 0, doc.length)
    if sentences:
        tree.start_sentences(&doc.c, 0, doc.length)


def intern_labels(Doc doc not None):
    """Make the labels of a Doc permanent, as those are that are set on it, wherever they came from."""
    cdef attr_t* columns[3]
    cdef attr_t seen
    cdef int32_t i, j
    columns[0], columns[1], columns[2] = doc.c.tag, doc.c.dep, doc.c.ent_type
    for j in range(3):
        seen = 0
        for i in range(doc.length):
            if columns[j][i] != seen:
                seen = columns[j][i]
                doc.vocab.strings.intern(doc.text_of(seen))


def lexeme_refs(Doc doc not None, words):
    """References to the lexemes of words, for the column LEX of this Doc."""
    return numpy.array([doc.vocab.lexeme_ref(doc.arena, word) for word in words], dtype="int32")


def append_from(Doc doc not None, Doc source not None, int32_t start, int32_t stop):
    """Append words and spaces of another Doc that has the same arena."""
    cdef int32_t i
    if source.arena is not doc.arena or source.vocab is not doc.vocab:
        raise InvalidValueError("Words can only be taken over between Docs of one vocabulary and one arena.")
    doc.reserve(doc.length + stop - start)
    for i in range(start, stop):
        doc.append(source.c.lex[i], source.c.spacy[i])


def utf8_array(list words, int width):
    """Bytes of words from both ends; see `Doc.to_utf8_array`."""
    if width == -1:
        width = max([len(word) for word in words], default=0)
    output = numpy.full((len(words), width), 255, dtype="uint8")
    cdef uint8_t[:, ::1] out = output
    cdef bytes word
    cdef Py_ssize_t i, k, n
    for i, word in enumerate(words):
        n = len(word)
        for k in range(min(n, width)):
            # 0, -1, 1, -2, ...
            out[i, k] = <uint8_t>word[k // 2 if k % 2 == 0 else n - 1 - k // 2]
    return output
