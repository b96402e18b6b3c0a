/* Logits of texts by a trained network, from the first product to the last.
 *
 * Texts are not padded: their positions follow one another. What a text gets does not depend, to
 * the last bit, on the texts beside it.
 */
#include "inference_parts.h"

static size_t most(size_t a, size_t b) { return a > b ? a : b; }

static size_t length_at(const call *c, size_t i) {
    int64_t text = c->order[i];
    return c->starts[text + 1] - c->starts[text];
}

static float *take(float **next, size_t floats) {
    float *found = *next;
    *next += (floats + 15) / 16 * 16;
    return found;
}

/* Cut the working memory into buffers; return how much of it they take. */
static size_t lay_out(const call *c, buffers *b) {
    const network *n = c->net;
    size_t positions = 0, longest = length_at(c, 0), hp = n->hidden, a = n->heads * n->head;
    for (size_t i = 0; i < (size_t)c->texts && i < GROUP; i++)
        positions += length_at(c, i);
    size_t rows = most(longest, BLOCK), across = padded(longest), wide = n->features;
    for (size_t i = 0; i < (size_t)n->dense; i++)
        wide = most(wide, n->classifier[i].columns);
    size_t operand = most(most(rows * most(2 * hp, a), GROUP * most(wide, 4 * hp)),
                          BLOCK * n->words.depth);
    float *next = c->work;
    b->states[0] = take(&next, positions * 2 * hp);
    b->states[1] = take(&next, positions * 2 * hp);
    b->gates = take(&next, GROUP * 4 * hp);
    b->hidden = take(&next, GROUP * hp);
    b->memory = take(&next, GROUP * hp);
    b->inputs = take(&next, GROUP * 2 * hp);
    b->halves = take(&next, operand / 2 + 1);
    b->mixing = take(&next, rows * 3 * a);
    b->mixed = take(&next, rows * a);
    b->keys = take(&next, n->head * across);
    b->values = take(&next, n->head * across);
    b->scores = take(&next, longest * across);
    b->normal = take(&next, rows * 2 * hp);
    b->pooled = take(&next, rows * n->pooling.columns);
    b->weights = take(&next, across);
    b->features = take(&next, GROUP * n->features);
    b->dense[0] = take(&next, GROUP * wide);
    b->dense[1] = take(&next, GROUP * wide);
    return next - c->work;
}

static void run_group(const call *c, const buffers *b, size_t first) {
    const network *n = c->net;
    group g = {0};
    size_t next = 0;
    for (size_t i = first; i < (size_t)c->texts && g.count < GROUP; i++, g.count++) {
        g.text[g.count] = c->order[i];
        g.start[g.count] = next;
        g.length[g.count] = length_at(c, i);
        g.places[g.count] = c->places + c->starts[c->order[i]];
        next += g.length[g.count];
    }
    for (size_t i = 0; i < g.count; i++)
        convolve(c, g.places[i], g.length[i], b->features + i * n->features);
    for (size_t level = 0; level < (size_t)n->layers; level++)
        for (size_t side = 0; side < 2; side++)
            recur(c, b, &g, level, side);
    for (size_t from = 0, to; from < g.count; from = to) {
        size_t rows = g.length[from];
        for (to = from + 1; to < g.count && rows + g.length[to] <= BLOCK; to++)
            rows += g.length[to];
        attend(n, b, &g, from, to);
    }
    classify(c, b, &g);
}

static void project_words(const call *c, const buffers *b) {
    const layer *l = &c->net->words;
    for (size_t row = 0; row < (size_t)c->rows; row += BLOCK) {
        size_t count = c->rows - row < BLOCK ? c->rows - row : BLOCK;
        apply_layer(c->net->dot, l, count, c->vectors + row * l->depth, b->halves,
                    c->table + row * l->columns);
    }
}

int inference_dot(void) { return HAS_DOT; }

int64_t inference_panel(void) { return PANEL; }

/* Arrange a [depth, columns] matrix of whole panels for `multiply`. */
void inference_pack(const float *from, int64_t depth, int64_t columns, int64_t dot, float *to) {
    size_t panel_floats = PANEL * (dot ? depth / 2 : depth);
    for (size_t panel = 0; panel < (size_t)columns / PANEL; panel++)
        pack_panel(from, 0, columns, 1, depth, columns, panel, depth, dot, to + panel * panel_floats);
}

int64_t inference_work(const call *c) {
    buffers b;
    call sized = *c;
    sized.work = NULL;
    return lay_out(&sized, &b);
}

/* Return 1, with nothing written, if a text is empty, a place is no row, or lengths rise. */
static int wrong(const call *c) {
    for (int64_t i = 0; i < c->texts; i++) {
        if (c->order[i] < 0 || c->order[i] >= c->texts || (int64_t)length_at(c, i) < 1)
            return 1;
        if (i > 0 && length_at(c, i) > length_at(c, i - 1))
            return 1;
    }
    for (int64_t i = c->starts[0]; i < c->starts[c->texts]; i++)
        if (c->places[i] < 0 || c->places[i] >= c->rows)
            return 1;
    return 0;
}

int inference_run(const call *c) {
    if (wrong(c))
        return 1;
    buffers b;
    lay_out(c, &b);
    project_words(c, &b);
    for (size_t first = 0; first < (size_t)c->texts; first += GROUP)
        run_group(c, &b, first);
    return 0;
}
