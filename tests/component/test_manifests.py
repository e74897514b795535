"""Objects of Kubernetes, held against the published schemas of the oldest and the newest version there may be.

Strictly: a field that a version does not know is refused, as the API server refuses it.
"""

import functools
from typing import Any

import kubernetes_validate
import pulumi
import pytest
from kubernetes_validate import utils

from components.component import Component
from components.serving.protocol import Kind
from stanchion.spec import KUBERNETES_VERSIONS
from tests.component.endpoint_args import VARIANT, recorded, variant
from tests.component.examples import EXAMPLES, STANDBY
from tests.recorder import Recorded, Recording, kubernetes, provider, record

OLDEST, NEWEST = KUBERNETES_VERSIONS[0], KUBERNETES_VERSIONS[-1]
PLAIN = variant(accelerator=None, accelerators=0)


@pytest.fixture(autouse=True)
def read_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(utils, "schema_contents", SCHEMAS)


SCHEMAS = functools.cache(utils.schema_contents)


@functools.cache
def example(component: type[Component]) -> Recording:
    options = pulumi.ResourceOptions
    return record(lambda: EXAMPLES[component].build(False, options(providers=[provider(STANDBY), kubernetes()])))


IN_CLUSTERS = [component for component, each in EXAMPLES.items() if each.in_cluster]


def of_kubernetes(recording: Recording) -> list[Recorded]:
    """Objects of Kubernetes itself; those of others have schemas of their own, and a chart is none."""
    return [
        each
        for each in recording.resources
        if each.custom
        and each.type.startswith("kubernetes:")
        and "apiVersion" in each.inputs
        and each.inputs["apiVersion"].partition("/")[0]
        in ("v1", "apps", "autoscaling", "policy", "networking.k8s.io", "scheduling.k8s.io")
    ]


def whole(value: Any) -> Any:
    """Numbers as the API gets them: the wire of Pulumi has floats only."""
    if isinstance(value, dict):
        return {key: whole(item) for key, item in value.items()}
    if isinstance(value, list):
        return [whole(item) for item in value]
    return int(value) if isinstance(value, float) and value.is_integer() else value


@pytest.mark.parametrize("version", [OLDEST, NEWEST])
@pytest.mark.parametrize("component", IN_CLUSTERS, ids=lambda cls: cls.__name__)
def test_examples_are_valid(component: type[Component], version: str) -> None:
    for each in of_kubernetes(example(component)):
        assert kubernetes_validate.validate(whole(each.inputs), version, strict=True) == version


@pytest.mark.parametrize("version", [OLDEST, NEWEST])
@pytest.mark.parametrize(
    ("variants", "changes"),
    [
        ([VARIANT], {}),
        ([PLAIN], {"kind": Kind.PREDICTOR, "spot": False, "rto": None}),
        ([variant(floor=0, max=4)], {}),
        ([variant(max=2)], {"standby": True}),
    ],
    ids=["language model", "predictor", "no floor", "no burst"],
)
def test_endpoints_of_all_kinds_are_valid(variants: list[Any], changes: dict[str, Any], version: str) -> None:
    objects = of_kubernetes(recorded(*variants, **changes))
    assert {"Deployment", "Service", "ServiceAccount", "PodDisruptionBudget"} <= {each.kind for each in objects}
    for each in objects:
        assert kubernetes_validate.validate(whole(each.inputs), version, strict=True) == version


def test_the_examples_are_enough_to_see_every_kind_that_is_used() -> None:
    kinds = {each.kind for component in IN_CLUSTERS for each in of_kubernetes(example(component))}
    assert kinds >= {"ConfigMap", "Deployment", "Namespace", "NetworkPolicy", "PriorityClass", "ResourceQuota"}


def test_a_field_that_nobody_knows_is_found() -> None:
    (deployment, *_) = recorded().all("Deployment")
    wrong = whole(deployment.inputs)
    wrong["spec"]["template"]["spec"]["containers"][0]["lifecycle"]["preStop"]["pause"] = {"seconds": 1}
    with pytest.raises(kubernetes_validate.ValidationError, match="'pause' was unexpected"):
        kubernetes_validate.validate(wrong, OLDEST, strict=True)


def test_names_and_labels_are_as_short_as_they_have_to_be() -> None:
    longest = "e" * 41
    for each in of_kubernetes(recorded(VARIANT, variant(variant="quantized"), endpoint_name=longest)):
        assert len(each.inputs["metadata"]["name"]) <= 63
        assert all(len(value) <= 63 for value in each.inputs["metadata"]["labels"].values())
