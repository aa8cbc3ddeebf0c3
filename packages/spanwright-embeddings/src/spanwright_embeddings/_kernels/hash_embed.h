/* Hash embedding on the distinct values of a batch, and the maxout layer that mixes the embeddings of a token. */
#ifndef SPANWRIGHT_HASH_EMBED_H
#define SPANWRIGHT_HASH_EMBED_H

#include <math.h>
#include <stdint.h>
#include <string.h>

#if defined(_MSC_VER)
#define restrict __restrict
#endif

static inline uint64_t mix_bits(uint64_t h)
{
    h ^= h >> 33;
    h *= 0xff51afd7ed558ccdULL;
    h ^= h >> 33;
    h *= 0xc4ceb9fe1a85ec53ULL;
    h ^= h >> 33;
    return h;
}

/* MurmurHash3 x64 128 of the eight bytes of an id, with the seed; four 32-bit keys. The published tables are trained
 * with it. Source: Austin Appleby, https://github.com/aappleby/smhasher (public domain). */
static inline void hash_id(uint64_t id, uint32_t seed, uint32_t* restrict keys)
{
    uint64_t a = id * 0x87c37b91114253d5ULL;
    a = (a << 31) | (a >> 33);
    a = (a * 0x4cf5ad432745937fULL) ^ seed ^ 8;
    uint64_t b = (uint64_t)seed ^ 8;
    a += b;
    b += a;
    a = mix_bits(a);
    b = mix_bits(b);
    a += b;
    b += a;
    keys[0] = (uint32_t)a;
    keys[1] = (uint32_t)(a >> 32);
    keys[2] = (uint32_t)b;
    keys[3] = (uint32_t)(b >> 32);
}

static void hash_rows(const uint64_t* restrict ids, int64_t n, uint32_t seed, uint32_t n_rows, int32_t* restrict rows)
{
    for (int64_t i = 0; i < n; i++) {
        uint32_t keys[4];
        hash_id(ids[i], seed, keys);
        for (int j = 0; j < 4; j++) rows[4 * i + j] = (int32_t)(keys[j] % n_rows);
    }
}

/* out[i] = the sum of the four rows. */
static void gather_sum(
    const float* restrict table, const int32_t* restrict rows, int64_t n, int64_t width, float* restrict out)
{
    for (int64_t i = 0; i < n; i++) {
        const float* a = table + (int64_t)rows[4 * i] * width;
        const float* b = table + (int64_t)rows[4 * i + 1] * width;
        const float* c = table + (int64_t)rows[4 * i + 2] * width;
        const float* d = table + (int64_t)rows[4 * i + 3] * width;
        float* to = out + i * width;
        for (int64_t j = 0; j < width; j++) to[j] = ((a[j] + b[j]) + c[j]) + d[j];
    }
}

/* to[index[i]] += from[i / repeat] */
static void add_rows(
    const float* restrict from, const int32_t* restrict index, int64_t n, int64_t width, int64_t repeat,
    float* restrict to)
{
    for (int64_t i = 0; i < n; i++) {
        const float* x = from + (i / repeat) * width;
        float* y = to + (int64_t)index[i] * width;
        for (int64_t j = 0; j < width; j++) y[j] += x[j];
    }
}

/* Number the distinct rows of an (n, columns) matrix in order of their first appearance.
 * slots: a table of `size` (a power of two, over n) entries that hold -1. Returns how many there are. */
static int64_t number_rows(
    const uint64_t* restrict matrix, int64_t n, int64_t columns, int32_t* restrict slots, int64_t size,
    int32_t* restrict first, int32_t* restrict inverse)
{
    int64_t count = 0;
    for (int64_t i = 0; i < n; i++) {
        const uint64_t* row = matrix + i * columns;
        uint64_t h = 0;
        for (int64_t j = 0; j < columns; j++) h = mix_bits(h * 31 + row[j]);
        int64_t slot = (int64_t)(h & (uint64_t)(size - 1));
        for (;;) {
            const int32_t known = slots[slot];
            if (known < 0) {
                slots[slot] = (int32_t)count;
                first[count] = (int32_t)i;
                inverse[i] = (int32_t)count++;
                break;
            }
            if (memcmp(matrix + (int64_t)first[known] * columns, row, (size_t)columns * sizeof(uint64_t)) == 0) {
                inverse[i] = known;
                break;
            }
            slot = (slot + 1) & (size - 1);
        }
    }
    return count;
}

/* Eight partial sums let the compiler use vectors although float addition does not commute with itself. */
static inline float sum_of(const float* restrict x, int64_t n, float centre, int squared)
{
    float part[8] = {0};
    int64_t i = 0;
    for (; i + 8 <= n; i += 8) {
        for (int j = 0; j < 8; j++) {
            const float d = x[i + j] - centre;
            part[j] += squared ? d * d : d;
        }
    }
    float sum = ((part[0] + part[4]) + (part[1] + part[5])) + ((part[2] + part[6]) + (part[3] + part[7]));
    for (; i < n; i++) {
        const float d = x[i] - centre;
        sum += squared ? d * d : d;
    }
    return sum;
}

/* For each row: the sum of the bias and of one row of every part, the largest piece, layer normalisation.
 * parts[a]: [values of a][width][pieces]; index: [n][n_parts]; bias: [width][pieces]; y: [n][width].
 * which, normed, rstd: what the backward pass needs, or null. sums: [width][pieces], scratch. */
static void mix_parts(
    const float* const* parts, int64_t n_parts, const int32_t* restrict index, const float* restrict bias, int64_t n,
    int64_t width, int64_t pieces, const float* restrict scale, const float* restrict shift, float* restrict sums,
    float* restrict y, uint8_t* restrict which, float* restrict normed, float* restrict rstd_out)
{
    const int64_t wide = width * pieces;
    for (int64_t i = 0; i < n; i++) {
        float* restrict best = y + i * width;
        memcpy(sums, bias, (size_t)wide * sizeof(float));
        for (int64_t a = 0; a < n_parts; a++) {
            const float* restrict part = parts[a] + (int64_t)index[i * n_parts + a] * wide;
            for (int64_t j = 0; j < wide; j++) sums[j] += part[j];
        }
        for (int64_t j = 0; j < width; j++) {
            float most = sums[j * pieces];
            uint8_t winner = 0;
            for (int64_t p = 1; p < pieces; p++) {
                if (sums[j * pieces + p] > most) {
                    most = sums[j * pieces + p];
                    winner = (uint8_t)p;
                }
            }
            best[j] = most;
            if (which) which[i * width + j] = winner;
        }
        const float mean = sum_of(best, width, 0.0f, 0) / (float)width;
        const float variance = sum_of(best, width, mean, 1) / (float)width + 1e-8f;
        const float rstd = 1.0f / sqrtf(variance);
        for (int64_t j = 0; j < width; j++) best[j] = (best[j] - mean) * rstd;
        if (normed) {
            memcpy(normed + i * width, best, (size_t)width * sizeof(float));
            rstd_out[i] = rstd;
        }
        for (int64_t j = 0; j < width; j++) best[j] = best[j] * scale[j] + shift[j];
    }
}

#endif
