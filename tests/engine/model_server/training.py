"""Trains the model: of which family an instance type of EC2 is (c, m or r), told from its vCPUs and its memory."""

import gzip
import json
import math
import re
from dataclasses import dataclass
from pathlib import Path

import moto

FAMILIES = "cmr"
_STEPS, _RATE = 60, 2.0


@dataclass(frozen=True)
class Example:
    features: tuple[float, float]
    family: int


def features(vcpus: int, mib: int) -> tuple[float, float]:
    """How large, and how much memory for a vCPU: both about 0 for a middling type."""
    return math.log2(vcpus) / 4 - 1, math.log2(mib / 1024 / vcpus) - 2


def examples() -> tuple[list[Example], list[Example]]:
    """What to learn from and what to be judged by, from the data that moto comes with."""
    file = Path(moto.__file__).parent / "ec2/resources/instance_types.json.gz"
    types = json.loads(gzip.decompress(file.read_bytes()))
    found = [
        Example(
            features(each["VCpuInfo"]["DefaultVCpus"], each["MemoryInfo"]["SizeInMiB"]),
            FAMILIES.index(name[0]),
        )
        for name, each in sorted(types.items())
        if re.match(rf"[{FAMILIES}]\d", name)
    ]
    return [each for place, each in enumerate(found) if place % 5], found[::5]


def train(learned: list[Example]) -> list[list[float]]:
    """Weights of a softmax regression: for each family one per feature and a constant."""
    weights = [[0.0, 0.0, 0.0] for _ in FAMILIES]
    for _ in range(_STEPS):
        slopes = [[0.0, 0.0, 0.0] for _ in FAMILIES]
        for each in learned:
            inputs = (*each.features, 1.0)
            for family, chance in enumerate(chances(weights, each.features)):
                error = chance - (family == each.family)
                for place, value in enumerate(inputs):
                    slopes[family][place] += error * value
        for row, slope in zip(weights, slopes, strict=True):
            for place, value in enumerate(slope):
                row[place] -= _RATE * value / len(learned)
    return weights


def chances(weights: list[list[float]], features: tuple[float, float]) -> list[float]:
    scores = [row[0] * features[0] + row[1] * features[1] + row[2] for row in weights]
    powers = [math.exp(score - max(scores)) for score in scores]
    return [power / sum(powers) for power in powers]


def predict(weights: list[list[float]], features: tuple[float, float]) -> str:
    found = chances(weights, features)
    return FAMILIES[found.index(max(found))]
