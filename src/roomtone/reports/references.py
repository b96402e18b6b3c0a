"""The literature behind what a run used."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from roomtone.reports.run_folder import RunResult

_NETWORK = (
    (
        "Convolutions over words",
        "Kim (2014). Convolutional neural networks for sentence classification. EMNLP, 1746–1751.",
    ),
    (
        "Bidirectional LSTM",
        "Graves & Schmidhuber (2005). Framewise phoneme classification with bidirectional LSTM and "
        "other neural network architectures. Neural Networks 18(5–6), 602–610.",
    ),
    (
        "Multi-head self-attention",
        "Vaswani et al. (2017). Attention is all you need. NeurIPS 30, 5998–6008.",
    ),
)
_GLOVE = (
    "GloVe word vectors",
    "Pennington, Socher & Manning (2014). GloVe: global vectors for word representation. "
    "EMNLP, 1532–1543.",
)
_WORD2VEC = (
    "word2vec word vectors",
    "Mikolov et al. (2013). Distributed representations of words and phrases and their "
    "compositionality. NeurIPS 26, 3111–3119.",
)
_ADAM = ("Adam", "Kingma & Ba (2015). Adam: a method for stochastic optimization. ICLR.")
_ADAMW = ("AdamW", "Loshchilov & Hutter (2019). Decoupled weight decay regularization. ICLR.")
_METRICS = (
    (
        "Macro-F1 (mean of the classes’ F1)",
        "Opitz & Burst (2019). Macro F1 and macro F1. arXiv:1911.03347.",
    ),
    (
        "Cohen’s κ",
        "Cohen (1960). A coefficient of agreement for nominal scales. Educational and "
        "Psychological Measurement 20(1), 37–46.",
    ),
    (
        "MCC for several classes",
        "Gorodkin (2004). Comparing two K-category assignments by a K-category correlation "
        "coefficient. Computational Biology and Chemistry 28(5–6), 367–374.",
    ),
)
_BOOTSTRAP = (
    "BCa bootstrap intervals",
    "Efron (1987). Better bootstrap confidence intervals. Journal of the American Statistical "
    "Association 82(397), 171–185.",
)
_CALIBRATION = (
    (
        "Calibration error",
        "Guo et al. (2017). On calibration of modern neural networks. ICML, 1321–1330.",
    ),
    (
        "Intervals in the reliability diagram",
        "Clopper & Pearson (1934). The use of confidence or fiducial limits illustrated in the "
        "case of the binomial. Biometrika 26(4), 404–413.",
    ),
)


def references_for(run: RunResult) -> list[tuple[str, str]]:
    """List method and reference for what the run's configuration and results show was used."""
    rows = list(_NETWORK)
    if run.manifest.get("vectors"):
        rows.append(_WORD2VEC if _setting(run, "embeddings", "type") == "word2vec" else _GLOVE)
    rows.append(_ADAMW if _setting(run, "training", "optimizer") == "adamw" else _ADAM)
    rows += _METRICS
    if any(interval.method == "BCa" for interval in run.evaluation.intervals.values()):
        rows.append(_BOOTSTRAP)
    if run.predictions.probs is not None:
        rows += _CALIBRATION
    return rows


def _setting(run: RunResult, section: str, key: str) -> Any:
    part = run.config.get(section)
    return part.get(key) if isinstance(part, Mapping) else None
