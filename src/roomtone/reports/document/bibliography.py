"""The works that a report cites: from BibTeX to what a page shows."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping

_FIELD = re.compile(r"(\w+) = \{((?:[^{}]|\{(?:[^{}]|\{[^{}]*\})*\})*)\}")
_ACCENTS = {
    "'": "\u0301",
    "`": "\u0300",
    '"': "\u0308",
    "^": "\u0302",
    "~": "\u0303",
    "v": "\u030c",
    "c": "\u0327",
    "=": "\u0304",
    ".": "\u0307",
    "u": "\u0306",
    "H": "\u030b",
    "r": "\u030a",
}
_SIGNS = {"\\o": "ø", "\\O": "Ø", "\\l": "ł", "\\L": "Ł", "\\ss": "ß", "\\ae": "æ", "\\i": "i"}


def fields_of(entry: str) -> dict[str, str]:
    """Read the fields of one BibTeX entry, as Unicode."""
    return {name.lower(): unicode_of(value) for name, value in _FIELD.findall(entry)}


def unicode_of(value: str) -> str:
    """Turn the value of a BibTeX field into Unicode."""
    value = value.replace("$\\times$", "×").replace("\\&", "&").replace("\\%", "%")
    value = re.sub(
        r"\\([\'`\"^~vc=.uHr])\s*\{?\\?(\w)\}?",
        lambda found: found[2] + _ACCENTS[found[1]],
        value,
    )
    for sign, letter in _SIGNS.items():
        value = re.sub(re.escape(sign) + r"(?![a-zA-Z])\s*", letter, value)
    value = value.replace("---", "—").replace("--", "–").replace("~", " ")
    return unicodedata.normalize("NFC", re.sub(r"[{}$]", "", value)).strip()


def short_name(entry: str) -> str:
    """Name a work as running text does: ``Nadeau & Bengio 2003``."""
    fields = fields_of(entry)
    names = [author.partition(",")[0].strip() for author in _authors(fields)]
    shown = " & ".join(names) if len(names) < 3 else f"{names[0]} et al."
    return f"{shown} {fields.get('year', '')}".strip()


def reference(entry: str) -> str:
    """Write a work as a list of references does."""
    fields = fields_of(entry)
    authors = _authors(fields)
    where = fields.get("journal") or fields.get("booktitle") or fields.get("publisher", "")
    number = f"({fields['number']})" if "number" in fields else ""
    volume = f" {fields['volume']}{number}" if "volume" in fields else ""
    pages = f", {fields['pages']}" if "pages" in fields else ""
    digital = f" doi:{fields['doi']}" if "doi" in fields else ""
    place = f" {where}{volume}{pages}." if where else ""
    head = f"{'; '.join(authors)} ({fields.get('year', 'n.d.')}). {fields.get('title', '')}."
    return f"{head}{place}{digital}"


def _authors(fields: Mapping[str, str]) -> list[str]:
    return [name.strip() for name in fields.get("author", "").split(" and ") if name.strip()]
