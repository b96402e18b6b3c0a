from __future__ import annotations

import json
import random

import pytest

from roomtone.cli.main import main
from roomtone.engines import load_engine

WORDS = {"negative": "awful bad hate", "neutral": "day film song", "positive": "great good love"}


@pytest.fixture
def data(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    source = random.Random(5)
    for split, rows in (("train", 90), ("val", 60), ("test", 60)):
        lines = ["text,label"]
        for row in range(rows):
            label = list(WORDS)[row % 3]
            words = [source.choice(WORDS[label].split()) for _ in range(2)]
            lines.append(f"{' '.join(words)} the {split}{row},{label}")
        (tmp_path / f"{split}.csv").write_text("\n".join(lines), encoding="utf-8")
    return tmp_path


ALL = ("--train_csv", "train.csv", "--val_csv", "val.csv", "--test_csv", "test.csv")


@pytest.mark.parametrize("name", ["logreg", "svm", "tfidf"])
def test_it_fits_tests_and_saves_where_it_is_looked_for(name, data, capsys):
    assert main(["fit-baseline", name, *ALL]) == 0
    shown = capsys.readouterr()
    assert f"✅ Engine saved to: models/{name}" in shown.out
    assert "test: macro-F1 1.0000" in shown.out
    assert "Fitting" in shown.err
    assert main(["predict", name, "a great good"]) == 0
    assert capsys.readouterr().out.startswith("Positive\t")


def test_without_validation_rows_it_says_how_to_calibrate_later(data, capsys):
    assert main(["fit-baseline", "logreg", "--train_csv", "train.csv"]) == 0
    assert "roomtone calibrate models/logreg --val_csv val.csv" in capsys.readouterr().out


def test_a_second_fit_takes_the_place_of_the_first(data):
    for flags in ((), ("--quick",)):
        assert main(["fit-baseline", "svm", "--train_csv", "train.csv", *flags]) == 0
    assert load_engine("models/svm").details["max_ngram"] == 1


@pytest.mark.parametrize(
    ("flags", "details"),
    [
        (("--quick",), {"max_ngram": 1, "characters": False, "max_features": 5000}),
        (("--quick", "--max_ngram", "2"), {"max_ngram": 2, "characters": False}),
        (("--characters", "no", "--C", "2"), {"characters": False, "C": 2.0}),
        (("--unbalanced", "--min_df", "2"), {"balanced": False, "min_df": 2}),
        (("--alpha", "0.5", "--max_features", "9"), {"alpha": 0.5, "max_features": 9}),
        (("--seed", "7"), {"seed": 7}),
    ],
)
def test_flags_reach_the_model(flags, details, data):
    assert main(["fit-baseline", "svm", "--train_csv", "train.csv", *flags]) == 0
    assert details.items() <= load_engine("models/svm").details.items()


def test_a_folder_that_is_something_else_is_left_alone_and_nothing_is_fitted(data, capsys):
    assert main(["fit-baseline", "svm", *ALL, "--output_dir", "."]) == 2
    shown = capsys.readouterr()
    assert "which no saved engine has" in shown.err
    assert "Fitting" not in shown.err


@pytest.mark.parametrize(
    ("flags", "message"),
    [
        (("--train_csv", "absent.csv"), "absent.csv"),
        (("--train_csv", "train.csv", "--label_column", "lable"), "lable"),
        (("--train_csv", "train.csv", "--max_ngram", "0"), "max_ngram: found 0"),
        (("--train_csv", "train.csv", "--min_df", "1000"), "train.csv: svm cannot be fitted"),
    ],
)
def test_a_mistake_is_one_line_and_leaves_nothing(flags, message, data, capsys):
    assert main(["fit-baseline", "svm", *flags]) == 2
    assert message in capsys.readouterr().err
    assert not (data / "models").exists()


def test_classes_other_than_sentiment_are_named(data, capsys):
    rows = [f"{word} number {n},{word}" for n in range(9) for word in ("spam", "ham")]
    (data / "mail.csv").write_text("\n".join(["text,label", *rows]), encoding="utf-8")
    flags = ("--classes", "ham, spam", "--train_csv", "mail.csv", "--val_csv", "mail.csv")
    assert main(["fit-baseline", "logreg", *flags]) == 0
    engine = load_engine("models/logreg")
    assert engine.class_names == ("ham", "spam")
    assert engine.predict(["spam number", "ham number"]).tolist() == [1, 0]


@pytest.mark.parametrize("classes", ["one", "a,A", "a,,b", ""])
def test_classes_that_are_none_are_refused(classes, data, capsys):
    flags = ("--classes", classes, "--train_csv", "train.csv")
    assert main(["fit-baseline", "logreg", *flags]) == 2
    assert "expected two different names or more" in capsys.readouterr().err


def test_predictions_are_lines_of_json_where_wanted(data, capsys):
    main(["fit-baseline", "logreg", *ALL])
    capsys.readouterr()
    texts = ["a great good", "???", "tab\there"]
    assert main(["predict", "models/logreg", *texts, "--json", "--error_rate", "0.1"]) == 0
    found = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert [line["text"] for line in found] == texts
    assert found[0]["label"] == "Positive"
    assert found[0]["labels"][0] == "Positive"
    assert [line["known"] for line in found] == [True, False, False]
