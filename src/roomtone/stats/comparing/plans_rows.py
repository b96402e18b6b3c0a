"""Tests for the rows of one test set."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from roomtone.stats.comparing.evidence_rows import Predictions, RowLosses
from roomtone.stats.comparing.mcnemar import discordant, mcnemar
from roomtone.stats.comparing.permutation import paired_permutation
from roomtone.stats.comparing.plans import Options, Plan, choose
from roomtone.stats.comparing.result import Finding
from roomtone.stats.comparing.several import cochran_q
from roomtone.stats.naming import metric_name
from roomtone.stats.paired import gain, mean_of_losses, paired_losses, paired_predictions
from roomtone.stats.resampling import Statistic, Units, group_codes, score_of

_ACCURACY = frozenset({"accuracy", "f1_micro"})


def plan_predictions(evidence: Predictions, options: Options) -> Plan:
    """Plan for predictions on one test set."""
    labels, table = evidence.columns()
    plain = evidence.groups is None and evidence.metric in _ACCURACY
    known = ("mcnemar_midp", "mcnemar_exact") if plain else ()
    method = choose(options.method, (*known, "paired_permutation"))
    if method == "paired_permutation":
        score = score_of(evidence.metric, evidence.num_classes)

        def sample(model: str, reference: str) -> Units:
            answers = table[model], table[reference]
            return paired_predictions(labels, *answers, evidence.num_classes, evidence.groups)

        return _permutation(evidence, labels.size, sample, score, options)
    right = {name: values == labels for name, values in table.items()}

    def pair(model: str, reference: str) -> Finding:
        counts = discordant(right[model], right[reference])
        return mcnemar(*counts, mid_p=method == "mcnemar_midp", confidence=options.confidence)

    reasons = [
        *_one_test_set(evidence.metric, labels.size),
        "Accuracies on the same rows differ only by the rows that one model alone has right, "
        "which is McNemar's test (McNemar 1947; Dietterich 1998).",
        "The mid-p value is taken: the exact test rejects too rarely, the chi-squared one at times "
        "too often (Fagerland, Lydersen and Laake 2013)."
        if method == "mcnemar_midp"
        else "Asked for: the exact p-value, which never rejects more often than its level.",
    ]
    if len(table) == 2:
        return Plan(method, tuple(reasons), pair)
    reasons.append("Whether all models are as accurate is told by Cochran's Q (Cochran 1950).")
    return Plan(method, tuple(reasons), pair, ("cochran_q", lambda: cochran_q(right)))


def plan_losses(evidence: RowLosses, options: Options) -> Plan:
    """Plan for losses of the rows of one test set."""
    table = evidence.table()
    choose(options.method, ("paired_permutation",))

    def sample(model: str, reference: str) -> Units:
        return paired_losses(table[model], table[reference], evidence.groups)

    rows = next(iter(table.values())).size
    return _permutation(evidence, rows, sample, mean_of_losses, options)


def _permutation(
    evidence: Predictions | RowLosses,
    rows: int,
    sample: Callable[[str, str], Units],
    score: Statistic,
    options: Options,
) -> Plan:
    if evidence.groups is None:
        unit = "rows"
        reasons = [*_one_test_set(evidence.metric, rows)]
    else:
        count = int(group_codes(evidence.groups, rows).max()) + 1
        unit = f"{count} groups"
        reasons = [
            *_one_test_set(evidence.metric, rows),
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

    def pair(model: str, reference: str) -> Finding:
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
        cited = {} if evidence.groups is None else {"sources": ["groups"]}
        return replace(found.turned() if worse else found, note=few, effects=found.effects | cited)

    return Plan("paired_permutation", tuple(reasons), pair)


def _one_test_set(metric: str, rows: int) -> tuple[str, str]:
    return (
        f"The evidence is the {metric_name(metric)} of predictions for one test set of "
        f"{rows:,} rows.",
        "What is found holds for these trained models on rows like these; how much another "
        "training run would differ is not in it (Dietterich 1998).",
    )
