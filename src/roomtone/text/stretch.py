"""Stretched words: "sooo" and "goood", which the tokeniser leaves three letters long, and kin.

A stretched word keeps its emphasis as a token of its own where it is frequent. Where it is not, it
stands for the word that was stretched. "goood" alone does not say whether that was "good" or
"god": whoever asks takes the more frequent one.
"""

from __future__ import annotations

from itertools import groupby, islice, product

from roomtone.text.signs import LONGEST_RUN

_MOST_FORMS = 32  # five stretches in one word; no more are tried


def squeezed(token: str) -> list[str]:
    """Give the forms of a token whose drawn-out characters stand twice or once.

    Parameters
    ----------
    token : str
        A token; anything that is repeated three times or more counts as drawn out, digits aside.

    Returns
    -------
    list of str
        The forms that differ from the token; none for one without a drawn-out character.

    Examples
    --------
    >>> squeezed("goood"), squeezed("good")
    (['good', 'god'], [])
    """
    choices = []
    for char, group in groupby(token):
        length = len(list(group))
        drawn_out = length >= LONGEST_RUN and not char.isdigit()
        choices.append([char * 2, char] if drawn_out else [char * length])
    forms = ("".join(form) for form in islice(product(*choices), _MOST_FORMS))
    return [form for form in forms if form != token]
