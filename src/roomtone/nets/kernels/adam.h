/* What Adam moves, and by how much. */
#ifndef ROOMTONE_ADAM_H
#define ROOMTONE_ADAM_H

#include "lanes.h"
#include "threads.h"

#define SPAN 8192 /* numbers that one thread moves at once */
#define STRIP 64  /* squares that are summed beside each other */

/* Mirrored by `Group` in adam.py. */
typedef struct {
    double rate, decay, beta1, beta2, eps;
    int64_t decoupled; /* whether the decay is AdamW's */
} group;

/* A parameter of rows of `size` numbers; mirrored by `Part` in adam.py. */
typedef struct {
    float *values, *first, *second; /* the parameter and its moments, [rows, size] */
    float *steps;                   /* how many it has taken */
    uint16_t *copy;                 /* the parameter as bfloat16, or NULL */
    const void *gradient;           /* [count, size], bfloat16 if `half` and else float32 */
    const int64_t *moved;           /* the rows that the gradient is of; NULL: 0 to `count` - 1 */
    int64_t count, size, half, given; /* `given` is 0 where there is no gradient */
    const group *group;
    double correction1, correction2; /* 1 - beta^steps, written by `adam_move` */
} part;

/* Mirrored by `Moves` in adam.py. */
typedef struct {
    part *parts;
    int64_t count, threads;
    double scale;              /* of all gradients */
    double *sums;              /* [spans] */
    parallel_region *parallel; /* GOMP_parallel, or NULL */
} moves;

#endif
