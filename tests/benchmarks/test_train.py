from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

pytestmark = pytest.mark.slow
TINY = ("--config", "configs/tiny.yaml", "--set", "training.max_epochs=2")


@pytest.fixture(scope="module")
def measured(script: Any, folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Any:
    import json

    path = tmp_path_factory.mktemp("train") / "out.json"
    options = ("--epochs", 2, "--padded_rows", 32, "--profile_steps", 4, "--json", path)
    done = script("train.py", "--data", folder, *TINY, *options)
    return {**json.loads(path.read_text("utf-8")), "said": done.stdout}


def test_every_loop_runs_the_epochs_and_rows_that_were_asked_for(measured: Any) -> None:
    loops = {found["name"]: found for found in measured["standings"]}
    precisions = ["fp32", "bf16"] if measured["machine"]["bf16"] else ["fp32"]
    ours = [f"roomtone, {name}" for name in precisions]
    assert list(loops) == [*ours, "usual, packed", "usual, padded to 40"]
    for name, found in loops.items():
        padded = "padded" in name
        assert found["texts"] == (32 if padded else 240)
        assert len(found["seconds"]) == len(found["val_f1_macro"]) == (1 if padded else 2)


def test_rates_follow_from_the_seconds_of_whole_epochs(measured: Any) -> None:
    for found in measured["standings"]:
        assert found["best"] == pytest.approx(found["texts"] / min(found["seconds"]))
        assert 0 < found["median"] <= found["best"]
        assert all(0 <= score <= 1 for score in found["val_f1_macro"])


def test_ratios_are_quotients_of_the_rates(measured: Any) -> None:
    rates = {found["name"]: found for found in measured["standings"]}
    assert len(measured["ratios"]) == 2 * sum(name.startswith("roomtone") for name in rates)
    for ratio in measured["ratios"]:
        ours, baseline = rates[ratio["ours"]], rates[ratio["baseline"]]
        assert ratio["best"] == pytest.approx(ours["best"] / baseline["best"])
        assert ratio["median"] == pytest.approx(ours["median"] / baseline["median"])


def test_the_useful_rate_is_the_work_of_a_text_times_the_texts_a_second(measured: Any) -> None:
    work = measured["work"]
    assert 0 < work["distinct"] < work["tokens"]
    assert 0 < work["shared"] < work["usual"]
    for found in measured["standings"]:
        reached = measured["reached"][found["name"]]
        usual = work["usual"] / work["texts"] * found["best"] / 1e9
        assert reached["usual"] == pytest.approx(usual)
        precision = "bf16" if found["name"].endswith("bf16") else "fp32"
        assert reached["usual_share"] == pytest.approx(usual / measured["matmul_gflops"][precision])


def test_the_profile_shares_the_whole_time_out(measured: Any) -> None:
    for shares in measured["profile"].values():
        assert sum(shares.values()) == pytest.approx(1, abs=0.05)
        assert {"LSTM", "convolution"} <= set(shares)
        assert all(share >= 0 for share in shares.values())


def test_the_console_names_the_machine_and_says_what_cannot_be_compared(measured: Any) -> None:
    assert measured["machine"]["processor"] in measured["said"]
    assert "32 rows only" in measured["said"]


def test_a_folder_without_data_ends_with_what_to_do(script: Any, tmp_path: Path) -> None:
    done = script("train.py", "--data", tmp_path, check=False)
    assert done.returncode == 2
    assert "no train rows" in done.stderr
    assert "--train_csv" in done.stderr
    assert "Traceback" not in done.stderr
