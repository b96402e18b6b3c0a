"""Every command and fragment of `docs/crossvalidation.md`, in their order, in one folder."""

from __future__ import annotations

import shutil

from doc_pages import ROOT, blocks, commands, page, run, write_songs

from roomtone.experiments.record import CrossValidation

BLOCKS = blocks(page("crossvalidation.md"))


def test_the_page_runs_as_it_stands(tmp_path):
    write_songs(tmp_path / "all.csv", 90)
    shutil.copy(ROOT / "configs" / "tiny.yaml", tmp_path / "config.yaml")
    for language, block in BLOCKS:
        shell = language == "bash"
        for words in [["-m", *words] for words in commands(block)] if shell else [["-c", block]]:
            done = run(tmp_path, *words)
            assert done.returncode == 0, done.stderr
            assert done.stderr == ""
    assert [language for language, _ in BLOCKS] == ["bash", "bash", "python"]
    schemes = {
        folder: CrossValidation.load(tmp_path / folder).plan.scheme
        for folder in ("cv", "by_video", "by_time", "evaluation")
    }
    assert schemes == {
        "cv": "stratified",
        "by_video": "grouped",
        "by_time": "time",
        "evaluation": "stratified",
    }
