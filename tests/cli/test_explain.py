from __future__ import annotations

import csv
import json
import re
from html.parser import HTMLParser

import pytest
from rich.console import Console

from roomtone.baselines import build_baseline
from roomtone.cli.explain_terminal import print_explanation
from roomtone.cli.main import main
from roomtone.engines import save_engine
from roomtone.engines.tfidf import TfidfEngine
from roomtone.explain import explain_texts
from roomtone.labels import SENTIMENT

TEXTS = ["awful film here", "a film here", "great film here"] * 4
LABELS = [0, 1, 2] * 4
HOSTILE = '<script>alert("1")</script> GREAT film &amp; "x\' onclick=y \x1b[31m\u202egreat 😡'


@pytest.fixture(scope="module")
def engine():
    pipeline = build_baseline("logreg").fit(TEXTS, LABELS)
    return TfidfEngine.from_pipeline(pipeline, "logreg", SENTIMENT)


@pytest.fixture(scope="module")
def model(engine, tmp_path_factory):
    return str(save_engine(engine, tmp_path_factory.mktemp("models") / "logreg"))


@pytest.fixture
def test_csv(tmp_path):
    path = tmp_path / "test.csv"
    with path.open("w", encoding="utf-8", newline="") as stream:
        table = csv.writer(stream)
        table.writerow(["text", "label"])
        for number in range(12):
            table.writerow([f"number {number}, a great film", "positive"])
            table.writerow([f"number {number}, an awful film", "negative"])
        table.writerow(["great <b>great</b> film <script>alert(1)</script>", "negative"])
    return path


