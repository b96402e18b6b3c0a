/* Scaled dot-product attention within each text, and its gradient.
 *
 * A text attends to its own tokens alone, so that padding costs nothing; what stands on padding is
 * zero. The weights are computed anew on the way back, which takes less time than keeping them.
 * Arithmetic is float32.
 */
#include "attention.h"

static size_t floats_of_share(const attending *j) {
    size_t lp = padded(j->width), dp = padded(j->size);
    return j->width * (2 * dp + 3 * lp) + lp * dp;
}

int64_t attention_work(const attending *j) { return j->shares * floats_of_share(j); }

static head head_of(const attending *j, size_t share, size_t index) {
    head h = {.j = j, .text = index / j->heads, .head = index % j->heads};
    int64_t length = j->lengths[h.text];
    h.length = length < 0 ? 0 : length > j->width ? j->width : length;
    h.lp = padded(h.length), h.dp = padded(j->size);
    h.rows = j->work + share * floats_of_share(j);
    h.sums = h.rows + h.length * h.dp;
    h.square = h.sums + h.length * h.dp;
    h.turned = h.square + h.length * h.lp;
    h.change = h.turned + h.length * h.lp;
    h.packed = h.change + h.length * h.lp;
    return h;
}

/* Where a token's row of a head stands among rows of so many parts. */
static size_t row_at(const head *h, size_t token, size_t parts, size_t part) {
    size_t row = (h->text * h->j->width + token) * parts + part;
    return (row * h->j->heads + h->head) * h->j->size;
}

static const char *from_row(const head *h, const void *rows, size_t parts, size_t part) {
    size_t bytes = h->j->half ? sizeof(uint16_t) : sizeof(float);
    return (const char *)rows + row_at(h, 0, parts, part) * bytes;
}

static void read_rows(const head *h, const void *rows, size_t parts, size_t part, float *to) {
    memset(to, 0, h->length * h->dp * sizeof *to);
    for (size_t i = 0; i < h->length; i++)
        read_row(rows, h->j->half, row_at(h, i, parts, part), h->j->size, to + i * h->dp);
}

/* Write the sums times `scale`. */
static void write_sums(const head *h, float scale, size_t parts, size_t part, void *to) {
    for (size_t i = 0; i < h->length * h->dp; i++)
        h->sums[i] *= scale;
    for (size_t i = 0; i < h->length; i++)
        write_row(to, h->j->half, row_at(h, i, parts, part), h->j->size, h->sums + i * h->dp);
}

/* to = a b^T, a square, with b rows of the caller's memory. */
static void compare(const head *h, const float *a, const void *b, size_t parts, size_t part,
                    float *to) {
    size_t d = h->j->size, across = parts * h->j->heads * d;
    const char *from = from_row(h, b, parts, part);
    for (size_t panel = 0; panel < h->lp / PANEL; panel++)
        pack_panel(from, h->j->half, 1, across, d, h->length, panel, h->dp, 0,
                   h->packed + panel * h->dp * PANEL);
    memset(to, 0, h->length * h->lp * sizeof *to);
    multiply(0, h->length, h->dp, h->lp / PANEL, a, h->dp, h->packed, to, h->lp);
}

/* sums = a b, with a square and b rows of the caller's memory. */
static void mix(const head *h, const float *a, const void *b, size_t parts, size_t part) {
    size_t d = h->j->size, down = parts * h->j->heads * d;
    const char *from = from_row(h, b, parts, part);
    for (size_t panel = 0; panel < h->dp / PANEL; panel++)
        pack_panel(from, h->j->half, down, 1, h->length, d, panel, h->length, 0,
                   h->packed + panel * h->length * PANEL);
    memset(h->sums, 0, h->length * h->dp * sizeof *h->sums);
    multiply(0, h->length, h->length, h->dp / PANEL, a, h->lp, h->packed, h->sums, h->dp);
}

static float scale_of(const head *h) { return 1.0 / __builtin_sqrt(h->j->size); }

