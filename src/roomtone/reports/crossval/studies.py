"""Studies beside a cross-validation: finding them, and reading each by its kind."""

from __future__ import annotations

from pathlib import Path

from roomtone.errors import DataError
from roomtone.experiments.ablation import RESULT as ABLATION
from roomtone.experiments.learning_curve import RESULT as LEARNING_CURVE
from roomtone.experiments.record import PLAN
from roomtone.experiments.study import StudyPlan
from roomtone.reports.crossval.ablated import read_ablation
from roomtone.reports.crossval.learning import read_learning_curve
from roomtone.reports.crossval.study_chapter import StudyChapter

_READERS = {"ablation": read_ablation, "learning curve": read_learning_curve}


def read_study(path: Path) -> StudyChapter:
    """Read the folder of a finished study.

    Raises
    ------
    DataError
        If it is not finished, or of a kind that has no section.
    """
    plan = StudyPlan.read(path / PLAN)
    if plan.kind not in _READERS:
        raise DataError(
            f"{path}: holds a study of the kind {plan.kind!r}; a report shows those of the kinds "
            f"{', '.join(_READERS)}"
        )
    return _READERS[plan.kind](path)


def studies_in(folder: Path) -> list[Path]:
    """Find the finished studies right inside a folder."""
    names = (ABLATION, LEARNING_CURVE)
    return sorted({found.parent for name in names for found in folder.glob(f"*/{name}")})
