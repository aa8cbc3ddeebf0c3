// Counting n-grams, a linear layer on their hashes, and the optimizer's step for its weights.
#pragma once
#include <algorithm>
#include <cmath>
#include <cstdint>
#include <cstring>
#include <vector>

namespace textcat {

// MurmurHash64A of n ids of eight bytes each, seed 0.
inline uint64_t hash_ids(const uint64_t* ids, int64_t n) {
    const uint64_t m = 0xc6a4a7935bd1e995ULL;
    uint64_t h = static_cast<uint64_t>(n * 8) * m;
    for (int64_t i = 0; i < n; ++i) {
        uint64_t k = ids[i] * m;
        k ^= k >> 47;
        h = (h ^ (k * m)) * m;
    }
    h ^= h >> 47;
    h *= m;
    return h ^ (h >> 47);
}

// MurmurHash3 (x86, 32 bits) of one id of eight bytes.
inline uint32_t hash_slot(uint64_t id, uint32_t seed) {
    uint32_t h = seed;
    for (int part = 0; part < 2; ++part) {
        uint32_t k = static_cast<uint32_t>(part ? id >> 32 : id) * 0xcc9e2d51u;
        k = ((k << 15) | (k >> 17)) * 0x1b873593u;
        h ^= k;
        h = ((h << 13) | (h >> 19)) * 5 + 0xe6546b64u;
    }
    h ^= 8;
    h = (h ^ (h >> 16)) * 0x85ebca6bu;
    h = (h ^ (h >> 13)) * 0xc2b2ae35u;
    return h ^ (h >> 16);
}

// Sorts keys that are hashes, and thus spread evenly: by their highest bits into as many buckets as there are keys, then
// within each. `copy` has room for n keys, `ends` for the buckets: two for each key.
inline void sort_hashes(uint64_t* keys, int64_t n, uint64_t* copy, uint32_t* ends) {
    if (n < 32) {
        std::sort(keys, keys + n);
        return;
    }
    int bits = 1;
    while ((int64_t{1} << bits) < n) ++bits;
    const int64_t buckets = int64_t{1} << bits;
    const int shift = 64 - bits;
    std::memset(ends, 0, buckets * sizeof(uint32_t));
    for (int64_t i = 0; i < n; ++i) ++ends[keys[i] >> shift];
    uint32_t start = 0;
    for (int64_t b = 0; b < buckets; ++b) {
        const uint32_t size = ends[b];
        ends[b] = start;
        start += size;
    }
    std::memcpy(copy, keys, n * sizeof(uint64_t));
    for (int64_t i = 0; i < n; ++i) keys[ends[copy[i] >> shift]++] = copy[i];
    start = 0;
    for (int64_t b = 0; b < buckets; ++b) {
        const uint32_t end = ends[b];
        if (end - start > 16) {
            std::sort(keys + start, keys + end);
        } else {
            for (uint32_t i = start + 1; i < end; ++i) {
                const uint64_t key = keys[i];
                uint32_t j = i;
                for (; j > start && keys[j - 1] > key; --j) keys[j] = keys[j - 1];
                keys[j] = key;
            }
        }
        start = end;
    }
}

// The distinct n-grams of each document in the order of their ids, and how often each occurs. `keys` and `counts` have
// room for every n-gram. Returns how many there are in all.
inline int64_t count_ngrams(const uint64_t* ids, const int32_t* lengths, int64_t n_docs, int64_t size, uint64_t* keys,
                            float* counts, int32_t* found) {
    int64_t end = 0;
    std::vector<uint64_t> copy;
    std::vector<uint32_t> ends;
    for (int64_t doc = 0; doc < n_docs; ++doc) {
        const int64_t length = lengths[doc];
        uint64_t* first = keys + end;
        uint64_t* last = first;
        if (length) std::memcpy(first, ids, length * sizeof(uint64_t));
        last += length;
        for (int64_t n = 2; n <= std::min(size, length); ++n)
            for (int64_t i = 0; i + n <= length; ++i) *last++ = hash_ids(ids + i, n);
        const int64_t count = last - first;
        if (static_cast<int64_t>(copy.size()) < count) {
            copy.resize(count);
            ends.resize(2 * count);
        }
        sort_hashes(first, count, copy.data(), ends.data());
        int64_t kept = 0;
        for (uint64_t* key = first; key != last;) {
            const uint64_t value = *key;
            const uint64_t* run = key;
            while (key != last && *key == value) ++key;
            counts[end + kept] = static_cast<float>(key - run);
            first[kept++] = value;
        }
        found[doc] = static_cast<int32_t>(kept);
        end += kept;
        ids += length;
    }
    return end;
}

// The two places of each key in a table of `size`. The first version of the layer takes bits, not remainders.
inline void find_slots(const uint64_t* keys, int64_t n, uint32_t size, bool v1, uint32_t* slots) {
    for (int64_t i = 0; i < n; ++i)
        for (uint32_t seed = 0; seed < 2; ++seed) {
            const uint32_t hash = hash_slot(keys[i], seed);
            slots[2 * i + seed] = v1 ? hash & (size - 1) : hash % size;
        }
}

// Where a slot's weight for a class is, and how far it is to that of the next slot's or class.
inline int64_t row_of(int64_t label, int64_t size, bool v1) { return v1 ? label : label * size; }

// Scores start as the bias. Classes are the outer loop: the weights of one fit a cache, those of all do not.
inline void add_scores(const uint32_t* slots, const float* values, const int32_t* lengths, int64_t n_docs,
                       int64_t n_labels, int64_t size, bool v1, const float* W, float* scores) {
    for (int64_t label = 0; label < n_labels; ++label) {
        const float* row = W + row_of(label, size, v1);
        const uint32_t* slot = slots;
        const float* value = values;
        for (int64_t doc = 0; doc < n_docs; ++doc) {
            float sum = scores[doc * n_labels + label];
            for (int32_t i = 0; i < lengths[doc]; ++i) {
                sum += row[slot[2 * i]] * value[i];
                sum += row[slot[2 * i + 1]] * value[i];
            }
            scores[doc * n_labels + label] = sum;
            slot += 2 * static_cast<int64_t>(lengths[doc]);
            value += lengths[doc];
        }
    }
}

struct Entry {
    uint32_t slot;
    int32_t doc;
    float value;
};

const int64_t MANY = 1024;      // n-grams from which sorting pays
const int64_t LARGE = 1 << 14;  // places per label that a cache does not hold along with the rest
const int64_t BUCKETS = 4096;
const int TILE = 4;  // labels at a time

// The same for many n-grams and a large table: in the order of their places, so that weights are read from front to
// back, for a few labels at a time.
inline void add_scores_in_order(const uint32_t* slots, const float* values, const int32_t* lengths, int64_t n_docs,
                                int64_t n_labels, int64_t size, const float* W, float* scores) {
    int64_t n = 0;
    for (int64_t doc = 0; doc < n_docs; ++doc) n += lengths[doc];
    int shift = 0;
    while ((size >> shift) > BUCKETS) ++shift;
    std::vector<int64_t> ends((size >> shift) + 2, 0);
    for (int64_t i = 0; i < 2 * n; ++i) ++ends[(slots[i] >> shift) + 1];
    for (size_t b = 1; b < ends.size(); ++b) ends[b] += ends[b - 1];
    std::vector<Entry> entries(2 * n);
    for (int64_t doc = 0, i = 0; doc < n_docs; ++doc)
        for (int32_t k = 0; k < lengths[doc]; ++k, ++i)
            for (int side = 0; side < 2; ++side) {
                const uint32_t slot = slots[2 * i + side];
                entries[ends[slot >> shift]++] = Entry{slot, static_cast<int32_t>(doc), values[i]};
            }
    std::vector<float> sums(n_docs * TILE);
    for (int64_t label = 0; label < n_labels; label += TILE) {
        const int64_t tile = std::min<int64_t>(TILE, n_labels - label);
        const float* rows[TILE];
        for (int64_t j = 0; j < TILE; ++j) rows[j] = W + (label + std::min(j, tile - 1)) * size;
        std::fill(sums.begin(), sums.end(), 0.0f);
        for (const Entry& entry : entries) {
            float* sum = sums.data() + static_cast<int64_t>(entry.doc) * TILE;
            for (int j = 0; j < TILE; ++j) sum[j] += rows[j][entry.slot] * entry.value;
        }
        for (int64_t doc = 0; doc < n_docs; ++doc)
            for (int64_t j = 0; j < tile; ++j) scores[doc * n_labels + label + j] += sums[doc * TILE + j];
    }
}

inline void score(const uint32_t* slots, const float* values, const int32_t* lengths, int64_t n_docs, int64_t n_labels,
                  int64_t size, bool v1, int64_t n, const float* W, float* scores) {
    if (!v1 && n >= MANY && size >= LARGE)
        add_scores_in_order(slots, values, lengths, n_docs, n_labels, size, W, scores);
    else
        add_scores(slots, values, lengths, n_docs, n_labels, size, v1, W, scores);
}

inline void add_gradient(const uint32_t* slots, const float* values, const int32_t* lengths, int64_t n_docs,
                         int64_t n_labels, int64_t size, bool v1, const float* d_scores, float* dW) {
    for (int64_t label = 0; label < n_labels; ++label) {
        float* row = dW + row_of(label, size, v1);
        const uint32_t* slot = slots;
        const float* value = values;
        for (int64_t doc = 0; doc < n_docs; ++doc) {
            const float d_score = d_scores[doc * n_labels + label];
            for (int32_t i = 0; i < lengths[doc]; ++i) {
                row[slot[2 * i]] += d_score * value[i];
                row[slot[2 * i + 1]] += d_score * value[i];
            }
            slot += 2 * static_cast<int64_t>(lengths[doc]);
            value += lengths[doc];
        }
    }
}

inline bool all_zero(const float* values, int64_t n) {
    uint32_t bits = 0;
    for (int64_t i = 0; i < n; ++i) {
        uint32_t word;
        std::memcpy(&word, values + i, sizeof(word));
        bits |= word << 1;  // without the sign
    }
    return bits == 0;
}

inline double squares(const float* values, int64_t n) {
    double total = 0;
    for (int64_t start = 0; start < n; start += 64) {
        const int64_t size = std::min<int64_t>(64, n - start);
        if (all_zero(values + start, size)) continue;
        float sum = 0;
        for (int64_t i = 0; i < size; ++i) sum += values[start + i] * values[start + i];
        total += sum;
    }
    return total;
}

struct Step {
    float scale;    // of the gradient, to clip it
    float beta1, beta2, eps, rate;
    float decay;    // rate times L2
    float average;  // weight of the new value in the average
};

const int64_t BLOCK = 64;
const float FLUSHED = 1e-30f;  // below this a momentum is 0: denormal numbers are slow

// Adam in one pass. A stretch where gradient, momenta, weights and averages are 0 stays as it is.
inline void adam(float* W, float* dW, float* mom1, float* mom2, float* averages, int64_t n, Step step) {
    const float rest1 = 1 - step.beta1, rest2 = 1 - step.beta2;
    for (int64_t start = 0; start < n; start += BLOCK) {
        const int64_t size = std::min(BLOCK, n - start);
        float *w = W + start, *g = dW + start, *m1 = mom1 + start, *m2 = mom2 + start;
        float* ema = averages ? averages + start : nullptr;
        if (all_zero(g, size) && all_zero(w, size) && all_zero(m2, size) && all_zero(m1, size) &&
            (!ema || all_zero(ema, size)))
            continue;
        for (int64_t i = 0; i < size; ++i) {
            const float d = g[i] * step.scale;
            float first = m1[i] * step.beta1 + rest1 * d;
            first = std::fabs(first) < FLUSHED ? 0.0f : first;
            const float second = m2[i] * step.beta2 + rest2 * (d * d);
            m1[i] = first;
            m2[i] = second;
            float weight = w[i] - step.rate * (first / (std::sqrt(second) + step.eps));
            weight -= step.decay * weight;
            w[i] = weight;
            g[i] = 0;
        }
        if (ema)
            for (int64_t i = 0; i < size; ++i) ema[i] -= step.average * (ema[i] - w[i]);
    }
}

}  // namespace textcat
