from __future__ import annotations

import hashlib
import json

import numpy as np
import pytest

from roomtone.cli.main import main
from roomtone.data.tables import read_labelled
from roomtone.engines import load_engine, save_engine
from roomtone.engines.measuring import measure
from roomtone.labels import LabelScheme

NAMES = ("negative", "neutral", "positive")
TEXTS = ["good", "awful film", "a", "b c", ""]


def write_rows(path, rows: int, seed: int) -> None:
    """Texts with a word that tells the class, mostly, and a word that does not."""
    generator = np.random.default_rng(seed)
    lines = ["text,label"]
    for row, label in enumerate(generator.integers(0, 3, rows)):
        told = label if generator.random() < 0.8 else generator.integers(0, 3)
        word = ("awful", "film", "great")[told]
        lines.append(f"{word} {generator.choice(['yes', 'no'])} {row},{NAMES[label]}")
    path.write_text("\n".join(lines), encoding="utf-8")


@pytest.fixture
def folder(lexicon, tmp_path, monkeypatch):
    """A working folder with an engine that knows, one that does not, and data."""
    for name, rows, seed in (("val", 500, 1), ("test", 400, 2)):
        write_rows(tmp_path / f"{name}.csv", rows, seed)
    engines = {"wise": {"awful": -2.0, "great": 2.0, "film": 0.0}, "lost": {"yes": 3.0, "no": -3.0}}
    for name, words in engines.items():
        save_engine(lexicon.LexiconEngine(words, name=name), tmp_path / "models" / name)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("COLUMNS", "200")
    return tmp_path


MODELS = ("ensemble", "--models", "models/wise", "models/lost", "--output_dir", "models/both")


def test_fitted_weights_leave_out_what_does_not_help_and_the_gain_is_shown(folder, capsys):
    assert main([*MODELS, "--val_csv", "val.csv", "--test_csv", "test.csv"]) == 0
    output = capsys.readouterr().out
    assert "Weights: wise 0.9" in output or "Weights: wise 1.0" in output
    assert "Against equal weights, that is a gain beyond noise." in output
    engine = load_engine(folder / "models/both")
    assert engine.weights["wise"] > 0.9
    assert engine.name == "both"
    assert engine.record["gain"]["over_equal"]["log_loss"]["low"] > 0
    comparison = engine.record["comparison"]
    assert comparison["both (all)"]["f1_macro"] == pytest.approx(
        comparison["wise"]["f1_macro"], abs=0.05
    )
    assert comparison["lost"]["nll"] > comparison["wise"]["nll"]


def test_its_card_says_what_it_is_and_how_good_on_the_test_rows(folder):
    assert main([*MODELS, "--weights", "wise=3,lost=1", "--test_csv", "test.csv"]) == 0
    engine = load_engine(folder / "models/both")
    rows = read_labelled(folder / "test.csv", labels=LabelScheme())
    measured = json.loads(json.dumps(measure(engine, rows.texts, rows.labels)))
    assert engine.record["metrics"] == {"test": measured}
    card = (folder / "models/both/MODEL_CARD.md").read_text(encoding="utf-8")
    assert "On the test rows (400):" in card
    interval = measured["intervals"]["f1_macro"]
    shown = (measured["metrics"]["f1_macro"], interval["low"], interval["high"])
    assert "| macro-F1 | {:.4f} | {:.4f} to {:.4f} |".format(*shown) in card
    assert "what 2 engines say, with weights: wise 0.750, lost 0.250." in card


@pytest.mark.parametrize(
    ("arguments", "flag"),
    [(["--val_csv", "val.csv"], "val"), (["--stacking", "--train_csv", "val.csv"], "train")],
)
def test_rows_that_it_is_fitted_on_cannot_test_it(folder, capsys, arguments, flag):
    (folder / "copy.csv").write_bytes((folder / "val.csv").read_bytes())
    assert main([*MODELS, *arguments, "--test_csv", "copy.csv"]) == 2
    error = capsys.readouterr().err
    assert f"--test_csv copy.csv: the same rows as --{flag}_csv val.csv" in error
    assert not (folder / "models/both").exists()


def test_weights_can_be_given_or_be_equal_without_validation_rows(folder):
    assert main([*MODELS, "--weights", "wise=3, lost=1"]) == 0
    assert load_engine(folder / "models/both").weights == {"wise": 0.75, "lost": 0.25}
    assert main([*MODELS, "--weights", "equal"]) == 0
    assert load_engine(folder / "models/both").weights == {"wise": 0.5, "lost": 0.5}


