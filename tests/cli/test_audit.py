"""The verb as a user types it."""

import csv
import json
import re
import sys

import numpy as np
import pytest

from roomtone.cli.main import main

HOSTILE = [
    ("=cmd|' /C calc'!A0", "positive"),
    ("<script>alert(1)</script> <img src=x onerror=y>", "negative"),
    ("\u202egnp.exe " * 3, "neutral"),
    ("z̷̢̛" * 400, "negative"),
    ("🏴\U000e0067\U000e0062" * 50, "positive"),
    ("x" * 200_000, "neutral"),
    ("]]>&#0;&#xD800;&bogus;", "positive"),
    ("@SUM(1+1)*cmd", "what is this"),
]


@pytest.fixture
def files(tmp_path):
    """Write a training and a test file with honest and hostile rows."""

    rng = np.random.default_rng(0)
    words = ["".join(letters) for letters in rng.choice(list("abcdefghijk"), (90, 6))]

    def rows(count):
        return [
            (f"{('good', 'bad')[n % 2]} {' '.join(rng.choice(words, 7))}", ("pos", "neg")[n % 2])
            for n in range(count)
        ]

    honest, tested = rows(150), rows(60)
    tables = {
        "train.csv": [*honest, *HOSTILE, (tested[0][0].upper(), "negative")],
        "test.csv": [*tested, ("cafÃ© &amp; bar", "neutral")],
    }
    for name, table in tables.items():
        with (tmp_path / name).open("w", encoding="utf-8", newline="") as file:
            writer = csv.writer(file)
            writer.writerow(["text", "label"])
            writer.writerows(table)
    with (tmp_path / "train.csv").open("ab") as file:
        file.write(
            b'one field\n"open quote,positive\nbad \xff\xfe byte,positive\n\0\0null,negative\n'
        )
    return [tmp_path / name for name in tables]


def run(*words):
    return main([str(word) for word in words])


def test_everything_is_written_and_a_second_run_writes_the_same_bytes(files, tmp_path, capsys):
    out = tmp_path / "out"
    assert run("audit", *files, "--output_dir", out, "--fix") == 0
    printed = capsys.readouterr().out
    assert re.search(r"Same text in a later file +1 +0", printed)
    names = ["audit.html", "audit.json", "findings.csv"]
    first = [(out / name).read_bytes() for name in names]
    assert run("audit", *files, "--output_dir", tmp_path / "again", "--fix") == 0
    assert first == [(tmp_path / "again" / name).read_bytes() for name in names]
    for path in (out / "cleaned").iterdir():
        assert path.read_bytes() == (tmp_path / "again" / "cleaned" / path.name).read_bytes()
    audit = json.loads(first[1])
    assert audit["counts"]["leak"] == {"train.csv": 1, "test.csv": 0}
    assert audit["counts"]["broken"]["train.csv"] == 3
    assert audit["skipped"] == []


def test_findings_are_safe_to_open_and_lead_to_their_rows(files, tmp_path):
    assert run("audit", *files, "--output_dir", tmp_path / "out", "--no-labels-check") == 0
    with (tmp_path / "out" / "findings.csv").open(encoding="utf-8-sig", newline="") as file:
        found = list(csv.DictReader(file))
    assert not [cell for row in found for cell in row.values() if cell[:1] in tuple("=+-@")]
    (leak,) = [row for row in found if row["finding"] == "leak"]
    assert (leak["file"], leak["row"]) == ("train.csv", "160")
    assert (leak["partner_file"], leak["partner_row"]) == ("test.csv", "2")
    assert leak["suggested_action"] == "remove it here"
    (unknown,) = [row for row in found if row["finding"] == "unknown_label"]
    assert unknown["text"] == "'@SUM(1+1)*cmd"


