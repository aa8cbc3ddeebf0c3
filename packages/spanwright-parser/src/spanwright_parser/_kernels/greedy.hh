/* The whole greedy loop over a batch of states, without the interpreter.
 *
 * A few states are advanced side by side, so that the weights of the upper layer are read once for all of them. The
 * lower layer is computed for a stretch of tokens when a state comes near them, and kept for a window of tokens
 * behind: memory does not grow with the length of a Doc. A feature further back is computed again. */
#ifndef SPANWRIGHT_GREEDY_H
#define SPANWRIGHT_GREEDY_H

#include <algorithm>
#include <atomic>
#include <cstdint>
#include <memory>
#include <vector>

#include "arc_eager.hh"
#include "biluo.hh"
#include "product.hh"

namespace spanwright {

enum { MAX_FEATURES = 16, SIDE_BY_SIDE = 8, WINDOW = 128, STRETCH = 32, FAR = 64 };

/* Positions in the Doc of the tokens that n features stand for, -1 for none. Returns false for an unknown n. */
template <class State> bool feature_tokens(const State& s, int n, int32_t* out)
{
    const int32_t b0 = s.buffer(0), s0 = s.stack(0), s1 = s.stack(1);
    if (n == 8) {
        const int32_t found[8] = {
            b0, s.buffer(1), s0, s1, s.stack(2), s.left(b0, 1), s.left(s0, 1), s.right(s0, 1)};
        for (int i = 0; i < 8; i++) out[i] = found[i];
    } else if (n == 13) {
        const int32_t found[13] = {
            b0, s.buffer(1), s0, s1, s.stack(2), s.left(s0, 1), s.right(s0, 1), s.left(b0, 1), s.right(s0, 2),
            s.left(s1, 1), s.left(s1, 2), s.right(s1, 1), s.right(s1, 2)};
        for (int i = 0; i < 13; i++) out[i] = found[i];
    } else if (n == 3) {
        out[0] = b0;
        out[1] = s.entity();
        out[2] = b0 >= 0 && out[1] >= 0 ? b0 - 1 : -1;
    } else if (n == 6) {
        out[0] = b0;
        const int32_t first = s.entity();
        for (int i = 1; i < 6; i++) out[i] = first >= 0 && first + i - 1 < b0 ? first + i - 1 : -1;
    } else if (n == 1 || n == 2) {
        out[0] = b0;
        if (n == 2) out[1] = s0;
    } else {
        return false;
    }
    return true;
}

/* A score that is worse than any the model gives, and better than an impossible move's. */
static const float UNSEEN_PENALTY = -1e30f;

template <class State> struct Chooser;

/* What parsers may do depends on the kinds of moves, and for one label on whether two words are neighbours. */
template <> struct Chooser<ArcState> {
    std::vector<float> penalties;
    int64_t step;

    Chooser(const Moves& moves, const uint8_t* unseen, int64_t moves_step) : penalties(64 * moves_step), step(moves_step)
    {
        for (int key = 0; key < 64; key++) {
            for (int64_t i = 0; i < step; i++) {
                const bool ok = i < moves.n && ArcState::allowed(key & 31, key >> 5, moves, (int32_t)i);
                penalties[key * step + i] = !ok ? -INFINITY : unseen[i] ? UNSEEN_PENALTY : 0.0f;
            }
        }
    }
    const float* penalty(const ArcState& s, const Moves&, const uint8_t*, float*) const
    {
        return &penalties[(s.kinds() | s.neighbours() << 5) * step];
    }
};

/* Where the Doc has no entities, there are few cases: begin, unit and out may be possible, or one open label goes on. */
template <> struct Chooser<BiluoState> {
    std::vector<float> penalties;
    std::vector<int32_t> inside, last;
    int64_t step;

    Chooser(const Moves& moves, const uint8_t* unseen, int64_t moves_step) : penalties(8 * moves_step), step(moves_step)
    {
        for (int key = 0; key < 8; key++) {
            for (int64_t i = 0; i < step; i++) {
                bool ok = false;
                if (i < moves.n) {
                    const int32_t action = moves.action[i];
                    ok = action == OUT ? key & 1 : action == BEGIN ? key & 2 : action == UNIT ? key & 4 : false;
                    if (action != OUT) ok = ok && moves.label[i] != 0;
                }
                penalties[key * step + i] = !ok ? -INFINITY : unseen[i] ? UNSEEN_PENALTY : 0.0f;
            }
        }
    }
    const float* penalty(const BiluoState& s, const Moves& moves, const uint8_t* unseen, float* scratch) const
    {
        if (s.is_free() && s.at->open < 0) {
            const bool unit = !s.is_space(), begin = unit && s.buffered() >= 2 && !s.starts(1);
            return &penalties[(1 | begin << 1 | unit << 2) * step];
        }
        for (int64_t i = 0; i < step; i++) {
            const bool ok = i < moves.n && s.valid(moves, (int32_t)i);
            scratch[i] = !ok ? -INFINITY : unseen[i] ? UNSEEN_PENALTY : 0.0f;
        }
        return scratch;
    }
};

template <class State> int32_t first_valid(const State& s, const Moves& moves)
{
    for (int32_t i = 0; i < moves.n; i++) {
        if (s.valid(moves, i)) return i;
    }
    return -1;
}

/* The network, packed for a vector unit. All widths are rounded up to whole vectors. */
struct Network {
    Unit unit;
    int64_t n_given; /* width of the token vectors as they are given */
    int64_t n_in;    /* and of what the lower layer takes */
    int n_features;
    int pieces;
    int64_t hidden_step;
    int64_t n_hidden;
    int64_t moves_step;
    const float* project;    /* panels of n_in outputs: the lower layer's vectors of given ones; null if these are given */
    const float* project_bias;
    const float* lower;      /* panels of [n_features][pieces][hidden_step] outputs */
    const float* bias;       /* [pieces][hidden_step] */
    const float* pad;        /* [n_features][pieces][hidden_step] */
    const float* upper;      /* panels of moves; null if the hidden layer gives the scores */
    const float* upper_bias; /* [moves_step] */
    const uint8_t* unseen;   /* [moves_step] */
};

/* A state that waits to be parsed: its number, its Doc's length and the vectors of its Doc's tokens. */
struct Turn {
    int64_t state;
    int32_t length;
    const float* vectors;
};

/* States that threads take as they come to them. The longest go first, so that all threads end at about the same time,
 * and none with a few states that are advanced alone. */
struct Turns {
    std::vector<Turn> all;
    std::atomic<size_t> next;

