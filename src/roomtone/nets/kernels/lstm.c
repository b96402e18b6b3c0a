/* The recurrence of a bidirectional LSTM over padded batches, and its gradient.
 *
 * Directions: 0 reads each text from its first token, 1 from its last. Gates stand in torch's
 * order: input, forget, cell, output. Arithmetic is float32, but for the recurrent product of
 * bfloat16 inputs, which on processors that can do it takes bfloat16 and sums in float32.
 */
#include "shares.h"

#define STRIP 256 /* columns that are summed at once */

int64_t lstm_work(const job *j) {
    return 2 * (floats_of_weights(j) + j->shares * floats_of_share(j));
}

int64_t lstm_order(const job *j) {
    int64_t texts = j->batch + j->width + 2, places = j->rows + 2 + j->batch * j->width;
    return texts > places ? texts : places;
}

/* As floats, each of which has room for two bfloat16 values. */
int64_t lstm_kept(const job *j) {
    return j->batch * j->width * 2 * KEPT * padded(j->hidden) / (j->half ? 2 : 1);
}

static const void *weights_of(const job *j, size_t direction, size_t gate) {
    size_t bytes = j->half_weights ? sizeof(uint16_t) : sizeof(float);
    return (const char *)j->weights[direction] + gate * j->hidden * j->hidden * bytes;
}

/* Weights for h W^T: each gate's columns start at a multiple of Hp. */
static void pack_forward(const void *pointer, size_t index) {
    const job *j = pointer;
    size_t hp = padded(j->hidden), panels = hp / PANEL, h = j->hidden;
    size_t direction = index / (4 * panels), panel = index % (4 * panels), gate = panel / panels;
    float *to = j->work + direction * floats_of_weights(j) + panel * floats_of_panel(j, hp);
    const void *from = weights_of(j, direction, gate);
    pack_panel(from, j->half_weights, 1, h, h, h, panel % panels, hp, dot_of(j), to);
}

/* Weights for dgates W, where the gates' rows lie Hp apart. */
static void pack_backward(const void *pointer, size_t index) {
    const job *j = pointer;
    size_t hp = padded(j->hidden), panels = hp / PANEL, h = j->hidden;
    size_t direction = index / (4 * panels), panel = index / 4 % panels, gate = index % 4;
    float *to = j->work + direction * floats_of_weights(j);
    to += (panel * 4 + gate) * floats_of_panel(j, hp);
    const void *from = weights_of(j, direction, gate);
    pack_panel(from, j->half_weights, h, 1, h, h, panel, hp, dot_of(j), to);
}

/* Give rows to the next product: as they are, or as bfloat16. */
static const float *operand_of(const share *s, size_t rows, size_t size, const float *from) {
    if (!s->dot)
        return from;
    write_row(s->halves, 1, 0, rows * size, from);
    return s->halves;
}

INLINE void forward_cell(const share *s, int half, size_t i, size_t position) {
    float *gates = s->gates + i * 4 * s->hp, *memory = s->memory + i * s->hp;
    float *hidden = s->hidden + i * s->hp;
    size_t at = kept_at(s, position);
    void *kept = s->j->kept;
    for (size_t k = 0; k < s->hp; k += LANES) {
        lanes input = sigmoid(*(lanes *)(gates + INPUT * s->hp + k));
        lanes forget = sigmoid(*(lanes *)(gates + FORGET * s->hp + k));
        lanes cell = hyperbolic(*(lanes *)(gates + CELL * s->hp + k));
        lanes output = sigmoid(*(lanes *)(gates + OUTPUT * s->hp + k));
        lanes now = forget * *(lanes *)(memory + k) + input * cell;
        *(lanes *)(memory + k) = now;
        *(lanes *)(hidden + k) = output * hyperbolic(now);
        if (kept) {
            put_lanes(kept, half, at + INPUT * s->hp + k, input);
            put_lanes(kept, half, at + FORGET * s->hp + k, forget);
            put_lanes(kept, half, at + CELL * s->hp + k, cell);
            put_lanes(kept, half, at + OUTPUT * s->hp + k, output);
            put_lanes(kept, half, at + MEMORY * s->hp + k, now);
        }
    }
    size_t h = s->j->hidden;
    write_row(s->j->states, half, (position * 2 + s->direction) * h, h, hidden);
}

