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
# Greek letters, and how mathematics sets them: those that look like Latin ones as these.
_GREEK_LETTERS = "αβγδεζηθικλμνξοπρςστυφχψωΑΒΓΔΕΖΗΘΙΚΛΜΝΞΟΠΡΣΤΥΦΧΨΩ\u00b5ϑϕϵ"
_GREEK_COMMANDS = (
    r"\alpha \beta \gamma \delta \varepsilon \zeta \eta \theta \iota \kappa \lambda \mu "
    r"\nu \xi o \pi \rho \varsigma \sigma \tau \upsilon \varphi \chi \psi \omega "
    r"\mathrm{A} \mathrm{B} \Gamma \Delta \mathrm{E} \mathrm{Z} \mathrm{H} \Theta "
    r"\mathrm{I} \mathrm{K} \Lambda \mathrm{M} \mathrm{N} \Xi \mathrm{O} \Pi \mathrm{P} "
    r"\Sigma \mathrm{T} \Upsilon \Phi \mathrm{X} \Psi \Omega \mu \vartheta \phi \epsilon"
)
_GREEK = dict(zip(_GREEK_LETTERS, _GREEK_COMMANDS.split(), strict=True))
_GREEK_ACCENTS = {"\u0301": r"\acute", "\u0308": r"\ddot"}
# Pairs that T1 fonts draw as one sign.
_LIGATURES = re.compile(r"(?<=-)(?=-)|(?<=')(?=')|(?<=,)(?=,)|(?<=[?!])(?=`)")
_LETTERS = frozenset("ÆæŒœØøŁłßÐðÞþĐđŊŋıĲĳ¿¡§£")
"""What T1 fonts hold beside letters with accents."""
_ACCENTS = frozenset("\u0300\u0301\u0302\u0303\u0308\u030a\u030b\u030c\u0327\u0328\u0307\u0306")
_BREAKS = re.compile(r"(?<=[a-z0-9])(?:\\_|/|\.(?=[a-zA-Z]))(?=\w)")
_CODE_POINT = re.compile(r"\[U\+([0-9A-F]{4,6})\]")
_HASH = re.compile(r"\b[0-9a-f]{32,}\b")


def latex_text(value: str) -> str:
    """Escape text, so that pdfLaTeX with T1 fonts sets it.

    Greek letters are set in mathematics. Other signs that these fonts lack, as of other scripts
    and emoji, are written as their code point: ``[U+1F621]``. Control characters become blanks.
    """
    plain = _LIGATURES.sub("\u200b", unicodedata.normalize("NFC", value))
    return "".join(_sign(sign) for sign in plain)


def lacking(latex: str) -> str:
    """List the signs that are written as code points, each once, in their order."""
    found = (chr(int(code, 16)) for code in _CODE_POINT.findall(latex))
    return "".join(sign for sign in dict.fromkeys(found) if sign.isprintable())


def _sign(sign: str) -> str:
    if sign in _SPECIAL:
        return _SPECIAL[sign]
    if sign == "\u200b":
        return "{}"
    if sign.isascii():
        return sign if sign.isprintable() else " "
    if greek := _greek(sign):
        return f"\\ensuremath{{{greek}}}"
    if sign in _LETTERS or _accented(sign):
        return sign
    if unicodedata.category(sign) in ("Cc", "Zs", "Zl", "Zp"):
        return " "
    if unicodedata.category(sign) in ("Cf", "Mn"):  # joiners, variation selectors
        return ""
    return f"[U+{ord(sign):04X}]"


def _greek(sign: str) -> str:
    """Write a Greek letter, with one accent at the most; nothing for other signs."""
    parts = unicodedata.normalize("NFD", sign)
    letter, accents = parts[0], parts[1:]
    if letter not in _GREEK or len(accents) > 1 or not set(accents) <= _GREEK_ACCENTS.keys():
        return ""
    written = _GREEK[letter]
    return f"{_GREEK_ACCENTS[accents[0]]}{{{written}}}" if accents else written


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
