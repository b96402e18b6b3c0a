"""Reading a finished run's folder into one frozen result, which every report is drawn from."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

from pydantic import ValidationError

from roomtone.config.yamlfile import read_yaml
from roomtone.errors import DataError
from roomtone.reports.predictions import Predictions, read_predictions
from roomtone.reports.records import DataSummary, Evaluation, History, Manifest, Record

_NEEDED = (
    "config.yaml",
    "training_history.json",
    "test_metrics.json",
    "predictions.csv",
    "manifest.json",
)


@dataclass(frozen=True)
class RunResult:
    """A finished run.

    Attributes
    ----------
    path : Path
        Its folder.
    config : mapping
        The resolved configuration.
    history : History
        The training history.
    evaluation : Evaluation
        Metrics of the tested split.
    predictions : Predictions
        Its predictions.
    data : DataSummary
        The data report; empty if the run has none.
    manifest : mapping
        Versions, hashes, seed and hardware.
    """

    path: Path
    config: Mapping[str, Any]
    history: History
    evaluation: Evaluation
    predictions: Predictions
    data: DataSummary
    manifest: Mapping[str, Any]

    @property
    def class_names(self) -> tuple[str, ...]:
        """Names of the classes in the order of their codes."""
        return self.evaluation.class_names

    @property
    def max_len(self) -> int | None:
        """Tokens after which a text is cut, if the configuration says so."""
        for section in ("data", "model"):
            part = self.config.get(section)
            if isinstance(part, Mapping) and isinstance(part.get("max_len"), int):
                return int(part["max_len"])
        return None

    @property
    def warnings(self) -> tuple[str, ...]:
        """Every warning of the run once, those of its test first."""
        return tuple(dict.fromkeys([*self.evaluation.warnings, *self.data.warnings]))


def read_run(path: Path) -> RunResult:
    """Read the folder of a finished run.

    Parameters
    ----------
    path : Path
        The folder that training printed as its output directory.

    Raises
    ------
    DataError
        If it is no folder, the run is not finished, or a file is damaged; names the file.
    ConfigError
        If ``config.yaml`` is damaged.
    """
    if not path.is_dir():
        raise DataError(f"{path}: no such folder; name the output directory of a training run")
    absent = [name for name in _NEEDED if not (path / name).is_file()]
    if absent:
        raise DataError(
            f"{path}: not the folder of a finished run: {', '.join(absent)} missing. "
            "Name the output directory that training printed; finish a run that was stopped "
            "with --resume"
        )
    evaluation = _read_json(path / "test_metrics.json", Evaluation)
    predictions = read_predictions(path / "predictions.csv", evaluation.class_names)
    if len(predictions.labels) != evaluation.metrics.n:
        raise DataError(
            f"{path / 'predictions.csv'}: {len(predictions.labels)} rows, where test_metrics.json "
            f"counts {evaluation.metrics.n}; one of the two is cut short or of another run"
        )
    report = path / "data_report.json"
    return RunResult(
        path=path,
        config=read_yaml(path / "config.yaml"),
        history=_read_json(path / "training_history.json", History),
        evaluation=evaluation,
        predictions=predictions,
        data=_read_json(report, DataSummary) if report.is_file() else DataSummary(),
        manifest=_read_json(path / "manifest.json", Manifest).model_dump(),
    )


_Kind = TypeVar("_Kind", bound=Record)


def _read_json(path: Path, kind: type[_Kind]) -> _Kind:
    try:
        return kind.model_validate_json(path.read_bytes())
    except ValidationError as error:
        first = error.errors()[0]
        key = ".".join(str(part) for part in first["loc"])
        problem = f"{key}: {first['msg']}" if key else first["msg"]
    except (DataError, OSError) as error:
        problem = str(error)
    raise DataError(f"{path}: damaged: {problem}; restore the file or train again")
