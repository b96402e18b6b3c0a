"""Holds processes of a test at a moment of its choosing: they fit and train no further.

Python imports this file at its start where its folder is on the ``PYTHONPATH``, so that processes
of processes are held, too. ``ROOMTONE_HELD`` says when: once so many files of a pattern are there,
and until a certain file is.
"""

import functools
import glob
import json
import os
import sys
import time
from importlib.machinery import PathFinder

WAITING = {
    "roomtone.training.loop": ("Trainer", "_step"),
    "roomtone.experiments.recipes": ("BaselineRecipe", "fit"),
}


def waiting(method, once, count, until):
    """Let a method wait at its beginning while the process is held."""

    @functools.wraps(method)
    def wait(*given):
        while len(glob.glob(once)) >= count and not os.path.exists(until):
            time.sleep(0.01)
        return method(*given)

    return wait


class Finder:
    """Finds these modules as Python does, and lets their methods wait."""

    @staticmethod
    def find_spec(name, path=None, target=None):
        if name not in WAITING:
            return None
        spec = PathFinder.find_spec(name, path, target)
        execute = spec.loader.exec_module

        def exec_module(module):
            execute(module)
            owner, method = getattr(module, WAITING[name][0]), WAITING[name][1]
            terms = json.loads(os.environ["ROOMTONE_HELD"])
            setattr(owner, method, waiting(getattr(owner, method), **terms))

        spec.loader.exec_module = exec_module
        return spec


if "ROOMTONE_HELD" in os.environ:
    sys.meta_path.insert(0, Finder)
