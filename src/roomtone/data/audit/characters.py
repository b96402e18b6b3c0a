"""Characters that should not stand in a text, and the text without them."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterable, Iterator, Mapping
from types import MappingProxyType

from roomtone.errors import require
from roomtone.text.markup import has_html, without_html

_CONTROL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f]")
# Soft hyphens, zero-width spaces, and what turns the direction of writing. Joiners, marks of
# Arabic and the variation selectors of emoji belong to what people write.
_INVISIBLE = re.compile("[\u00ad\u200b\u202a-\u202e\u2060-\u2069\ufeff\ufff9-\ufffb]")
_ESCAPE = re.compile(r"(?:\\u[0-9a-fA-F]{4})+")
_WORD = re.compile(r"[^\W\d_]+")
_LATIN = re.compile("[A-Za-z]")
_TWINS = re.compile("[АВЕІЈКМНОРСТУХЅаеіјорсухѕΑΒΕΖΗΙΚΜΝΟΡΤΥΧορν]")  # of other alphabets
_PICTURES = range(0x1F000, 0x1FB00)  # a new emoji is unknown to an old Python, and no fault
_SHOWN = 4

Detector = Callable[[str], str]


def detectors(texts: Iterable[str]) -> Mapping[str, Detector]:
    """Give, for each kind of fault, what finds it in a text and returns the evidence.

    Mojibake is told by ftfy, and left out where it is not installed; see `can_decode`.

    Parameters
    ----------
    texts : iterable of str
        All texts: which characters have no meaning is looked up once for each that occurs.
    """
    meaningless = _meaningless(texts)
    found: dict[str, Detector] = {
        "lost_characters": lambda text: _counted(re.findall("\ufffd", text)),
        "control_characters": lambda text: _counted(_CONTROL.findall(text)),
        "invisible_characters": lambda text: _counted(_INVISIBLE.findall(text)),
        "escapes": _escapes,
        "html": _html,
        "mixed_scripts": _mixed_scripts,
        "unassigned_characters": lambda text: _counted(meaningless(text)),
    }
    if can_decode():
        found["mojibake"] = _mojibake
    return MappingProxyType(found)


def faults(text: str, kinds: Mapping[str, Detector]) -> Iterator[tuple[str, str]]:
    """Yield the kind and the evidence of each fault of a text."""
    # Of an ASCII text without these signs, as most are, nothing can be wrong.
    if text.isascii() and text.isprintable() and not any(sign in text for sign in "&<\\"):
        return
    for kind, detect in kinds.items():
        if evidence := detect(text):
            yield kind, evidence


def repaired(text: str, kinds: Iterable[str]) -> str:
    """Repair the faults of a text that can be repaired; others stay."""
    for kind, repair in _REPAIRS.items():
        if kind in kinds:
            text = repair(text)
    return text


def can_decode() -> bool:
    """Tell whether ftfy, which mojibake needs, is installed."""
    from importlib.util import find_spec

    return find_spec("ftfy") is not None


def _decoded(text: str) -> str:
    ftfy = require("ftfy", extra="audit", purpose="Repairing wrongly decoded letters")
    fixed: str = ftfy.fix_encoding(text)
    return fixed


def _mojibake(text: str) -> str:
    if text.isascii():
        return ""
    fixed = _decoded(text)
    if fixed == text:
        return ""
    start = next((at for at, (a, b) in enumerate(zip(text, fixed, strict=False)) if a != b), 0)
    start = max(start - 10, 0)
    return f"{text[start : start + 30]!r} was meant as {fixed[start : start + 30]!r}"


def _escapes(text: str) -> str:
    return _listed({match[0] for match in _ESCAPE.finditer(text) if _spoken(match[0]) != match[0]})


def _spoken(escape: str) -> str:
    r"""Decode ``\u2019``; halves of surrogate pairs that stand alone stay as they are."""
    units = b"".join(int(part, 16).to_bytes(2, "big") for part in escape.split("\\u")[1:])
    try:
        return units.decode("utf-16-be")
    except UnicodeDecodeError:
        return escape


def _html(text: str) -> str:
    if not has_html(text):
        return ""
    return _listed({match[0] for match in re.finditer(r"&[#\w]{1,31};|</?\w[^<>]{0,40}>", text)})


def _mixed_scripts(text: str) -> str:
    if text.isascii() or not _TWINS.search(text):
        return ""
    words = {word for word in _WORD.findall(text) if _TWINS.search(word) and _LATIN.search(word)}
    return _listed(words)


def _meaningless(texts: Iterable[str]) -> Callable[[str], list[str]]:
    occurring: set[str] = set()
    for text in texts:
        if not text.isascii():
            occurring.update(text)
    odd = {
        sign
        for sign in occurring
        if unicodedata.category(sign) in ("Cn", "Co", "Cs") and ord(sign) not in _PICTURES
    }
    if not odd:
        return lambda _: []
    return re.compile(f"[{''.join(map(re.escape, sorted(odd)))}]").findall


def _counted(signs: list[str]) -> str:
    if not signs:
        return ""
    codes = _listed({f"U+{ord(sign):04X}" for sign in signs})
    return codes if len(signs) == 1 else f"{len(signs):,} times: {codes}"


def _listed(items: set[str]) -> str:
    shown = sorted(items)
    more = ", …" if len(shown) > _SHOWN else ""
    return ", ".join(shown[:_SHOWN]) + more


def _without_controls(text: str) -> str:
    # Bytes of Windows-1252 that were read as Latin-1 are curly quotes and dashes.
    return _CONTROL.sub(
        lambda match: (
            bytes([ord(match[0])]).decode("cp1252", "ignore") if ord(match[0]) > 0x7F else ""
        ),
        text,
    )


_REPAIRS: Mapping[str, Callable[[str], str]] = MappingProxyType(
    {
        "mojibake": _decoded,
        "control_characters": _without_controls,
        "invisible_characters": lambda text: _INVISIBLE.sub("", text),
        "escapes": lambda text: _ESCAPE.sub(lambda match: _spoken(match[0]), text),
        "html": without_html,
    }
)
