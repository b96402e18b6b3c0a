"""Many texts through a network: tokenised ahead, by length, on several threads."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray

from roomtone.engines.base import RawScores
from roomtone.errors import ConfigError, nearest
from roomtone.nets import HybridNetwork
from roomtone.nets.kernels import inference
from roomtone.nets.packed import PackedNetwork, can_be_packed
from roomtone.nets.products import fast_products
from roomtone.text import EMPTY, EncodedTexts, Vocabulary
from roomtone.training.device import choose_device
from roomtone.training.evaluation import autocast

PRECISIONS = ("fp32", "bf16")
PRECISIONS = ("fp32", "bf16")
AT_ONCE = 2048  # texts: enough to meet most words again, few enough to keep all threads busy
LEAST = 64
TOKENS = {"cpu": 16_384, "cuda": 262_144}  # of a padded batch; larger ones are no faster


@dataclass(frozen=True)
class ScoringOptions:
    """How to compute.

    Attributes
    ----------
    device : str
        ``"auto"``, ``"cpu"``, ``"cuda"`` or ``"mps"``.
    precision : str
        ``"fp32"``, or ``"bf16"`` for products in bfloat16, where the processor itself has them.
    threads : int or None
        Calls that run at once on a processor; None for as many threads as PyTorch uses.
    batch_size : int or None
        Texts in a call; None to choose by their number.

    Raises
    ------
    ConfigError
        With every option that is not allowed.
    """

    device: str = "auto"
    precision: str = "fp32"
    threads: int | None = None
    batch_size: int | None = None

    def __post_init__(self) -> None:
        problems = []
        if self.precision not in PRECISIONS:
            problems.append(
                f"precision: found {self.precision!r}, expected {' or '.join(PRECISIONS)}"
                f"{nearest(str(self.precision), PRECISIONS)}"
            )
        for name in ("threads", "batch_size"):
            value = getattr(self, name)
            if value is not None and not (type(value) is int and value >= 1):
                problems.append(f"{name}: found {value!r}, expected a whole number from 1")
        if problems:
            raise ConfigError(problems, source="engine's options")


class TextScorer:
    """Logits of texts.

    On a processor the compiled network scores a few thousand texts in one call, each call on
    a thread of its own, while this thread tokenises the next ones. On other devices, and where
    nothing can be compiled, the plain network runs on padded batches of texts of like length.
    What a text gets does not depend on the other texts, but for rounding in the plain network.

    Parameters
    ----------
    network : HybridNetwork
        In evaluation mode; the plain one moves to the device.
    vocabulary : Vocabulary
        Gives each token its code.
    max_len : int
        Longest text in tokens; the rest is cut.
    options : ScoringOptions
        How to compute.
    """

    def __init__(
        self,
        network: HybridNetwork,
        vocabulary: Vocabulary,
        max_len: int,
        options: ScoringOptions,
    ) -> None:
        self.vocabulary, self.max_len, self.options = vocabulary, max_len, options
        self.device = device = choose_device(options.device)
        self.threads = options.threads or torch.get_num_threads()
        library = inference.library()
        self.packed: PackedNetwork | None = None
        if device.type == "cpu" and library is not None and can_be_packed(network):
            self.packed = PackedNetwork(network, library, bf16=options.precision == "bf16")
        self.network = network if self.packed else network.to(device)

    def score(self, texts: Sequence[str]) -> RawScores:
        """Score texts, at least one."""
        parts = list(self._parts(texts))
        return RawScores(
            np.concatenate([logits for logits, _ in parts]).astype(np.float64),
            np.concatenate([known for _, known in parts]),
        )

    def _parts(
        self, texts: Sequence[str]
    ) -> Iterator[tuple[NDArray[np.float32], NDArray[np.bool_]]]:
        size = self._texts_at_once(len(texts))
        chunks = (
            self.vocabulary.encode_batch(texts[first : first + size]).cut(self.max_len)
            for first in range(0, len(texts), size)
        )
        if self.threads == 1 or len(texts) <= size or self.packed is None:
            yield from ((self._logits(chunk), _known(chunk)) for chunk in chunks)
            return
        with ThreadPoolExecutor(self.threads, thread_name_prefix="roomtone-score") as pool:
            ahead: deque[tuple[Future[NDArray[np.float32]], NDArray[np.bool_]]] = deque()
            for chunk in chunks:
                ahead.append((pool.submit(self._logits, chunk), _known(chunk)))
                if len(ahead) > 2 * self.threads:
                    logits, known = ahead.popleft()
                    yield logits.result(), known
            yield from ((logits.result(), known) for logits, known in ahead)

    def _texts_at_once(self, count: int) -> int:
        if self.options.batch_size is not None:
            return self.options.batch_size
        if self.packed is None:
            return 8 * AT_ONCE
        return min(AT_ONCE, max(LEAST, -(-count // (4 * self.threads))))

    def _logits(self, encoded: EncodedTexts) -> NDArray[np.float32]:
        if self.packed is not None:
            return self.packed.logits(encoded.ids, encoded.offsets)
        return self._plainly(encoded)

    @torch.inference_mode()
    def _plainly(self, encoded: EncodedTexts) -> NDArray[np.float32]:
        """Run the plain network on batches of texts of like length."""
        lengths = np.diff(encoded.offsets)
        order = np.argsort(lengths, kind="stable")
        scores = []
        for rows in _batches(lengths[order], TOKENS.get(self.device.type, TOKENS["cpu"])):
            padded = encoded.padded(order[rows])
            ids, of = (torch.from_numpy(array).to(self.device) for array in padded)
            with fast_products(), autocast(self.device, self.options.precision):
                scores.append(self.network(ids, of).logits)
        found: NDArray[np.float32] = torch.cat(scores).cpu().numpy()
        return found[np.argsort(order)]


def _known(encoded: EncodedTexts) -> NDArray[np.bool_]:
    """Tell which texts hold a token that the vocabulary knows."""
    return np.logical_or.reduceat(encoded.ids > EMPTY, encoded.offsets[:-1])


def _batches(lengths: NDArray[np.int64], tokens: int) -> Iterator[slice]:
    """Cut ascending lengths into batches of at most so many positions, padding included."""
    first = 0
    for last in range(1, len(lengths) + 1):
        if last == len(lengths) or (last + 1 - first) * lengths[last] > tokens:
            yield slice(first, last)
            first = last
