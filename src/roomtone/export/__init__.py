"""A trained network as an ONNX model that needs no torch, in float32 or in 8 bits."""

from roomtone.export.labelled import LabelledFiles, Quality, quality
from roomtone.export.network import Weights, build_model
from roomtone.export.parity import Parity, compare, invented_texts
from roomtone.export.trained import Trained

__all__ = [
    "LabelledFiles",
    "Parity",
    "Quality",
    "Trained",
    "Weights",
    "build_model",
    "compare",
    "invented_texts",
    "quality",
]
