"""How many replicas: a floor that an autoscaler of Kubernetes holds, and a burst that KEDA makes follow the load."""

from typing import Any

import pulumi
from pulumi_kubernetes.autoscaling.v2 import (
    CrossVersionObjectReferenceArgs,
    HorizontalPodAutoscalerSpecArgs,
    MetricSpecArgs,
    MetricTargetArgs,
    ResourceMetricSourceArgs,
)

from components.serving.priority import Share
from components.serving.slot import Slot
from stanchion.serving import activation
from stanchion.serving.slots import PAUSED

KEDA_API = "keda.sh/v1alpha1"
# On an autoscaler that is not KEDA's own: it may be there beside a ScaledObject for as long as one takes the place of
# the other (KEDA 2.21, webhook of ScaledObjects, read 2026-11-27).
BESIDE_KEDA = {"validations.keda.sh/hpa-ownership": "false"}
# A trigger of the burst, by the name it has in the formula; `floor` alone is a function of that language.
FLOOR_PODS = "floor_pods"
# A user waits while a floor comes back, so it is asked often; the burst comes before a queue does, and starts are slow.
FLOOR_POLL_SECONDS, BURST_POLL_SECONDS = 5, 15
# Longer than a dip between two waves of requests: a replica that goes costs a cold start when it has to come back.
CALM_SECONDS = 300
# Failed polls in a row until the floor runs because nobody can tell whether it has to.
FAILED_POLLS = 3


def demand(slot: Slot, address: pulumi.Input[str]) -> dict[str, pulumi.Input[str]]:
    """What KEDA's scaler `metrics-api` asks the gateway about a slot.

    Args:
        slot: whose requests.
        address: of the gateways of the region, such as `http://gateway.gateway.svc:8081`.
    """
    names = slot.names
    return {
        "url": pulumi.Output.concat(address, activation.path(names.endpoint, names.variant, names.slot)),
        "valueLocation": activation.VALUE_LOCATION,
        "format": "json",
    }


def floor_autoscaler(target: str, floor: int) -> HorizontalPodAutoscalerSpecArgs:
    """A HorizontalPodAutoscaler whose least is its most: what holds the floor of whichever slot serves.

    So a changed floor changes this and nothing else, and a rollout moves it by the name of its target.
    """
    return HorizontalPodAutoscalerSpecArgs(
        min_replicas=floor,
        max_replicas=floor,
        scale_target_ref=CrossVersionObjectReferenceArgs(api_version="apps/v1", kind="Deployment", name=target),
        # It changes nothing; Kubernetes would put one in by itself.
        metrics=[
            MetricSpecArgs(
                type="Resource",
                resource=ResourceMetricSourceArgs(
                    name="cpu", target=MetricTargetArgs(type="Utilization", average_utilization=100)
                ),
            )
        ],
    )


def sleeping_floor(target: str, floor: int, asked: list[dict[str, pulumi.Input[str]]]) -> dict[str, Any]:
    """The spec of a ScaledObject that lets the floor go when nobody asks, and brings all of it back at a request.

    Args:
        target: the Deployment of the floor that serves.
        floor: its replicas.
        asked: where the demand of each slot is told; any of it wakes the floor, since a rollout moves the target and
            not what is asked.
    """
    return {
        "scaleTargetRef": {"apiVersion": "apps/v1", "kind": "Deployment", "name": target},
        "pollingInterval": FLOOR_POLL_SECONDS,
        "cooldownPeriod": CALM_SECONDS,
        "idleReplicaCount": 0,
        "minReplicaCount": floor,
        "maxReplicaCount": floor,
        "fallback": {"failureThreshold": FAILED_POLLS, "replicas": floor},
        "triggers": [
            {
                "type": "metrics-api",
                "metricType": "AverageValue",
                # From the first request on; how many there are is no matter, since least and most are one.
                "metadata": {**each, "targetValue": "1", "activationTargetValue": "0"},
            }
            for each in asked
        ],
    }


def burst_formula(target: int, most: int, *, sleeps: bool) -> str:
    """Replicas that the load needs beyond the floor, in KEDA's language; `in_flight` and `floor_pods` are its triggers.

    It is `stanchion.serving.activation.Scaling.burst`, with the floor counted and not written down, so that a changed
    floor changes one object and not each that knows its number.

    Args:
        target: requests for each replica.
        most: replicas, burst and floor together.
        sleeps: whether the floor may have gone; then nothing is made of what one replica can carry, since all of the
            floor is about to come back for it.
    """
    floor = f"max({FLOOR_PODS}, 1)" if sleeps else FLOOR_PODS
    return f"max(min(in_flight / {target}, {most}) - {floor}, 0)"


def burst_autoscaler(
    slot: Slot, target: int, most: int, asked: dict[str, pulumi.Input[str]], *, sleeps: bool
) -> dict[str, Any]:
    """The spec of a ScaledObject that adds what the load needs beyond the floor.

    Args:
        slot: whose burst.
        target: requests for each replica.
        most: replicas, burst and floor together.
        asked: where the demand is told.
        sleeps: whether the floor may have gone.
    """
    floor_pods = ",".join(f"{key}={value}" for key, value in slot.selector_of(Share.FLOOR).items())
    return {
        "scaleTargetRef": {
            "apiVersion": "apps/v1",
            "kind": "Deployment",
            "name": slot.names.deployment(Share.BURST.value),
        },
        "pollingInterval": BURST_POLL_SECONDS,
        "cooldownPeriod": CALM_SECONDS,
        "minReplicaCount": 0,
        "maxReplicaCount": most,
        "advanced": {
            "scalingModifiers": {
                "formula": burst_formula(target, most, sleeps=sleeps),
                "target": "1",
                "activationTarget": "0",
                "metricType": "AverageValue",
            },
            "horizontalPodAutoscalerConfig": {
                "behavior": {
                    "scaleUp": {
                        "stabilizationWindowSeconds": 0,
                        "selectPolicy": "Max",
                        "policies": [
                            {"type": "Percent", "value": 100, "periodSeconds": 15},
                            {"type": "Pods", "value": 4, "periodSeconds": 15},
                        ],
                    },
                    "scaleDown": {
                        "stabilizationWindowSeconds": CALM_SECONDS,
                        "selectPolicy": "Max",
                        "policies": [{"type": "Percent", "value": 50, "periodSeconds": 60}],
                    },
                }
            },
        },
        "triggers": [
            {
                "name": "in_flight",
                "type": "metrics-api",
                "metricType": "AverageValue",
                "metadata": {**asked, "targetValue": str(target)},
            },
            {
                "name": FLOOR_PODS,
                "type": "kubernetes-workload",
                "metricType": "AverageValue",
                "metadata": {"podSelector": floor_pods, "value": "1"},
            },
        ],
    }


def burst_annotations(slot: Slot) -> dict[str, str]:
    """A slot that does not serve has no burst until a rollout fills it."""
    return {} if slot.in_service else {PAUSED: "0"}
