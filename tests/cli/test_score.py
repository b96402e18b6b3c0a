"""The verb as a user types it: in a process of its own wherever pipes, limits or memory count."""

import argparse
import json
import os
import pty
import re
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from roomtone.baselines import build_baseline
from roomtone.cli.main import main
from roomtone.cli.score import add_arguments
from roomtone.engines import save_engine
from roomtone.engines.tfidf import TfidfEngine

ROOT = Path(__file__).parents[2]
BY_LENGTH = """
import sys
import numpy as np
from roomtone.engines import RawScores, SentimentEngine, registry
from roomtone.cli.main import main
from roomtone.cli.score import add_arguments

class ByLength(SentimentEngine):
    def __init__(self):
        super().__init__("by_length", ("negative", "neutral", "positive"))

    def raw(self, texts):
        scores = np.array([[0, len(text) % 3, len(text) % 5] for text in texts], dtype=float)
        return RawScores(scores, np.array(["?" not in text for text in texts]))

sys.modules["by_length"] = sys.modules["__main__"]
registry.BUILDERS["by_length"] = "by_length:ByLength"
def score(*arguments):
    return main(["score", "by_length", *arguments])
"""
RUN = BY_LENGTH + "sys.exit(score(*sys.argv[1:]))"


def start(*arguments, code=RUN, more=None, **options):
    ours = {"PYTHONPATH": str(ROOT / "src"), "OMP_NUM_THREADS": "1", **(more or {})}
    return subprocess.Popen(
        [sys.executable, "-c", code, *map(str, arguments)],
        env={**os.environ, **ours},
        **{"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, **options},
    )


def score(*arguments, data=None, **options):
    process = start(*arguments, stdin=subprocess.PIPE, **options)
    out, err = process.communicate(data)
    return process.returncode, out.decode(), err.decode()


@pytest.fixture
def source(tmp_path):
    path = tmp_path / "in.csv"
    path.write_text("id,text,label\n1,hello,x\n2,,y\n3,who?,z\n", "utf-8")
    return path


def test_a_file_is_scored_and_what_could_not_be_is_told_on_standard_error(source):
    target = source.with_name("out.csv")
    code, out, err = score(source, target, "--prefix", "new_")
    assert (code, out) == (0, "")
    assert "3 rows" in err
    assert "nothing known 50.0 %" in err
    assert "1 of 3 rows could not be scored, and have status bad: line 3: empty text" in err
    header, *rows = target.read_text("utf-8").splitlines()
    assert header == (
        "id,text,label,new_label,new_score,new_p_negative,new_p_neutral,new_p_positive,new_known,"
        "new_status,new_problem"
    )
    assert [row.split(",")[0] for row in rows] == ["1", "2", "3"]


def test_a_quiet_run_still_warns(source):
    code, _, err = score(source, source.with_name("out.csv"), "--prefix", "new_", "--quiet")
    assert code == 0
    assert err.startswith("⚠️  1 of 3 rows")


def test_standard_input_to_standard_output_carries_rows_alone(source):
    wanted = ("--columns", "id", "--output_format", "jsonl")
    code, out, err = score("-", "-", *wanted, data=source.read_bytes())
    assert code == 0
    assert len(out.splitlines()) == 3
    assert out.startswith('{"id": "1", "label": "Neutral", "score": 0.')
    assert "✅ standard output" in err


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        ((), "already has a column 'label'"),
        (("--columns", "text,idd"), "no column 'idd'; did you mean 'id'"),
        (("--columns", ","), "names no column"),
        (("--text_colum", "text"), "did you mean '--text_column'"),
        (("--batch_size", "0"), "'0' is no number above 0"),
        (("--abstain", "0.1", "--prefix", "a"), "has no validation scores"),
        (("--input_format", "xml"), "invalid choice"),
    ],
)
def test_a_mistake_is_one_line_and_leaves_nothing(source, arguments, expected):
    code, out, err = score(source, source.with_name("out.csv"), *arguments)
    assert (code, out) == (2, "")
    assert expected in err
    assert len(err.splitlines()) == 1
    assert [path.name for path in source.parent.iterdir()] == ["in.csv"]


def test_a_reader_that_goes_ends_it_silently(source):
    source.write_text("text\n" + "words and more words\n" * 100_000, "utf-8")
    process = start(source, "-", "--chunk_rows", "100")
    assert process.stdout.readline().startswith(b"text,label")
    process.stdout.close()
    assert process.wait() == 141
    assert process.stderr.read() == b""


TELLING = (
    BY_LENGTH
    + """
import roomtone.engines.stream as stream

scoring = stream.score_stream
def told(*arguments, **options):
    print("opened", flush=True)
    return scoring(*arguments, **options)
stream.score_stream = told
sys.exit(score(*sys.argv[1:]))
"""
)


def test_ctrl_c_while_it_waits_for_standard_input_ends_it_at_once(tmp_path):
    process = start("-", tmp_path / "out.csv", stdin=subprocess.PIPE, code=TELLING)
    process.stdin.write(b"text\nfirst\n")
    process.stdin.flush()
    assert process.stdout.readline() == b"opened\n"
    process.send_signal(signal.SIGINT)
    assert process.wait() == 130
    assert process.stderr.read() == b"roomtone: interrupted\n"
    assert list(tmp_path.iterdir()) == []


