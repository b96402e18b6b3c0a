from __future__ import annotations

import csv
import json
import random
import shutil
from pathlib import Path

import pytest
from torch_kept import torch_kept

from roomtone.cli.main import main
from roomtone.engines import load_engine

TINY = Path(__file__).parents[2] / "configs" / "tiny.yaml"
TELLING = {
    "negative": "awful boring bad",
    "neutral": "okay plain usual",
    "positive": "good nice fun",
}


@pytest.fixture(autouse=True)
def _torch_as_before():
    with torch_kept():
        yield


@pytest.fixture(scope="module")
def corpus(tmp_path_factory) -> Path:
    folder, source = tmp_path_factory.mktemp("corpus"), random.Random(1)
    for split, rows in {"train": 180, "val": 60, "test": 60}.items():
        with (folder / f"{split}.csv").open("w", encoding="utf-8", newline="") as stream:
            writer = csv.writer(stream)
            writer.writerow(["text", "label"])
            for row in range(rows):
                label = list(TELLING)[row % 3]
                words = source.choices(
                    ["the", "video", "was", "so", "really"], k=source.randint(1, 9)
                )
                words.insert(source.randint(0, len(words)), source.choice(TELLING[label].split()))
                writer.writerow([" ".join(words), label])
    return folder


@pytest.fixture(scope="module")
def finished(corpus, tmp_path_factory) -> Path:
    output = tmp_path_factory.mktemp("output")
    files = [f"--{split}_csv={corpus / split}.csv" for split in ("train", "val", "test")]
    places = [f"--output_dir={output}", "--experiment_name=run", "--set", "tensorboard.enabled=no"]
    assert main(["train", f"--config={TINY}", *files, *places, "--max_epochs=6", "--quiet"]) == 0
    return output / "run"


@pytest.mark.parametrize("more", [[], ["--int8"]])
def test_a_run_becomes_an_engine(finished, corpus, tmp_path, capsys, more):
    target = tmp_path / "models" / "quick"
    assert main(["export", str(finished), "--onnx", f"--output_dir={target}", *more]) == 0
    said = capsys.readouterr().out
    assert f"Macro-F1 on the 60 rows of {corpus / 'test.csv'}: torch " in said
    assert "over 1,060 texts: largest difference of a logit" in said
    assert "Calibrated on 60 validation rows" in said
    engine = load_engine(target)
    assert (engine.name, engine.precision) == ("quick", "int8" if more else "fp32")
    assert engine.class_names == ("negative", "neutral", "positive")
    assert engine.prior.tolist() == pytest.approx([1 / 3] * 3)
    assert engine.analyze("the video was really good").label == "Positive"
    assert engine.validation is not None
    assert engine.calibration.kind in ("temperature", "identity")  # no label changes


def test_equal_exports_are_equal_bytes(finished, tmp_path):
    for name in ("one", "two"):
        target = tmp_path / name / "onnx"
        assert main(["export", str(finished), "--onnx", f"--output_dir={target}"]) == 0
    for file in (tmp_path / "one" / "onnx").iterdir():
        assert file.read_bytes() == (tmp_path / "two" / "onnx" / file.name).read_bytes()


def test_a_model_file_that_was_moved_needs_only_its_vocabulary(finished, corpus, tmp_path, capsys):
    for name in ("final_model.pt", "vocab.json"):
        shutil.copy(finished / name, tmp_path / name)
    target = tmp_path / "onnx"
    argv = ["export", str(tmp_path / "final_model.pt"), "--onnx", f"--output_dir={target}"]
    assert main(argv) == 0
    said = capsys.readouterr().out
    assert "No labelled rows were found to judge it on" in said
    assert "Not calibrated" in said
    rows = [f"--{split}_csv={corpus / split}.csv" for split in ("val", "test")]
    assert main([*argv, *rows]) == 0
    assert "Calibrated on 60" in capsys.readouterr().out


def test_rows_that_were_typed_must_be_there(finished, tmp_path, capsys):
    argv = ["export", str(finished), "--onnx", f"--output_dir={tmp_path / 'x'}"]
    assert main([*argv, f"--test_csv={tmp_path / 'nowhere.csv'}"]) == 2
    assert "nowhere.csv does not exist" in capsys.readouterr().err
    assert not (tmp_path / "x").exists()


