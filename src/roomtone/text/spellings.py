"""Other spellings under which a file of vectors may hold a token of the vocabulary."""

from __future__ import annotations

import unicodedata

from roomtone.text.stretch import squeezed

_WORDS = {"n't": "not", "'m": "am", "'re": "are", "'ve": "have", "'ll": "will"}


def variants(token: str) -> list[str]:
    """List what to look for where a token itself has no vector.

    Other cases (vocabularies are in lower case, not all files are), the word without stretches
    and without accents, and the words that contractions stand for.

    Examples
    --------
    >>> variants("café")
    ['Café', 'CAFÉ', 'cafe']
    >>> variants("sooo")
    ['Sooo', 'SOOO', 'soo', 'so']
    """
    decomposed = unicodedata.normalize("NFD", token)
    bare = "".join(char for char in decomposed if not unicodedata.combining(char))
    forms = [token.lower(), token.capitalize(), token.upper(), *squeezed(token)]
    if bare.isascii():  # in other scripts the marks make another word
        forms.append(bare)
    if token in _WORDS:
        forms.append(_WORDS[token])
    return [form for form in dict.fromkeys(forms) if form and form != token]
