"""Ready-made corpora of rated texts, turned into the CSV files that training reads."""

from roomtone.data.corpora.summary import CorpusSummary
from roomtone.data.corpora.vader import build_vader_corpus

__all__ = ["CorpusSummary", "build_vader_corpus"]
