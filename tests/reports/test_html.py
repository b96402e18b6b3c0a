from __future__ import annotations

import base64
import json
import re
from html.parser import HTMLParser

import pytest
from hypothesis import given
from hypothesis import strategies as st

from roomtone.cli.main import main
from roomtone.reports import background, read_run, results
from roomtone.reports.data_section import data_section
from roomtone.reports.html import render_report
from roomtone.reports.markup import Html, foreign, tag, text

VOID = {"meta", "img", "br", "link"}
NASTY = "<script>alert(\"x\")</script> & 'quoted' </td></table> ${title} \x00\x1b[31m \u202eevil"


class Page(HTMLParser):
    """Collects the elements and texts of a page and insists that its tags are balanced."""

    def __init__(self, source: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.words: list[str] = []
        self.feed(source)
        assert self.open == []

    def handle_starttag(self, tag, attrs):
        self.elements.append((tag, dict(attrs)))
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, data):
        if not {"style", "script"} & set(self.open):
            self.words.append(data)

    def all(self, name):
        return [attributes for tag, attributes in self.elements if tag == name]

    @property
    def text(self) -> str:
        return " ".join(" ".join(self.words).split())


@pytest.fixture
def page_of(make_run):
    def render(**settings) -> Page:
        return Page(render_report(read_run(make_run(**settings))))

    return render


def test_the_verb_writes_the_report_and_its_figures_into_the_run(make_run, capsys):
    folder = make_run(rows=40)
    assert main(["report", str(folder)]) == 0
    assert (folder / "report.html").stat().st_size > 100_000
    assert len(list((folder / "figures").iterdir())) == 8
    printed = capsys.readouterr().out
    assert f"Report saved to: {folder / 'report.html'}" in printed
    assert "training_curves.png" in printed


def test_the_same_run_gives_the_same_report(make_run):
    run = read_run(make_run(rows=40))
    assert render_report(run) == render_report(run)


def test_nothing_is_loaded_from_outside_and_nothing_runs(make_run):
    source = render_report(read_run(make_run(rows=40)))
    page = Page(source)
    assert not {"script", "link", "iframe", "object"} & {name for name, _ in page.elements}
    for _, attributes in page.elements:
        assert (attributes.get("src") or "data:").startswith("data:")
        assert (attributes.get("href") or "#").startswith("#")
        assert not [name for name in attributes if name.startswith("on")]
    style = re.search(r"<style>(.*?)</style>", source, re.DOTALL)[1]
    assert "url(" not in style
    assert "@import" not in style


def test_embedded_pictures_load_nothing_either(page_of):
    for image in page_of(rows=40).all("img"):
        svg = base64.b64decode(image["src"].partition("base64,")[2])
        assert b"<svg" in svg
        assert b"<!DOCTYPE" not in svg
        assert not re.search(rb'(?:xlink:)?href="(?!#|data:)', svg)


def test_the_page_is_accessible(page_of):
    page = page_of(rows=40)
    assert page.all("html") == [{"lang": "en"}]
    assert len(page.all("h1")) == 1
    assert all(image["alt"].strip() for image in page.all("img"))
    assert all(head["scope"] in ("row", "col") for head in page.all("th"))
    assert len(page.all("caption")) == len(page.all("table"))
    targets = [attributes["id"] for _, attributes in page.elements if "id" in attributes]
    assert len(targets) == len(set(targets))
    assert {link["href"].removeprefix("#") for link in page.all("a")} <= set(targets)


def test_every_section_is_there_and_warnings_come_first(page_of):
    page = page_of(rows=60, warnings=["Class imbalance"])
    headings = [section["aria-labelledby"] for section in page.all("section")]
    assert headings == [
        *("warnings", "results", "classes", "confusion", "training", "calibration", "data"),
        *("errors", "settings", "manifest", "reproduce", "methods", "checklist", "references"),
    ]
    assert "Class imbalance" in page.text
    assert "3 test rows also stand in train" in page.text


def test_headline_figures_are_those_of_the_files_with_their_intervals(make_run):
    folder = make_run(rows=60)
    stored = json.loads((folder / "test_metrics.json").read_text())
    page = Page(re.sub("</?data[^>]*>", "", render_report(read_run(folder))))
    low, high = (stored["intervals"]["f1_macro"][end] for end in ("low", "high"))
    assert f"macro-F1 of {stored['metrics']['f1_macro']:.3f} (95% BCa" in page.text
    assert f"95% interval {low:.3f} to {high:.3f}" in page.text
    assert f"{stored['metrics']['mcc']:.3f}" in page.text


def test_hashes_versions_hardware_seed_and_command_are_shown(page_of):
    text = page_of(rows=40).text
    for expected in (
        *("a" * 64, "b" * 64, "torch==2.13.0", "x86_64", "812.5", "roomtone==0.1.0"),
        "roomtone train --config 'my configs/hybrid.yaml'",
        "roomtone train --config hybrid_dl_20260114_153045/config.yaml",
    ):
        assert expected in text


