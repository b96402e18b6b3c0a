"""The vocabulary: which tokens a model knows, and texts as rows of their numbers."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from itertools import chain, islice
from pathlib import Path

from roomtone.errors import CheckpointError, ConfigError, DataError
from roomtone.text import vocabulary_file
from roomtone.text.encoder import EMPTY, PAD, SPECIAL_TOKENS, UNK, EncodedTexts, TokenEncoder
from roomtone.text.tokenizer import (
    EMPTY_TOKEN,
    CommentTokenizer,
    Token,
    is_one_token,
    split,
    words_of,
)

__all__ = ["EMPTY", "PAD", "SPECIAL_TOKENS", "UNK", "EncodedTexts", "Vocabulary"]

_CHUNK = 16384  # texts; bounds the memory that a pass over many texts takes


class Vocabulary:
    """The tokens that a model knows, numbered by falling frequency.

    Numbers 0 to 2 are ``<pad>``, ``<unk>`` for a token that is not known, and ``<empty>`` for a
    text with nothing in it. A drawn-out word that is not known itself has the number of the most
    frequent known word that it draws out ("goood" that of "good").

    Parameters
    ----------
    max_size : int, default 20000
        The most tokens to know, the three special ones included.
    min_freq : int, default 2
        How often a token must occur to be known.

    Attributes
    ----------
    id_to_token : list of str
        The tokens in the order of their numbers.
    token_to_id : dict of str to int
        The number of each token.
    counts : dict of str to int
        How often each token occurred; for ``<unk>``, all those left out.
    extra : int
        How many tokens, the last ones, never occurred and were added by `extend`.

    Raises
    ------
    ConfigError
        If a parameter is too small to leave any token.

    Examples
    --------
    >>> vocabulary = Vocabulary(min_freq=1).build_from_texts(["so good", "so bad"])
    >>> vocabulary.id_to_token[3:]
    ['so', 'bad', 'good']
    >>> vocabulary.encode("sooooo nice")
    [3, 1]
    """

    def __init__(self, max_size: int = 20000, min_freq: int = 2) -> None:
        problems = []
        if max_size <= len(SPECIAL_TOKENS):
            problems.append(
                f"vocab_max_size: {max_size} leaves no room beside the "
                f"{len(SPECIAL_TOKENS)} special tokens; give at least {len(SPECIAL_TOKENS) + 1}"
            )
        if min_freq < 1:
            problems.append(f"vocab_min_freq: {min_freq} is below 1, the least possible")
        if problems:
            raise ConfigError(problems, source="vocabulary's settings")
        self.max_size = max_size
        self.min_freq = min_freq
        self._tokenizer = CommentTokenizer()
        self._adopt(SPECIAL_TOKENS, [0] * len(SPECIAL_TOKENS))

    def _adopt(self, tokens: Sequence[str], counts: Sequence[int], extra: int = 0) -> None:
        self.extra = extra
        self.id_to_token = list(tokens)
        self.token_to_id = {token: number for number, token in enumerate(tokens)}
        self.counts = dict(zip(tokens, counts, strict=True))
        self._encoder: TokenEncoder | None = None

    def __len__(self) -> int:
        return len(self.id_to_token)

    @property
    def learned(self) -> int:
        """How many tokens there are without the extra ones."""
        return len(self) - self.extra

    def __contains__(self, token: object) -> bool:
        return token in self.token_to_id

    def build_from_texts(self, texts: Iterable[str]) -> Vocabulary:
        """Learn the vocabulary of some texts, forgetting any before.

        Parameters
        ----------
        texts : iterable of str
            The training texts; read once, a few thousand at a time.

        Returns
        -------
        Vocabulary
            Itself. Tokens are in order of falling count, then of their characters.

        Raises
        ------
        DataError
            If something among the texts is not a string.
        """
        found: Counter[str] = Counter()
        for chunk in _chunks(texts):
            # Words recur, so each is split once; a token never reaches across a blank.
            words = Counter(chain.from_iterable(map(words_of, self._tokenizer.prepare(chunk))))
            for word, times in words.items():
                for token in (word,) if is_one_token(word) else split(word):
                    found[token] += times
        empty = found.pop(EMPTY_TOKEN, 0)
        ranked = sorted(
            (item for item in found.items() if item[1] >= self.min_freq),
            key=lambda item: (-item[1], item[0]),
        )[: self.max_size - len(SPECIAL_TOKENS)]
        left_out = found.total() - sum(count for _, count in ranked)
        self._adopt(
            [*SPECIAL_TOKENS, *(token for token, _ in ranked)],
            [0, left_out, empty, *(count for _, count in ranked)],
        )
        return self

    def extend(self, words: Iterable[str]) -> Vocabulary:
        """Know further words, which the training texts lack; those that it knows are passed over.

        Parameters
        ----------
        words : iterable of str
            For each of them that is a token as the tokeniser makes them, a number is added.

        Returns
        -------
        Vocabulary
            Itself.
        """
        new = list(dict.fromkeys(word for word in words if word and word not in self))
        whole = [
            word
            for word, tokens in zip(new, self._tokenizer.tokenize_batch(new), strict=True)
            if tokens == [word]
        ]
        counts = [*self.counts.values(), *(0 for _ in whole)]
        self._adopt([*self.id_to_token, *whole], counts, self.extra + len(whole))
        return self

    def encode(self, text: str) -> list[int]:
        """Give the numbers of a text's tokens; never an empty list."""
        number = self._ready().number
        return [number(token) for token in self._tokenizer.tokenize(text)]

    def encode_batch(self, texts: Sequence[str]) -> EncodedTexts:
        """Encode many texts at once; each gives what it gives alone.

        Raises
        ------
        DataError
            If something among the texts is not a string.
        """
        prepare, encode = self._tokenizer.prepare, self._ready().encode
        return EncodedTexts.join([encode(prepare(chunk)) for chunk in _chunks(texts)])

    def encode_with_offsets(self, text: str) -> list[tuple[int, Token]]:
        """Give the numbers of a text's tokens together with their places in the text."""
        number = self._ready().number
        return [
            (number(token.text), token) for token in self._tokenizer.tokenize_with_offsets(text)
        ]

    def _ready(self) -> TokenEncoder:
        """Make the encoder once, when it is first wanted."""
        if self._encoder is None:
            self._encoder = TokenEncoder(self.token_to_id)
        return self._encoder

    def save(self, path: str | Path) -> None:
        """Write ``vocab.pkl``, a plain dictionary, and beside it ``vocab.json``, which is read."""
        vocabulary_file.write(self._content(), Path(path))

    def to_json(self) -> bytes:
        """Return the bytes of the ``vocab.json`` that `save` writes."""
        # A foreign file may hold halves of characters.
        return vocabulary_file.to_json(self._content()).encode("utf-8", "surrogatepass")

    def _content(self) -> vocabulary_file.VocabularyFile:
        return vocabulary_file.VocabularyFile(
            max_size=self.max_size,
            min_freq=self.min_freq,
            tokens=self.id_to_token,
            counts=list(self.counts.values()),
            extra=self.extra,
        )

    @classmethod
    def load(cls, path: str | Path) -> Vocabulary:
        """Read a vocabulary that `save` wrote; no code in the file is ever run.

        Raises
        ------
        CheckpointError
            If the file is missing, damaged, unsafe, not a vocabulary, or of another tokeniser.
        """
        return cls._restored(vocabulary_file.read(Path(path)), path)

    @classmethod
    def from_json(cls, data: bytes, path: str | Path) -> Vocabulary:
        """Read the bytes of a ``vocab.json``, as `load` does; errors name the path."""
        return cls._restored(vocabulary_file.parse(Path(path), data), path)

    @classmethod
    def _restored(cls, content: vocabulary_file.VocabularyFile, path: str | Path) -> Vocabulary:
        learned = content.tokens[: len(content.tokens) - content.extra]
        if tuple(learned[: len(SPECIAL_TOKENS)]) != SPECIAL_TOKENS:
            raise CheckpointError(
                f"{path}: the first tokens are {content.tokens[:3]}, expected "
                f"{list(SPECIAL_TOKENS)}; this is not a vocabulary of roomtone"
            )
        try:
            vocabulary = cls(content.max_size, content.min_freq)
        except ConfigError as error:
            raise CheckpointError(f"{path}: not a usable vocabulary: {error}") from None
        vocabulary._adopt(content.tokens, content.counts, content.extra)
        return vocabulary


def _chunks(texts: Iterable[str]) -> Iterator[list[str]]:
    if isinstance(texts, str):
        raise DataError("expected many texts, found one; put it in a list: [text]")
    texts = iter(texts)
    while chunk := list(islice(texts, _CHUNK)):
        yield chunk
