from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path

import pytest
from latex_reader import check, check_names
from PIL import Image
from samples import LONG, NASTY, evaluate
from sklearn.dummy import DummyClassifier
from tracing import check_latex, check_page

from roomtone.cli.main import main
from roomtone.errors import DataError
from roomtone.experiments.record import Plan
from roomtone.files import write_json
from roomtone.reports.critical_difference import draw_critical_difference
from roomtone.reports.crossval.across import across_facts
from roomtone.reports.crossval.checklist import checklist
from roomtone.reports.crossval.facts import dataset_facts
from roomtone.reports.crossval.reading import read_folder
from roomtone.reports.crossval.report import write_crossval_report
from roomtone.reports.style import LIGHT, render


def read(folder: Path, name: str = "report.html") -> str:
    return (folder / name).read_text("utf-8")


def facts_of(folder: Path):
    return json.loads(read(folder, "report.json"))


def test_every_number_of_the_page_stands_in_the_json(report):
    assert check_page(read(report), facts_of(report)) > 400


def test_every_number_of_the_latex_stands_in_the_json(report):
    assert check_latex(read(report, "report.tex"), facts_of(report)) > 400


def test_a_number_that_was_changed_by_hand_is_noticed(report):
    page = read(report)
    shown = re.search(r'data-form="score"[^>]*>(\d\.\d{3})<', page)
    changed = page[: shown.start(1)] + "0.999" + page[shown.end(1) :]
    with pytest.raises(AssertionError):
        check_page(changed, facts_of(report))
    with pytest.raises(AssertionError):
        check_page(page.replace("</main>", "<p>0.5</p></main>"), facts_of(report))


def test_the_facts_are_those_of_the_record(report, folder):
    record = json.loads((folder / "crossval.json").read_text("utf-8"))
    found = facts_of(report)["datasets"][0]
    for ours, theirs in zip(found["models"], record["models"], strict=True):
        assert ours["name"] == theirs["name"]
        assert ours["scores"]["f1_macro"]["mean"] == theirs["mean"]["f1_macro"]
        assert ours["confusion"] == theirs["pooled"]["confusion"]
    tested = [row for row in record["comparisons"] if row["method"] == "corrected_t"]
    pairs = [row for family in found["comparisons"] for row in family["rows"]]
    assert len(pairs) == len(tested)
    for ours, theirs in zip(pairs, tested, strict=True):
        assert {ours["model"], ours["reference"]} == {theirs["model"], theirs["reference"]}
        assert ours["p"] == theirs["adjusted_p"]
        if theirs["difference"] is None:
            assert ours["note"] == theirs["note"]
        else:
            assert ours["difference"] == abs(theirs["difference"])


def test_a_page_needs_nothing_from_outside(report):
    class Links(HTMLParser):
        def handle_starttag(self, tag, attrs):
            assert tag not in ("script", "link", "iframe")
            for name, value in attrs:
                if name in ("src", "href", "srcset", "style"):
                    assert value.startswith(("data:image/svg+xml;base64,", "#")), value

    Links().feed(read(report))


def test_names_with_any_sign_are_shown(report):
    page = read(report)
    assert NASTY.replace("&", "&amp;") in page
    assert "😡" in page
    assert r"50\% of \$x\_" in read(report, "report.tex")
    assert "[U+1F621]" in read(report, "report.tex")


def test_the_verb_tells_which_signs_latex_cannot_set(folder, tmp_path, capsys):
    assert main(["report", str(folder), "--output_dir", str(tmp_path)]) == 0
    told = capsys.readouterr().err
    assert "report.tex: pdfLaTeX cannot set" in told
    assert "😡" in told
    assert "β" not in told


def test_the_latex_passes_a_strict_reader(report):
    check(read(report, "report.tex"))
    check_names(read(report, "report.tex"), report)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (r"50\% of", "50% of"),
        (r"\end{figure}", ""),
        (r"x\_", "x_"),
        ("[U+1F621]", "😡"),
        (r"\textasciitilde{}", r"\textasciitilde{"),
        (r"so\_so \& ", "so\\_so & "),
    ],
)
def test_the_strict_reader_finds_what_latex_would_stumble_over(old, new, report):
    source = read(report, "report.tex")
    assert old in source
    with pytest.raises(AssertionError):
        check(source.replace(old, new, 1))


@pytest.mark.skipif(shutil.which("pdflatex") is None, reason="pdflatex is not installed here")
def test_the_latex_compiles(report, tmp_path):
    place = tmp_path / "tex"
    shutil.copytree(report, place)
    log = compile_latex(place)
    assert "undefined" not in log
    too_wide = [float(points) for points in re.findall(r"Overfull \\hbox \(([\d.]+)pt", log)]
    assert not [points for points in too_wide if points > 12], log
    assert "multiply" not in log


