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

#endif
