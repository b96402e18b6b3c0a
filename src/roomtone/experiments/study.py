"""A study: many training runs under one plan, in a folder that can be gone on with."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from hashlib import sha256
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from platform import python_version
from typing import Any

from roomtone.config import Config, load_config, to_tree
from roomtone.errors import ConfigError, DataError, TrainingError
from roomtone.experiments.json_record import Record
from roomtone.experiments.record import PLAN
from roomtone.files import write_json
from roomtone.training.claim import Claim, claim
from roomtone.training.device import choose_device, choose_threads

PACKAGES = ("roomtone", "torch", "numpy", "tokenizers")
_PLACE = ("output_dir", "experiment_name", "tensorboard_dir")


@dataclass(frozen=True)
class StudyPlan(Record):
    """All that the results of a study depend on.

    Attributes
    ----------
    kind : str
        ``"ablation"``, ``"learning curve"`` or ``"tuning"``.
    config : dict
        The configuration that the runs vary, but for the places where they write.
    data : dict of str to str
        The sha256 of each file that is read.
    choices : dict
        What is varied, and how often.
    versions : dict of str to str
        Python and the packages that results depend on.
    """

    kind: str
    config: dict[str, Any]
    data: dict[str, str]
    choices: dict[str, Any]
    versions: dict[str, str]


@dataclass(frozen=True)
class Study:
    """A study's folder, and what its runs have in common.

    Attributes
    ----------
    root : Path
        The folder.
    plan : StudyPlan
        What it is about.
    base : Config
        The configuration that the runs vary, with device and threads settled.
    """

    root: Path
    plan: StudyPlan
    base: Config

    @property
    def trials(self) -> Path:
        """The folder of what each finished run says."""
        return self.root / "trials"

    @property
    def runs(self) -> Path:
        """The folder of the runs themselves."""
        return self.root / "runs"

    @property
    def figures(self) -> Path:
        """The folder of the figures, and of the numbers in them."""
        return self.root / "figures"


def make_plan(
    kind: str, config: Config, files: Mapping[str, Path], choices: Mapping[str, Any]
) -> StudyPlan:
    """Lay down what a study depends on.

    Parameters
    ----------
    kind : str
        What it is.
    config : Config
        The configuration as it was given.
    files : mapping of str to Path
        The files that are read; no other is opened.
    choices : mapping
        What is varied, as values that JSON can hold.

    Raises
    ------
    DataError
        If a file cannot be read.
    """
    tree = {key: value for key, value in to_tree(config).items() if key not in _PLACE}
    versions = {"python": python_version(), **{name: _version(name) for name in PACKAGES}}
    hashes = {split: _digest(path) for split, path in files.items()}
    return StudyPlan(kind, tree, hashes, dict(choices), versions)


@contextmanager
def open_study(root: Path, plan: StudyPlan) -> Iterator[Study]:
    """Begin a study in a folder, or go on with it, and keep other processes out meanwhile.

    Raises
    ------
    ConfigError
        If the folder holds a study under another plan, which is named value by value, or
        something else.
    TrainingError
        If another process works there.
    """
    root.mkdir(parents=True, exist_ok=True)
    with claim(root) as outcome:
        if outcome is Claim.TAKEN:
            raise TrainingError(
                f"{root}: another process is at work on this study; wait for its end, or choose "
                "another --experiment_name"
            )
        _settle(root, plan)
        yield Study(root, plan, _base(root, plan))


def read_plan(root: Path, kind: str) -> StudyPlan:
    """Read the plan of a study that is to go on.

    Raises
    ------
    DataError
        If there is none, or it is of another kind.
    """
    if not (root / PLAN).is_file():
        raise DataError(f"--resume {root}: no {PLAN} there; expected the folder of a study")
    plan = StudyPlan.read(root / PLAN)
    if plan.kind != kind:
        raise DataError(f"--resume {root}: holds the study of another kind: {plan.kind}")
    return plan


def _settle(root: Path, plan: StudyPlan) -> None:
    path = root / PLAN
    if not path.is_file():
        found = sorted(item.name for item in root.iterdir() if not item.name.startswith("."))
        if found:
            raise ConfigError(
                [
                    f"experiment_name: {root} is not empty and holds no study ({', '.join(found)})"
                    "; choose another --experiment_name"
                ]
            )
        write_json(path, plan.to_dict())
    elif differences := StudyPlan.read(path).differences(plan):
        raise ConfigError(
            [*differences, "to begin anew, choose another --experiment_name"],
            source=f"plan, which is not the one of the {plan.kind} in {root}: what differs",
        )


def _base(root: Path, plan: StudyPlan) -> Config:
    """Settle device and threads once for all runs: results may depend on them in the last bits."""
    config = load_config(tree=plan.config, check_files=False)
    path = root / "machine.json"
    if not path.is_file():
        device = choose_device(config.device)
        write_json(path, {"device": str(device), "threads": choose_threads(config)})
    machine = Machine.read(path)
    return config.model_copy(update={"device": machine.device, "threads": machine.threads})


@dataclass(frozen=True)
class Machine(Record):
    """What all runs of a study compute with."""

    device: str
    threads: int


def _digest(path: Path) -> str:
    try:
        return sha256(path.read_bytes()).hexdigest()
    except OSError as error:
        raise DataError(f"{path}: cannot be read: {error.strerror or error}") from None


def _version(name: str) -> str:
    try:
        return version(name)
    except PackageNotFoundError:
        return "absent"
