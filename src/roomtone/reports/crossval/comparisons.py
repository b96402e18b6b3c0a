"""The comparisons of a cross-validation, arranged as a report shows them."""

from __future__ import annotations

from typing import Any

from roomtone.experiments.record import CrossValidation, Plan
from roomtone.stats.naming import metric_name

_POSTERIOR = "bayesian_correlated_t"
_SIZES = ("odds_ratio", "odds_ratio_interval", "cohens_g", "cohens_g_interval")
_METHODS = {
    "corrected_t": "the corrected resampled t-test",
    "bayesian_correlated_t": "the Bayesian correlated t-test",
    "alpaydin_f": "the combined 5×2cv F-test",
    "dietterich_t": "the 5×2cv t-test",
    "wilcoxon": "Wilcoxon's signed-rank test",
    "friedman": "Friedman's test",
    "paired_permutation": "a paired permutation test",
    "mcnemar_midp": "McNemar's mid-p test",
    "mcnemar_exact": "McNemar's exact test",
    "cochran_q": "Cochran's Q test",
    "seeds_and_rows": "a t-test over seeds and rows",
    "aso": "almost stochastic order",
}


def method_name(method: str) -> str:
    """Name a test in running text."""
    return _METHODS.get(method, method.replace("_", " "))


def families(record: CrossValidation, plan: Plan) -> list[dict[str, Any]]:
    """Group comparisons that were corrected together: one metric, one test, the same folds.

    What the Bayesian test says of a pair stands in the pair's row.
    """
    found: dict[tuple[Any, ...], list[dict[str, Any]]] = {}
    posterior: dict[tuple[Any, ...], dict[str, Any]] = {}
    for row in record.comparisons:
        # A record of a framework's evaluation may not say; its models share their folds.
        folds = row.get("folds") or max(plan.folds.values())
        if row["method"] == _POSTERIOR:
            posterior[row["metric"], folds, row["model"], row["reference"]] = row
        else:
            found.setdefault((row["metric"], row["method"], folds), []).append(row)
    return [
        _family(metric, method, folds, rows, posterior)
        for (metric, method, folds), rows in found.items()
    ]


def _family(
    metric: str,
    method: str,
    folds: int,
    rows: list[dict[str, Any]],
    posterior: dict[tuple[Any, ...], dict[str, Any]],
) -> dict[str, Any]:
    beliefs = [posterior.get((metric, folds, row["model"], row["reference"])) for row in rows]
    known = [belief for belief in beliefs if belief is not None]
    pairs = [row for row in rows if row["model"] is not None]
    # Of each with each, the model ahead is named first; against one reference, the reference last.
    several = len({row["reference"] for row in pairs}) > 1
    sources = [name for row in (*rows, *known) for name in row["sources"]]
    return {
        "metric": metric,
        "metric_name": metric_name(metric),
        "method": method,
        "method_name": method_name(method),
        "folds": folds,
        "confidence": rows[0]["confidence"],
        "level": round(1 - rows[0]["confidence"], 12),
        "pairs": len(pairs),
        "corrected": any(row["adjusted_p"] is not None for row in pairs),
        "decided": sum(row["outcome"] in ("better", "worse") for row in pairs),
        "decision": list(rows[0]["decision"]),
        "rope": next((b["effects"]["rope"] for b in known if "rope" in b["effects"]), None),
        "sources": list(dict.fromkeys(sources)),
        "rows": [
            _row(row, belief, folds, turn=several)
            for row, belief in zip(rows, beliefs, strict=True)
        ],
    }


def _row(
    row: dict[str, Any], belief: dict[str, Any] | None, folds: int, *, turn: bool
) -> dict[str, Any]:
    # A pair that cannot be tested has a row without a posterior.
    chances = {} if belief is None else belief["effects"].get("posterior", {})
    found = {
        "model": row["model"],
        "reference": row["reference"],
        "folds": folds,
        **{key: row[key] for key in ("difference", "low", "high", "statistic", "p_value")},
        "adjusted_p": row["adjusted_p"],
        "p": row["p_value"] if row["adjusted_p"] is None else row["adjusted_p"],
        "outcome": row["outcome"],
        "note": row["note"],
        **{key: row["effects"].get(key) for key in ("rows_needed", *_SIZES)},
        "chances": {name: chances.get(name) for name in ("better", "equivalent", "worse")},
    }
    if not turn or (found["difference"] or 0) >= 0:
        return found
    return _turned(found, signed=row["method"] != "alpaydin_f")


def _turned(row: dict[str, Any], *, signed: bool) -> dict[str, Any]:
    """See a pair from the other model; an F has no sign to turn."""

    def negated(key: str) -> float | None:
        return None if row[key] is None else -row[key]

    def inverse(odds: float) -> float | None:
        return 1 / odds if odds else None

    chances, odds = row["chances"], row["odds_ratio"]
    if row["cohens_g"] is not None:
        ends = row["odds_ratio_interval"]
        row = {
            **row,
            # Without a row that the first alone has right, the other's odds have no bound.
            "odds_ratio": 0.0 if odds is None else inverse(odds),
            "odds_ratio_interval": [
                0.0 if ends[1] is None else inverse(ends[1]),
                None if ends[0] is None else inverse(ends[0]),
            ],
            "cohens_g": negated("cohens_g"),
            "cohens_g_interval": [-end for end in row["cohens_g_interval"][::-1]],
        }
    return {
        **row,
        "model": row["reference"],
        "reference": row["model"],
        "difference": negated("difference"),
        "low": negated("high"),
        "high": negated("low"),
        "statistic": negated("statistic") if signed else row["statistic"],
        "outcome": {"better": "worse", "worse": "better"}.get(row["outcome"], row["outcome"]),
        "chances": {**chances, "better": chances["worse"], "worse": chances["better"]},
    }
