"""Tests for scores of folds, of data sets and of seeds."""

from __future__ import annotations

from roomtone.stats.comparing.correlated import bayesian_correlated_t, corrected_t
from roomtone.stats.comparing.dominance import THRESHOLD, almost_stochastic_order
from roomtone.stats.comparing.evidence import DatasetScores, FoldScores, SeedScores
from roomtone.stats.comparing.five_by_two import alpaydin_f, dietterich_t
from roomtone.stats.comparing.plans import Options, Plan, choose
from roomtone.stats.comparing.result import Finding
from roomtone.stats.comparing.several import friedman
from roomtone.stats.comparing.wilcoxon import wilcoxon
from roomtone.stats.naming import metric_name


def plan_folds(evidence: FoldScores, options: Options) -> Plan:
    """Plan for scores of folds."""
    table, ratio = evidence.table(), evidence.ratio()
    count = next(iter(table.values())).size
    five_by_two = (evidence.repeats, count) == (5, 10)
    f_tests = ("alpaydin_f", "dietterich_t") if five_by_two else ()
    method = choose(options.method, (*f_tests, "corrected_t", "bayesian_correlated_t"))
    dealt = f"{count} folds" + (f" in {evidence.repeats} repeats" if evidence.repeats > 1 else "")
    reasons = [
        f"The evidence is the {metric_name(evidence.metric)} on {dealt} of one data set, "
        "the same for all.",
        "Training parts of folds overlap, so that fold scores are correlated and a plain t-test "
        "rejects true nulls too often (Dietterich 1998).",
    ]
    reasons.append(
        {
            "corrected_t": "Hence the corrected resampled t-test, which takes the variance of the "
            f"mean as (1/{count} + {ratio:.3g}) times that of the differences (Nadeau and Bengio "
            "2003; Bouckaert and Frank 2004).",
            "bayesian_correlated_t": "Asked for: the Bayesian correlated t-test, which gives the "
            f"probabilities that a model is worse, equivalent (within {options.rope:g}) and better "
            "(Corani and Benavoli 2015; Benavoli et al. 2017).",
            "alpaydin_f": "Five repeats of two folds call for the combined 5×2cv F-test, which "
            "takes the variance from within the repeats (Alpaydin 1999).",
            "dietterich_t": "Asked for: the 5×2cv t-test, which hangs on the first fold "
            "(Dietterich 1998).",
        }[method]
    )
    if len(table) > 2:
        reasons.append("Folds are no independent data sets: Friedman's test over them is not made.")

    def pair(model: str, reference: str) -> Finding:
        differences = table[model] - table[reference]
        if method == "corrected_t":
            return corrected_t(differences, ratio, options.confidence)
        if method == "bayesian_correlated_t":
            return bayesian_correlated_t(differences, ratio, options.rope, options.confidence)
        test = alpaydin_f if method == "alpaydin_f" else dietterich_t
        return test(differences, options.confidence)

    return Plan(method, tuple(reasons), pair)


def plan_datasets(evidence: DatasetScores, options: Options) -> Plan:
    """Plan for scores on several data sets."""
    table = evidence.table()
    choose(options.method, ("wilcoxon",))
    reasons = [
        f"The evidence is the {metric_name(evidence.metric)} on "
        f"{len(evidence.datasets)} data sets, which are "
        "taken to be independent.",
        "Scores of different data sets are not on one scale: Wilcoxon's signed-rank test compares "
        "two models by ranks, exactly (Wilcoxon 1945; Demšar 2006).",
    ]

    def pair(model: str, reference: str) -> Finding:
        return wilcoxon(table[model] - table[reference], options.confidence)

    if len(table) == 2:
        return Plan("wilcoxon", tuple(reasons), pair)
    reasons.append(
        "Whether all models are alike is told by Friedman's test, its p-value by permutation; "
        "pairs by Wilcoxon's and not by mean ranks, which would hang on the other models "
        "(Benavoli, Corani and Mangili 2016)."
    )

    def overall() -> Finding:
        return friedman(table, resamples=options.resamples, seed=options.seed)

    return Plan("wilcoxon", tuple(reasons), pair, ("friedman", overall))


def plan_seeds(evidence: SeedScores, options: Options) -> Plan:
    """Plan for scores over seeds."""
    table = evidence.table()
    choose(options.method, ("aso",))
    reasons = (
        f"The evidence is the {metric_name(evidence.metric)} over seeds, on the same training "
        "and test rows.",
        "Whole distributions of scores are compared by almost stochastic order: ε_min below "
        f"{THRESHOLD:g} says that a model is nearly never behind (Dror, Shlomov and Reichart 2019; "
        "Ulmer, Hardmeier and Frellsen 2022).",
        "Beside it stands a permutation test of the means, whose level is exact (Noreen 1989).",
        "What is found holds for this one test set.",
    )

    def pair(model: str, reference: str) -> Finding:
        return almost_stochastic_order(
            table[model],
            table[reference],
            confidence=options.confidence,
            comparisons=options.comparisons,
            resamples=options.resamples,
            seed=options.seed,
        )

    return Plan("aso", reasons, pair)
