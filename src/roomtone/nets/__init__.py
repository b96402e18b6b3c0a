"""The hybrid network and its parts."""

from roomtone.nets.dropout import SequenceDropout, set_generator
from roomtone.nets.hybrid import HybridNetwork, HybridOutput
from roomtone.nets.initialise import initialise, load_vectors

__all__ = [
    "HybridNetwork",
    "HybridOutput",
    "SequenceDropout",
    "initialise",
    "load_vectors",
    "set_generator",
]
