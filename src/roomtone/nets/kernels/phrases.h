/* What the pooling of a convolution works on. */
#ifndef ROOMTONE_PHRASES_H
#define ROOMTONE_PHRASES_H

#include "lanes.h"
#include "threads.h"

#define STRIP 256 /* filters that are pooled at once */

/* Mirrored by `Pooling` in phrases.py. */
typedef struct {
    int64_t batch, width, rows; /* rows of `table`, the last of which stands outside the texts */
    int64_t sizes, filters;     /* `filters` of each size */
    int64_t parts, half, threads; /* sum of the sizes; whether the table is bfloat16 */
    const int64_t *size;        /* [sizes], in tokens */
    const int64_t *places;      /* [batch, width], the row of each position */
    const int64_t *lengths;     /* [batch] */
    const void *table;          /* [rows, parts, filters] */
    float *strongest;           /* [batch, sizes, filters] */
    int64_t *reached;           /* [parts, filters, batch] */
    parallel_region *parallel;  /* GOMP_parallel, or NULL */
} pooling;

/* Mirrored by `Spreading` in library.py. */
typedef struct {
    int64_t batch, rows, sizes, filters, parts; /* as of `pooling`, but `rows` inside the texts */
    int64_t half, shares, threads;
    const int64_t *size, *reached; /* as of `pooling` */
    const float *gradient;         /* of `strongest` */
    void *products;                /* gradient of `table`, float32, or with `half` bfloat16 */
    float *work;                   /* as long as `phrases_work` says, aligned to 64 bytes */
    parallel_region *parallel;     /* GOMP_parallel, or NULL */
} spreading;

#endif
