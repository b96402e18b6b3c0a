"""A whole run: the same bytes for the same seed, and nothing in the way after a failure."""

import json

import pytest

from roomtone.cli.main import main
from roomtone.config import load_config
from roomtone.errors import ConfigError, DataError, RoomtoneError, TrainingError
from roomtone.training.checkpoint import load_state
from roomtone.training.run import Run
from roomtone.training.run_folder import new_run_folder

EXPECTED = {
    "checkpoints/last.pt",
    "checkpoints/previous.pt",
    "config.yaml",
    "data_report.json",
    "final_model.pt",
    "manifest.json",
    "predictions.csv",
    "rejected_rows.json",
    "test_metrics.json",
    "training_history.json",
    "vocab.json",
    "vocab.pkl",
}


def test_a_run_leaves_exactly_these_files_and_its_best_epoch(train, results_of):
    outcome, _ = train()
    found = results_of(outcome.folder.root)
    states = [load_state(outcome.folder.checkpoints / name) for name in ("last.pt", "previous.pt")]
    best = [state["progress"]["best_checkpoint"] for state in states]
    assert {*found["files"]} == EXPECTED | {f"checkpoints/{name}" for name in best}
    assert f"epoch{found['best']['best_epoch']:02d}_" in best[0]


def test_the_same_seed_gives_the_same_bytes_in_any_folder(train, results_of, tmp_path):
    first, _ = train(experiment_name="first", output_dir=tmp_path / "here")
    second, _ = train(experiment_name="second", output_dir=tmp_path / "there" / "deep")
    assert results_of(first.folder.root) == results_of(second.folder.root)
    for name in ("vocab.json", "vocab.pkl"):
        one, other = (folder / name for folder in (first.folder.root, second.folder.root))
        assert one.read_bytes() == other.read_bytes()


@pytest.mark.parametrize(
    "changes",
    [
        {"num_workers": 3},
        {"tensorboard__enabled": True, "tensorboard__histograms": True},
        {"training__log_every": 1},
        {"training__checkpoint_minutes": 1e-9},
    ],
)
def test_what_only_watches_or_prepares_changes_no_result(changes, train, results_of):
    plain, _ = train(experiment_name="plain")
    other, _ = train(experiment_name="other", **changes)
    assert results_of(plain.folder.root) == results_of(other.folder.root)


def test_another_seed_gives_another_model(train, results_of):
    first, _ = train(experiment_name="first")
    second, _ = train(experiment_name="second", seed=43)
    one, other = results_of(first.folder.root), results_of(second.folder.root)
    assert one["weights"]["final_model.pt"] != other["weights"]["final_model.pt"]
    assert one["history"] != other["history"]


def test_vectors_and_a_map_of_labels_survive_a_resume_byte_for_byte(
    train, resume_of, results_of, tmp_path, make_corpus
):
    vectors = tmp_path / "vectors.txt"
    vectors.write_text("\n".join(f"{w} {' '.join(['0.1'] * 16)}" for w in ("the", "lovely")))
    folder = make_corpus(tmp_path / "data")
    for path in folder.iterdir():
        path.write_text(path.read_text().replace("negative", "loss").replace("positive", "model"))
    changes = {
        **{f"{split}_csv": folder / f"{split}.csv" for split in ("train", "val", "test")},
        "embeddings__path": vectors,
        "data__label_map": {"loss": 0, "neutral": 1, "model": 2},
    }
    whole, _ = train(experiment_name="whole", training__max_epochs=3, **changes)
    parted, _ = train(experiment_name="parted", training__max_epochs=1, **changes)
    resume_of(parted.folder.root, training__max_epochs=3).execute()
    assert results_of(parted.folder.root) == results_of(whole.folder.root)


def test_the_saved_configuration_gives_the_same_run_again(train, results_of):
    outcome, _ = train(experiment_name="first", training__label_smoothing=0.1)
    config = load_config(outcome.folder.config, flags={"experiment_name": "second"})
    again, _ = train(config)
    assert results_of(outcome.folder.root) == results_of(again.folder.root)


def test_without_a_test_file_the_validation_file_is_tested_and_named(train):
    outcome, said = train(test_csv="")
    assert outcome.test["split"] == "val"
    assert "val_f1_macro: " in said
    assert "val.csv:" in said


def test_the_manifest_says_what_the_run_was_made_with(train, device):
    outcome, _ = train()
    manifest = json.loads(outcome.folder.manifest.read_text(encoding="utf-8"))
    assert manifest["data"]["train"]["rows"] == 120
    assert len(manifest["data"]["test"]["sha256"]) == 64
    assert (manifest["seed"], manifest["threads"], manifest["device"]) == (42, 1, device)
    assert manifest["wall_seconds"].keys() == {"data", "model", "training", "testing"}
    assert manifest["packages"]["torch"]
    assert "LSTM" in manifest["lstm"]
    assert manifest["products"] in {"oneDNN", "PyTorch's choice"}


@pytest.mark.parametrize(
    ("changes", "error"),
    [
        ({"data__text_column": "comment"}, DataError),
        ({"training__freeze": ["nothing"]}, ConfigError),
        ({"training__learning_rate": 1e30}, TrainingError),
    ],
)
def test_a_start_that_fails_leaves_its_name_free(changes, error, train, tmp_path):
    with pytest.raises(error):
        train(**changes)
    assert not (tmp_path / "output" / "trial").exists()
    outcome, _ = train()
    assert outcome.folder.root == tmp_path / "output" / "trial"


def test_a_failure_after_a_checkpoint_keeps_the_run(resume_of, configure, silent):
    run = Run(configure(), silent)

    def fail(trainer, prepared):
        raise RoomtoneError("the disk is full")

    run._test = fail
    with pytest.raises(RoomtoneError, match="disk is full"):
        run.execute()
    assert resume_of(run.folder.root).execute().stopped == "max_epochs"


def test_the_name_of_a_run_is_taken_and_the_way_on_is_given(train, configure):
    outcome, _ = train()
    with pytest.raises(ConfigError, match=f"already holds a run.*--resume {outcome.folder}"):
        train(configure())


def test_a_folder_with_other_things_in_it_is_left_alone(configure, tmp_path):
    folder = tmp_path / "output" / "trial"
    folder.mkdir(parents=True)
    (folder / "thesis.tex").write_text("mine")
    with pytest.raises(ConfigError, match="is not empty, and holds no checkpoint"):
        new_run_folder(configure())
    assert (folder / "thesis.tex").read_text() == "mine"


def test_a_place_that_cannot_be_written_to_is_a_clear_error(configure, tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(ConfigError, match=r"output_dir: .* cannot be made: Not a directory"):
        new_run_folder(configure(output_dir=tmp_path / "file"))


def test_the_program_ends_with_two_and_one_message_where_a_run_fails(
    corpus, tmp_path, capsys, device
):
    files = [f"--{split}_csv={corpus / split}.csv" for split in ("train", "val", "test")]
    places = [f"--output_dir={tmp_path}", "--experiment_name=x", "--set=tensorboard.enabled=false"]
    settings = ["--set=model.embedding_dim=8", "--learning_rate=1e30", "--threads=1"]
    settings.append(f"--device={device}")
    assert main(["train", *files, *places, *settings]) == 2
    told = capsys.readouterr().err
    assert told.startswith("roomtone: The ")
    assert "Traceback" not in told
    assert not (tmp_path / "x").exists()
