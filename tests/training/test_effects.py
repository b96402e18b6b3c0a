"""Every key of the configuration changes something that can be seen; none is accepted and ignored.

Each key is set as a user types it after ``--set``, on top of what it needs to matter, and a small
run with it is compared with the same run without it; `effects.yaml` says what is set and looked at.
"""

import csv
import io
import json
import shutil
import threading
from dataclasses import dataclass, field
from pathlib import Path

import pytest
import torch
from tensorboard.backend.event_processing.event_accumulator import EventAccumulator

from roomtone.config import load_config
from roomtone.config.tree import LEAVES
from roomtone.config.yamlfile import read_yaml
from roomtone.errors import RoomtoneError
from roomtone.text import Vocabulary
from roomtone.training.console import Console
from roomtone.training.files import load_tensors
from roomtone.training.observers import Quiet
from roomtone.training.run import Run

TINY = Path(__file__).parents[2] / "configs" / "tiny.yaml"


@dataclass
class Trial:
    """What one small run has left and said."""

    root: Path
    said: str = ""
    error: str = ""
    folder: Path | None = None
    threads: set[str] = field(default_factory=set)
    torch_threads: int = 0
    deterministic: bool | None = None


class Watcher(Quiet):
    """Notes how the machine is used while a batch is trained on."""

    def __init__(self, trial):
        self.trial = trial

    def batch_ends(self, trainer, loss, texts):
        names = {thread.name.rstrip("_0123456789") for thread in threading.enumerate()}
        self.trial.threads |= {name for name in names if name.startswith("roomtone")}
        self.trial.torch_threads = torch.get_num_threads()
        self.trial.deterministic = torch.are_deterministic_algorithms_enabled()


def read_json(trial, name):
    return json.loads((trial.folder / name).read_text(encoding="utf-8"))


def weights(trial):
    state = load_tensors(trial.folder / "final_model.pt", kind="model")["model_state_dict"]
    return {name: (tuple(t.shape), t.numpy().tobytes()) for name, t in state.items()}


def history(trial):
    return read_json(trial, "training_history.json")["history"]


def epochs(trial):
    return len(history(trial)["val_loss"])


def rates(trial):
    return history(trial)["learning_rate"]


def best(trial):
    metadata = read_json(trial, "training_history.json")["metadata"]
    return metadata["best_epoch"], metadata["best_value"]


def words(trial):
    return read_json(trial, "vocab.json")["tokens"]


def first_prediction(trial):
    with (trial.folder / "predictions.csv").open(encoding="utf-8", newline="") as stream:
        return list(csv.reader(stream))[:2]


def scores(trial):
    return read_json(trial, "test_metrics.json")["metrics"]


def loss_lines(trial):
    return [line for line in trial.said.splitlines() if "- Loss: " in line]


def checkpoints(trial):
    before = load_tensors(trial.folder / "checkpoints" / "previous.pt", kind="training state")
    return before["progress"]["step"]


def folders(trial):
    return sorted(str(path.relative_to(trial.root)) for path in trial.root.rglob("*/"))


def name_of_the_run(trial):
    return trial.folder.name


def histograms(trial):
    events = EventAccumulator(str(next(trial.root.glob("*runs/trial"))))
    events.Reload()
    return events.Tags()["histograms"]


def error(trial):
    return trial.error.partition("\n")[2][:60] or trial.error[:60]


def threads(trial):
    return trial.threads


def torch_threads(trial):
    return trial.torch_threads


def determinism(trial):
    return trial.deterministic


EFFECTS = read_yaml(Path(__file__).with_name("effects.yaml"))
SEEN = {
    function.__name__: function
    for function in (
        *(weights, history, epochs, rates, best, words, first_prediction, scores, loss_lines),
        *(checkpoints, folders, name_of_the_run, histograms, error, threads, torch_threads),
        *(determinism,),
    )
}


@pytest.fixture(scope="module")
def data(tmp_path_factory, make_corpus):
    """Files with several columns of texts and of labels, an accent, and an unusable row."""
    folder = make_corpus(tmp_path_factory.mktemp("effects"), train=42, val=18)
    for path in sorted(folder.iterdir()):
        with path.open(encoding="utf-8", newline="") as stream:
            rows = [(row["text"], row["label"]) for row in csv.DictReader(stream)]
        wide = [
            (f"{text} café", label, f"other {text}", "neutral", len(label) % 3)
            for text, label in rows
        ]
        write_rows(path, [*wide, ("", "neutral", "", "", "")])
        write_rows(folder / "other.csv", wide[::2])
    words = ("a", "lovely", "zany")
    lines = [f"{word} {' '.join([str(0.1 * n)] * 16)}" for n, word in enumerate(words, 1)]
    (folder / "vectors.txt").write_text("\n".join(lines), encoding="utf-8")
    Vocabulary(30, 1).build_from_texts(["a lovely dreadful video"]).save(folder / "vocab.json")
    return folder


def write_rows(path, rows):
    with path.open("w", encoding="utf-8", newline="") as stream:
        csv.writer(stream).writerows([("text", "label", "comment", "opinion", "code"), *rows])


@pytest.fixture(scope="module")
def attempt(tmp_path_factory, data, device):
    """A function that makes a small run with some settings, each such run once."""
    made = {}

    def make(*sets):
        if sets not in made:
            made[sets] = _run(sets, tmp_path_factory.mktemp("trial"), data, device)
        return made[sets]

    shutil.copytree(make("seed=7").folder, data / "finished")
    return make


def _run(sets, root, data, device):
    trial, stream = Trial(root), io.StringIO()
    tree = {
        **read_yaml(TINY),
        **{f"{split}_csv": str(data / f"{split}.csv") for split in ("train", "val", "test")},
        "output_dir": str(root / "output"),
        "tensorboard_dir": str(root / "runs"),
        "experiment_name": "trial",
        "tensorboard": {"enabled": False},
        "embeddings": {"path": str(data / "absent.txt")},
        "device": device,
    }
    tree["training"] = {**tree["training"], "max_epochs": 1}
    typed = [item.replace("<data>", str(data)).replace("<root>", str(root)) for item in sets]
    try:
        run = Run(load_config(tree=tree, sets=typed), Console(stream=stream))
        observers = run._observers()
        run._observers = lambda: [*observers, Watcher(trial)]
        trial.folder = run.execute().folder.root
    except RoomtoneError as problem:
        trial.error = str(problem)
    trial.said = stream.getvalue()
    return trial


def test_every_key_of_the_schema_is_here_and_no_other():
    assert EFFECTS.keys() == LEAVES.keys()


@pytest.mark.parametrize("key", EFFECTS)
def test_the_key_has_an_effect(key, attempt, device):
    if (key, device) == ("num_workers", "cuda"):
        pytest.skip("a GPU puts its batches together itself")
    effect = EFFECTS[key]
    given, see = effect.get("given", ()), SEEN[effect["seen"]]
    without, with_it = attempt(*given), attempt(*given, f"{key}={effect['set']}")
    if see is not error:
        assert not without.error
        assert not with_it.error
    assert see(without) != see(with_it)