def test_the_page_escapes_texts_and_loads_nothing(files, tmp_path):
    assert run("audit", *files, "--output_dir", tmp_path / "out", "--no_labels_check") == 0
    page = (tmp_path / "out" / "audit.html").read_text(encoding="utf-8")
    assert "<script" not in page
    assert "&lt;script&gt;" in page
    assert not re.search(r'(?:src|href)="(?!data:|#)', page)
    anchors = set(re.findall(r'href="#([^"]+)"', page))
    assert anchors <= set(re.findall(r'id="([^"]+)"', page))
    assert page.count("<figure>") == 2
    assert "Not looked at" in page
    assert "label errors: not asked for" in page


def test_without_the_extra_it_says_what_it_did_not_look_at(files, tmp_path, monkeypatch, capsys):
    hidden = ("cleanlab", "ftfy", "py3langid")
    real = sys.modules["importlib.util"].find_spec

    def find_spec(name, *rest):
        return None if name in hidden else real(name, *rest)

    monkeypatch.setattr("importlib.util.find_spec", find_spec)
    monkeypatch.setattr("roomtone.data.audit.languages.find_spec", find_spec)
    monkeypatch.setattr("roomtone.experiments.label_errors.find_spec", find_spec)
    assert run("audit", *files, "--output_dir", tmp_path / "out") == 0
    printed = capsys.readouterr().out
    for words in (
        "letters: needs ftfy",
        "languages: needs py3langid",
        "label errors: needs cleanl",
    ):
        assert words in printed
    assert "pip install 'roomtone[audit]'" in printed


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["a.csv", "b.csv", "c.csv", "d.csv"], "found 4 files, expected one to 3"),
        (["a.csv", "./a.csv"], "the same file is named twice"),
        (["a.csv", "--fix_also", "duplicate"], "nothing without --fix"),
        (["a.csv", "--fix", "--fix_also", "leaks"], "'leaks' is no kind of finding"),
        (["missing.csv"], "missing.csv does not exist"),
    ],
)
def test_mistakes_are_one_clear_line(words, message, tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "a.csv").write_text("text,label\nx,positive\n")
    assert run("audit", *words) == 2
    assert message in capsys.readouterr().err
    assert not (tmp_path / "audit").exists()


def test_cleaned_copies_overwrite_nothing_and_say_so_before_the_work(files, tmp_path, capsys):
    (tmp_path / "out" / "cleaned").mkdir(parents=True)
    (tmp_path / "out" / "cleaned" / "mine.csv").write_text("x")
    assert run("audit", *files, "--output_dir", tmp_path / "out", "--fix") == 2
    assert "overwrite nothing" in capsys.readouterr().err
    assert not (tmp_path / "out" / "audit.json").exists()


def test_one_row_is_enough(tmp_path):
    (tmp_path / "a.csv").write_text("text,label\nx,positive\n")
    assert run("audit", tmp_path / "a.csv", "--output_dir", tmp_path / "out", "--fix") == 0
    audit = json.loads((tmp_path / "out" / "audit.json").read_text("utf-8"))
    assert audit["counts"] == {"no_token": {"a.csv": 1}}
    assert "label errors: expected two classes" in audit["skipped"][0]


def test_a_file_of_one_class_is_no_clean_one(tmp_path, capsys):
    rows = "".join(f"good words {n},positive\n" for n in range(30))
    (tmp_path / "a.csv").write_text(f"text,label\n{rows}")
    out = tmp_path / "out"
    assert run("audit", tmp_path / "a.csv", "--output_dir", out, "--no_labels_check") == 0
    told = "a.csv: all 30 labelled rows are positive"
    assert told in capsys.readouterr().out
    assert told in (out / "audit.html").read_text("utf-8")
    (found,) = json.loads((out / "audit.json").read_text("utf-8"))["imbalances"]
    assert (found["file"], found["kind"]) == ("a.csv", "one_class")


def test_a_folder_that_cannot_be_written_to_is_told_before_the_work(tmp_path, capsys):
    (tmp_path / "taken").write_text("mine")
    assert run("audit", tmp_path / "missing.csv", "--output_dir", tmp_path / "taken" / "out") == 2
    assert "taken is a file, and a folder is needed" in capsys.readouterr().err
