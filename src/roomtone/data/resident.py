"""Encoded texts that live on a device, where batches are put together without the host."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
import torch
from torch import Tensor

from roomtone.data.dataset import SentimentDataset


class ResidentTexts:
    """The token codes and labels of a data set, copied to a device once.

    Parameters
    ----------
    dataset : SentimentDataset
        The texts; about 4 bytes a token and 24 a text go to the device.
    device : torch.device
        Where to.
    """

    def __init__(self, dataset: SentimentDataset, device: torch.device) -> None:
        self.device = device
        self._host_lengths = dataset.lengths
        self._ids = self._put(dataset.ids)  # [tokens]
        self._starts = self._put(dataset.offsets[:-1])  # [texts]
        self._lengths = self._put(dataset.lengths)  # [texts]
        self._labels = self._put(dataset.labels)  # [texts]
        self._place = torch.arange(int(dataset.lengths.max(initial=0)), device=device)

    def draw(self, plan: Sequence[np.ndarray]) -> Iterator[tuple[Tensor, Tensor, Tensor]]:
        """Put batches together.

        How wide each becomes is known on the host, and the rows of all are sent at once; so the
        host can run ahead of the device by as many batches as it likes.

        Parameters
        ----------
        plan : sequence of ndarray
            Rows of the data set that make up each batch.

        Yields
        ------
        tuple of Tensor
            Token codes padded with 0, int64, ``[batch, width]``; lengths and labels, int64,
            ``[batch]``.
        """
        if not plan:
            return
        order = self._put(np.concatenate(plan))
        chosen = [
            part.index_select(0, order) for part in (self._starts, self._lengths, self._labels)
        ]
        sizes = [len(rows) for rows in plan]
        parts = zip(*(torch.split(part, sizes) for part in chosen), strict=True)
        for rows, (starts, lengths, labels) in zip(plan, parts, strict=True):
            yield (
                self._padded(starts, lengths, int(self._host_lengths[rows].max())),
                lengths,
                labels,
            )

    def _padded(self, starts: Tensor, lengths: Tensor, width: int) -> Tensor:
        place = self._place[:width]
        inside = place < lengths[:, None]  # [batch, width]
        where = (starts[:, None] + place) * inside  # padding reads the first token of all
        return (self._ids[where] * inside).long()

    def _put(self, values: np.ndarray) -> Tensor:
        tensor = torch.from_numpy(np.ascontiguousarray(values))
        # Only from memory that stays in its place can the device fetch while the host goes on.
        pinned = tensor.pin_memory() if self.device.type == "cuda" else tensor
        return pinned.to(self.device, non_blocking=True)
