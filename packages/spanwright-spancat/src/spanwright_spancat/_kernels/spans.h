/* Sums and maxima over spans of rows, which may overlap, and their way back.
 *
 * Columns of `sums` stand piece after piece: [pieces][hidden]. The inner loops are written so that the compiler makes
 * vector code of them.
 */
#ifndef SPANWRIGHT_SPANS_H
#define SPANWRIGHT_SPANS_H

#include <math.h>
#include <stdint.h>
#include <string.h>

#if defined(__GNUC__) && defined(__x86_64__) && defined(__gnu_linux__) && !defined(__clang__)                          \
    && !defined(__SANITIZE_ADDRESS__)
#define SPAN_CLONES __attribute__((target_clones("avx512f", "avx2", "default")))
#else
#define SPAN_CLONES
#endif
#ifdef _MSC_VER
#define restrict __restrict
#endif

/* What all spans of a block share. */
typedef struct {
    const int32_t* starts;
    const int32_t* ends;
    int64_t n;
    int64_t first;  /* the row that the tables begin with */
    int64_t hidden;
    int64_t pieces;
} SpanBlock;

/* The largest value of each column within each span; `which` (may be null): the row where it stands. */
SPAN_CLONES static void span_max(
    const float* restrict x, int64_t width, const int32_t* restrict starts, const int32_t* restrict ends, int64_t n,
    float* restrict out, int64_t step, int32_t* restrict which)
{
    for (int64_t i = 0; i < n; i++, out += step) {
        const float* row = x + starts[i] * width;
        memcpy(out, row, (size_t)width * sizeof(float));
        if (!which) {
            for (int64_t t = starts[i] + 1; t < ends[i]; t++) {
                row += width;
                for (int64_t j = 0; j < width; j++) out[j] = row[j] > out[j] ? row[j] : out[j];
            }
            continue;
        }
        for (int64_t j = 0; j < width; j++) which[j] = starts[i];
        for (int32_t t = starts[i] + 1; t < ends[i]; t++) {
            row += width;
            for (int64_t j = 0; j < width; j++) {
                which[j] = row[j] > out[j] ? t : which[j];
                out[j] = row[j] > out[j] ? row[j] : out[j];
            }
        }
        which += width;
    }
}

/* Last, first and mean row of each span, side by side, with room for the maximum after them. */
SPAN_CLONES static void span_ends_and_mean(
    const float* restrict x, int64_t width, const int32_t* restrict starts, const int32_t* restrict ends, int64_t n,
    float* restrict out)
{
    for (int64_t i = 0; i < n; i++, out += 4 * width) {
        float* mean = out + 2 * width;
        const float* row = x + starts[i] * width;
        const float share = 1.0f / (float)(ends[i] - starts[i]);
        memcpy(out, x + (ends[i] - 1) * width, (size_t)width * sizeof(float));
        memcpy(out + width, row, (size_t)width * sizeof(float));
        memcpy(mean, row, (size_t)width * sizeof(float));
        for (int64_t t = starts[i] + 1; t < ends[i]; t++) {
            row += width;
            for (int64_t j = 0; j < width; j++) mean[j] += row[j];
        }
        for (int64_t j = 0; j < width; j++) mean[j] *= share;
    }
}

/* out[i + 1]: the sum of the rows up to i, in double precision, for differences of sums are small beside them. */
SPAN_CLONES static void running_sums(
    const float* restrict rows, int64_t step, int64_t n, int64_t columns, double* restrict out)
{
    memset(out, 0, (size_t)columns * sizeof(double));
    for (int64_t i = 0; i < n; i++, rows += step, out += columns)
        for (int64_t j = 0; j < columns; j++) out[columns + j] = out[j] + rows[j];
}

/* The way back of running_sums: the gradient of a row is the sum of the differences up to it, which are overwritten. */
SPAN_CLONES static void running_sums_back(
    double* restrict differences, int64_t n, int64_t columns, float* restrict d_rows, int64_t step)
{
    for (int64_t i = 0; i < n; i++, d_rows += step, differences += columns)
        for (int64_t j = 0; j < columns; j++) {
            d_rows[j] = (float)differences[j];
            differences[columns + j] += differences[j];
        }
}

/* Eight partial sums let the compiler use vectors although float addition does not commute with itself. */
#define PARTIAL_SUM(total, value)                                                                                      \
    do {                                                                                                               \
        float part[8] = {0};                                                                                           \
        int64_t at = 0;                                                                                                \
        for (; at + 8 <= width; at += 8)                                                                               \
            for (int lane = 0; lane < 8; lane++) {                                                                     \
                const int64_t j = at + lane;                                                                           \
                part[lane] += (value);                                                                                 \
            }                                                                                                          \
        for (int64_t j = at; j < width; j++) part[0] += (value);                                                       \
        total = ((part[0] + part[4]) + (part[1] + part[5])) + ((part[2] + part[6]) + (part[3] + part[7]));             \
    } while (0)

/* From sums to hidden vectors: add what the tokens give (tables: [rows][3][columns], the last, the first and unused;
 * means: running sums of the mean's share, [rows + 1][columns], double; both may be null), take the largest piece,
 * normalise. which, normed, rstd: for the way back, may be null. */
