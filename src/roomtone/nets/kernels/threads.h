/* Tasks spread over the threads of PyTorch's own OpenMP. */
#ifndef ROOMTONE_THREADS_H
#define ROOMTONE_THREADS_H

#include <stddef.h>
#include <stdint.h>

/* GOMP_parallel: a function for each thread, its argument, how many threads, flags. */
typedef void parallel_region(void (*)(void *), void *, unsigned, unsigned);

typedef struct {
    const void *job;
    void (*task)(const void *, size_t);
    size_t next, count;
} queue;

static void drain(void *pointer) {
    queue *q = pointer;
    size_t i;
    while ((i = __atomic_fetch_add(&q->next, 1, __ATOMIC_RELAXED)) < q->count)
        q->task(q->job, i);
}

/* Do a job's tasks 0 to `count` - 1, each once, in any order. */
static void share_out(const void *job, void (*task)(const void *, size_t), size_t count,
                      int64_t threads, parallel_region *parallel) {
    queue q = {job, task, 0, count};
    /* Always as many threads as PyTorch has, so that OpenMP keeps its team between calls. */
    if (parallel && threads > 1)
        parallel(drain, &q, (unsigned)threads, 0);
    else
        drain(&q);
}

#endif
