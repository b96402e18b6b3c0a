"""One cross-validation in a report: its facts, and where they and its figures are found."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from roomtone.reports.document.blocks import Inline, Value

_LONG_NAME = 22
_NAME_WIDTH = 0.2


@dataclass(frozen=True)
class Chapter:
    """One cross-validation of a report.

    Attributes
    ----------
    facts : mapping
        Its facts.
    at : str
        Their place in ``report.json``.
    prefix : str
        What the names of its figures and sections begin with; empty where it is the only one.
    """

    facts: Mapping[str, Any]
    at: str
    prefix: str = ""

    @property
    def models(self) -> Sequence[Mapping[str, Any]]:
        """The facts of the models that have all their folds."""
        found: Sequence[Mapping[str, Any]] = self.facts["models"]
        return found

    def value(self, path: str, form: str = "text") -> Value:
        """Name a value of this cross-validation."""
        return Value(f"{self.at}.{path}", form)

    def name(self, place: int) -> Value:
        """Name a model's name."""
        return self.value(f"models.{place}.name")

    def score(self, place: int, metric: str) -> Inline:
        """Name a mean and its standard deviation."""
        here = f"models.{place}.scores.{metric}"
        mean = self.value(f"{here}.mean", "score")
        if self.models[place]["scores"][metric]["sd"] is None:
            return (mean,)
        return (mean, " ± ", self.value(f"{here}.sd", "score"))

    def title(self, words: str) -> Inline:
        """Head a section; with the data where there are several."""
        return (words, ": ", self.value("name")) if self.prefix else (words,)

    def key(self, name: str) -> str:
        """Name a section, a table or a figure."""
        return f"{self.prefix}{name}"

    def figure_of(self, kind: str, place: int) -> str:
        """Name the figure of one model."""
        return self.key(f"{kind}_{slugs([model['name'] for model in self.models])[place]}")

    @property
    def wrapped(self) -> dict[int, float]:
        """The column of names as one whose lines are broken, where a name is long."""
        longest = max((len(model["name"]) for model in self.models), default=0)
        return {0: _NAME_WIDTH} if longest > _LONG_NAME else {}


def slugs(names: Sequence[str]) -> list[str]:
    """Turn names into parts of file names, each another one."""
    found: list[str] = []
    for place, name in enumerate(names):
        plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode()
        slug = re.sub(r"[^a-z0-9]+", "_", plain.lower()).strip("_")[:40] or "model"
        found.append(slug if slug not in found else f"{slug}_{place + 1}")
    return found


def span(low: Value, high: Value) -> Inline:
    """Write an interval."""
    return (low, " to ", high)
