/* Vectors of floats, a small matrix product, and exponentials, for GCC and Clang on any processor.
 *
 * No function here depends on what stands in neighbouring rows: a row of a product is summed in
 * the same order whether it is computed alone or in a tile of eight. Not for -ffast-math: NaN has
 * to come through, so that a diverged training run is noticed.
 */
#ifndef ROOMTONE_LANES_H
#define ROOMTONE_LANES_H

#include <stddef.h>
#include <stdint.h>
#include <string.h>

#if defined(__AVX512F__)
#define LANES 16
#define TILE 8 /* rows of a tile: 16 accumulators of 32 registers */
#elif defined(__AVX__)
#define LANES 8
#define TILE 6 /* 12 accumulators of 16 registers */
#else
#define LANES 4
#define TILE 4
#endif
#if defined(__AVX512BF16__)
#include <immintrin.h>
#define HAS_DOT 1 /* bfloat16 can be multiplied in pairs, twice as fast */
#else
#define HAS_DOT 0
#endif
#define PANEL (2 * LANES) /* columns of a tile */
#define DEPTH 128         /* rows of a panel that stay in the first-level cache */
#define INLINE static inline __attribute__((always_inline))

typedef float lanes __attribute__((vector_size(4 * LANES), may_alias));
typedef int32_t lanes_bits __attribute__((vector_size(4 * LANES), may_alias));
typedef uint16_t lanes_halves __attribute__((vector_size(2 * LANES), may_alias));

/* Round up to whole panels; every row of working memory is as long as this. */
INLINE size_t padded(size_t size) { return (size + PANEL - 1) / PANEL * PANEL; }

/* Choose lane by lane; a mask is all ones or all zeros. */
INLINE lanes choose(lanes_bits mask, lanes yes, lanes no) {
    return (lanes)((mask & (lanes_bits)yes) | (~mask & (lanes_bits)no));
}

/* Compute exp(x) - 1 = scale * fraction + (scale - 1) with scale a power of two.
 *
 * x = n ln 2 + r with |r| <= ln 2 / 2, and exp(r) - 1 is its Taylor series to r^7, whose error is
 * below 2e-8 of its value. Nothing cancels near zero, where n = 0 and scale = 1.
 */
INLINE void exponential(lanes x, lanes *scale, lanes *fraction) {
    const float shift = 12582912.0f; /* 1.5 * 2^23: adding it rounds to an integer */
    const lanes zero = {0};
    /* Comparisons with NaN are false, so NaN is kept. */
    x = choose(x > zero + 88.0f, zero + 88.0f, x);
    x = choose(x < zero - 87.0f, zero - 87.0f, x);
    lanes n = x * 1.44269504f + shift;
    lanes_bits power = (lanes_bits)n - 0x4B400000; /* the bits of `shift` */
    n -= shift;
    lanes r = x - n * 0.693145752f; /* ln 2 in two parts, the first exact in 16 bits */
    r -= n * 1.42860682e-6f;
    lanes sum = zero + 1.0f / 5040;
    sum = sum * r + 1.0f / 720;
    sum = sum * r + 1.0f / 120;
    sum = sum * r + 1.0f / 24;
    sum = sum * r + 1.0f / 6;
    sum = sum * r + 0.5f;
    *fraction = sum * r * r + r;
    *scale = (lanes)((power + 127) << 23);
}

INLINE lanes sigmoid(lanes x) {
    lanes scale, fraction;
    exponential(-x, &scale, &fraction);
    return 1.0f / (1.0f + (fraction * scale + scale));
}

/* tanh |x| = (1 - exp(-2|x|)) / (1 + exp(-2|x|)), with the sign of x. */
INLINE lanes hyperbolic(lanes x) {
    lanes_bits sign = (lanes_bits)x & INT32_MIN;
    lanes scale, fraction, size = (lanes)((lanes_bits)x ^ sign);
    exponential(-2.0f * size, &scale, &fraction);
    lanes less = fraction * scale + (scale - 1.0f); /* exp(-2|x|) - 1 */
    lanes result = -less / (2.0f + less);
    return (lanes)((lanes_bits)result | sign);
}

/* A number of the caller's memory: float32, or with `half` bfloat16. */
INLINE float number_at(const void *from, int half, size_t at) {
    if (!half)
        return ((const float *)from)[at];
    uint32_t bits = (uint32_t)((const uint16_t *)from)[at] << 16;
    float value;
    memcpy(&value, &bits, sizeof value);
    return value;
}

/* Round to bfloat16, the upper half of a float32; ties to even, NaN stays NaN. */
INLINE uint16_t halved(float value) {
    uint32_t bits;
    memcpy(&bits, &value, sizeof bits);
    uint32_t nearest = (bits + 0x7FFF + ((bits >> 16) & 1)) >> 16;
    return (bits & 0x7FFFFFFF) > 0x7F800000 ? 0x7FC0 : (uint16_t)nearest;
}

/* Arrange `rows` x `columns` weights for `multiply`, as a panel of PANEL columns, row by row, or
 * with `dot` as bfloat16, two rows side by side. Element (k, j) stands at from[k * down +
 * j * across], float32, or with `half` bfloat16. The panel has `depth` rows, an even number; what
 * is beyond the weights is zero. */
INLINE void pack_panel(const void *from, int half, size_t down, size_t across, size_t rows,
                       size_t columns, size_t panel, size_t depth, int dot, float *to) {
    for (size_t k = 0; k < depth; k++)
        for (size_t j = 0; j < PANEL; j++) {
            size_t column = panel * PANEL + j, at = k * down + column * across;
            float value = k < rows && column < columns ? number_at(from, half, at) : 0.0f;
            if (dot)
                ((uint16_t *)to)[(k / 2 * PANEL + j) * 2 + k % 2] = halved(value);
            else
                to[k * PANEL + j] = value;
        }
}

