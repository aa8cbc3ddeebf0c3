/* Arc-eager states with sentence breaks (Nivre 2003; non-monotonic as in Honnibal, Goldberg and Johnson 2013; a word
 * without a head that is reduced goes back to the buffer).
 *
 * A state is a row of cursors and a stretch of columns, one value a token. Stack and buffer always hold rising
 * positions, the stack below the buffer: what went back to the buffer is a second stack that grows from the far end of
 * the same column. The arcs of a head on one side are a chain from the last to the first. */
#ifndef SPANWRIGHT_ARC_EAGER_H
#define SPANWRIGHT_ARC_EAGER_H

#include <cstdint>
#include <cstring>

namespace spanwright {

enum ArcAction { SHIFT, REDUCE, LEFT, RIGHT, BREAK };

/* Flags of tokens. */
enum { RETURNED = 1, STARTS = 2, STACKED = 4, GONE = 8 };

struct Moves {
    int32_t n;
    const int32_t* action;
    const int32_t* label; /* position in the system's table of labels; 0 is the empty label */
    int32_t special;      /* the label "subtok" of parsers, which binds neighbours only; -1 if there is none */
};

struct ArcCursor {
    int32_t length;
    int32_t row;  /* of its first token in the batch */
    int32_t slot; /* of its first token in the columns */
    int32_t depth;
    int32_t waiting; /* tokens that went back to the buffer */
    int32_t next;    /* the first token that was never shifted */
};

struct ArcColumns {
    int32_t* pile;    /* the stack, and from the far end what went back */
    int32_t* head;    /* -1: none */
    int32_t* label;   /* position in the table of labels */
    int32_t* left;    /* the last arc to the left; -1: none */
    int32_t* right;
    int32_t* sibling; /* the arc before this one, on the same side of its head */
    uint8_t* flags;
    const int8_t* preset; /* by row: 1 starts a sentence, -1 does not, 0 unknown */
};

struct ArcGold {
    const int32_t* head;  /* by row; 0 where it is unknown */
    const int32_t* label;
    const uint8_t* flags; /* 1: head unknown; 2: starts a sentence; 4: not known whether it does */
    const int32_t* kid_at; /* by row, one more than rows: where its children begin in kids */
    const int32_t* kids;
    const int32_t* next_start; /* by row: the next token, or this one, that the Doc says starts a sentence */
};

enum { HEAD_UNKNOWN = 1, GOLD_START = 2, START_UNKNOWN = 4 };

struct ArcState {
    typedef ArcCursor Cursor;
    typedef ArcColumns Columns;
    typedef ArcGold Gold;

    ArcCursor* at;
    ArcColumns c;

    ArcState() : at(nullptr), c() {}
    ArcState(ArcCursor* cursor, const ArcColumns& columns) : at(cursor), c(columns)
    {
        c.pile += at->slot;
        c.head += at->slot;
        c.label += at->slot;
        c.left += at->slot;
        c.right += at->slot;
        c.sibling += at->slot;
        c.flags += at->slot;
        c.preset += at->row;
    }

    int32_t stack(int32_t i) const { return i < at->depth ? c.pile[at->depth - 1 - i] : -1; }
    int32_t buffer(int32_t i) const
    {
        if (i < at->waiting) return c.pile[at->length - at->waiting + i];
        const int32_t found = at->next + i - at->waiting;
        return found < at->length ? found : -1;
    }
    int32_t buffered() const { return at->length - at->next + at->waiting; }
    bool final() const { return at->depth == 0 && buffered() == 0; }
    int32_t entity() const { return -1; }
    static int32_t nth(const int32_t* last, const int32_t* chain, int32_t head, int32_t n)
    {
        if (head < 0) return -1;
        int32_t child = last[head];
        while (--n > 0 && child >= 0) child = chain[child];
        return child;
    }
    int32_t left(int32_t head, int32_t n) const { return nth(c.left, c.sibling, head, n); }
    int32_t right(int32_t head, int32_t n) const { return nth(c.right, c.sibling, head, n); }

    bool starts(int32_t token) const
    {
        return token >= 0 && (c.preset[token] == 1 || (c.flags[token] & STARTS));
    }
    bool cannot_start(int32_t token) const { return token >= 0 && c.preset[token] == -1; }