SPAN_CLONES static void span_hidden(
    const SpanBlock* block, float* restrict sums, const float* restrict tables, const double* restrict means,
    const float* restrict bias, const float* restrict scale, const float* restrict shift, const float* restrict mask,
    float* restrict y, uint8_t* restrict which, float* restrict normed, float* restrict rstd_out)
{
    const int64_t width = block->hidden, columns = width * block->pieces;
    for (int64_t i = 0; i < block->n; i++, sums += columns, y += width) {
        if (tables) {
            const int64_t start = block->starts[i] - block->first, end = block->ends[i] - block->first;
            const float* last = tables + (end - 1) * 3 * columns;
            const float* first = tables + start * 3 * columns + columns;
            const double* from = means + start * columns;
            const double* to = means + end * columns;
            const double share = 1.0 / (double)(end - start);
            for (int64_t j = 0; j < columns; j++)
                sums[j] += last[j] + first[j] + (float)((to[j] - from[j]) * share) + bias[j];
        } else {
            for (int64_t j = 0; j < columns; j++) sums[j] += bias[j];
        }
        if (which) {
            memset(which, 0, (size_t)width);
            for (int64_t p = 1; p < block->pieces; p++) {
                const float* piece = sums + p * width;
                for (int64_t j = 0; j < width; j++) {
                    which[j] = piece[j] > sums[j] ? (uint8_t)p : which[j];
                    sums[j] = piece[j] > sums[j] ? piece[j] : sums[j];
                }
            }
            which += width;
        } else {
            for (int64_t p = 1; p < block->pieces; p++) {
                const float* piece = sums + p * width;
                for (int64_t j = 0; j < width; j++) sums[j] = piece[j] > sums[j] ? piece[j] : sums[j];
            }
        }
        float mean, variance;
        PARTIAL_SUM(mean, sums[j]);
        mean /= (float)width;
        PARTIAL_SUM(variance, (sums[j] - mean) * (sums[j] - mean));
        const float rstd = 1.0f / sqrtf(variance / (float)width + 1e-8f);
        if (normed) {
            for (int64_t j = 0; j < width; j++) normed[j] = (sums[j] - mean) * rstd;
            normed += width;
            *rstd_out++ = rstd;
        }
        for (int64_t j = 0; j < width; j++) y[j] = (sums[j] - mean) * rstd * scale[j] + shift[j];
        if (mask) {
            for (int64_t j = 0; j < width; j++) y[j] *= mask[j];
            mask += width;
        }
    }
}

/* The way back of span_hidden. d_sums and all that is added to must be zeros or a sum so far. */
SPAN_CLONES static void span_hidden_back(
    const SpanBlock* block, const float* restrict dy, const float* restrict mask, const uint8_t* restrict which,
    const float* restrict normed, const float* restrict rstd, const float* restrict scale, float* restrict row,
    float* restrict d_sums, float* restrict d_tables, double* restrict d_means, double* restrict d_bias,
    double* restrict d_scale, double* restrict d_shift)
{
    const int64_t width = block->hidden, columns = width * block->pieces;
    for (int64_t i = 0; i < block->n; i++, dy += width, which += width, normed += width, d_sums += columns) {
        float total, along;
        for (int64_t j = 0; j < width; j++) {
            const float d = mask ? dy[j] * mask[j] : dy[j];
            d_shift[j] += d;
            d_scale[j] += d * normed[j];
            row[j] = d * scale[j];
        }
        if (mask) mask += width;
        PARTIAL_SUM(total, row[j]);
        PARTIAL_SUM(along, row[j] * normed[j]);
        total /= (float)width;
        along /= (float)width;
        for (int64_t j = 0; j < width; j++) row[j] = (row[j] - total - normed[j] * along) * rstd[i];
        for (int64_t j = 0; j < width; j++) {
            const int64_t k = which[j] * width + j;
            d_sums[k] = row[j];
            d_bias[k] += row[j];
        }
        if (d_tables) {
            const int64_t start = block->starts[i] - block->first, end = block->ends[i] - block->first;
            float* last = d_tables + (end - 1) * 3 * columns;
            float* first = d_tables + start * 3 * columns + columns;
            double* from = d_means + start * columns;
            double* to = d_means + end * columns;
            const double share = 1.0 / (double)(end - start);
            for (int64_t j = 0; j < columns; j++) {
                last[j] += d_sums[j];
                first[j] += d_sums[j];
                from[j] += d_sums[j] * share;
                to[j] -= d_sums[j] * share;
            }
        }
    }
}

/* Gradients of maxima go to the rows that they came from. */
static void span_max_back(
    const float* restrict d, int64_t step, int64_t width, const int32_t* restrict which, int64_t n, float* restrict dx)
{
    for (int64_t i = 0; i < n; i++, d += step, which += width)
        for (int64_t j = 0; j < width; j++) dx[which[j] * width + j] += d[j];
}

/* The way back of span_ends_and_mean. */
SPAN_CLONES static void span_ends_and_mean_back(
    const float* restrict d, int64_t width, const int32_t* restrict starts, const int32_t* restrict ends, int64_t n,
    float* restrict dx)
{
    for (int64_t i = 0; i < n; i++, d += 4 * width) {
        float* last = dx + (ends[i] - 1) * width;
        float* row = dx + starts[i] * width;
        const float* mean = d + 2 * width;
        const float share = 1.0f / (float)(ends[i] - starts[i]);
        for (int64_t j = 0; j < width; j++) last[j] += d[j];
        for (int64_t j = 0; j < width; j++) row[j] += d[width + j];
        for (int64_t t = starts[i]; t < ends[i]; t++, row += width)
            for (int64_t j = 0; j < width; j++) row[j] += mean[j] * share;
    }
}

/* Which spans share no token with one before them that was kept. */
static void keep_first(
    const int32_t* restrict starts, const int32_t* restrict ends, int64_t n, uint8_t* restrict taken,
    uint8_t* restrict kept)
{
    for (int64_t i = 0; i < n; i++) {
        const size_t length = (size_t)(ends[i] - starts[i]);
        kept[i] = memchr(taken + starts[i], 1, length) == 0;
        if (kept[i]) memset(taken + starts[i], 1, length);
    }
}

#endif
