from __future__ import annotations

import json
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest

pytestmark = pytest.mark.slow
PEERS = {"fasttext": "fastText", "vaderSentiment": "VADER"}


@pytest.fixture(scope="module")
def measured(script: Any, folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Any:
    work = tmp_path_factory.mktemp("predict")
    options = ("--configs", "configs/tiny.yaml", "--work", work, "--texts", 50, "--rounds", 2)
    more = ("--seconds", 0.05, "--threads", 2, "--json", work / "out.json")
    done = script("predict.py", "--data", folder, *options, *more)
    return {**json.loads((work / "out.json").read_text("utf-8")), "said": done.stdout}


def test_every_way_scores_the_same_texts_and_says_with_how_many_threads(measured: Any) -> None:
    precisions = ["fp32", "bf16"] if measured["machine"]["bf16"] else ["fp32"]
    wanted = {("usual serving", 1), ("usual serving", 2)}
    for name in precisions:
        wanted |= {(f"one at a time, {name}", 1), (f"in batches, PyTorch {name}", 2)}
        wanted |= {(f"in batches, {name}", 1), (f"in batches, {name}", 2)}
    if find_spec("onnx") and find_spec("onnxruntime"):
        for name in ("ONNX fp32", "ONNX int8"):
            wanted |= {(f"one at a time, {name}", 1)}
            wanted |= {(f"in batches, {name}", 1), (f"in batches, {name}", 2)}
    found = {(p["way"], p["threads"]) for p in measured["paces"] if p["model"] == "tiny"}
    assert found == wanted
    baselines = {p["model"] for p in measured["paces"]} - {"tiny"}
    expected = {"Logistic regression, words", "Linear SVM, words and characters"}
    assert baselines == expected | {PEERS[name] for name in PEERS if find_spec(name)}
    for pace in measured["paces"]:
        assert len(pace["rates"]) == 2
        assert 0 < pace["median"] <= pace["best"]
        assert 16 <= pace["texts"] <= 50
        single = pace["way"].startswith(("one at a time", "usual"))
        assert (pace["milliseconds"] is not None) == single


def test_ratios_are_quotients_of_the_rates(measured: Any) -> None:
    usual = max(p["median"] for p in measured["paces"] if p["way"] == "usual serving")
    by_name = {(f"{p['model']}, {p['way']}", p["threads"]): p for p in measured["paces"]}
    rates = {"usual serving": usual}
    rates |= {p["model"]: p["median"] for p in measured["paces"] if p["model"] != "tiny"}
    ours = [p for p in measured["paces"] if p["model"] == "tiny" and p["way"] != "usual serving"]
    assert len(measured["ratios"]) == len(ours) * len(rates)
    for ratio in measured["ratios"]:
        median = by_name[ratio["ours"], ratio["threads"]]["median"]
        assert ratio["median"] == pytest.approx(median / rates[ratio["other"]])


def test_it_says_where_the_time_goes(measured: Any) -> None:
    for part in measured["portions"].values():
        assert part["tokenising"] > 0
        assert part["network"] > 0
        assert 0 <= part["rest"] < 1
        assert part["products"] == pytest.approx(part["gflops"] / part["peak_gflops"])
        assert part["products"] > 0
        assert 0 < part["distinct"] < 1
    assert "Where the time of a batch goes" in measured["said"] or not measured["portions"]