    /* Bits of the actions that are possible, whatever the label. */
    int kinds() const
    {
        const int32_t depth = at->depth, n = buffered(), b0 = buffer(0);
        int found = 0;
        const bool b0_starts = starts(b0);
        if (depth == 0) found |= 1 << SHIFT;
        else if (n >= 2 && !b0_starts && !(c.flags[b0] & RETURNED)) found |= 1 << SHIFT;
        if (depth > 0 && (n == 0 || depth > 1 || !cannot_start(b0))) found |= 1 << REDUCE;
        if (depth > 0 && n > 0 && !b0_starts) found |= 1 << LEFT | 1 << RIGHT;
        if (n >= 2) {
            const int32_t b1 = buffer(1);
            if (b1 == b0 + 1 && !starts(b1) && !cannot_start(b1)) found |= 1 << BREAK;
        }
        return found;
    }
    bool neighbours() const { return stack(0) == buffer(0) - 1; }
    static bool allowed(int kinds, bool neighbours, const Moves& moves, int32_t move)
    {
        const int32_t action = moves.action[move];
        if (!(kinds >> action & 1)) return false;
        return neighbours || moves.label[move] != moves.special || (action != LEFT && action != RIGHT);
    }
    bool valid(const Moves& moves, int32_t move) const { return allowed(kinds(), neighbours(), moves, move); }
    void all_valid(const Moves& moves, uint8_t* out) const
    {
        const int found = kinds();
        const bool near = neighbours();
        for (int32_t i = 0; i < moves.n; i++) out[i] = allowed(found, near, moves, i);
    }

    void push()
    {
        int32_t token;
        if (at->waiting) {
            token = c.pile[at->length - at->waiting];
            at->waiting--;
        } else {
            token = at->next++;
        }
        c.pile[at->depth++] = token;
        c.flags[token] |= STACKED;
    }
    void pop()
    {
        const int32_t token = c.pile[--at->depth];
        c.flags[token] = (c.flags[token] & ~STACKED) | GONE;
    }
    void give_back()
    {
        const int32_t token = c.pile[--at->depth];
        c.flags[token] = (c.flags[token] & ~STACKED) | RETURNED;
        c.pile[at->length - ++at->waiting] = token;
    }
    void attach(int32_t head, int32_t child, int32_t label)
    {
        const int32_t old = c.head[child];
        /* An arc that is replaced is always its head's last one: the child was on top of the stack since. */
        if (old >= 0) (old > child ? c.left : c.right)[old] = c.sibling[child];
        int32_t* last = head > child ? c.left : c.right;
        c.sibling[child] = last[head];
        last[head] = child;
        c.head[child] = head;
        c.label[child] = label;
    }
    void advance(const Moves& moves, int32_t move)
    {
        const int32_t label = moves.label[move], s0 = stack(0), b0 = buffer(0);
        switch (moves.action[move]) {
        case SHIFT:
            push();
            break;
        case REDUCE:
            if (c.head[s0] >= 0 || at->depth == 1) pop();
            else give_back();
            break;
        case LEFT:
            attach(b0, s0, label);
            c.flags[b0] &= ~RETURNED;
            pop();
            break;
        case RIGHT:
            attach(s0, b0, label);
            push();
            break;
        case BREAK:
            c.flags[buffer(1)] |= STARTS;
            break;
        }
    }
    /* For states that no action fits. */
    void stop()
    {
        at->depth = 0;
        at->waiting = 0;
        at->next = at->length;
    }

    /* The first token of the buffer that starts a sentence; the length if there is none. */
    int32_t boundary(const ArcGold& gold) const
    {
        for (int32_t i = 0; i < at->waiting; i++) {
            if (starts(buffer(i))) return buffer(i);
        }
        /* A break is only ever set at the buffer's second word, which may have become its first. */
        for (int32_t i = at->next; i < at->next + 2 && i < at->length; i++) {
            if (starts(i)) return i;
        }
        return at->next < at->length ? gold.next_start[at->row + at->next] : at->length;
    }
    void costs(const Moves& moves, const ArcGold& gold, float* out) const;
};

/* What the arcs of a gold tree cost in a state. */
struct ArcCosts {
    const ArcState& s;
    const int32_t* head;
    const int32_t* label;
    const uint8_t* flags;
    const int32_t* kid_at;
    const int32_t* kids;
    int32_t edge;

