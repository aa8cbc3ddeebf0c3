# A hash table from 64-bit ids to positive 32-bit numbers, for ids that are hashes already.
# It only grows, calls nothing of Python, and so is whole whenever the GIL changes hands.
from libc.stdint cimport int32_t, uint64_t
from libc.stdlib cimport calloc, free


cdef struct IdMap:
    uint64_t* keys
    int32_t* values         # 0: an empty cell
    uint64_t mask           # cells - 1; the number of cells is a power of two
    uint64_t filled


cdef inline int32_t idmap_get(const IdMap* table, uint64_t key) noexcept nogil:
    # 0 if the key is missing.
    cdef uint64_t cell
    if table.filled == 0:
        return 0
    cell = key & table.mask
    while table.values[cell] != 0:
        if table.keys[cell] == key:
            return table.values[cell]
        cell = (cell + 1) & table.mask
    return 0


cdef inline void idmap_place(IdMap* table, uint64_t key, int32_t value) noexcept nogil:
    # There is room.
    cdef uint64_t cell = key & table.mask
    while table.values[cell] != 0:
        if table.keys[cell] == key:
            table.values[cell] = value
            return
        cell = (cell + 1) & table.mask
    table.keys[cell] = key
    table.values[cell] = value
    table.filled += 1


cdef inline int idmap_reserve(IdMap* table, uint64_t n) except -1:
    # Room for n keys in all, at two thirds of the cells.
    cdef uint64_t cells = 16
    cdef uint64_t i
    cdef IdMap larger
    while 2 * cells < 3 * n:
        cells *= 2
    if table.values != NULL and cells <= table.mask + 1:
        return 0
    larger.keys = <uint64_t*>calloc(cells, sizeof(uint64_t))
    larger.values = <int32_t*>calloc(cells, sizeof(int32_t))
    if larger.keys == NULL or larger.values == NULL:
        free(larger.keys)
        free(larger.values)
        raise MemoryError(f"No memory for a table of {n} ids.")
    larger.mask = cells - 1
    larger.filled = 0
    if table.values != NULL:
        for i in range(table.mask + 1):
            if table.values[i] != 0:
                idmap_place(&larger, table.keys[i], table.values[i])
    idmap_free(table)
    table[0] = larger
    return 0


cdef inline int idmap_set(IdMap* table, uint64_t key, int32_t value) except -1:
    if table.values == NULL or 2 * (table.mask + 1) < 3 * (table.filled + 1):
        idmap_reserve(table, 2 * (table.filled + 1))
    idmap_place(table, key, value)
    return 0


cdef inline void idmap_free(IdMap* table) noexcept nogil:
    free(table.keys)
    free(table.values)
    table.keys = NULL
    table.values = NULL
    table.mask = table.filled = 0
