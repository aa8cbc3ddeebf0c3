# cython: boundscheck=False, wraparound=False, initializedcheck=False
"""Makes the Docs of a DocBin, which share one arena."""
from preshed.maps cimport PreshMap

from .._types cimport attr_t, int32_t, uint8_t
from ..attrs cimport DEP, ENT_ID, ENT_IOB, ENT_KB_ID, ENT_TYPE, HEAD, LEMMA, MORPH, NORM, ORTH, POS, SENT_START, TAG
from ..parts_of_speech cimport ADJ, SPACE
from ..vocab.arena cimport Arena
from ..vocab.vocab cimport Vocab
from . cimport tree
from .attributes cimport write_value
from .doc cimport Doc


cdef class DocMaker:
    """Makes Docs of rows of attribute values.

    vocab: the vocabulary of the Docs.
    strings: texts of all ids; those that are not permanent go to an arena that the Docs share.
    attrs: ids of the attributes, in the order of the columns; ORTH must be among them.
    """
    cdef Vocab vocab
    cdef Arena arena
    cdef list attrs
    cdef int orth
    # Ids whose text has been seen to, for labels, morphology and others.
    cdef PreshMap labels
    cdef PreshMap morphs
    cdef PreshMap texts

    def __init__(self, Vocab vocab not None, strings, attrs):
        cdef str text
        self.vocab = vocab
        self.arena = Arena()
        for text in strings:
            vocab.text_id(self.arena, text)
        # Not the newest: that is where the vocabulary puts transient strings.
        vocab.arena()
        vocab.strings._register_older(self.arena)
        self.attrs = list(attrs)
        self.orth = self.attrs.index(ORTH)
        self.labels, self.morphs, self.texts = PreshMap(), PreshMap(), PreshMap()

    def make(self, const attr_t[:, :] rows not None, spaces):
        """A Doc of these rows, uint64 of shape (n_tokens, n_attrs). spaces: bool, one a token; None if not known.

        Raises UnknownStringError for a word or label that is not known, and InvalidValueError for a value that an
        attribute cannot have.
        """
        cdef Doc doc = Doc(self.vocab, arena=self.arena)
        cdef Py_ssize_t i, length = rows.shape[0]
        cdef const uint8_t[:] after
        doc.reserve(<int32_t>length)
        if spaces is not None:
            after = spaces
        for i in range(length):
            doc.append(self.vocab.lexeme_ref_of(self.arena, rows[i, self.orth]), spaces is None or after[i])
        doc.has_unknown_spaces = spaces is None
        if length and not self.fill(doc, rows):
            # The slower way says what is wrong.
            doc.from_array(self.attrs, rows)
        return doc

    cdef bint fill(self, Doc doc, const attr_t[:, :] rows) except -1:
        # Sets the annotations; False, with nothing set but strings, if a value is not possible.
        cdef Py_ssize_t j
        cdef int attr
        cdef int32_t i
        for j, attr in enumerate(self.attrs):
            if not is_possible(attr, rows[:, j]):
                return False
            self.keep_texts(doc, attr, rows[:, j])
        for j, attr in enumerate(self.attrs):
            with nogil:
                for i in range(doc.length):
                    write_value(&doc.c, i, attr, rows[i, j])
        if HEAD in self.attrs:
            if tree.find_cycle(doc.c.head, doc.length) >= 0:
                return False
            tree.link_tree(&doc.c, 0, doc.length)
            if DEP in self.attrs and doc.has_annotation(DEP):
                tree.start_sentences(&doc.c, 0, doc.length)
        return True

    cdef int keep_texts(self, Doc doc, int attr, const attr_t[:] values) except -1:
        # Labels become permanent; other texts must live as long as the Doc.
        cdef PreshMap seen
        cdef attr_t value, last = 0
        cdef Py_ssize_t i
        if attr in (TAG, DEP, ENT_TYPE):
            seen = self.labels
        elif attr == MORPH:
            seen = self.morphs
        elif attr in (NORM, LEMMA, ENT_KB_ID, ENT_ID):
            seen = self.texts
        else:
            return 0
        for i in range(values.shape[0]):
            value = values[i]
            if value == last or value == 0:
                continue
            last = value
            if seen.get(value) != NULL:
                continue
            if seen is self.labels:
                self.vocab.strings.intern(doc.text_of(value))
            elif seen is self.morphs:
                self.vocab.morphology.add(doc.text_of(value))
            else:
                doc.keep_text(value)
            seen.set(value, <void*>1)
        return 0

    def keep_labels(self, ids):
        """Make the labels with these ids permanent."""
        cdef attr_t key
        for key in ids:
            self.vocab.strings.intern(self.vocab.text_of(self.arena, key))


cdef bint is_possible(int attr, const attr_t[:] values) noexcept:
    cdef Py_ssize_t i, length = values.shape[0]
    cdef attr_t value
    cdef Py_ssize_t target
    if attr == HEAD:
        for i in range(length):
            target = i + <Py_ssize_t>values[i]
            if target < 0 or target >= length:
                return False
    elif attr == ENT_IOB:
        for i in range(length):
            if values[i] > 3:
                return False
    elif attr == POS:
        for i in range(length):
            value = values[i]
            if value != 0 and (value < ADJ or value > SPACE):
                return False
    elif attr == SENT_START:
        for i in range(length):
            # -1, 0 and 1
            if values[i] + 1 > 2:
                return False
    return True
