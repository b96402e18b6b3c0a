"""The usual implementation of this architecture, as tutorials and published code have it.

Kept for comparison only. It is PyTorch's own modules throughout, at the sizes of a configuration:
a `Dataset` and a collate function, random batches, packed sequences, Adam as it comes, and the
loss, accuracy and macro-F1 of every batch. `pad_to` gives the other usual way: every text padded
to one length, and the LSTM run over all of it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np
import torch
from sklearn.metrics import accuracy_score, f1_score
from torch import Tensor, nn
from torch.nn.utils.rnn import pack_padded_sequence, pad_packed_sequence, pad_sequence
from torch.utils.data import DataLoader, Dataset

from roomtone.config import Config
from roomtone.config.model import ModelConfig
from roomtone.config.training import TrainingConfig
from roomtone.data.dataset import SentimentDataset

PAD = 0
UsualBatch = tuple[Tensor, Tensor, Tensor]
Example = tuple[Tensor, int]


class UsualDataset(Dataset[Example]):
    """Encoded texts, one tensor each."""

    def __init__(self, encoded: SentimentDataset) -> None:
        rows = [encoded[row] for row in range(len(encoded))]
        self.texts = [torch.from_numpy(ids.astype(np.int64)) for ids, _ in rows]
        self.labels = [label for _, label in rows]

    def __len__(self) -> int:
        return len(self.texts)

    def __getitem__(self, row: int) -> Example:
        return self.texts[row], self.labels[row]


def collate(examples: Sequence[Example], pad_to: int | None = None) -> UsualBatch:
    """Pad to the longest text, or to one length; give ids, lengths and labels."""
    texts, labels = zip(*examples, strict=True)
    ids = pad_sequence(list(texts), batch_first=True, padding_value=PAD)
    if pad_to is not None:
        ids = nn.functional.pad(ids, (0, pad_to - ids.shape[1]), value=PAD)
    return ids, torch.tensor([len(text) for text in texts]), torch.tensor(labels)


def usual_loader(
    data: SentimentDataset, batch_size: int, *, pad_to: int | None = None, seed: int | None = None
) -> DataLoader[Any]:
    """Load batches at random, or in the order of the rows where there is no seed."""
    return DataLoader(
        UsualDataset(data),
        batch_size=batch_size,
        shuffle=seed is not None,
        generator=None if seed is None else torch.Generator().manual_seed(seed),
        collate_fn=partial(collate, pad_to=pad_to),
        pin_memory=torch.cuda.is_available(),
    )


class UsualNetwork(nn.Module):
    """CNN and BiLSTM side by side, self-attention and mean pooling.

    `packed` runs the LSTM over packed sequences, else over all positions.
    """

    def __init__(self, config: ModelConfig, vocab_size: int, *, packed: bool) -> None:
        super().__init__()
        dim, cnn, lstm = config.embedding_dim, config.cnn, config.bilstm
        self.packed = packed
        self.embedding = nn.Embedding(vocab_size, dim, padding_idx=PAD)
        self.convs = nn.ModuleList(
            nn.Conv1d(dim, cnn.num_filters, size, padding=size // 2) for size in cnn.filter_sizes
        )
        self.lstm = nn.LSTM(
            dim,
            lstm.hidden_size,
            lstm.num_layers,
            batch_first=True,
            bidirectional=True,
            dropout=lstm.dropout if lstm.num_layers > 1 else 0.0,
        )
        states, heads = 2 * lstm.hidden_size, config.attention.num_heads
        self.attention = nn.MultiheadAttention(
            states, heads, dropout=config.attention.dropout, batch_first=True
        )
        self.cnn_dropout, self.lstm_dropout = nn.Dropout(cnn.dropout), nn.Dropout(lstm.dropout)
        layers: list[nn.Module] = []
        width = cnn.num_filters * len(cnn.filter_sizes) + states
        head = config.classifier
        for size, dropout in zip(head.hidden_sizes, head.dropout, strict=True):
            layers += [nn.Linear(width, size), nn.ReLU(), nn.Dropout(dropout)]
            width = size
        self.classifier = nn.Sequential(*layers, nn.Linear(width, config.num_classes))

    def forward(self, ids: Tensor, lengths: Tensor) -> Tensor:
        """Map ids ``[batch, width]`` and lengths ``[batch]`` to logits ``[batch, classes]``."""
        padding = ids == PAD  # [batch, width]
        embedded = self.embedding(ids)  # [batch, width, dim]
        channels = embedded.transpose(1, 2)  # [batch, dim, width]
        phrases = [torch.relu(conv(channels)).amax(dim=2) for conv in self.convs]
        states = self._states(embedded, lengths)  # [batch, width, 2 * hidden]
        attended, _ = self.attention(
            states, states, states, key_padding_mask=padding, need_weights=False
        )
        kept = attended.masked_fill(padding[..., None], 0.0)
        pooled = kept.sum(dim=1) / (~padding).sum(dim=1, keepdim=True)  # [batch, 2 * hidden]
        features = [self.cnn_dropout(torch.cat(phrases, dim=1)), self.lstm_dropout(pooled)]
        logits: Tensor = self.classifier(torch.cat(features, dim=1))
        return logits

    def _states(self, embedded: Tensor, lengths: Tensor) -> Tensor:
        if not self.packed:
            return self.lstm(embedded)[0]  # type: ignore[no-any-return]
        run = pack_padded_sequence(embedded, lengths.cpu(), batch_first=True, enforce_sorted=False)
        return pad_packed_sequence(self.lstm(run)[0], batch_first=True)[0]


@dataclass(frozen=True)
class UsualEpoch:
    """Means over the batches of an epoch, as such a loop prints them, and its texts."""

    texts: int
    loss: float
    accuracy: float
    f1_macro: float


class UsualLoop:
    """Trains a `UsualNetwork`, batch by batch, on a device."""

    def __init__(
        self, network: UsualNetwork, config: TrainingConfig, device: str | torch.device = "cpu"
    ) -> None:
        self.device = torch.device(device)
        self.network, self.clip = network.to(self.device), config.gradient_clip
        self.optimizer = torch.optim.Adam(
            network.parameters(), lr=config.learning_rate, weight_decay=config.weight_decay
        )
        self.criterion = nn.CrossEntropyLoss()

    def epoch(self, loader: DataLoader[Any]) -> UsualEpoch:
        """Train on every batch of a loader; it has ended on the device when this returns."""
        self.network.train()
        texts, scores = 0, []
        for ids, lengths, labels in loader:
            truth = labels.to(self.device, non_blocking=True)
            self.optimizer.zero_grad()
            logits = self.network(ids.to(self.device, non_blocking=True), lengths)
            loss = self.criterion(logits, truth)
            loss.backward()
            nn.utils.clip_grad_norm_(self.network.parameters(), self.clip)
            self.optimizer.step()
            predicted = logits.argmax(dim=1).cpu().numpy()
            accuracy = accuracy_score(labels.numpy(), predicted)
            f1 = f1_score(labels.numpy(), predicted, average="macro", zero_division=0)
            scores.append((loss.item(), accuracy, f1))
            texts += len(labels)
        loss_mean, accuracy_mean, f1_mean = np.mean(scores, axis=0).tolist()
        return UsualEpoch(texts, loss_mean, accuracy_mean, f1_mean)

    @torch.inference_mode()
    def macro_f1(self, loader: DataLoader[Any]) -> float:
        """Score the texts of a loader."""
        self.network.eval()
        predicted, truths = [], []
        for ids, lengths, labels in loader:
            logits = self.network(ids.to(self.device), lengths)
            predicted.append(logits.argmax(dim=1).cpu())
            truths.append(labels)
        found, truth = torch.cat(predicted).numpy(), torch.cat(truths).numpy()
        return float(f1_score(truth, found, average="macro", zero_division=0))


def usual_loop(
    config: Config, vocab_size: int, *, packed: bool, seed: int, device: str = "cpu"
) -> UsualLoop:
    """Build a network with PyTorch's own starting values, and its loop."""
    torch.manual_seed(seed)
    return UsualLoop(UsualNetwork(config.model, vocab_size, packed=packed), config.training, device)
