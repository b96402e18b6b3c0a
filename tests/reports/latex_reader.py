"""A strict reader of the LaTeX that reports are written in, for machines without LaTeX."""

from __future__ import annotations

import re
import unicodedata
from pathlib import Path

FACT = re.compile(r"\\fact\{([a-z0-9_.]+)\}\{([a-z_]+)\}\{((?:[^{}\\]|\\.|\{[^{}]*\})*)\}")
_TABLES = {"tabular", "longtable"}
_NAMES = re.compile(
    r"\\(label|cite|includegraphics|bibliography|bibliographystyle)(\[[^\]]*\])?\{[^}]*\}"
)


def body_of(source: str) -> str:
    _, found, rest = source.partition("\\begin{document}")
    assert found, "no \\begin{document}"
    body, found, after = rest.partition("\\end{document}")
    assert found, "no \\end{document}"
    assert not after.strip()
    return body


def check(source: str) -> None:
    """Fail where pdfLaTeX would, or where it would set something else than what is meant."""
    preamble = source.partition("\\begin{document}")[0]
    check_text(body_of(source))
    assert preamble.isascii()


def check_text(body: str) -> None:
    check_signs(body)
    # Names of labels, files and keys are no text; neither are the first two arguments of \fact.
    text = FACT.sub(lambda found: f"{{{found[3]}}}", _NAMES.sub("", body))
    text = re.sub(r"\\ensuremath\{[^{}]*(\{[^{}]*\})?[^{}]*\}", "", text)
    plain = re.sub(r"\\[%&_#$\\{}]", "", text)
    for sign in "%#$_^":
        assert sign not in plain, f"unescaped {sign!r}: {around(plain, sign)}"
    depth = 0
    for sign in re.sub(r"\\begin\{\w+\}|\\end\{\w+\}", "", plain):
        depth += {"{": 1, "}": -1}.get(sign, 0)
        assert depth >= 0, "a brace is closed that was not opened"
    assert depth == 0, "a brace is not closed"
    check_environments(text)


def check_signs(body: str) -> None:
    for sign in sorted(set(body)):
        if sign.isascii():
            assert sign.isprintable() or sign == "\n", f"control character {sign!r}"
        else:
            assert unicodedata.name(sign).startswith(("LATIN ", "INVERTED ", "SECTION", "POUND")), (
                sign
            )


def check_environments(text: str) -> None:
    opened: list[str] = []
    columns = 0
    for line in text.splitlines():
        for kind, name, spec in re.findall(r"\\(begin|end)\{(\w+)\}(\{@.*@\{\}\})?", line):
            if kind == "begin":
                opened.append(name)
                if name in _TABLES:
                    columns = len(
                        re.sub(r"L\{[^{}]*\}|@\{\}|[{}]", lambda f: "L" * (f[0][0] == "L"), spec)
                    )
            else:
                assert opened, f"\\end{{{name}}} without a beginning"
                assert name == opened.pop(), f"\\end{{{name}}} closes another environment"
        cells = len(re.findall(r"(?<!\\)&", line))
        inside = bool(opened) and opened[-1] in _TABLES
        assert inside or not cells, f"& outside a table: {line}"
        if line.endswith(r" \\") and inside:
            assert cells + 1 == columns, f"{cells + 1} cells in {columns} columns: {line}"
    assert not opened, f"not closed: {opened}"


def check_names(source: str, folder: Path) -> None:
    """Every figure is there, every work is in the .bib, every label is used once."""
    for name in re.findall(r"\\includegraphics\[[^\]]*\]\{([^}]*)\}", source):
        assert (folder / name).is_file(), name
    entries = re.findall(r"^@\w+\{(\w+),", (folder / "references.bib").read_text("utf-8"), re.M)
    assert len(set(entries)) == len(entries)
    cited = {key for keys in re.findall(r"\\cite\{([^}]*)\}", source) for key in keys.split(",")}
    assert cited == set(entries)
    labels = re.findall(r"\\label\{([^}]*)\}", source)
    assert len(set(labels)) == len(labels)


def around(text: str, sign: str) -> str:
    place = text.index(sign)
    return text[max(0, place - 40) : place + 40]
