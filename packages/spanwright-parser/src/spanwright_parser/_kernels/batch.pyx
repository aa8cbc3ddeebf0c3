# cython: boundscheck=False, wraparound=False, cdivision=True
# distutils: language = c++
"""States of transition systems in columns, many at a time. Arrays in, arrays out, C order; see the headers."""
import numpy as np

from cpython.buffer cimport PyBUF_C_CONTIGUOUS, PyBUF_FORMAT, PyBuffer_Release, PyObject_GetBuffer
from libc.stdint cimport int8_t, int32_t, int64_t, uint8_t
from libcpp cimport bool as cbool
from libcpp.vector cimport vector


cdef extern from "batch.hh" namespace "spanwright" nogil:
    int MAX_FEATURES
    int widest_lanes()

    cppclass Moves:
        Moves()
        int32_t n
        const int32_t* action
        const int32_t* label
        int32_t special

    cppclass ArcColumns:
        ArcColumns()
        int32_t* pile
        int32_t* head
        int32_t* label
        int32_t* left
        int32_t* right
        int32_t* sibling
        uint8_t* flags
        const int8_t* preset

    cppclass ArcGold:
        const int32_t* head
        const int32_t* label
        const uint8_t* flags
        const int32_t* kid_at
        const int32_t* kids
        const int32_t* next_start

    cppclass BiluoColumns:
        BiluoColumns()
        int32_t* taken
        const uint8_t* iob
        const int32_t* type
        const int8_t* starts
        const uint8_t* space

    cppclass BiluoGold:
        const int32_t* action
        const int32_t* label
        const int32_t* wrong_at
        const int32_t* wrong

    cppclass Unit:
        int lanes

    Unit unit_of(int lanes)

    cppclass Network:
        Unit unit
        int64_t n_given
        int64_t n_in
        int n_features
        int pieces
        int64_t hidden_step
        int64_t n_hidden
        int64_t moves_step
        const float* project
        const float* project_bias
        const float* lower
        const float* bias
        const float* pad
        const float* upper
        const float* upper_bias
        const uint8_t* unseen

    cppclass Turns:
        Turns()
        void add(int64_t state, int32_t length, const float* vectors) except +
        void sort() except +

    cppclass AnyBatch:
        void select(const int32_t* rows, int64_t n)
        void final(uint8_t* out)
        cbool features(int n_features, int32_t* out)
        void valid(uint8_t* out)
        int64_t advance(const int32_t* chosen)
        void follow(const float* scores, int32_t* chosen) except +
        void costs(const void* gold, float* out)
        int64_t gradient(const void* gold, const float* scores, float* d_scores, uint8_t* seen) except +
        int64_t oracle(const void* gold, vector[int32_t]& out, int64_t* counts) except +
        int64_t replay(const int64_t* at, const int32_t* chosen)
        void greedy(const Network& net, Turns& turns, int n_threads) except +

    cppclass ArcBatch(AnyBatch):
        ArcBatch(int32_t* cursors, const ArcColumns& columns, const Moves& moves)

    cppclass BiluoBatch(AnyBatch):
        BiluoBatch(int32_t* cursors, const BiluoColumns& columns, const Moves& moves)


ctypedef const float* Vectors


FEATURES = (1, 2, 3, 6, 8, 13)
ARC_COLUMNS = ("pile", "head", "label", "left", "right", "sibling")
_LANES = widest_lanes()


def lanes():
    """Floats in a vector of the unit that is used: 16, 8 or 4."""
    return _LANES


cdef class Gold:
    """Gold annotation in columns, by row of the batch's tokens; made by `arc_gold` or `biluo_gold`."""
    cdef ArcGold arc
    cdef BiluoGold biluo
    cdef readonly bint is_arc
    cdef readonly dict arrays
    cdef readonly int64_t n_rows
    # By row of the first token: the length of the Doc that begins there.
    cdef const int32_t[::1] lengths

    cdef const void* pointer(self):
        return <const void*>&self.arc if self.is_arc else <const void*>&self.biluo


