"""Choosing the test that the evidence calls for, and saying why."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import partial
from itertools import combinations

import numpy as np

from roomtone.errors import DataError, nearest
from roomtone.stats.comparing.evidence import (
    DatasetScores,
    FoldScores,
    SeedScores,
    named_models,
)
from roomtone.stats.comparing.evidence_rows import Predictions, RowLosses, SeedPredictions
from roomtone.stats.comparing.multiplicity import holm
from roomtone.stats.comparing.plans import Options, Plan
from roomtone.stats.comparing.plans_crossed import plan_crossed
from roomtone.stats.comparing.plans_rows import plan_losses, plan_predictions
from roomtone.stats.comparing.plans_runs import plan_datasets, plan_folds, plan_seeds
from roomtone.stats.comparing.result import Comparison, Finding, NotComparable

__all__ = [
    "Comparison",
    "DatasetScores",
    "Evidence",
    "FoldScores",
    "NotComparable",
    "Predictions",
    "RowLosses",
    "SeedPredictions",
    "SeedScores",
    "adjusted",
    "compare",
]

Evidence = FoldScores | Predictions | SeedPredictions | RowLosses | DatasetScores | SeedScores


def compare(
    evidence: Evidence,
    *,
    reference: str | None = None,
    every_pair: bool = False,
    method: str | None = None,
    correct: bool = True,
    confidence: float = 0.95,
    rope: float = 0.01,
    resamples: int = 10_000,
    seed: int = 42,
) -> tuple[Comparison, ...]:
    """Compare models by the test that the evidence calls for.

    What the evidence is decides:

    - :class:`FoldScores`, scores of folds of one data set, 5 or more: the corrected resampled
      t-test, since folds share training rows. Five repeats of two folds: the combined 5×2cv F-test.
      On request the Bayesian correlated t-test, or the 5×2cv t-test.
    - :class:`Predictions` on one test set, scored by accuracy, rows independent: McNemar's test,
      mid-p (on request exact). Three models or more: Cochran's Q over all of them besides.
    - :class:`Predictions` scored otherwise, or with rows in groups, and :class:`RowLosses`: a
      paired permutation test over rows or groups, 6 of them answered differently or more, with a
      BCa interval.
    - :class:`SeedPredictions`, several seeds of each model on one test set, 2 or more: a t-test of
      the mean difference over seeds, with rows and seeds both taken to be samples.
    - :class:`DatasetScores`, independent data sets, 6 or more: Wilcoxon's signed-rank test. Three
      models or more: Friedman's test over all of them besides.
    - :class:`SeedScores`, 5 seeds of each model or more: almost stochastic order, with a
      permutation test of the means.

    Each model is compared with the reference, or with each other one; the p-values of several
    comparisons are corrected by Holm's procedure. Intervals are not corrected. Where one of
    several pairs cannot be tested, its row has no p-value and its note says why; it still counts
    in the correction.

    Parameters
    ----------
    evidence : FoldScores, Predictions, SeedPredictions, RowLosses, DatasetScores or SeedScores
        What there is to compare by.
    reference : str, optional
        The model that the others are compared with; the first one without it.
    every_pair : bool
        Compare each model with each other one instead.
    method : str, optional
        Another test than the one chosen, if the evidence allows it.
    correct : bool
        Correct the p-values; False where `adjusted` does so together with those of other evidence.
    confidence : float
        Nominal coverage of intervals; 1 less this is the level of the tests.
    rope : float
        Half-width of the region of practical equivalence, in units of the score.
    resamples, seed : int
        Of permutations and of the bootstrap.

    Returns
    -------
    tuple of Comparison
        A test of all models at once first, where there is one; then one row for each pair.

    Raises
    ------
    NotComparable
        If the evidence cannot bear the comparison.
    DataError
        If the evidence is malformed, or a name or number is not possible.

    Examples
    --------
    >>> folds = {"svm": [0.70, 0.72, 0.69, 0.71, 0.73], "hybrid": [0.74, 0.75, 0.71, 0.76, 0.75]}
    >>> (found,) = compare(FoldScores(folds, n_train=800, n_test=200))
    >>> found.model, round(found.difference, 3), round(found.p_value, 3), found.outcome
    ('hybrid', 0.032, 0.022, 'better')
    """
    if not 0.5 < confidence < 1:
        raise DataError(f"confidence must lie between 0.5 and 1, found {confidence}")
    if resamples < 100:
        raise DataError(f"resamples must be 100 or more, found {resamples}; 10000 is usual")
    if rope < 0:
        raise DataError(f"rope must be 0 or more, in units of the score; found {rope}")
    names = list(named_models(_models(evidence)))
    chosen = reference if reference is not None else names[0]
    if chosen not in names:
        raise DataError(
            f"reference {chosen!r} is none of the models ({', '.join(names)})"
            f"{nearest(chosen, names)}"
        )
    pairs = (
        [(model, other) for other, model in combinations(names, 2)]
        if every_pair
        else [(model, chosen) for model in names if model != chosen]
    )
    options = Options(method, confidence, rope, resamples, seed, len(pairs))
    plan = _plan(evidence, options)
    found = _test(plan, pairs)
    reasons = plan.reasons
    if correct and len(pairs) > 1 and any(finding.p_value is not None for finding in found):
        reasons += (
            f"The p-values of {len(pairs)} comparisons are corrected by Holm's procedure (1979).",
        )

    def row(method: str, finding: Finding, model: str | None, other: str | None) -> Comparison:
        return Comparison(
            method=method,
            **vars(finding),
            confidence=confidence,
            decision=reasons,
            reference=other,
            adjusted_p=None,
            model=model,
            metric=evidence.metric,
        )

    head = []
    if plan.overall is not None:
        name, test = plan.overall
        head = [row(name, _attempt(test), None, None)]
    rows = [row(plan.method, finding, *pair) for pair, finding in zip(pairs, found, strict=True)]
    return (*head, *(adjusted(rows) if correct else rows))


def _models(evidence: Evidence) -> Mapping[str, object]:
    match evidence:
        case Predictions() | SeedPredictions():
            return evidence.predicted
        case RowLosses():
            return evidence.losses
        case _:
            return evidence.scores


def _plan(evidence: Evidence, options: Options) -> Plan:
    match evidence:
        case FoldScores():
            return plan_folds(evidence, options)
        case Predictions():
            return plan_predictions(evidence, options)
        case SeedPredictions():
            return plan_crossed(evidence, options)
        case RowLosses():
            return plan_losses(evidence, options)
        case DatasetScores():
            return plan_datasets(evidence, options)
        case SeedScores():
            return plan_seeds(evidence, options)


def _test(plan: Plan, pairs: list[tuple[str, str]]) -> list[Finding]:
    if len(pairs) == 1:
        return [plan.pair(*pairs[0])]
    found = [_attempt(partial(plan.pair, *pair)) for pair in pairs]
    if all(finding.difference is None for finding in found):
        raise NotComparable(found[0].note)
    return found


def _attempt(test: Callable[[], Finding]) -> Finding:
    try:
        return test()
    except NotComparable as error:
        return Finding(statistic=None, p_value=None, note=str(error))


def adjusted(rows: list[Comparison]) -> list[Comparison]:
    """Correct the p-values of comparisons, one of which is to be right, by Holm's procedure."""
    known = [row.p_value is not None for row in rows]
    if len(rows) == 1 or not any(known):
        return rows
    values = holm([np.nan if row.p_value is None else row.p_value for row in rows])
    return [
        replace(row, adjusted_p=float(value)) if there else row
        for row, value, there in zip(rows, values, known, strict=True)
    ]
