/* What is done to many states at once. `rows` chooses states of the batch. */
#ifndef SPANWRIGHT_BATCH_H
#define SPANWRIGHT_BATCH_H

#include <cmath>
#include <cstdint>
#include <exception>
#include <system_error>
#include <thread>
#include <vector>

#include "greedy.hh"

namespace spanwright {

template <class State> struct Batch {
    typename State::Cursor* cursors;
    typename State::Columns columns;
    Moves moves;
    const int32_t* rows;
    int64_t n;

    State state(int64_t i) const { return State(cursors + rows[i], columns); }
};

template <class State> void batch_final(const Batch<State>& batch, uint8_t* out)
{
    for (int64_t i = 0; i < batch.n; i++) out[i] = batch.state(i).final();
}

template <class State> bool batch_features(const Batch<State>& batch, int n_features, int32_t* out)
{
    for (int64_t i = 0; i < batch.n; i++, out += n_features) {
        const State s = batch.state(i);
        if (!feature_tokens(s, n_features, out)) return false;
        for (int f = 0; f < n_features; f++) out[f] = out[f] < 0 ? -1 : out[f] + s.at->row;
    }
    return true;
}

template <class State> void batch_valid(const Batch<State>& batch, uint8_t* out)
{
    for (int64_t i = 0; i < batch.n; i++) {
        const State s = batch.state(i);
        if (s.final()) {
            for (int32_t j = 0; j < batch.moves.n; j++) out[i * batch.moves.n + j] = 0;
        } else {
            s.all_valid(batch.moves, out + i * batch.moves.n);
        }
    }
}

/* Nothing is done if a move is not valid: then its position is returned, else -1. A state that comes twice stops at a
 * second move that the first one has made impossible. */
template <class State> int64_t batch_advance(const Batch<State>& batch, const int32_t* chosen)
{
    for (int64_t i = 0; i < batch.n; i++) {
        const State s = batch.state(i);
        if (chosen[i] < 0 || chosen[i] >= batch.moves.n || s.final() || !s.valid(batch.moves, chosen[i])) return i;
    }
    for (int64_t i = 0; i < batch.n; i++) {
        State s = batch.state(i);
        if (s.final() || !s.valid(batch.moves, chosen[i])) return i;
        s.advance(batch.moves, chosen[i]);
    }
    return -1;
}

/* The valid move with the highest score, the first of equals; -1, and the state is final then, if there is none. */
template <class State> void batch_follow(const Batch<State>& batch, const float* scores, int32_t* chosen)
{
    const int32_t n = batch.moves.n;
    std::vector<uint8_t> valid(n);
    for (int64_t i = 0; i < batch.n; i++, scores += n) {
        State s = batch.state(i);
        int32_t best = -1;
        if (!s.final()) {
            s.all_valid(batch.moves, valid.data());
            for (int32_t j = 0; j < n; j++) {
                if (valid[j] && (best < 0 || scores[j] > scores[best])) best = j;
            }
            if (best < 0) s.stop();
            else s.advance(batch.moves, best);
        }
        chosen[i] = best;
    }
}

template <class State>
void batch_costs(const Batch<State>& batch, const typename State::Gold& gold, float* out)
{
    for (int64_t i = 0; i < batch.n; i++, out += batch.moves.n) {
        const State s = batch.state(i);
        if (s.final()) {
            for (int32_t j = 0; j < batch.moves.n; j++) out[j] = IMPOSSIBLE;
        } else {
            s.costs(batch.moves, gold, out);
        }
    }
}

/* The gradient of the log-loss whose target are all moves of the least cost, as probable as the model has them. */
inline void log_loss(const float* scores, const float* costs, int32_t n, double* weights, float* out)
{
    float least = 1;
    int32_t best = -1, guess = 0;
    for (int32_t j = 0; j < n; j++) least = costs[j] < least ? costs[j] : least;
    for (int32_t j = 0; j < n; j++) {
        if (costs[j] <= least && (best < 0 || scores[j] > scores[best])) best = j;
        if (scores[j] > scores[guess]) guess = j;
    }
    if (best < 0) return;
    const double top = scores[guess], gold_top = scores[best];
    double all = 1e-10, gold = 1e-10;
    for (int32_t j = 0; j < n; j++) {
        weights[j] = std::exp(scores[j] - top);
        all += weights[j];
        if (costs[j] <= costs[best]) gold += std::exp(scores[j] - gold_top);
    }
    for (int32_t j = 0; j < n; j++) {
        const double p = weights[j] / all;
        out[j] = (float)(costs[j] <= costs[best] ? p - std::exp(scores[j] - gold_top) / gold : p);
    }
}

/* d_scores: [n][moves], of states without a possible gold move zero; they are counted. seen: moves that were gold. */
template <class State>
int64_t batch_gradient(
    const Batch<State>& batch, const typename State::Gold& gold, const float* scores, float* d_scores, uint8_t* seen)
{
    const int32_t n = batch.moves.n;
    std::vector<float> costs(n);
    std::vector<double> weights(n);
    int64_t impossible = 0;
    for (int64_t i = 0; i < batch.n; i++, scores += n, d_scores += n) {
        const State s = batch.state(i);
        for (int32_t j = 0; j < n; j++) d_scores[j] = 0;
        if (s.final()) continue;
        s.costs(batch.moves, gold, costs.data());
        bool possible = false;
        for (int32_t j = 0; j < n; j++) {
            if (costs[j] > 0) continue;
            seen[j] = 1;
            possible = true;
        }
        impossible += !possible;
        log_loss(scores, costs.data(), n, weights.data(), d_scores);
    }
    return impossible;
}

/* Follows the first of the cheapest moves from each state, to its end or until every move costs something. The moves of
 * all states are added to out, their numbers written to counts. Returns how many states did not come to an end. */
template <class State>
int64_t batch_oracle(
    const Batch<State>& batch, const typename State::Gold& gold, std::vector<int32_t>& out, int64_t* counts)
{
    const int32_t n = batch.moves.n;
    std::vector<float> costs(n);
    int64_t failed = 0;
    for (int64_t i = 0; i < batch.n; i++) {
        State s = batch.state(i);
        counts[i] = 0;
        while (!s.final()) {
            s.costs(batch.moves, gold, costs.data());
            int32_t best = 0;
            for (int32_t j = 1; j < n; j++) best = costs[j] < costs[best] ? j : best;
            if (n == 0 || costs[best] > 0) {
                failed++;
                break;
            }
            s.advance(batch.moves, best);
            out.push_back(best);
            counts[i]++;
        }
    }
    return failed;
}

/* Makes states' moves one after another, those of state i: chosen[at[i]] to chosen[at[i + 1]]; stops at a final state.
 * Returns the position of a move that is not valid, -1 if all are. */
template <class State> int64_t batch_replay(const Batch<State>& batch, const int64_t* at, const int32_t* chosen)
{
    for (int64_t i = 0; i < batch.n; i++) {
        State s = batch.state(i);
        for (int64_t j = at[i]; j < at[i + 1] && !s.final(); j++) {
            if (chosen[j] < 0 || chosen[j] >= batch.moves.n || !s.valid(batch.moves, chosen[j])) return j;
            s.advance(batch.moves, chosen[j]);
        }
    }
    return -1;
}

/* Has n threads do the same work, the caller's and others; those that cannot be had are done without. */
template <class Work> void together(int n, const Work& work)
{
    std::vector<std::exception_ptr> failed(n);
    std::vector<std::thread> others;
    const auto guarded = [&](int i) {
        try {
            work();
        } catch (...) {
            failed[i] = std::current_exception();
        }
    };
    others.reserve(n);
    try {
        for (int i = 1; i < n; i++) others.emplace_back(guarded, i);
    } catch (const std::system_error&) {
    }
    guarded(0);
    for (std::thread& other : others) other.join();
    for (const std::exception_ptr& error : failed) {
        if (error) std::rethrow_exception(error);
    }
}

/* The same for both kinds of states, so that one class can offer it to Python. */
struct AnyBatch {
    virtual ~AnyBatch() {}
    virtual void select(const int32_t* rows, int64_t n) = 0;
    virtual void final(uint8_t* out) = 0;
    virtual bool features(int n_features, int32_t* out) = 0;
    virtual void valid(uint8_t* out) = 0;
    virtual int64_t advance(const int32_t* chosen) = 0;
    virtual void follow(const float* scores, int32_t* chosen) = 0;
    virtual void costs(const void* gold, float* out) = 0;
    virtual int64_t gradient(const void* gold, const float* scores, float* d_scores, uint8_t* seen) = 0;
    virtual int64_t oracle(const void* gold, std::vector<int32_t>& out, int64_t* counts) = 0;
    virtual int64_t replay(const int64_t* at, const int32_t* chosen) = 0;
    virtual void greedy(const Network& net, Turns& turns, int n_threads) = 0;
};

template <class State> struct BatchOf : AnyBatch {
    typedef typename State::Gold Gold;
    Batch<State> batch;

    BatchOf(int32_t* cursors, const typename State::Columns& columns, const Moves& moves)
        : batch{(typename State::Cursor*)cursors, columns, moves, nullptr, 0}
    {}
    void select(const int32_t* rows, int64_t n) override
    {
        batch.rows = rows;
        batch.n = n;
    }
    void final(uint8_t* out) override { batch_final(batch, out); }
    bool features(int n_features, int32_t* out) override { return batch_features(batch, n_features, out); }
    void valid(uint8_t* out) override { batch_valid(batch, out); }
    int64_t advance(const int32_t* chosen) override { return batch_advance(batch, chosen); }
    void follow(const float* scores, int32_t* chosen) override { batch_follow(batch, scores, chosen); }
    void costs(const void* gold, float* out) override { batch_costs(batch, *(const Gold*)gold, out); }
    int64_t gradient(const void* gold, const float* scores, float* d_scores, uint8_t* seen) override
    {
        return batch_gradient(batch, *(const Gold*)gold, scores, d_scores, seen);
    }
    int64_t oracle(const void* gold, std::vector<int32_t>& out, int64_t* counts) override
    {
        return batch_oracle(batch, *(const Gold*)gold, out, counts);
    }
    int64_t replay(const int64_t* at, const int32_t* chosen) override { return batch_replay(batch, at, chosen); }
    void greedy(const Network& net, Turns& turns, int n_threads) override
    {
        together(n_threads, [&] {
            Greedy<State> loop(net, batch.moves);
            loop.run(batch.cursors, batch.columns, turns);
        });
    }
};

typedef BatchOf<ArcState> ArcBatch;
typedef BatchOf<BiluoState> BiluoBatch;

} // namespace spanwright
#endif