LIMITED = (
    BY_LENGTH
    + """
import resource
import roomtone.engines.partial
roomtone.engines.partial.SECONDS_BETWEEN_STATES = 0
resource.setrlimit(resource.RLIMIT_FSIZE, (200_000, 200_000))
sys.exit(score(*sys.argv[1:]))
"""
)


@pytest.mark.parametrize("name", ["out.csv", "out.parquet"])
def test_where_the_system_takes_no_more_it_says_how_to_go_on_and_does(source, name):
    if name.endswith("parquet"):
        pytest.importorskip("pyarrow")
    source.write_text("text\n" + "words and more words\n" * 10_000, "utf-8")
    whole, target = source.with_name("whole." + name), source.with_name(name)
    few = ("--chunk_rows", "500")
    assert score(source, whole, *few)[0] == 0
    code, _, err = score(source, target, *few, code=LIMITED)
    assert code == 2
    assert f"{target} cannot be written: File too large" in err
    assert "give the same command again to go on" in err
    assert not target.exists()
    assert (source.parent / f".{name}.state.json").exists()
    code, _, err = score(source, target, *few)
    assert code == 0
    assert "10,000 rows" in err
    assert target.read_bytes() == whole.read_bytes()


def test_on_a_terminal_a_bar_shows_share_pace_and_time_left(source):
    source.write_text("text\n" + "words and more words\n" * 60_000, "utf-8")
    leader, follower = pty.openpty()
    wide = {"TERM": "xterm", "COLUMNS": "120"}
    process = start(source, "/dev/null", "--chunk_rows", "2000", stderr=follower, more=wide)
    os.close(follower)
    shown = b""
    while True:
        try:
            shown += os.read(leader, 4096)
        except OSError:  # what Linux says where the other end is closed
            break
    assert process.wait() == 0
    text = shown.decode()
    assert "rows/s" in text
    assert " left" in text
    assert "%" in text
    assert "60,000 rows" in text


MEMORY = (
    BY_LENGTH
    + """
code = score(*sys.argv[1:])
line = next(line for line in open("/proc/self/status") if line.startswith("VmHWM"))
print(line.split()[1])
sys.exit(code)
"""
)


@pytest.mark.slow
@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="needs Linux")
@pytest.mark.parametrize("name", ["in.csv", "in.jsonl", "in.parquet"])
def test_memory_does_not_grow_with_the_input(tmp_path, name):
    peaks = []
    for rows in (30_000, 150_000):
        source = written(tmp_path / name, rows)
        code, out, err = score(source, tmp_path / f"{rows}{name}", "--quiet", code=MEMORY)
        assert code == 0, err
        peaks.append(int(out) / 1024)
    assert peaks[1] < peaks[0] + 40, f"{peaks} MiB"
    assert peaks[1] < 400


def written(path, rows):
    texts = [f"row {n} " + "of some words and more " * (n % 9) for n in range(rows)]
    if path.suffix == ".parquet":
        pa, pq = pytest.importorskip("pyarrow"), pytest.importorskip("pyarrow.parquet")
        pq.write_table(pa.table({"text": texts}), path, row_group_size=rows)
    elif path.suffix == ".jsonl":
        path.write_text("".join(f'{{"text": "{text}"}}\n' for text in texts), "utf-8")
    else:
        path.write_text("text\n" + "".join(f"{text}\n" for text in texts), "utf-8")
    return path


@pytest.mark.parametrize("name", ["logreg", "svm"])
def test_an_engine_that_was_saved_says_in_a_file_what_it_says_of_each_text(tmp_path, name):
    texts = ["good fun", "bad", "so so", "good good", "awful bad", "a street"] * 5
    labels = [2, 0, 1, 2, 0, 1] * 5
    model = build_baseline(name).fit(texts, labels)
    engine = TfidfEngine.from_pipeline(model, name, ("negative", "neutral", "positive"))
    save_engine(engine, tmp_path / "saved")
    (tmp_path / "in.jsonl").write_text("".join(f'{{"text": "{text}"}}\n' for text in texts))
    arguments = [str(tmp_path / part) for part in ("saved", "in.jsonl", "out.jsonl")]
    assert main(["score", *arguments, "--batch_size", "7", "--quiet"]) == 0
    rows = [json.loads(line) for line in (tmp_path / "out.jsonl").read_text().splitlines()]
    for text, row, result in zip(texts, rows, engine.batch_analyze(texts), strict=True):
        assert (row["text"], row["label"], row["known"]) == (text, result.label, result.known)
        assert row["p_positive"] == pytest.approx(result.probs["Positive"], abs=5e-7)


def test_asking_for_help_loads_nothing_heavy():
    code = (
        "import sys; from roomtone.cli.main import main\n"
        "try: main(['score', '--help'])\n"
        "except SystemExit: pass\n"
        "print([n for n in ('numpy', 'rich', 'torch', 'pyarrow') if n in sys.modules])"
    )
    _, out, _ = score(code=code)
    assert out.splitlines()[-1] == "[]"
    assert "--safe_for_spreadsheets" in out


def test_the_page_on_scoring_names_every_flag_that_it_shows_and_every_column():
    page = (ROOT / "docs" / "scoring.md").read_text("utf-8")
    parser = argparse.ArgumentParser()
    add_arguments(parser)
    flags = set(re.findall(r"--[a-z_]+", page))
    assert flags <= set(parser._option_string_actions)
    assert {"--columns", "--prefix", "--restart", "--overwrite"} <= flags
    for column in ("label", "score", "known", "decided", "labels", "status", "problem"):
        assert f"| `{column}` |" in page
