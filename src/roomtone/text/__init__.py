"""From what people write to the numbers that a model reads."""

from roomtone.text.encoder import EMPTY, PAD, UNK, EncodedTexts
from roomtone.text.normalize import normalize, normalize_with_offsets
from roomtone.text.subwords import character_ngrams
from roomtone.text.tokenizer import TOKENIZER_VERSION, CommentTokenizer, Token
from roomtone.text.vectors import PretrainedVectors, frequent_words, read_vectors
from roomtone.text.vocabulary import Vocabulary

__all__ = [
    "EMPTY",
    "PAD",
    "TOKENIZER_VERSION",
    "UNK",
    "CommentTokenizer",
    "EncodedTexts",
    "PretrainedVectors",
    "Token",
    "Vocabulary",
    "character_ngrams",
    "frequent_words",
    "normalize",
    "normalize_with_offsets",
    "read_vectors",
]
