from __future__ import annotations

import json
import random

import numpy as np
import pytest

KINDS = ("tfidf", "ensemble", "stacking", "hybrid", "run", "onnx")


@pytest.mark.parametrize("kind", KINDS)
def test_damaged_files_of_each_kind_end_in_a_clean_error_or_a_correct_load(
    kind, script, tmp_path
) -> None:
    """A small part of what `make fuzz` does, which is over ten thousand."""
    output = tmp_path / "fuzz.json"
    script("fuzz.py", "--kinds", kind, "--mutations", 60, "--output", output)
    result = json.loads(output.read_text("utf-8"))
    (outcome,) = result["outcomes"]
    assert outcome["failures"] == []
    assert outcome["refused"] + outcome["same"] + outcome["other"] == 60
    assert outcome["refused"] > 30
    assert result["peak_mib"] < 1024


def test_a_loader_that_does_not_look_at_hashes_would_be_found_out(tmp_path, monkeypatch) -> None:
    from damaged import tfidf
    from fuzz import fuzz

    from roomtone.engines.folder import SavedFolder

    source = tfidf(tmp_path)
    careless = lambda folder, name: (folder.path / name).read_bytes()  # noqa: E731
    monkeypatch.setattr(SavedFolder, "read", careless)
    outcome = fuzz("tfidf", source, 600, 1, tmp_path / "work")
    assert any("with other answers" in failure for failure in outcome.failures)


def test_code_that_runs_would_be_found_out(tmp_path, monkeypatch) -> None:
    import pickle

    from damaged import run
    from fuzz import fuzz

    source = run(tmp_path)
    monkeypatch.setattr("roomtone.text.vocabulary_file._PlainUnpickler", pickle.Unpickler)
    outcome = fuzz("run", source, 40, 1, tmp_path / "work")
    assert any("code in the file was run" in failure for failure in outcome.failures)


def test_damage_is_the_same_for_the_same_seed() -> None:
    from mutations import damage_bytes, damage_json

    for seed in range(50):
        first, second = (damage_bytes(bytes(range(64)), random.Random(seed)) for _ in range(2))
        assert first == second
        documents = (damage_json({"a": [1, 2], "b": {"c": 3}}, random.Random(seed)) for _ in "ab")
        assert next(documents) == next(documents)


def test_a_changed_manifest_can_be_made_to_fit_its_files_again(tmp_path) -> None:
    from damaged import TEXTS, ensemble
    from mutations import reseal

    from roomtone.engines import load_engine

    source = ensemble(tmp_path)
    expected = load_engine(source).predict_proba(TEXTS)
    path = source / "logreg" / "vocab.json"
    path.write_bytes(path.read_bytes() + b"\n")
    assert reseal(source) is not None
    np.testing.assert_array_equal(load_engine(source).predict_proba(TEXTS), expected)
