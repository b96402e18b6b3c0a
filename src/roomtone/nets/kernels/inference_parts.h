/* The parts of the network, each over one text, some texts or one group of them. */
#ifndef ROOMTONE_INFERENCE_PARTS_H
#define ROOMTONE_INFERENCE_PARTS_H

#include "inference.h"

typedef struct {
    size_t count, start[GROUP], length[GROUP]; /* positions within the group */
    const int64_t *places[GROUP];
    int64_t text[GROUP];
} group;

typedef struct {
    float *states[2];                        /* [positions, 2Hp], of a layer and of the one below */
    float *gates, *hidden, *memory, *inputs; /* [GROUP, 4Hp], [GROUP, Hp] twice, [GROUP, 2Hp] */
    float *halves, *mixing, *mixed;          /* operands; [rows, 3A] and [rows, A] of a block */
    float *keys, *values, *scores;           /* of a head */
    float *normal, *pooled, *weights;        /* [rows, 2Hp]; hidden layer of the pooling; [T] */
    float *features, *dense[2];              /* [GROUP, widest] each */
} buffers;

/* The strongest response of each filter to any window of a text; zero stands outside the text. */
static void convolve(const call *c, const int64_t *places, size_t length, float *features) {
    const network *n = c->net;
    size_t step = n->words.columns, part = 0;
    for (size_t s = 0; s < (size_t)n->sizes; part += n->size[s++])
        for (size_t f = 0; f < (size_t)n->filters; f += PANEL) {
            lanes zero = {0}, left = zero - __builtin_inff(), right = left;
            for (size_t p = 0; p < length; p++) {
                lanes sums[2] = {zero, zero};
                for (size_t k = 0; k < (size_t)n->size[s]; k++) {
                    size_t q = p + k - n->size[s] / 2; /* wraps around below zero */
                    if (q >= length)
                        continue;
                    const float *row = c->table + places[q] * step + (part + k) * n->filters + f;
                    sums[0] += *(const lanes *)row;
                    sums[1] += *(const lanes *)(row + LANES);
                }
                left = larger(sums[0], left);
                right = larger(sums[1], right);
            }
            const lanes *bias = (const lanes *)(n->filter_bias + s * n->filters + f);
            lanes *to = (lanes *)(features + s * n->filters + f);
            to[0] = larger(left + bias[0], zero);
            to[1] = larger(right + bias[1], zero);
        }
}

static void step_cell(const float *gates, float *memory, float *hidden, float *state, size_t hp) {
    for (size_t k = 0; k < hp; k += LANES) {
        lanes input = sigmoid(*(const lanes *)(gates + k));
        lanes forget = sigmoid(*(const lanes *)(gates + hp + k));
        lanes cell = hyperbolic(*(const lanes *)(gates + 2 * hp + k));
        lanes output = sigmoid(*(const lanes *)(gates + 3 * hp + k));
        lanes now = forget * *(lanes *)(memory + k) + input * cell;
        *(lanes *)(memory + k) = now;
        *(lanes *)(hidden + k) = *(lanes *)(state + k) = output * hyperbolic(now);
    }
}

/* One direction of one LSTM layer; the first layer's share of the gates stands in the table. */
static void recur(const call *c, const buffers *b, const group *g, size_t level, size_t side) {
    const network *n = c->net;
    size_t hp = n->hidden, running = g->count, first = n->words.columns - (2 - side) * 4 * hp;
    float *states = b->states[level % 2];
    const float *below = b->states[1 - level % 2];
    memset(b->memory, 0, running * hp * sizeof(float));
    for (size_t step = 0;; step++) {
        while (running > 0 && g->length[running - 1] <= step)
            running--;
        if (running == 0)
            return;
        size_t at[GROUP];
        for (size_t i = 0; i < running; i++) {
            size_t place = side ? g->length[i] - 1 - step : step;
            at[i] = g->start[i] + place;
            if (level == 0)
                memcpy(b->gates + i * 4 * hp,
                       c->table + g->places[i][place] * n->words.columns + first,
                       4 * hp * sizeof(float));
            else
                memcpy(b->inputs + i * 2 * hp, below + at[i] * 2 * hp, 2 * hp * sizeof(float));
        }
        if (level > 0)
            apply_layer(n->dot, &n->inputs[level][side], running, b->inputs, b->halves, b->gates);
        if (step > 0)
            add_layer(n->dot, &n->recurrent[level][side], running, b->hidden, b->halves, b->gates);
        for (size_t i = 0; i < running; i++)
            step_cell(b->gates + i * 4 * hp, b->memory + i * hp, b->hidden + i * hp,
                      states + (at[i] * 2 + side) * hp, hp);
    }
}

