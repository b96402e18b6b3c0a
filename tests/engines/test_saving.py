from __future__ import annotations

import hashlib
import json
import os

import numpy as np
import pytest

from roomtone.engines import load_engine, save_engine
from roomtone.engines.ensemble import EnsembleEngine
from roomtone.engines.manifest import seal
from roomtone.engines.validation import ValidationScores
from roomtone.errors import CheckpointError, RoomtoneError
from roomtone.stats.scaling import Calibration

TEXTS = ["great day", "awful", "nothing known", ""]


@pytest.fixture
def engine(plugin):
    made = plugin.LexiconEngine(
        name="my words",
        prior=(0.2, 0.3, 0.5),
        calibration=Calibration("temperature", (0.5,) * 3, (0.0,) * 3),
        record={"data": {"train": {"rows": 3, "sha256": "0" * 64}}},
    )
    made.validation = ValidationScores.of(made.predict_proba(["good", "bad", "bad"]), [2, 0, 1])
    return made


@pytest.fixture
def saved(engine, tmp_path):
    return save_engine(engine, tmp_path / "models" / "lexicon")


def reseal(folder, **changes):
    """Change the manifest as one would who knows how its digest is made."""
    path = folder / "engine.json"
    path.write_text(json.dumps(seal({**json.loads(path.read_text()), **changes})))


def replace(folder, name, content):
    """Put other content in a file, its hash included."""
    (folder / name).write_bytes(content)
    files = json.loads((folder / "engine.json").read_text())["files"]
    files[name] = {"sha256": hashlib.sha256(content).hexdigest(), "bytes": len(content)}
    reseal(folder, files=files)


def test_an_engine_comes_back_as_it_was(engine, saved):
    again = load_engine(saved)
    np.testing.assert_array_equal(again.predict_proba(TEXTS), engine.predict_proba(TEXTS))
    assert (again.name, again.class_names) == (engine.name, engine.class_names)
    assert again.record == engine.record
    results = [e.batch_analyze(TEXTS, abstain=0.5, error_rate=0.4) for e in (engine, again)]
    assert results[0] == results[1]


def test_the_folder_holds_these_files_and_no_others(saved):
    assert sorted(os.listdir(saved)) == [
        *["MODEL_CARD.md", "engine.json", "validation.safetensors", "words.json"]
    ]
    assert os.listdir(saved.parent) == ["lexicon"]


def test_equal_engines_are_equal_bytes(engine, saved, tmp_path):
    again = save_engine(load_engine(saved), tmp_path / "again")
    for name in os.listdir(saved):
        assert (again / name).read_bytes() == (saved / name).read_bytes()


def test_a_saved_engine_is_replaced_by_another(engine, saved):
    engine.words["fine"] = 1.0
    save_engine(engine, saved)
    assert load_engine(saved).words["fine"] == 1.0


def test_an_empty_folder_may_be_taken(engine, tmp_path):
    (tmp_path / "empty").mkdir()
    assert load_engine(save_engine(engine, tmp_path / "empty")).words == engine.words


def test_a_folder_that_is_something_else_is_left_alone(engine, tmp_path):
    (tmp_path / "notes.txt").write_text("mine")
    with pytest.raises(RoomtoneError, match=r"holds notes\.txt, which no saved engine has"):
        save_engine(engine, tmp_path)
    assert os.listdir(tmp_path) == ["notes.txt"]


def test_a_strange_file_beside_a_saved_engine_keeps_it_from_being_replaced(engine, saved):
    (saved / "notes.txt").write_text("mine")
    with pytest.raises(RoomtoneError, match=r"holds notes\.txt"):
        save_engine(engine, saved)


def test_a_file_in_the_place_of_the_folder_is_left_alone(engine, tmp_path):
    (tmp_path / "file").write_text("mine")
    with pytest.raises(RoomtoneError, match="expected a folder"):
        save_engine(engine, tmp_path / "file")


@pytest.mark.parametrize("name", [".", "", "{here}"])
def test_the_current_folder_is_not_replaced(engine, tmp_path, monkeypatch, name):
    here = tmp_path / "here"
    here.mkdir()
    monkeypatch.chdir(here)
    with pytest.raises(RoomtoneError, match="the current folder cannot be replaced"):
        save_engine(engine, name.format(here=here))
    assert os.getcwd() == str(here)
    assert os.listdir(tmp_path) == ["here"]


def test_the_folder_above_that_holds_something_else_is_left_alone(engine, tmp_path, monkeypatch):
    (tmp_path / "here").mkdir()
    monkeypatch.chdir(tmp_path / "here")
    with pytest.raises(RoomtoneError, match=r"\.\. holds here, which no saved engine has"):
        save_engine(engine, "..")


def test_a_path_may_end_in_the_folder_above(plugin, engine, tmp_path):
    ensemble = EnsembleEngine({"words": engine})
    folder = save_engine(ensemble, tmp_path / "models" / "all")
    again = save_engine(ensemble, folder / "words" / "..")
    assert again == folder
    assert os.listdir(tmp_path / "models") == ["all"]
    assert load_engine(again).weights == {"words": 1.0}


