from __future__ import annotations

import pytest

from roomtone.errors import DataError
from roomtone.experiments.source import read_source
from roomtone.experiments.times import parse_times


def write(path, *lines):
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return path


HEADER = "text,label,video,day"
ROWS = ("good,positive,a,2026-01-02", "bad,negative,b,2026-01-01", "fair,neutral,a,2026-01-03")


def test_rows_of_several_files_are_numbered_on(tmp_path, config):
    first = write(tmp_path / "one.csv", HEADER, *ROWS)
    second = write(tmp_path / "two.csv", HEADER, "so so,neutral,c,2026-01-04", "broken")
    source = read_source([first, second], config, groups="video")
    assert source.texts == ["good", "bad", "fair", "so so"]
    assert source.dealer.labels.tolist() == [2, 0, 1, 1]
    assert source.dealer.groups.tolist() == [0, 1, 0, 2]
    assert [(file.file, file.rows) for file in source.files] == [("one.csv", 3), ("two.csv", 1)]
    assert source.class_counts == (1, 2, 1)
    assert source.column == "video"


def test_times_are_told_apart(tmp_path, config):
    source = read_source([write(tmp_path / "a.csv", HEADER, *ROWS)], config, times="day")
    assert source.dealer.times.argsort().tolist() == [1, 0, 2]
    assert source.dealer.scheme == "time"


def test_the_column_of_the_texts_groups_copies(tmp_path, config):
    rows = ("Good film!,positive,a,1", "bad,negative,b,2", "good film,positive,c,3")
    source = read_source([write(tmp_path / "a.csv", HEADER, *rows)], config, groups="text")
    assert source.dealer.groups.tolist() == [0, 1, 0]


@pytest.mark.parametrize(
    ("options", "rows", "said"),
    [
        ({"groups": "author"}, ROWS, r"a\.csv: no column 'author'.*columns are: 'text'"),
        ({"groups": "vidoe"}, ROWS, "did you mean 'video'"),
        (
            {"groups": "video"},
            (*ROWS, "x,positive, ,4"),
            r"a\.csv, line 5: column 'video' is empty",
        ),
        ({"times": "video"}, ROWS, r"a\.csv, line 2: 'a' in column 'video' is no time; .* 2026-01"),
        ({"times": "day"}, (*ROWS, "x,positive,a,12"), r"line 5: '12' in column 'day' is no time"),
    ],
)
def test_columns_that_cannot_be_used_are_told_by_line(options, rows, said, tmp_path, config):
    with pytest.raises(DataError, match=said):
        read_source([write(tmp_path / "a.csv", HEADER, *rows)], config, **options)


def test_the_same_file_cannot_be_given_twice(tmp_path, config):
    first = write(tmp_path / "a.csv", HEADER, *ROWS)
    second = write(tmp_path / "b.csv", HEADER, *ROWS)
    with pytest.raises(DataError, match=r"b\.csv: the same rows as .*a\.csv"):
        read_source([first, second], config)


def test_times_are_numbers_or_dates_in_any_zone(tmp_path):
    def parse(*values):
        return parse_times(values, range(len(values)), tmp_path, "day").tolist()

    assert parse("3", " 1.5 ", "2e3") == [3.0, 1.5, 2000.0]
    assert parse("1970-01-01", "1970-01-01T00:01", "1970-01-01 01:00+01:00") == [0.0, 60.0, 0.0]
    assert parse("1970-01-02T00:00:00Z") == [86400.0]
    for wrong in ("nan", "inf", "yesterday", "2026-13-01", ""):
        with pytest.raises(DataError, match="is no time"):
            parse("2026-01-01", wrong)
