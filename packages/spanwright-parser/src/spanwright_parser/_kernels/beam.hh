/* One step of beam search for many Docs: which candidates continue, with which move, and where their states are kept. */
#ifndef SPANWRIGHT_BEAM_H
#define SPANWRIGHT_BEAM_H

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <limits>
#include <vector>

namespace spanwright {

struct Continuation {
    float total;
    int32_t parent;
    int32_t move; /* -1: at its end, carried on */
};

/* Higher totals first; of equal ones the last, as published; the first in a beam of one, as greedy parsing chooses. */
struct Better {
    bool first_wins;

    bool operator()(const Continuation& a, const Continuation& b) const
    {
        if (a.total != b.total) return a.total > b.total;
        const bool later = a.parent != b.parent ? a.parent > b.parent : a.move > b.move;
        return later != first_wins;
    }
};

inline float no_nan(float value) { return value != value ? -std::numeric_limits<float>::infinity() : value; }

/* Leaves those whose probability is at least `density` of the best one's. */
inline void prune(std::vector<Continuation>& found, double density)
{
    float top = found[0].total;
    for (const Continuation& one : found) top = std::max(top, one.total);
    found.erase(
        std::remove_if(
            found.begin(), found.end(),
            [=](const Continuation& one) { return std::exp((double)one.total - (double)top) < density; }),
        found.end());
}

/* The candidates of one Doc after a step, best first; returns their number.
 * totals, rows: [size]; rows point into scores and valid [][n_moves], -1 for a candidate at its end, whose total grows
 * by its average over `step` moves, so that it is not outrun by longer ones. A total stays as it is at step 0. */
inline int32_t continue_beam(
    const float* totals, const int32_t* rows, int32_t size, const float* scores, const uint8_t* valid, int32_t n_moves,
    int64_t step, double density, int32_t width, std::vector<Continuation>& found)
{
    found.clear();
    for (int32_t i = 0; i < size; i++) {
        if (rows[i] < 0) {
            const float total = step > 0 ? totals[i] + totals[i] / (float)step : totals[i];
            found.push_back({no_nan(total), i, -1});
            continue;
        }
        const int64_t at = (int64_t)rows[i] * n_moves;
        for (int32_t j = 0; j < n_moves; j++) {
            if (valid[at + j]) found.push_back({no_nan(totals[i] + scores[at + j]), i, j});
        }
    }
    if (found.empty()) return 0;
    if (density > 0) prune(found, density);
    const int32_t n = (int32_t)std::min<size_t>(found.size(), (size_t)width);
    std::partial_sort(found.begin(), found.begin() + n, found.end(), Better{width == 1});
    return n;
}

/* Each candidate's first continuation keeps its state; the others take over those of candidates that ended here.
 * parents: [n]. where: [width], all states of the Doc, those of the candidates first; changed to those of the
 * continuations. Adds pairs (from, to) to copies. */
inline void place(
    const int32_t* parents, int32_t n, int32_t* where, int32_t width, std::vector<int32_t>& copies,
    std::vector<int32_t>& before, std::vector<uint8_t>& used)
{
    before.assign(where, where + width);
    used.assign(width, 0);
    for (int32_t i = 0; i < n; i++) {
        where[i] = used[parents[i]] ? -1 : before[parents[i]];
        used[parents[i]] = 1;
    }
    int32_t free = 0;
    for (int32_t i = 0; i < width; i++) {
        if (i < n && where[i] >= 0) continue;
        while (used[free]) free++;
        where[i] = before[free++];
        if (i < n) {
            copies.push_back(before[parents[i]]);
            copies.push_back(where[i]);
        }
    }
}

} // namespace spanwright
#endif
