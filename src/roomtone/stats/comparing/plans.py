"""For each kind of evidence the test that it calls for, with the reasons."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

from roomtone.errors import DataError, nearest
from roomtone.stats.comparing.correlated import bayesian_correlated_t, corrected_t
from roomtone.stats.comparing.evidence import FoldScores, Predictions, RowLosses
from roomtone.stats.comparing.mcnemar import discordant, mcnemar
from roomtone.stats.comparing.permutation import paired_permutation
from roomtone.stats.comparing.result import Tested
from roomtone.stats.paired import gain, mean_of_losses, paired_losses, paired_predictions
from roomtone.stats.resampling import Statistic, Units, group_codes, score_of

_ACCURACY = frozenset({"accuracy", "f1_micro"})


@dataclass(frozen=True)
class Options:
    """What the caller decided; see :func:`roomtone.stats.choosing.compare`."""

    method: str | None
    confidence: float
    rope: float
    resamples: int
    seed: int
    comparisons: int


@dataclass(frozen=True)
class Plan:
    """A test that was chosen.

    Attributes
    ----------
    method : str
        Of each pair.
    reasons : tuple of str
        Why this test; sentences.
    pair : callable
        From the names of a model and of the reference to what the test found.
    overall : tuple of str and callable, optional
        A test of all models at once, and its name.
    """

    method: str
    reasons: tuple[str, ...]
    pair: Callable[[str, str], Tested]
    overall: tuple[str, Callable[[], Tested]] | None = None


def plan_folds(evidence: FoldScores, options: Options) -> Plan:
    """Plan for scores of folds."""
    table, ratio = evidence.table(), evidence.ratio()
    count = next(iter(table.values())).size
    method = choose(options.method, ("corrected_t", "bayesian_correlated_t"))
    dealt = f"{count} folds" + (f" in {evidence.repeats} repeats" if evidence.repeats > 1 else "")
    reasons = [
        f"The evidence is the {evidence.metric} on {dealt} of one data set, the same for all.",
        "Training parts of folds overlap, so that fold scores are correlated and a plain t-test "
        "rejects true nulls too often (Dietterich 1998).",
    ]
    if method == "corrected_t":
        reasons.append(
            "Hence the corrected resampled t-test, which takes the variance of the mean as "
            f"(1/{count} + {ratio:.3g}) times that of the differences (Nadeau and Bengio 2003)."
        )
    else:
        reasons.append(
            "Asked for: the Bayesian correlated t-test, which gives the probabilities that a model "
            f"is worse, equivalent (within {options.rope:g}) and better (Corani et al. 2017)."
        )
    if len(table) > 2:
        reasons.append("Folds are no independent data sets: Friedman's test over them is not made.")

    def pair(model: str, reference: str) -> Tested:
        differences = table[model] - table[reference]
        if method == "corrected_t":
            return corrected_t(differences, ratio, options.confidence)
        return bayesian_correlated_t(differences, ratio, options.rope, options.confidence)

    return Plan(method, tuple(reasons), pair)


def plan_predictions(evidence: Predictions, options: Options) -> Plan:
    """Plan for predictions on one test set."""
    labels, table = evidence.columns()
    right = {name: values == labels for name, values in table.items()}
    plain = evidence.groups is None and evidence.metric in _ACCURACY
    known = ("mcnemar_midp", "mcnemar_exact") if plain else ()
    method = choose(options.method, (*known, "paired_permutation"))
    if method == "paired_permutation":
        score = score_of(evidence.metric, evidence.num_classes)

        def sample(model: str, reference: str) -> Units:
            answers = table[model], table[reference]
            return paired_predictions(labels, *answers, evidence.num_classes, evidence.groups)

        return _permutation(evidence, labels.size, sample, score, options)

    def pair(model: str, reference: str) -> Tested:
        counts = discordant(right[model], right[reference])
        return mcnemar(*counts, mid_p=method == "mcnemar_midp", confidence=options.confidence)

    reasons = (
        _one_test_set(evidence.metric, labels.size),
        "Accuracies on the same rows differ only by the rows that one model alone has right, "
        "which is McNemar's test (McNemar 1947; Dietterich 1998).",
        "The mid-p value is taken: the exact test rejects too rarely, the chi-squared one at times "
        "too often (Fagerland, Lydersen and Laake 2013)."
        if method == "mcnemar_midp"
        else "Asked for: the exact p-value, which never rejects more often than its level.",
    )
    return Plan(method, reasons, pair)


def plan_losses(evidence: RowLosses, options: Options) -> Plan:
    """Plan for losses of the rows of one test set."""
    table = evidence.table()
    choose(options.method, ("paired_permutation",))

    def sample(model: str, reference: str) -> Units:
        return paired_losses(table[model], table[reference], evidence.groups)

    rows = next(iter(table.values())).size
    return _permutation(evidence, rows, sample, mean_of_losses, options)


def choose(asked: str | None, known: tuple[str, ...]) -> str:
    """Return the method asked for, or the first of those that the evidence allows.

    Raises
    ------
    DataError
        If the one asked for is not among them.
    """
    if asked is not None and asked not in known:
        raise DataError(
            f"method {asked!r} is not one for this evidence (known: {', '.join(known)})"
            f"{nearest(asked, known)}"
        )
    return asked or known[0]


def _permutation(
    evidence: Predictions | RowLosses,
    rows: int,
    sample: Callable[[str, str], Units],
    score: Statistic,
    options: Options,
) -> Plan:
    if evidence.groups is None:
        unit = "rows"
        reasons = [_one_test_set(evidence.metric, rows)]
    else:
        count = int(group_codes(evidence.groups, rows).max()) + 1
        unit = f"{count} groups"
        reasons = [
            _one_test_set(evidence.metric, rows),
            f"Rows of a group are not independent; the {count} groups are taken to be.",
        ]
    reasons.append(
        f"Hence a paired permutation test, which exchanges the models' answers to {unit} at random "
        f"({options.resamples:,} times), and a BCa bootstrap interval over {unit} "
        "(Noreen 1989; Efron 1987; Dror et al. 2018)."
    )
    few = (
        ""
        if evidence.groups is None or count >= 30
        else (
            f"With {count} groups the interval may be too narrow; 30 or more are better "
            "(Cameron, Gelbach and Miller 2008)."
        )
    )

    def pair(model: str, reference: str) -> Tested:
        # The better model first: swapping the models then swaps the signs and nothing else.
        first = sample(model, reference)
        worse = float(gain(score)(first.total())) < 0
        found = paired_permutation(
            sample(reference, model) if worse else first,
            score,
            confidence=options.confidence,
            resamples=options.resamples,
            seed=options.seed,
        )
        return replace(found.turned() if worse else found, note=few)

    return Plan("paired_permutation", tuple(reasons), pair)


def _one_test_set(metric: str, rows: int) -> str:
    return f"The evidence is the {metric} of predictions for one test set of {rows:,} rows."
