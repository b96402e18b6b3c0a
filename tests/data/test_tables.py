"""Labelled comments from CSV files as people have them."""

import csv
import gzip
from contextlib import suppress

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from roomtone.data.rows import Rejection
from roomtone.data.tables import read_labelled
from roomtone.errors import DataError
from roomtone.labels import LabelScheme

LABELS = LabelScheme()


@pytest.fixture
def table(tmp_path):
    def write(content, name="t.csv"):
        path = tmp_path / name
        raw = content if isinstance(content, bytes) else content.encode()
        path.write_bytes(raw)
        return path

    return write


def read(path, **options):
    return read_labelled(path, labels=LABELS, **options)


def test_rows_come_with_texts_codes_lines_and_counts(table):
    found = read(table('text,label\n"a, ""b""\nc",Positive\nd,0\n'))
    assert found.texts == ['a, "b"\nc', "d"]
    assert found.labels.tolist() == [2, 0]
    assert found.lines.tolist() == [2, 4]
    assert found.labels.dtype == found.lines.dtype == np.int64
    assert found.label_counts == {0: 1, 1: 0, 2: 1}
    assert (found.encoding, found.delimiter, found.rejected) == ("utf-8", ",", ())
    assert len(found.sha256) == 64


def test_columns_are_chosen_by_name(table):
    path = table("id;Comment Text;rating\n7;fine;neutral\n")
    found = read(path, text_column="comment text", label_column="rating")
    assert (found.texts, found.labels.tolist()) == (["fine"], [1])


def test_unusable_rows_are_left_out_with_line_and_reason(table):
    found = read(
        table(
            b"text,label\n\nonly text\na,b,positive\n , \n  ,positive\nno label,\n"
            b'"open,positive\nbad \xff byte,positive\n\xc3\xa9 fine,positive\n'
        )
    )
    assert found.texts == ["é fine"]
    assert found.lines.tolist() == [10]
    assert found.rejected == (
        Rejection(2, "empty row"),
        Rejection(3, "1 field instead of 2"),
        Rejection(4, "3 fields instead of 2"),
        Rejection(5, "empty row"),
        Rejection(6, "empty text"),
        Rejection(7, "empty label"),
        Rejection(8, "unbalanced quote"),
        Rejection(9, "bytes that are not valid utf-8"),
    )


def test_bad_bytes_in_a_column_that_is_not_read_do_not_matter(table):
    found = read(table(b"text,label,note\n\xc3\xa9,positive,\xff\n"))
    assert found.texts == ["é"]


def test_html_is_kept_and_null_bytes_are_dropped(table):
    found = read(table("text,label\n<b>good</b> &amp; f\0ine,pos\0itive\n"))
    assert (found.texts, found.labels.tolist()) == (
        ["<b>good</b> & fine".replace("&", "&amp;")],
        [2],
    )


def test_fields_of_megabytes_are_read(table):
    text = "long text, " * 300_000
    assert read(table(f'text,label\n"{text}",positive\nshort,negative\n')).texts == [text, "short"]


@pytest.mark.parametrize("codec", ["utf-8-sig", "utf-16", "utf-16-le", "utf-16-be"])
def test_unicode_files_are_read_whatever_their_encoding(table, codec):
    content = "text\tlabel\n“schön” 😀\tpositive\n"
    assert read(table(content.encode(codec))).texts == ["“schön” 😀"]


def test_windows_1252_is_read_as_it_was_meant(table):
    found = read(table("text,label\nCafé – très “bon” à 5 €,positive\n".encode("cp1252")))
    assert (found.texts, found.encoding) == (["Café – très “bon” à 5 €"], "cp1252")


def test_compressed_files_are_read(table):
    assert read(table(gzip.compress(b"text,label\nfine,1\n"), "t.csv.gz")).texts == ["fine"]


def test_unknown_labels_are_tallied_and_the_remedy_is_named(table):
    path = table(
        "text,label\na,positive\nb,pozitive\nc,meh\nd,meh\n"
        + "".join(f"e,odd{n}\n" for n in range(9))
    )
    with pytest.raises(DataError) as raised:
        read(path)
    message = str(raised.value)
    assert f"{path}, line 3: unknown label 'pozitive' in column 'label'" in message
    assert "known: negative (0), neutral (1), positive (2)" in message
    assert "did you mean 'positive'?" in message
    assert "rows with an unknown label: 12; distinct unknown labels: 11" in message
    assert "'meh' (2), 'pozitive' (1), " in message
    assert "data.label_map" in message


@pytest.mark.parametrize("label", ["1" * 5000, "x" * 3_000_000])
def test_an_absurd_label_is_shown_shortened(table, label):
    with pytest.raises(DataError, match="unknown label") as raised:
        read(table(f"text,label\na,{label}\n"))
    assert len(str(raised.value)) < 1000


