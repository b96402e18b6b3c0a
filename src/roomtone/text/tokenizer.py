"""The tokeniser of comments: one code path for training, serving and explanations."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cache

from tokenizers import Regex, pre_tokenizers

from roomtone.text import signs
from roomtone.text.edits import Sourced, Step, edit
from roomtone.text.normalize import normalize, normalize_sourced
from roomtone.text.pattern import PATTERN
from roomtone.texts import checked_texts

TOKENIZER_VERSION = "1"
"""Stored with each model. Change it with anything that changes the tokens of any text."""

EMPTY_TOKEN = "<empty>"


@dataclass(frozen=True)
class Token:
    """A token and the place in the original text that it stands for.

    Attributes
    ----------
    text : str
        The token as the vocabulary has it: lower case, ``<url>`` for a link.
    start, end : int
        It was written as ``original[start:end]``; empty only for the token ``<empty>``.
    """

    text: str
    start: int
    end: int


class CommentTokenizer:
    """Split comments into tokens.

    Links become ``<url>`` and @names ``<user>``; a #tag is ``#`` and its words; emoticons and emoji
    are tokens each, skin tones aside; a character repeated more than three times is repeated three
    times; repeated punctuation is one token; "don't" is "do" and "n't", as in GloVe. Nothing else
    that is visible is dropped, in whatever script.

    Examples
    --------
    >>> CommentTokenizer().tokenize("@ann I DON'T like it, sooooo bad!!!!! 😡😡 :-(")
    ['<user>', 'i', 'do', "n't", 'like', 'it', ',', 'sooo', 'bad', '!!!', '😡', '😡', ':-(']
    """

    def tokenize(self, text: str) -> list[str]:
        """Split one text.

        Raises
        ------
        DataError
            If `text` is not a string.
        """
        return split(self.prepare([text])[0])

    def tokenize_batch(self, texts: Sequence[str]) -> list[list[str]]:
        """Split many texts; each gives what it gives alone."""
        return [split(text) for text in self.prepare(texts)]

    def tokenize_with_offsets(self, text: str) -> list[Token]:
        """Split one text into the same tokens, with their places in it as it was written."""
        sourced = normalize_sourced(checked_texts([text])[0])
        for step in signs.STEPS:
            sourced = sourced.edited(step(sourced.text))
        found = pre_tokenizer().pre_tokenize_str(signs.lowered(sourced.text))
        tokens = [_locate(word, start, end, sourced) for word, (start, end) in found]
        return tokens or [Token(EMPTY_TOKEN, 0, 0)]

    def prepare(self, texts: Sequence[str]) -> list[str]:
        """Do all that comes before the split; `pre_tokenizer` splits the results into tokens."""
        normal = [
            _rewrite(normalize(text), signs.STEPS_WITHOUT_REPEATS) for text in checked_texts(texts)
        ]
        for index in signs.with_runs(normal).nonzero()[0].tolist():
            normal[index] = _rewrite(normal[index], signs.STEPS[-1:])
        return [signs.lowered(text) for text in normal]


@cache
def pre_tokenizer() -> pre_tokenizers.PreTokenizer:
    """Give the splitter of prepared texts, which runs in Rust."""
    return pre_tokenizers.Split(Regex(PATTERN), behavior="removed", invert=True)


def split(prepared: str) -> list[str]:
    """Split a prepared text, or a word of one, into its tokens."""
    return [token for token, _ in pre_tokenizer().pre_tokenize_str(prepared)] or [EMPTY_TOKEN]


def words_of(prepared: str) -> list[str]:
    """Part a prepared text at its blanks; a text with nothing in it is one word without letters.

    The tokens of the words are the tokens of the text: none reaches across a blank, and none
    depends on what stands beyond one.
    """
    return prepared.split(" ")


def is_one_token(word: str) -> bool:
    """Tell cheaply of a word, as of most, that it need not be split: it is plain letters."""
    return word.isalpha() and word.isascii()


def _rewrite(text: str, steps: Iterable[Step]) -> str:
    for step in steps:
        if edits := step(text):
            text = edit(text, edits)
    return text


def _locate(word: str, start: int, end: int, sourced: Sourced) -> Token:
    return Token(word, int(sourced.starts[start]), int(sourced.ends[end - 1]))