    ArcCosts(const ArcState& state, const ArcGold& gold)
        : s(state), head(gold.head + state.at->row), label(gold.label + state.at->row), flags(gold.flags + state.at->row),
          kid_at(gold.kid_at + state.at->row), kids(gold.kids), edge(state.boundary(gold))
    {}

    bool in_buffer(int32_t token) const { return token < edge && !(s.c.flags[token] & (STACKED | GONE)); }
    bool in_stack(int32_t token) const { return s.c.flags[token] & STACKED; }
    bool has_arc(int32_t token) const { return !(flags[token] & HEAD_UNKNOWN) && head[token] != token; }
    int head_in_stack(int32_t token) const { return has_arc(token) && in_stack(head[token]); }
    int head_in_buffer(int32_t token) const { return has_arc(token) && in_buffer(head[token]); }
    int kids_in_stack(int32_t token) const
    {
        int n = 0;
        for (int32_t i = kid_at[token]; i < kid_at[token + 1]; i++) n += in_stack(kids[i]);
        return n;
    }
    int kids_in_buffer(int32_t token) const
    {
        int n = 0;
        for (int32_t i = kid_at[token]; i < kid_at[token + 1]; i++) n += in_buffer(kids[i]);
        return n;
    }
    bool wrong_label(int32_t token, int32_t found) const
    {
        return !(flags[token] & HEAD_UNKNOWN) && found != 0 && label[token] != found;
    }
    int break_cost(int32_t b0, int32_t b1) const
    {
        int cost = 0;
        for (int32_t i = 0; i < s.at->depth; i++) {
            const int32_t token = s.c.pile[i];
            cost += head_in_buffer(token) + kids_in_buffer(token);
            /* Arcs to the first word of the buffer are not lost. */
            cost -= (head[b0] == token) + (head[token] == b0);
        }
        return cost + !(flags[b1] & (GOLD_START | START_UNKNOWN));
    }
};

static const float IMPOSSIBLE = 9000.0f;

inline void ArcState::costs(const Moves& moves, const ArcGold& gold, float* out) const
{
    const ArcCosts g(*this, gold);
    const int found = kinds();
    const bool near = neighbours();
    const int32_t s0 = stack(0), s1 = stack(1), b0 = buffer(0);
    int push_cost = 9000, pop_cost = 9000, saved = 0, broken = 0;
    if (b0 >= 0) {
        push_cost = g.head_in_stack(b0) + g.kids_in_stack(b0);
        if (found >> BREAK & 1) push_cost += (g.flags[buffer(1)] & GOLD_START) != 0;
    }
    if (s0 >= 0) {
        pop_cost = g.head_in_buffer(s0) + g.kids_in_buffer(s0);
        saved = g.head_in_stack(s0) + g.kids_in_stack(s0);
    }
    if (found >> BREAK & 1) broken = g.break_cost(b0, buffer(1));
    for (int32_t i = 0; i < moves.n; i++) {
        if (!allowed(found, near, moves, i)) {
            out[i] = IMPOSSIBLE;
            continue;
        }
        int cost = 0;
        switch (moves.action[i]) {
        case SHIFT:
            cost = push_cost;
            break;
        case REDUCE:
            if (!starts(b0)) cost = pop_cost - (c.head[s0] >= 0 ? 0 : saved);
            break;
        case LEFT:
            cost = pop_cost + (c.head[s0] >= 0 ? g.head[s0] == s1 : saved);
            if (g.head[s0] == b0) cost += g.wrong_label(s0, moves.label[i]) - 1;
            break;
        case RIGHT:
            cost = push_cost;
            if (g.head[b0] == s0) cost += g.wrong_label(b0, moves.label[i]) - 1;
            else if (g.head_in_buffer(b0) && !(c.flags[b0] & RETURNED)) cost++;
            break;
        case BREAK:
            cost = broken;
            break;
        }
        out[i] = (float)cost;
    }
}

} // namespace spanwright
#endif
