"""Word vectors of a batch, held once for each distinct word."""

from __future__ import annotations

import torch
from torch import Tensor
from torch.nn.functional import pad


def takes_shortcuts(device: torch.device) -> bool:
    """Tell whether ways of computing that pay on a processor alone may be taken.

    Elsewhere they would wait for the device or be no faster, and a graph that is traced, as for
    ONNX, wants plain operations.
    """
    traced = torch.jit.is_tracing()  # type: ignore[attr-defined, no-untyped-call]
    return device.type == "cpu" and not (traced or torch.compiler.is_compiling())


def distinct(input_ids: Tensor) -> tuple[Tensor, Tensor]:
    """Find the distinct words of a batch and where they stand.

    About half of the tokens in a batch of comments repeat another, so that what depends on a
    word alone is computed once for it. Where no shortcut is taken each position counts as a
    word of its own.

    Parameters
    ----------
    input_ids : Tensor
        Token codes, ``[batch, width]``.

    Returns
    -------
    words : Tensor
        Token codes, ``[rows]``. Where they are distinct they are in rising order, and padding
        fills them up to a round number, at most an eighth more: oneDNN compiles a product anew
        for each number of rows that it meets, which takes longer than to multiply.
    places : Tensor
        For each position its index in `words`, ``[batch, width]``.
    """
    if takes_shortcuts(input_ids.device):
        words, places = torch.unique(input_ids, return_inverse=True)
        return pad(words, (0, _round_number(len(words)) - len(words))), places
    return input_ids.flatten(), each_position(input_ids)


def _round_number(count: int) -> int:
    step = max(8, 1 << max(0, count.bit_length() - 4))
    return -(-count // step) * step


def each_position(of: Tensor) -> Tensor:
    """Give each position a number of its own, in the shape ``[batch, width]`` of `of`."""
    return torch.arange(of.numel(), device=of.device).view(of.shape)