def test_stacking_is_fitted_saved_calibrated_and_loaded(folder, capsys):
    assert main([*MODELS, "--stacking", "--val_csv", "val.csv"]) == 0
    assert "Against equal weights, that is a gain beyond noise." in capsys.readouterr().out
    before = load_engine(folder / "models/both")
    assert before.kind == "stacking"
    assert main(["calibrate", "both", "--val_csv", "val.csv", "--method", "temperature"]) == 0
    assert "weights were fitted on these rows too" in capsys.readouterr().err
    after = load_engine(folder / "models/both")
    np.testing.assert_array_equal(after.predict(TEXTS), before.predict(TEXTS))
    assert after.calibration.kind == "temperature"
    assert after.analyze("great film", error_rate=0.1).labels


def test_engines_that_can_be_fitted_again_are_stacked_fold_by_fold(
    folder, lexicon, monkeypatch, capsys
):
    seen = []

    def refit(self, texts, labels):
        """Learn the texts by heart, and which words go with which class."""
        seen.append(len(texts))
        words = {w: [] for text in texts for w in text.split() if not w.isdecimal()}
        for text, label in zip(texts, labels, strict=True):
            for word in set(text.split()) & words.keys():
                words[word].append(label - 1)
        learnt = {word: 3 * float(np.mean(found)) for word, found in words.items()}
        return lexicon.LexiconEngine(learnt, name=self.name)

    monkeypatch.setattr(lexicon.LexiconEngine, "refit", refit)
    arguments = [*MODELS, "--stacking", "--train_csv", "val.csv", "--test_csv", "test.csv"]
    assert main(arguments) == 0
    assert "Fitting each engine 6 times" in capsys.readouterr().out
    assert sorted(seen) == [400] * 10 + [500] * 2
    engine = load_engine(folder / "models/both")
    assert engine.models["lost"].words["great"] > 1, "the engine is the one fitted again"
    assert engine.record["gain"]["n"] == 500
    # What it was fitted on cannot judge it.
    assert main(["calibrate", "both", "--val_csv", "val.csv"]) == 2
    assert "engine 'both' was fitted on this file" in capsys.readouterr().err
    assert main(["calibrate", "both", "--val_csv", "test.csv"]) == 0


def test_an_ensemble_whose_part_was_fitted_on_the_rows_is_refused(folder, lexicon, capsys):
    digest = hashlib.sha256((folder / "val.csv").read_bytes()).hexdigest()
    record = {"data": {"train": {"rows": 500, "sha256": digest}}}
    save_engine(lexicon.LexiconEngine(name="wise", record=record), folder / "models/wise")
    assert main([*MODELS, "--val_csv", "val.csv"]) == 2
    assert "engine 'wise' was fitted on this file" in capsys.readouterr().err
    assert main([*MODELS, "--weights", "equal"]) == 0
    assert main(["calibrate", "both", "--val_csv", "val.csv"]) == 2
    assert "engine 'wise' was fitted on this file" in capsys.readouterr().err


@pytest.mark.usefixtures("folder")
@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ([], "weights are fitted on --val_csv, which is missing"),
        (["--stacking"], "--stacking is fitted on --val_csv, or on --train_csv fold by fold"),
        (["--train_csv", "val.csv"], "--train_csv is for --stacking"),
        (["--stacking", "--train_csv", "val.csv"], "'wise' (LexiconEngine) cannot be fitted again"),
        (["--stacking", "--weights", "fit", "--val_csv", "val.csv"], "give one of them"),
        (["--weights", "wise:1"], "--weights: cannot read 'wise:1'"),
        (["--weights", "wise=1,,lost=1"], "--weights: cannot read ''"),
        (["--weights", "wsie=1,lost=1"], "'wsie' is none of the models (wise, lost); did you mean"),
        (["--weights", "wise=1,lost=-1"], "the weight of 'lost' is -1.0"),
        (["--weights", "wise=0,lost=0"], "expected more than 0"),
        (
            ["--models", "wise", "models/wise", "--weights", "equal"],
            "two engines are called 'wise'",
        ),
        (
            ["--models", "models/other", "--weights", "equal"],
            "models/other: no such folder, and no engine",
        ),
    ],
)
def test_a_mistake_is_a_clear_error(capsys, arguments, message):
    assert main([*MODELS, *arguments]) == 2
    error = capsys.readouterr().err
    assert message in error
    assert "Traceback" not in error


def test_an_engine_of_a_package_takes_part_by_its_name(folder, by_name):
    models = ["--models", "models/wise", "lexicon", "--weights", "wise=3,lexicon=1"]
    assert main(["ensemble", *models, "--output_dir", "models/both"]) == 0
    assert load_engine(folder / "models/both").weights == {"wise": 0.75, "lexicon": 0.25}


def test_the_same_command_gives_the_same_bytes(folder):
    written = []
    for _ in range(2):
        assert main([*MODELS, "--stacking", "--val_csv", "val.csv"]) == 0
        files = (folder / "models/both").rglob("*")
        written.append({str(path): path.read_bytes() for path in files if path.is_file()})
    assert written[0] == written[1]
    assert len(written[0]) == 9, "three manifests and cards, two word lists, one logistic model"
