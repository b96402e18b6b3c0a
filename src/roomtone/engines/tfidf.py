"""The TF-IDF baselines as engines: linear models, saved and scored without scikit-learn."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, Self

import numpy as np
from numpy.typing import NDArray
from safetensors.numpy import save as tensor_bytes

from roomtone.baselines.features import TextFeatures
from roomtone.baselines.options import LONGEST_PHRASE
from roomtone.baselines.tfidf import BASELINES
from roomtone.engines.base import FloatArray, RawScores, SentimentEngine
from roomtone.engines.folder import SavedFolder, TensorSpec
from roomtone.errors import CheckpointError, DataError

if TYPE_CHECKING:
    from sklearn.pipeline import Pipeline

FEATURES_VERSION = 1
"""Of what the features of a text are: change it with `TOKEN_PATTERN`, or with `TextFeatures`."""

TERMS, WEIGHTS = "vocab.json", "weights.safetensors"
_LARGEST_WEIGHT = 1e6
_NEVER = -100.0  # the score of a class that no training row had: a probability of e^-100


class TfidfEngine(SentimentEngine):
    """A linear model over TF-IDF features.

    Parameters
    ----------
    name : str
        What results call it.
    class_names : sequence of str
        The classes.
    phrases, runs : sequence of str
        Words and phrases; runs of characters.
    idf : ndarray of float32, shape [columns]
        Inverse document frequencies of both.
    weights : ndarray of float64, shape [columns, classes]
        Coefficients.
    intercept : ndarray of float64, shape [classes]
        What a text without features would score.
    details : mapping, optional
        How it was made: the baseline and its options.
    **common
        As of `SentimentEngine`.
    """

    kind = "tfidf"

    def __init__(
        self,
        name: str,
        class_names: Sequence[str],
        *,
        phrases: Sequence[str],
        runs: Sequence[str],
        idf: NDArray[np.float32],
        weights: FloatArray,
        intercept: FloatArray,
        details: Mapping[str, Any] | None = None,
        **common: Any,
    ) -> None:
        super().__init__(name, class_names, **common)
        self.phrases, self.runs = list(phrases), list(runs)
        self.features = TextFeatures(phrases, runs, idf)
        self.weights = np.ascontiguousarray(weights, dtype=np.float64)
        self.intercept = np.asarray(intercept, dtype=np.float64)
        self.details = dict(details or {})

    def raw(self, texts: Sequence[str]) -> RawScores:
        """Score the classes by the model's decision function, which a softmax turns into shares."""
        scores = np.tile(self.intercept, (len(texts), 1))
        found = np.zeros(len(texts), dtype=np.int64)
        for part in self.features.parts(texts):
            scores += part @ self.weights
            found += np.diff(part.indptr)
        return RawScores(scores, found > 0)

    @classmethod
    def from_pipeline(
        cls, pipeline: Pipeline, name: str, class_names: Sequence[str], **rest: Any
    ) -> Self:
        """Take over what a pipeline of `build_baseline` has learnt on class codes.

        Parameters
        ----------
        pipeline : Pipeline
            Fitted. A class that it has not seen gets no probability to speak of.
        name, class_names
            As of the engine.
        **rest
            ``details``, and what `SentimentEngine` takes.
        """
        features = pipeline["features"]
        union = getattr(features, "transformer_list", [("words", features)])
        terms = [sorted(part.vocabulary_, key=part.vocabulary_.__getitem__) for _, part in union]
        idf = np.concatenate([part.idf_ for _, part in union]).astype(np.float32)
        weights, intercept = _linear(pipeline["classifier"], len(class_names))
        return cls(
            name,
            class_names,
            phrases=terms[0],
            runs=terms[1] if len(terms) > 1 else [],
            idf=idf,
            weights=weights,
            intercept=intercept,
            **rest,
        )

    def describe(self) -> str:
        """Say which baseline it is, and how large."""
        baseline = BASELINES.get(str(self.details.get("baseline")))
        title = "A linear model over TF-IDF features" if baseline is None else baseline.title
        return (
            f"{title}: {len(self.phrases):,} words and phrases, {len(self.runs):,} runs of "
            f"characters. Options: {json.dumps(self.details, sort_keys=True)}."
        )

    def settings(self) -> dict[str, Any]:
        """Return the version of the features, and how the model was made."""
        return {"features": FEATURES_VERSION, "details": self.details}

    def files(self) -> dict[str, bytes]:
        """Return the terms as JSON, and the numbers as tensors."""
        terms = json.dumps({"phrases": self.phrases, "runs": self.runs}, ensure_ascii=False)
        numbers: dict[str, NDArray[Any]] = {
            "idf": self.features.idf,
            "weights": self.weights,
            "intercept": self.intercept,
        }
        # A text may hold half of a surrogate pair, which UTF-8 proper has no bytes for.
        return {TERMS: terms.encode("utf-8", "surrogatepass"), WEIGHTS: tensor_bytes(numbers)}

    def refit(self, texts: list[str], labels: NDArray[np.int64]) -> SentimentEngine:
        """Fit the same baseline, with the same options, on other rows; needs scikit-learn.

        Raises
        ------
        RoomtoneError
            If it does not record how it was made.
        DataError
            If the rows hold fewer than two classes or no word at all.
        """
        from roomtone.baselines import TfidfOptions, build_baseline

        recipe = dict(self.details)
        name, seed = recipe.pop("baseline", None), recipe.pop("seed", None)
        if not isinstance(name, str) or not isinstance(seed, int):
            return super().refit(texts, labels)
        try:
            pipeline = build_baseline(name, seed=seed, options=TfidfOptions(**recipe))
            pipeline.fit(texts, labels)
        except (TypeError, ValueError) as error:
            raise DataError(f"engine {self.name!r} cannot be fitted again: {error}") from error
        counts = np.bincount(labels, minlength=len(self.class_names))
        prior = counts / counts.sum()
        return self.from_pipeline(
            pipeline, self.name, self.class_names, prior=prior, details=self.details
        )

    @classmethod
    def from_folder(cls, folder: SavedFolder) -> Self:
        """Rebuild it from a folder.

        Raises
        ------
        CheckpointError
            If a term is none or occurs twice, or a number is out of range.
        """
        settings, common = folder.manifest.settings, folder.common()
        version = settings.get("features")
        if version != FEATURES_VERSION:
            raise folder.error(
                f"it uses features of version {version!r}, and this roomtone has version "
                f"{FEATURES_VERSION}: use the roomtone that saved it, or fit it again"
            )
        details = settings.get("details")
        if not isinstance(details, dict):
            raise folder.error("settings.details must be an object")
        phrases, runs = _terms(folder)
        columns, classes = len(phrases) + len(runs), len(common["class_names"])
        numbers = folder.tensors(
            WEIGHTS,
            {
                "idf": TensorSpec("float32", (columns,)),
                "weights": TensorSpec("float64", (columns, classes)),
                "intercept": TensorSpec("float64", (classes,)),
            },
        )
        where = folder.path / WEIGHTS
        if any(np.abs(values).max(initial=0) > _LARGEST_WEIGHT for values in numbers.values()):
            raise CheckpointError(f"{where} holds numbers beyond {_LARGEST_WEIGHT:g}")
        if numbers["idf"].min(initial=1) < 1:
            raise CheckpointError(f"{where}: an inverse document frequency is below 1")
        return cls(
            phrases=phrases,
            runs=runs,
            idf=numbers["idf"],
            weights=numbers["weights"],
            intercept=numbers["intercept"],
            details=details,
            **common,
        )


