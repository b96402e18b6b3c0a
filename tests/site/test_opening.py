"""Files that are small on the way and endless unpacked."""

from __future__ import annotations

import gzip

import pytest

from roomtone.data.streams import format_of
from roomtone.errors import DataError
from roomtone_site.comments import importing, importing_job
from roomtone_site.comments.importing import import_comments
from roomtone_site.comments.importing_job import run
from roomtone_site.comments.models import YouTubeComment
from roomtone_site.comments.opening import OF_UPLOADS, ReadLimit
from roomtone_site.comments.uploads import receive

LIMIT = ReadLimit(rows=30, unpacked=10_000)


def rows(count, text="comment"):
    return ("text\n" + "".join(f"{text} {n}\n" for n in range(count))).encode()


def write(path, content):
    path.write_bytes(gzip.compress(content) if path.suffix == ".gz" else content)
    return path


def check(path, limit=LIMIT):
    limit.check_file(path, format_of(path.name, None, ""))


@pytest.mark.parametrize("name", ["a.csv", "a.csv.gz"])
def test_the_size_that_counts_is_the_unpacked_one(tmp_path, name):
    check(write(tmp_path / name, b"x" * 10_000))
    with pytest.raises(DataError, match="unpacked it has more than 10,000 bytes"):
        check(write(tmp_path / name, b"x" * 10_001))


def test_what_is_packed_is_told_by_its_bytes(tmp_path):
    path = tmp_path / "a.csv"
    path.write_bytes(gzip.compress(b"x" * 20_000))
    assert path.stat().st_size < 1000
    with pytest.raises(DataError, match="unpacked"):
        check(path)


def test_several_packed_parts_count_together(tmp_path):
    path = tmp_path / "a.csv.gz"
    path.write_bytes(gzip.compress(b"x" * 6_000) * 2)
    with pytest.raises(DataError, match="unpacked"):
        check(path)


@pytest.mark.timeout(60)
def test_a_bomb_is_not_unpacked_to_its_end(tmp_path, monkeypatch):
    unpacked = []

    class Counted(gzip.GzipFile):
        def read(self, size=-1):
            piece = super().read(size)
            unpacked.append(len(piece))
            return piece

    monkeypatch.setattr(gzip, "GzipFile", Counted)
    path = tmp_path / "a.csv.gz"
    path.write_bytes(gzip.compress(b"a" * 2**24) * 2000)  # 32 GiB in 32 MB
    with pytest.raises(DataError, match="unpacked"):
        check(path, ReadLimit(1, 2**25))
    assert 2**25 < sum(unpacked) <= 2**25 + 2**20


def test_a_damaged_file_is_told(tmp_path):
    path = tmp_path / "a.csv.gz"
    path.write_bytes(gzip.compress(b"x" * 100)[:-4])
    with pytest.raises(DataError, match="damaged or cut short"):
        check(path)


def test_parquet_tells_its_size_itself(tmp_path):
    arrow = pytest.importorskip("pyarrow", reason="needs: pip install 'roomtone[parquet]'")
    from pyarrow import parquet

    path = tmp_path / "a.parquet"
    table = arrow.table({"text": [f"{n:05}" + "x" * 100 for n in range(200)]})
    parquet.write_table(table, path, compression="zstd", use_dictionary=False)
    assert path.stat().st_size < LIMIT.unpacked
    with pytest.raises(DataError, match="unpacked"):
        check(path)
    check(path, OF_UPLOADS)
    check(write(tmp_path / "b.parquet", b"PAR1 no table"))


@pytest.mark.django_db
def test_no_more_rows_are_stored_than_may_be(user, tmp_path, monkeypatch):
    monkeypatch.setattr(importing, "BATCH", 10)
    path = write(tmp_path / "a.csv", rows(31))
    with pytest.raises(DataError, match="more than 30 rows"):
        import_comments(user, path, limit=LIMIT)
    assert YouTubeComment.objects.count() == 30
    assert import_comments(user, path).rows == 31, "a command knows no limit"
    assert import_comments(user, write(tmp_path / "b.csv", rows(30)), limit=LIMIT).rows == 30


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(
    ("name", "content", "told"),
    [
        ("a.csv.gz", gzip.compress(rows(1, "x" * 20_000)), "a.csv.gz: unpacked it has more than"),
        ("a.csv", rows(31), "the file has more than 30 rows"),
    ],
)
def test_what_is_sent_by_the_page_is_limited(
    user, tmp_path, settings, monkeypatch, name, content, told
):
    settings.UPLOADS_FOLDER = tmp_path / "uploads"
    monkeypatch.setattr(importing_job, "OF_UPLOADS", LIMIT)
    found = receive(user, name, [content], "")
    assert run(found.pk) == "failed: DataError"
    found.refresh_from_db()
    assert found.message.startswith(told)
