"""The reproducibility checklist of one run, filled in from its manifest and settings.

The items follow Pineau et al. (2021) and Dodge et al. (2019). What nobody recorded is unknown.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from roomtone.reports.checklist import NO, PARTLY, UNKNOWN, UNRECORDED, YES
from roomtone.reports.run_folder import RunResult
from roomtone.reports.wording import described

Item = tuple[str, str, str, str]


def run_checklist(run: RunResult) -> list[dict[str, str]]:
    """Fill the checklist in: ``area``, ``item``, ``state`` and ``detail``."""
    return [
        dict(zip(("area", "item", "state", "detail"), item, strict=True))
        for part in (_data, _training, _machine, _statistics)
        for item in part(run)
    ]


def _data(run: RunResult) -> Iterator[Item]:
    data = run.manifest.get("data")
    files = [entry for entry in data.values() if isinstance(entry, Mapping)] if data else []
    hashed = [f"{entry.get('file')}: SHA-256 {entry.get('sha256') or 'unknown'}" for entry in files]
    whole = bool(files) and all(entry.get("sha256") for entry in files)
    yield (
        "Data",
        "Data files identified by a hash",
        YES if whole else PARTLY if any(entry.get("sha256") for entry in files) else UNKNOWN,
        "; ".join(hashed) or UNRECORDED,
    )
    yield "Data", "Origin and licence of the data stated", UNKNOWN, UNRECORDED
    yield "Data", "Who labelled, and how far labellers agree", UNKNOWN, UNRECORDED
    leaks = {
        pair: overlap.get("normalized", overlap.get("exact"))
        for pair, overlap in run.data.leakage.items()
    }
    found = [f"{pair} {count}" for pair, count in leaks.items() if count]
    yield (
        "Data",
        "No text in two splits",
        NO if found else YES if leaks and None not in leaks.values() else UNKNOWN,
        f"Rows of the later split that stand in the earlier one: {', '.join(found)}"
        if found
        else "None, but for case and punctuation."
        if leaks
        else "The record does not say that copies were looked for.",
    )
    tested = run.evaluation.split == "test"
    yield (
        "Data",
        "Tested on rows that chose nothing",
        YES if tested else NO,
        "The test split; the best epoch was chosen on the validation split."
        if tested
        else "The scores are of the rows that chose the best epoch, too.",
    )
    yield (
        "Data",
        "Number of looks at the test rows",
        UNKNOWN,
        "This run tested them once, at its end; what other runs did is not recorded.",
    )


def _training(run: RunResult) -> Iterator[Item]:
    yield "Training", "All settings recorded", YES, "In config.yaml, defaults included."
    seed = run.manifest.get("seed")
    yield (
        "Training",
        "Seed fixed",
        UNKNOWN if seed is None else YES,
        UNRECORDED if seed is None else str(seed),
    )
    yield (
        "Training",
        "Variation between seeds measured",
        NO,
        "One run: how far another seed would change the scores is not known.",
    )
    switch = run.config.get("deterministic")
    yield (
        "Training",
        "Deterministic algorithms asked for",
        UNKNOWN if switch is None else YES if switch else NO,
        UNRECORDED if switch is None else str(switch).lower(),
    )
    yield (
        "Training",
        "How settings were found, and how many were tried",
        UNKNOWN,
        "No search is part of this record.",
    )


def _machine(run: RunResult) -> Iterator[Item]:
    manifest = run.manifest
    packages = manifest.get("packages") or {}
    named = ", ".join(f"{name} {version}" for name, version in packages.items())
    yield (
        "Machine",
        "Versions of Python and packages recorded",
        YES if manifest.get("python") and named else PARTLY if named else UNKNOWN,
        f"python {manifest.get('python', 'unknown')}, {named}" if named else UNRECORDED,
    )
    yield (
        "Machine",
        "Version of the program's own code recorded",
        PARTLY if manifest.get("roomtone") else UNKNOWN,
        f"roomtone {manifest.get('roomtone', 'unknown')}; a commit is not recorded",
    )
    shown = described(manifest.get("hardware"))
    yield "Machine", "Hardware recorded", YES if shown else UNKNOWN, shown or UNRECORDED
    for key, item in (("threads", "Threads recorded"), ("device", "Device recorded")):
        value = manifest.get(key)
        state = UNKNOWN if value is None else YES
        yield "Machine", item, state, UNRECORDED if value is None else str(value)
    times: Any = manifest.get("wall_seconds")
    known = isinstance(times, Mapping) and bool(times)
    yield (
        "Machine",
        "Time of computing recorded",
        YES if known else UNKNOWN,
        ", ".join(f"{name} {value} s" for name, value in times.items()) if known else UNRECORDED,
    )


def _statistics(run: RunResult) -> Iterator[Item]:
    intervals = run.evaluation.intervals
    yield (
        "Statistics",
        "Scores given with intervals",
        YES if intervals else NO,
        "Over rows, not over runs." if intervals else "None were computed.",
    )
    baseline = run.manifest.get("baseline")
    yield (
        "Statistics",
        "Compared with other models by a test",
        NO,
        "A baseline's score stands beside it, untested."
        if baseline
        else "One model; compare models by a cross-validation.",
    )
