from __future__ import annotations

import gc
import json
import os
from itertools import combinations

import numpy as np
import pytest

from roomtone.engines.calibrating import calibrate_engine
from roomtone.engines.ensemble import EnsembleEngine
from roomtone.engines.ensemble_fit import fit_weights
from roomtone.engines.fitting import fit_pipeline
from roomtone.engines.stacking_fit import stack_fitted
from roomtone.errors import DataError, RoomtoneError, TrainingError
from roomtone.experiments.folder import CellFolder
from roomtone.experiments.recipes import BaselineRecipe, EngineRecipe, Recipe
from roomtone.experiments.record import CrossValidation, Plan
from roomtone.experiments.running import Experiment
from roomtone.experiments.source import read_source
from roomtone.training.claim import claim


def files_of(root) -> dict[str, bytes]:
    """The files of a result, but for what tells how long it took."""
    return {
        str(path.relative_to(root)): path.read_bytes()
        for path in root.rglob("*")
        if path.suffix == ".npz" or path.name in ("plan.json", "crossval.json")
    }


def test_every_row_is_tested_once_and_by_a_model_that_has_not_seen_it(source, design, tmp_path):
    experiment = Experiment(source, design("logreg", "hybrid_dl"), tmp_path)
    result = experiment.run()
    assert CrossValidation.load(tmp_path) == result
    assert Plan.read(tmp_path / "plan.json") == experiment.plan
    for model in ("logreg", "hybrid_dl"):
        cells = CellFolder(tmp_path)
        tested = [cells.predictions(f"{model}-r0-f{fold}-s42") for fold in range(3)]
        assert sorted(np.concatenate([found.rows for found in tested])) == list(range(90))
        for found in tested:
            np.testing.assert_array_equal(found.labels, source.dealer.labels[found.rows])
            np.testing.assert_array_equal(found.predictions, found.probabilities.argmax(axis=1))
            assert not set(found.rows) & set(found.validation_rows)
        assert result[model].pooled["n"] == 90
    assert cells.cell("logreg-r0-f0-s42").n_train == 60
    assert cells.cell("hybrid_dl-r0-f0-s42").details["epochs"] == 3
    for name in ("logreg-r0-f0-s42", "hybrid_dl-r0-f0-s42"):
        machine = cells.cell(name).machine
        assert machine["processor"]
        assert (machine["cores"], machine["accelerator"]) == (os.cpu_count(), None)
    assert not any("machine" in fold for fold in result["logreg"].folds)


class Spy(Recipe):
    """Fits a baseline, and notes what it was given."""

    def __init__(self) -> None:
        self.fits: list[tuple] = []

    def fit(self, train, validation, terms):
        engine, details = BaselineRecipe("logreg").fit(train, validation, terms)
        self.fits.append((train, validation, set(engine.phrases)))
        return engine, details

    def settings(self):
        return {"kind": "spy"}


@pytest.mark.parametrize("scheme", [{}, {"groups": "video"}, {"times": "day"}], ids=str)
def test_a_fold_learns_no_word_of_the_rows_that_it_is_tested_on(
    scheme, data, config, design, tmp_path
):
    source = read_source([data], config, **scheme)
    plain = design("logreg")
    spy = Spy()
    experiment = Experiment(source, type(plain)({"spy": spy}, {"spy": 3}), tmp_path / "out")
    experiment.run()
    texts = np.array(source.texts)
    assert len(spy.fits) == 3
    for (train, validation, words), parts in zip(spy.fits, experiment.parts[3, 0], strict=True):
        own = {f"own{text.split('own')[1].split()[0]}" for text in texts[parts.test]}
        own_seen = {f"own{text.split('own')[1].split()[0]}" for text in train.texts}
        assert own_seen <= words
        assert not own & words
        assert train.texts == texts[parts.fit].tolist()
        assert validation.texts == texts[parts.validation].tolist()
        learnt = np.concatenate([parts.fit, parts.validation])
        if "groups" in scheme:
            groups = source.dealer.groups
            kinds = [set(groups[rows]) for rows in (parts.fit, parts.validation, parts.test)]
            assert not kinds[0] & kinds[1] | kinds[0] & kinds[2] | kinds[1] & kinds[2]
        if "times" in scheme:
            assert source.dealer.times[learnt].max() < source.dealer.times[parts.test].min()