class Page(HTMLParser):
    """Collects the elements of a page, and the text within the marked paragraphs."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.tags: set[str] = set()
        self.attributes: set[str] = set()
        self.marked: list[str] = []
        self._open = False
        self.feed(html)

    def handle_starttag(self, tag, attrs):
        self.tags.add(tag)
        self.attributes |= {name for name, _ in attrs}
        if tag == "p" and ("class", "marked") in attrs:
            self._open = True
            self.marked.append("")

    def handle_endtag(self, tag):
        self._open = self._open and tag != "p"

    def handle_data(self, data):
        if self._open:
            self.marked[-1] += data


def test_the_terminal_shows_the_answer_the_text_and_its_strongest_words(model, capsys):
    assert main(["explain", model, "what a GREAT film"]) == 0
    shown = capsys.readouterr().out
    assert shown.startswith("positive (negative ")
    assert "what a GREAT film\n" in shown
    best, *_ = re.findall(r"  ([+-][\d.]+)  (\S+)", shown)
    assert best[1] == "GREAT"
    assert float(best[0]) > 0


def test_colours_stand_where_the_words_stand(engine, capsys):
    (each,) = explain_texts(engine, ["a great film"])
    console = Console(force_terminal=True, color_system="truecolor", width=200)
    print_explanation(each, console)
    shown = capsys.readouterr().out
    assert re.search(r"\x1b\[38;2;27;31;36;48;2;\d+;\d+;\d+mgreat\x1b\[0m", shown)


def test_a_text_cannot_command_the_terminal(model, capsys):
    assert main(["explain", model, HOSTILE]) == 0
    shown = capsys.readouterr().out
    assert "\x1b" not in shown
    assert "\u202e" not in shown
    assert "GREAT" in shown


def test_files_hold_the_same_and_equal_commands_write_equal_bytes(model, tmp_path, capsys):
    for name in ("one", "two"):
        command = ["explain", model, "so great", HOSTILE, "", "--method", "all"]
        assert main([*command, "--output_dir", str(tmp_path / name)]) == 0
    files = sorted(path.name for path in (tmp_path / "one").iterdir())
    methods = ("leave_one_out", "linear")
    pictures = [f"text_{number}_{method}.png" for number in (1, 2, 3) for method in methods]
    assert files == sorted(["explanations.html", "explanations.json", *pictures])
    for name in files:
        assert (tmp_path / "one" / name).read_bytes() == (tmp_path / "two" / name).read_bytes()
    groups = json.loads((tmp_path / "one" / "explanations.json").read_text(encoding="utf-8"))
    assert [len(group) for group in groups] == [2, 2, 2]
    for each in groups[1]:
        assert each["text"] == HOSTILE
        for word in each["words"]:
            assert HOSTILE[word["start"] : word["end"]] == word["written"]
    assert "no word in this text" in groups[2][0]["note"]


def test_hostile_text_is_escaped_and_shown_as_written(model, tmp_path):
    assert main(["explain", model, HOSTILE, "--output_dir", str(tmp_path)]) == 0
    page = Page((tmp_path / "explanations.html").read_text(encoding="utf-8"))
    assert "script" not in page.tags
    assert "onclick" not in page.attributes
    assert page.marked == [HOSTILE.replace("\x1b", "\ufffd")]


def test_a_class_and_a_method_can_be_chosen(model, tmp_path):
    command = ["explain", model, "so great", "--class", "Negative", "--method", "leave_one_out"]
    assert main([*command, "--output_dir", str(tmp_path)]) == 0
    ((each,),) = json.loads((tmp_path / "explanations.json").read_text(encoding="utf-8"))
    assert (each["target"], each["method"], each["label"]) == (
        *("negative", "leave_one_out", "positive"),
    )
    assert each["words"][1]["score"] < 0


def test_a_labelled_set_is_explained_as_a_page_and_tables(model, test_csv, tmp_path, capsys):
    for name in ("one", "two"):
        out = str(tmp_path / name)
        assert main(["explain", model, "--test_csv", str(test_csv), "--output_dir", out]) == 0
    shown = capsys.readouterr().out
    assert "the words it names matter more than random" in shown
    one = tmp_path / "one"
    for path in one.iterdir():
        assert path.read_bytes() == (tmp_path / "two" / path.name).read_bytes(), path.name
    assert sorted(path.name for path in one.iterdir()) == [
        *("errors.csv", "explained.html", "explained.json"),
        *("faithfulness.pdf", "faithfulness.png", "words.csv"),
    ]
    with (one / "words.csv").open(encoding="utf-8", newline="") as stream:
        rows = [row for row in csv.DictReader(stream) if row["size"] == "1"]
    best = {name: next(r["words"] for r in rows if r["class"] == name) for name in SENTIMENT}
    assert (best["negative"], best["positive"]) == ("awful", "great")
    with (one / "errors.csv").open(encoding="utf-8", newline="") as stream:
        (error,) = csv.DictReader(stream)
    assert (error["line"], error["label"], error["predicted"]) == ("26", "negative", "positive")
    assert error["words"].startswith("great +")
    page = Page((one / "explained.html").read_text(encoding="utf-8"))
    assert "script" not in page.tags
    assert page.marked == [error["text"]]
    content = json.loads((one / "explained.json").read_text(encoding="utf-8"))
    assert content["explained"]["errors"][0]["line"] == 26
    assert set(content["faithfulness"]["verdicts"]) == {"leave_one_out", "linear"}


def test_a_set_where_nothing_can_be_measured_is_explained_still(model, tmp_path, capsys):
    (tmp_path / "test.csv").write_text("text,label\ngreat,negative\nawful,negative\n")
    out = tmp_path / "out"
    command = ["explain", model, "--test_csv", str(tmp_path / "test.csv"), "--least", "1"]
    assert main([*command, "--output_dir", str(out)]) == 0
    told = "Not measurable: faithfulness: none of 2 texts has 2 words"
    assert told in capsys.readouterr().out
    assert sorted(path.name for path in out.iterdir()) == [
        *("errors.csv", "explained.html", "explained.json", "words.csv"),
    ]
    content = json.loads((out / "explained.json").read_text(encoding="utf-8"))
    assert content["faithfulness"] is None
    assert content["not_measurable"][0].startswith(told)
    assert told in (out / "explained.html").read_text(encoding="utf-8")
    with (out / "errors.csv").open(encoding="utf-8", newline="") as stream:
        assert [row["text"] for row in csv.DictReader(stream)] == ["great"]


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ([], "no text: give one or more after MODEL"),
        (["so", "--method", "leave_one_outt"], "did you mean 'leave_one_out'"),
        (["so", "--method", "attention"], "looks into the hybrid network"),
        (["so", "--class", "positiv"], "did you mean 'positive'"),
        (["--test_csv", "absent.csv"], "--test_csv needs --output_dir"),
        (["--test_csv", "absent.csv", "--output_dir", "x"], "absent.csv"),
        (["--test_csv", "x.csv", "--output_dir", "x", "--class", "positive"], "every class"),
    ],
)
def test_mistakes_are_named(model, arguments, said, capsys):
    assert main(["explain", model, *arguments]) == 2
    assert said in capsys.readouterr().err


@pytest.mark.parametrize("what", [["so"], ["--test_csv", "absent.csv"]])
def test_a_folder_that_cannot_be_written_to_is_told_before_the_work(what, tmp_path, capsys):
    (tmp_path / "taken").write_text("mine")
    assert main(["explain", "nowhere", *what, "--output_dir", str(tmp_path / "taken")]) == 2
    assert "taken is a file, and a folder is needed" in capsys.readouterr().err


def test_rows_that_the_engine_was_fitted_on_are_refused(engine, test_csv, tmp_path, capsys):
    from roomtone.data.tables import read_labelled
    from roomtone.labels import LabelScheme

    sha = read_labelled(test_csv, labels=LabelScheme()).sha256
    own = TfidfEngine.from_pipeline(
        build_baseline("logreg").fit(TEXTS, LABELS),
        "logreg",
        SENTIMENT,
        record={"data": {"train": {"rows": 1, "sha256": sha}}},
    )
    folder = save_engine(own, tmp_path / "own")
    command = ["explain", str(folder), "--test_csv", str(test_csv), "--output_dir", str(tmp_path)]
    assert main(command) == 2
    assert "was fitted on this file" in capsys.readouterr().err
