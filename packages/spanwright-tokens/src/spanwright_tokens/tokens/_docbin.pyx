# cython: boundscheck=False, wraparound=False, initializedcheck=False
"""Makes the Docs of a DocBin, which share one arena."""
from weakref import ref

from .._types cimport attr_t, int32_t
from ..vocab.arena cimport Arena
from ..vocab.vocab cimport Vocab
from .doc cimport Doc


def new_arena(Vocab vocab not None, strings):
    """An arena of its own that holds those of the strings that are not permanent, and that the vocabulary looks into."""
    cdef Arena arena = Arena()
    cdef str text
    for text in strings:
        vocab.text_id(arena, text)
    # Not the newest: that is where the vocabulary puts transient strings.
    vocab.arena()
    vocab.strings._arenas.insert(len(vocab.strings._arenas) - 1, ref(arena))
    return arena


def doc_of_words(Vocab vocab not None, Arena arena not None, const attr_t[:] orths not None, spaces):
    """A Doc of words given by their ids. spaces: bool, one a word; None if they are not known.

    Raises UnknownStringError for an id that nobody knows.
    """
    cdef Doc doc = Doc(vocab, arena=arena)
    cdef Py_ssize_t i
    doc.reserve(<int32_t>orths.shape[0])
    for i in range(orths.shape[0]):
        doc.append(vocab.lexeme_ref_of(arena, orths[i]), spaces is None or spaces[i])
    doc.has_unknown_spaces = spaces is None
    return doc


def keep_labels(Doc doc not None, group_ids):
    """Make a Doc's labels permanent: they live as long as the vocabulary. group_ids: ids of span labels."""
    cdef attr_t key
    doc._intern_labels()
    for key in group_ids:
        doc.vocab.strings.intern(doc.text_of(key))
