"""The console tells a run as the guide shows it, on any stream; a quiet one tells the results."""

import io
import os
import threading
from contextlib import suppress
from pathlib import Path

import pytest

from roomtone.training.console import RULE, Console, as_typed
from roomtone.training.run import Run


@pytest.mark.parametrize("encoding", ["ascii", "cp1252", "latin-1", "utf-8"])
def test_a_stream_that_cannot_show_a_character_does_not_end_the_run(encoding):
    raw = io.BytesIO()
    stream = io.TextIOWrapper(raw, encoding=encoding, errors="strict")
    console = Console(stream=stream)
    console.say("✅ Optimizer: Adam")
    console.warn("naïve 😡")
    console.heading("STEP 1")
    stream.flush()
    said = raw.getvalue().decode(encoding)
    assert "Optimizer: Adam" in said
    assert "STEP 1" in said


def test_a_long_line_and_what_looks_like_markup_are_printed_as_they_are():
    stream = io.StringIO()
    console = Console(stream=stream)
    line = "[bold]" + "very long " * 40 + ":smile: {'a': 1}"
    console.say(line)
    assert stream.getvalue() == line + "\n"


def test_a_heading_stands_between_two_rules():
    stream = io.StringIO()
    Console(stream=stream).heading("STEP 4: TRAINING")
    assert stream.getvalue() == f"\n{RULE}\nSTEP 4: TRAINING\n{RULE}\n"
    assert len(RULE) == 80


def test_a_quiet_run_shows_its_warnings_and_results_only(train, configure, lopsided):
    _, said = train(configure(lopsided), quiet=True)
    lines = [line for line in said.splitlines() if line]
    assert "collapsed to one class" in said
    assert "test_f1_macro: " in said
    assert not any(line.startswith(("Epoch", "===", "  Batch", "📊", "💾")) for line in lines)
    assert len(lines) < 15


def test_an_epoch_is_told_as_in_the_guide(train):
    outcome, said = train(training__log_every=4)
    assert "STEP 4: TRAINING" in said
    assert "\n  Batch 4/8 (50.0%) - Loss: " in said
    assert "\n  Batch 8/8 (100.0%) - Loss: " in said
    start = said.index("📊 Epoch 1 Summary (Time: ")
    summary = [line.split(":")[0] for line in said[start:].splitlines()[1:8]]
    assert summary == [
        "   train_accuracy",
        "   train_f1_macro",
        "   train_avg_loss",
        "   val_accuracy",
        "   val_f1_macro",
        "   val_avg_loss",
        "   val_cohen_kappa",
    ]
    assert "\n✅ val_f1_macro increased to 0." in said
    best = outcome.folder.checkpoints / "hybrid_epoch01_f1"
    assert f"\n💾 [BEST] Checkpoint saved: {best}0." in said


def test_an_epoch_without_improvement_says_how_long_it_will_be_waited(train):
    _, said = train(
        training__early_stopping__min_delta=0.9,
        training__early_stopping__patience=2,
        training__lr_scheduler__patience=0,
        training__early_stopping__monitor="val_loss",
    )
    assert "✅ val_loss decreased to" in said
    assert "   val_loss did not improve on epoch 1 (patience 1/2)" in said
    assert "   Learning rate lowered to 0.0025" in said


@pytest.mark.parametrize(
    ("path", "shown"),
    [("runs", "./runs"), ("/var/runs", "/var/runs"), ("../runs", "../runs"), ("./a/b", "./a/b")],
)
def test_a_relative_folder_is_shown_with_its_dot(path, shown):
    assert as_typed(Path(path)) == shown


@pytest.mark.skipif(not hasattr(os, "openpty"), reason="this system has no pseudo-terminals")
def test_a_terminal_gets_a_moving_bar_and_the_same_lines(configure, monkeypatch):
    monkeypatch.setenv("TERM", "xterm")
    master, terminal = os.openpty()
    seen = []

    def watch():
        with suppress(OSError):  # how a terminal that is closed says so
            while chunk := os.read(master, 65536):
                seen.append(chunk)

    watcher = threading.Thread(target=watch)
    watcher.start()
    with os.fdopen(terminal, "w", encoding="utf-8") as stream:
        console = Console(stream=stream)
        assert console.live
        Run(configure(training__max_epochs=1, training__log_every=4), console).execute()
    watcher.join(300)
    os.close(master)
    said = b"".join(seen).decode("utf-8")
    assert "left in this epoch" in said
    assert "  Batch 8/8 (100.0%) - Loss: " in said
    assert "📊 Epoch 1 Summary" in said


def test_a_stream_that_is_no_terminal_gets_no_bar(train):
    _, said = train(training__max_epochs=1)
    assert "left in this epoch" not in said
    assert "\x1b" not in said
