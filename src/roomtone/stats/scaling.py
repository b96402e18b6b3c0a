"""Temperature and vector scaling: probabilities made honest on rows that no model was fitted on."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from roomtone.errors import DataError, nearest
from roomtone.stats.confusion import Array

KINDS = ("identity", "temperature", "vector")

# A class to which an engine gives no probability at all is scaled as if that were e^-30, or 1e-13.
LOWEST = -30.0
LARGEST = 1e4


@dataclass(frozen=True)
class Calibration:
    """A change of an engine's log-probabilities, ``softmax(scale * log_probs + bias)``.

    Attributes
    ----------
    kind : str
        ``"identity"``; ``"temperature"``, the same scale ``1 / T`` for all classes and no bias
        (Guo et al. 2017, section 4.2); or ``"vector"``, a scale and a bias for each class.
    scale, bias : tuple of float, length classes
        Scales are above 0, so that more evidence for a class never makes it less probable.

    Raises
    ------
    DataError
        If the kind is unknown, or the values are not such scales and biases.

    Examples
    --------
    >>> doubt = Calibration("temperature", scale=(0.5, 0.5), bias=(0.0, 0.0))
    >>> doubt.temperature, doubt.apply(np.log([[0.8, 0.2]])).round(2).tolist()
    (2.0, [[0.67, 0.33]])
    """

    kind: str
    scale: tuple[float, ...]
    bias: tuple[float, ...]

    def __post_init__(self) -> None:
        if self.kind not in KINDS:
            raise DataError(
                f"unknown calibration {self.kind!r} (known: {', '.join(KINDS)})"
                f"{nearest(str(self.kind), KINDS)}"
            )
        scale, bias = _numbers("scale", self.scale), _numbers("bias", self.bias)
        if scale.size != bias.size or scale.size < 2 or scale.min() <= 0:
            raise DataError(
                f"a calibration needs a scale above 0 and a bias for each of 2 or more classes, "
                f"found {list(self.scale)} and {list(self.bias)}"
            )
        uniform = np.ptp(scale) == 0 and not bias.any()
        if (self.kind == "identity" and not (uniform and scale[0] == 1)) or (
            self.kind == "temperature" and not uniform
        ):
            raise DataError(
                f"a calibration of kind {self.kind!r} cannot have the scales {list(self.scale)} "
                f"and biases {list(self.bias)}"
            )

    @property
    def num_classes(self) -> int:
        """How many classes it is for."""
        return len(self.scale)

    @property
    def temperature(self) -> float | None:
        """What log-probabilities are divided by; None where classes differ in it."""
        return None if self.kind == "vector" else 1 / self.scale[0]

    def apply(self, log_probs: ArrayLike) -> Array:
        """Turn an engine's log-probabilities into calibrated probabilities.

        Parameters
        ----------
        log_probs : array_like of float, shape [n, classes]
            Natural logarithms of probabilities, up to a constant for each row; ``-inf`` is 0.

        Returns
        -------
        ndarray of float64, shape [n, classes]
            Probabilities; each row sums to 1.

        Raises
        ------
        DataError
            If the shape is another one, a value is NaN or ``+inf``, or a row is all ``-inf``.
        """
        table = log_probabilities(log_probs, self.num_classes)
        if self.kind == "identity":
            return np.asarray(np.exp(table))
        scaled = np.maximum(table, LOWEST) * self.scale + self.bias
        return np.asarray(np.exp(log_softmax(scaled)))

    def to_dict(self) -> dict[str, Any]:
        """Return the calibration as values that JSON can hold."""
        return {"kind": self.kind, "scale": list(self.scale), "bias": list(self.bias)}

    @classmethod
    def from_dict(cls, values: Mapping[str, Any]) -> Calibration:
        """Rebuild a calibration from :meth:`to_dict`.

        Raises
        ------
        DataError
            If a field is absent, unknown or impossible.
        """
        if not isinstance(values, Mapping) or set(values) != {"kind", "scale", "bias"}:
            raise DataError(f"a calibration has the fields kind, scale and bias, found {values!r}")
        if not isinstance(values["scale"], list) or not isinstance(values["bias"], list):
            raise DataError("the scale and bias of a calibration are lists of numbers")
        return cls(values["kind"], tuple(values["scale"]), tuple(values["bias"]))

    @classmethod
    def identity(cls, num_classes: int) -> Calibration:
        """Make the calibration that changes nothing."""
        return cls("identity", (1.0,) * num_classes, (0.0,) * num_classes)


def log_probabilities(log_probs: ArrayLike, num_classes: int | None) -> Array:
    """Check log-probabilities, and shift each row so that its probabilities sum to 1.

    Returns
    -------
    ndarray of float64, shape [n, classes]

    Raises
    ------
    DataError
        If the shape is another one, a value is NaN or ``+inf``, or a row is all ``-inf``.
    """
    table = np.asarray(log_probs, dtype=np.float64)
    if table.ndim != 2 or table.shape[1] < 2 or num_classes not in (None, table.shape[1]):
        raise DataError(
            f"log-probabilities must have the shape [rows, {num_classes or 'classes'}], "
            f"found {list(table.shape)}"
        )
    wrong = ~((table < np.inf).all(axis=1) & (table > -np.inf).any(axis=1))
    if wrong.any():
        row = int(np.flatnonzero(wrong)[0])
        raise DataError(
            f"row {row} of the log-probabilities is {table[row].tolist()}; each must be a number "
            "or -inf, and one of a row at least a number"
        )
    return log_softmax(table)


def log_softmax(table: Array) -> Array:
    """Shift each row so that its exponentials sum to 1, shape [n, classes].

    As `scipy.special.log_softmax` does: engines shall answer without the time that SciPy's import
    takes.
    """
    shifted = table - table.max(axis=1, keepdims=True)
    return np.asarray(shifted - np.log(np.exp(shifted).sum(axis=1, keepdims=True)))


def _numbers(name: str, values: tuple[float, ...]) -> Array:
    if not all(type(value) in (int, float) and abs(value) <= LARGEST for value in values):
        raise DataError(
            f"the {name} of a calibration must be numbers from -{LARGEST:g} to {LARGEST:g}, "
            f"found {list(values)}"
        )
    return np.array(values, dtype=np.float64)