static void forward_share(const void *pointer, size_t index) {
    const job *j = pointer;
    share s = share_of(j, index);
    size_t h = j->hidden, running = s.count;
    for (size_t step = 0; (running = texts_running(&s, step, running)) > 0; step++) {
        for (size_t i = 0; i < running; i++) {
            size_t position = position_of(&s, text_of(&s, i), step);
            size_t row = j->places ? (size_t)j->places[position] : position;
            for (size_t gate = 0; gate < 4; gate++)
                read_row(j->projected, j->half, ((row * 2 + s.direction) * 4 + gate) * h, h,
                         s.gates + (i * 4 + gate) * s.hp);
        }
        if (step > 0) {
            const float *hidden = operand_of(&s, running, s.hp, s.hidden);
            multiply(s.dot, running, s.hp, 4 * s.hp / PANEL, hidden, s.hp, s.packed, s.gates,
                     4 * s.hp);
        }
        for (size_t i = 0; i < running; i++) {
            size_t position = position_of(&s, text_of(&s, i), step);
            j->half ? forward_cell(&s, 1, i, position) : forward_cell(&s, 0, i, position);
        }
    }
}

/* Gradient of one step, the first if nothing is earlier: from s.hidden (what later steps ask of
 * the state) and s.memory to s.gates, and s.memory one step earlier. s.hidden is cleared for the
 * product that follows. */
INLINE void backward_cell(const share *s, int half, size_t i, size_t position, int first,
                          size_t previous) {
    float *gates = s->gates + i * 4 * s->hp, *memory = s->memory + i * s->hp;
    float *hidden = s->hidden + i * s->hp;
    const void *kept = s->j->kept;
    size_t h = s->j->hidden, at = (position * 2 + s->direction) * h;
    size_t now_at = kept_at(s, position), then_at = kept_at(s, previous);
    read_row(s->j->upstream, half, at, h, s->upstream);
    for (size_t k = 0; k < s->hp; k += LANES) {
        const lanes zero = {0};
        lanes input = get_lanes(kept, half, now_at + INPUT * s->hp + k);
        lanes forget = get_lanes(kept, half, now_at + FORGET * s->hp + k);
        lanes cell = get_lanes(kept, half, now_at + CELL * s->hp + k);
        lanes output = get_lanes(kept, half, now_at + OUTPUT * s->hp + k);
        lanes squashed = hyperbolic(get_lanes(kept, half, now_at + MEMORY * s->hp + k));
        lanes last = first ? zero : get_lanes(kept, half, then_at + MEMORY * s->hp + k);
        lanes asked = *(lanes *)(hidden + k) + *(lanes *)(s->upstream + k);
        lanes now = *(lanes *)(memory + k) + asked * output * (1.0f - squashed * squashed);
        *(lanes *)(gates + INPUT * s->hp + k) = now * cell * input * (1.0f - input);
        *(lanes *)(gates + FORGET * s->hp + k) = now * last * forget * (1.0f - forget);
        *(lanes *)(gates + CELL * s->hp + k) = now * input * (1.0f - cell * cell);
        *(lanes *)(gates + OUTPUT * s->hp + k) = asked * squashed * output * (1.0f - output);
        *(lanes *)(memory + k) = now * forget;
        *(lanes *)(hidden + k) = zero;
    }
    for (size_t gate = 0; gate < 4; gate++)
        write_row(s->j->gates, half, at * 4 + gate * h, h, gates + gate * s->hp);
}