def test_the_network_knows_no_word_of_the_rows_that_it_is_tested_on(source, design, tmp_path):
    from roomtone.experiments.recipes import HybridRecipe

    seen = []

    class Watched(HybridRecipe):
        def fit(self, train, validation, terms):
            engine, details = super().fit(train, validation, terms)
            seen.append((set(engine.model.vocabulary.id_to_token), train, validation))
            return engine, details

    plain = design("hybrid_dl")
    recipe = Watched(plain.recipes["hybrid_dl"].tree)
    Experiment(source, type(plain)({"hybrid_dl": recipe}, {"hybrid_dl": 3}), tmp_path).run()
    for words, train, validation in seen:
        fitted, held_out = (
            {word for text in part.texts for word in text.split() if word.startswith("own")}
            for part in (train, validation)
        )
        known = {word for word in words if word.startswith("own")}
        assert known == fitted
        assert not known & held_out


def test_combinations_are_those_of_the_engines_and_fit_nothing_again(source, design, tmp_path):
    experiment = Experiment(
        source, design("logreg", "tfidf", "ensemble", "stacking", folds=3), tmp_path
    )
    fits = []
    result = experiment.run(watch=lambda cell, *_: fits.append(cell and cell.model))
    assert fits == [None, "logreg", "tfidf"] + 2 * ["logreg", "tfidf"]
    parts, labels = experiment.parts[3, 0][1], source.dealer.labels
    texts = np.array(source.texts)
    held_out = texts[parts.validation].tolist(), labels[parts.validation]
    engines = {}
    for name in ("logreg", "tfidf"):
        engines[name] = fit_pipeline(
            name,
            texts[parts.fit].tolist(),
            labels[parts.fit],
            source.class_names,
            options=BaselineRecipe(name).options,
            seed=42,
        )
        calibrate_engine(engines[name], *held_out, seed=42)
    weights = fit_weights(engines, *held_out).weights
    stacked = stack_fitted(engines, *held_out).engine
    cells = CellFolder(tmp_path)
    for name, engine in (("ensemble", EnsembleEngine(engines, weights)), ("stacking", stacked)):
        found = cells.predictions(f"{name}-r0-f1-s42")
        np.testing.assert_allclose(
            found.probabilities, engine.predict_proba(texts[found.rows].tolist()), atol=1e-12
        )
    assert cells.cell("ensemble-r0-f1-s42").details["weights"] == pytest.approx(weights)
    assert [model.name for model in result.models] == ["logreg", "tfidf", "ensemble", "stacking"]


def test_what_is_finished_is_not_computed_again_and_changes_nothing(source, design, tmp_path):
    def stopping(cell, pending, total):
        if cell is not None and sum(pending.values()) == 2:
            raise KeyboardInterrupt

    wanted = design("logreg", "hybrid_dl", "ensemble")
    with pytest.raises(KeyboardInterrupt):
        Experiment(source, wanted, tmp_path / "halves").run(watch=stopping)
    assert len(list((tmp_path / "halves" / "cells").glob("*.json"))) == 4
    computed = []
    Experiment(source, wanted, tmp_path / "halves").run(
        watch=lambda cell, *_: computed.append(cell)
    )
    assert len(computed) == 3
    assert computed[0] is None
    Experiment(source, wanted, tmp_path / "whole").run()
    assert files_of(tmp_path / "halves") == files_of(tmp_path / "whole")


