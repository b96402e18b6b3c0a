"""Computing cells one after the other, in processes of this machine, or on a Ray cluster."""

from __future__ import annotations

import logging
import os
import threading
import time
from collections.abc import Callable, Iterable, Iterator
from functools import cache
from typing import Any

from roomtone.errors import TrainingError, require
from roomtone.experiments.cells import Done, Task, compute


def execute(tasks: Iterable[Task], *, jobs: int, threads: int, on: str = "here") -> Iterator[Done]:
    """Compute cells, and give each as soon as it is finished.

    Parameters
    ----------
    tasks : iterable of Task
        The cells; only as many are asked for as are about to be computed.
    jobs : int
        How many are computed at once.
    threads : int
        Threads of each.
    on : str
        ``"here"``, or ``"ray"`` for the cluster that `connect` has found.

    Raises
    ------
    TrainingError
        If a cell cannot be computed, or a process is killed.
    """
    if on == "ray":
        yield from _on_ray(tasks, jobs, threads)
    elif jobs == 1:
        yield from map(compute, tasks)
    else:
        import joblib
        from joblib.externals.loky.process_executor import BrokenProcessPool

        try:
            with joblib.parallel_config("loky", n_jobs=jobs, inner_max_num_threads=threads):
                parallel = joblib.Parallel(return_as="generator_unordered", batch_size=1)
                yield from parallel(joblib.delayed(_beside)(os.getpid(), task) for task in tasks)
        except BrokenProcessPool:
            raise TrainingError(
                f"one of {jobs} processes ended before its cell was computed, most likely for want "
                "of memory; finished cells are kept: the same command goes on with the others, "
                "and needs less memory with fewer --jobs"
            ) from None


def connect() -> int:
    """Connect to the Ray cluster, and count its processors.

    It is the one that ``RAY_ADDRESS`` names, else the one that runs on this machine, else a new
    one of this machine alone.

    Raises
    ------
    MissingExtraError
        If Ray is not installed.
    """
    ray = require("ray", extra="ray", purpose="--on ray")
    if not ray.is_initialized():
        ray.init(log_to_driver=False, configure_logging=False, include_dashboard=False)
    return int(ray.cluster_resources().get("CPU", 1))


def _beside(parent: int, task: Task) -> Done:
    """Compute a cell in a process that does not outlive the one that it works for."""
    _leave_with(parent)
    return compute(task)


@cache
def _leave_with(parent: int) -> None:
    """End this process soon after its parent, which may be killed with no time to say so."""

    def watch() -> None:
        while os.getppid() == parent:
            time.sleep(1)
        os._exit(1)

    threading.Thread(target=watch, daemon=True).start()


def _on_ray(tasks: Iterable[Task], jobs: int, threads: int) -> Iterator[Done]:
    """Run joblib's Ray backend beside this thread, which takes results from a queue.

    That backend gives nothing before all is done; what a killed process had got by then would be
    lost.
    """
    import joblib
    from ray.util.joblib import register_ray
    from ray.util.queue import Queue

    register_ray()  # type: ignore[no-untyped-call]
    # It tells of an argument of joblib's own that it does without.
    logging.getLogger("ray.util.multiprocessing").setLevel(logging.ERROR)
    listed = list(tasks)
    queue = Queue()
    failure: list[BaseException] = []

    def work() -> None:
        try:
            arguments = {"num_cpus": threads}
            with joblib.parallel_config("ray", n_jobs=jobs, ray_remote_args=arguments):
                joblib.Parallel(batch_size=1)(
                    joblib.delayed(_put)(queue, compute, task) for task in listed
                )
        except BaseException as error:
            failure.append(error)
            queue.put(None)

    worker = threading.Thread(target=work, daemon=True)
    worker.start()
    for _ in listed:
        done = queue.get()
        if done is None:
            raise failure[0]
        yield done
    worker.join()  # one that still speaks to a cluster that was left would connect to it anew


def _put(queue: Any, work: Callable[[Task], Done], task: Task) -> None:
    queue.put(work(task))
