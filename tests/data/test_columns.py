"""Delimiters and columns from the header."""

import io
from pathlib import Path

import pytest

from roomtone.data.columns import read_header
from roomtone.data.records import PhysicalLines, read_records
from roomtone.errors import DataError
from roomtone.labels import LabelScheme

WANTED = ("text", "label")


def header(text, wanted=WANTED, **options):
    lines = PhysicalLines(io.StringIO(text, newline=""))
    found = read_header(lines, wanted, path=Path("t.csv"), labels=LabelScheme(), **options)
    rest = list(read_records(lines, found.delimiter, width=found.width))
    return found.delimiter, found.positions, [(row.line, row.fields) for row in rest]


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_the_delimiter_is_the_one_that_yields_the_wanted_columns(delimiter):
    found, positions, rest = header(f"id{delimiter}label{delimiter}text\n")
    assert (found, positions, rest) == (delimiter, (2, 1), [])


def test_other_delimiters_in_other_column_names_do_not_confuse():
    assert header("text;label;a,b,c,d\n")[:2] == (";", (0, 1))


@pytest.mark.parametrize(
    "line",
    ['"text","label"', "\ufefftext,label", '\ufeff"text", label ', "TEXT,La Bel", "\n\ntext,label"],
)
def test_names_match_with_quotes_marks_case_and_blanks(line):
    assert header(line + "\n")[1] == (0, 1)


def test_an_exact_name_comes_before_one_in_another_case():
    assert header("Text,text,label\n")[1] == (1, 2)


def test_quoted_newlines_in_the_header_keep_the_line_numbers_right():
    assert header('text,label,"two\nlines"\na,1,b\n')[2] == [(3, ["a", "1", "b"])]


def test_the_first_line_of_excel_states_the_delimiter():
    assert header("sep=;\r\ntext;label\r\na;1\r\n") == (";", (0, 1), [(3, ["a", "1"])])


def test_a_delimiter_can_be_stated():
    assert header("text^label\n", delimiter="^")[0] == "^"
    assert header("text\tlabel\n", delimiter="tab")[0] == "\t"
    with pytest.raises(DataError, match=r"data\.delimiter: ',,' is no delimiter"):
        header("text,label\n", delimiter=",,")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("txt,lable,id\n", r"no column 'text'; did you mean 'txt'\?; no column 'label'; did you"),
        ("txt,lable,id\n", r"columns are: 'txt', 'lable', 'id'"),
        ("text:label\n", r"columns are: 'text:label'.*data\.delimiter"),
        ("comment;label\n", r"columns are: 'comment', 'label'"),
        ("Text,TEXT,label\n", "2 columns match 'text'"),
        ("text,text,label\n", "2 columns match 'text'"),
        ("I love it,positive\nbad,negative\n", "the header is missing.*text,label"),
        ("bad film\t0\n", "the header is missing"),
        ("2;good film\n", "the header is missing"),
        ("\ufeff", "is empty"),
        ("," * 50 + "\n", "and 31 more"),
        ("x" * 5000 + "\n", "x…'"),
    ],
)
def test_a_header_that_does_not_fit_is_explained(text, expected):
    with pytest.raises(DataError, match=expected):
        header(text)


def test_text_and_label_cannot_be_one_column():
    with pytest.raises(DataError, match=r"both read from column 'text'"):
        header("text,label\n", wanted=("text", "Text"))
