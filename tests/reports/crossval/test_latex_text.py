from __future__ import annotations

import shutil
import subprocess

import pytest
from hypothesis import given
from hypothesis import strategies as st
from latex_reader import check_text

from roomtone.reports.document.bibliography import fields_of, reference, short_name
from roomtone.reports.document.latex_text import breakable, lacking, latex_text
from roomtone.reports.sources import entries

HARD = [
    *(
        "% & _ # $ ~ ^ \\ { } < > | \" ` '",
        "a--b ``c'' ?` !` ,, << >>",
        "naïve Łódź straße ĳ ő ¿qué?",
    ),
    *(
        "你好 😡 👩‍👩‍👧 עברית",
        "\x00\x1b\u202e\ud83d",
        "2 ≥ 1 ± ½ × κ ε …",
        "\n\n\\end{document}",
        "",
    ),
]


@given(st.text())
def test_any_text_is_safe(value):
    check_text(latex_text(value))
    check_text(breakable(latex_text(value)))


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ("50% & a_b #1 $x {y}", r"50\% \& a\_b \#1 \$x \{y\}"),
        ("~^\\", r"\textasciitilde{}\textasciicircum{}\textbackslash{}"),
        ("−0.5 ± 1", r"\ensuremath{-}0.5 \ensuremath{\pm} 1"),
        ("a--b", "a-{}-b"),
        ("😡", "[U+1F621]"),
        ("é", "é"),
        ("β", r"\ensuremath{\beta}"),
        ("Βό", r"\ensuremath{\mathrm{B}}\ensuremath{\acute{o}}"),
        ("5 \u00b5s", r"5 \ensuremath{\mu}s"),
    ],
)
def test_signs_are_written_as_latex_wants_them(given, expected):
    assert latex_text(given) == expected


def test_what_cannot_be_set_is_told_once():
    assert lacking(latex_text("β 你好 50% 你 😡 é")) == "你好😡"
    assert lacking(latex_text("θετικό, naïve")) == ""


def test_a_hash_can_be_broken_into_lines():
    assert breakable("ab" * 32).count("allowbreak") == 7
    assert breakable("training.lr\\_scheduler.type").count("allowbreak") == 3


@pytest.mark.skipif(shutil.which("pdflatex") is None, reason="pdflatex is not installed here")
def test_latex_sets_every_escaped_text(tmp_path):
    letters = "".join(map(chr, (*range(0x20, 0x250), *range(0x370, 0x400))))
    lines = [breakable(latex_text(value)) for value in (*HARD, letters)]
    source = "\n\n".join(
        [
            r"\documentclass{article}\usepackage[T1]{fontenc}\usepackage[utf8]{inputenc}",
            r"\usepackage{textcomp}\begin{document}",
            *lines,
            r"\end{document}",
        ]
    )
    (tmp_path / "hard.tex").write_text(source, "utf-8")
    command = ["pdflatex", "-interaction=nonstopmode", "-halt-on-error", "hard"]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, check=False)
    log = done.stdout.decode(errors="replace")
    assert done.returncode == 0, log[-2000:]
    assert "Missing character" not in (tmp_path / "hard.log").read_text("latin-1")


@pytest.mark.parametrize("key", sorted(entries()))
def test_every_work_can_be_shown(key):
    entry = entries()[key]
    fields = fields_of(entry)
    assert {"author", "title", "year"} <= set(fields)
    for shown in (reference(entry), short_name(entry)):
        assert fields["year"] in shown
        assert not set("{}\\$") & set(shown), shown


def test_a_reference_is_written_in_full():
    assert reference(entries()["nadeau2003"]) == (
        "Nadeau, Claude; Bengio, Yoshua (2003). Inference for the Generalization Error. "
        "Machine Learning 52(3), 239–281. doi:10.1023/A:1024068626366"
    )
    assert short_name(entries()["corani2017"]) == "Corani et al. 2017"
    assert "Demšar" in reference(entries()["corani2017"])