/* sum + factor * weights, where with `dot` each 32 bits are two bfloat16 values. */
INLINE lanes add_product(int dot, lanes sum, float factor, lanes weights) {
#if HAS_DOT
    if (dot)
        return (lanes)_mm512_dpbf16_ps((__m512)sum, (__m512bh)_mm512_set1_ps(factor),
                                       (__m512bh)weights);
#endif
    (void)dot;
    return sum + factor * weights;
}

INLINE void tile(int dot, int rows, size_t depth, const float *a, size_t a_step, const lanes *b,
                 float *c, size_t c_step) {
    lanes sums[TILE][2];
#pragma GCC unroll 8
    for (int r = 0; r < rows; r++) {
        sums[r][0] = *(const lanes *)(c + r * c_step);
        sums[r][1] = *(const lanes *)(c + r * c_step + LANES);
    }
    for (size_t k = 0; k < depth; k++, b += 2) {
        lanes left = b[0], right = b[1];
#pragma GCC unroll 8
        for (int r = 0; r < rows; r++) {
            float factor = a[r * a_step + k];
            sums[r][0] = add_product(dot, sums[r][0], factor, left);
            sums[r][1] = add_product(dot, sums[r][1], factor, right);
        }
    }
#pragma GCC unroll 8
    for (int r = 0; r < rows; r++) {
        *(lanes *)(c + r * c_step) = sums[r][0];
        *(lanes *)(c + r * c_step + LANES) = sums[r][1];
    }
}

/* Rows that do not fill a tile take one of their own height, which costs their share of it. */
INLINE void rest(int dot, size_t rows, size_t depth, const float *a, size_t a_step, const lanes *b,
                 float *c, size_t c_step) {
    switch (rows) {
#define REST(n)                                            \
    case n:                                                \
        tile(dot, n, depth, a, a_step, b, c, c_step);      \
        break
        REST(1);
        REST(2);
        REST(3);
#if TILE > 4
        REST(4);
        REST(5);
#endif
#if TILE > 6
        REST(6);
        REST(7);
#endif
#undef REST
    }
}

INLINE void product(int dot, size_t rows, size_t depth, size_t panels, const float *a,
                    size_t a_step, const float *b, float *c, size_t c_step) {
    for (size_t panel = 0; panel < panels; panel++)
        for (size_t k = 0; k < depth; k += DEPTH) {
            const lanes *block = (const lanes *)(b + (panel * depth + k) * PANEL);
            size_t deep = depth - k < DEPTH ? depth - k : DEPTH, r = 0;
            const float *from = a + k;
            float *to = c + panel * PANEL;
            for (; r + TILE <= rows; r += TILE)
                tile(dot, TILE, deep, from + r * a_step, a_step, block, to + r * c_step, c_step);
            rest(dot, rows - r, deep, from + r * a_step, a_step, block, to + r * c_step, c_step);
        }
}

/* c += a b, with a [rows, depth], b from `pack_panel` and c [rows, panels * PANEL], and the rows of
 * a and of c that far apart, in floats; with `dot` the values of a and b are bfloat16, two in the
 * room of a float, and sums are float32 all the same. */
static void multiply(int dot, size_t rows, size_t depth, size_t panels, const float *a,
                     size_t a_step, const float *b, float *c, size_t c_step) {
    if (dot)
        product(1, rows, depth / 2, panels, a, a_step / 2, b, c, c_step);
    else
        product(0, rows, depth, panels, a, a_step, b, c, c_step);
}

/* Rows in the caller's memory: float32, or with `half` bfloat16. */
INLINE void read_row(const void *from, int half, size_t start, size_t size, float *to) {
    if (!half) {
        memcpy(to, (const float *)from + start, size * sizeof(float));
        return;
    }
    for (size_t j = 0; j < size; j++)
        to[j] = number_at(from, 1, start + j);
}

/* Some numbers of such a row. */
INLINE lanes get_lanes(const void *from, int half, size_t start) {
    lanes found;
    if (!half) {
        memcpy(&found, (const float *)from + start, sizeof found);
        return found;
    }
    lanes_halves values;
    memcpy(&values, (const uint16_t *)from + start, sizeof values);
    return (lanes)(__builtin_convertvector(values, lanes_bits) << 16);
}

INLINE void put_lanes(void *to, int half, size_t start, lanes values) {
    if (!half) {
        memcpy((float *)to + start, &values, sizeof values);
        return;
    }
#if HAS_DOT
    __m256bh rounded = _mm512_cvtneps_pbh((__m512)values);
    memcpy((uint16_t *)to + start, &rounded, sizeof rounded);
#else
    for (int i = 0; i < LANES; i++)
        ((uint16_t *)to)[start + i] = halved(values[i]);
#endif
}

INLINE void write_row(void *to, int half, size_t start, size_t size, const float *from) {
    if (!half) {
        memcpy((float *)to + start, from, size * sizeof(float));
        return;
    }
    size_t j = 0;
    for (; j + LANES <= size; j += LANES)
        put_lanes(to, 1, start + j, get_lanes(from, 0, j));
    for (; j < size; j++)
        ((uint16_t *)to)[start + j] = halved(from[j]);
}

INLINE void clear_row(void *to, int half, size_t start, size_t size) {
    size_t bytes = half ? sizeof(uint16_t) : sizeof(float);
    memset((char *)to + start * bytes, 0, size * bytes);
}

INLINE void copy_row(void *to, size_t to_start, const void *from, size_t start, int half,
                     size_t size) {
    size_t bytes = half ? sizeof(uint16_t) : sizeof(float);
    memcpy((char *)to + to_start * bytes, (const char *)from + start * bytes, size * bytes);
}

#endif
