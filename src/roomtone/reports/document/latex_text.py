"""Text for LaTeX: what has a meaning there is escaped, what it cannot set is named."""

from __future__ import annotations

import re
import unicodedata

_SPECIAL = {
    "\\": r"\textbackslash{}",
    "{": r"\{",
    "}": r"\}",
    "$": r"\$",
    "&": r"\&",
    "#": r"\#",
    "%": r"\%",
    "_": r"\_",
    "^": r"\textasciicircum{}",
    "~": r"\textasciitilde{}",
    "<": r"\textless{}",
    ">": r"\textgreater{}",
    "|": r"\textbar{}",
    '"': r"\textquotedbl{}",
    "`": r"\textasciigrave{}",
    "\u2212": r"\ensuremath{-}",
    "±": r"\ensuremath{\pm}",
    "×": r"\ensuremath{\times}",
    "≥": r"\ensuremath{\geq}",
    "≤": r"\ensuremath{\leq}",
    "≈": r"\ensuremath{\approx}",
    "κ": r"\ensuremath{\kappa}",
    "ε": r"\ensuremath{\varepsilon}",
    "δ": r"\ensuremath{\delta}",
    "ψ": r"\ensuremath{\psi}",
    "²": r"\ensuremath{^{2}}",
    "…": r"\ldots{}",
    "–": "--",
    "—": "---",
    "’": "'",
    "‘": "`",
    "“": "``",
    "”": "''",
    "·": r"\textperiodcentered{}",
    "→": r"\ensuremath{\rightarrow}",
    "\u00a0": "~",
}
# Pairs that T1 fonts draw as one sign.
_LIGATURES = re.compile(r"(?<=-)(?=-)|(?<=')(?=')|(?<=,)(?=,)|(?<=[?!])(?=`)")
_LETTERS = frozenset("ÆæŒœØøŁłßÐðÞþĐđŊŋıĲĳ¿¡§£")
"""What T1 fonts hold beside letters with accents."""
_ACCENTS = frozenset("\u0300\u0301\u0302\u0303\u0308\u030a\u030b\u030c\u0327\u0328\u0307\u0306")
_BREAKS = re.compile(r"(?<=[a-z0-9])(?:\\_|/|\.(?=[a-zA-Z]))(?=\w)")
_HASH = re.compile(r"\b[0-9a-f]{32,}\b")


def latex_text(value: str) -> str:
    """Escape text, so that pdfLaTeX with T1 fonts sets it.

    Signs that these fonts lack, as of other scripts and emoji, are written as their code point:
    ``[U+1F621]``. Control characters become blanks.
    """
    plain = _LIGATURES.sub("\u200b", unicodedata.normalize("NFC", value))
    return "".join(_sign(sign) for sign in plain)


def _sign(sign: str) -> str:
    if sign in _SPECIAL:
        return _SPECIAL[sign]
    if sign == "\u200b":
        return "{}"
    if sign.isascii():
        return sign if sign.isprintable() else " "
    if sign in _LETTERS or _accented(sign):
        return sign
    if unicodedata.category(sign) in ("Cc", "Zs", "Zl", "Zp"):
        return " "
    if unicodedata.category(sign) in ("Cf", "Mn"):  # joiners, variation selectors
        return ""
    return f"[U+{ord(sign):04X}]"


def _accented(sign: str) -> bool:
    """Whether it is a Latin letter with an accent that T1 fonts can set."""
    if sign > "\u017f" and sign not in "ȘșȚț":
        return False
    parts = unicodedata.normalize("NFD", sign)
    return len(parts) == 2 and parts[0].isascii() and parts[0].isalpha() and parts[1] in _ACCENTS


def breakable(escaped: str) -> str:
    """Let lines be broken in long names after an underscore, a slash or a dot, and in hashes."""
    broken = _BREAKS.sub(lambda found: f"{found[0]}\\allowbreak{{}}", escaped)
    return _HASH.sub(lambda found: re.sub(r"(.{8})(?=.)", r"\1\\allowbreak{}", found[0]), broken)