cdef class Batch:
    """A batch of states; made by `arc_batch` or `biluo_batch`, whose arrays it changes in place."""
    cdef AnyBatch* batch
    cdef readonly bint is_arc
    cdef readonly dict arrays
    cdef readonly int64_t n_states
    cdef readonly int64_t n_rows
    cdef readonly int32_t n_moves

    def __dealloc__(self):
        del self.batch

    cdef int64_t choose(self, const int32_t[::1] rows) except -1:
        cdef int64_t i
        for i in range(rows.shape[0]):
            if rows[i] < 0 or rows[i] >= self.n_states:
                raise IndexError(f"There is no state {rows[i]} in a batch of {self.n_states}.")
        self.batch.select(&rows[0] if rows.shape[0] else NULL, rows.shape[0])
        return rows.shape[0]

    cdef int match(self, Gold gold, const int32_t[::1] rows) except -1:
        cdef const int32_t[:, ::1] cursors
        cdef int64_t i
        if gold.is_arc != self.is_arc or gold.n_rows != self.n_rows:
            raise ValueError(f"The gold annotation is of {gold.n_rows} tokens, but the batch of {self.n_rows}.")
        self.choose(rows)
        if self.is_arc:
            # Heads are positions in a Doc, and lead out of a shorter one.
            cursors = self.arrays["cursors"]
            for i in range(rows.shape[0]):
                if cursors[rows[i], 0] and gold.lengths[cursors[rows[i], 1]] != cursors[rows[i], 0]:
                    raise ValueError(f"The gold annotation is of other Docs than that of state {rows[i]}.")
        return 0

    def final(self, const int32_t[::1] rows not None):
        """Whether states are at their ends; a uint8 array of *shape* (n_rows,)."""
        cdef uint8_t[::1] out = np.empty(rows.shape[0], dtype="uint8")
        if self.choose(rows):
            self.batch.final(&out[0])
        return out.base

    def features(self, const int32_t[::1] rows not None, int n_features):
        """Rows of the tokens that the features stand for, -1 for none: int32, *shape* (n_rows, n_features)."""
        if n_features not in FEATURES:
            raise ValueError(f"There are states of {', '.join(map(str, FEATURES))} features, but not of {n_features}.")
        cdef int32_t[:, ::1] out = np.empty((rows.shape[0], n_features), dtype="int32")
        if self.choose(rows):
            with nogil:
                self.batch.features(n_features, &out[0, 0])
        return out.base

    def valid(self, const int32_t[::1] rows not None):
        """Which moves are valid; uint8, *shape* (n_rows, n_moves). In a final state none is."""
        cdef uint8_t[:, ::1] out = np.empty((rows.shape[0], self.n_moves), dtype="uint8")
        if self.choose(rows) and self.n_moves:
            with nogil:
                self.batch.valid(&out[0, 0])
        return out.base

    def advance(self, const int32_t[::1] rows not None, const int32_t[::1] chosen not None):
        """Make one move in each state. Returns the position of one that is not valid, if any, and does nothing then."""
        cdef int64_t bad = -1
        if chosen.shape[0] != rows.shape[0]:
            raise ValueError(f"There must be a move for each of {rows.shape[0]} states, but there are {chosen.shape[0]}.")
        if self.choose(rows):
            with nogil:
                bad = self.batch.advance(&chosen[0])
        return bad

    def follow(self, const int32_t[::1] rows not None, const float[:, ::1] scores not None):
        """Make the valid move with the highest score in each state; returns the moves, -1 where none was valid."""
        cdef int32_t[::1] chosen = np.empty(rows.shape[0], dtype="int32")
        self.check_scores(rows, scores)
        if self.choose(rows) and self.n_moves:
            with nogil:
                self.batch.follow(&scores[0, 0], &chosen[0])
        return chosen.base

    cdef int check_scores(self, const int32_t[::1] rows, const float[:, ::1] scores) except -1:
        if scores.shape[0] != rows.shape[0] or scores.shape[1] != self.n_moves:
            raise ValueError(
                f"Scores must have the shape {(rows.shape[0], self.n_moves)} (states, moves), but found "
                f"{(scores.shape[0], scores.shape[1])}."
            )
        return 0

    def costs(self, const int32_t[::1] rows not None, Gold gold not None):
        """What each move costs; float32, *shape* (n_rows, n_moves); 9000 for those that are not valid."""
        self.match(gold, rows)
        cdef float[:, ::1] out = np.empty((rows.shape[0], self.n_moves), dtype="float32")
        cdef const void* c_gold = gold.pointer()
        if self.choose(rows) and self.n_moves:
            with nogil:
                self.batch.costs(c_gold, &out[0, 0])
        return out.base

    def gradient(self, const int32_t[::1] rows not None, Gold gold not None, const float[:, ::1] scores not None):
        """Returns the gradient of the scores, which moves were gold somewhere (uint8), and in how many states none was."""
        self.match(gold, rows)
        self.check_scores(rows, scores)
        cdef float[:, ::1] out = np.zeros((rows.shape[0], self.n_moves), dtype="float32")
        cdef uint8_t[::1] seen = np.zeros(self.n_moves, dtype="uint8")
        cdef const void* c_gold = gold.pointer()
        cdef int64_t impossible = 0
        if self.choose(rows) and self.n_moves:
            with nogil:
                impossible = self.batch.gradient(c_gold, &scores[0, 0], &out[0, 0], &seen[0])
        return out.base, seen.base, impossible

    def oracle(self, const int32_t[::1] rows not None, Gold gold not None):
        """Follow the cheapest moves to the end. Returns the moves of all states, their numbers, and how many failed."""
        self.match(gold, rows)
        cdef vector[int32_t] moves
        cdef int64_t[::1] counts = np.zeros(rows.shape[0], dtype="int64")
        cdef const void* c_gold = gold.pointer()
        cdef int64_t failed = 0
        if self.choose(rows):
            with nogil:
                failed = self.batch.oracle(c_gold, moves, &counts[0])
        result = np.empty(moves.size(), dtype="int32")
        cdef int32_t[::1] out = result
        cdef size_t i
        for i in range(moves.size()):
            out[i] = moves[i]
        return result, counts.base, failed

    def replay(self, const int32_t[::1] rows not None, const int64_t[::1] at not None, const int32_t[::1] chosen not None):
        """Make several moves in each state: those from `at[i]` to `at[i + 1]`. Returns a bad one's position, or -1."""
        cdef int64_t i, bad = -1
        if at.shape[0] != rows.shape[0] + 1 or at[0] < 0 or at[rows.shape[0]] > chosen.shape[0]:
            raise ValueError("The moves to make do not fit the states.")
        for i in range(rows.shape[0]):
            if at[i] > at[i + 1]:
                raise ValueError("The moves to make do not fit the states.")
        if self.choose(rows) and chosen.shape[0]:
            with nogil:
                bad = self.batch.replay(&at[0], &chosen[0])
        return bad

    def greedy(self, PackedNetwork network not None, list vectors not None, int64_t start, int64_t stop):
        """The states [start, stop), to be parsed to their ends.

        vectors: one array for each of these states, float32, with a row for each token of its Doc.
        """
        if network.n_moves != self.n_moves or self.n_moves == 0:
            raise ValueError(f"The model scores {network.n_moves} moves, but the system has {self.n_moves}.")
        if not 0 <= start <= stop <= self.n_states:
            raise IndexError(f"There are no states {start} to {stop} in a batch of {self.n_states}.")
        if len(vectors) != stop - start:
            raise ValueError(f"There must be token vectors for each of {stop - start} states, but found {len(vectors)}.")
        cdef Greedy work = Greedy.__new__(Greedy)
        cdef const int32_t[:, ::1] cursors = self.arrays["cursors"]
        cdef int32_t length
        cdef int64_t i
        work.batch, work.network, work.vectors = self, network, vectors
        for i in range(stop - start):
            length = cursors[start + i, 0]
            work.turns.add(start + i, length, start_of(vectors[i], length, network.net.n_given))
        work.turns.sort()
        return work


