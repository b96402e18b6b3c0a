"""A run goes on only as it was started, and a refusal changes nothing in its folder."""

import shutil

import pytest

from roomtone.cli.main import main
from roomtone.errors import ConfigError
from roomtone.training.files import load_tensors
from roomtone.training.observers import Quiet
from roomtone.training.resume import Resume


@pytest.fixture
def data(corpus, tmp_path):
    """A copy of the corpus that a test may change."""
    return shutil.copytree(corpus, tmp_path / "data")


@pytest.fixture
def run(train, configure, data):
    """A function that trains on the copy; returns the run's folder."""

    def make(**changes):
        return train(configure(data, **changes))[0].folder

    return make


def content(folder):
    return {path: path.read_bytes() for path in folder.root.rglob("*") if path.is_file()}


def epochs(folder):
    return load_tensors(folder.checkpoints / "last.pt", kind="training state")["progress"]["epoch"]


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("model.cnn.num_filters", "9"),
        ("seed", "43"),
        ("training.batch_size", "8"),
        ("training.lr_scheduler.type", "cosine"),
        ("data.max_len", "39"),
    ],
)
def test_a_setting_that_the_steps_depend_on_cannot_be_changed(key, value, run):
    resume = Resume.open(run(training__max_epochs=1).root)
    expected = rf"{key}: found '?{value}'?, but the run was started with"
    with pytest.raises(ConfigError, match=expected):
        resume.configure(None, {}, [f"{key}={value}"])


def test_all_such_settings_are_listed_at_once(run):
    resume = Resume.open(run(training__max_epochs=1).root)
    with pytest.raises(ConfigError) as caught:
        resume.configure(None, {"seed": "1", "batch_size": "4"}, ["model.cnn.dropout=0.9"])
    assert len(caught.value.problems) == 3


def test_a_run_of_a_version_that_did_not_know_a_key_goes_on_with_its_default(run):
    resume = Resume.open(run(training__max_epochs=1).root)
    del resume.state["config"]["model"]["cnn"]["enabled"]
    assert resume.configure(None, {}, []).model.cnn.enabled
    with pytest.raises(ConfigError, match=r"model\.cnn\.enabled: found False, but .* with True"):
        resume.configure(None, {}, ["model.cnn.enabled=false"])


def test_a_yaml_file_is_compared_with_the_run(run, tmp_path):
    folder = run(training__max_epochs=1)
    resume = Resume.open(folder.root)
    assert resume.configure(folder.config, {"max_epochs": "4"}, []).training.max_epochs == 4
    changed = tmp_path / "changed.yaml"
    changed.write_text(folder.config.read_text().replace("num_filters: 8", "num_filters: 7"))
    with pytest.raises(ConfigError, match=r"model\.cnn\.num_filters: found 7"):
        resume.configure(changed, {}, [])


def test_a_changed_patience_is_honoured(run, resume_of):
    folder = run(
        training__early_stopping__patience=1,
        training__early_stopping__min_delta=0.9,
        training__max_epochs=5,
    )
    assert epochs(folder) == 2
    outcome = resume_of(folder.root, training__early_stopping__patience=3).execute()
    assert outcome.stopped == "early_stopping"
    assert epochs(folder) == 4


def test_a_finished_run_with_more_epochs_ends_as_one_that_had_them_from_the_start(
    run, resume_of, results_of
):
    short = run(experiment_name="short", training__max_epochs=2)
    resume_of(short.root, training__max_epochs=4).execute()
    long = run(experiment_name="long", training__max_epochs=4)
    assert results_of(short.root) == results_of(long.root)


def test_a_finished_run_is_only_tested_again_with_the_same_results(run, resume_of, results_of):
    folder = run()
    before = results_of(folder.root)
    outcome = resume_of(folder.root).execute()
    assert outcome.stopped == "max_epochs"
    assert results_of(folder.root) == before


def test_a_file_for_the_final_test_can_be_added(run, data, resume_of):
    folder = run(test_csv="")
    assert resume_of(folder.root).execute().test["split"] == "val"
    assert resume_of(folder.root, test_csv=data / "test.csv").execute().test["split"] == "test"


def test_what_only_the_start_needed_may_be_gone(run, resume_of, tmp_path, results_of):
    vectors = tmp_path / "vectors.txt"
    lines = [f"{word} {' '.join([str(0.01 * n)] * 16)}" for n, word in enumerate(("the", "lovely"))]
    vectors.write_text("\n".join(lines))
    source = run(experiment_name="source", training__max_epochs=1)
    folder = run(
        init_from=source.root,
        vocab_path=source.vocabulary_json,
        embeddings__path=vectors,
        embeddings__required=True,
        training__max_epochs=1,
    )
    before = results_of(folder.root)
    shutil.rmtree(source.root)
    vectors.unlink()
    resume_of(folder.root).execute()
    assert results_of(folder.root) == before


