/* Products, sums of features and arg-max for the widest vector unit that the processor has. Weights are packed into
 * panels of as many outputs as a vector has lanes: [panels][depth][lanes]. */
#ifndef SPANWRIGHT_PRODUCT_H
#define SPANWRIGHT_PRODUCT_H

#include <cmath>
#include <cstdint>

#if defined(__GNUC__) || defined(__clang__)
#define HAVE_VECTORS 1
#if defined(__clang__)
#define UNROLL _Pragma("clang loop unroll(full)")
#else
#define UNROLL _Pragma("GCC unroll 8")
#endif
#endif

namespace spanwright {

#if HAVE_VECTORS

#define NAME(x) x##_basic
#define LANES 4
#define TARGET
#include "product_tile.hh"
#undef NAME
#undef LANES
#undef TARGET

#if defined(__x86_64__)
#define NAME(x) x##_avx2
#define LANES 8
#define TARGET __attribute__((target("avx2,fma")))
#include "product_tile.hh"
#undef NAME
#undef LANES
#undef TARGET

#define NAME(x) x##_avx512
#define LANES 16
#define TARGET __attribute__((target("avx512f,avx512vl,avx512bw,avx512dq,avx2,fma")))
#include "product_tile.hh"
#undef NAME
#undef LANES
#undef TARGET
#endif

#else /* a compiler without vector types */

static void product_basic(
    const float* x, int64_t x_step, int64_t rows, int64_t depth, const float* weights, int64_t panels,
    const float* bias, float* out, int64_t out_step)
{
    for (int64_t row = 0; row < rows; row++) {
        for (int64_t o = 0; o < panels * 4; o++) {
            float sum = bias ? bias[o] : 0.0f;
            const float* w = weights + o / 4 * depth * 4 + o % 4;
            for (int64_t k = 0; k < depth; k++) sum += x[row * x_step + k] * w[k * 4];
            out[row * out_step + o] = sum;
        }
    }
}

static void hidden_basic(const float* const* parts, int n, int pieces, int64_t step, const float* bias, float* out)
{
    for (int64_t o = 0; o < step; o++) {
        for (int p = 0; p < pieces; p++) {
            const int64_t at = p * step + o;
            float sum = parts[0][at];
            for (int f = 1; f < n; f++) sum += parts[f][at];
            sum += bias[at];
            if (p == 0 || sum > out[o]) out[o] = sum;
        }
    }
}

static int32_t best_basic(const float* scores, const float* penalty, int64_t n)
{
    int32_t found = -1;
    float value = -INFINITY;
    for (int64_t i = 0; i < n; i++) {
        const float sum = scores[i] + penalty[i];
        if (sum > value) {
            value = sum;
            found = (int32_t)i;
        }
    }
    return found;
}

#endif

struct Unit {
    int lanes;
    void (*product)(const float*, int64_t, int64_t, int64_t, const float*, int64_t, const float*, float*, int64_t);
    void (*hidden)(const float* const*, int, int, int64_t, const float*, float*);
    int32_t (*best)(const float*, const float*, int64_t);
};

/* Lanes of the widest unit that this processor has and the program was compiled for. */
static inline int widest_lanes()
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

static inline Unit unit_of(int lanes)
{
#if HAVE_VECTORS && defined(__x86_64__)
    if (lanes == 16) return {16, product_avx512, hidden_avx512, best_avx512};
    if (lanes == 8) return {8, product_avx2, hidden_avx2, best_avx2};
#endif
    (void)lanes;
    return {4, product_basic, hidden_basic, best_basic};
}

} // namespace spanwright
#endif