def test_a_folder_without_a_model_is_a_clear_error(tmp_path, capsys):
    assert main(["export", str(tmp_path), "--onnx"]) == 2
    assert f"{tmp_path / 'final_model.pt'}: no such file" in capsys.readouterr().err


def test_whole_numbers_are_a_kind_of_onnx(finished, capsys):
    assert main(["export", str(finished), "--int8"]) == 2
    assert "add --onnx" in capsys.readouterr().err


def test_without_onnx_it_is_the_engine_of_the_network_itself(finished, tmp_path):
    target = tmp_path / "mine"
    assert main(["export", str(finished), f"--output_dir={target}"]) == 0
    engine = load_engine(target)
    assert (engine.name, engine.kind) == ("mine", "hybrid")
    assert engine.validation is not None
    assert engine.analyze("the video was really good").label == "Positive"


def test_a_saved_engine_keeps_its_calibration(finished, tmp_path, capsys):
    saved, target = tmp_path / "hybrid", tmp_path / "onnx"
    assert main(["export", str(finished), f"--output_dir={saved}"]) == 0
    capsys.readouterr()
    assert main(["export", str(saved), "--onnx", f"--output_dir={target}"]) == 0
    assert "No labelled rows were found to judge it on" in capsys.readouterr().out
    texts = ["the video was so good", "boring", ""]
    first, second = (load_engine(path).predict_proba(texts) for path in (saved, target))
    assert first == pytest.approx(second, abs=1e-5)
    assert load_engine(target).calibration == load_engine(saved).calibration


def test_rows_that_it_was_trained_on_cannot_judge_it(finished, corpus, tmp_path, capsys):
    argv = ["export", str(finished), "--onnx", f"--output_dir={tmp_path / 'x'}"]
    assert main([*argv, f"--val_csv={corpus / 'train.csv'}"]) == 2
    assert "was fitted on this file" in capsys.readouterr().err


def test_columns_are_those_of_the_run_unless_others_are_named(finished, corpus, tmp_path, capsys):
    content = (corpus / "test.csv").read_text(encoding="utf-8")
    other = tmp_path / "other.csv"
    other.write_text(content.replace("text,label", "body,mood"), encoding="utf-8")
    argv = ["export", str(finished), "--onnx", f"--output_dir={tmp_path / 'onnx'}"]
    assert main([*argv, f"--test_csv={other}"]) == 2
    assert "'text'" in capsys.readouterr().err
    # The names hold for both files; the run's validation rows are left out by naming others.
    both = [f"--test_csv={other}", f"--val_csv={other}"]
    assert main([*argv, *both, "--text_column=body", "--label_column=mood"]) == 0


def test_a_folder_with_something_else_in_it_is_left_alone(finished, tmp_path, capsys):
    (tmp_path / "notes.txt").write_text("mine")
    assert main(["export", str(finished), "--onnx", f"--output_dir={tmp_path}"]) == 2
    assert "notes.txt" in capsys.readouterr().err


def test_a_model_whose_sizes_do_not_fit_its_weights_is_a_clear_error(finished, tmp_path, capsys):
    from roomtone.training.files import load_tensors, save_tensors

    content = load_tensors(finished / "final_model.pt", kind="model")
    content["model"]["bilstm"]["hidden_size"] = 5
    shutil.copy(finished / "vocab.json", tmp_path / "vocab.json")
    save_tensors(tmp_path / "final_model.pt", content)
    assert main(["export", str(tmp_path), "--onnx"]) == 2
    assert "is damaged" in capsys.readouterr().err


def test_record_and_card_tell_data_and_metrics(finished, tmp_path):
    target = tmp_path / "onnx"
    assert main(["export", str(finished), "--onnx", f"--output_dir={target}"]) == 0
    record = json.loads((target / "engine.json").read_text(encoding="utf-8"))["record"]
    assert set(record["data"]) == {"train", "val", "test"}
    assert set(record["metrics"]) == {"validation", "test"}
    assert record["export"]["parity"]["texts"] == 1060
    card = (target / "MODEL_CARD.md").read_text(encoding="utf-8")
    assert "as an ONNX model, in float32" in card
    assert "On the test rows (60)" in card
