"""Processes that are killed again and again leave, in the end, what one left in peace leaves."""

import json
import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from roomtone.training.checkpoint import find_state, load_state

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(not hasattr(os, "fork"), reason="needs POSIX signals and fork"),
]
ROOT = Path(__file__).parents[2]
KILLS = 40
BATCH, SUMMARY = "  Batch ", "📊 Epoch"
SETTINGS = (
    "training.batch_size=20",
    "training.max_epochs=20",
    "training.early_stopping.enabled=false",
    "training.log_every=1",
    "training.checkpoint_minutes=1e-9",
    "training.freeze_epochs=1",
    "training.warmup_steps=6",
    "training.class_weights=balanced",
    "training.lr_scheduler.patience=0",
    "model.bilstm.dropout=0.4",
    "tensorboard.enabled=false",
    "threads=1",
)
# However long a test is kept from it, no process goes beyond where it is to be signalled.
HOLDING = """
import io, json, os, re, sys, time
from roomtone.cli.main import main
from roomtone.training import console, files

def hold(until):
    print("held", flush=True)
    while not os.path.exists(until):
        time.sleep(0.01)

def hold_at_line(pattern, count=1, until=""):
    say = console.Console.always
    def always(self, *lines):
        nonlocal count
        for line in lines or ("",):
            say(self, line)
            count -= bool(re.match(pattern, line))
            if count == 0:
                hold(until)
    console.Console.always = always

def hold_within_write(count):
    save = files._save
    def halfway(content, stream):
        nonlocal count
        whole, count = io.BytesIO(), count - 1
        save(content, whole)
        if count == 0:
            stream.write(whole.getvalue()[:whole.tell() // 2])
            stream.flush()
            hold("")
        stream.write(whole.getvalue())
    files._save = halfway

def train(arguments, **held):
    for name, terms in held.items():
        globals()[name](**terms)
    return main(["train", *arguments])
"""
ONE_LIFE = HOLDING + "sys.exit(train(**json.loads(sys.argv.pop())))"
# Imports are most of a short life, so they are made once: each life is a fork of a process that
# has imported everything and done nothing yet.
MANY_LIVES = f"""
{HOLDING}
import torch._dynamo, roomtone.reports, roomtone.training.run
for line in sys.stdin:
    child = os.fork()
    if child == 0:
        code = train(**json.loads(line))
        sys.stdout.flush()
        os._exit(code)
    print("began", child, flush=True)
    print("ended", os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]), flush=True)
"""


def arguments_of(corpus, output, name, device):
    files = [f"--{split}_csv={corpus / split}.csv" for split in ("train", "val", "test")]
    sets = [f"--set={setting}" for setting in SETTINGS]
    places = [f"--output_dir={output}", f"--experiment_name={name}"]
    config = f"--config={ROOT / 'configs' / 'tiny.yaml'}"
    return [config, *files, *sets, *places, f"--device={device}"]


def open_process(command):
    return subprocess.Popen(
        command,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        encoding="utf-8",
        env={**os.environ, "PYTHONPATH": str(ROOT / "src"), "PYTHONIOENCODING": "utf-8"},
    )


@pytest.fixture
def start():
    """A function that starts ``roomtone train``; none of its processes outlives the test."""
    begun = []

    def begin(arguments, **held):
        begun.append(open_process([sys.executable, "-c", ONE_LIFE, as_json(arguments, held)]))
        return begun[-1]

    yield begin
    for process in begun:
        process.kill()
        process.communicate()


@pytest.fixture(scope="module")
def lives():
    """A process that lives many times: give it arguments, kill it, give it arguments again."""
    process = open_process([sys.executable, "-c", MANY_LIVES])
    with process:
        yield process
        process.stdin.close()


@pytest.fixture(scope="module")
def undisturbed(lives, corpus, tmp_path_factory, results_of, device):
    """What a run leaves that nobody disturbs."""
    output = tmp_path_factory.mktemp("undisturbed")
    begin(lives, arguments_of(corpus, output, "whole", device))
    assert end(lives) == 0
    return results_of(output / "whole")


def as_json(arguments, held):
    return json.dumps({"arguments": [str(argument) for argument in arguments], **held})


def begin(lives, arguments, **held):
    lives.stdin.write(as_json(arguments, held) + "\n")
    lives.stdin.flush()
    return int(read_until(lives, "began ").split()[1])


def end(lives):
    return int(read_until(lives, "ended ").split()[1])


def read_until(process, *beginnings):
    """Read what the process says until a line begins like this."""
    return next((line for line in process.stdout if line.startswith(beginnings)), "")


def finish(process):
    """Let the process end by itself; return its exit code and the rest of what it says."""
    said = process.stdout.read()
    return process.wait(300), said