def compile_latex(place: Path) -> str:
    """Run pdfLaTeX and BibTeX, and return the last log."""
    commands = [["pdflatex", "-interaction=nonstopmode", "-halt-on-error", "report"]] * 4
    if shutil.which("bibtex"):
        commands[1] = ["bibtex", "report"]
    for command in commands:
        done = subprocess.run(command, cwd=place, capture_output=True, check=False)
        assert done.returncode == 0, done.stdout.decode(errors="replace")[-3000:]
    assert (place / "report.pdf").stat().st_size > 50_000
    return (place / "report.log").read_text("latin-1")


def test_the_same_folder_gives_the_same_bytes(small, tmp_path):
    shutil.copytree(small, tmp_path / "cv")
    for name, source in (("first", small), ("again", tmp_path / "cv")):
        write_crossval_report([source], tmp_path / name)
    first, again = (
        {path.relative_to(tmp_path / name): path.read_bytes() for path in files_in(tmp_path / name)}
        for name in ("first", "again")
    )
    assert len(first) > 15
    assert first == again


def files_in(folder: Path) -> list[Path]:
    return [path for path in folder.rglob("*") if path.is_file()]


def test_each_figure_comes_in_both_formats_and_fit_for_print(report):
    figures = sorted((report / "figures").glob("*.png"))
    assert {path.stem for path in figures} >= {"scores", "differences_1", "risk_coverage"}
    for path in figures:
        assert path.with_suffix(".pdf").read_bytes().startswith(b"%PDF")
        with Image.open(path) as image:
            assert round(image.info["dpi"][0]) == 300


def test_folds_of_one_data_set_get_no_critical_difference_diagram(report):
    assert not (report / "figures" / "critical_difference.png").exists()
    assert "There is no critical-difference diagram" in read(report)


def test_several_data_sets_are_ranked(many):
    across = across_facts([dataset_facts(read_folder(path)) for path in many])
    assert across["refused"] is None
    assert [model["name"] for model in across["models"]] == ["logreg", "shallow_tree", "prior"]
    assert across["models"][-1]["mean_rank"] == 3
    assert 0 < across["overall"]["p"] < 0.01
    assert across["groups"] == []  # all are told apart on seven data sets
    (figure,) = render(lambda theme: draw_critical_difference(across, theme), LIGHT, "pdf")
    assert figure.startswith(b"%PDF")


def test_two_data_sets_are_shown_without_a_diagram(many, tmp_path):
    write_crossval_report(many[:2], tmp_path)
    facts = facts_of(tmp_path)
    assert "fewer than 6" in facts["across"]["refused"]
    assert not (tmp_path / "figures" / "critical_difference.png").exists()
    assert "There is no critical-difference diagram" in read(tmp_path)
    assert check_page(read(tmp_path), facts) > 100
    check_latex(read(tmp_path, "report.tex"), facts)
    check(read(tmp_path, "report.tex"))
    check_names(read(tmp_path, "report.tex"), tmp_path)


def test_one_data_set_given_twice_is_refused(many, tmp_path):
    shutil.copytree(many[0], tmp_path / "copy")
    with pytest.raises(DataError, match="same file"):
        write_crossval_report([many[0], tmp_path / "copy"], tmp_path / "out")


@pytest.fixture
def killed(small, tmp_path) -> Path:
    """A cross-validation that was killed: no result, and two models without all their folds."""
    place = tmp_path / "cv"
    shutil.copytree(small, place)
    (place / "crossval.json").unlink()
    for name in ("svm-r0-f3-s0", "svm-r0-f4-s0", "logreg-r0-f0-s0"):
        (place / "cells" / f"{name}.json").unlink()
    return place


def test_of_a_killed_run_is_said_what_is_missing(killed, tmp_path, capsys):
    assert main(["report", str(killed), "--output_dir", str(tmp_path / "out")]) == 0
    page, facts = read(tmp_path / "out"), facts_of(tmp_path / "out")
    state = facts["datasets"][0]["state"]
    assert (state["cells"], state["expected"], state["whole"]) == (12, 15, False)
    assert state["unfinished"] == [
        {"model": "logreg", "cells": 4, "expected": 5},
        {"model": "svm", "cells": 3, "expected": 5},
    ]
    assert "has not ended" in page
    assert {model["name"] for model in facts["datasets"][0]["models"]}.isdisjoint({"svm", "logreg"})
    assert check_page(page, facts) > 80
    (item,) = [i for i in facts["datasets"][0]["checklist"] if i["item"].startswith("All planned")]
    assert item["state"] == "no"


def test_a_run_without_any_whole_model_is_refused(small, tmp_path, capsys):
    place = tmp_path / "cv"
    shutil.copytree(small, place)
    (place / "crossval.json").unlink()
    for path in (place / "cells").glob("*-f0-*.json"):
        path.unlink()
    assert main(["report", str(place)]) == 2
    assert "12 of 15 cells" in capsys.readouterr().err


