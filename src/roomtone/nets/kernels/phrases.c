/* The strongest response of each filter to any window of a text, the rows that it met, and its
 * gradient.
 *
 * A response is a sum over the window's words of products that are made already, once for each
 * distinct word. Sums are float32, added in the order of the window; gradients in that of the
 * texts.
 */
#include "phrases.h"

/* Add a row of the table to some sums. */
static void add_row(const pooling *j, size_t start, size_t count, float *sums) {
    float more[STRIP];
    read_row(j->table, j->half, start, count, more);
    for (size_t f = 0; f < count; f++)
        sums[f] += more[f];
}

/* The row that the part `k` of a window at `place` meets; beyond the text, the last one. */
static int64_t row_at(const pooling *j, size_t text, int64_t place, int64_t k, int64_t size) {
    int64_t position = place + k - size / 2;
    int inside = position >= 0 && position < j->lengths[text];
    return inside ? j->places[text * j->width + position] : j->rows - 1;
}

/* Some filters of one size over one text. */
static void pool(const pooling *j, size_t text, size_t s, size_t part, size_t first, size_t count) {
    float best[STRIP], sums[STRIP];
    int32_t where[STRIP] = {0};
    int64_t size = j->size[s];
    for (size_t f = 0; f < count; f++)
        best[f] = -__builtin_inff();
    for (int32_t place = 0; place < j->lengths[text]; place++) {
        memset(sums, 0, count * sizeof *sums);
        for (int64_t k = 0; k < size; k++) {
            size_t row = row_at(j, text, place, k, size) * j->parts + part + k;
            add_row(j, row * j->filters + first, count, sums);
        }
        for (size_t f = 0; f < count; f++) {
            /* Of equal ones the first; and NaN stays, so that a diverged training is noticed. */
            int better = (sums[f] > best[f]) | (sums[f] != sums[f]);
            where[f] = better ? place : where[f];
            best[f] = better ? sums[f] : best[f];
        }
    }
    memcpy(j->strongest + (text * j->sizes + s) * j->filters + first, best, count * sizeof *best);
    for (int64_t k = 0; k < size; k++)
        for (size_t f = 0; f < count; f++)
            j->reached[((part + k) * j->filters + first + f) * j->batch + text] =
                row_at(j, text, where[f], k, size);
}

static void pool_text(const void *pointer, size_t text) {
    const pooling *j = pointer;
    size_t part = 0;
    for (size_t s = 0; s < (size_t)j->sizes; part += j->size[s++])
        for (size_t first = 0; first < (size_t)j->filters; first += STRIP) {
            size_t left = j->filters - first;
            pool(j, text, s, part, first, left < STRIP ? left : STRIP);
        }
}

/* Return 1, with nothing written, if a text is empty or too long, or a place is no row. */
int phrases_forward(const pooling *j) {
    for (int64_t text = 0; text < j->batch; text++) {
        if (j->lengths[text] < 1 || j->lengths[text] > j->width)
            return 1;
        for (int64_t i = 0; i < j->lengths[text]; i++) {
            int64_t row = j->places[text * j->width + i];
            if (row < 0 || row >= j->rows)
                return 1;
        }
    }
    share_out(j, pool_text, j->batch, j->threads, j->parallel);
    return 0;
}

/* What reaches the products of some filters of one part: sums over texts, row by row. */
static void spread(const spreading *j, float *sums, size_t part, size_t s, size_t first) {
    size_t left = j->filters - first, count = left < PANEL ? left : PANEL;
    const float *gradient = j->gradient + s * j->filters + first;
    const int64_t *reached = j->reached + (part * j->filters + first) * j->batch;
    memset(sums, 0, j->rows * PANEL * sizeof *sums);
    for (size_t f = 0; f < count; f++)
        for (int64_t text = 0; text < j->batch; text++) {
            uint64_t row = reached[f * j->batch + text];
            if (row < (uint64_t)j->rows) /* else it stood outside the text */
                sums[row * PANEL + f] += gradient[text * j->sizes * j->filters + f];
        }
    for (int64_t row = 0; row < j->rows; row++)
        write_row(j->products, j->half, (row * j->parts + part) * j->filters + first, count,
                  sums + row * PANEL);
}

static void spread_share(const void *pointer, size_t share) {
    const spreading *j = pointer;
    size_t strips = (j->filters + PANEL - 1) / PANEL, part = 0, task = 0;
    for (size_t s = 0; s < (size_t)j->sizes; s++)
        for (size_t k = 0; k < (size_t)j->size[s]; k++, part++)
            for (size_t strip = 0; strip < strips; strip++, task++)
                if (task % j->shares == share)
                    spread(j, j->work + share * j->rows * PANEL, part, s, strip * PANEL);
}

int64_t phrases_work(const spreading *j) { return j->shares * j->rows * PANEL; }

int phrases_backward(const spreading *j) {
    share_out(j, spread_share, j->shares, j->threads, j->parallel);
    return 0;
}
