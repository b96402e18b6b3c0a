"""Every row of a file is accounted for, by the number that a spreadsheet shows."""

import pytest

from roomtone.data.audit.reading import open_sources, read_audited
from roomtone.errors import DataError


def audited(path, *others):
    return read_audited(open_sources([path, *others], "text", "label"))


def test_rows_have_the_numbers_of_a_spreadsheet(tmp_path):
    path = tmp_path / "a.csv"
    path.write_text('text,label\n"two\nlines",positive\n\nnext,0\n,1\nlast,what\n')
    rows = audited(path)
    assert rows.texts == ["two\nlines", "next", "last"]
    assert rows.number.tolist() == [2, 4, 6]
    assert rows.labels.tolist() == [2, 0, -1]
    assert rows.counts == (4,)
    assert [(p.kind, p.place.row, p.evidence) for p in rows.problems] == [
        ("empty", 5, "empty text"),
        ("unknown_label", 6, "label 'what'"),
    ]


def test_broken_rows_are_findings_and_the_rest_is_read(tmp_path):
    path = tmp_path / "a.csv"
    path.write_bytes(
        b'text,label\nfine,positive\n"never closed,positive\nthree,fields,here\n'
        b"caf\xc3\xa9 x,positive\nbad \xff byte,negative\nfine too,negative\n"
    )
    rows = audited(path)
    assert rows.texts == ["fine", "café x", "fine too"]
    assert [(p.kind, p.place.row) for p in rows.problems] == [
        ("broken", 3),
        ("broken", 4),
        ("broken", 6),
    ]
    assert rows.number.tolist() == [2, 5, 7]


def test_other_labels_than_sentiment_are_the_classes(tmp_path):
    path = tmp_path / "a.csv"
    path.write_text("text,label\na,spam\nb,Ham\nc,SPAM\nd,ham\n")
    rows = audited(path)
    assert rows.class_names == ("Ham", "SPAM")
    assert rows.labels.tolist() == [1, 0, 1, 0]


def test_a_column_with_too_many_different_labels_is_refused(tmp_path):
    path = tmp_path / "a.csv"
    path.write_text("text,label\n" + "".join(f"t,row {n}\n" for n in range(200)))
    with pytest.raises(DataError, match=r"200 different labels, more than 100.*--label_column"):
        audited(path)


def test_a_file_without_texts_is_refused(tmp_path):
    path = tmp_path / "a.csv"
    path.write_text("text,label\n,positive\n")
    with pytest.raises(DataError, match=r"no row has a text"):
        audited(path)


def test_files_of_one_name_are_told_apart(tmp_path):
    for folder in ("a", "b"):
        (tmp_path / folder).mkdir()
        (tmp_path / folder / "x.csv").write_text("text,label\nt,positive\n")
    rows = audited(tmp_path / "a" / "x.csv", tmp_path / "b" / "x.csv")
    assert rows.names == ("1 x.csv", "2 x.csv")
