"""Variants that could not serve are refused with a sentence."""

from dataclasses import replace
from typing import Any

import pulumi
import pytest

from components.serving.placement import Accelerator
from components.serving.variant import VariantArgs, by_digest, refuse_unfit
from tests.component.endpoint_args import IMAGE, VARIANT, recorded, variant
from tests.recorder import record


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"image": "models:latest"}, "image 'models:latest'; allowed: one by digest"),
        ({"image": "models@sha256:abc"}, "image 'models@sha256:abc'; allowed: one by digest"),
        ({"loader_image": "python:3"}, "loader_image has image 'python:3'"),
        ({"floor": 3, "max": 2}, "at most 2 replicas and a floor of 3; allowed: max 3 or more"),
        ({"floor": -1}, "a floor of -1 replicas; allowed: 0 or more"),
        ({"floor": 0, "max": 0}, "nothing would ever serve; allowed: 1 or more"),
        ({"concurrency": 0}, "takes 0 requests at a time"),
        ({"accelerator": None}, "has 1 accelerators and no kind of them; allowed: both or none"),
        ({"accelerators": 0}, "has 0 accelerators and 'nvidia.com/gpu'; allowed: both or none"),
        ({"start": replace(VARIANT.start, start_seconds=0)}, "says nothing of its start"),
        ({"start": replace(VARIANT.start, bytes_per_second=0)}, "says nothing of its start"),
        ({"weights": replace(VARIANT.weights, sha256="B" * 64)}, "weights with the checksum 'B{64}'"),
        ({"version": "-May-"}, "version '-May-'; allowed: a label's value"),
    ],
)
def test_what_could_not_serve_is_refused(changes: dict[str, Any], sentence: str) -> None:
    with pytest.raises(ValueError, match=f"endpoint 'e', variant 'full', ?.*{sentence}"):
        refuse_unfit("e", [variant(**changes)], scale_to_zero=False)


def test_what_sleeps_has_something_to_come_back() -> None:
    with pytest.raises(ValueError, match=r"floor of 0 replicas; allowed: 1 or more\. With scale_to_zero the floor"):
        refuse_unfit("e", [variant(floor=0)], scale_to_zero=True)


@pytest.mark.parametrize("variants", [[], [VARIANT, VARIANT]])
def test_each_variant_is_there_once(variants: list[VariantArgs]) -> None:
    with pytest.raises(ValueError, match="at least one, and each once"):
        refuse_unfit("e", variants, scale_to_zero=False)


def test_a_whole_one_passes() -> None:
    refuse_unfit("e", [VARIANT, variant(variant="quantized", accelerator=Accelerator.NVIDIA)], scale_to_zero=True)


def test_an_image_that_is_known_only_later_is_checked_then() -> None:
    def build() -> None:
        pulumi.export("image", by_digest("it", pulumi.Output.from_input("models:latest")))

    with pytest.raises(Exception, match="image 'models:latest'; allowed: one by digest"):
        record(build)


def test_an_endpoint_refuses_before_it_registers_anything() -> None:
    with pytest.raises(ValueError, match="allowed: one by digest"):
        recorded(variant(image="models:latest"))
    assert recorded(variant(image=IMAGE)).resources