/* One head of self-attention over one text. */
static void mix(const network *n, const buffers *b, const float *query, size_t length, float *to) {
    size_t d = n->head, a = n->heads * d, across = padded(length);
    const float *key = query + a, *value = query + 2 * a;
    memset(b->keys, 0, d * across * sizeof(float));
    for (size_t t = 0; t < length; t++)
        for (size_t k = 0; k < d; k++) {
            b->keys[(t / PANEL * d + k) * PANEL + t % PANEL] = key[t * 3 * a + k];
            b->values[(k / PANEL * length + t) * PANEL + k % PANEL] = value[t * 3 * a + k];
        }
    memset(b->scores, 0, length * across * sizeof(float));
    multiply(0, length, d, across / PANEL, query, 3 * a, b->keys, b->scores, across);
    for (size_t t = 0; t < length; t++)
        soften(b->scores + t * across, length);
    multiply(0, length, length, d / PANEL, b->scores, across, b->values, to, a);
}

static void normalise(const network *n, float *row) {
    size_t size = 2 * n->hidden;
    lanes sum = {0}, squares = {0};
    for (size_t k = 0; k < size; k += LANES)
        sum += *(lanes *)(row + k);
    float mean = sum_of(sum) / n->state, variance;
    for (size_t k = 0; k < size; k += LANES) {
        lanes centred = (*(lanes *)(row + k) - mean) * *(const lanes *)(n->real + k);
        *(lanes *)(row + k) = centred;
        squares += centred * centred;
    }
    variance = sum_of(squares) / n->state;
    float scale = 1.0f / __builtin_sqrtf(variance + (float)n->epsilon);
    for (size_t k = 0; k < size; k += LANES)
        *(lanes *)(row + k) = *(lanes *)(row + k) * scale * *(const lanes *)(n->gain + k) +
                              *(const lanes *)(n->shift + k);
}

/* The weighted mean of a text's positions; `hidden` is the pooling's layer before its tanh. */
static void pool(const network *n, const buffers *b, const float *rows, const float *hidden,
                 size_t length, float *to) {
    size_t size = 2 * n->hidden, wide = n->pooling.columns;
    for (size_t t = 0; t < length; t++) {
        lanes sum = {0};
        for (size_t k = 0; k < wide; k += LANES)
            sum += hyperbolic(*(const lanes *)(hidden + t * wide + k)) *
                   *(const lanes *)(n->score + k);
        b->weights[t] = sum_of(sum);
    }
    soften(b->weights, length);
    memset(to, 0, size * sizeof(float));
    for (size_t t = 0; t < length; t++)
        for (size_t k = 0; k < size; k += LANES)
            *(lanes *)(to + k) += b->weights[t] * *(const lanes *)(rows + t * size + k);
}

/* Self-attention and pooling of some texts of a group, whose positions follow one another. */
static void attend(const network *n, const buffers *b, const group *g, size_t from, size_t to) {
    size_t size = 2 * n->hidden, a = n->heads * n->head, begin = g->start[from];
    size_t rows = g->start[to - 1] + g->length[to - 1] - begin;
    const float *states = b->states[(n->layers - 1) % 2] + begin * size;
    apply_layer(n->dot, &n->attention, rows, states, b->halves, b->mixing);
    memset(b->mixed, 0, rows * a * sizeof(float));
    for (size_t i = from; i < to; i++)
        for (size_t head = 0; head < (size_t)n->heads; head++) {
            size_t row = g->start[i] - begin;
            mix(n, b, b->mixing + row * 3 * a + head * n->head, g->length[i],
                b->mixed + row * a + head * n->head);
        }
    apply_layer(n->dot, &n->output, rows, b->mixed, b->halves, b->normal);
    for (size_t k = 0; k < rows * size; k += LANES)
        *(lanes *)(b->normal + k) += *(const lanes *)(states + k);
    for (size_t row = 0; row < rows; row++)
        normalise(n, b->normal + row * size);
    apply_layer(n->dot, &n->pooling, rows, b->normal, b->halves, b->pooled);
    for (size_t i = from; i < to; i++) {
        size_t row = g->start[i] - begin;
        float *features = b->features + i * n->features + n->sizes * n->filters;
        pool(n, b, b->normal + row * size, b->pooled + row * n->pooling.columns, g->length[i],
             features);
    }
}

static void classify(const call *c, const buffers *b, const group *g) {
    const network *n = c->net;
    const float *from = b->features;
    const lanes zero = {0};
    for (size_t l = 0; l < (size_t)n->dense; l++) {
        size_t wide = n->classifier[l].columns;
        float *to = b->dense[l % 2];
        apply_layer(n->dot, &n->classifier[l], g->count, from, b->halves, to);
        if (l + 1 < (size_t)n->dense)
            for (size_t k = 0; k < g->count * wide; k += LANES)
                *(lanes *)(to + k) = larger(*(lanes *)(to + k), zero);
        else
            for (size_t i = 0; i < g->count; i++)
                memcpy(c->logits + g->text[i] * n->classes, to + i * wide,
                       n->classes * sizeof(float));
        from = to;
    }
}

#endif