cdef class Greedy:
    """States to be parsed; made by `Batch.greedy`."""
    cdef Batch batch
    cdef PackedNetwork network
    cdef list vectors
    cdef Turns turns

    def run(self, int64_t n_threads=1):
        """Parse states until none is left, with as many threads, of which this is one."""
        cdef int n = <int>max(1, min(n_threads, <int64_t>len(self.vectors)))
        with nogil:
            self.batch.batch.greedy(self.network.net, self.turns, n)


cdef Vectors start_of(array, int64_t n_rows, int64_t width) except? NULL:
    # A view of a NumPy array holds nothing that goes away before the array does.
    cdef Py_buffer view
    PyObject_GetBuffer(array, &view, PyBUF_C_CONTIGUOUS | PyBUF_FORMAT)
    cdef Vectors found = <Vectors>view.buf
    cdef bint fits = view.ndim == 2 and view.shape[1] == width and view.shape[0] >= n_rows
    cdef bint floats = view.format is not NULL and view.format[0] == b"f" and view.format[1] == 0
    PyBuffer_Release(&view)
    if not floats:
        raise ValueError("Token vectors must be float32.")
    if not fits:
        raise ValueError(f"The token vectors must have the shape {(n_rows, width)}, but found {array.shape}.")
    return found


cdef class PackedNetwork:
    """The weights of a model, laid out for the processor's vector unit; see `pack`."""
    cdef Network net
    cdef readonly int32_t n_moves
    cdef readonly int lanes
    cdef tuple arrays


