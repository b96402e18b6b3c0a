"""Doorway: the real home is `roomtone.text`."""

from roomtone.text import CommentTokenizer, EncodedTexts, Vocabulary, normalize

__all__ = ["CommentTokenizer", "EncodedTexts", "Vocabulary", "normalize"]
