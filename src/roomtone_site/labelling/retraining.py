"""Training a model on what an account has labelled, beside the one that is in use."""

from __future__ import annotations

import logging
from typing import Any

import numpy as np
from django.db import IntegrityError, transaction
from django.utils import timezone

from roomtone.engines import SentimentEngine
from roomtone.errors import CheckpointError, DataError, RoomtoneError, nearest
from roomtone.labels import SENTIMENT
from roomtone_site.analysis.models import ModelVersion
from roomtone_site.analysis.versions import (
    NoModelError,
    check_name,
    find_version,
    install,
    load_version,
)
from roomtone_site.labelling.evidence import Evidence, labelled_by
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
_log = logging.getLogger("roomtone_site.labelling")


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
    from roomtone_site.labelling.tasks import train

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
            train.enqueue(training.pk)
    except IntegrityError:
        raise DataError("a training is under way; wait for it, or give it up first") from None
    return training


def give_up(training: Training) -> None:
    """Let a training that is under way, or whose worker is gone, come to nothing."""
    Training.objects.filter(pk=training.pk, state__in=OPEN).update(
        state=Training.State.FAILED, message="You gave it up.", finished=timezone.now()
    )


def run_training(pk: int) -> str:
    """Train, judge, and store the new version, which is not put to use; says what became of it."""
    waiting = Training.objects.filter(pk=pk, state__in=OPEN)
    if not waiting.update(state=Training.State.RUNNING, started=timezone.now()):
        return "nothing to do"
    training = waiting.select_related("owner").get()
    try:
        return _run(training)
    except CheckpointError as error:
        _log.error("training %s: %s", pk, error)  # its text names folders of the server
        return _failed(training, "The model in use cannot be loaded; ask whoever runs the site.")
    except RoomtoneError as error:
        return _failed(training, str(error))
    except Exception:
        _failed(training, "Something went wrong here; it was noted.")
        raise


def _run(training: Training) -> str:
    evidence = labelled_by(training.owner)
    _check(evidence)
    present = _present(training.owner)
    before = None if present is None else load_version(present)
    engine = _fit(training.kind, evidence, before)
    result = judge(evidence, engine, before)
    counts = np.bincount(evidence.labels[evidence.train], minlength=len(SENTIMENT)).tolist()
    trained_on = {
        "labelled": len(evidence.texts),
        "train": {"rows": sum(counts), "label_counts": dict(zip(SENTIMENT, counts, strict=True))},
        "validation": {"rows": int(evidence.validation.sum())},
        "held_out": {"rows": result["rows"]},
    }
    # Nothing is locked while it is fitted; whether it is still wanted is asked at the end.
    with transaction.atomic():
        still = Training.objects.select_for_update().filter(
            pk=training.pk, state=Training.State.RUNNING
        )
        row = still.first()
        if row is None:
            return "given up"
        row.version = install(
            engine,
            training.name,
            owner=training.owner,
            metrics={"held_out": result["scores"].get("new", {})},
            trained_on=trained_on,
        )
        row.present, row.result = present, result
        row.state, row.finished = Training.State.DONE, timezone.now()
        row.save()
    return "done"


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


def _failed(training: Training, message: str) -> str:
    Training.objects.filter(pk=training.pk, state=Training.State.RUNNING).update(
        state=Training.State.FAILED, message=message, finished=timezone.now()
    )
    return "failed"
