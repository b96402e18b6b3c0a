"""Which files are text, and in which encoding."""

import codecs
import gzip
import hashlib
import io
import zipfile

import pytest

from roomtone.data.encodings import inspect_file
from roomtone.data.sniffing import UNDECODABLE
from roomtone.errors import DataError

TABLE = "text,label\nWunderschön, “really” 😀,positive\nслабо,negative\n"


def lines_of(path, **options):
    with inspect_file(path, **options).lines() as stream:
        return "".join(stream)


@pytest.mark.parametrize(
    ("raw", "codec"),
    [
        (TABLE.encode(), "utf-8"),
        (TABLE.encode("utf-8-sig"), "utf-8-sig"),
        (TABLE.encode("utf-16-le"), "utf-16-le"),
        (TABLE.encode("utf-16-be"), "utf-16-be"),
        (codecs.BOM_UTF16_LE + TABLE.encode("utf-16-le"), "utf-16"),
        (codecs.BOM_UTF16_BE + TABLE.encode("utf-16-be"), "utf-16"),
        (codecs.BOM_UTF32_LE + TABLE.encode("utf-32-le"), "utf-32"),
    ],
)
def test_each_unicode_encoding_is_found_and_read(tmp_path, raw, codec):
    path = tmp_path / "t.csv"
    path.write_bytes(raw)
    assert inspect_file(path).encoding == codec
    assert lines_of(path) == TABLE


def test_windows_1252_is_what_remains(tmp_path):
    path = tmp_path / "t.csv"
    path.write_bytes("text,label\nCafé “très” bon, 5 €\n".encode("cp1252"))
    assert inspect_file(path).encoding == "cp1252"
    assert "“très” bon, 5 €" in lines_of(path)


def test_a_character_cut_off_by_the_end_of_the_file_is_no_utf8(tmp_path):
    path = tmp_path / "t.csv"
    path.write_bytes("text,label\nfine,café".encode("cp1252"))
    assert inspect_file(path).encoding == "cp1252"


def test_a_few_broken_bytes_do_not_turn_a_utf8_file_into_windows_1252(tmp_path):
    path = tmp_path / "t.csv"
    path.write_bytes("text,label\n😀 ü é,1\n".encode() + b"bad \xff byte,1\n")
    assert inspect_file(path).encoding == "utf-8"
    assert f"bad {UNDECODABLE} byte" in lines_of(path)


def test_a_character_across_two_chunks_is_still_utf8(tmp_path):
    path = tmp_path / "t.csv"
    path.write_bytes(b"a" * ((1 << 20) - 1) + "é".encode() * 3)
    assert inspect_file(path).encoding == "utf-8"


def test_a_stated_encoding_comes_before_all_guessing(tmp_path):
    path = tmp_path / "t.csv"
    path.write_bytes("text\nпривет\n".encode("cp1251"))
    assert lines_of(path, encoding="cp1251") == "text\nпривет\n"


def test_gzip_is_told_by_the_bytes_and_the_hash_is_of_the_file(tmp_path):
    path = tmp_path / "named_plainly.csv"
    path.write_bytes(gzip.compress(TABLE.encode()))
    found = inspect_file(path)
    assert found.gzipped
    assert found.sha256 == hashlib.sha256(path.read_bytes()).hexdigest()
    assert lines_of(path) == TABLE


def _workbook():
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr("xl/workbook.xml", "<workbook/>")
    return buffer.getvalue()


@pytest.mark.parametrize(
    ("raw", "expected"),
    [
        (b"", "is empty"),
        (b" \n\n\0\0", "is empty"),
        (_workbook(), "Excel workbook"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(500), "old Excel workbook"),
        (bytes(257) + b"ustar" + bytes(300) + b"x", "tar archive"),
        (b"\x80\x04\x95\x10\0text", "binary file"),
        (gzip.compress(TABLE.encode() * 50)[:60], "damaged or cut short"),
        (gzip.compress(TABLE.encode() * 50)[:-9] + b"\0" * 9, "damaged or cut short"),
        (b"\x1f\x8b garbage", "damaged or cut short"),
    ],
)
def test_a_file_that_is_no_text_is_refused_in_words(tmp_path, raw, expected):
    path = tmp_path / "t.csv"
    path.write_bytes(raw)
    with pytest.raises(DataError, match=expected) as raised:
        lines_of(path)
    assert str(path) in str(raised.value)


def test_missing_files_and_directories_are_refused(tmp_path):
    with pytest.raises(DataError, match="does not exist"):
        inspect_file(tmp_path / "absent.csv")
    with pytest.raises(DataError, match="is a directory"):
        inspect_file(tmp_path)


@pytest.mark.parametrize("name", ["utf-99", "hex", "rot13", "", "a\0b"])
def test_an_unknown_encoding_names_the_setting(tmp_path, name):
    path = tmp_path / "t.csv"
    path.write_text(TABLE, encoding="utf-8")
    with pytest.raises(DataError, match=r"data\.encoding.*utf-8, utf-16 or cp1252"):
        inspect_file(path, encoding=name)
