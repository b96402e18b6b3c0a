"""What all that scores texts has in common, whatever is inside."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar, Self

import numpy as np
from numpy.typing import ArrayLike, NDArray

from roomtone.engines.result import SentimentResult, capitalised
from roomtone.errors import DataError, RoomtoneError
from roomtone.stats.conformal import label_sets, lac_scores
from roomtone.stats.scaling import Calibration
from roomtone.texts import checked_texts

if TYPE_CHECKING:
    from roomtone.engines.folder import SavedFolder
    from roomtone.engines.validation import ValidationScores

FloatArray = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class RawScores:
    """Scores of some texts before calibration.

    Attributes
    ----------
    log_probs : ndarray of float64, shape [n, classes]
        Logarithms of probabilities, each row up to a constant: a softmax makes them sum to 1.
    known : ndarray of bool, shape [n]
        False where nothing in the text is known to the model.
    """

    log_probs: FloatArray
    known: NDArray[np.bool_]


class SentimentEngine(ABC):
    """Something that scores texts.

    A subclass says in `raw` what it makes of texts. To be saved by `roomtone.engines.save_engine`
    it also has a `kind`, the files that it consists of, and a way back from them.

    Parameters
    ----------
    name : str
        What results call it.
    class_names : sequence of str
        The classes, in the order of their codes.
    prior : array_like of float, shape [classes], optional
        Share of each class in the training rows, for texts without anything known; uniform where
        not given.
    calibration : Calibration, optional
        Turns raw scores into probabilities; a plain softmax where not given.
    validation : ValidationScores, optional
        What `abstain` and `error_rate` need; with none they are refused.
    record : mapping, optional
        What is known of its making: ``"data"`` (rows and hash of each file), ``"metrics"``.

    Raises
    ------
    DataError
        If there are fewer than two classes, or the prior or the calibration is that of other
        classes.
    """

    kind: ClassVar[str] = ""
    tokenizer: str | None = None
    """Version of the tokeniser of comments, where the engine uses it."""

    def __init__(
        self,
        name: str,
        class_names: Sequence[str],
        *,
        prior: ArrayLike | None = None,
        calibration: Calibration | None = None,
        validation: ValidationScores | None = None,
        record: Mapping[str, Any] | None = None,
    ) -> None:
        self.name = name
        self.class_names = tuple(class_names)
        count = len(self.class_names)
        if count < 2 or len(set(self.class_names)) < count:
            raise DataError(
                f"{name}: expected two or more classes of different names, "
                f"found {list(self.class_names)}"
            )
        shares = np.full(count, 1 / count) if prior is None else np.asarray(prior, np.float64)
        if shares.shape != (count,) or not (shares >= 0).all() or abs(shares.sum() - 1) > 1e-6:
            raise DataError(
                f"{name}: the prior must be {count} shares that sum to 1, found {shares.tolist()}"
            )
        self.prior: FloatArray = shares / shares.sum()
        self.calibration = calibration or Calibration.identity(count)
        self.validation = validation
        self.record = dict(record or {})

    @abstractmethod
    def raw(self, texts: Sequence[str]) -> RawScores:
        """Score texts, uncalibrated; there is at least one."""

    def predict_proba(self, texts: Sequence[str]) -> FloatArray:
        """Give each text the calibrated probability of each class.

        Parameters
        ----------
        texts : sequence of str
            Comments as they were written.

        Returns
        -------
        ndarray of float64, shape [n, classes]
            A text without anything known gets the prior.

        Raises
        ------
        DataError
            If `texts` is one string, or holds something else than strings.
        """
        return self.scores(texts)[0]

    def scores(self, texts: Sequence[str]) -> tuple[FloatArray, NDArray[np.bool_]]:
        """Give what `predict_proba` gives, and for each text whether anything in it is known."""
        listed, count = checked_texts(texts), len(self.class_names)
        if not listed:
            return np.empty((0, count)), np.empty(0, dtype=bool)
        raw = self.raw(listed)
        probs = self.calibration.apply(raw.log_probs)
        return np.where(raw.known[:, None], probs, self.prior), raw.known

    def predict(self, texts: Sequence[str]) -> NDArray[np.int64]:
        """Give each text the code of its most probable class, shape [n]."""
        return np.asarray(self.predict_proba(texts).argmax(axis=1), dtype=np.int64)

    def analyze(
        self, text: str, *, abstain: float | None = None, error_rate: float | None = None
    ) -> SentimentResult:
        """Say what one text expresses.

        Parameters
        ----------
        text : str
            The comment.
        abstain : float, optional
            Leave the label open where the confidence is below that under which this share of the
            validation rows lay: 0.1 for the tenth that is hardest.
        error_rate : float, optional
            Also give the set of labels that holds the true one except in this share of cases.

        Raises
        ------
        RoomtoneError
            If the engine has no validation scores, which both options need.
        """
        return self.batch_analyze([text], abstain=abstain, error_rate=error_rate)[0]

    def batch_analyze(
        self,
        texts: Sequence[str],
        *,
        abstain: float | None = None,
        error_rate: float | None = None,
    ) -> list[SentimentResult]:
        """Say what each text expresses; options as in `analyze`."""
        floor = 0.0 if abstain is None else self._scores_of("abstain").abstention_threshold(abstain)
        probs, known = self.scores(texts)
        labels = [capitalised(name) for name in self.class_names]
        sets: list[tuple[str, ...]] = [()] * len(probs)
        if error_rate is not None:
            most = self._scores_of("error_rate").conformal_threshold(error_rate)
            sets = _label_sets(labels, probs, most)
        return [
            SentimentResult(
                label=labels[best] if shares[best] >= floor else None,
                score=shares[best],
                probs=dict(zip(labels, shares, strict=True)),
                model=self.name,
                known=is_known,
                labels=members,
            )
            for best, shares, is_known, members in zip(
                probs.argmax(axis=1).tolist(), probs.tolist(), known.tolist(), sets, strict=True
            )
        ]

    def describe(self) -> str:
        """Say in a sentence what it is, for the model card."""
        return f"An engine of kind {self.kind!r}."

    def settings(self) -> dict[str, Any]:
        """Return what a saved folder's ``engine.json`` says of this engine alone."""
        return {}

    def files(self) -> dict[str, bytes]:
        """Return the contents of the files that it consists of, by their names."""
        raise RoomtoneError(f"engine {self.name!r} ({type(self).__name__}) cannot be saved")

    def parts(self) -> dict[str, SentimentEngine]:
        """Return the engines that it consists of, by the names of their sub-folders."""
        return {}

    def use_threads(self, threads: int) -> None:
        """Compute on so many threads from now on, as do the engines that it consists of."""
        for part in self.parts().values():
            part.use_threads(threads)

    def refit(self, texts: list[str], labels: NDArray[np.int64]) -> SentimentEngine:
        """Fit another engine by the same recipe on other rows, as stacking by folds does.

        Raises
        ------
        RoomtoneError
            If this engine cannot be fitted again.
        """
        raise RoomtoneError(
            f"engine {self.name!r} ({type(self).__name__}) cannot be fitted again from here"
        )

    @classmethod
    def from_folder(cls, folder: SavedFolder) -> Self:
        """Rebuild an engine from a folder; ``folder.common()`` holds this class's arguments."""
        raise RoomtoneError(f"{folder.path}: an engine of kind {cls.kind!r} cannot be loaded")

    def _scores_of(self, option: str) -> ValidationScores:
        if self.validation is None:
            raise RoomtoneError(
                f"{option}: engine {self.name!r} has no validation scores; calibrate it on "
                "validation rows first"
            )
        return self.validation


def _label_sets(labels: Sequence[str], probs: FloatArray, most: float) -> list[tuple[str, ...]]:
    """Collect the labels of each text whose score is at most this, the most probable first."""
    inside = label_sets(lac_scores(probs), most)
    order = np.argsort(-probs, axis=1, kind="stable")
    return [
        tuple(labels[code] for code in codes if member[code])
        for codes, member in zip(order.tolist(), inside.tolist(), strict=True)
    ]
