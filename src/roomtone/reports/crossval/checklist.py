"""The checklist of a cross-validation: what was fixed, what was not, and what nobody recorded.

The items follow the reproducibility checklists of Pineau et al. (2021) and Dodge et al. (2019).
What the record does not say is unknown, and never yes.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from roomtone.reports.checklist import NO, PARTLY, UNKNOWN, UNRECORDED, YES

_INSIDE = frozenset({"tfidf", "hybrid", "ensemble", "stacking", "engine"})
_COPIES = "training part of"  # how the notes speak of copies of a row

Item = tuple[str, str, str]


def checklist(dataset: Mapping[str, Any]) -> list[dict[str, str]]:
    """Fill the checklist in.

    Parameters
    ----------
    dataset : mapping
        The facts of one cross-validation.

    Returns
    -------
    list of dict
        ``area``, ``item``, ``state`` (``"yes"``, ``"no"``, ``"partly"`` or ``"unknown"``) and
        ``detail``.
    """
    areas = {"Data": _data, "Splits": _splits, "Models": _models, "Machine": _machine}
    areas["Statistics"] = _statistics
    return [
        {"area": area, "item": item, "state": state, "detail": detail}
        for area, items in areas.items()
        for item, state, detail in items(dataset)
    ]


def _data(dataset: Mapping[str, Any]) -> Iterator[Item]:
    plan = dataset["plan"]
    files = [f"{f['file']}: SHA-256 {f['sha256'] or 'unknown'}" for f in plan["files"]]
    known = all(file["sha256"] for file in plan["files"])
    yield "Data files identified by a hash", YES if known else UNKNOWN, "; ".join(files)
    counts = ", ".join(f"{name['name']} {name['rows']:,}" for name in plan["classes"])
    yield "Rows of each class counted", YES, counts
    yield "Origin and licence of the data stated", UNKNOWN, UNRECORDED
    yield "Who labelled, and how far labellers agree", UNKNOWN, UNRECORDED
    note = next((note for note in dataset["notes"] if _COPIES in note), None)
    if note is not None:
        yield "No copy of a test row among the training rows", NO, note
    elif dataset["state"]["whole"] and _all_inside(plan):
        yield (
            "No copy of a test row among the training rows",
            YES,
            "None was found, but for case and punctuation; texts said in other words were not "
            "looked for.",
        )
    else:
        yield (
            "No copy of a test row among the training rows",
            UNKNOWN,
            "The record does not say that copies were looked for.",
        )


def _splits(dataset: Mapping[str, Any]) -> Iterator[Item]:
    plan = dataset["plan"]
    by = {
        "stratified": "stratified by class",
        "grouped": f"rows of equal {plan['column']} together",
        "time": f"forward in time by {plan['column']}",
    }[plan["scheme"]]
    counts = ", ".join(f"{model['name']} {model['folds']}" for model in plan["models"])
    yield (
        "Folds fixed and repeatable",
        YES,
        f"{by}; seed {plan['first_seed']}; "
        + (f"dealt {plan['repeats']} times; " if plan["repeats"] > 1 else "dealt once; ")
        + f"folds: {counts}",
    )
    outside = [model["name"] for model in plan["models"] if model["kind"] not in _INSIDE]
    inside = [model["name"] for model in plan["models"] if model["kind"] in _INSIDE]
    state = YES if not outside else PARTLY if inside else UNKNOWN
    detail = (
        f"{', '.join(inside)}: learnt inside the training part of each fold. " if inside else ""
    )
    if outside:
        detail += f"{', '.join(outside)}: what its own fit reads besides is not known."
    yield "Vocabulary, features and weights from the training part alone", state, detail.strip()
    share = plan["validation_share"]
    if share and inside:
        yield (
            "Stopping and calibration without the test part",
            YES if not outside else PARTLY,
            f"{100 * share:g}% of each training part was held out for it.",
        )
    else:
        yield (
            "Stopping and calibration without the test part",
            UNKNOWN,
            "The models had the whole training part; how they stop and calibrate is their own.",
        )
    yield (
        "Number of looks at the test rows",
        UNKNOWN,
        "In this cross-validation each row was tested once a repeat and seed"
        + (", but the earliest never" if plan["scheme"] == "time" else "")
        + ", by models that were not fitted on it. Whether settings were chosen after earlier "
        "looks at these rows is not recorded.",
    )


def _models(dataset: Mapping[str, Any]) -> Iterator[Item]:
    plan = dataset["plan"]
    bare = [model["name"] for model in plan["models"] if model["kind"] == "unknown"]
    yield (
        "All settings recorded",
        YES if not bare else PARTLY if len(bare) < len(plan["models"]) else UNKNOWN,
        "In the table of settings."
        if not bare
        else f"{', '.join(bare)}: named only; their settings stand in the program that made them.",
    )
    yield (
        "How settings were found, and how many were tried",
        UNKNOWN,
        "No search is part of this record.",
    )
    seeds = ", ".join(map(str, plan["seeds"]))
    yield "Seeds fixed", YES, seeds
    state, words = _seeds(dataset)
    yield "Variation between seeds measured", state, words


def _seeds(dataset: Mapping[str, Any]) -> tuple[str, str]:
    count = dataset["plan"]["seed_count"]
    if count < 2:
        return NO, "One seed: how far another start of training would change the scores is unknown."
    fixed = [
        model["name"]
        for model in dataset["models"]
        # Of scores that were never defined nothing is known; what is known has to vary.
        if not any(score["seed_sd"] for score in model["scores"].values())
    ]
    if not fixed:
        return YES, f"{count} seeds in each fold."
    words = f"{count} seeds in each fold, on which these do not depend: {', '.join(fixed)}."
    return NO if len(fixed) == len(dataset["models"]) else PARTLY, words


def _machine(dataset: Mapping[str, Any]) -> Iterator[Item]:
    plan = dataset["plan"]
    named = ", ".join(f"{entry['name']} {entry['version']}" for entry in plan["versions"])
    yield "Versions of Python and packages recorded", YES if named else UNKNOWN, named
    yield (
        "Version of the program's own code recorded",
        PARTLY if named else UNKNOWN,
        ("The release; a commit is not recorded."),
    )
    machines = dataset["machines"]
    yield (
        "Hardware recorded",
        YES if machines["all"] else PARTLY if machines["named"] else UNKNOWN,
        "; ".join(machines["named"]) or UNRECORDED,
    )
    threads = ", ".join(map(str, dataset["threads"]))
    known = len(dataset["threads"])
    yield (
        "Threads recorded",
        UNKNOWN if not known else YES,
        f"{threads} in each model" + ("; more than one number was used" if known > 1 else "")
        if known
        else UNRECORDED,
    )
    switches = {
        model["name"]: model["deterministic"]
        for model in plan["models"]
        if model["deterministic"] is not None
    }
    yield (
        "Deterministic algorithms asked for",
        UNKNOWN if not switches else YES if all(switches.values()) else NO,
        ", ".join(f"{name}: {str(value).lower()}" for name, value in switches.items())
        or "None of the models has a switch for it.",
    )
    seconds = [model["seconds"] for model in dataset["models"]]
    timed = [value for value in seconds if value]
    yield (
        "Time of computing recorded",
        YES if timed and len(timed) == len(seconds) else PARTLY if timed else UNKNOWN,
        f"{sum(timed):,.0f} seconds of fitting and testing in all" if timed else UNRECORDED,
    )


def _statistics(dataset: Mapping[str, Any]) -> Iterator[Item]:
    missing = [
        model["name"] for model in dataset["models"] if model["scores"]["f1_macro"]["low"] is None
    ]
    yield (
        "Scores given with intervals",
        NO if len(missing) == len(dataset["models"]) else PARTLY if missing else YES,
        f"Without one, for want of folds: {', '.join(missing)}" if missing else "All mean scores.",
    )
    families = dataset["comparisons"]
    several = [family for family in families if family["pairs"] > 1]
    if not families:
        yield "Corrected for the number of comparisons", UNKNOWN, "No models were compared."
    else:
        done = all(family["corrected"] for family in several)
        pairs = ", ".join(f"{family['metric_name']} {family['pairs']}" for family in families)
        yield (
            "Corrected for the number of comparisons",
            YES if done else NO,
            f"Holm's procedure within each metric; pairs: {pairs}. Not across metrics."
            if several
            else f"One comparison a metric needs none; pairs: {pairs}.",
        )
    yield (
        "Metric, test and number of rows laid down beforehand",
        UNKNOWN,
        "The record does not say whether they were chosen before the scores were seen.",
    )
    state = dataset["state"]
    yield (
        "All planned fits finished",
        YES if state["cells"] == state["expected"] else NO,
        f"{state['cells']:,} of {state['expected']:,}",
    )


def _all_inside(plan: Mapping[str, Any]) -> bool:
    return all(model["kind"] in _INSIDE for model in plan["models"])