@pytest.mark.parametrize(
    ("suffix", "damage"),
    [
        ("npz", lambda old: old[: len(old) // 2]),
        ("npz", lambda old: b""),
        ("npz", lambda old: None),
        ("json", lambda old: old[: len(old) // 2]),
        ("json", lambda old: b"[]"),
    ],
    ids=["half of the arrays", "no byte of them", "no file of them", "half of the JSON", "other"],
)
@pytest.mark.parametrize("model", ["svm", "ensemble"])
def test_a_damaged_cell_is_computed_again(model, suffix, damage, source, design, tmp_path):
    wanted = design("logreg", "svm", "ensemble")
    Experiment(source, wanted, tmp_path).run()
    before = files_of(tmp_path)
    path = tmp_path / "cells" / f"{model}-r0-f1-s42.{suffix}"
    left = damage(path.read_bytes())
    path.unlink() if left is None else path.write_bytes(left)
    fits = []
    Experiment(source, wanted, tmp_path).run(watch=lambda cell, *_: fits.append(cell))
    assert [cell.name for cell in fits if cell] == ["svm-r0-f1-s42"] * (model == "svm")
    assert files_of(tmp_path) == before


def test_processes_beside_each_other_give_the_same(source, design, tmp_path):
    wanted = design("logreg", "svm", "ensemble")
    Experiment(source, wanted, tmp_path / "one").run()
    Experiment(source, wanted, tmp_path / "two").run(jobs=2)
    assert files_of(tmp_path / "one") == files_of(tmp_path / "two")
    assert len(files_of(tmp_path / "one")) == 11


def test_models_over_other_folds_are_not_compared_but_can_be_combined(source, design, tmp_path):
    folds = {"logreg": 5, "svm": 5, "tfidf": 3, "ensemble": 3}
    result = Experiment(source, design(*folds, folds=folds), tmp_path).run()
    compared = {(row["model"], row["reference"]) for row in result.comparisons}
    assert compared == {("svm", "logreg")}
    assert any("Only models over the same folds" in note for note in result.notes)
    assert any("tfidf, ensemble: 3 fold scores are too few" in note for note in result.notes)
    assert len(result["ensemble"].folds) == 3
    assert len(result["logreg"].folds) == 5
    assert len(list((tmp_path / "members").glob("*.json"))) == 6
    weights = CellFolder(tmp_path).cell("ensemble-r0-f0-s42").details["weights"]
    assert weights.keys() == {"logreg", "svm", "tfidf"}


def test_what_a_combination_is_made_of_is_compared_over_its_folds_too(source, design, tmp_path):
    folds = {"logreg": 6, "svm": 6, "tfidf": 5, "ensemble": 5}
    result = Experiment(source, design(*folds, folds=folds), tmp_path).run()
    pairs = {
        (row["folds"], *sorted((row["model"], row["reference"]))) for row in result.comparisons
    }
    every = {tuple(sorted(pair)) for pair in combinations(folds, 2)}
    assert pairs == {(6, "logreg", "svm"), *((5, *pair) for pair in every)}
    members = CellFolder(tmp_path, "members")
    apart = [members.cell(f"svm_of_5-r0-f{fold}-s42") for fold in range(5)]
    (row,) = (
        row
        for row in result.comparisons
        if {row["model"], row["reference"]} == {"svm", "tfidf"}
        and (row["metric"], row["method"]) == ("f1_macro", "corrected_t")
    )
    gain = np.mean([cell.metrics["f1_macro"] for cell in apart]) - result["tfidf"].mean["f1_macro"]
    assert row["difference"] == pytest.approx(gain if row["model"] == "svm" else -gain)


def test_repeats_deal_anew_and_seeds_do_not(source, design, tmp_path):
    result = Experiment(
        source, design("logreg", "hybrid_dl", repeats=2, seeds=(42, 43)), tmp_path
    ).run()
    cells = CellFolder(tmp_path)
    rows = {
        (repeat, seed): cells.predictions(f"hybrid_dl-r{repeat}-f0-s{seed}").rows.tolist()
        for repeat in (0, 1)
        for seed in (42, 43)
    }
    assert rows[0, 42] == rows[0, 43] != rows[1, 42] == rows[1, 43]
    assert result["hybrid_dl"].seed_sd["log_loss"] > 0
    assert result["logreg"].seed_sd["log_loss"] == 0
    assert result["logreg"].pooled["n"] == 4 * 90
    # Six folds in two repeats; the seeds of a fold count as one score.
    tested = [row for row in result.comparisons if row["method"] == "corrected_t"]
    assert tested[0]["effects"]["degrees_of_freedom"] == 5


def test_an_engine_is_fitted_anew_by_its_own_recipe(source, design, tmp_path):
    options = type(BaselineRecipe("logreg").options)(max_ngram=1)
    engine = fit_pipeline(
        "logreg", source.texts, source.dealer.labels, source.class_names, options=options, seed=42
    )
    plain = design("logreg")
    recipes = {"saved": EngineRecipe(engine), "plain": BaselineRecipe("logreg", options)}
    result = Experiment(source, type(plain)(recipes, dict.fromkeys(recipes, 3)), tmp_path).run()
    assert result["saved"].pooled == result["plain"].pooled
    assert result.plan.models["saved"]["details"]["max_ngram"] == 1


def test_a_network_is_gone_once_its_fold_is_done(source, design, tmp_path):
    from roomtone.nets import HybridNetwork

    def living(*_):
        return sum(type(thing) is HybridNetwork for thing in gc.get_objects())

    gc.collect()
    before = living()
    counts = []
    Experiment(source, design("hybrid_dl"), tmp_path).run(watch=lambda *_: counts.append(living()))
    assert counts == [before] * 4


def test_rows_that_are_copies_are_told_and_can_be_kept_together(data, config, design, tmp_path):
    lines = data.read_text(encoding="utf-8").splitlines()
    copies = [line.upper().replace("POSITIVE", "positive") for line in lines if "positive" in line]
    data.write_text("\n".join([*lines, *copies]) + "\n", encoding="utf-8")
    apart = Experiment(read_source([data], config), design("logreg"), tmp_path / "a").run()
    assert any("% ) stand" in note.replace("%)", "% )") for note in apart.notes)
    together = read_source([data], config, groups="Text")
    kept = Experiment(together, design("logreg"), tmp_path / "b").run()
    assert not [note for note in kept.notes if "stand in" in note]
    assert kept.plan.scheme == "grouped"


def test_another_plan_in_the_same_folder_is_refused_by_what_differs(source, design, tmp_path):
    Experiment(source, design("logreg"), tmp_path).run()
    with pytest.raises(DataError, match=r"differs in:\n  - folds.logreg: 3, now 4\nGive its"):
        Experiment(source, design("logreg", folds=4), tmp_path).run()
    (tmp_path / "other").mkdir()
    (tmp_path / "other" / "notes.txt").write_text("mine", encoding="utf-8")
    with pytest.raises(DataError, match="holds something else"):
        Experiment(source, design("logreg"), tmp_path / "other").run()


def test_what_cannot_be_is_told_before_anything_is_fitted(source, data, config, design, tmp_path):
    with pytest.raises(RoomtoneError, match="two or more are needed"):
        design("logreg", "ensemble")
    with pytest.raises(RoomtoneError, match=r"validation_share: found 0\.7"):
        design("logreg", validation_share=0.7)
    timed = read_source([data], config, times="day")
    with pytest.raises(DataError, match="time orders the rows in one way only"):
        Experiment(timed, design("logreg", repeats=2), tmp_path / "out")
    with pytest.raises(DataError, match="class negative has 30"):
        Experiment(source, design("logreg", folds=31), tmp_path / "out")
    assert not (tmp_path / "out").exists()


def test_two_processes_do_not_work_in_one_folder(source, design, tmp_path):
    pytest.importorskip("fcntl")
    with claim(tmp_path), pytest.raises(DataError, match="another process is at work"):
        Experiment(source, design("logreg"), tmp_path).run()


def test_a_failure_names_the_cell_and_keeps_what_is_finished(source, design, tmp_path):
    class Failing(BaselineRecipe):
        def fit(self, train, validation, terms):
            if len(list((tmp_path / "cells").glob("*.json"))) == 2:
                raise DataError("nothing to learn from")
            return super().fit(train, validation, terms)

    plain = design("logreg")
    recipes = {"logreg": Failing("logreg")}
    with pytest.raises(TrainingError, match="logreg-r0-f2-s42: nothing to learn from"):
        Experiment(source, type(plain)(recipes, {"logreg": 3}), tmp_path).run()
    assert len(list((tmp_path / "cells").glob("*.json"))) == 2
    with pytest.raises(DataError, match="not finished"):
        CrossValidation.load(tmp_path)
    assert json.loads((tmp_path / "cells" / "logreg-r0-f0-s42.json").read_text())["n_test"] == 30
