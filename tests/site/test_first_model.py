"""The models that a site begins with: fitted to the demo's corpus, or a run that is named."""

from __future__ import annotations

import json
import random
import sys
from functools import partial
from pathlib import Path
from subprocess import DEVNULL
from subprocess import run as run_program

import numpy as np
import pytest
from small_corpus import contents, pack

from roomtone.data.corpora.vader import VADER, build_vader_corpus
from roomtone_site.analysis.default_model import NAME, site_model, train_default
from roomtone_site.analysis.models import ModelVersion
from roomtone_site.analysis.versions import load_version
from roomtone_site.running.model import prepare_model

TINY = Path(__file__).parents[2] / "configs" / "tiny.yaml"
TEXTS = ["a lovely song", "the worst of all", "part two", "", "zzz 😀"]
SCORES = """
import json
from roomtone_site.analysis.default_model import site_model
from roomtone_site.api.scoring import score_texts
version = site_model()
rows = score_texts(version, %r)
print(json.dumps([version.kind, version.owner_id, [row["probabilities"] for row in rows]]))
"""


@pytest.fixture
def corpus(tmp_path, monkeypatch, settings):
    """The demo's corpus as it would be fetched, but small."""
    package = pack(tmp_path / VADER.archive, contents())
    build = partial(build_vader_corpus, cache_dir=tmp_path, package=package)
    monkeypatch.setattr("roomtone.data.corpora.build_vader_corpus", build)
    settings.MODELS_FOLDER = tmp_path / "models"
    return tmp_path / "corpus"


@pytest.mark.django_db
class TestTheDefaultModel:
    def test_it_learns_from_the_corpus_and_is_put_to_use(self, corpus):
        said = []
        version = train_default(corpus, say=said.append)
        assert site_model() == version
        assert (version.name, version.kind, version.owner) == (NAME, "tfidf", None)
        assert version.trained_on["train"]["rows"] == 88
        assert set(version.trained_on) == {"train", "validation", "test"}
        assert version.metrics["test"]["metrics"]["f1_macro"] > 0.9, (
            "the moods of the corpus are plain"
        )
        engine = load_version(version)
        moods = ["a walk by the river", "a dull grey afternoon"]
        assert [engine.analyze(text).label.lower() for text in moods] == ["positive", "negative"]
        assert said[0].startswith("Getting the corpus")
        assert any("on 88 rows" in line for line in said)

    def test_once_more_it_is_the_same_and_the_one_before_is_kept(self, corpus):
        first, second = train_default(corpus), train_default(corpus)
        assert first.digest == second.digest
        assert site_model() == second
        assert second.replaced == first
        assert ModelVersion.objects.count() == 2

    def test_a_new_site_begins_with_it(self, corpus, settings, tmp_path):
        settings.SITE_FOLDER = tmp_path
        said = []
        prepare_model(None, said.append)
        assert site_model().name == NAME
        prepare_model(None, said.append)
        assert ModelVersion.objects.count() == 1


@pytest.fixture(scope="module")
def finished(tmp_path_factory):
    """A finished run of `roomtone train`, tiny."""
    pytest.importorskip("torch", reason="needs roomtone[train]")
    folder, source = tmp_path_factory.mktemp("trained"), random.Random(3)
    words = {"negative": "worst awful", "neutral": "part usual", "positive": "lovely great"}
    for split, rows in (("train", 60), ("val", 24)):
        lines = [
            f"{source.choice(both.split())} song number {row},{label}"
            for row in range(rows // 3)
            for label, both in words.items()
        ]
        (folder / f"{split}.csv").write_text("\n".join(["text,label", *lines]), "utf-8")
    done = run_program(
        [
            *(sys.executable, "-m", "roomtone", "train", "--config", str(TINY)),
            *("--train_csv", "train.csv", "--val_csv", "val.csv", "--output_dir", "output"),
            *("--experiment_name", "trial", "--max_epochs", "2", "--device", "cpu"),
        ],
        cwd=folder,
        capture_output=True,
        encoding="utf-8",
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return folder / "output" / "trial"


class TestARunOfOnesOwn:
    @pytest.fixture
    def prepare(self, clean_environment, tmp_path):
        """A function that runs `roomtone site --prepare --model FOLDER`."""

        def prepare(folder):
            return run_program(
                [
                    *(sys.executable, "-m", "roomtone", "site", "--prepare"),
                    *("--model", str(folder)),
                ],
                env=clean_environment | {"ROOMTONE_CACHE": str(tmp_path / "cache")},
                stdin=DEVNULL,
                capture_output=True,
                encoding="utf-8",
                check=False,
            )

        return prepare

    def test_the_site_scores_as_the_run_does(self, finished, prepare, manage):
        from roomtone.engines import get_sentiment_engine

        done = prepare(finished)
        assert done.returncode == 0, done.stdout + done.stderr
        done = manage("shell", "-v0", stdin=SCORES % TEXTS)
        assert done.returncode == 0, done.stderr
        kind, owner, found = json.loads(done.stdout.splitlines()[-1])
        assert (kind, owner) == ("hybrid", None)
        expected = get_sentiment_engine("hybrid_dl", model_path=finished).predict_proba(TEXTS)
        assert np.allclose([list(row.values()) for row in found], expected, atol=1e-6)

    def test_a_run_that_is_not_finished_is_told(self, finished, prepare, tmp_path):
        folder = tmp_path / "half"
        folder.mkdir()
        (folder / "config.yaml").write_bytes((finished / "config.yaml").read_bytes())
        done = prepare(folder)
        assert done.returncode == 2, done.stdout
        assert f"--model {folder}: this run has no final_model.pt" in done.stderr
        assert f"roomtone train --resume {folder}" in done.stderr
        assert "Traceback" not in done.stderr
