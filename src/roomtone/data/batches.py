"""Batches of texts of like length, in an order that depends on the seed and the epoch alone."""

from __future__ import annotations

import math
from collections import deque
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from roomtone.data.dataset import SentimentDataset
from roomtone.data.resident import ResidentTexts
from roomtone.text import EncodedTexts

POOL = 100


@dataclass(frozen=True)
class Batch:
    """Some texts, padded to the longest of them.

    Attributes
    ----------
    input_ids : Tensor
        Token codes, padded with 0 on the right, int64, ``[batch, width]``.
    lengths : Tensor
        Tokens of each text, int64, ``[batch]``.
    labels : Tensor
        Class codes, int64, ``[batch]``.
    rows : ndarray
        Which rows of the loader these are, int64, ``[batch]``.
    """

    input_ids: Tensor
    lengths: Tensor
    labels: Tensor
    rows: np.ndarray

    def to(self, device: torch.device) -> Batch:
        """Copy the tensors to a device."""
        if device.type == "cpu":
            return self
        return Batch(
            self.input_ids.to(device, non_blocking=True),
            self.lengths.to(device, non_blocking=True),
            self.labels.to(device, non_blocking=True),
            self.rows,
        )


class BatchLoader:
    """Draws the batches of a data set, or of some of its rows.

    Shuffled batches are made from pools of texts drawn at random and sorted by length, so
    that little is padding and still no two epochs hold the same batches.

    Parameters
    ----------
    dataset : SentimentDataset
        The texts.
    batch_size : int
        Texts in a batch; the last one may have fewer.
    shuffle : bool
        Draw at random, as for training; else by length, as for testing.
    seed : int
        With the epoch's number, what the order depends on.
    indices : ndarray, optional
        Rows of the data set to draw from, all where not given.
    num_workers : int
        Threads that prepare batches ahead; 0 prepares each when it is asked for. A CUDA device
        puts its batches together itself and needs none.
    """

    def __init__(
        self,
        dataset: SentimentDataset,
        batch_size: int = 32,
        *,
        shuffle: bool = False,
        seed: int = 42,
        indices: np.ndarray | None = None,
        num_workers: int = 0,
    ) -> None:
        self.dataset = dataset
        self.batch_size = batch_size
        self.shuffle = shuffle
        self.seed = seed
        self.indices = np.arange(len(dataset)) if indices is None else np.asarray(indices)
        self.num_workers = num_workers
        self._lengths = dataset.lengths[self.indices]
        self._resident: ResidentTexts | None = None

    def __len__(self) -> int:
        return math.ceil(len(self.indices) / self.batch_size)

    def __iter__(self) -> Iterator[Batch]:
        return self.batches(epoch=0)

    @property
    def labels(self) -> np.ndarray:
        """Class codes of the loader's rows, int64, ``[rows]``."""
        return self.dataset.labels[self.indices]

    def batches(
        self, epoch: int, start: int = 0, *, device: torch.device | None = None
    ) -> Iterator[Batch]:
        """Yield the batches of an epoch.

        Parameters
        ----------
        epoch : int
            Number of the epoch.
        start : int
            How many batches to pass over, as when resuming within an epoch.
        device : torch.device, optional
            Where the tensors shall be; on the processor where not given. On a CUDA device the
            texts stay from the first epoch on, and no batch waits for the host.
        """
        plan = self.plan(epoch)[start:]
        if device is None or device.type == "cpu":
            yield from self._on_host(plan)
        elif device.type == "cuda":
            yield from self._on_device(plan, device)
        else:
            yield from (batch.to(device) for batch in self._on_host(plan))

    def _on_device(self, plan: list[np.ndarray], device: torch.device) -> Iterator[Batch]:
        if self._resident is None or self._resident.device != device:
            self._resident = ResidentTexts(self.dataset, device)
        drawn = self._resident.draw([self.indices[rows] for rows in plan])
        for rows, tensors in zip(plan, drawn, strict=True):
            yield Batch(*tensors, rows)

    def _on_host(self, plan: list[np.ndarray]) -> Iterator[Batch]:
        if not self.num_workers:
            yield from map(self._collate, plan)
            return
        with ThreadPoolExecutor(self.num_workers, thread_name_prefix="roomtone-batches") as pool:
            ahead: deque[Future[Batch]] = deque()
            for rows in plan:
                ahead.append(pool.submit(self._collate, rows))
                if len(ahead) > 2 * self.num_workers:
                    yield ahead.popleft().result()
            while ahead:
                yield ahead.popleft().result()

    def plan(self, epoch: int) -> list[np.ndarray]:
        """Decide which rows form each batch of an epoch; each row stands in exactly one."""
        if not self.shuffle:
            return self._split(np.argsort(self._lengths, kind="stable"))
        rng = np.random.default_rng([self.seed, epoch])
        order = rng.permutation(len(self.indices))
        size = POOL * self.batch_size
        pools = [order[at : at + size] for at in range(0, len(order), size)]
        batches = [batch for pool in pools for batch in self._split(self._by_length(pool))]
        return [batches[at] for at in rng.permutation(len(batches))]

    def _by_length(self, rows: np.ndarray) -> np.ndarray:
        return rows[np.argsort(self._lengths[rows], kind="stable")]

    def _split(self, rows: np.ndarray) -> list[np.ndarray]:
        return [rows[at : at + self.batch_size] for at in range(0, len(rows), self.batch_size)]

    def _collate(self, rows: np.ndarray) -> Batch:
        chosen = self.indices[rows]
        ids, lengths = EncodedTexts(self.dataset.ids, self.dataset.offsets).padded(chosen)
        labels = torch.from_numpy(self.dataset.labels[chosen])
        return Batch(torch.from_numpy(ids), torch.from_numpy(lengths), labels, rows)
