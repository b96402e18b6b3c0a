"""How a score grows with the training rows: nested parts of them, several seeds, several models."""

from __future__ import annotations

import time
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from roomtone.baselines import BASELINES, build_baseline
from roomtone.config import Config, label_scheme
from roomtone.data.tables import LabelledTexts
from roomtone.errors import ConfigError, DataError, nearest
from roomtone.experiments.ablation import measured
from roomtone.experiments.learning_curve_result import LearningCurve, analyse
from roomtone.experiments.progress import Pace
from roomtone.experiments.study import Study, StudyPlan, make_plan
from roomtone.experiments.subsets import FORMAT, Writer, nested_order, read_split
from roomtone.experiments.trial import Trial
from roomtone.experiments.trial_record import DONE, FAILED, TrialRecord, read_record
from roomtone.files import write_atomically, write_json
from roomtone.stats import classification_metrics
from roomtone.training.console import Console
from roomtone.training.preparation import split_files

KIND, RESULT = "learning curve", "learning_curve.json"
HYBRID = "hybrid_dl"
MODELS = (HYBRID, *BASELINES)
SHARES = (1 / 16, 1 / 8, 1 / 4, 1 / 2, 1.0)
FEWEST = 10


def plan_learning_curve(
    config: Config, sizes: Sequence[str], models: Sequence[str], seeds: int
) -> StudyPlan:
    """Lay a learning curve down.

    Parameters
    ----------
    config : Config
        The hybrid, and the files.
    sizes : sequence of str
        Numbers of training rows (``"500"``), shares of them (``"0.25"``, ``"1.0"``), or ``"all"``;
        without any, five parts that double up to all rows.
    models : sequence of str
        Of `MODELS`.
    seeds : int
        How many seeds. Each decides which rows come first, and all that is random in the training.

    Raises
    ------
    ConfigError
        If a model is unknown, or a size is none.
    DataError
        If the training file cannot be used, or has fewer than ten rows.
    """
    problems = [
        f"--models {name}: no such model (known: {', '.join(MODELS)}){nearest(name, MODELS)}"
        for name in models
        if name not in MODELS
    ]
    rows = len(read_split(config, config.train_csv).texts)
    if rows < FEWEST:
        raise DataError(
            f"{config.train_csv}: {rows} rows; a learning curve begins at {FEWEST} training rows: "
            "label more of them"
        )
    found = [_size(text, rows) for text in sizes] if sizes else [round(s * rows) for s in SHARES]
    problems += [
        f"--sizes {text}: expected a number of rows from {FEWEST} to {rows:,}, a share up to 1.0, "
        "or all"
        for text, size in zip(sizes, found, strict=False)
        if size is None
    ]
    if problems:
        raise ConfigError(problems, source="command line")
    kept = sorted({size for size in found if size is not None and size >= FEWEST})
    choices = {
        "sizes": kept,
        "models": list(dict.fromkeys(models)),
        "seeds": [config.seed + number for number in range(seeds)],
        "metric": measured(config),
    }
    return make_plan(KIND, config, split_files(config), choices)


def run_learning_curve(study: Study, console: Console, *, keep: bool = False) -> LearningCurve:
    """Train every model on every part with every seed, and write the result.

    A seed's parts are nested: all rows of a smaller one are in a larger one, each with its share
    of every class. Validation and test rows are always all of them.

    Raises
    ------
    DataError
        If no model was trained to its end.
    """
    choices, writer = study.plan.choices, Writer(study)
    tables = {s: read_split(study.base, path) for s, path in split_files(study.base).items()}
    others = {
        split: writer.write(split, table.texts, table.labels)
        for split, table in tables.items()
        if split != "train"
    }
    pace = Pace(console, len(choices["seeds"]) * len(choices["sizes"]) * len(choices["models"]))
    records: dict[tuple[str, int, int], TrialRecord] = {}
    baselines = _Baselines(study, tables)
    for seed in choices["seeds"]:
        order = nested_order(tables["train"].labels, seed)
        for size in choices["sizes"]:
            rows = np.sort(order[:size])
            path = writer.rows(f"train-{size}-s{seed}", tables["train"], rows)
            for model in choices["models"]:
                name = f"{model}-n{size}-s{seed}"
                if model == HYBRID:
                    trial = Trial(name, {"seed": seed, **FORMAT}, {"train": path, **others})
                    record = pace.run(study, trial, keep=keep)
                else:
                    known = read_record(study, name)
                    record = known or baselines.fit(name, model, rows, seed)
                    pace.note(record, before=known is not None)
                records[model, size, seed] = record
    curve = analyse(study, records)
    write_json(study.root / RESULT, curve.to_dict())
    return curve


class _Baselines:
    """Fits TF-IDF models, and records them as runs of the hybrid are recorded.

    As they have no use for validation rows, they are fitted on the training rows alone.
    """

    def __init__(self, study: Study, tables: dict[str, LabelledTexts]) -> None:
        self.study, self.train, self.val = study, tables["train"], tables["val"]
        self.split = "test" if "test" in tables else "val"
        self.tested, self.scheme = tables[self.split], label_scheme(study.base)

    def fit(self, name: str, model: str, rows: NDArray[np.int64], seed: int) -> TrialRecord:
        """Fit one on some of the training rows."""
        began, labels = time.monotonic(), self.train.labels[rows]
        settings = {"model": model, "seed": seed, "rows": len(rows)}
        try:
            pipeline = build_baseline(model, seed=seed)
            pipeline.fit([self.train.texts[row] for row in rows], labels)
            predicted, validated = (
                np.asarray(pipeline.predict(table.texts), dtype=np.int64)
                for table in (self.tested, self.val)
            )
        except ValueError as error:  # a part with a single class, or without a word
            return self._keep(TrialRecord(name, settings, FAILED, str(error)))
        # A margin is no probability: what is kept is the answer, as one that is sure of itself.
        probs = np.eye(self.scheme.num_classes)[predicted]
        write_atomically(
            self.study.trials / f"{name}.npz",
            lambda file: np.savez(file, labels=self.tested.labels, probabilities=probs),
        )
        classes, metric = self.scheme.num_classes, self.study.plan.choices["metric"]
        found = classification_metrics(self.tested.labels, predicted, classes)
        on_val = classification_metrics(self.val.labels, validated, classes)
        record = TrialRecord(
            name,
            settings,
            DONE,
            value=float(getattr(on_val, metric)),
            split=self.split,
            metrics=found.to_dict(self.scheme.names),
            n_train=len(rows),
            n_tested=len(self.tested.labels),
            threads=1,
            seconds=round(time.monotonic() - began, 3),
        )
        return self._keep(record)

    def _keep(self, record: TrialRecord) -> TrialRecord:
        write_json(self.study.trials / f"{record.name}.json", record.to_dict())
        return record


def _size(text: str, rows: int) -> int | None:
    """Read a size as typed; None where it is none."""
    if text == "all":
        return rows
    try:
        value = float(text)
        whole = int(value) if value == int(value) else 0
    except (ValueError, OverflowError):
        return None
    share = "." in text and 0 < value <= 1
    size = round(value * rows) if share else 0 if "." in text else whole
    return size if FEWEST <= size <= rows else None