def pack(lower, bias, pad, upper, upper_bias, unseen, project=None, project_bias=None, int width=0):
    """Lay out weights for `Batch.greedy`.

    lower: float32, *shape* (nF, nO, nP, nI). bias: (nO, nP). pad: (1, nF, nO, nP).
    upper: (n_moves, nO); None if the hidden layer gives the scores. upper_bias: (n_moves,) or None.
    unseen: positions of moves that were never seen in training.
    project: (nI, n_given); a linear layer that makes the lower layer's input of given vectors. None: it is given.
    project_bias: (nI,) or None.
    width: floats in a vector; 0 for the widest that the processor has.
    """
    cdef PackedNetwork packed = PackedNetwork()
    cdef int n_lanes = width or _LANES
    if n_lanes > _LANES or n_lanes not in (4, 8, 16):
        raise ValueError(f"The processor has vectors of {_LANES} floats, but {n_lanes} were asked for.")
    n_features, n_hidden, pieces, n_in = lower.shape
    if bias.shape != (n_hidden, pieces) or pad.shape != (1, n_features, n_hidden, pieces) or n_in < 1 or pieces < 1:
        raise ValueError(f"The weights' shapes do not fit: {lower.shape}, {bias.shape}, {pad.shape}.")
    if n_features not in FEATURES:
        raise ValueError(f"There are states of {', '.join(map(str, FEATURES))} features, but not of {n_features}.")
    n_moves = n_hidden if upper is None else len(upper)
    if upper is not None and (upper.shape != (n_moves, n_hidden) or upper_bias.shape != (n_moves,)):
        raise ValueError(f"The upper layer's shapes do not fit: {upper.shape}, {upper_bias.shape}, {n_hidden} inputs.")
    if project is not None and (project.shape[0] != n_in or project_bias.shape != (n_in,) or project.shape[1] < 1):
        raise ValueError(f"The first layer's shapes do not fit: {project.shape}, {project_bias.shape}, {n_in} outputs.")
    hidden_step, moves_step = (-(-n // n_lanes) * n_lanes for n in (n_hidden, n_moves))
    # (nF, nO, nP, nI) -> rows of outputs [nF][nP][padded nO] -> panels.
    outputs = np.zeros((n_features, pieces, hidden_step, n_in), dtype="float32")
    outputs[:, :, :n_hidden] = lower.transpose((0, 2, 1, 3))
    lower_packed = _panels(outputs.reshape((-1, n_in)), n_lanes)
    bias_packed = np.zeros((pieces, hidden_step), dtype="float32")
    bias_packed[:, :n_hidden] = bias.T
    pad_packed = np.zeros((n_features, pieces, hidden_step), dtype="float32")
    pad_packed[:, :, :n_hidden] = pad[0].transpose((0, 2, 1))
    mask = np.zeros(moves_step, dtype="uint8")
    mask[list(unseen)] = 1
    cdef const float[::1] c_lower = lower_packed, c_bias = bias_packed.ravel(), c_pad = pad_packed.ravel()
    cdef const float[::1] c_upper, c_upper_bias, c_project, c_project_bias
    cdef const uint8_t[::1] c_mask = mask
    packed.arrays = (lower_packed, bias_packed, pad_packed, mask)
    packed.net.upper = packed.net.upper_bias = NULL
    if upper is not None:
        c_upper, c_upper_bias = _linear(upper, upper_bias, n_lanes)
        packed.arrays += (c_upper.base, c_upper_bias.base)
        packed.net.upper = &c_upper[0]
        packed.net.upper_bias = &c_upper_bias[0]
    packed.net.project = packed.net.project_bias = NULL
    packed.net.n_given = n_in
    if project is not None:
        c_project, c_project_bias = _linear(project, project_bias, n_lanes)
        packed.arrays += (c_project.base, c_project_bias.base)
        packed.net.project, packed.net.project_bias = &c_project[0], &c_project_bias[0]
        packed.net.n_given = project.shape[1]
    packed.n_moves, packed.lanes = n_moves, n_lanes
    packed.net.unit = unit_of(n_lanes)
    packed.net.n_in, packed.net.n_features, packed.net.pieces = n_in, n_features, pieces
    packed.net.hidden_step, packed.net.n_hidden, packed.net.moves_step = hidden_step, n_hidden, moves_step
    packed.net.lower, packed.net.bias, packed.net.pad = &c_lower[0], &c_bias[0], &c_pad[0]
    packed.net.unseen = &c_mask[0]
    return packed


def _linear(weights, bias, n_lanes):
    # The panels of a linear layer, and its bias; outputs are rounded up to whole vectors.
    n, depth = weights.shape
    step = -(-n // n_lanes) * n_lanes
    rows, padded = np.zeros((step, depth), dtype="float32"), np.zeros(step, dtype="float32")
    rows[:n], padded[:n] = weights, bias
    return _panels(rows, n_lanes), padded


def _panels(rows, n_lanes):
    # [outputs][depth] -> [panels][depth][lanes]
    depth = rows.shape[1]
    return np.ascontiguousarray(rows.reshape((-1, n_lanes, depth)).transpose((0, 2, 1))).ravel()


cdef Moves moves_of(const int32_t[::1] actions, const int32_t[::1] labels, int32_t special) except *:
    cdef Moves moves = Moves()
    if actions.shape[0] != labels.shape[0]:
        raise ValueError("There must be a label for each action.")
    moves.n = <int32_t>actions.shape[0]
    moves.action = &actions[0] if moves.n else NULL
    moves.label = &labels[0] if moves.n else NULL
    moves.special = special
    return moves


cdef int check_cursors(const int32_t[:, ::1] cursors, int64_t n_slots, int64_t n_rows) except -1:
    cdef int64_t i
    if cursors.shape[1] != 6:
        raise ValueError("A state has six cursors.")
    for i in range(cursors.shape[0]):
        # length, row, slot
        if (
            cursors[i, 0] < 0 or cursors[i, 1] < 0 or cursors[i, 2] < 0
            or <int64_t>cursors[i, 0] + cursors[i, 1] > n_rows or <int64_t>cursors[i, 0] + cursors[i, 2] > n_slots
        ):
            raise ValueError(f"State {i} lies outside of its columns.")
    return 0


def arc_batch(
    int32_t[:, ::1] cursors not None, int32_t[:, ::1] columns not None, uint8_t[::1] flags not None,
    const int8_t[::1] preset not None, const int32_t[::1] actions not None, const int32_t[::1] labels not None,
    int32_t special,
):
    """States of a dependency parser; for the arrays see arc_eager.hh. `columns` are ARC_COLUMNS, one below another."""
    cdef Batch result = Batch()
    cdef ArcColumns c = ArcColumns()
    cdef int64_t n = columns.shape[1]
    check_cursors(cursors, n, preset.shape[0])
    check_arcs(cursors, columns, flags, actions)
    if n:
        c.pile, c.head, c.label = &columns[0, 0], &columns[1, 0], &columns[2, 0]
        c.left, c.right, c.sibling = &columns[3, 0], &columns[4, 0], &columns[5, 0]
        c.flags = &flags[0]
        c.preset = &preset[0] if preset.shape[0] else NULL
    result.is_arc = True
    result.arrays = {
        "cursors": cursors.base, "columns": columns.base, "flags": flags.base, "preset": preset.base,
        "actions": actions.base, "labels": labels.base, "special": special,
    }
    result.n_states, result.n_rows, result.n_moves = cursors.shape[0], preset.shape[0], <int32_t>actions.shape[0]
    result.batch = new ArcBatch(&cursors[0, 0] if cursors.shape[0] else NULL, c, moves_of(actions, labels, special))
    return result


cdef int check_arcs(
    const int32_t[:, ::1] cursors, const int32_t[:, ::1] columns, const uint8_t[::1] flags, const int32_t[::1] actions
) except -1:
    # What would lead out of the columns, or round in circles.
    cdef int64_t i, j, slot
    cdef int32_t length, depth, waiting, after, value, column
    if columns.shape[0] != 6 or flags.shape[0] != columns.shape[1]:
        raise ValueError("There must be six columns and the flags, of one length.")
    for i in range(actions.shape[0]):
        if not 0 <= actions[i] <= 4:
            raise ValueError(f"There is no action {actions[i]}.")
    for i in range(cursors.shape[0]):
        length, slot = cursors[i, 0], cursors[i, 2]
        depth, waiting, after = cursors[i, 3], cursors[i, 4], cursors[i, 5]
        if depth < 0 or waiting < 0 or after > length or <int64_t>depth + waiting > after:
            raise ValueError(f"State {i}: stack and buffer do not fit a Doc of {length} tokens.")
        value = -1
        for j in range(length):
            if j >= depth and j < length - waiting:
                continue
            if columns[0, slot + j] <= value or columns[0, slot + j] >= after:
                raise ValueError(f"State {i}: stack and buffer do not rise.")
            value = columns[0, slot + j]
        for j in range(length):
            if not -1 <= columns[1, slot + j] < length:
                raise ValueError(f"State {i}: a head lies outside of the Doc.")
            if not -1 <= columns[3, slot + j] < j or not (columns[4, slot + j] == -1 or j < columns[4, slot + j] < length):
                raise ValueError(f"State {i}: a child lies outside of the Doc, or on the wrong side.")
            value = columns[5, slot + j]
            # Chains lead towards the head: siblings are looked up one after another, but never in a circle.
            if not -1 <= value < length or value == j:
                raise ValueError(f"State {i}: a sibling lies outside of the Doc.")
    return 0


def biluo_batch(
    int32_t[:, ::1] cursors not None, int32_t[::1] taken not None, const uint8_t[::1] iob not None,
    const int32_t[::1] types not None, const int8_t[::1] starts not None, const uint8_t[::1] space not None,
    const int32_t[::1] actions not None, const int32_t[::1] labels not None,
):
    """States of an entity recogniser; for the arrays see biluo.hh."""
    cdef Batch result = Batch()
    cdef BiluoColumns c = BiluoColumns()
    cdef int64_t i, n = iob.shape[0]
    check_cursors(cursors, taken.shape[0], n)
    if types.shape[0] != n or starts.shape[0] != n or space.shape[0] != n:
        raise ValueError("What the Docs say must be given for each token of the batch.")
    for i in range(cursors.shape[0]):
        if not 0 <= cursors[i, 3] <= cursors[i, 0] or not -1 <= cursors[i, 4] < max(cursors[i, 3], 1):
            raise ValueError(f"State {i} has its cursors outside of its Doc.")
        if cursors[i, 4] >= 0 and cursors[i, 3] == 0:
            raise ValueError(f"State {i} has an entity open before its first token.")
    for i in range(actions.shape[0]):
        if not 0 <= actions[i] <= 5:
            raise ValueError(f"There is no action {actions[i]}.")
    if taken.shape[0]:
        c.taken = &taken[0]
    if n:
        c.iob, c.type, c.starts, c.space = &iob[0], &types[0], &starts[0], &space[0]
    result.is_arc = False
    result.arrays = {
        "cursors": cursors.base, "taken": taken.base, "iob": iob.base, "types": types.base, "starts": starts.base,
        "space": space.base, "actions": actions.base, "labels": labels.base,
    }
    result.n_states, result.n_rows, result.n_moves = cursors.shape[0], n, <int32_t>actions.shape[0]
    result.batch = new BiluoBatch(&cursors[0, 0] if cursors.shape[0] else NULL, c, moves_of(actions, labels, -1))
    return result


def arc_gold(
    const int32_t[::1] head not None, const int32_t[::1] label not None, const uint8_t[::1] flags not None,
    const int32_t[::1] next_start not None, const int32_t[::1] lengths not None,
):
    """Gold trees: heads (in the Doc; 0 where unknown), labels, flags (see arc_eager.hh), by row; lengths of the Docs.

    next_start: the next position that starts a sentence by what the predicted Doc says; its length if there is none.
    """
    cdef Gold gold = Gold()
    cdef int64_t n = head.shape[0], i, row = 0
    cdef int32_t at
    if label.shape[0] != n or flags.shape[0] != n or next_start.shape[0] != n or np.sum(lengths) != n:
        raise ValueError("Heads, labels, flags and sentence starts must be given for each token.")
    cdef int32_t[::1] kid_at = np.zeros(n + 1, dtype="int32")
    cdef int32_t[::1] kids = np.zeros(max(n, 1), dtype="int32")
    cdef int32_t[::1] begins = np.zeros(max(n, 1), dtype="int32")
    cdef int32_t[::1] fill
    # Children sorted by head: counted, then laid out.
    for i in range(lengths.shape[0]):
        if lengths[i] < 0 or row + lengths[i] > n:
            raise ValueError("The lengths of the Docs do not fit.")
        if lengths[i]:
            begins[row] = lengths[i]
        for at in range(lengths[i]):
            if not 0 <= head[row + at] < lengths[i]:
                raise ValueError(f"A gold head lies outside of a Doc of {lengths[i]} tokens.")
            if not flags[row + at] & 1 and head[row + at] != at:
                kid_at[row + head[row + at] + 1] += 1
        row += lengths[i]
    for i in range(n):
        kid_at[i + 1] += kid_at[i]
    fill = np.array(kid_at[:n], dtype="int32")
    row = 0
    for i in range(lengths.shape[0]):
        for at in range(lengths[i]):
            if not flags[row + at] & 1 and head[row + at] != at:
                kids[fill[row + head[row + at]]] = at
                fill[row + head[row + at]] += 1
        row += lengths[i]
    gold.is_arc, gold.n_rows, gold.lengths = True, n, begins
    gold.arrays = {
        "head": head.base, "label": label.base, "flags": flags.base, "next_start": next_start.base,
        "kid_at": kid_at.base, "kids": kids.base,
    }
    if n:
        gold.arc.head, gold.arc.label, gold.arc.flags = &head[0], &label[0], &flags[0]
        gold.arc.next_start = &next_start[0]
    gold.arc.kid_at, gold.arc.kids = &kid_at[0], &kids[0]
    return gold


def biluo_gold(
    const int32_t[::1] action not None, const int32_t[::1] label not None, const int32_t[::1] wrong_at not None,
    const int32_t[:, ::1] wrong not None,
):
    """Gold entities: action and label by row; spans known to be wrong (last token, label) by row of their first token."""
    cdef Gold gold = Gold()
    cdef int64_t n = action.shape[0], i
    if label.shape[0] != n or wrong_at.shape[0] != n + 1 or wrong.shape[1] != 2 or wrong_at[n] > wrong.shape[0]:
        raise ValueError("Gold actions and labels must be given for each token.")
    for i in range(n):
        if wrong_at[i] < 0 or wrong_at[i] > wrong_at[i + 1]:
            raise ValueError("Spans that are no entities must be sorted by their first token.")
    gold.is_arc, gold.n_rows = False, n
    gold.arrays = {"action": action.base, "label": label.base, "wrong_at": wrong_at.base, "wrong": wrong.base}
    if n:
        gold.biluo.action, gold.biluo.label = &action[0], &label[0]
    gold.biluo.wrong_at = &wrong_at[0]
    gold.biluo.wrong = &wrong[0, 0] if wrong.shape[0] else NULL
    return gold
