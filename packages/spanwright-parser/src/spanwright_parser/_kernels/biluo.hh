/* Entity states: every action takes one token; BILUO tags, entities that the Doc has already are kept. */
#ifndef SPANWRIGHT_BILUO_H
#define SPANWRIGHT_BILUO_H

#include <cstdint>

#include "arc_eager.hh"

namespace spanwright {

enum BiluoAction { MISSING, BEGIN, IN, LAST, UNIT, OUT };

/* ENT_IOB as it stands in a Doc. */
enum { IOB_MISSING, IOB_IN, IOB_OUT, IOB_BEGIN };

struct BiluoCursor {
    int32_t length;
    int32_t row;
    int32_t slot;
    int32_t next;
    int32_t open;  /* the first token of the entity that is open; -1 if there is none */
    int32_t label; /* its label */
};

struct BiluoColumns {
    int32_t* taken; /* the move that took the token; -1 if there was none */
    const uint8_t* iob;   /* by row, as the next ones: what the Doc says */
    const int32_t* type;  /* label; 0 for none, -2 for one that the system lacks */
    const int8_t* starts; /* sentence starts */
    const uint8_t* space;
};

struct BiluoGold {
    const int32_t* action; /* by row */
    const int32_t* label;
    const int32_t* wrong_at; /* by row of the first token, one more than rows: where spans begin that are no entities */
    const int32_t* wrong;    /* [n][2]: last token and label */
};

struct BiluoState {
    typedef BiluoCursor Cursor;
    typedef BiluoColumns Columns;
    typedef BiluoGold Gold;

    BiluoCursor* at;
    BiluoColumns c;

    BiluoState() : at(nullptr), c() {}
    BiluoState(BiluoCursor* cursor, const BiluoColumns& columns) : at(cursor), c(columns)
    {
        c.taken += at->slot;
        c.iob += at->row;
        c.type += at->row;
        c.starts += at->row;
        c.space += at->row;
    }

    int32_t stack(int32_t) const { return -1; }
    int32_t left(int32_t, int32_t) const { return -1; }
    int32_t right(int32_t, int32_t) const { return -1; }
    int32_t buffer(int32_t i) const { return at->next + i < at->length ? at->next + i : -1; }
    int32_t buffered() const { return at->length - at->next; }
    int32_t entity() const { return at->open; }
    bool final() const { return at->next >= at->length; }

    int iob(int32_t i) const { return at->next + i < at->length ? c.iob[at->next + i] : IOB_MISSING; }
    bool starts(int32_t i) const { return at->next + i < at->length && c.starts[at->next + i] == 1; }
    bool is_space() const { return at->next < at->length && c.space[at->next]; }
    int32_t type() const { return at->next < at->length ? c.type[at->next] : 0; }

    /* The Doc has no entity here, so that only the state, the sentence and spaces decide. */
    bool is_free() const { return !(iob(0) & 1) && !(iob(1) & 1); }

    bool begin_valid(int32_t label) const
    {
        if (at->open >= 0 || buffered() < 2 || label == 0 || iob(0) == IOB_IN) return false;
        if (iob(0) == IOB_BEGIN) return label == type() && iob(1) == IOB_IN;
        return iob(1) != IOB_BEGIN && !starts(1) && !is_space();
    }
    bool in_valid(int32_t label) const
    {
        if (at->open < 0 || buffered() < 2 || label == 0 || at->label != label) return false;
        if (iob(0) == IOB_BEGIN || iob(1) == IOB_BEGIN) return false;
        if (iob(0) == IOB_IN) return iob(1) == IOB_IN && label == type();
        return !starts(1);
    }
    bool last_valid(int32_t label) const
    {
        if (label == 0 || at->open < 0) return false;
        if (iob(0) == IOB_IN && iob(1) != IOB_IN) return label == type();
        return at->label == label && iob(1) != IOB_IN;
    }
    bool unit_valid(int32_t label) const
    {
        /* Without a label it stands for a token that the Doc says is in no entity. */
        if (label == 0) return iob(0) == IOB_BEGIN && type() == 0;
        if (at->open >= 0 || iob(1) == IOB_IN) return false;
        if (iob(0) == IOB_BEGIN) return label == type();
        return !is_space();
    }
    bool out_valid() const { return at->open < 0 && !(iob(0) & 1); }
    bool valid(const Moves& moves, int32_t move) const
    {
        const int32_t label = moves.label[move];
        switch (moves.action[move]) {
        case BEGIN: return begin_valid(label);
        case IN: return in_valid(label);
        case LAST: return last_valid(label);
        case UNIT: return unit_valid(label);
        case OUT: return out_valid();
        }
        return false;
    }
    void all_valid(const Moves& moves, uint8_t* out) const
    {
        for (int32_t i = 0; i < moves.n; i++) out[i] = valid(moves, i);
    }
    void advance(const Moves& moves, int32_t move)
    {
        switch (moves.action[move]) {
        case BEGIN:
            at->open = at->next;
            at->label = moves.label[move];
            break;
        case LAST:
        case UNIT:
            at->open = -1;
            break;
        }
        c.taken[at->next++] = move;
    }
    void stop() { at->next = at->length; }

    bool is_sunk(const int32_t* action, const int32_t* label) const
    {
        if (at->open < 0) return false;
        return (action[at->open] != BEGIN && action[at->open] != UNIT) || label[at->open] != at->label;
    }
    /* Whether a span is known to be no entity; any_end: whatever its last token. */
    bool is_wrong(const BiluoGold& gold, int32_t start, int32_t label, bool any_end) const
    {
        const int32_t row = at->row + start;
        for (int32_t i = gold.wrong_at[row]; i < gold.wrong_at[row + 1]; i++) {
            if (gold.wrong[2 * i + 1] == label && (any_end || gold.wrong[2 * i] == at->next)) return true;
        }
        return false;
    }
    float cost(const BiluoGold& gold, int32_t action, int32_t label) const
    {
        const int32_t* actions = gold.action + at->row;
        const int32_t* labels = gold.label + at->row;
        const int32_t b0 = at->next, gold_action = actions[b0];
        const int32_t after = b0 + 1 < at->length ? actions[b0 + 1] : (int32_t)OUT;
        const bool missing = gold_action == MISSING;
        switch (action) {
        case BEGIN: {
            const int cost = !missing && (gold_action != BEGIN || labels[b0] != label);
            return (float)(cost + (buffered() < 3 && is_wrong(gold, b0, label, true)));
        }
        case IN: {
            const bool ends = after == OUT || after == MISSING;
            if (gold_action == LAST) return !(is_sunk(actions, labels) && ends);
            if (gold_action == OUT) return !ends;
            if (gold_action == UNIT) return after != OUT;
            return 0;
        }
        case LAST: {
            const int cost = gold_action == IN && !is_sunk(actions, labels);
            return (float)(cost + is_wrong(gold, at->open, label, false));
        }
        case UNIT: {
            const int cost = !missing && (gold_action != UNIT || labels[b0] != label);
            return (float)(cost + is_wrong(gold, b0, label, false));
        }
        case OUT: return gold_action == BEGIN || gold_action == UNIT;
        }
        return IMPOSSIBLE;
    }
    void costs(const Moves& moves, const BiluoGold& gold, float* out) const
    {
        for (int32_t i = 0; i < moves.n; i++) {
            out[i] = valid(moves, i) ? cost(gold, moves.action[i], moves.label[i]) : IMPOSSIBLE;
        }
    }
};

} // namespace spanwright
#endif