def test_a_run_goes_on_where_its_folder_was_moved_to(run, resume_of, tmp_path, results_of):
    folder = run(training__max_epochs=1)
    moved = tmp_path / "elsewhere" / "renamed"
    moved.parent.mkdir()
    folder.root.rename(moved)
    outcome = resume_of(moved, training__max_epochs=2).execute()
    assert outcome.folder.root == moved
    whole = run(experiment_name="whole", training__max_epochs=2)
    assert results_of(moved) == results_of(whole.root)


@pytest.mark.parametrize(
    ("typed", "value"), [("output_dir", "elsewhere"), ("experiment_name", "other")]
)
def test_a_run_cannot_be_put_elsewhere_while_it_goes_on(typed, value, run):
    resume = Resume.open(run(training__max_epochs=1).root)
    expected = f"--{typed}: found '{value}', but the run lies in .*trial; a resumed run stays"
    with pytest.raises(ConfigError, match=expected):
        resume.configure(None, {typed: value}, [])
    with pytest.raises(ConfigError, match=f"--set {typed}: found '{value}'"):
        resume.configure(resume.folder.config, {}, [f"{typed}={value}"])


def test_the_command_that_started_a_run_can_be_repeated_with_the_run_to_resume(run, tmp_path):
    folder = run(training__max_epochs=1)
    typed = {"output_dir": str(tmp_path / "output"), "experiment_name": "trial"}
    config = Resume.open(folder.root).configure(folder.config, typed, [])
    assert config.experiment_name == "trial"


@pytest.mark.parametrize(("key", "value"), [("threads", 2), ("deterministic", False)])
def test_another_way_of_computing_is_warned_of(key, value, run, resume_of):
    folder = run(training__max_epochs=1)
    said = []
    for changes in ({key: value}, {}):
        resumed = resume_of(folder.root, training__max_epochs=2, **changes)
        resumed.execute()
        said.append(resumed.console.rich.file.getvalue())
        resumed.console.rich.file.truncate(0)
    assert f"⚠️  {key}: {value}, but the run was started with" in said[0]
    assert f"⚠️  {key}" not in said[1]


def test_threads_are_those_of_the_run_unless_typed(run):
    resume = Resume.open(run(training__max_epochs=1).root)
    assert resume.configure(None, {}, []).threads == 1
    assert resume.configure(None, {"threads": "2"}, []).threads == 2
    assert resume.configure(resume.folder.config, {"threads": "2"}, []).threads == 2


def test_a_damaged_state_offers_the_one_before_it_which_leads_to_the_same_end(
    run, results_of, capsys
):
    folder = run()
    before = results_of(folder.root)
    last = folder.checkpoints / "last.pt"
    last.write_bytes(last.read_bytes()[:-1000])
    assert main(["train", "--resume", str(folder)]) == 2
    told = capsys.readouterr().err
    previous = folder.checkpoints / "previous.pt"
    assert str(last) in told
    assert f"--resume {previous}" in told
    assert main(["train", "--resume", str(previous)]) == 0
    again = results_of(folder.root)
    reports = {name for name in again["files"] if name.startswith(("figures", "ref", "report"))}
    assert {**again, "files": sorted({*again["files"]} - reports)} == before


def test_a_damaged_state_never_takes_the_place_of_the_sound_one_before_it(run, resume_of):
    folder = run(training__checkpoint_minutes=1e-9)
    (folder.checkpoints / "last.pt").write_bytes(b"damaged")

    class EndAfterOneSave(Quiet):
        def batch_ends(self, trainer, loss, texts):
            raise SystemExit  # the epoch before has been closed, and its end saved

    again = resume_of(folder.checkpoints / "previous.pt", training__max_epochs=4)
    again._observers = lambda: [EndAfterOneSave()]
    with pytest.raises(SystemExit):
        again.execute()
    for name in ("last.pt", "previous.pt"):
        load_tensors(folder.checkpoints / name, kind="training state")


def test_the_state_before_the_last_one_can_be_gone_back_to_and_nothing_is_lost(
    run, resume_of, results_of
):
    # The training loss falls in each epoch, so that the last epoch is the best.
    falling = {"training__early_stopping__monitor": "train_loss"}
    folder = run(training__max_epochs=4, **falling)
    before = results_of(folder.root)
    weights = {path: path.read_bytes() for path in folder.checkpoints.iterdir()}
    assert [path.name[:14] for path in sorted(weights)[:2]] == ["hybrid_epoch03", "hybrid_epoch04"]

    previous = folder.checkpoints / "previous.pt"
    resume_of(previous, training__max_epochs=3).execute()
    assert {path: path.read_bytes() for path in folder.checkpoints.iterdir()} == weights
    shorter = results_of(run(experiment_name="shorter", training__max_epochs=3, **falling).root)
    taken_back = results_of(folder.root)
    for part in ("history", "best", "test", "predictions"):
        assert taken_back[part] == shorter[part]

    resume_of(folder.root, training__max_epochs=4).execute()
    assert results_of(folder.root) == before
    resume_of(previous, training__max_epochs=4).execute()
    assert results_of(folder.root) == before
