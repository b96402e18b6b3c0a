from __future__ import annotations

import json

import pytest

from roomtone.errors import DataError, RoomtoneError
from roomtone.reports import read_run

JSON_FILES = ("training_history.json", "test_metrics.json", "data_report.json", "manifest.json")


def edit(path, change) -> None:
    content = json.loads(path.read_text(encoding="utf-8"))
    change(content)
    path.write_text(json.dumps(content), encoding="utf-8")


def test_a_finished_run_is_read_whole(make_run):
    run = read_run(make_run(rows=50, warnings=["Look out"]))
    assert run.class_names == ("negative", "neutral", "positive")
    assert run.evaluation.metrics.n == len(run.predictions.labels) == 50
    assert run.evaluation.intervals["f1_macro"].method == "BCa"
    assert run.history.metadata.stopped_early
    assert run.max_len == 200
    assert run.manifest["vectors"]["coverage"] == 0.8734
    assert run.warnings == ("Look out", "3 test rows also stand in train; remove them")


def test_the_same_warning_in_two_files_is_shown_once(make_run):
    run = read_run(make_run(rows=10, warnings=["3 test rows also stand in train; remove them"]))
    assert len(run.warnings) == 1


def test_a_run_without_a_data_report_is_read(make_run):
    run = read_run(make_run(rows=10, data_report=False))
    assert run.data.splits == {}


def test_keys_of_later_versions_and_values_that_are_not_finite_are_accepted(make_run):
    folder = make_run(rows=10)
    edit(folder / "training_history.json", lambda content: content.update(later=[1]))
    history = folder / "training_history.json"
    history.write_text(history.read_text().replace('"best_value": ', '"best_value": NaN, "x": '))
    edit(history, lambda content: content["history"].update(val_loss=[None, float("nan"), 1]))
    assert read_run(folder).history.history["val_loss"][0] is None


def test_a_folder_that_is_not_there_is_named(tmp_path):
    with pytest.raises(DataError, match="nowhere: no such folder"):
        read_run(tmp_path / "nowhere")


@pytest.mark.parametrize("name", ["config.yaml", "predictions.csv", *JSON_FILES[:2], JSON_FILES[3]])
def test_a_missing_file_is_named_and_the_way_on_shown(make_run, name):
    folder = make_run(rows=10)
    (folder / name).unlink()
    with pytest.raises(DataError, match=rf"{name} missing.*--resume"):
        read_run(folder)


@pytest.mark.parametrize("name", JSON_FILES)
@pytest.mark.parametrize("content", [b"", b"{", b"[1, 2]", b"\xff\xfe", b'"text"', b"null"])
def test_a_damaged_json_file_is_named(make_run, name, content):
    folder = make_run(rows=10)
    (folder / name).write_bytes(content)
    with pytest.raises(DataError, match=rf"{name}: damaged"):
        read_run(folder)


@pytest.mark.parametrize("name", [*JSON_FILES, "predictions.csv"])
@pytest.mark.parametrize("share", [0.1, 0.5, 0.9])
def test_a_file_that_was_cut_short_is_named(make_run, name, share):
    folder = make_run(rows=10)
    content = (folder / name).read_bytes()
    (folder / name).write_bytes(content[: int(share * len(content))])
    with pytest.raises(RoomtoneError, match=name):
        read_run(folder)


@pytest.mark.parametrize("content", ["a: [1", "- 1", "a: 1\na: 2"])
def test_a_damaged_configuration_is_named(make_run, content):
    folder = make_run(rows=10)
    (folder / "config.yaml").write_text(content)
    with pytest.raises(RoomtoneError, match=r"config\.yaml"):
        read_run(folder)


def test_a_wrong_type_is_reported_by_its_key(make_run):
    folder = make_run(rows=10)
    edit(folder / "test_metrics.json", lambda content: content["metrics"].update(accuracy="high"))
    with pytest.raises(DataError, match=r"metrics\.accuracy: .*valid number"):
        read_run(folder)


def test_a_missing_metric_is_named(make_run):
    folder = make_run(rows=10)
    edit(folder / "test_metrics.json", lambda content: content["metrics"].pop("mcc"))
    with pytest.raises(DataError, match=r"test_metrics\.json: damaged: metrics without mcc"):
        read_run(folder)


def test_a_confusion_matrix_that_is_not_square_is_refused(make_run):
    folder = make_run(rows=10)
    edit(folder / "test_metrics.json", lambda content: content["metrics"]["confusion"][0].pop())
    with pytest.raises(DataError, match="3 are named"):
        read_run(folder)


def test_a_histogram_whose_edges_do_not_fit_is_refused(make_run):
    folder = make_run(rows=10)
    edit(
        folder / "data_report.json",
        lambda content: content["splits"]["train"]["length_histogram"]["edges"].pop(),
    )
    with pytest.raises(DataError, match=r"train\.length_histogram: .*edges for"):
        read_run(folder)


def test_predictions_of_another_run_are_noticed(make_run):
    folder = make_run(rows=10)
    other = make_run(name="other", rows=9)
    (folder / "predictions.csv").write_bytes((other / "predictions.csv").read_bytes())
    with pytest.raises(DataError, match=r"9 rows, where test_metrics\.json counts 10"):
        read_run(folder)
