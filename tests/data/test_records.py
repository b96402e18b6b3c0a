"""Records, their line numbers, and recovery from stray quotes."""

import csv
import io

from roomtone.data.records import PhysicalLines, large_fields, read_records


def records(text, *, width=2, delimiter=","):
    lines = PhysicalLines(io.StringIO(text, newline=""))
    return [tuple(record) for record in read_records(lines, delimiter, width=width)]


def test_a_record_knows_the_physical_line_on_which_it_starts():
    assert records('"a\nb\r\nc",1\r\nd,2\n') == [
        (1, ["a\nb\r\nc", "1"], ""),
        (4, ["d", "2"], ""),
    ]


def test_a_quote_that_is_never_closed_costs_its_own_line_only():
    assert records('a,1\n"open,2\nb,3\n"c ""d""",4\n') == [
        (1, ["a", "1"], ""),
        (2, [], "unbalanced quote"),
        (3, ["b", "3"], ""),
        (4, ['c "d"', "4"], ""),
    ]


def test_an_open_quote_before_the_end_of_the_file_keeps_the_rows_after_it():
    rows = records('"open,1\n' + "fine,2\n" * 1000)
    assert rows[0][2] == "unbalanced quote"
    assert rows[1:] == [(line, ["fine", "2"], "") for line in range(2, 1002)]


def test_text_after_a_closing_quote_is_read_leniently():
    assert records('"great" film,1\nb,2\n') == [
        (1, ["great film", "1"], ""),
        (2, ["b", "2"], ""),
    ]


def test_quotes_inside_an_unquoted_field_are_plain_characters():
    assert records('a 5" disc,1\n') == [(1, ['a 5" disc', "1"], "")]


def test_null_characters_and_a_byte_order_mark_are_dropped():
    assert records("\ufeffa\0b,1\n\ufeffc,\0\n") == [
        (1, ["ab", "1"], ""),
        (2, ["\ufeffc", ""], ""),
    ]


def test_blank_lines_are_records_without_fields():
    assert records("\na,1\n\n") == [(1, [], ""), (2, ["a", "1"], ""), (3, [], "")]


def test_a_field_of_megabytes_is_read_and_the_limit_is_restored():
    before = csv.field_size_limit()
    text = "x" * (before * 4)
    with large_fields():
        assert records(f'"{text}",1\n')[0][1] == [text, "1"]
    assert csv.field_size_limit() == before