def _linear(classifier: Any, num_classes: int) -> tuple[FloatArray, FloatArray]:
    """Return weights ``[columns, classes]`` and intercept ``[classes]`` of a linear classifier."""
    if hasattr(classifier, "feature_log_prob_"):  # naive Bayes
        weights, intercept = classifier.feature_log_prob_, classifier.class_log_prior_
    else:
        weights, intercept = classifier.coef_, classifier.intercept_
    if len(weights) == 1:
        # Of two classes scikit-learn keeps the second alone. A logistic regression is the softmax
        # of 0 and its score; of the SVM's two hyperplanes one is the other's opposite.
        first = 0.0 if hasattr(classifier, "predict_proba") else -1.0
        weights = np.vstack([first * weights, weights])
        intercept = np.concatenate([first * intercept, intercept])
    all_weights = np.zeros((weights.shape[1], num_classes))
    all_intercepts = np.full(num_classes, _NEVER)
    all_weights[:, classifier.classes_] = weights.T
    all_intercepts[classifier.classes_] = intercept
    return all_weights, all_intercepts


def _terms(folder: SavedFolder) -> tuple[list[str], list[str]]:
    content = folder.json(TERMS)
    where = folder.path / TERMS
    if not isinstance(content, dict) or content.keys() != {"phrases", "runs"}:
        raise CheckpointError(f"{where} must hold phrases and runs, and nothing else")
    for key, terms in content.items():
        if not isinstance(terms, list) or not all(isinstance(term, str) for term in terms):
            raise CheckpointError(f"{where}: {key} must be a list of strings")
        if len(set(terms)) != len(terms):
            raise CheckpointError(f"{where}: one of the {key} occurs twice")
    longest = max((phrase.count(" ") + 1 for phrase in content["phrases"]), default=0)
    if longest > LONGEST_PHRASE:
        raise CheckpointError(f"{where}: a phrase of {longest} words, more than {LONGEST_PHRASE}")
    return content["phrases"], content["runs"]
