"""In which language texts are, as far as a short text lets one tell.

A full look at each text would take longer than all else. So the language of most texts is found
from a sample; then only those are looked at that have few of the words that are frequent in all
texts together. The judge is py3langid: a naive Bayes model over byte n-grams (Lui & Baldwin 2012).
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from functools import cache
from importlib.util import find_spec
from itertools import chain
from types import MappingProxyType
from typing import Any

from roomtone.errors import require

FEWEST_LETTERS = 25
"""A text with fewer letters is not judged."""
SURE = 0.7
"""As another language counts only what has this probability,"""
_SHARE = 0.25  # and this share of words at most that are frequent in all texts
_FREQUENT = 300  # words, and only those that stand in this share of the texts
_TEXTS, _FEWEST_TEXTS = 0.001, 3
_SAMPLE = 500
_PLAIN = re.compile(r"https?://\S+|[@#&]\S+")
_LETTERS = re.compile(r"[^\W\d_]+")

# Languages that a text of a few words is too easily taken for.
_CLOSE = MappingProxyType({"en": frozenset({"pcm", "sco", "cy", "la", "eo", "ht", "nb", "nn"})})

Judge = Callable[[str], tuple[str, float]]


def can_judge() -> bool:
    """Tell whether py3langid is installed."""
    return find_spec("py3langid") is not None


def find_foreign(
    texts: Sequence[str], judge: Judge | None = None
) -> tuple[str, dict[str, int], list[tuple[int, str, float]]]:
    """Find the texts that are not in the language of most.

    Parameters
    ----------
    texts : sequence of str
        All texts.
    judge : callable, optional
        Gives the language and its probability; py3langid where not given.

    Returns
    -------
    main : str
        The language of most texts of a sample, as ISO 639 writes it; empty if none was judged.
    counts : dict of str to int
        The languages of the sample.
    foreign : list of tuple of int, str, float
        Which texts are in another one, in which, and its probability.

    Raises
    ------
    MissingExtraError
        If py3langid is needed and not installed.
    """
    judge = judge or _judge()
    words = [_words(text) for text in texts]
    long = [place for place, found in enumerate(words) if sum(map(len, found)) >= FEWEST_LETTERS]
    if not long:
        return "", {}, []
    sample = long[:: max(len(long) // _SAMPLE, 1)][:_SAMPLE]
    counts = Counter(judge(" ".join(words[place]))[0] for place in sample)
    main = min(counts, key=lambda language: (-counts[language], language))
    usual = Counter(chain.from_iterable(map(set, words)))
    least = max(_FEWEST_TEXTS, _TEXTS * len(texts))
    ranked = sorted(usual.items(), key=lambda item: (-item[1], item[0]))[:_FREQUENT]
    frequent = {word for word, times in ranked if times >= least}
    foreign = list(_foreign(words, long, frequent, main, judge))
    return main, dict(counts.most_common()), foreign


def languages_of(texts: Sequence[str], judge: Judge | None = None) -> list[str]:
    """Tell the language of each text, as `find_foreign` does.

    Parameters
    ----------
    texts : sequence of str
        Texts of one place, most of which are in one language.
    judge : callable, optional
        As for `find_foreign`.

    Returns
    -------
    list of str
        As ISO 639 writes them; empty for a text with too few letters to tell.

    Raises
    ------
    MissingExtraError
        If py3langid is needed and not installed.
    """
    main, _, foreign = find_foreign(texts, judge)
    found = [main if sum(map(len, _words(text))) >= FEWEST_LETTERS else "" for text in texts]
    for place, language, _ in foreign:
        found[place] = language
    return found


def _foreign(
    words: list[list[str]], long: list[int], frequent: set[str], main: str, judge: Judge
) -> Iterator[tuple[int, str, float]]:
    close = _CLOSE.get(main, frozenset())
    for place in long:
        found = words[place]
        if sum(word in frequent for word in found) > _SHARE * len(found):
            continue
        language, probability = judge(" ".join(found))
        if language != main and language not in close and probability >= SURE:
            yield place, language, probability


def _words(text: str) -> list[str]:
    return _LETTERS.findall(_PLAIN.sub(" ", text).lower())


@cache
def _judge() -> Judge:
    langid: Any = require("py3langid.langid", extra="audit", purpose="Telling languages apart")
    identifier = langid.LanguageIdentifier.from_model_file(langid.MODEL_FILE, norm_probs=True)

    def judge(text: str) -> tuple[str, float]:
        language, probability = identifier.classify(text)
        return str(language), float(probability)

    return judge
