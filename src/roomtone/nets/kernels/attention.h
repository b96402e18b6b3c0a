/* What self-attention works on. */
#ifndef ROOMTONE_ATTENTION_H
#define ROOMTONE_ATTENTION_H

#include "lanes.h"
#include "threads.h"

enum { QUERY, KEY, VALUE, PARTS };

/* Mirrored by `Attending` in library.py. L is the width, D the size of a head, "half" as in
 * shares.h. */
typedef struct {
    int64_t batch, width, heads, size;
    int64_t shares, threads, half; /* a share takes some heads of some texts */
    const int64_t *lengths;        /* [batch] */
    const void *parts;             /* half [batch, L, PARTS, heads, D] */
    void *mixed;                   /* half [batch, L, heads, D], written by forward */
    const void *upstream;          /* half, gradient of `mixed` */
    void *gradient;                /* half, of `parts`, written by backward */
    float *work;                   /* as long as `attention_work` says, aligned to 64 bytes */
    parallel_region *parallel;     /* GOMP_parallel, or NULL */
} attending;

/* One head of one text, and its share's memory: rows of Dp = padded(D), squares of Lp = padded(L). */
typedef struct {
    const attending *j;
    size_t text, head, length, lp, dp;
    float *rows, *sums;              /* rows */
    float *square, *turned, *change; /* squares */
    float *packed;
} head;

#endif
