"""Trains the classifier, writes it as ONNX, and its twin whose weights are of eight bits."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from onnxruntime.quantization import QuantType, quantize_dynamic
from skl2onnx import to_onnx
from sklearn.datasets import load_digits
from sklearn.model_selection import train_test_split
from sklearn.neural_network import MLPClassifier

# What each rung has to get right of the digits it was not trained on.
FLOORS = {"full": 0.95, "quantized": 0.93}


@dataclass(frozen=True)
class Digits:
    """The two models, and the digits they are judged by.

    Args:
        full: file of the whole model.
        quantized: file of its twin.
        images: (n, 64) pixels from 0 to 1, float32.
        labels: (n,) the digits they are.
    """

    full: Path
    quantized: Path
    images: np.ndarray
    labels: np.ndarray


def train(folder: Path) -> Digits:
    """Train, export and quantize; the same each time."""
    data: Any = load_digits()
    pixels = (data.data / 16).astype(np.float32)
    split: Any = train_test_split(pixels, data.target, test_size=0.25, random_state=7)
    seen, unseen, known, asked = split
    model = MLPClassifier((64,), max_iter=600, random_state=7).fit(seen, known)
    full, quantized = folder / "full.onnx", folder / "quantized.onnx"
    exported: Any = to_onnx(model, seen[:1], options={"zipmap": False}, target_opset=15)
    full.write_bytes(exported.SerializeToString())
    quantize_dynamic(full, quantized, weight_type=QuantType.QInt8)
    return Digits(full, quantized, unseen, asked)
