import os
import sys

import numpy as np
import pytest
from torch_kept import torch_kept

from roomtone.cli import models
from roomtone.cli.models import open_model
from roomtone.engines import RawScores, SentimentEngine, registry, save_engine, saving
from roomtone.engines import folder as folder_module
from roomtone.engines.ensemble import EnsembleEngine
from roomtone.engines.folder import SavedFolder
from roomtone.engines.hybrid import HybridDLSentimentEngine
from roomtone.errors import CheckpointError, RoomtoneError


class Constant(SentimentEngine):
    kind = "constant"

    def __init__(self, name="constant", class_names=("bad", "good"), **options):
        super().__init__(name, class_names, **options)

    def raw(self, texts):
        scores = np.zeros((len(texts), len(self.class_names)))
        return RawScores(scores, np.ones(len(texts), dtype=bool))

    def files(self):
        return {}

    @classmethod
    def from_folder(cls, folder):
        return cls(**folder.common())


def choosing(model_path, device="auto", threads=None):
    engine = saving.load_engine(model_path)
    engine.chosen = device, threads
    return engine


@pytest.fixture(autouse=True)
def _torch_as_before():
    with torch_kept():
        yield


@pytest.fixture(autouse=True)
def _known(monkeypatch, tmp_path):
    monkeypatch.setitem(sys.modules, "constant", sys.modules[__name__])
    monkeypatch.setitem(saving.KINDS, "constant", "constant:Constant")
    monkeypatch.setitem(registry.BUILDERS, "constant", "constant:Constant")
    monkeypatch.setitem(registry.BUILDERS, "choosing", "constant:choosing")
    monkeypatch.setattr(registry, "_recent", {})
    monkeypatch.setenv("OMP_NUM_THREADS", "1")
    monkeypatch.delenv("ROOMTONE_MODELS", raising=False)
    monkeypatch.chdir(tmp_path)


def test_a_folder_is_told_from_others_by_its_digest(tmp_path):
    folders = [
        save_engine(Constant(prior=prior), tmp_path / str(n))
        for n, prior in enumerate([[0.5, 0.5], [0.5, 0.5], [0.4, 0.6]])
    ]
    facts = [open_model(str(folder)).facts for folder in folders]
    assert facts[0] == facts[1] != facts[2]
    assert facts[0]["digest"] == SavedFolder(folders[0]).manifest.digest


def test_a_name_finds_the_saved_engine_where_the_library_looks(tmp_path):
    save_engine(Constant("logreg"), tmp_path / "models" / "logreg")
    opened = open_model("logreg")
    assert opened.engine.name == "logreg"
    assert opened.facts == open_model(str(tmp_path / "models" / "logreg")).facts


def test_an_engine_that_cannot_be_saved_is_told_by_its_class(monkeypatch):
    monkeypatch.setattr(Constant, "files", SentimentEngine.files)
    facts = open_model("constant").facts
    assert facts["digest"] is None
    assert facts["class"].endswith("Constant")


def test_a_name_that_nothing_has_is_refused_with_those_that_there_are():
    with pytest.raises(RoomtoneError, match=r"unknown engine 'logrek'.*logreg"):
        open_model("logrek")


def test_device_and_threads_reach_an_engine_that_lets_one_choose(tmp_path, monkeypatch):
    monkeypatch.setitem(models._CHOICES, "choosing", ("device", "threads"))
    monkeypatch.setitem(models._NAMES, "constant", "choosing")
    folder = str(save_engine(Constant(), tmp_path / "saved"))
    assert open_model(folder).engine.chosen == ("auto", None)
    opened = open_model(folder, device="cpu", threads=1)
    assert opened.engine.chosen == ("cpu", 1)
    assert opened.facts["device"] == "cpu"
    assert opened.facts["threads"] == 1
    assert os.environ["OMP_NUM_THREADS"] == "1"


def test_threads_reach_the_members_of_an_ensemble(tmp_path, write_model):
    (tmp_path / "run").mkdir()
    write_model(tmp_path / "run", ["so good", "so bad"])
    network = HybridDLSentimentEngine(tmp_path / "run")
    constant = Constant(class_names=network.class_names)
    inner = EnsembleEngine({"network": network, "constant": constant})
    outer = EnsembleEngine({"inner": inner, "constant": constant})
    folder = save_engine(outer, tmp_path / "ensemble")
    scorers = [
        open_model(str(folder), threads=threads).engine.models["inner"].models["network"].scorer
        for threads in (1, 2)
    ]
    assert [scorer.threads for scorer in scorers] == [1, 2]
    assert [scorer.options.threads for scorer in scorers] == [1, 2]


def test_a_device_for_an_engine_without_a_choice_is_refused():
    assert open_model("constant", device="cpu", threads=1)
    with pytest.raises(RoomtoneError, match="--device cuda: engine 'constant' computes on the"):
        open_model("constant", device="cuda")


def test_an_engine_that_is_not_saved_is_told_by_what_it_would_be_saved_as(monkeypatch):
    digests = []
    for share in (0.5, 0.5, 0.4):
        monkeypatch.setattr(registry, "_recent", {"constant": Constant(prior=[share, 1 - share])})
        digests.append(open_model("constant").facts["digest"])
    assert digests[0] == digests[1] != digests[2]


@pytest.mark.skipif(os.name == "nt", reason="links need rights there")
def test_a_manifest_that_is_a_link_or_too_large_is_refused_unread(tmp_path, monkeypatch):
    folder = save_engine(Constant(), tmp_path / "saved")
    monkeypatch.setattr(folder_module, "MAX_MANIFEST_BYTES", 100)
    with pytest.raises(CheckpointError, match="larger than it should be"):
        open_model(str(folder))
    (folder / "engine.json").rename(tmp_path / "elsewhere.json")
    (folder / "engine.json").symlink_to(tmp_path / "elsewhere.json")
    with pytest.raises(CheckpointError, match="is a link"):
        open_model(str(folder))
