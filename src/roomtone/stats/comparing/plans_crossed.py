"""The test for models trained with several seeds, on the rows of one test set."""

from __future__ import annotations

import numpy as np

from roomtone.stats.comparing.evidence_rows import SeedPredictions
from roomtone.stats.comparing.plans import Options, Plan, choose
from roomtone.stats.comparing.result import Finding, NotComparable
from roomtone.stats.comparing.seeds_and_rows import seeds_and_rows
from roomtone.stats.naming import metric_name


def plan_crossed(evidence: SeedPredictions, options: Options) -> Plan:
    """Plan for predictions of several seeds on one test set."""
    labels, table = evidence.columns()
    choose(options.method, ("seeds_and_rows",))
    reasons = (
        f"The evidence is the {metric_name(evidence.metric)} on one test set of "
        f"{labels.size:,} rows, its mean "
        f"over the seeds that each model was trained with "
        f"({', '.join(f'{name}: {len(of_model)}' for name, of_model in table.items())}).",
        "Every seed's model is tested on every row, and there could be other seeds and other rows: "
        "hence the variance of the mean difference is that between seeds, and besides that of the "
        "rows which all seeds share (Obuchowski and Rockette 1995), with a t-distribution for the "
        "test and the interval (Hillis 2007).",
    )

    def pair(model: str, reference: str) -> Finding:
        seeds = [seed for seed in table[reference] if seed in table[model]]
        if not seeds:
            raise NotComparable(f"{model} and {reference} have no finished seed in common")
        ours, theirs = (np.stack([table[n][s] for s in seeds]) for n in (model, reference))
        return seeds_and_rows(
            *(labels, ours, theirs, evidence.num_classes, evidence.metric),
            confidence=options.confidence,
            resamples=min(options.resamples, 2000),
            seed=options.seed,
        )

    return Plan("seeds_and_rows", reasons, pair)
