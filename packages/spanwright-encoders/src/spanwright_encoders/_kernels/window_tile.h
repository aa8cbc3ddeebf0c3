/* One convolution layer for one kind of vector unit. No include guard: window.h includes this once for each kind,
 * after defining
 *   NAME(x)  the name of x for this kind
 *   LANES    floats in one vector
 *   ROWS     rows of the tile that is kept in registers; ROWS * pieces accumulators have to fit
 *   TARGET   the function attribute that permits the instructions
 */

typedef float NAME(vec) __attribute__((vector_size(LANES * 4), aligned(4), may_alias));
typedef int32_t NAME(ivec) __attribute__((vector_size(LANES * 4), aligned(4), may_alias));
typedef uint8_t NAME(bvec) __attribute__((vector_size(LANES), aligned(1), may_alias));

/* ROWS windows times one panel of LANES outputs, and the largest piece of each.
 * x: the first window; the next one starts `step` floats later. weights: [window][pieces][LANES]. */
TARGET static inline __attribute__((always_inline)) void NAME(tile)(
    const int pieces, const float* restrict x, int64_t step, int64_t window, const float* restrict weights,
    const float* restrict bias, float* restrict best_out, uint8_t* restrict which_out, int64_t out_step)
{
    NAME(vec) sums[ROWS][MAX_PIECES];
    UNROLL for (int r = 0; r < ROWS; r++) {
        UNROLL for (int p = 0; p < pieces; p++) sums[r][p] = *(const NAME(vec)*)(bias + p * LANES);
    }
    for (int64_t k = 0; k < window; k++) {
        NAME(vec) w[MAX_PIECES];
        UNROLL for (int p = 0; p < pieces; p++) w[p] = *(const NAME(vec)*)(weights + p * LANES);
        weights += pieces * LANES;
        UNROLL for (int r = 0; r < ROWS; r++) {
            const float value = x[r * step + k];
            UNROLL for (int p = 0; p < pieces; p++) sums[r][p] += value * w[p];
        }
    }
    UNROLL for (int r = 0; r < ROWS; r++) {
        NAME(vec) best = sums[r][0];
        NAME(ivec) which = {0};
        UNROLL for (int p = 1; p < pieces; p++) {
            const NAME(ivec) larger = sums[r][p] > best;
            best = (NAME(vec))(((NAME(ivec))sums[r][p] & larger) | ((NAME(ivec))best & ~larger));
            which = (larger & p) | (which & ~larger);
        }
        *(NAME(vec)*)(best_out + r * out_step) = best;
        if (which_out) *(NAME(bvec)*)(which_out + r * out_step) = __builtin_convertvector(which, NAME(bvec));
    }
}

TARGET static void NAME(tile_of)(
    int pieces, const float* restrict x, int64_t step, int64_t window, const float* restrict weights,
    const float* restrict bias, float* restrict best, uint8_t* restrict which, int64_t out_step)
{
    /* A constant number of pieces lets the compiler keep all sums in registers. */
    if (pieces == 3) NAME(tile)(3, x, step, window, weights, bias, best, which, out_step);
    else if (pieces == 2) NAME(tile)(2, x, step, window, weights, bias, best, which, out_step);
    else NAME(tile)(1, x, step, window, weights, bias, best, which, out_step);
}

TARGET static void NAME(layer)(const WindowLayer* layer, const float* restrict x, const WindowOutput* out, int64_t n)
{
    const int64_t width = layer->width, padded = layer->panels * LANES;
    const int64_t window = layer->window, panel = window * layer->pieces * LANES;
    for (int64_t row = 0; row < n; row += ROWS) {
        for (int64_t i = 0; i < layer->panels; i++) {
            NAME(tile_of)(
                layer->pieces, x + row * width, width, window, layer->weights + i * panel,
                layer->bias + i * layer->pieces * LANES, out->scratch + i * LANES,
                out->which ? out->which_scratch + i * LANES : 0, padded);
        }
        const int64_t stop = n - row < ROWS ? n - row : ROWS;
        for (int64_t r = 0; r < stop; r++) {
            const int64_t at = (row + r) * width;
            float rstd;
            finish_row(
                width, out->scratch + r * padded, layer->scale, layer->shift, x + at + layer->centre,
                out->mask ? out->mask + at : 0, out->y + at, out->normed ? out->normed + at : 0, &rstd);
            if (out->rstd) out->rstd[row + r] = rstd;
            if (out->which) memcpy(out->which + at, out->which_scratch + r * padded, (size_t)width);
        }
    }
}
