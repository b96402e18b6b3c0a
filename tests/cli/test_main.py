from __future__ import annotations

import os
import subprocess
import sys
from importlib import import_module

import pytest

from roomtone.cli.main import VERBS, guarded, main, run_verb
from roomtone.errors import DataError

HEAVY = ("torch", "numpy", "scipy", "sklearn", "matplotlib", "pandas", "pydantic", "rich")


def shell(code: str, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-c", code],
        capture_output=True,
        encoding="utf-8",
        env={**os.environ, **environment},
        check=False,
    )


@pytest.mark.parametrize("name", VERBS)
def test_the_overview_repeats_each_verbs_own_summary(name):
    assert VERBS[name].summary == import_module(f"roomtone.cli.{VERBS[name].module}").SUMMARY


@pytest.mark.parametrize("name", VERBS)
def test_each_verb_shows_its_help(name, capsys):
    with pytest.raises(SystemExit) as stop:
        main([name, "--help"])
    assert stop.value.code == 0
    assert f"usage: roomtone {name}" in capsys.readouterr().out


def test_the_overview_names_every_verb(capsys):
    with pytest.raises(SystemExit) as stop:
        main(["--help"])
    assert stop.value.code == 0
    shown = capsys.readouterr().out
    for name, verb in VERBS.items():
        assert name in shown
        assert verb.summary in shown


def test_the_overview_imports_nothing_heavy():
    code = f"""
import sys
from roomtone.cli.main import main
try:
    main(["--help"])
except SystemExit:
    pass
print("heavy:", [name for name in {HEAVY!r} if name in sys.modules])
"""
    assert shell(code).stdout.endswith("heavy: []\n")


@pytest.mark.parametrize("name", VERBS)
def test_the_help_of_a_verb_imports_no_framework(name):
    code = f"""
import sys
from roomtone.cli.main import main
try:
    main([{name!r}, "--help"])
except SystemExit:
    pass
heavy = ("torch", "sklearn", "matplotlib", "pandas")
print("heavy:", [name for name in heavy if name in sys.modules])
"""
    assert shell(code).stdout.endswith("heavy: []\n")


def test_the_package_runs_as_a_module():
    done = subprocess.run(
        [sys.executable, "-m", "roomtone", "--version"],
        capture_output=True,
        encoding="utf-8",
        check=False,
    )
    assert done.returncode == 0
    assert done.stdout.startswith("roomtone ")


def test_without_a_verb_the_overview_goes_to_stderr_with_code_2(capsys):
    assert main([]) == 2
    shown = capsys.readouterr()
    assert shown.out == ""
    assert "verbs:" in shown.err


@pytest.mark.parametrize(
    ("arguments", "line"),
    [
        (["corpsu"], "roomtone: unknown verb 'corpsu'; did you mean 'corpus'?"),
        (["lr_find"], "roomtone: unknown verb 'lr_find'; did you mean 'lr-find'?"),
        (["xyzzy"], f"roomtone: unknown verb 'xyzzy' (verbs: {', '.join(VERBS)})"),
        (
            ["--verison"],
            "roomtone: unknown flag '--verison'; did you mean '--version'? (see: roomtone --help)",
        ),
        (
            ["corpus", "vader", "--output-dir", "x"],
            "roomtone: unknown flag '--output-dir'; did you mean '--output_dir'? "
            "(see: roomtone corpus --help)",
        ),
        (
            ["corpus", "vader", "--output=x"],
            "roomtone: unknown flag '--output'; did you mean '--output_dir'? "
            "(see: roomtone corpus --help)",
        ),
        (
            ["corpus", "vader"],
            "roomtone: the following arguments are required: --output_dir "
            "(see: roomtone corpus --help)",
        ),
        (
            ["corpus", "vader", "surplus", "--output_dir", "x"],
            "roomtone: unrecognized arguments: surplus (see: roomtone corpus --help)",
        ),
        (
            ["corpus", "vader", "--output_dir", "x", "--seed", "four"],
            "roomtone: argument --seed: invalid int value: 'four' (see: roomtone corpus --help)",
        ),
    ],
)
def test_a_mistake_on_the_command_line_is_one_line_and_code_2(arguments, line, capsys):
    assert main(arguments) == 2
    shown = capsys.readouterr()
    assert shown.out == ""
    assert shown.err == f"{line}\n"


