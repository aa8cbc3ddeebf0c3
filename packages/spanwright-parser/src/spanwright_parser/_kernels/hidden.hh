// Sums over rows of float tables, written so that the compiler makes vector code of the inner loops.
#pragma once
#include <cstdint>
#include <cstring>

#if defined(__GNUC__) && defined(__x86_64__) && !defined(__clang__) && !defined(__SANITIZE_ADDRESS__)
#define HIDDEN_CLONES __attribute__((target_clones("avx2", "default")))
#else
#define HIDDEN_CLONES
#endif

HIDDEN_CLONES static void sum_rows(const float* __restrict__ table, const int32_t* __restrict__ ids, int64_t n,
                                   int64_t places, int64_t width, const float* __restrict__ bias,
                                   float* __restrict__ out) {
    for (int64_t i = 0; i < n; ++i, out += width) {
        std::memset(out, 0, (size_t)width * sizeof(float));
        for (int64_t f = 0; f < places; ++f) {
            const float* row = table + (((int64_t)ids[i * places + f] + 1) * places + f) * width;
            for (int64_t j = 0; j < width; ++j) out[j] += row[j];
        }
        for (int64_t j = 0; j < width; ++j) out[j] += bias[j];
    }
}

HIDDEN_CLONES static void add_rows(float* __restrict__ table, const int32_t* __restrict__ ids, int64_t n,
                                   int64_t places, int64_t width, const float* __restrict__ values) {
    for (int64_t i = 0; i < n; ++i, values += width) {
        for (int64_t f = 0; f < places; ++f) {
            float* row = table + (((int64_t)ids[i * places + f] + 1) * places + f) * width;
            for (int64_t j = 0; j < width; ++j) row[j] += values[j];
        }
    }
}

static void take_best(const float* __restrict__ sums, int64_t n, int64_t pieces, float* __restrict__ best,
                      uint8_t* __restrict__ which) {
    for (int64_t i = 0; i < n; ++i, sums += pieces) {
        int64_t top = 0;
        for (int64_t p = 1; p < pieces; ++p)
            if (sums[p] > sums[top]) top = p;
        best[i] = sums[top];
        which[i] = (uint8_t)top;
    }
}
