"""Oddities of Unicode in comments: styled letters, curly quotes, invisible and piled-up marks."""

from __future__ import annotations

import re
import unicodedata
from functools import cache

from roomtone.text.edits import Edit, Step, replacing

_SURROGATES = re.compile("[\ud800-\udbff][\udc00-\udfff]|[\ud800-\udfff]")

_QUOTES = dict.fromkeys("‘’‚‛´′ʼ", "'") | dict.fromkeys("“”„‟″«»", '"')
_HYPHENS = dict.fromkeys("‐‑‒", "-")
_BLANKS = dict.fromkeys("\u115f\u1160\u2800\u3164\uffa0", " ")  # letters and signs without ink
_CONTROLS = dict.fromkeys(map(chr, [*range(0x20), 0x7F]), " ")
# Bytes of Windows-1252 that were read as Latin-1: "don\x92t".
_WINDOWS = {chr(c): bytes([c]).decode("cp1252", "ignore") or " " for c in range(0x80, 0xA0)}
_PLAINER = _QUOTES | _HYPHENS | _BLANKS | _CONTROLS | _WINDOWS
_ODD = re.compile(f"[{re.escape(''.join(_PLAINER))}]")

_INVISIBLE = (
    "\u00ad\u034f\u061c\u17b4\u17b5\u180b-\u180f\u200b\u200c\u200e\u200f\u202a-\u202e\u2060-\u206f"
    "\ufe00-\ufe0f\ufeff\ufff9-\ufffb\U000e0000-\U000e0fff"
)
_SKIN_TONES = "\U0001f3fb-\U0001f3ff"
_HIDDEN = re.compile(f"[{_INVISIBLE}{_SKIN_TONES}]+")

_JOINER = "\u200d"
_JOINED = re.compile(f"([^{_JOINER}]?){_JOINER}+([\u2640\u2642]?)(?=(.?))", re.DOTALL)
_PICTURE = re.compile("[\u00a9\u00ae\u203c-\u2bff\u3030\u303d\u3297\u3299\U0001f000-\U0001faff]")

_HANGUL = "\u1160-\u11ff\ud7b0-\ud7ff\uff9e\uff9f"  # joins to the letter before, as marks do
# NFKC would spell "ㅋㅋㅋ" with the parts of syllables, and glue "TM" to the name before.
_KEPT = re.compile("[\u3130-\u318f\uffa0-\uffdc\u2120\u2122]")

_surrogates: Step = replacing(
    _SURROGATES, lambda m: m[0].encode("utf-16", "surrogatepass").decode("utf-16", "replace")
)
_odd: Step = replacing(_ODD, lambda match: _PLAINER[match[0]])


def surrogates(text: str) -> list[Edit]:
    """Join pairs of surrogates to the character they encode; a lone one becomes U+FFFD."""
    return [] if text.isprintable() else _surrogates(text)


def odd_characters(text: str) -> list[Edit]:
    """Exchange curly quotes, odd hyphens, control characters and inkless letters for plain ones."""
    return [] if text.isascii() and text.isprintable() else _odd(text)


def hidden(text: str) -> list[Edit]:
    """Drop what has no ink or only varies a sign: zero width, direction, style, skin tone."""
    if text.isascii():
        return []
    # The character before is taken along: a mark in the original is to cover both.
    return [
        (max(0, match.start() - 1), match.end(), text[max(0, match.start() - 1) : match.start()])
        for match in _HIDDEN.finditer(text)
    ]


def joiners(text: str) -> list[Edit]:
    """Drop zero-width joiners, except between two emoji; a gender sign so joined goes as well."""
    return _joiners(text) if _JOINER in text else []


def _rejoin(match: re.Match[str]) -> str:
    before, gender, after = match.groups()
    if not _PICTURE.match(before):
        return before + gender
    return before + _JOINER if not gender and _PICTURE.match(after) else before


_joiners: Step = replacing(_JOINED, _rejoin)


@cache
def _marks() -> str:
    """Regex character ranges of all combining marks, which `re` has no name for."""
    ranges: list[list[int]] = []
    for code in range(0x300, 0x1F000):
        if unicodedata.category(chr(code)).startswith("M"):
            if ranges and ranges[-1][1] == code - 1:
                ranges[-1][1] = code
            else:
                ranges.append([code, code])
    return "".join(f"{chr(low)}-{chr(high)}" for low, high in ranges)


_PERHAPS_PILED = re.compile("[^\0-\u02ff]{3}")  # much quicker to look for than the marks


@cache
def _piled() -> Step:
    # No script needs so many. Normalisation sorts them in quadratic time: 100,000 take seconds.
    return replacing(
        re.compile(f"[\u0300-\u036f\u0488\u0489\u20d0-\u20f0]{{3,}}|[{_marks()}]{{8,}}"), ""
    )


def piled_marks(text: str) -> list[Edit]:
    """Drop heaps of combining marks ("Zalgo")."""
    return _piled()(text) if _PERHAPS_PILED.search(text) else []


@cache
def _folding() -> Step:
    joining = f"[{_marks()}{_HANGUL}]"
    cluster = re.compile(f"(?:[\0-\x7f](?={joining})|[^\0-\x7f]){joining}*")
    return replacing(cluster, lambda match: _fold(match[0]))


def _fold(cluster: str) -> str:
    folded = unicodedata.normalize("NFKC", cluster)
    # "¯" would become a blank with a mark on it.
    if _KEPT.search(cluster) or (len(folded) > 1 and folded.startswith(" ")):
        return unicodedata.normalize("NFC", cluster)
    return folded


def compatibility(text: str) -> list[Edit]:
    """Bring letters to NFKC (Unicode Annex 15): full width, styled letters, ligatures, accents."""
    return [] if unicodedata.is_normalized("NFKC", text) else _folding()(text)
