"""Running a network over a loader without training it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch

from roomtone.config.monitor import EPOCH_METRICS
from roomtone.data.batches import BatchLoader
from roomtone.nets import HybridNetwork
from roomtone.nets.products import fast_products
from roomtone.stats.metrics import ClassificationMetrics, classification_metrics
from roomtone.training.optimisation import WeightedLoss


@dataclass(frozen=True)
class Evaluation:
    """What a network says about the rows of a loader.

    Attributes
    ----------
    probs : ndarray
        Probabilities, float64, ``[rows, num_classes]``.
    predicted : ndarray
        Most probable class, ``[rows]``.
    loss : float
        Mean cross-entropy with the training's class weights.
    metrics : ClassificationMetrics
        Accuracy, F1 and the rest.
    """

    probs: np.ndarray
    predicted: np.ndarray
    loss: float
    metrics: ClassificationMetrics


@fast_products()
@torch.inference_mode()
def evaluate(
    network: HybridNetwork,
    loader: BatchLoader,
    loss: WeightedLoss,
    *,
    device: torch.device,
    precision: str = "fp32",
) -> Evaluation:
    """Evaluate a network; its mode (training or not) is as before afterwards."""
    was_training = network.training
    network.eval()
    criterion = WeightedLoss(loss.weights)
    rows, scores, sums = [], [], []
    for batch in loader.batches(epoch=0, device=device):
        with autocast(device, precision):
            scores.append(network(batch.input_ids, batch.lengths).logits)
        mean, mass = criterion(scores[-1], batch.labels)
        sums.append(torch.stack([mean * mass, mass.float()]))
        rows.append(batch.rows)
    network.train(was_training)
    # Only now does the host wait for the device.
    total, weight = torch.stack(sums).cpu().double().sum(dim=0).tolist()
    place = torch.from_numpy(np.argsort(np.concatenate(rows)))
    probs = torch.cat(scores).cpu()[place].double().softmax(dim=1).numpy()
    predicted = probs.argmax(axis=1)
    metrics = classification_metrics(loader.labels, predicted, probs.shape[1], probs)
    return Evaluation(probs, predicted, total / weight, metrics)


def autocast(device: torch.device, precision: str) -> torch.autocast:
    """Choose the arithmetic of the forward pass: float32, or bfloat16 where it is safe."""
    return torch.autocast(device.type, dtype=torch.bfloat16, enabled=precision == "bf16")


def epoch_metrics(
    split: str, loss: float, metrics: ClassificationMetrics, names: tuple[str, ...]
) -> dict[str, float]:
    """Name the metrics of an epoch as the history does: ``val_f1_macro``, ``val_f1_negative``."""
    # The classes come first, so that one called "macro" cannot pass for the macro average.
    values = {f"{split}_f1_{name}": f1 for name, f1 in zip(names, metrics.f1, strict=True)}
    values |= {f"{split}_{m}": float(getattr(metrics, m)) for m in EPOCH_METRICS if m != "loss"}
    return {f"{split}_loss": loss, **values}
