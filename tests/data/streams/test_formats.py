import os

import pytest

from roomtone.data.streams import (
    Added,
    Format,
    Layout,
    check_unchanged,
    format_of,
    open_stream,
    open_writer,
)
from roomtone.errors import DataError

ADDED = (Added("label", "text"), Added("status", "text"))


@pytest.mark.parametrize(
    ("name", "form"),
    [
        ("a.csv", Format("csv")),
        ("A.CSV.GZ", Format("csv", gzipped=True)),
        ("a.tsv", Format("csv", tabs=True)),
        ("b.2/a.ndjson", Format("jsonl")),
        ("a.jsonl.gz", Format("jsonl", gzipped=True)),
        ("a.pq", Format("parquet")),
        ("-", Format("csv")),
    ],
)
def test_the_name_tells_the_format(name, form):
    assert format_of(name, None, "--input_format") == form


def test_what_is_stated_comes_before_the_name():
    assert format_of("a.csv", "jsonl", "--input_format") == Format("jsonl")
    assert format_of("-", None, "--output_format", otherwise="jsonl") == Format("jsonl")


@pytest.mark.parametrize(
    ("name", "stated", "expected"),
    [
        ("a.txt", None, "--input_format"),
        ("a.gz", None, "does not say what it holds"),
        ("-", "parquet", "use csv or jsonl there"),
        ("a.parquet.gz", None, "leave .gz out"),
    ],
)
def test_what_cannot_be_is_refused(name, stated, expected):
    with pytest.raises(DataError, match=expected):
        format_of(name, stated, "--input_format")


def write(tmp_path, text):
    path = tmp_path / "in.csv"
    path.write_text(text, encoding="utf-8")
    return str(path)


def test_a_column_with_the_name_of_a_new_one_is_refused_unless_it_is_left_out(tmp_path):
    name = write(tmp_path, "text, label\na,1\n")
    with pytest.raises(DataError, match=r"already has a column 'label'.*--prefix.*--columns"):
        open_stream(name, Format("csv"), Layout(), ADDED, fixed=False)
    assert open_stream(name, Format("csv"), Layout(columns=("text",)), ADDED, fixed=False)


def test_two_columns_of_one_name_are_for_csv_alone(tmp_path):
    name = write(tmp_path, "text,a,a\nx,1,2\n")
    assert open_stream(name, Format("csv"), Layout(), ADDED, fixed=False).stream.columns
    with pytest.raises(DataError, match="several columns are called 'a'"):
        open_stream(name, Format("csv"), Layout(), ADDED, fixed=True)


def test_a_csv_file_is_written_with_the_delimiter_that_it_had_or_with_tabs(tmp_path):
    stream = open_stream(write(tmp_path, "text;n\nx;1\n"), Format("csv"), Layout(), (), fixed=False)
    heads = [
        open_writer(form, stream.stream, ADDED).head()
        for form in (Format("csv"), Format("csv", tabs=True))
    ]
    assert heads == [b"text;n;label;status\n", b"text\tn\tlabel\tstatus\n"]


@pytest.mark.parametrize(
    ("layout", "expected"),
    [
        (Layout(encoding="utf-99"), "--encoding: unknown encoding 'utf-99'"),
        (Layout(delimiter="::"), "--delimiter: '::' is no delimiter"),
    ],
)
def test_settings_are_called_as_the_flags_are(tmp_path, layout, expected):
    with pytest.raises(DataError, match=expected):
        open_stream(write(tmp_path, "text\nx\n"), Format("csv"), layout, (), fixed=False)


def test_a_file_that_grows_meanwhile_is_noticed(tmp_path):
    name = write(tmp_path, "text\nx\n")
    facts = open_stream(name, Format("csv"), Layout(), (), fixed=False).facts
    check_unchanged(name, facts)
    os.utime(name, ns=(1, 1))
    with pytest.raises(DataError, match="was changed while it was read"):
        check_unchanged(name, facts)
