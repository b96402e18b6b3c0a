"""What the files of a run hold, checked as they are read."""

from __future__ import annotations

from typing import Any

from pydantic import BaseModel, ConfigDict, Field, field_validator, model_validator

from roomtone.stats import ClassificationMetrics, Interval


class Record(BaseModel):
    """What a JSON file of a run holds; keys that later versions add are kept, not refused."""

    model_config = ConfigDict(frozen=True, extra="allow", revalidate_instances="always")


class HistoryMetadata(Record):
    """How training went: the ``metadata`` of ``training_history.json``."""

    saved_at: str = ""
    total_epochs: int = 0
    best_epoch: int | None = None
    monitor: str = ""
    best_value: float | None = None
    stopped: str | None = None

    @property
    def stopped_early(self) -> bool:
        """Whether early stopping ended the training."""
        return self.stopped is not None and "early" in self.stopped


class History(Record):
    """One value of each series for each epoch: ``training_history.json``."""

    history: dict[str, tuple[float | None, ...]]
    metadata: HistoryMetadata = HistoryMetadata()


class Evaluation(Record):
    """The tested split's metrics: ``test_metrics.json``."""

    split: str
    file: str = ""
    metrics: ClassificationMetrics
    intervals: dict[str, Interval] = {}
    warnings: tuple[str, ...] = ()
    class_names: tuple[str, ...] = Field(min_length=2)

    @field_validator("metrics", mode="before")
    @classmethod
    def _from_named_values(cls, values: Any) -> Any:
        return ClassificationMetrics.from_dict(values) if isinstance(values, dict) else values

    @model_validator(mode="after")
    def _sizes_agree(self) -> Evaluation:
        sizes = {len(self.metrics.support), len(self.metrics.confusion)}
        sizes |= {len(row) for row in self.metrics.confusion}
        if sizes != {len(self.class_names)}:
            raise ValueError(
                f"the metrics describe {sorted(sizes)} classes, {len(self.class_names)} are named"
            )
        return self


class LengthHistogram(Record):
    """Texts counted by length; ``edges`` are in tokens, one more than ``counts``."""

    edges: tuple[float, ...]
    counts: tuple[float, ...]

    @model_validator(mode="after")
    def _fits(self) -> LengthHistogram:
        if len(self.edges) != len(self.counts) + 1:
            raise ValueError(f"{len(self.edges)} edges for {len(self.counts)} counts")
        return self


class SplitData(Record):
    """What the data report says of one split; all of it optional."""

    rows: int | None = None
    label_counts: dict[str, int] = {}
    length: dict[str, float] = {}
    length_histogram: LengthHistogram | None = None
    cut: float | None = None
    unknown: float | None = None
    duplicates: dict[str, Any] = {}
    rejected: dict[str, Any] = {}


class DataSummary(Record):
    """The data report: ``data_report.json``."""

    splits: dict[str, SplitData] = {}
    leakage: dict[str, dict[str, Any]] = {}
    warnings: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()


class Manifest(Record):
    """Any JSON object; the report prints what stands in it."""
