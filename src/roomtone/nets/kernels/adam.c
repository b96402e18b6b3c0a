/* Adam over all parameters at once, from float32 or bfloat16 gradients, and the norm of these.
 *
 * After Kingma & Ba (2015), or with the decay of Loshchilov & Hutter (2019). Where a parameter has
 * a copy in bfloat16, this is written on the way. Sums do not depend on the number of threads.
 */
#include "adam.h"

static int64_t rows_of_span(const part *p) { return p->size < SPAN ? SPAN / p->size : 1; }

static int64_t spans_of(const part *p) {
    int64_t rows = rows_of_span(p);
    return (p->count + rows - 1) / rows;
}

/* Find the part that a span belongs to; `index` becomes the span's number within it. */
static const part *part_of(const moves *m, size_t *index) {
    const part *p = m->parts;
    for (; *index >= (size_t)spans_of(p); p++)
        *index -= spans_of(p);
    return p;
}

INLINE double squares(const part *p, int half, size_t from, size_t count) {
    float sums[STRIP] = {0};
    double sum = 0.0;
    size_t k = 0;
    for (; k + STRIP <= count; k += STRIP)
        for (size_t i = 0; i < STRIP; i++) {
            float value = number_at(p->gradient, half, from + k + i);
            sums[i] += value * value;
        }
    for (; k < count; k++) {
        float value = number_at(p->gradient, half, from + k);
        sum += value * value;
    }
    for (size_t i = 0; i < STRIP; i++)
        sum += sums[i];
    return sum;
}

/* Sum the squares of a span's gradients. */
static void sum_span(const void *pointer, size_t index) {
    const moves *m = pointer;
    size_t number = index;
    const part *p = part_of(m, &number);
    int64_t first = number * rows_of_span(p), left = p->count - first;
    size_t count = (left < rows_of_span(p) ? left : rows_of_span(p)) * p->size;
    m->sums[index] = p->half ? squares(p, 1, first * p->size, count)
                             : squares(p, 0, first * p->size, count);
}

/* Move the numbers from `to` on by the gradients from `from` on. */
INLINE void move(const moves *m, const part *p, int half, int copied, size_t to, size_t from,
                 size_t count) {
    float *restrict values = p->values + to, *restrict first = p->first + to;
    float *restrict second = p->second + to;
    uint16_t *restrict copy = p->copy + (copied ? to : 0);
    const group *g = p->group;
    float scale = m->scale, decay = g->decoupled ? 0.0 : g->decay;
    float kept = g->decoupled ? 1.0 - g->rate * g->decay : 1.0;
    float rest1 = 1.0 - g->beta1, beta2 = g->beta2, rest2 = 1.0 - g->beta2, eps = g->eps;
    float rate = g->rate / p->correction1, root = 1.0 / __builtin_sqrt(p->correction2);
    for (size_t k = 0; k < count; k++) {
        float gradient = number_at(p->gradient, half, from + k) * scale + decay * values[k];
        first[k] += rest1 * (gradient - first[k]);
        second[k] = beta2 * second[k] + rest2 * gradient * gradient;
        values[k] = kept * values[k] - rate * first[k] / (__builtin_sqrtf(second[k]) * root + eps);
        if (copied)
            copy[k] = halved(values[k]);
    }
}

static void move_some(const moves *m, const part *p, size_t to, size_t from, size_t count) {
    if (p->half)
        p->copy ? move(m, p, 1, 1, to, from, count) : move(m, p, 1, 0, to, from, count);
    else
        p->copy ? move(m, p, 0, 1, to, from, count) : move(m, p, 0, 0, to, from, count);
}

static void move_span(const void *pointer, size_t index) {
    const moves *m = pointer;
    const part *p = part_of(m, &index);
    int64_t first = index * rows_of_span(p), left = p->count - first, size = p->size;
    int64_t rows = left < rows_of_span(p) ? left : rows_of_span(p);
    if (!p->moved) {
        move_some(m, p, first * size, first * size, rows * size);
        return;
    }
    for (int64_t row = first; row < first + rows; row++)
        move_some(m, p, p->moved[row] * size, row * size, size);
}

int64_t adam_spans(const moves *m) {
    int64_t sum = 0;
    for (int64_t i = 0; i < m->count; i++)
        sum += spans_of(m->parts + i);
    return sum;
}

/* Sum the squares of all gradients into sums[0]; a parameter without one has a `count` of 0. */
int adam_squares(const moves *m) {
    int64_t count = adam_spans(m);
    double sum = 0.0;
    share_out(m, sum_span, count, m->threads, m->parallel);
    for (int64_t i = 0; i < count; i++)
        sum += m->sums[i];
    m->sums[0] = sum;
    return 0;
}

static double power(double base, int64_t exponent) {
    double result = 1.0;
    for (; exponent > 0; exponent /= 2, base *= base)
        result *= exponent % 2 ? base : 1.0;
    return result;
}

int adam_move(const moves *m) {
    for (part *p = m->parts; p < m->parts + m->count; p++)
        if (p->given) {
            int64_t steps = ++*p->steps;
            p->correction1 = 1.0 - power(p->group->beta1, steps);
            p->correction2 = 1.0 - power(p->group->beta2, steps);
        }
    share_out(m, move_span, adam_spans(m), m->threads, m->parallel);
    return 0;
}
