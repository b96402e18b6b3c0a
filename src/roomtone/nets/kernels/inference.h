/* A trained network as it is laid out for scoring, and the products of it.
 *
 * Every row is as long as `padded` says, filled up with zeros: the states of a position are two
 * rows of Hp, the responses of the filters of one size a row of Fp, a head of attention one of Dp.
 */
#ifndef ROOMTONE_INFERENCE_H
#define ROOMTONE_INFERENCE_H

#include "lanes.h"

enum { MOST = 8 };    /* filter sizes, LSTM layers or classifier layers */
enum { GROUP = 32 };  /* texts that step together */
enum { BLOCK = 64 };  /* positions whose products are made at once */

/* a W + b, with a [rows, depth] and the result [rows, columns]; mirrored in inference.py. */
typedef struct {
    int64_t depth, columns;
    const float *weights, *bias; /* from `pack_panel`; [columns], or NULL for zeros */
} layer;

/* Mirrored by `Network` in inference.py. Sizes are padded but for `classes` and `state`. */
typedef struct {
    int64_t dot; /* whether products take bfloat16 */
    int64_t sizes, filters, hidden, layers, heads, head, dense, classes;
    int64_t features;           /* depth of the first classifier layer */
    int64_t state;              /* features of a state, padding left out */
    int64_t size[MOST];         /* of the filters, in tokens */
    layer words;                /* a word's vector to its part of each filter, then its gates */
    layer inputs[MOST][2];      /* of the layers above the first, [2Hp -> 4Hp] */
    layer recurrent[MOST][2];   /* [Hp -> 4Hp] */
    layer attention, output;    /* query, key and value of each head; back to states */
    layer pooling;              /* to the hidden layer of the pooling */
    layer classifier[MOST];
    const float *filter_bias;   /* [sizes * Fp] */
    const float *gain, *shift;  /* of the layer normalisation, [2Hp] */
    const float *real;          /* 1 for a feature and 0 for padding, [2Hp] */
    const float *score;         /* [columns of `pooling`] */
    double epsilon;             /* of the layer normalisation */
} network;

/* Mirrored by `Call` in inference.py. */
typedef struct {
    const network *net;
    int64_t texts, rows;     /* rows of `vectors`: distinct words */
    const float *vectors;    /* [rows, depth of `words`] */
    const int64_t *starts;   /* [texts + 1], where each text begins in `places` */
    const int64_t *places;   /* the row of each token */
    const int64_t *order;    /* [texts], by falling length */
    float *table;            /* [rows, columns of `words`] */
    float *work;             /* as long as `inference_work` says, aligned to 64 bytes */
    float *logits;           /* [texts, classes] */
} call;

/* c += a W; `halves` has room for a as bfloat16. */
static void add_layer(int64_t dot, const layer *l, size_t rows, const float *a, float *halves,
                      float *c) {
    size_t depth = l->depth, panels = l->columns / PANEL;
    if (dot) {
        write_row(halves, 1, 0, rows * depth, a);
        a = halves;
    }
    multiply(dot, rows, depth, panels, a, depth, l->weights, c, l->columns);
}

/* c = a W + b. */
static void apply_layer(int64_t dot, const layer *l, size_t rows, const float *a, float *halves,
                        float *c) {
    for (size_t row = 0; row < rows; row++)
        if (l->bias)
            memcpy(c + row * l->columns, l->bias, l->columns * sizeof(float));
        else
            memset(c + row * l->columns, 0, l->columns * sizeof(float));
    add_layer(dot, l, rows, a, halves, c);
}

INLINE lanes larger(lanes a, lanes b) { return choose(a > b, a, b); }

INLINE float sum_of(lanes values) {
    float sum = 0.0f;
    for (int i = 0; i < LANES; i++)
        sum += values[i];
    return sum;
}

INLINE float largest_of(lanes values) {
    float top = values[0];
    for (int i = 1; i < LANES; i++)
        top = values[i] > top ? values[i] : top;
    return top;
}

/* Softmax of the first `count` values of a row; the rest of it becomes next to nothing. */
static void soften(float *row, size_t count) {
    size_t size = padded(count);
    const lanes zero = {0};
    for (size_t j = count; j < size; j++)
        row[j] = -__builtin_inff();
    lanes top = *(lanes *)row, sum = zero;
    for (size_t j = LANES; j < size; j += LANES)
        top = larger(top, *(lanes *)(row + j));
    float highest = largest_of(top);
    for (size_t j = 0; j < size; j += LANES) {
        lanes scale, fraction;
        exponential(*(lanes *)(row + j) - highest, &scale, &fraction);
        *(lanes *)(row + j) = fraction * scale + scale;
        sum += *(lanes *)(row + j);
    }
    float share = 1.0f / sum_of(sum);
    for (size_t j = 0; j < size; j += LANES)
        *(lanes *)(row + j) *= share;
}

#endif
