import gzip
import os

import pytest

from roomtone.data.pipes import inspect_pipe
from roomtone.errors import DataError


def pipe_of(data):
    """Return the reading end of a real pipe that holds a little data."""
    reader, writer = os.pipe()
    os.write(writer, data)
    os.close(writer)
    return open(reader, "rb")


def lines_of(data, **options):
    with pipe_of(data) as raw, inspect_pipe(raw, "standard input", **options).lines() as stream:
        return list(stream)


@pytest.mark.parametrize("codec", ["utf-8", "utf-8-sig", "utf-16", "cp1252"])
@pytest.mark.parametrize("compress", [bytes, gzip.compress])
def test_the_first_bytes_tell_encoding_and_compression_and_none_is_lost(codec, compress):
    text = "text,b\r\nça va,1\nschön,2\n"
    assert lines_of(compress(text.encode(codec))) == text.splitlines(keepends=True)


def test_a_stated_encoding_comes_before_all_guessing():
    assert lines_of(b"caf\xe9\n", encoding="latin-1") == ["café\n"]


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        (b"", "standard input is empty"),
        (b"PAR1\x15\x04", "standard input is a Parquet file"),
        (gzip.compress(os.urandom(5000).hex().encode())[:-900], "damaged or cut short"),
        (b"\x1f\x8bgarbage that is no gzip", "damaged or cut short"),
    ],
)
def test_what_cannot_be_read_is_refused_in_words(data, expected):
    with pytest.raises(DataError, match=expected):
        lines_of(data)


def test_the_pipe_stays_open_for_others():
    with pipe_of(b"text\nfirst\n") as raw:
        with inspect_pipe(raw, "standard input").lines() as stream:
            assert next(stream) == "text\n"
        assert not raw.closed
