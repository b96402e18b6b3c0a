"""Cleaned copies, and the account of what was done."""

import csv
import gzip

import pytest
from hypothesis import given
from hypothesis import strategies as st

from roomtone.data.audit.fixing import LOG, copy_names, write_fixed
from roomtone.data.audit.planning import check_kinds, plan_fix
from roomtone.data.audit.reading import open_sources
from roomtone.errors import DataError
from roomtone.experiments.audit import AuditOptions, run_audit


def fixed(paths, folder, also=()):
    audit = run_audit(paths, AuditOptions(labels_check=False))
    fix = plan_fix(audit, also)
    write_fixed(folder, audit, open_sources(paths, "text", "label"), fix)
    tables = {
        path.name: list(csv.reader(path.open(encoding="utf-8-sig", newline="")))
        for path in folder.iterdir()
    }
    return tables, tables.pop(LOG)[1:]


def test_leaks_leave_the_earlier_file_and_test_rows_stay(files, tmp_path):
    paths = files(
        [("seen in test", "0"), ("twice torn", "0"), ("Twice torn!", "2"), ("stays", "1")],
        [("seen in TEST", "1"), ("torn here", "0"), ("torn here", "2"), ("torn here", "2")],
    )
    before = [path.read_bytes() for path in paths]
    tables, log = fixed(paths, tmp_path / "out")
    assert tables["train.csv"] == [["text", "label"], ["stays", "1"]]
    assert len(tables["test.csv"]) == 5
    assert [path.read_bytes() for path in paths] == before
    assert [(row[0], row[1], row[2]) for row in log] == [
        ("train.csv", "2", "removed"),
        ("train.csv", "3", "removed"),
        ("train.csv", "4", "removed"),
        *(("test.csv", str(row), "kept: a test row") for row in (3, 4, 5)),
    ]
    assert log[0][3].startswith("Same text in a later file: the same but for case")
    assert log[0][4:7] == ["test.csv", "2", "seen in test"]


def test_a_text_whose_other_label_left_with_a_leak_stays(files, tmp_path):
    paths = files([("one text", "0")], [("one text", "2")], [("else", "1")])
    tables, _ = fixed(paths, tmp_path / "out")
    assert tables["train.csv"] == [["text", "label"]]
    assert tables["val.csv"] == [["text", "label"], ["one text", "2"]]


@pytest.mark.parametrize(("right", "left"), [(99, 99), (3, 3), (2, 0), (1, 0)])
def test_one_wrong_label_does_not_take_the_good_rows_along(files, tmp_path, right, left):
    paths = files([("One text.", "0"), *[("one text", "2")] * right, ("other", "1")])
    tables, log = fixed(paths, tmp_path / "out")
    assert tables["train.csv"][1:] == [*[["one text", "2"]] * left, ["other", "1"]]
    assert len(log) == 1 + right - left
    assert log[0][1:3] == ["2", "removed"]


def test_of_copies_one_stays_where_the_first_had_the_wrong_label(files, tmp_path):
    paths = files([("one text", "0"), *[("one text", "2")] * 3, ("other", "1"), ("other", "1")])
    tables, log = fixed(paths, tmp_path / "out", ["duplicate"])
    assert tables["train.csv"][1:] == [["one text", "2"], ["other", "1"]]
    assert [row[1] for row in log] == ["2", "4", "5", "7"]


def test_text_is_repaired_in_every_file_and_other_columns_are_kept(tmp_path):
    path = tmp_path / "a.csv"
    path.write_text(
        'id;text;label\n1;"cafÃ© &amp; ""bar""\nyes";positive\n=2;fine;negative\n3;broken\n',
        encoding="utf-8",
    )
    _, log = fixed([path], tmp_path / "out")
    text = (tmp_path / "out" / "a.csv").read_text(encoding="utf-8")
    assert text == ('id;text;label\n1;"café & ""bar""\nyes";positive\n=2;fine;negative\n')
    assert [(row[1], row[2]) for row in log] == [("2", "repaired"), ("4", "removed")]
    assert log[0][6].startswith("cafÃ© &amp;")
    assert log[0][7].startswith("café & ")


def test_more_kinds_go_when_asked_for(files, tmp_path):
    paths = files([("a copy", "0"), ("a copy", "0"), ("b", "1")], [("c", "1"), ("c", "1")])
    tables, log = fixed(paths, tmp_path / "out", ["duplicate"])
    assert [row[0] for row in tables["train.csv"]] == ["text", "a copy", "b"]
    assert [row[0] for row in tables["test.csv"]] == ["text", "c", "c"]
    assert [row[2] for row in log] == ["removed", "kept: a test row"]


def test_files_whose_names_differ_in_gz_alone_have_a_copy_each(files, tmp_path):
    (plain,) = files([("a", "0")])
    packed = tmp_path / "train.csv.gz"
    packed.write_bytes(gzip.compress(b"text,label\nb,positive\n"))
    tables, _ = fixed([plain, packed], tmp_path / "out")
    assert tables == {
        "1 train.csv": [["text", "label"], ["a", "0"]],
        "2 train.csv": [["text", "label"], ["b", "positive"]],
    }


def test_a_file_with_the_name_of_the_account_does_not_fall_to_it(files, tmp_path):
    paths = files([("a", "0"), ("\u200bb", "1")], names=[LOG])
    tables, log = fixed(paths, tmp_path / "out")
    assert tables == {f"1 {LOG}": [["text", "label"], ["a", "0"], ["b", "1"]]}
    assert [(row[0], row[2]) for row in log] == [(LOG, "repaired")]


@given(st.lists(st.sampled_from(["a", "A.gz", "1 a", "2 a", "1 1 a", LOG, ".gz"]), max_size=4))
def test_copies_never_share_a_name(names):
    found = [name.lower() for name in copy_names(names)]
    assert len({*found, LOG}) == len(names) + 1
    pairs = zip(found, names, strict=True)
    assert all(name.endswith(old.lower().removesuffix(".gz")) for name, old in pairs)


def test_a_folder_with_something_in_it_is_refused(files, tmp_path):
    paths = files([("a", "0")])
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "mine").write_text("x")
    with pytest.raises(DataError, match="overwrite nothing"):
        fixed(paths, tmp_path / "out")
    assert [path.name for path in (tmp_path / "out").iterdir()] == ["mine"]


def test_a_file_that_changed_meanwhile_is_refused(files, tmp_path):
    paths = files([("a", "0")])
    audit = run_audit(paths, AuditOptions(labels_check=False))
    paths[0].write_text("text,label\nb,0\n")
    with pytest.raises(DataError, match="has changed since"):
        write_fixed(tmp_path / "out", audit, open_sources(paths, "text", "label"), plan_fix(audit))
    assert not (tmp_path / "out").exists()


def test_an_unknown_kind_is_refused_with_the_nearest():
    with pytest.raises(DataError, match="did you mean 'label_error'"):
        check_kinds(["label_errors"])
