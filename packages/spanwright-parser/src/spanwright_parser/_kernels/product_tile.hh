/* The arithmetic of a step for one kind of vector unit. No include guard: product.hh includes this once for each kind,
 * after defining
 *   NAME(x)  the name of x for this kind
 *   LANES    floats in one vector
 *   TARGET   the function attribute that permits the instructions
 */

typedef float NAME(vec) __attribute__((vector_size(LANES * 4), aligned(4), may_alias));
typedef int32_t NAME(ivec) __attribute__((vector_size(LANES * 4), aligned(4), may_alias));

TARGET static inline __attribute__((always_inline)) NAME(vec) NAME(choose)(NAME(ivec) where, NAME(vec) a, NAME(vec) b)
{
    return (NAME(vec))(((NAME(ivec))a & where) | ((NAME(ivec))b & ~where));
}

template <int ROWS>
TARGET static inline __attribute__((always_inline)) void NAME(tile)(
    const float* const* x, int64_t depth, const float* weights, const float* bias, float* out, int64_t out_step)
{
    NAME(vec) sums[ROWS];
    NAME(vec) start = {0};
    if (bias) start = *(const NAME(vec)*)bias;
    UNROLL for (int r = 0; r < ROWS; r++) sums[r] = start;
    for (int64_t k = 0; k < depth; k++) {
        const NAME(vec) w = *(const NAME(vec)*)(weights + k * LANES);
        UNROLL for (int r = 0; r < ROWS; r++) sums[r] += x[r][k] * w;
    }
    UNROLL for (int r = 0; r < ROWS; r++) *(NAME(vec)*)(out + r * out_step) = sums[r];
}

/* Rows times packed weights. A row's products are added in one order, however many rows there are. */
TARGET static void NAME(product)(
    const float* x, int64_t x_step, int64_t rows, int64_t depth, const float* weights, int64_t panels,
    const float* bias, float* out, int64_t out_step)
{
    for (int64_t panel = 0; panel < panels; panel++) {
        const float* w = weights + panel * depth * LANES;
        const float* b = bias ? bias + panel * LANES : nullptr;
        float* y = out + panel * LANES;
        int64_t row = 0;
        for (; row + 8 <= rows; row += 8) {
            const float* at[8];
            for (int r = 0; r < 8; r++) at[r] = x + (row + r) * x_step;
            NAME(tile)<8>(at, depth, w, b, y + row * out_step, out_step);
        }
        for (; row + 4 <= rows; row += 4) {
            const float* at[4];
            for (int r = 0; r < 4; r++) at[r] = x + (row + r) * x_step;
            NAME(tile)<4>(at, depth, w, b, y + row * out_step, out_step);
        }
        for (; row < rows; row++) {
            const float* at = x + row * x_step;
            NAME(tile)<1>(&at, depth, w, b, y + row * out_step, out_step);
        }
    }
}

/* Sums the features' vectors and the bias, and takes the largest piece. parts: [n], each [pieces][step]. */
TARGET static void NAME(hidden)(
    const float* const* parts, int n, int pieces, int64_t step, const float* bias, float* out)
{
    for (int64_t o = 0; o < step; o += LANES) {
        NAME(vec) best = {0};
        for (int p = 0; p < pieces; p++) {
            const int64_t at = p * step + o;
            NAME(vec) sum = *(const NAME(vec)*)(parts[0] + at);
            for (int f = 1; f < n; f++) sum += *(const NAME(vec)*)(parts[f] + at);
            sum += *(const NAME(vec)*)(bias + at);
            best = p ? NAME(choose)((NAME(ivec))(sum > best), sum, best) : sum;
        }
        *(NAME(vec)*)(out + o) = best;
    }
}

/* The first position of the largest sum of score and penalty; -1 if all are -inf or no numbers. */
TARGET static int32_t NAME(best)(const float* scores, const float* penalty, int64_t n)
{
    NAME(vec) best = *(const NAME(vec)*)scores + *(const NAME(vec)*)penalty;
    NAME(ivec) where = {0};
    const NAME(vec) lowest = (NAME(vec)){0} - INFINITY;
    best = NAME(choose)((NAME(ivec))(best > lowest), best, lowest);
    for (int64_t o = LANES; o < n; o += LANES) {
        const NAME(vec) sum = *(const NAME(vec)*)(scores + o) + *(const NAME(vec)*)(penalty + o);
        const NAME(ivec) larger = (NAME(ivec))(sum > best);
        best = NAME(choose)(larger, sum, best);
        where = (larger & (int32_t)o) | (where & ~larger);
    }
    int32_t found = -1;
    float value = -INFINITY;
    for (int32_t j = 0; j < LANES; j++) {
        const int32_t at = where[j] + j;
        if (best[j] > value || (best[j] == value && found >= 0 && at < found)) {
            value = best[j];
            found = at;
        }
    }
    return found;
}
