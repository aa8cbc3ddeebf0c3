/* Convolution over a window of rows, maxout, layer normalisation and residual connection in one pass.
 *
 * Rows lie one after another, so the window around a row is one stretch of memory and needs no copy. Weights are packed
 * into panels of as many outputs as a vector has lanes; a tile of rows times a panel is summed in registers, and the
 * maximum of the pieces is taken there. The products of a row are always added in the same order: what a row gives does
 * not depend on the rows around its window, nor on their number.
 */
#ifndef SPANWRIGHT_WINDOW_H
#define SPANWRIGHT_WINDOW_H

#include <math.h>
#include <stdint.h>
#include <string.h>

#define MAX_PIECES 3
#define MAX_ROWS 8
#define MAX_LANES 16

typedef struct {
    const float* weights; /* packed: [panels][window][pieces][lanes] */
    const float* bias;    /* packed: [panels][pieces][lanes] */
    const float* scale;   /* layer normalisation: [width] */
    const float* shift;
    int64_t width;
    int64_t window; /* floats in a window: (2 * window_size + 1) * width */
    int64_t centre; /* where the middle row of a window starts */
    int64_t panels;
    int pieces;
} WindowLayer;

typedef struct {
    float* y;         /* [rows][width] */
    const float* mask; /* dropout; null in prediction */
    uint8_t* which;   /* the winning piece; null in prediction, as the next two */
    float* normed;    /* the normalised row before scale and shift */
    float* rstd;      /* one over the standard deviation: [rows] */
    float* scratch;   /* [MAX_ROWS][panels * lanes] */
    uint8_t* which_scratch;
} WindowOutput;

#if defined(__GNUC__) || defined(__clang__)
#define HAVE_VECTORS 1
#define INLINE static inline __attribute__((always_inline))
#if defined(__clang__)
#define UNROLL _Pragma("clang loop unroll(full)")
#else
#define UNROLL _Pragma("GCC unroll 8")
#endif
#else
#define INLINE static inline
#define restrict __restrict
#endif

/* Eight partial sums let the compiler use vectors although float addition does not commute with itself. */
INLINE float sum_of(const float* restrict x, int64_t n, float centre, int squared)
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

/* Normalise the row h, scale, shift, drop out, and add the row that came in. */
INLINE void finish_row(
    int64_t width, const float* restrict h, const float* restrict scale, const float* restrict shift,
    const float* restrict x, const float* restrict mask, float* restrict y, float* restrict normed, float* rstd_out)
{
    const float mean = sum_of(h, width, 0.0f, 0) / (float)width;
    const float variance = sum_of(h, width, mean, 1) / (float)width + 1e-8f;
    const float rstd = 1.0f / sqrtf(variance);
    if (normed) {
        for (int64_t i = 0; i < width; i++) normed[i] = (h[i] - mean) * rstd;
    }
    if (mask) {
        for (int64_t i = 0; i < width; i++) y[i] = x[i] + ((h[i] - mean) * rstd * scale[i] + shift[i]) * mask[i];
    } else {
        for (int64_t i = 0; i < width; i++) y[i] = x[i] + ((h[i] - mean) * rstd * scale[i] + shift[i]);
    }
    *rstd_out = rstd;
}

#if HAVE_VECTORS

#define NAME(x) x##_basic
#define LANES 4
#if defined(__aarch64__)
#define ROWS 8 /* twice the registers of x86-64's oldest unit */
#else
#define ROWS 4
#endif
#define TARGET
#include "window_tile.h"
#undef NAME
#undef LANES
#undef ROWS
#undef TARGET

#if defined(__x86_64__)
#define NAME(x) x##_avx2
#define LANES 8
#define ROWS 4
#define TARGET __attribute__((target("avx2,fma")))
#include "window_tile.h"
#undef NAME
#undef LANES
#undef ROWS
#undef TARGET

#define NAME(x) x##_avx512
#define LANES 16
#define ROWS 8
#define TARGET __attribute__((target("avx512f,avx512vl,avx512bw,avx512dq,avx2,fma")))
#include "window_tile.h"
#undef NAME
#undef LANES
#undef ROWS
#undef TARGET
#endif

#else /* a compiler without vector types: the same sums, row by row */