    Turns() : next(0) {}
    void add(int64_t state, int32_t length, const float* vectors) { all.push_back(Turn{state, length, vectors}); }
    void sort()
    {
        std::stable_sort(all.begin(), all.end(), [](const Turn& a, const Turn& b) { return a.length > b.length; });
    }
    const Turn* take()
    {
        const size_t at = next.fetch_add(1, std::memory_order_relaxed);
        return at < all.size() ? &all[at] : nullptr;
    }
};

/* One of the states that are advanced side by side, with what is known of the tokens around it. */
template <class State> struct Place {
    State state;
    const float* vectors;
    int32_t done; /* the lower layer has been computed up to here */
    std::unique_ptr<float[]> window; /* not cleared: each row is written before it is read */
    std::unique_ptr<float[]> far;
    int64_t far_key[FAR];

    void begin(const State& s, const float* first)
    {
        state = s;
        vectors = first;
        done = 0;
        for (int i = 0; i < FAR; i++) far_key[i] = -1;
    }
};

template <class State> struct Greedy {
    const Network& net;
    const Moves& moves;
    Chooser<State> chooser;
    int64_t segment, row_step, in_step;
    Place<State> places[SIDE_BY_SIDE];
    std::vector<float> projected, hidden, scores, scratch;

    Greedy(const Network& network, const Moves& system)
        : net(network), moves(system), chooser(system, network.unseen, network.moves_step),
          segment(network.pieces * network.hidden_step),
          /* One vector more keeps rows from falling on the same lines of the cache. */
          row_step(segment * network.n_features + 16),
          in_step((network.n_in + network.unit.lanes - 1) / network.unit.lanes * network.unit.lanes),
          projected(network.project ? STRETCH * in_step : 0), hidden(SIDE_BY_SIDE * network.hidden_step),
          scores(SIDE_BY_SIDE * network.moves_step), scratch(network.moves_step)
    {}

    /* A part of the lower layer for n tokens from a given one on, at most STRETCH. */
    void compute(
        const Place<State>& place, int32_t token, int32_t n, const float* lower, int64_t width, float* out, int64_t step)
    {
        const float* x = place.vectors + token * net.n_given;
        int64_t x_step = net.n_given;
        if (net.project) {
            net.unit.product(
                x, x_step, n, net.n_given, net.project, in_step / net.unit.lanes, net.project_bias, &projected[0], in_step);
            x = &projected[0];
            x_step = in_step;
        }
        net.unit.product(x, x_step, n, net.n_in, lower, width / net.unit.lanes, nullptr, out, step);
    }
    void prepare(Place<State>& place, int32_t wanted)
    {
        if (!place.window) place.window.reset(new float[WINDOW * row_step]);
        while (wanted >= place.done) {
            const int32_t left = place.state.at->length - place.done, n = left < STRETCH ? left : (int32_t)STRETCH;
            compute(
                place, place.done, n, net.lower, segment * net.n_features, &place.window[place.done % WINDOW * row_step],
                row_step);
            place.done += n;
        }
    }
    const float* part(Place<State>& place, int32_t token, int f)
    {
        if (token < 0) return net.pad + f * segment;
        /* The last stretch may be short, but it begins at a multiple of STRETCH: what is overwritten goes by that. */
        const int32_t kept = (place.done + STRETCH - 1) / STRETCH * STRETCH - WINDOW;
        if (token >= kept) return &place.window[token % WINDOW * row_step + f * segment];
        if (!place.far) place.far.reset(new float[FAR * segment]);
        const int64_t key = (int64_t)token * net.n_features + f;
        const int64_t at = key % (FAR / MAX_FEATURES) * MAX_FEATURES + f;
        float* found = &place.far[at * segment];
        if (place.far_key[at] != key) {
            place.far_key[at] = key;
            compute(place, token, 1, net.lower + f * segment * net.n_in, segment, found, segment);
        }
        return found;
    }
    void sum_features(Place<State>& place, float* out)
    {
        int32_t tokens[MAX_FEATURES], wanted = -1;
        const float* parts[MAX_FEATURES];
        feature_tokens(place.state, net.n_features, tokens);
        for (int f = 0; f < net.n_features; f++) wanted = tokens[f] > wanted ? tokens[f] : wanted;
        prepare(place, wanted);
        for (int f = 0; f < net.n_features; f++) parts[f] = part(place, tokens[f], f);
        net.unit.hidden(parts, net.n_features, net.pieces, net.hidden_step, net.bias, out);
    }
    void act(State& s, const float* found)
    {
        int32_t move = net.unit.best(found, chooser.penalty(s, moves, net.unseen, &scratch[0]), net.moves_step);
        if (move < 0) move = first_valid(s, moves);
        if (move < 0) s.stop();
        else s.advance(moves, move);
    }

    void run(typename State::Cursor* cursors, const typename State::Columns& columns, Turns& turns)
    {
        Place<State>* active[SIDE_BY_SIDE];
        int n_active = 0;
        const Turn* turn = turns.take();
        const float* given = net.upper ? &scores[0] : &hidden[0];
        const int64_t step = net.upper ? net.moves_step : net.hidden_step;
        for (int i = 0; i < SIDE_BY_SIDE; i++) active[i] = &places[i];
        for (;;) {
            for (; turn && n_active < SIDE_BY_SIDE; turn = turns.take()) {
                const State s(cursors + turn->state, columns);
                if (!s.final()) active[n_active++]->begin(s, turn->vectors);
            }
            if (n_active == 0) return;
            for (int i = 0; i < n_active; i++) sum_features(*active[i], &hidden[i * net.hidden_step]);
            if (net.upper) {
                net.unit.product(
                    &hidden[0], net.hidden_step, n_active, net.n_hidden, net.upper, net.moves_step / net.unit.lanes,
                    net.upper_bias, &scores[0], net.moves_step);
            }
            int kept = 0;
            for (int i = 0; i < n_active; i++) {
                act(active[i]->state, given + i * step);
                if (active[i]->state.final()) continue;
                Place<State>* place = active[i];
                active[i] = active[kept];
                active[kept++] = place;
            }
            n_active = kept;
        }
    }
};

} // namespace spanwright
#endif
