from __future__ import annotations

import json
import re
import shutil
import subprocess

import pytest
from latex_reader import check, check_names
from tracing import STATIC, Page, check_latex

from roomtone.cli.main import main
from roomtone.errors import RoomtoneError
from roomtone.reports import write_report
from roomtone.reports.document.blocks import resolve
from roomtone.reports.document.forms import FORMS

HARD_NAMES = ("100% & bad_", "so {so}", "très bon 😀")


@pytest.fixture
def report(make_run):
    folder = make_run(rows=60, names=HARD_NAMES)
    write_report(folder)
    return folder


def read(folder, name):
    return (folder / name).read_text("utf-8")


def test_a_report_in_another_folder_is_the_same_and_leaves_the_run_as_it_was(make_run, tmp_path):
    folder, other = make_run(rows=60), tmp_path / "elsewhere" / "report"
    before = sorted(folder.rglob("*"))
    assert main(["report", str(folder), "--output_dir", str(other)]) == 0
    assert sorted(folder.rglob("*")) == before
    named = [path.relative_to(other) for path in sorted(other.rglob("*")) if path.is_file()]
    write_report(folder)
    assert len(named) == 12
    for name in named:
        assert (folder / name).read_bytes() == (other / name).read_bytes(), name


def test_scores_classes_confusion_and_checklist_of_a_run_are_traced(report):
    facts = json.loads(read(report, "report.json"))
    page = read(report, "report.html")
    parsed = Page(page)
    assert len(parsed.values) > 60
    for path, form, shown in parsed.values:
        assert shown == FORMS[form](resolve(facts, path)), path
    for name in ("results", "classes", "confusion", "checklist", "references"):
        part = re.search(rf'<section aria-labelledby="{name}">.*?</section>', page, re.DOTALL)[0]
        part = re.sub(r"<(data|figure)\b.*?</\1>", "", part, flags=re.DOTALL)
        words = re.sub(
            r"<h2.*?</h2>|<[^>]+>|Baseline of this run.*|ECE, 15 bins", "", part, flags=re.DOTALL
        )
        for hard in ("100%", "·"):
            words = words.replace(hard, "")
        assert not re.search(r"\d", STATIC.sub("", words)), (name, words)


def test_the_latex_of_a_run_is_traced_and_passes_the_reader(report):
    source = read(report, "report.tex")
    assert check_latex(source, json.loads(read(report, "report.json"))) > 60
    check(source)
    check_names(source, report)


@pytest.mark.skipif(shutil.which("pdflatex") is None, reason="pdflatex is not installed here")
def test_the_latex_of_a_run_compiles(report):
    commands = [["pdflatex", "-interaction=nonstopmode", "-halt-on-error", "report"]] * 4
    if shutil.which("bibtex"):
        commands[1] = ["bibtex", "report"]
    for command in commands:
        done = subprocess.run(command, cwd=report, capture_output=True, check=False)
        assert done.returncode == 0, done.stdout.decode(errors="replace")[-2000:]
    log = (report / "report.log").read_text("latin-1")
    assert "undefined" not in log
    assert not [p for p in re.findall(r"Overfull \\hbox \(([\d.]+)pt", log) if float(p) > 12]


def test_what_a_manifest_lacks_is_unknown(make_run):
    folder = make_run(rows=40, data_report=False)
    (folder / "manifest.json").write_text("{}", "utf-8")
    write_report(folder)
    facts = json.loads(read(folder, "report.json"))
    states = {item["item"]: item["state"] for item in facts["checklist"]}
    for item in (
        "Data files identified by a hash",
        "No text in two splits",
        "Seed fixed",
        "Versions of Python and packages recorded",
        "Version of the program's own code recorded",
        "Hardware recorded",
        "Threads recorded",
        "Device recorded",
        "Time of computing recorded",
        "Deterministic algorithms asked for",
        "Number of looks at the test rows",
    ):
        assert states[item] == "unknown", item
    check(read(folder, "report.tex"))


def test_leaks_and_validation_scores_are_told(make_run):
    folder = make_run(rows=40)
    metrics = json.loads(read(folder, "test_metrics.json"))
    (folder / "test_metrics.json").write_text(json.dumps({**metrics, "split": "val"}), "utf-8")
    write_report(folder)
    items = json.loads(read(folder, "report.json"))["checklist"]
    states = {item["item"]: item["state"] for item in items}
    assert states["No text in two splits"] == "no"
    assert states["Tested on rows that chose nothing"] == "no"
    assert "optimistic" in read(folder, "report.tex")


def test_a_damaged_manifest_is_a_clear_error(make_run):
    folder = make_run(rows=40)
    (folder / "manifest.json").write_text("[1]", "utf-8")
    with pytest.raises(RoomtoneError, match=r"manifest\.json"):
        write_report(folder)
