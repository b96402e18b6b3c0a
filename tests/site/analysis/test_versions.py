from __future__ import annotations

import os
import time

import numpy as np
import pytest
from django.core.management import CommandError, call_command

from roomtone.baselines import TfidfOptions
from roomtone.engines import save_engine
from roomtone.engines.fitting import fit_pipeline
from roomtone.errors import CheckpointError, DataError, RoomtoneError
from roomtone_site.analysis import versions
from roomtone_site.analysis.models import ModelVersion
from roomtone_site.analysis.versions import (
    NoModelError,
    find_version,
    folder_of,
    install,
    load_version,
    put_to_use,
)

pytestmark = pytest.mark.django_db


def test_an_installed_model_scores_as_before_and_is_loaded_once(version, engine, monkeypatch):
    texts = ["I love it", "I hate it"]
    found = load_version(version)
    assert np.array_equal(found.predict_proba(texts), engine.predict_proba(texts))
    monkeypatch.setattr(versions, "load_folder", None)
    assert load_version(ModelVersion.objects.get()) is found


def test_few_engines_stay_in_memory(models_folder, engine):
    made = []
    for number in range(versions._KEPT + 2):
        engine.record = {"number": number}
        made.append(install(engine, f"m{number}"))
        load_version(made[-1])
    engine.record = {}
    assert len(versions._loaded) == versions._KEPT
    assert str(folder_of(made[0])) not in {path for path, _ in versions._loaded}


def test_an_account_finds_its_own_model_then_the_sites(version, engine, user, other):
    assert find_version(user) == version
    mine = install(engine, "mine", owner=user, use=True)
    assert find_version(user) == mine
    assert find_version(user, "small") == version
    assert find_version(other) == version
    with pytest.raises(NoModelError, match=r"unknown model 'mine' \(known: small\)"):
        find_version(other, "mine")


def test_of_one_name_the_version_in_use_is_found_else_the_newest(models_folder, engine, user):
    first, second = (install(engine, "m", owner=user) for _ in range(2))
    assert find_version(user, "m") == second
    put_to_use(first)
    assert find_version(user, "m") == first


def test_an_old_version_can_be_put_back(models_folder, engine):
    first, second = (install(engine, "m", use=True) for _ in range(2))
    second.refresh_from_db()
    assert second.replaced == first
    put_to_use(first)
    assert list(ModelVersion.objects.filter(active=True)) == [first]
    put_to_use(first)
    assert first.replaced == second


def test_without_models_it_is_told_how_to_get_one(user, engine, models_folder):
    with pytest.raises(NoModelError, match="install_model"):
        find_version(user)
    install(engine, "m")
    with pytest.raises(NoModelError, match="choose one of: m"):
        find_version(user)


@pytest.mark.parametrize(
    "name", ["../../etc", "/etc/passwd", "a/b", "a\\b", "", ".hidden", "a\0", "n" * 101, "a\nb"]
)
def test_names_that_are_paths_are_refused(version, engine, user, name):
    with pytest.raises(DataError, match="no name for a model"):
        install(engine, name)
    if name:
        with pytest.raises(NoModelError, match="unknown model"):
            find_version(user, name)


@pytest.mark.parametrize("folder", ["..", "../x", "/etc", "a/b", "", ".", "a/../../b"])
def test_a_row_that_names_another_folder_is_refused(version, folder):
    version.folder = folder
    with pytest.raises(CheckpointError, match="no folder directly in"):
        load_version(version)


def test_a_link_out_of_the_folder_is_refused(version, models_folder, engine, tmp_path):
    save_engine(engine, tmp_path / "elsewhere")
    (models_folder / "link").symlink_to(tmp_path / "elsewhere")
    version.folder = "link"
    with pytest.raises(CheckpointError, match="no folder directly in"):
        load_version(version)


def test_another_engine_in_the_folder_is_refused(version, models_folder, engine):
    engine.record = {"another": True}
    save_engine(engine, models_folder / version.folder)
    engine.record = {}
    versions._loaded.clear()
    with pytest.raises(CheckpointError, match="another engine than was installed"):
        load_version(version)


def test_a_model_of_other_classes_is_refused(models_folder):
    texts, labels = ["good film", "bad film"] * 3, np.array([1, 0] * 3)
    options = TfidfOptions(min_df=1)
    two = fit_pipeline("logreg", texts, labels, ("bad", "good"), options=options, seed=1)
    with pytest.raises(RoomtoneError, match="has the classes bad, good; the site needs negative"):
        install(two, "two")
    assert not ModelVersion.objects.exists()


def test_classes_in_another_order_are_put_right(models_folder):
    texts, labels = ["good", "bad", "so"] * 3, np.array([0, 1, 2] * 3)
    names = ("Positive", "Negative", "Neutral")
    options = TfidfOptions(min_df=1)
    made = fit_pipeline("logreg", texts, labels, names, options=options, seed=1)
    assert versions.columns_of(made) == [1, 2, 0]


def test_the_command_installs_a_saved_engine(models_folder, engine, tmp_path, capsys):
    save_engine(engine, tmp_path / "saved")
    call_command("install_model", str(tmp_path / "saved"), "--name", "from a file")
    assert "and put it to use" in capsys.readouterr().out
    assert ModelVersion.objects.get(active=True).name == "from a file"
    call_command("install_model", str(tmp_path / "saved"), "--name", "other", "--keep-present")
    assert ModelVersion.objects.get(active=True).name == "from a file"
    with pytest.raises(CommandError, match="no such folder"):
        call_command("install_model", str(tmp_path / "none"))


def test_what_a_killed_process_left_behind_is_swept_away_by_the_next_model(
    version, engine, models_folder
):
    left = ("new-12-ab", ".new-12-ab.part", "a" * 64)
    others = ("notes", "new-13-cd", "b" * 64)
    for name in (*left, *others):
        (models_folder / name).mkdir()
    long_ago = time.time() - 2 * 24 * 3600
    for name in (*left, "notes", version.folder):
        os.utime(models_folder / name, (long_ago, long_ago))
    engine.record = {"number": 1}
    second = install(engine, "second")
    engine.record = {}
    found = {path.name for path in models_folder.iterdir()}
    assert found == {version.folder, second.folder, *others}
    load_version(version)


def test_a_folder_that_is_there_already_is_not_taken_for_one_that_was_left_behind(
    version, engine, models_folder
):
    long_ago = time.time() - 2 * 24 * 3600
    os.utime(models_folder / version.folder, (long_ago, long_ago))
    again = install(engine, "again")
    assert again.folder == version.folder
    assert (models_folder / again.folder).stat().st_mtime > long_ago + 3600
