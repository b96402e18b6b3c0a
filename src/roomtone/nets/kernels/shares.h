/* How the work on a batch is described, cut into shares and spread over threads.
 *
 * A share is a direction times some of the texts. It steps through its longest text, its texts
 * sorted by length, so that those still running at a step come first.
 */
#ifndef ROOMTONE_SHARES_H
#define ROOMTONE_SHARES_H

#include "lanes.h"
#include "threads.h"

enum { INPUT, FORGET, CELL, OUTPUT, MEMORY, KEPT };

/* Mirrored by `Job` in library.py. P is batch * width positions, H the hidden size, Hp = padded(H).
 * "half" values are bfloat16 if `half` is set and float32 otherwise. */
typedef struct {
    int64_t batch, width, hidden, rows; /* `rows` of `projected` */
    int64_t shares, threads, half, half_weights;
    const int64_t *lengths;   /* [batch] */
    const int64_t *places;    /* [P], the row of each position; NULL where they are 0, 1, 2... */
    const void *weights[2];   /* [4H, H], float32, or with `half_weights` bfloat16 */
    const void *projected;    /* half [rows, 2, 4H], forward only */
    void *states;             /* half [P, 2, H], written by forward */
    void *kept;               /* half [P, 2, KEPT, Hp], from forward to backward; may be NULL */
    const void *upstream;     /* half [P, 2, H], gradient of `states` */
    void *gates;              /* half [P, 2, 4H], gradient of the gates, written by backward */
    void *before;             /* half [P, 2, H], states one step earlier, written by backward */
    void *summed;             /* half [rows, 2, 4H], sums of `gates`, where `places` is given */
    float *work;              /* as long as `lstm_work` says, aligned to 64 bytes */
    int64_t *order;           /* working memory, as long as `lstm_order` says */
    parallel_region *parallel; /* GOMP_parallel, or NULL */
} job;

typedef struct {
    const job *j;
    size_t direction, count, first, stride, hp; /* texts order[first], order[first + stride]... */
    int dot;                                    /* whether products take bfloat16 */
    float *gates, *hidden, *memory, *upstream;  /* [count, 4Hp], [count, Hp] twice, [Hp] */
    float *halves;                              /* room for `gates` as bfloat16 */
    const float *packed;
} share;

static void run(const job *j, void (*task)(const void *, size_t), size_t count) {
    share_out(j, task, count, j->threads, j->parallel);
}

static size_t texts_of_share(const job *j) { return (j->batch + j->shares - 1) / j->shares; }

static size_t floats_of_share(const job *j) {
    return (texts_of_share(j) * 8 + 1) * padded(j->hidden);
}

static size_t floats_of_weights(const job *j) { return 4 * padded(j->hidden) * padded(j->hidden); }

/* With bfloat16 inputs the recurrent product is one of bfloat16 too, where that is faster. */
static int dot_of(const job *j) { return HAS_DOT && j->half; }

/* A packed panel of a product of this depth; bfloat16 takes half the room. */
static size_t floats_of_panel(const job *j, size_t depth) {
    return PANEL * (dot_of(j) ? depth / 2 : depth);
}

static size_t length_of(const job *j, size_t text) {
    int64_t length = j->lengths[text];
    return length < 0 ? 0 : length > j->width ? j->width : length;
}

/* Sort the texts by length, longest first, equal ones in their own order. */
static void sort_texts(const job *j) {
    int64_t *starts = j->order + j->batch;
    memset(starts, 0, (j->width + 2) * sizeof *starts);
    for (int64_t text = 0; text < j->batch; text++)
        starts[j->width - length_of(j, text) + 1]++;
    for (int64_t i = 0; i < j->width; i++)
        starts[i + 1] += starts[i];
    for (int64_t text = 0; text < j->batch; text++)
        j->order[starts[j->width - length_of(j, text)]++] = text;
}

static share share_of(const job *j, size_t index) {
    share s = {.j = j, .direction = index % 2, .first = index / 2, .stride = j->shares};
    s.hp = padded(j->hidden);
    s.dot = dot_of(j);
    s.count = s.first < (size_t)j->batch ? (j->batch - s.first + s.stride - 1) / s.stride : 0;
    s.packed = j->work + s.direction * floats_of_weights(j);
    s.gates = j->work + 2 * floats_of_weights(j) + index * floats_of_share(j);
    s.hidden = s.gates + s.count * 4 * s.hp;
    s.memory = s.hidden + s.count * s.hp;
    s.upstream = s.memory + s.count * s.hp;
    s.halves = s.upstream + s.hp;
    memset(s.gates, 0, floats_of_share(j) * sizeof(float));
    return s;
}

static size_t text_of(const share *s, size_t i) { return s->j->order[s->first + i * s->stride]; }

static size_t texts_running(const share *s, size_t step, size_t count) {
    while (count > 0 && length_of(s->j, text_of(s, count - 1)) <= step)
        count--;
    return count;
}

/* Position of a text's step, in the flattened batch. */
static size_t position_of(const share *s, size_t text, size_t step) {
    size_t start = text * s->j->width;
    return s->direction ? start + length_of(s->j, text) - 1 - step : start + step;
}

static size_t kept_at(const share *s, size_t position) {
    return (position * 2 + s->direction) * KEPT * s->hp;
}

#endif
