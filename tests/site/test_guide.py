"""The guide's export of comments, as it stands there, in the shell of ``manage.py``."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from roomtone.data.tables import read_labelled
from roomtone.labels import LabelScheme

pytest.importorskip("pandas")
REPOSITORY = Path(__file__).parents[2]
FRAGMENT = REPOSITORY / "tests/guide/fragments/export_comments.txt"
SPLITS = ("train", "val", "test")


def test_the_fragment_runs_word_for_word(manage, tmp_path):
    backend = tmp_path / "backend"
    shutil.copytree(REPOSITORY / "backend", backend, ignore=shutil.ignore_patterns("*.csv"))
    password = {"DJANGO_SUPERUSER_PASSWORD": "correct-horse-42"}
    steps = (
        (("migrate", "-v0"), {}),
        (("createsuperuser", "--noinput", "--username", "ana", "--email", "a@b.example"), password),
        (("load_sample",), {}),
        (("shell",), {"stdin": FRAGMENT.read_text(encoding="utf-8")}),
        (("export_labeled", "--output_dir", "ours", "--split", "70/15/15"), {}),
    )
    for arguments, options in steps:
        done = manage(*arguments, cwd=backend, ROOMTONE_CACHE=str(tmp_path), **options)
        assert done.returncode == 0, done.stdout + done.stderr
        assert "Traceback" not in done.stderr
    scheme = LabelScheme()
    theirs, ours = (
        {name: read_labelled(backend / folder / f"{name}.csv", labels=scheme) for name in SPLITS}
        for folder in ("data", "ours")
    )
    assert all(min(table.label_counts.values()) > 0 for table in theirs.values())
    everything = [
        sorted(text for t in tables.values() for text in t.texts) for tables in (theirs, ours)
    ]
    assert everything[0] == everything[1]
    assert len(ours["train"].texts) > 4 * len(ours["val"].texts)
