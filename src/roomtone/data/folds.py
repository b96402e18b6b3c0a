"""Stratified folds of a data set as pairs of loaders."""

from __future__ import annotations

import numpy as np

from roomtone.data.batches import BatchLoader
from roomtone.data.dataset import SentimentDataset
from roomtone.errors import DataError, require


def create_k_fold_loaders(
    dataset: SentimentDataset,
    n_folds: int = 10,
    fold_index: int = 0,
    batch_size: int = 32,
    seed: int = 42,
) -> tuple[BatchLoader, BatchLoader]:
    """Split a data set into stratified folds and load one of them.

    Parameters
    ----------
    dataset : SentimentDataset
        All texts.
    n_folds : int
        Number of folds.
    fold_index : int
        The fold that validates, from 0.
    batch_size : int
        Texts in a batch.
    seed : int
        Decides the folds and the order of the training batches.

    Returns
    -------
    tuple of BatchLoader
        Training and validation loader.

    Raises
    ------
    DataError
        If there is no such fold, or a class has fewer texts than there are folds.
    """
    selection = require("sklearn.model_selection", extra="baselines", purpose="Cross-validation")
    if not 0 <= fold_index < n_folds:
        raise DataError(f"fold_index: found {fold_index}, expected 0 to {n_folds - 1}")
    counts = np.bincount(dataset.labels, minlength=1)
    rarest = counts[counts > 0].min(initial=len(dataset))
    if n_folds < 2 or rarest < n_folds:
        raise DataError(
            f"n_folds: found {n_folds}, expected 2 to {rarest}, "
            f"since the rarest class has {rarest} text(s)"
        )
    folds = selection.StratifiedKFold(n_folds, shuffle=True, random_state=seed)
    train, val = list(folds.split(dataset.labels, dataset.labels))[fold_index]
    return (
        BatchLoader(dataset, batch_size, shuffle=True, seed=seed, indices=train),
        BatchLoader(dataset, batch_size, indices=val),
    )