def half_written(folder):
    return folder.is_dir() and any(name.endswith(".part") for name in os.listdir(folder))


def test_a_run_killed_many_times_ends_as_one_that_was_not(
    lives, corpus, tmp_path, results_of, undisturbed, device
):
    folder, source = tmp_path / "killed", random.Random(1)
    arguments = arguments_of(corpus, tmp_path, "killed", device)
    places = []
    for kill in range(KILLS):
        if kill % 4 == 2:
            pid = begin(lives, arguments, hold_within_write={"count": 2})
            read_until(lives, "held")
            assert half_written(folder / "checkpoints")
        else:  # at any moment between one line and the next but one
            third = {"pattern": f"{BATCH}|{SUMMARY}", "count": 3}
            pid = begin(lives, arguments, hold_at_line=third)
            read_until(lives, BATCH, SUMMARY)
            read_until(lives, BATCH, SUMMARY)
            time.sleep(source.uniform(0, 0.01))
        os.kill(pid, signal.SIGKILL)
        assert end(lives) == -signal.SIGKILL, f"ended by itself before kill {kill}"
        progress = load_state(find_state(folder))["progress"]
        places.append((progress["epoch"], progress["batch"]))
        arguments = ["--resume", folder]
    begin(lives, arguments)
    assert end(lives) == 0

    assert places == sorted(places)
    assert len({epoch for epoch, _ in places}) >= 5
    assert sum(batch > 0 for _, batch in places) >= KILLS / 2
    assert results_of(folder) == undisturbed


@pytest.mark.parametrize(
    "stage", ["Output directory", "Building vocabulary", "✅ Saved vocabulary", "STEP 2", "STEP 3"]
)
def test_a_run_killed_before_it_is_set_up_is_started_again_with_the_same_command(
    stage, lives, corpus, tmp_path, results_of, undisturbed, device
):
    arguments = arguments_of(corpus, tmp_path, "early", device)
    pid = begin(lives, arguments, hold_at_line={"pattern": stage})
    read_until(lives, "held")
    os.kill(pid, signal.SIGKILL)
    assert end(lives) == -signal.SIGKILL
    folder = tmp_path / "early"
    begin(lives, ["--resume", folder] if (folder / "checkpoints/last.pt").is_file() else arguments)
    assert end(lives) == 0
    assert results_of(folder) == undisturbed


def test_a_run_killed_before_its_first_step_is_resumed(
    lives, corpus, tmp_path, results_of, undisturbed, device
):
    folder = tmp_path / "early"
    arguments = [
        *arguments_of(corpus, tmp_path, "early", device),
        "--set=training.checkpoint_minutes=60",
    ]
    pid = begin(lives, arguments, hold_at_line={"pattern": BATCH})
    read_until(lives, "held")
    os.kill(pid, signal.SIGKILL)
    assert end(lives) == -signal.SIGKILL
    assert load_state(find_state(folder))["progress"]["step"] == 0
    begin(lives, ["--resume", folder])
    assert end(lives) == 0
    assert results_of(folder) == undisturbed


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGKILL])
def test_a_program_that_gets_a_signal_goes_on_as_if_it_had_not(
    start, lives, corpus, tmp_path, results_of, undisturbed, number, device
):
    folder, signalled = tmp_path / "stopped", tmp_path / "signalled"
    held = {"pattern": f"{BATCH}4/", "until": str(signalled)}
    process = start(arguments_of(corpus, tmp_path, "stopped", device), hold_at_line=held)
    read_until(process, "held")
    process.send_signal(number)
    signalled.touch()
    code, said = finish(process)
    if number == signal.SIGKILL:
        assert code == -number
    else:
        assert code == 130
        assert f"Interrupted, and saved. Go on with: roomtone train --resume {folder}" in said
        assert "Traceback" not in said
    progress = load_state(find_state(folder))["progress"]
    # A kill takes the batch whose line is said before its state is saved.
    steps = 3 if number == signal.SIGKILL else 4
    assert (progress["epoch"], progress["step"]) == (0, steps)
    begin(lives, ["--resume", folder])
    assert end(lives) == 0
    assert results_of(folder) == undisturbed


def test_an_interruption_while_the_data_is_read_leaves_nothing_in_the_way(
    start, corpus, tmp_path, device
):
    signalled = tmp_path / "signalled"
    held = {"pattern": "Loading Data", "until": str(signalled)}
    process = start(arguments_of(corpus, tmp_path, "early", device), hold_at_line=held)
    read_until(process, "held")
    process.send_signal(signal.SIGINT)
    signalled.touch()
    code, said = finish(process)
    assert code == 130
    assert "Traceback" not in said
    assert SUMMARY not in said
    assert not (tmp_path / "early").exists()