def test_a_users_own_labels_are_understood(table):
    scheme = LabelScheme.from_map({"bad": 0, "good": 1})
    found = read_labelled(table("text,label\na,GOOD\n"), labels=scheme)
    assert (found.labels.tolist(), found.label_counts) == ([1], {0: 0, 1: 1})


def test_too_many_unusable_rows_stop_the_reading(table):
    path = table("text,label\n" + "fine,1\n" + "broken\n" * 11)
    assert len(read(path, max_rejected=11).rejected) == 11
    with pytest.raises(DataError) as raised:
        read(path, max_rejected=10)
    assert "more than 10 rows are unusable: line 3: 1 field instead of 2; line 4" in str(
        raised.value
    )
    assert "data.max_rejected" in str(raised.value)


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        ("text,label\n", "no usable row: nothing stands below the header"),
        ("text,label\n,positive\n", "no usable row: line 2: empty text"),
        ("fine,positive\nbad,negative\n", "the header is missing"),
        ("txt,label\nfine,1\n", "no column 'text'"),
    ],
)
def test_a_table_without_use_is_refused(table, content, expected):
    path = table(content)
    with pytest.raises(DataError, match=expected) as raised:
        read(path)
    assert str(path) in str(raised.value)


readable = st.text(
    st.characters(exclude_categories=["Cs"], exclude_characters="\0"), min_size=1, max_size=30
).filter(lambda text: not text.isspace())
noisy = st.lists(
    st.sampled_from(['"', ",", ";", "\t", "|", "\n", "\r\n", "\r", "a", " b ", "\u2028", "\x85"]),
    min_size=1,
    max_size=12,
).map("".join)
texts = readable | noisy.filter(lambda text: not text.isspace())


@settings(deadline=None)
@given(
    rows=st.lists(
        st.tuples(texts, st.sampled_from(["positive", "NEGATIVE", " neutral ", "2"])), min_size=1
    ),
    delimiter=st.sampled_from([",", ";", "\t", "|"]),
    quoting=st.sampled_from([csv.QUOTE_MINIMAL, csv.QUOTE_ALL, csv.QUOTE_NONNUMERIC]),
    codec=st.sampled_from(["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be"]),
)
def test_any_table_that_was_written_is_read_back_the_same(
    tmp_path_factory, rows, delimiter, quoting, codec
):
    path = tmp_path_factory.mktemp("written") / "t.csv"
    with path.open("w", encoding=codec, newline="") as stream:
        writer = csv.writer(stream, delimiter=delimiter, quoting=quoting)
        writer.writerows([("text", "label"), *rows])
    found = read(path)
    assert found.texts == [text for text, _ in rows]
    assert found.labels.tolist() == [LABELS.parse(label) for _, label in rows]
    assert found.rejected == ()
    assert found.delimiter == delimiter
    assert np.all(np.diff(found.lines) > 0)


pieces = st.sampled_from(
    [b"text,label\n", b"a,positive\n", b'"', b'""', b",", b"\n", b"\r", b"\0", b"\xff", b"\xfe",
     b"\xef\xbb\xbf", b"\x1f\x8b", b"PK\x03\x04", b"\xf0\x9f\x98\x80", b"x;y\t|", b"sep=;\n"]
)  # fmt: skip


@settings(deadline=None)
@given(
    raw=st.binary(max_size=400)
    | st.lists(pieces, max_size=20).map(b"".join)
    | st.lists(pieces, max_size=20).map(lambda parts: b"text,label\n" + b"".join(parts)),
    encoding=st.sampled_from(
        ["auto", "utf-8", "utf-16", "utf-32", "cp1252", "ascii", "utf-7", "idna"]
    ),
)
def test_garbage_never_raises_anything_but_a_data_error(tmp_path_factory, raw, encoding):
    path = tmp_path_factory.mktemp("garbage") / "t.csv"
    path.write_bytes(raw)
    with suppress(DataError):
        read(path, encoding=encoding)


@settings(deadline=None)
@given(stray=st.integers(0, 19), quotes=st.sampled_from(['"', '"a ""b""', '"x"y"']))
def test_one_stray_quote_costs_at_most_its_own_row(tmp_path_factory, stray, quotes):
    lines = [f"fine {number},positive" for number in range(20)]
    lines[stray] = f"{quotes} text,positive"
    path = tmp_path_factory.mktemp("stray") / "t.csv"
    path.write_text("\n".join(["text,label", *lines]), encoding="utf-8")
    found = read(path)
    others = [f"fine {number}" for number in range(20) if number != stray]
    assert [text for text in found.texts if text.startswith("fine")] == others