def test_a_flag_is_never_taken_by_its_beginning(capsys):
    assert main(["corpus", "vader", "--output_d", "x"]) == 2
    assert "unknown flag '--output_d'" in capsys.readouterr().err


def test_arguments_default_to_those_of_the_process(monkeypatch, capsys):
    monkeypatch.setattr(sys, "argv", ["roomtone", "nonsense"])
    assert main() == 2
    assert "unknown verb 'nonsense'" in capsys.readouterr().err


def test_another_program_can_run_a_verb_under_its_own_name(capsys):
    assert run_verb("corpus", ["vader", "--thresold", "1"], prog="make_corpus.py") == 2
    assert capsys.readouterr().err == (
        "roomtone: unknown flag '--thresold'; did you mean '--threshold'? "
        "(see: make_corpus.py --help)\n"
    )


def fail_with(error: BaseException):
    def action() -> int:
        raise error

    return action


def test_the_exit_code_of_an_action_is_passed_on():
    assert guarded(lambda: 7) == 7


def test_an_expected_error_is_its_text_without_a_traceback(capsys, monkeypatch):
    monkeypatch.delenv("ROOMTONE_DEBUG", raising=False)
    assert guarded(fail_with(DataError("train.csv, line 3: no label"))) == 2
    assert capsys.readouterr().err == "roomtone: train.csv, line 3: no label\n"


@pytest.mark.parametrize(("value", "shown"), [("1", True), ("0", False), ("", False)])
def test_debugging_shows_the_traceback_above_the_message(value, shown, capsys, monkeypatch):
    monkeypatch.setenv("ROOMTONE_DEBUG", value)
    assert guarded(fail_with(DataError("no label"))) == 2
    text = capsys.readouterr().err
    assert ("Traceback (most recent call last)" in text) is shown
    assert text.endswith("roomtone: no label\n")


def test_a_refusal_of_the_file_system_names_the_file(tmp_path, capsys):
    def action() -> int:
        (tmp_path / "absent" / "file").write_text("")
        return 0

    assert guarded(action) == 2
    expected = f"roomtone: {tmp_path / 'absent' / 'file'}: No such file or directory\n"
    assert capsys.readouterr().err == expected


def test_an_interruption_is_code_130(capsys):
    assert guarded(fail_with(KeyboardInterrupt())) == 130
    assert capsys.readouterr().err == "roomtone: interrupted\n"


def test_an_error_of_the_program_itself_keeps_its_traceback():
    with pytest.raises(ZeroDivisionError):
        guarded(lambda: 1 // 0)


@pytest.mark.skipif(os.name == "nt", reason="shells of Windows have no such pipes")
@pytest.mark.parametrize("say", ["print", "Console().say"])
def test_a_reader_that_leaves_early_ends_the_program_quietly(say):
    code = f"""
from roomtone.cli.main import guarded
from roomtone.training.console import Console
import sys
say = {say}
def action():
    for number in range(100_000):
        say(f"line {{number}}")
    return 0
sys.exit(guarded(action))
"""
    program = subprocess.Popen(
        [sys.executable, "-c", code], stdout=subprocess.PIPE, stderr=subprocess.PIPE
    )
    assert program.stdout.readline() == b"line 0\n"
    program.stdout.close()
    assert program.stderr.read() == b""
    program.stderr.close()
    assert program.wait() == 141


def test_a_console_without_emoji_shows_a_substitute():
    code = """
from roomtone.cli.main import guarded
guarded(lambda: print("✅ ready") or 0)
"""
    done = shell(code, PYTHONIOENCODING="ascii", PYTHONUTF8="0")
    assert (done.returncode, done.stdout) == (0, "? ready\n")


def test_a_log_file_grows_line_by_line(tmp_path):
    log = tmp_path / "log"
    code = f"""
from pathlib import Path
from roomtone.cli.main import guarded
def action():
    print("first")
    return 0 if Path({str(log)!r}).read_text() == "first\\n" else 1
raise SystemExit(guarded(action))
"""
    with log.open("w") as stream:
        done = subprocess.run([sys.executable, "-c", code], stdout=stream, check=False)
    assert done.returncode == 0