def test_the_command_of_a_resumed_run_is_not_offered_as_a_way_to_repeat_it(make_run):
    folder = make_run(rows=20)
    change(folder / "manifest.json", command=["roomtone", "train", "--resume", "x"])
    shown = Page(background.reproduction_section(read_run(folder))).text
    assert "--resume" not in shown
    assert "--experiment_name hybrid_dl_20260114_153045_again" in shown


def test_methods_are_cited_only_if_they_were_used(make_run):
    folder = make_run(rows=20)
    before = background.methods_section(read_run(folder))
    change(folder / "manifest.json", vectors=None)
    (folder / "config.yaml").write_text("training:\n  optimizer: adamw\n")
    after = background.methods_section(read_run(folder))
    for author, in_first, in_second in [
        ("Pennington", True, False),
        ("Kingma", True, False),
        ("Loshchilov", False, True),
        ("Efron", True, True),
    ]:
        assert (author in before, author in after) == (in_first, in_second)


def test_hostile_texts_names_and_warnings_are_shown_and_not_obeyed(make_run):
    run = read_run(
        make_run(rows=40, names=("<b>bad</b>", "${x}", "ok"), texts=[NASTY], warnings=[NASTY])
    )
    source = render_report(run)
    page = Page(source)
    assert not page.all("script")
    assert not page.all("b")
    assert "<script>alert(\"x\")</script> & 'quoted' </td></table> ${title}" in page.text
    assert "<b>bad</b>" in page.text
    assert "\x00" not in source
    assert "\x1b" not in source


@given(st.text())
def test_any_text_survives_escaping_but_for_forbidden_signs(value):
    shown = "".join(Page(foreign(value)).words)
    assert "<" not in text(value)
    shown.encode("utf-8")
    if value.isprintable():
        assert shown == value


@given(st.text(), st.text())
def test_attributes_cannot_be_left(content, attribute):
    ((name, attributes),) = Page(tag("p", content, title=attribute)).elements
    assert (name, set(attributes)) == ("p", {"title"})


def test_markup_is_escaped_once():
    assert tag("p", tag("b", "a & b")) == "<p><b>a &amp; b</b></p>"
    assert isinstance(tag("p", ""), Html)


def test_the_most_confident_errors_are_listed_with_their_lines(make_run):
    run = read_run(make_run(rows=120))
    page = Page(render_report(run))
    worst = run.predictions.confident_errors(20)
    for place in worst:
        assert f"Comment {place}: it's <b>fine</b>, I guess 🙂" in page.text
        assert f" {run.predictions.lines[place]} " in page.text


def test_a_test_on_the_validation_split_is_called_optimistic(make_run):
    folder = make_run(rows=20)
    assert "optimistic" not in results.headline_section(read_run(folder))
    change(folder / "test_metrics.json", split="val")
    assert "optimistic" in results.headline_section(read_run(folder))


def test_an_overfitted_model_is_called_so(make_run):
    folder = make_run(rows=20)
    assert "sign of overfitting" in background.training_section(read_run(folder), "")
    flat = {"train_f1_macro": [0.7] * 12, "val_f1_macro": [0.7] * 12}
    change(folder / "training_history.json", history=flat)
    assert "overfitting" not in background.training_section(read_run(folder), "")


def test_a_class_that_is_never_predicted_is_named(make_run):
    folder = make_run(rows=20)
    metrics = json.loads((folder / "test_metrics.json").read_text())["metrics"]
    metrics["confusion"] = [[7, 0, 0], [7, 0, 0], [6, 0, 0]]
    change(folder / "test_metrics.json", metrics=metrics)
    assert "Never predicted: neutral, positive." in results.classes_section(read_run(folder))


def test_a_run_without_texts_probabilities_and_data_report_has_a_report(page_of):
    shown = page_of(rows=30, with_texts=False, with_probs=False, data_report=False).text
    for expected in ("not recorded", "calibration cannot be judged", "no data report"):
        assert expected in shown


def test_a_perfect_model_and_a_run_without_warnings_have_a_report(page_of):
    shown = page_of(rows=30, skill=50, data_report=False).text
    for expected in (
        "No text was labelled wrong.",
        "There are no errors.",
        "gave none",
        "not that",
    ):
        assert expected in shown


def test_the_data_section_shows_what_the_data_report_holds(make_run):
    shown = Page(data_section(read_run(make_run(rows=30)), "")).text
    for expected in ("training and test", "Left out", "Same after normalising", "hold HTML"):
        assert expected in shown


def change(path, **values) -> None:
    path.write_text(json.dumps(json.loads(path.read_text()) | values))
