"""What is tuned: the guide's lists, in the guide's order, and the spans that they cover."""

from __future__ import annotations

import io
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import product
from typing import Any

import numpy as np

from roomtone.config import Config, label_scheme
from roomtone.data.tables import read_table
from roomtone.errors import TrainingError
from roomtone.experiments.json_record import Record
from roomtone.experiments.study import Study
from roomtone.files import write_json
from roomtone.training.console import Console
from roomtone.training.lr_find import find_learning_rate
from roomtone.training.preparation import obtain_vocabulary

Settings = dict[str, Any]
_QUANTILES = (0.90, 0.95, 0.99)
_STEP = 5  # lengths are rounded up to a multiple of this
_SAME_RATE = 1.25  # a suggested rate nearer than this factor to one of the list is that one


@dataclass(frozen=True)
class Axis:
    """One quantity that is tuned.

    Attributes
    ----------
    name : str
        What the console calls it.
    keys : tuple of str
        The keys of the configuration that get its value.
    values : tuple of float or int
        What a search of the guide tries.
    scale : str
        How Optuna draws it: ``"log"`` or ``"linear"`` between the least and the largest value,
        or ``"choice"`` of the values.
    """

    name: str
    keys: tuple[str, ...]
    values: tuple[float, ...]
    scale: str = "choice"

    def settings(self, value: float) -> Settings:
        """Give all keys one value."""
        return dict.fromkeys(self.keys, value)


@dataclass(frozen=True)
class Group:
    """Quantities that are tuned together, before those of the next group.

    Attributes
    ----------
    title : str
        The guide's heading.
    axes : tuple of Axis
        The quantities.
    """

    title: str
    axes: tuple[Axis, ...]

    def candidates(self) -> Iterator[Settings]:
        """Combine every value of each quantity with every value of the others."""
        for values in product(*(axis.values for axis in self.axes)):
            chosen: Settings = {}
            for axis, value in zip(self.axes, values, strict=True):
                chosen |= axis.settings(value)
            yield chosen


def guide_groups(lengths: Sequence[int], rate: float | None, *, one_by_one: bool) -> list[Group]:
    """List what the guide says to tune, in its order: each group is settled before the next.

    "Dropout" is that of both branches, whose defaults of 0.3 stand in the guide's list; the
    classifier and self-attention keep their own. The guide gives no lengths, but says to look at
    those of the data: they are those that most training texts fit into.

    Parameters
    ----------
    lengths : sequence of int
        Sequence lengths to try; none leaves the group out.
    rate : float or None
        A further learning rate to try, as the range test suggests it.
    one_by_one : bool
        Settle each quantity of a group by itself, which takes fewer runs than every combination.
    """
    rates = [0.0001, 0.0005, 0.001, 0.002, 0.005]
    if rate is not None and all(max(rate / r, r / rate) > _SAME_RATE for r in rates):
        rates = sorted([*rates, rate])
    groups = [
        Group(
            "Learning rate",
            (Axis("learning rate", ("training.learning_rate",), tuple(rates), "log"),),
        ),
        Group("Batch size", (Axis("batch size", ("training.batch_size",), (16, 32, 64, 128)),)),
        Group(
            "Architecture",
            (
                Axis("CNN filters", ("model.cnn.num_filters",), (64, 96, 128, 160)),
                Axis("LSTM hidden", ("model.bilstm.hidden_size",), (64, 96, 128, 192, 256)),
            ),
        ),
        Group(
            "Regularization",
            (
                Axis(
                    "dropout",
                    ("model.cnn.dropout", "model.bilstm.dropout"),
                    (0.2, 0.3, 0.4, 0.5),
                    "linear",
                ),
                Axis("weight decay", ("training.weight_decay",), (0.00001, 0.0001, 0.001), "log"),
            ),
        ),
    ]
    if lengths:
        axis = Axis("max_len", ("model.max_len", "data.max_len"), tuple(lengths))
        groups.append(Group("Sequence length", (axis,)))
    if one_by_one:
        return [Group(group.title, (axis,)) for group in groups for axis in group.axes]
    return groups


def settled_groups(study: Study, console: Console) -> list[Group]:
    """List what a search tries; what depends on the data is found out once, and kept in a file."""
    path, choices = study.root / "space.json", study.plan.choices
    if not path.is_file():
        quiet = Console(quiet=True, stream=io.StringIO())
        rate = None
        if choices["find_rate"]:
            console.say("Looking for a learning rate ...")
            rate = _suggested_rate(study.base, console)
        write_json(path, {"lengths": _text_lengths(study.base, quiet), "rate": rate})
    space = Space.read(path)
    return guide_groups(space.lengths, space.rate, one_by_one=choices["one_by_one"])


@dataclass(frozen=True)
class Space(Record):
    """What of a search depends on the data: lengths to try, and a suggested learning rate."""

    lengths: list[int]
    rate: float | None


def _text_lengths(config: Config, console: Console) -> list[int]:
    """Propose sequence lengths: what 90, 95 and 99 % of the training texts fit into.

    Those that are shorter than the configuration's own, and its own.
    """
    table = read_table(config.train_csv, config, label_scheme(config))
    vocabulary = obtain_vocabulary(config.vocab_path, table, config, console)
    tokens = np.diff(vocabulary.encode_batch(table.texts).offsets)
    fitting = np.quantile(tokens, _QUANTILES, method="higher")
    rounded = {int(-(-length // _STEP) * _STEP) for length in fitting}
    shorter = sorted(length for length in rounded if length < config.model.max_len)
    return [*shorter, config.model.max_len] if shorter else []


def _suggested_rate(config: Config, console: Console) -> float | None:
    """Ask a range test for a learning rate, to two digits; None where it has none to suggest."""
    quiet = Console(quiet=True, stream=io.StringIO())
    try:
        found = find_learning_rate(config, quiet, start=1e-6, end=1.0, steps=300)
    except TrainingError as error:
        console.warn(f"The range test suggests no learning rate: {error}")
        return None
    return float(f"{found.suggested:.2g}")
