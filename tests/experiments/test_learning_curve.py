"""Learning curves: nested parts, paired gains, and what else there is at each size."""

import io

import numpy as np
import pytest
from sklearn.metrics import f1_score

from roomtone.errors import ConfigError, DataError
from roomtone.experiments.learning_curve import plan_learning_curve, run_learning_curve
from roomtone.experiments.learning_curve_result import LearningCurve
from roomtone.experiments.study import open_study
from roomtone.experiments.subsets import read_split
from roomtone.experiments.trial_record import read_tested
from roomtone.stats.comparing.multiplicity import holm
from roomtone.training.console import Console


def learn(config, root, sizes=("30", "all"), models=("hybrid_dl", "logreg"), seeds=2):
    """Run a learning curve in this process; return the study, the curve and what was said."""
    stream = io.StringIO()
    with open_study(root, plan_learning_curve(config, sizes, models, seeds)) as study:
        return study, run_learning_curve(study, Console(stream=stream)), stream.getvalue()


def test_models_learn_from_the_same_nested_rows_and_are_compared_at_each_size(
    study_config, tmp_path
):
    config = study_config()
    study, curve, said = learn(config, tmp_path / "study")
    assert LearningCurve.read(study.root / "learning_curve.json") == curve
    assert (curve.split, curve.rows, curve.seeds) == ("test", 60, [42, 43])
    sizes = [("hybrid_dl", 30), ("hybrid_dl", 90), ("logreg", 30), ("logreg", 90)]
    assert [(point.model, point.size) for point in curve.points] == sizes
    for seed in (42, 43):
        small, whole = (
            read_split(config, study.root / "data" / f"train-{size}-s{seed}.csv")
            for size in (30, 90)
        )
        assert set(small.texts) < set(whole.texts)
        assert np.bincount(small.labels).tolist() == [10, 10, 10]
        assert whole.texts == read_split(config, config.train_csv).texts
    for point in curve.points:
        names = [f"{point.model}-n{point.size}-s{seed}" for seed in (42, 43)]
        scores = [
            f1_score(tested.labels, tested.predicted, average="macro")
            for tested in (read_tested(study, name) for name in names)
        ]
        assert point.scores == pytest.approx(scores)
        assert point.low <= point.mean <= point.high
    gain = next(gain for gain in curve.gains if gain.model == "logreg")
    first, second = (point.mean for point in curve.of("logreg"))
    assert (gain.fewer, gain.more) == (30, 90)
    assert gain.difference == pytest.approx(second - first)
    assert [(row["size"], row["model"], row["reference"]) for row in curve.comparisons] == [
        (30, "logreg", "hybrid_dl"),
        (90, "logreg", "hybrid_dl"),
    ]
    assert "[8/8] logreg-n90-s43: " in said


def test_comparisons_are_corrected_over_models_and_sizes_together(study_config, tmp_path):
    models = "logreg", "svm", "tfidf"
    _, curve, _ = learn(study_config(), tmp_path / "study", ("20", "30"), models)
    rows = curve.comparisons
    assert [(row["size"], row["model"]) for row in rows] == [
        (size, model) for size in (20, 30) for model in ("svm", "tfidf")
    ]
    tested = [row for row in rows if row["p_value"] is not None]
    assert len({row["size"] for row in tested}) == 2
    corrected = holm([row["p_value"] for row in tested])
    assert [row["adjusted_p"] for row in tested] == pytest.approx(list(corrected))
    assert all("Holm" not in sentence for row in tested for sentence in row["decision"])
    for row in tested:
        means = {p.model: p.mean for p in curve.points if p.size == row["size"]}
        assert row["difference"] == pytest.approx(means[row["model"]] - means["logreg"])
        assert "one test set of 60 rows" in row["decision"][0]


def test_with_one_seed_no_model_is_called_better(study_config, tmp_path):
    _, curve, _ = learn(study_config(), tmp_path / "study", models=("logreg", "svm"), seeds=1)
    assert [(row["size"], row["p_value"]) for row in curve.comparisons] == [(30, None), (90, None)]
    assert all(row["note"].startswith("undecided: one seed") for row in curve.comparisons)


def test_a_finished_curve_is_read_and_not_learned_again(study_config, tmp_path):
    config = study_config()
    _, first, _ = learn(config, tmp_path / "study", ("30",), ("logreg",))
    _, again, said = learn(config, tmp_path / "study", ("30",), ("logreg",))
    assert again == first
    assert said.count("(before") == 2


def test_parts_that_double_are_the_default(study_config):
    plan = plan_learning_curve(study_config(), [], ["hybrid_dl"], 1)
    assert plan.choices["sizes"] == [11, 22, 45, 90]  # a sixteenth would be too few rows


@pytest.mark.parametrize("size", ["9", "91", "1.5", "-20", "0", "30.5", "many", "nan", "1e999"])
def test_a_size_that_is_none_is_refused(size, study_config):
    with pytest.raises(ConfigError, match="expected a number of rows from 10 to 90, a share"):
        plan_learning_curve(study_config(), [size], ["hybrid_dl"], 1)


@pytest.mark.parametrize("sizes", [[], ["all"]])
def test_too_few_rows_are_refused_before_there_is_a_study(sizes, study_config, tmp_path):
    lines = study_config().train_csv.read_text(encoding="utf-8").splitlines()
    (few := tmp_path / "few.csv").write_text("\n".join(lines[:10]), encoding="utf-8")
    config = study_config(train_csv=str(few))
    with pytest.raises(DataError, match=r"few\.csv: 9 rows; a learning curve begins at 10"):
        learn(config, tmp_path / "study", sizes)
    assert not (tmp_path / "study").exists()


def test_shares_and_all_are_sizes(study_config):
    plan = plan_learning_curve(study_config(), ["0.5", "1.0", "all", "20"], ["svm"], 1)
    assert plan.choices["sizes"] == [20, 45, 90]


def test_an_unknown_model_is_refused(study_config):
    with pytest.raises(ConfigError, match=r"--models lgreg: no such model .*did you mean 'logreg'"):
        plan_learning_curve(study_config(), [], ["lgreg"], 1)
