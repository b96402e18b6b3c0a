"""Training a model on what an account has labelled, beside the one that is in use."""

from __future__ import annotations

from typing import Any

import numpy as np
from django.db import IntegrityError, transaction
from django.utils import timezone

from roomtone.engines import SentimentEngine
from roomtone.errors import DataError, nearest
from roomtone.labels import SENTIMENT
from roomtone_site.analysis.default_model import INVENTED
from roomtone_site.analysis.models import ModelVersion
from roomtone_site.analysis.versions import (
    NoModelError,
    check_name,
    find_version,
    install,
    load_version,
)
from roomtone_site.jobs import stopping
from roomtone_site.jobs.claims import Claim
from roomtone_site.jobs.queueing import enqueue
from roomtone_site.jobs.working import work
from roomtone_site.labelling.evidence import Evidence, labelled_by, trained_here
from roomtone_site.labelling.judging import judge
from roomtone_site.labelling.models import Training

KINDS = {
    "combined": "the model in use, combined with one of your labels (for tens of labels or more)",
    "logreg": "logistic regression on your labels alone (for many hundreds)",
    "svm": "a linear SVM on your labels alone (for thousands)",
}
LEAST = 10
LEAST_TO_CALIBRATE = 30
OPEN = (Training.State.QUEUED, Training.State.RUNNING)


def start_training(owner: Any, *, kind: str = "combined", name: str = "") -> Training:
    """Put a training before the workers.

    Parameters
    ----------
    owner : User
        Whose labels it uses, and whose model it makes.
    kind : str
        A key of `KINDS`.
    name : str
        Of the model; by default the account's own.

    Raises
    ------
    DataError
        If the kind is unknown, too little is labelled, or a training is under way.
    """
    if kind not in KINDS:
        raise DataError(
            f"unknown kind of model {kind!r} (known: {', '.join(KINDS)}){nearest(kind, KINDS)}"
        )
    name = name.strip() or "trained on my labels"
    check_name(name)
    _check(labelled_by(owner))
    try:
        with transaction.atomic():
            training = Training.objects.create(owner=owner, kind=kind, name=name)
            enqueue(training)
    except IntegrityError:
        raise DataError("a training is under way; wait for it, or give it up first") from None
    return training


def run_training(pk: int) -> str:
    """Train, judge, and store the new version, which is not put to use; says what became of it."""
    return work(Training, pk, _train)


def _train(claim: Claim[Training]) -> str:
    with claim.step() as row:
        row.state = Training.State.RUNNING
        row.save()
    evidence = labelled_by(row.owner)
    _check(evidence)
    present = _present(row.owner)
    before = None if present is None else load_version(present)
    engine = _fit(row.kind, evidence, before)
    stopping.check()
    result = judge(evidence, engine, before)
    result["notes"] += _cautions(row, present)
    counts = np.bincount(evidence.labels[evidence.train], minlength=len(SENTIMENT)).tolist()
    trained_on = {
        "labelled": len(evidence.texts),
        "train": {"rows": sum(counts), "label_counts": dict(zip(SENTIMENT, counts, strict=True))},
        "validation": {"rows": int(evidence.validation.sum())},
        "held_out": {"rows": result["rows"]},
    }
    # Nothing is locked while it is fitted; whether it is still wanted is asked at the end.
    with claim.step() as row:
        row.version = install(
            engine,
            row.name,
            owner=row.owner,
            metrics={"held_out": result["scores"].get("new", {})},
            trained_on=trained_on,
        )
        row.present, row.result = present, result
        row.claim, row.state, row.finished = "", Training.State.DONE, timezone.now()
        row.save()
    return "done"


def _cautions(training: Training, present: ModelVersion | None) -> list[str]:
    """Say what favours either model, beside the choice of comments."""
    notes = []
    if present is not None and not trained_here(present):
        notes.append(
            "The model in use was made from invented comments, those of the sample among them: on "
            "the sample it looks better than it is."
            if present.trained_on.get("train", {}).get("what") == INVENTED
            else "The model in use was trained elsewhere. If that was on some of these comments, "
            "it has an advantage here."
        )
    done = Training.objects.owned_by(training.owner).filter(state=Training.State.DONE)
    if tries := done.exclude(pk=training.pk).count():
        notes.append(
            f"This is the model number {tries + 1} that is judged by comments held out here; the "
            "best of several looks better than it is."
        )
    return notes


def _fit(kind: str, evidence: Evidence, present: SentimentEngine | None) -> SentimentEngine:
    from roomtone.engines.fitting import fit_baseline

    splits = {"train": evidence.table(evidence.train, "labels")}
    calibrating = evidence.validation.sum() >= LEAST_TO_CALIBRATE
    if calibrating:
        splits["validation"] = evidence.table(evidence.validation, "labels")
    fitted = fit_baseline("svm" if kind == "svm" else "logreg", splits, SENTIMENT)
    if kind != "combined" or present is None:
        return fitted
    return _combined(evidence, fitted, present)


def _combined(
    evidence: Evidence, fitted: SentimentEngine, present: SentimentEngine
) -> SentimentEngine:
    """Weigh the two by the validation comments, or where these are few, equally."""
    from roomtone.engines.ensemble import EnsembleEngine
    from roomtone.engines.ensemble_fit import fit_weights

    base = getattr(present, "models", {}).get("base", present)  # not one within the other for ever
    models = {"base": base, "labels": fitted}
    weights = None
    if evidence.validation.sum() >= LEAST_TO_CALIBRATE:
        rows = evidence.table(evidence.validation, "labels")
        weights = fit_weights(models, rows.texts, rows.labels).weights
    return EnsembleEngine(models, weights, name="combined")


def _present(owner: Any) -> ModelVersion | None:
    try:
        return find_version(owner)
    except NoModelError:
        return None


def _check(evidence: Evidence) -> None:
    many = len(evidence.texts)
    if many < LEAST:
        raise DataError(
            f"{many} different comments are labelled, and {LEAST} are needed; label more first"
        )
    train = evidence.labels[evidence.train]
    if len(set(train.tolist())) < 2:
        raise DataError(
            "the labelled comments to train on are all of one class; label more of the others first"
        )