def test_a_result_without_its_cells_is_reported_without_what_needs_them(small, tmp_path):
    place = tmp_path / "cv"
    place.mkdir()
    shutil.copy(small / "crossval.json", place)
    write_crossval_report([place], tmp_path / "out")
    page = read(tmp_path / "out")
    assert "holds the records of only" in page
    assert "no predictions of single rows" in page
    check_page(page, facts_of(tmp_path / "out"))
    assert not (tmp_path / "out" / "figures" / "risk_coverage.png").exists()


def test_a_result_of_another_plan_is_refused(small, tmp_path):
    place = tmp_path / "cv"
    shutil.copytree(small, place)
    plan = Plan.read(place / "plan.json")
    write_json(place / "plan.json", replace(plan, repeats=2).to_dict())
    with pytest.raises(DataError, match="repeats: 2, now 1"):
        write_crossval_report([place], tmp_path / "out")


@pytest.mark.parametrize("damage", [b"", b"{", b"[]", b'{"digest": 1}'])
def test_a_damaged_result_is_a_clear_error(damage, small, tmp_path, capsys):
    place = tmp_path / "cv"
    shutil.copytree(small, place)
    (place / "crossval.json").write_bytes(damage)
    assert main(["report", str(place)]) == 2
    assert "crossval.json" in capsys.readouterr().err


@pytest.mark.parametrize("suffix", ["json", "npz"])
def test_a_damaged_cell_is_named_with_the_way_out(suffix, small, tmp_path, capsys):
    place = tmp_path / "cv"
    shutil.copytree(small, place)
    cell = place / "cells" / f"logreg-r0-f2-s0.{suffix}"
    cell.write_bytes(cell.read_bytes()[:100])
    assert main(["report", str(place)]) == 2
    said = capsys.readouterr().err
    assert str(cell) in said
    assert "computes this cell anew" in said


def test_two_models_and_no_test_still_make_a_report(tmp_path):
    result = evaluate({"one": DummyClassifier, "same": DummyClassifier}, rows=60)
    write_crossval_report([result.save(tmp_path / "cv")], tmp_path / "out")
    assert "No models were compared" in read(tmp_path / "out")
    check_page(read(tmp_path / "out"), facts_of(tmp_path / "out"))
    check(read(tmp_path / "out", "report.tex"))


def test_the_checklist_never_says_yes_of_what_nobody_recorded(report):
    (dataset,) = facts_of(report)["datasets"]
    states = {item["item"]: item["state"] for item in dataset["checklist"]}
    for item in (
        "Data files identified by a hash",  # the data lay in memory
        "Origin and licence of the data stated",
        "Vocabulary, features and weights from the training part alone",
        "Number of looks at the test rows",
        "How settings were found, and how many were tried",
        "No copy of a test row among the training rows",
    ):
        assert states[item] == "unknown", item
    assert states["Variation between seeds measured"] == "no"
    assert states["Seeds fixed"] == "yes"


def test_every_machine_that_computed_a_cell_is_named(small, tmp_path):
    shutil.copytree(small, tmp_path / "cv")
    others = sorted((tmp_path / "cv" / "cells").glob("*.json"))

    def recorded():
        facts = dataset_facts(read_folder(tmp_path / "cv"))
        (item,) = [item for item in checklist(facts) if item["item"] == "Hardware recorded"]
        return item["state"], item["detail"]

    def computed_by(path, machine):
        write_json(path, {**json.loads(path.read_text("utf-8")), "machine": machine})

    own = recorded()
    assert own[0] == "yes"
    assert f"cores {os.cpu_count()}" in own[1]
    computed_by(others[0], {"processor": "abacus", "cores": 1, "accelerator": None})
    assert recorded() == ("yes", f"processor abacus, cores 1; {own[1]}")
    computed_by(others[0], {})
    assert recorded() == ("partly", own[1])
    for path in others:
        computed_by(path, {})
    assert recorded()[0] == "unknown"


@pytest.mark.parametrize(
    ("varied", "state", "said"),
    [
        ((0.0, 0.0, 0.0), "no", "do not depend: logreg, svm, prior"),
        ((0.02, 0.0, 0.0), "partly", "do not depend: svm, prior"),
        ((0.02, 0.01, 0.01), "yes", "3 seeds in each fold."),
    ],
)
def test_seeds_that_change_nothing_are_no_measure_of_their_variation(varied, state, said, small):
    facts = dataset_facts(read_folder(small))
    facts["plan"]["seed_count"] = 3
    for model, sd in zip(facts["models"], varied, strict=True):
        for score in model["scores"].values():
            score["seed_sd"] = sd
    (item,) = [i for i in checklist(facts) if i["item"].startswith("Variation between seeds")]
    assert item["state"] == state
    assert said in item["detail"]


def test_long_names_stay_readable_in_the_folder(report):
    assert all(len(path.name) < 80 for path in (report / "figures").iterdir())
    assert LONG.isascii() is False
