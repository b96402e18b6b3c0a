"""Fields that spreadsheet programs would run as formulas."""

from __future__ import annotations

import re

# What programs take for the beginning of a formula (OWASP, "CSV Injection"), also in the wide
# forms of East Asian keyboards; blanks before it are skipped by some of them.
_FORMULA = re.compile(r"[\t\r\n]|\s*[=+\-@＝＋－＠]")
_NUMBER = re.compile(r"[+-]?\d+(?:[.,]\d+)*(?:[eE][+-]?\d+)?")


def harmless(field: str) -> str:
    """Put an apostrophe before what a spreadsheet program would run; plain numbers stay.

    Examples
    --------
    >>> harmless("=1+1"), harmless("-1.5"), harmless("fine = yes")
    ("'=1+1", '-1.5', 'fine = yes')
    """
    if _FORMULA.match(field) and not _NUMBER.fullmatch(field):
        return f"'{field}"
    return field
