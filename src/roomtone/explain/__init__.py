"""Why an engine answered as it did, and whether to believe the explanation."""

from roomtone.explain.explaining import METHODS, admitted, explain_texts
from roomtone.explain.explanation import Explanation
from roomtone.explain.method import Options
from roomtone.explain.words import ReadText, Word, read_words

__all__ = [
    "METHODS",
    "Explanation",
    "Options",
    "ReadText",
    "Word",
    "admitted",
    "explain_texts",
    "read_words",
]
