"""What can be chosen of a TF-IDF baseline."""

from __future__ import annotations

from dataclasses import dataclass

from roomtone.errors import RoomtoneError

LONGEST_PHRASE = 5


@dataclass(frozen=True)
class TfidfOptions:
    """Choices for a baseline; the defaults are the good ones, `QUICK` the small and fast ones.

    Attributes
    ----------
    max_ngram : int
        Longest phrase, in words.
    characters : bool or None
        Whether runs of characters are features, too; None for the model's own way, which is yes
        for the SVM alone.
    max_features : int or None
        Keep this many words and phrases, and as many runs of characters, the most frequent ones.
    min_df : int
        Leave out words and phrases that fewer training texts have.
    C : float or None
        Inverse strength of the regularisation of ``logreg`` (1 where None) and ``svm`` (0.2).
    alpha : float
        Smoothing of ``tfidf``, the naive Bayes.
    balanced : bool
        Weigh the classes equally, however rare they are.

    Raises
    ------
    RoomtoneError
        If a value is out of its range.
    """

    max_ngram: int = 2
    characters: bool | None = None
    max_features: int | None = None
    min_df: int = 1
    C: float | None = None
    alpha: float = 0.1
    balanced: bool = True

    def __post_init__(self) -> None:
        _check("max_ngram", self.max_ngram, 1, LONGEST_PHRASE)
        _check("min_df", self.min_df, 1)
        if self.max_features is not None:
            _check("max_features", self.max_features, 1)
        for name, value in (("C", self.C), ("alpha", self.alpha)):
            if value is not None and not 0 < value < float("inf"):
                raise RoomtoneError(f"{name}: found {value}, expected a number above 0")


def _check(name: str, value: int, least: int, most: int | None = None) -> None:
    if value < least or (most is not None and value > most):
        bound = f"{least} or more" if most is None else f"{least} to {most}"
        raise RoomtoneError(f"{name}: found {value}, expected {bound}")


QUICK = TfidfOptions(max_ngram=1, characters=False, max_features=5000)