/* Leave the weights in `square`, a row for each key, so that vectors run along the queries. */
static void weigh(const head *h) {
    float scale = scale_of(h);
    read_rows(h, h->j->parts, PARTS, KEY, h->rows);
    compare(h, h->rows, h->j->parts, PARTS, QUERY, h->square);
    for (size_t k = 0; k < h->lp; k += LANES) {
        lanes largest = *(lanes *)(h->square + k), sum = {0}, power, fraction;
        for (size_t i = 1; i < h->length; i++) {
            lanes score = *(lanes *)(h->square + i * h->lp + k);
            largest = choose(score > largest, score, largest);
        }
        for (size_t i = 0; i < h->length; i++) {
            lanes *score = (lanes *)(h->square + i * h->lp + k);
            exponential((*score - largest) * scale, &power, &fraction);
            *score = fraction * power + power;
            sum += *score;
        }
        for (size_t i = 0; i < h->length; i++)
            *(lanes *)(h->square + i * h->lp + k) /= sum;
    }
}

/* Turn gradients of the weights, in `change`, into those of the scores. */
static void change_scores(const head *h) {
    for (size_t k = 0; k < h->lp; k += LANES) {
        lanes sum = {0};
        for (size_t i = k; i < h->length * h->lp; i += h->lp)
            sum += *(lanes *)(h->square + i) * *(lanes *)(h->change + i);
        for (size_t i = k; i < h->length * h->lp; i += h->lp) {
            lanes *change = (lanes *)(h->change + i);
            *change = *(lanes *)(h->square + i) * (*change - sum);
        }
    }
}

static void turn(const head *h, const float *square) {
    for (size_t i = 0; i < h->length; i++)
        for (size_t k = 0; k < h->length; k++)
            h->turned[k * h->lp + i] = square[i * h->lp + k];
}

static void forward_head(const head *h) {
    const attending *j = h->j;
    weigh(h);
    turn(h, h->square);
    mix(h, h->turned, j->parts, PARTS, VALUE);
    write_sums(h, 1.0f, 1, 0, j->mixed);
    for (size_t i = h->length; i < (size_t)j->width; i++)
        clear_row(j->mixed, j->half, row_at(h, i, 1, 0), j->size);
}

static void backward_head(const head *h) {
    const attending *j = h->j;
    weigh(h);
    mix(h, h->square, j->upstream, 1, 0);
    write_sums(h, 1.0f, PARTS, VALUE, j->gradient);
    read_rows(h, j->parts, PARTS, VALUE, h->rows);
    compare(h, h->rows, j->upstream, 1, 0, h->change);
    change_scores(h);
    mix(h, h->change, j->parts, PARTS, QUERY);
    write_sums(h, scale_of(h), PARTS, KEY, j->gradient);
    turn(h, h->change);
    mix(h, h->turned, j->parts, PARTS, KEY);
    write_sums(h, scale_of(h), PARTS, QUERY, j->gradient);
    for (size_t i = h->length; i < (size_t)j->width; i++)
        for (size_t part = 0; part < PARTS; part++)
            clear_row(j->gradient, j->half, row_at(h, i, PARTS, part), j->size);
}

static void forward_share(const void *pointer, size_t share) {
    const attending *j = pointer;
    for (size_t i = share; i < (size_t)(j->batch * j->heads); i += j->shares) {
        head h = head_of(j, share, i);
        forward_head(&h);
    }
}

static void backward_share(const void *pointer, size_t share) {
    const attending *j = pointer;
    for (size_t i = share; i < (size_t)(j->batch * j->heads); i += j->shares) {
        head h = head_of(j, share, i);
        backward_head(&h);
    }
}

int attention_forward(const attending *j) {
    share_out(j, forward_share, j->shares, j->threads, j->parallel);
    return 0;
}

int attention_backward(const attending *j) {
    share_out(j, backward_share, j->shares, j->threads, j->parallel);
    return 0;
}
