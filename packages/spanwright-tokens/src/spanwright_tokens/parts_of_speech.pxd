# The ids of the universal parts of speech, for Cython.
cdef enum univ_pos_t:
    NO_TAG = 0, ADJ = 84, ADP, ADV, AUX, CONJ, CCONJ, DET, INTJ, NOUN, NUM, PART, PRON, PROPN, PUNCT,
    SCONJ, SYM, VERB, X, EOL, SPACE
