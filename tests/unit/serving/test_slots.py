"""Names of slots: none too long, none twice, and what belongs to rollouts is left alone."""

import re

from hypothesis import given
from hypothesis import strategies as st

from stanchion.serving.slots import (
    DEPLOYED_FIELDS,
    DEPLOYED_VARIABLES,
    LONGEST_BATCH,
    LONGEST_NAME,
    LONGEST_ONLINE,
    SHARES,
    SLOTS,
    VERSION_LABEL,
    SlotNames,
    floor_autoscaler,
    labels,
    longest_name,
    pod_labels,
)
from stanchion.spec.endpoints import ENDPOINT_NAME
from stanchion.spec.models import VARIANTS

# Endpoints that are called like what stands behind the names of others are the hardest ones to keep apart.
parts = st.sampled_from(["a", "full", "quantized", "blue", "green", "floor", "burst"])
endpoints = st.lists(parts, min_size=1, max_size=4).map("-".join).filter(lambda name: len(name) > 1)


def deployments(endpoint: str) -> list[str]:
    return [
        SlotNames(endpoint, variant, slot).deployment(share)
        for variant in VARIANTS
        for slot in SLOTS
        for share in SHARES
    ]


def test_names_are_what_everybody_keeps_to():
    names = SlotNames("assistant", "full", "blue")
    assert names.service == "assistant-full-blue"
    assert (names.floor, names.burst) == ("assistant-full-blue-floor", "assistant-full-blue-burst")
    assert names.host == "assistant-full-blue.endpoints.svc"
    assert floor_autoscaler("assistant", "full") == "assistant-full-floor"


@given(endpoints, endpoints)
def test_no_two_endpoints_have_an_object_of_one_name(one: str, other: str):
    assert len(set(deployments(one))) == len(deployments(one))
    if one != other:
        assert not set(deployments(one)) & set(deployments(other))
        assert not {floor_autoscaler(one, each) for each in VARIANTS} & {floor_autoscaler(other, e) for e in VARIANTS}
    # ScaledObjects of a floor and of a burst are of one kind.
    bursts = {name for name in deployments(other) if name.endswith("-burst")}
    assert not bursts & {floor_autoscaler(one, each) for each in VARIANTS}


@given(st.integers(1, LONGEST_NAME - len("-quantized-green-burst")))
def test_names_are_what_kubernetes_takes(length: int):
    endpoint = "e" * length
    for name in deployments(endpoint):
        assert re.fullmatch(r"[a-z]([-a-z0-9]{0,61}[a-z0-9])?", name)
    assert longest_name(endpoint, VARIANTS) in deployments(endpoint)
    assert len(longest_name(endpoint, VARIANTS)) == max(map(len, deployments(endpoint)))


def test_only_variants_that_are_served_make_a_name_longer():
    assert longest_name("a", ("full",)) == "a-full-green-floor"
    assert longest_name("a", VARIANTS) == "a-quantized-green-floor"


def test_names_in_aws_leave_room_for_what_pulumi_adds():
    for limit, suffix in ((LONGEST_ONLINE, "-role"), (LONGEST_BATCH, "-capacity-instance")):
        assert len("e" * limit + suffix + "-1234567") == 64


@given(endpoints.filter(lambda name: bool(re.fullmatch(ENDPOINT_NAME.pattern, name))), st.sampled_from(SLOTS))
def test_labels_say_whose_a_slot_is_and_pods_say_of_which_deployment(endpoint: str, slot: str):
    names = SlotNames(endpoint, "full", slot)
    of_slot = labels(names, "critical")
    assert of_slot["app.kubernetes.io/name"] == of_slot["stanchion.dev/workload"] == endpoint
    assert (of_slot["stanchion.dev/slot"], of_slot["stanchion.dev/tier"]) == (slot, "critical")
    for share in SHARES:
        of_pods = pod_labels(names, "critical", share)
        assert of_slot.items() < of_pods.items()
        assert of_pods["stanchion.dev/capacity"] == share
    # What a rollout changes must not select pods, or it would orphan them.
    assert VERSION_LABEL not in of_slot


def test_rollouts_own_replicas_image_version_weights_and_which_slot_is_scaled():
    assert DEPLOYED_VARIABLES == ("STANCHION_WEIGHTS_URI", "STANCHION_WEIGHTS_SHA256")
    # The server, and what fetches its weights before it.
    containers = ("spec.template.spec.containers[0]", "spec.template.spec.initContainers[0]")
    assert set(DEPLOYED_FIELDS["Deployment"]) == {
        "spec.replicas",
        'spec.template.metadata.labels["stanchion.dev/version"]',
        *(f"{each}.{field}" for each in containers for field in ("image", "env[0].value", "env[1].value")),
    }
    assert DEPLOYED_FIELDS["HorizontalPodAutoscaler"] == ("spec.scaleTargetRef.name",)
    assert set(DEPLOYED_FIELDS["ScaledObject"]) == {
        "spec.scaleTargetRef.name",
        'metadata.annotations["autoscaling.keda.sh/paused-replicas"]',
    }