def test_a_failure_while_writing_leaves_the_old_engine(engine, saved, monkeypatch):
    def refuse(path, content):
        raise RoomtoneError(f"{path}: cannot be written: No space left on device")

    monkeypatch.setattr("roomtone.engines.saving.write_bytes", refuse)
    with pytest.raises(RoomtoneError, match="No space left"):
        save_engine(engine, saved)
    assert load_engine(saved).words == engine.words
    assert os.listdir(saved.parent) == ["lexicon"]


@pytest.mark.parametrize("name", ["words.json", "validation.safetensors", "engine.json"])
def test_a_missing_file_is_named(saved, name):
    (saved / name).unlink()
    with pytest.raises(CheckpointError, match=f"{name} is missing"):
        load_engine(saved)


@pytest.mark.parametrize("name", ["words.json", "validation.safetensors"])
@pytest.mark.parametrize("change", [lambda b: b[:-1], lambda b: b + b" ", lambda b: b"x" + b[1:]])
def test_an_altered_file_is_named(saved, name, change):
    path = saved / name
    path.write_bytes(change(path.read_bytes()))
    with pytest.raises(CheckpointError, match=name):
        load_engine(saved)


def test_a_file_that_the_engine_never_reads_is_checked_too(saved):
    replace(saved, "notes.json", b"{}")
    assert load_engine(saved).name == "my words"
    (saved / "notes.json").write_bytes(b"[]")
    with pytest.raises(CheckpointError, match=r"notes\.json is damaged or was altered"):
        load_engine(saved)


def test_an_altered_manifest_is_noticed(saved):
    path = saved / "engine.json"
    path.write_text(path.read_text().replace("my words", "your words"))
    with pytest.raises(CheckpointError, match="altered after it was saved"):
        load_engine(saved)


def test_a_manifest_of_a_newer_format_asks_for_a_newer_roomtone(saved):
    reseal(saved, format=2, novelty=True)
    with pytest.raises(CheckpointError, match=r"format 2.*install a newer roomtone"):
        load_engine(saved)


@pytest.mark.parametrize("name", ["../words.json", "/etc/passwd", "a/b", "..", "a\\b", "C:x", ""])
def test_a_name_that_leaves_the_folder_is_refused(saved, name):
    entry = {"sha256": "0" * 64, "bytes": 1}
    reseal(saved, files={name: entry})
    with pytest.raises(CheckpointError, match="not the plain name of a file"):
        load_engine(saved)


@pytest.mark.skipif(os.name == "nt", reason="links need rights there")
@pytest.mark.parametrize("name", ["words.json", "engine.json"])
def test_a_link_is_not_followed(saved, tmp_path, name):
    target = tmp_path / "elsewhere"
    (saved / name).rename(target)
    (saved / name).symlink_to(target)
    with pytest.raises(CheckpointError, match=f"{name} is a link"):
        load_engine(saved)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"kind": "oracle"}, "unknown kind of engine 'oracle'"),
        ({"prior": [0.5, 0.5]}, "not those of 3 classes"),
        ({"prior": [0.5, 0.5, 0.5]}, "does not sum to 1"),
        ({"class_names": ["a", "a", "b"]}, "named twice"),
        ({"calibration": {"kind": "magic"}}, "calibration: "),
        ({"validation_rows": 2}, r"confidence is float64 \[3\], expected float64 \[2\]"),
        ({"name": 3}, "name: "),
        ({"surplus": 3}, "surplus: "),
        ({"format": 0}, "unknown format 0"),
    ],
)
def test_a_manifest_that_cannot_be_is_refused(saved, changes, message):
    reseal(saved, **changes)
    with pytest.raises(CheckpointError, match=message):
        load_engine(saved)


@pytest.mark.parametrize(
    "content",
    [b"", b"\xff\xfe", b"[" * 100_000, b"NaN", b"9" * 10_000, b"[1, 2]", b'{"good": "bad"}'],
)
def test_json_that_is_none_or_of_the_wrong_kind_is_refused(saved, content):
    replace(saved, "words.json", content)
    with pytest.raises(CheckpointError, match=r"json"):
        load_engine(saved)


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ([0.5, np.nan, 0.7], "confidence holds values that are not finite"),
        ([0.7, 0.6, 0.5], "holds no ascending shares"),
        ([0.5, 0.6, 1.5], "holds no ascending shares"),
    ],
)
def test_validation_scores_that_cannot_be_are_refused(saved, values, message):
    from safetensors.numpy import save

    good = np.array([0.1, 0.2, 0.3])
    content = save({"confidence": np.array(values), "nonconformity": good})
    replace(saved, "validation.safetensors", content)
    with pytest.raises(CheckpointError, match=message):
        load_engine(saved)


@pytest.mark.parametrize("path", ["nowhere", "file"])
def test_a_path_without_a_folder_is_named(tmp_path, path):
    (tmp_path / "file").write_text("")
    with pytest.raises(CheckpointError, match=f"{path}: no such folder"):
        load_engine(tmp_path / path)
