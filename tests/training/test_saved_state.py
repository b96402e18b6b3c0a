"""What a state file holds is checked as a whole before any of it is used."""

import pytest
import torch

from roomtone.cli.main import main
from roomtone.errors import CheckpointError
from roomtone.training.checkpoint import load_state
from roomtone.training.files import load_tensors, save_tensors
from roomtone.training.resume import Resume


@pytest.fixture
def run(train, configure):
    """A function that trains; returns the run's folder."""

    def make(**changes):
        return train(configure(**changes))[0].folder

    return make


def content(folder):
    return {path: path.read_bytes() for path in folder.root.rglob("*") if path.is_file()}


@pytest.mark.parametrize(
    ("damage", "expected"),
    [
        (lambda best: best.unlink(), "no such file"),
        (lambda best: best.write_bytes(best.read_bytes()[:-99]), "is truncated"),
    ],
    ids=["missing", "truncated"],
)
def test_best_weights_that_cannot_be_used_are_found_before_anything_is_done(damage, expected, run):
    folder = run()
    state = load_state(folder.checkpoints / "last.pt")
    best = folder.checkpoints / state["progress"]["best_checkpoint"]
    damage(best)
    with pytest.raises(CheckpointError, match=rf"{best.name}.*{expected}") as caught:
        Resume.open(folder.root)
    assert "holds the best weights of the run" in str(caught.value)


def test_the_file_of_the_best_epoch_leads_to_the_last_state(run):
    folder = run()
    best = next(folder.checkpoints.glob("hybrid_epoch*.pt"))
    with pytest.raises(CheckpointError, match=r"--resume \S+last\.pt$"):
        Resume.open(best)


def test_best_weights_of_another_network_are_found_before_anything_is_done(run):
    folder = run(training__max_epochs=1)
    (best,) = folder.checkpoints.glob("hybrid_epoch*.pt")
    content = load_tensors(best, kind="best weights")
    content["model_state_dict"].pop("embedding.weight")
    save_tensors(best, content)
    with pytest.raises(CheckpointError, match=rf"{best.name} holds other weights than those of"):
        Resume.open(folder.root)


def change(*path, to=None):
    """Make a function that sets an entry of a state; `to` may be a function of what was there."""

    def apply(state):
        *parents, last = path
        for name in parents:
            state = state[name]
        state[last] = to(state[last]) if callable(to) else to

    return apply


def remove(*path):
    """Make a function that takes an entry out of a state."""

    def apply(state):
        *parents, last = path
        for name in parents:
            state = state[name]
        del state[last]

    return apply


MODEL, OPTIMIZER, PROGRESS = "model_state_dict", "optimizer_state_dict", "progress"
WRONG = {
    "config is a list": (change("config", to=["seed"]), "config: Input should be a valid dict"),
    "a setting is unknown": (change("config", "sead", to=1), "config: sead"),
    "no weights": (change(MODEL, to={}), "holds other weights than those of"),
    "a weight is missing": (remove(MODEL, "embedding.weight"), "holds other weights than"),
    "a weight is a number": (change(MODEL, "embedding.weight", to=1), "embedding.weight: Input"),
    "no optimiser": (change(OPTIMIZER, to={}), "optimizer_state_dict.param_groups: Field required"),
    "no groups": (change(OPTIMIZER, "param_groups", to=[]), "does not fit the network"),
    "a bare group": (remove(OPTIMIZER, "param_groups", 0, "betas"), "0.betas: Field required"),
    "bare moments": (remove(OPTIMIZER, "state", 0, "exp_avg"), "state.0.exp_avg: Field required"),
    "other moments": (
        change(OPTIMIZER, "state", 0, "exp_avg", to=lambda moment: moment[1:]),
        "the optimiser's state does not fit",
    ),
    "no epoch": (remove(PROGRESS, "epoch"), "progress.epoch: Field required"),
    "a negative epoch": (change(PROGRESS, "epoch", to=-1), "progress.epoch: Input should be"),
    "a batch beyond the epoch": (change(PROGRESS, "batch", to=999), "batch 999, step 16, which is"),
    "a step of another place": (change(PROGRESS, "step", to=3), "is no place in a run of 8"),
    "a short history": (change(PROGRESS, "history", "val_loss", to=[0.5]), "expected 2 values"),
    "no history": (change(PROGRESS, "history", to={}), "expected 2 values of each metric"),
    "a best epoch elsewhere": (
        change(PROGRESS, "best_checkpoint", to="../../../hybrid_epoch01_f10.5.pt"),
        "expected the plain name",
    ),
    "no best epoch": (change(PROGRESS, "best_checkpoint"), "expected a best epoch once"),
    "a plateau without a factor": (change(PROGRESS, "plateau", "factor"), "plateau.factor: Input"),
    "predictions of other rows": (
        change(PROGRESS, "sums", "predicted", to=lambda codes: codes[1:]),
        "do not fit 120 training rows of 3 classes",
    ),
    "predictions of other classes": (
        change(PROGRESS, "sums", "predicted", to=lambda codes: codes + 9),
        "do not fit 120 training rows of 3 classes",
    ),
    "predictions as numbers": (change(PROGRESS, "sums", "predicted", to=[1]), "predicted: Input"),
    "no hashes": (change("data", to={}), "expected the sha256 of the train file"),
    "hashes as a text": (change("data", to="train"), "data: Input should be a valid dict"),
}


@pytest.mark.parametrize("wrong", WRONG)
def test_wrong_content_of_the_right_kind_is_refused_with_the_name_of_the_file(
    wrong, run, resume_of
):
    damage, expected = WRONG[wrong]
    folder = run(training__max_epochs=2)
    last = folder.checkpoints / "last.pt"
    state = load_state(last)
    damage(state)
    save_tensors(last, state)
    with pytest.raises(CheckpointError) as caught:
        resume_of(folder.root).execute()
    assert str(last) in str(caught.value)
    assert expected in str(caught.value)


def test_a_state_that_does_not_fit_the_network_is_refused_also_without_a_best_epoch(
    make_trainer, configure
):
    trainer = make_trainer(configure(), None)
    state = trainer.state()
    del state["model_state_dict"]["embedding.weight"]
    with pytest.raises(
        CheckpointError, match=r"mine does not fit the network of the run: .*Missing"
    ):
        trainer.restore(state, source="mine")


@pytest.mark.parametrize(
    ("wrong", "expected"),
    [
        ("final_model.pt", "expected a checkpoint in the `checkpoints` folder of its run"),
        ("config.yaml", "expected a checkpoint in the `checkpoints` folder of its run"),
        ("checkpoints/foreign.pt", r"foreign\.pt is not a roomtone training state"),
        ("checkpoints/bare.pt", r"bare\.pt was not written by `roomtone train`: it lacks config"),
        ("absent", "expected a checkpoint, or the folder of a run"),
    ],
)
def test_what_is_no_checkpoint_is_refused_by_name(wrong, expected, run, capsys):
    folder = run(training__max_epochs=1)
    torch.save({"weight": torch.zeros(2)}, folder.checkpoints / "foreign.pt")
    torch.save({"kind": "training state"}, folder.checkpoints / "bare.pt")
    with pytest.raises(CheckpointError, match=expected):
        Resume.open(folder.root / wrong)
    assert main(["train", "--resume", str(folder.root / wrong)]) == 2
    assert wrong.split("/")[-1] in capsys.readouterr().err