static void backward_share(const void *pointer, size_t index) {
    const job *j = pointer;
    share s = share_of(j, index);
    size_t h = j->hidden, steps = s.count ? length_of(j, text_of(&s, 0)) : 0;
    for (size_t step = steps; step-- > 0;) {
        size_t running = texts_running(&s, step, s.count);
        for (size_t i = 0; i < running; i++) {
            size_t text = text_of(&s, i), position = position_of(&s, text, step);
            size_t previous = step ? position_of(&s, text, step - 1) : position;
            size_t row = (position * 2 + s.direction) * h, from = (previous * 2 + s.direction) * h;
            j->half ? backward_cell(&s, 1, i, position, step == 0, previous)
                    : backward_cell(&s, 0, i, position, step == 0, previous);
            if (step == 0)
                clear_row(j->before, j->half, row, h);
            else
                copy_row(j->before, row, j->states, from, j->half, h);
        }
        if (step > 0) {
            const float *gates = operand_of(&s, running, 4 * s.hp, s.gates);
            multiply(s.dot, running, 4 * s.hp, s.hp / PANEL, gates, 4 * s.hp, s.packed, s.hidden,
                     s.hp);
        }
    }
}

/* Zero what stands on the padding of a text, in rows of `size` values. */
static void clear_padding(const job *j, void *to, size_t text, size_t size) {
    size_t length = length_of(j, text);
    clear_row(to, j->half, (text * j->width + length) * size, (j->width - length) * size);
}

static void clear_states(const void *pointer, size_t text) {
    const job *j = pointer;
    clear_padding(j, j->states, text, 2 * j->hidden);
}

static void clear_gradients(const void *pointer, size_t text) {
    const job *j = pointer;
    clear_padding(j, j->gates, text, 8 * j->hidden);
    clear_padding(j, j->before, text, 2 * j->hidden);
}

/* List the positions of each row, in rising order: order[starts[row]] to order[starts[row + 1]]. */
static void sort_places(const job *j) {
    int64_t *starts = j->order, *order = starts + j->rows + 2;
    memset(starts, 0, (j->rows + 2) * sizeof *starts);
    for (int64_t i = 0; i < j->batch * j->width; i++)
        starts[j->places[i] + 2]++;
    for (int64_t row = 0; row < j->rows; row++)
        starts[row + 2] += starts[row + 1];
    for (int64_t i = 0; i < j->batch * j->width; i++)
        order[starts[j->places[i] + 1]++] = i;
}

/* Sum a row's gradients over its positions; padding has zeros there. */
static void sum_row(const void *pointer, size_t row) {
    const job *j = pointer;
    size_t size = 8 * j->hidden;
    float sums[STRIP], more[STRIP];
    const int64_t *starts = j->order, *order = starts + j->rows + 2;
    for (size_t k = 0; k < size; k += STRIP) {
        size_t some = size - k < STRIP ? size - k : STRIP;
        memset(sums, 0, sizeof sums);
        for (int64_t i = starts[row]; i < starts[row + 1]; i++) {
            read_row(j->gates, j->half, order[i] * size + k, some, more);
            for (size_t n = 0; n < some; n++)
                sums[n] += more[n];
        }
        write_row(j->summed, j->half, row * size + k, some, sums);
    }
}

/* Return 1, with nothing written, if a place is no row of `projected`. */
static int places_wrong(const job *j) {
    for (int64_t i = 0; j->places && i < j->batch * j->width; i++)
        if (j->places[i] < 0 || j->places[i] >= j->rows)
            return 1;
    return 0;
}

int lstm_forward(const job *j) {
    if (places_wrong(j))
        return 1;
    sort_texts(j);
    run(j, clear_states, j->batch);
    run(j, pack_forward, 2 * 4 * padded(j->hidden) / PANEL);
    run(j, forward_share, 2 * j->shares);
    return 0;
}

int lstm_backward(const job *j) {
    if (places_wrong(j))
        return 1;
    sort_texts(j);
    run(j, clear_gradients, j->batch);
    run(j, pack_backward, 2 * 4 * padded(j->hidden) / PANEL);
    run(j, backward_share, 2 * j->shares);
    if (j->places) {
        sort_places(j);
        run(j, sum_row, j->rows);
    }
    return 0;
}