static void layer_basic(const WindowLayer* layer, const float* x, const WindowOutput* out, int64_t n)
{
    const int64_t width = layer->width;
    for (int64_t row = 0; row < n; row++) {
        const float* start = x + row * width;
        for (int64_t o = 0; o < width; o++) {
            const int64_t lane = o % 4, panel = o / 4;
            float best = 0;
            uint8_t which = 0;
            for (int p = 0; p < layer->pieces; p++) {
                float sum = layer->bias[(panel * layer->pieces + p) * 4 + lane];
                const float* w = layer->weights + (panel * layer->window * layer->pieces + p) * 4 + lane;
                for (int64_t k = 0; k < layer->window; k++) sum += start[k] * w[k * layer->pieces * 4];
                if (p == 0 || sum > best) {
                    best = sum;
                    which = (uint8_t)p;
                }
            }
            out->scratch[o] = best;
            if (out->which) out->which[row * width + o] = which;
        }
        float rstd;
        finish_row(
            width, out->scratch, layer->scale, layer->shift, start + layer->centre,
            out->mask ? out->mask + row * width : 0, out->y + row * width,
            out->normed ? out->normed + row * width : 0, &rstd);
        if (out->rstd) out->rstd[row] = rstd;
    }
}

#endif

/* Lanes of the widest unit that this processor has and the program was compiled for. */
static int best_lanes(void)
{
#if HAVE_VECTORS && defined(__x86_64__)
    __builtin_cpu_init();
    if (__builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512vl") && __builtin_cpu_supports("avx512bw")
        && __builtin_cpu_supports("avx512dq"))
        return 16;
    if (__builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma")) return 8;
#endif
    return 4;
}

static void window_layer(int lanes, const WindowLayer* layer, const float* x, const WindowOutput* out, int64_t n)
{
#if HAVE_VECTORS && defined(__x86_64__)
    if (lanes == 16) {
        layer_avx512(layer, x, out, n);
        return;
    }
    if (lanes == 8) {
        layer_avx2(layer, x, out, n);
        return;
    }
#endif
    (void)lanes;
    layer_basic(layer, x, out, n);
}

/* weights: [width][pieces][window] to [panels][window][pieces][lanes]; outputs past the width are zeros. */
static void pack_window(
    const float* restrict weights, const float* restrict bias, int64_t width, int64_t pieces, int64_t window,
    int64_t lanes, float* restrict packed, float* restrict packed_bias)
{
    const int64_t panels = (width + lanes - 1) / lanes;
    for (int64_t panel = 0; panel < panels; panel++) {
        float* to = packed + panel * window * pieces * lanes;
        for (int64_t lane = 0; lane < lanes; lane++) {
            const int64_t o = panel * lanes + lane;
            for (int64_t p = 0; p < pieces; p++) {
                const float* from = weights + (o * pieces + p) * window;
                packed_bias[(panel * pieces + p) * lanes + lane] = o < width ? bias[o * pieces + p] : 0.0f;
                for (int64_t k = 0; k < window; k++) {
                    to[(k * pieces + p) * lanes + lane] = o < width ? from[k] : 0.0f;
                }
            }
        }
    }
}

/* Backwards from dy, the gradient of (dropout of) the normalised, scaled row: through normalisation and maxout.
 * dz: [rows][width][pieces], all written. The sums d_scale, d_shift: [width], d_bias: [width][pieces] are added to. */
static void window_backward(
    int64_t n, int64_t width, int64_t pieces, const float* restrict dy, const float* restrict mask,
    const float* restrict normed, const float* restrict rstd, const float* restrict scale,
    const uint8_t* restrict which, float* restrict row, float* restrict dz, float* restrict d_scale,
    float* restrict d_shift, float* restrict d_bias)
{
    memset(dz, 0, (size_t)(n * width * pieces) * sizeof(float));
    for (int64_t r = 0; r < n; r++) {
        const float* x = normed + r * width;
        float sum = 0, sum_x = 0;
        for (int64_t i = 0; i < width; i++) row[i] = mask ? dy[r * width + i] * mask[r * width + i] : dy[r * width + i];
        for (int64_t i = 0; i < width; i++) {
            d_scale[i] += row[i] * x[i];
            d_shift[i] += row[i];
            row[i] *= scale[i];
        }
        for (int64_t i = 0; i < width; i++) {
            sum += row[i];
            sum_x += row[i] * x[i];
        }
        sum /= (float)width;
        sum_x /= (float)width;
        for (int64_t i = 0; i < width; i++) row[i] = (row[i] - sum - x[i] * sum_x) * rstd[r];
        for (int64_t i = 0; i < width; i++) {
            const int64_t at = i * pieces + which[r * width + i];
            dz[r * width * pieces + at] = row[i];
            d_bias[at] += row[i];
        }
    }
}

#endif
