"""Slots: what the Kubernetes objects of an online endpoint are called, labelled, and who owns which field of them.

Each variant of an endpoint has two slots, one in service and one for the next version. A slot is two Deployments, floor
and burst, behind one Service. Pulumi declares everything once; what a rollout changes belongs to `FIELD_MANAGER`, and
Pulumi leaves it alone from then on.
"""

from dataclasses import dataclass
from typing import Literal

Slot = Literal["blue", "green"]
SLOTS: tuple[Slot, ...] = ("blue", "green")
# The slot that serves until somebody rolls out another version.
FIRST_SLOT: Slot = "blue"
Share = Literal["floor", "burst"]
SHARES: tuple[Share, ...] = ("floor", "burst")
NAMESPACE = "endpoints"
# Kubernetes, object names and IDs: a DNS label, which names of Services and values of labels are.
LONGEST_NAME = 63
# IAM and EventBridge Scheduler take 64 letters; Pulumi adds a dash and seven to what components call their resources,
# of which the roles of pods and those of batch hosts are the longest.
_AWS_NAME, _RANDOM = 64, 8
LONGEST_ONLINE = _AWS_NAME - _RANDOM - len("-role")
LONGEST_BATCH = _AWS_NAME - _RANDOM - len("-capacity-instance")

FIELD_MANAGER = "stanchion-deploy"
VERSION_LABEL = "stanchion.dev/version"
WEIGHTS_URI = "STANCHION_WEIGHTS_URI"
WEIGHTS_SHA256 = "STANCHION_WEIGHTS_SHA256"
PAUSED = "autoscaling.keda.sh/paused-replicas"
# The server is the first container of a pod, and what fetches its weights the first one that runs before it. These two
# are the first variables of the environment of both, in this order: paths of ignored changes count and do not name.
SERVER_CONTAINER = 0
DEPLOYED_VARIABLES = (WEIGHTS_URI, WEIGHTS_SHA256)
_CONTAINERS = (f"spec.template.spec.containers[{SERVER_CONTAINER}]", "spec.template.spec.initContainers[0]")
# What rollouts own, by kind, as paths of Pulumi's `ignore_changes`.
DEPLOYED_FIELDS: dict[str, tuple[str, ...]] = {
    "Deployment": (
        "spec.replicas",
        f'spec.template.metadata.labels["{VERSION_LABEL}"]',
        *(f"{container}.image" for container in _CONTAINERS),
        *(f"{container}.env[{number}].value" for container in _CONTAINERS for number in range(len(DEPLOYED_VARIABLES))),
    ),
    "HorizontalPodAutoscaler": ("spec.scaleTargetRef.name",),
    "ScaledObject": ("spec.scaleTargetRef.name", f'metadata.annotations["{PAUSED}"]'),
}


@dataclass(frozen=True, slots=True)
class SlotNames:
    """What the objects of one slot are called.

    Args:
        endpoint: the endpoint's name.
        variant: `full` or `quantized`.
        slot: `blue` or `green`.
    """

    endpoint: str
    variant: str
    slot: str

    @property
    def service(self) -> str:
        """The Service, and the PodDisruptionBudget."""
        return f"{self.endpoint}-{self.variant}-{self.slot}"

    @property
    def floor(self) -> str:
        """The Deployment of the floor."""
        return self.deployment("floor")

    @property
    def burst(self) -> str:
        """The Deployment of the burst, and the ScaledObject that scales it."""
        return self.deployment("burst")

    def deployment(self, share: Share) -> str:
        """The Deployment of the floor or of the burst."""
        return f"{self.service}-{share}"

    @property
    def host(self) -> str:
        """By which name pods of the cluster reach the slot."""
        return f"{self.service}.{NAMESPACE}.svc"


def floor_autoscaler(endpoint: str, variant: str) -> str:
    """The one autoscaler of a variant's floor; which slot it scales is its `scaleTargetRef`."""
    return f"{endpoint}-{variant}-floor"


def longest_name(endpoint: str, variants: tuple[str, ...]) -> str:
    """The longest name among the objects of an endpoint."""
    slots = (SlotNames(endpoint, variant, slot) for variant in variants for slot in SLOTS)
    return max((slot.deployment(share) for slot in slots for share in SHARES), key=lambda name: (len(name), name))


def labels(names: SlotNames, tier: str) -> dict[str, str]:
    """The labels of every object of a slot; they also select its pods, so none of them changes in a rollout.

    Args:
        names: the slot.
        tier: the endpoint's tier.
    """
    return {
        "app.kubernetes.io/name": names.endpoint,
        "stanchion.dev/endpoint": names.endpoint,
        "stanchion.dev/variant": names.variant,
        "stanchion.dev/slot": names.slot,
        "stanchion.dev/workload": names.endpoint,
        "stanchion.dev/tier": tier,
    }


def pod_labels(names: SlotNames, tier: str, share: Share) -> dict[str, str]:
    """The labels of the pods: those of the slot, and which of its Deployments they are of.

    The version is set by rollouts and selects nothing.
    """
    return {**labels(names, tier), "stanchion.dev/capacity": share}
