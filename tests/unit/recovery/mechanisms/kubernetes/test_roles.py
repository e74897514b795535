"""Floor, burst and the two slots of an endpoint: who counts, computed by hand."""

import math
from typing import Any

import pytest

from stanchion.graph import UNKNOWN, Unsettled
from stanchion.graph.builder import Handle
from stanchion.recovery.mechanisms.kubernetes.roles import roles
from stanchion.recovery.mechanisms.kubernetes.survey import survey
from tests.unit.recovery.mechanisms.kubernetes.program import (
    APPLICATION,
    HOST,
    INFRASTRUCTURE,
    LABELS,
    REGION,
    STARTS,
    ZONE,
    ZONES,
    Program,
    result,
    spread,
)

HPA, SCALED, SERVICE = "autoscaling/v2:HorizontalPodAutoscaler", "keda.sh/v1alpha1:ScaledObject", "core/v1:Service"
LOCAL = (INFRASTRUCTURE, ZONE)
PAUSED = {"annotations": {"autoscaling.keda.sh/paused-replicas": "0"}}
APART = {"topologySpreadConstraints": [spread(HOST), spread(ZONES)]}
SPOT_ONLY = {"nodeSelector": {"karpenter.sh/capacity-type": "spot"}}
# Grace of a silent node, and the toleration of pods that say nothing.
GRACE, TOLERATION, START, POLL = 50, 300, 20, 30


class Endpoint(Program):
    """One variant of an endpoint in two slots: a floor, a burst on spot, and a Service in front of both."""

    def slot(
        self, slot: str, floor: Any, provider: Handle | None = None, *, service: bool = True, endpoint: str = "chat"
    ) -> None:
        labels = {"stanchion.dev/endpoint": endpoint, "stanchion.dev/variant": "full", "stanchion.dev/slot": slot}
        labels["app.kubernetes.io/name"] = endpoint
        common = {"labels": labels, "pod_labels": {"slot": slot}, "annotations": STARTS, "provider": provider}
        self.deployment(f"chat-{slot}-floor", floor, pods=APART, **common)
        self.deployment(f"chat-{slot}-burst", None, pods=SPOT_ONLY, **common)
        if service:
            self.object(SERVICE, self.named(slot, provider), {"selector": LABELS | {"slot": slot}}, provider)

    def scaled(self, target: str, provider: Handle | None = None, **spec: Any) -> None:
        own = spec.pop("own", {})
        self.object(SCALED, self.named(target, provider), {"scaleTargetRef": {"name": target}} | spec, provider, **own)

    def held(self, target: str, number: Any, provider: Handle | None = None) -> None:
        spec = {"scaleTargetRef": {"kind": "Deployment", "name": target}, "minReplicas": number, "maxReplicas": number}
        self.object(HPA, self.named(target, provider), spec, provider)

    @staticmethod
    def named(name: str, provider: Handle | None) -> str:
        """Objects of two clusters are two resources."""
        return name if provider is None else f"{name}-west"


def in_service(floor: int = 2, declared: int = 1, *, service: bool = True) -> Endpoint:
    """Blue serves: its floor is held by an autoscaler, whatever number its Deployment was made with."""
    program = Endpoint()
    program.slot("blue", declared, service=service)
    program.held("chat-blue-floor", floor)
    program.scaled("chat-blue-burst", minReplicaCount=0, maxReplicaCount=8)
    return program


@pytest.mark.parametrize("disruption", LOCAL)
def test_the_floor_that_an_autoscaler_holds_counts_and_not_the_number_it_was_made_with(disruption):
    found = result(in_service(floor=2, declared=1))
    assert found.rto(disruption) == GRACE
    assert "1 of 2 replicas keep serving" in found.terms(disruption)
    # Held at one: nothing is left of it, whatever the older number says.
    assert result(in_service(floor=1, declared=9)).rto(disruption) == GRACE + TOLERATION + START


def test_a_burst_beside_a_floor_is_told_and_not_counted():
    found = result(in_service())
    assert found.noted("Deployment 'chat-blue-burst' adds to Deployment 'chat-blue-floor' behind one Service")
    assert not any("burst" in step.name for disruption in LOCAL for step in found.of(disruption))
    # A bad version reaches its pods as well.
    assert any("burst" in step.name for step in found.of(APPLICATION))


@pytest.mark.parametrize("disruption", LOCAL)
def test_without_a_service_in_common_a_burst_serves_alone(disruption):
    found = result(in_service(service=False))
    assert found.rto(disruption) == GRACE + TOLERATION + POLL + START


@pytest.mark.parametrize("selector", [UNKNOWN, {"app": UNKNOWN}, {}, None, {"app": "other"}, "app"])
def test_a_service_that_does_not_surely_lead_to_both_makes_no_burst(selector):
    program = in_service(service=False)
    program.object(SERVICE, "chat", {"selector": selector})
    assert result(program).rto(ZONE) == GRACE + TOLERATION + POLL + START


def test_two_that_scale_from_zero_are_no_burst_of_one_another():
    program = Endpoint()
    program.slot("blue", None)
    for part in ("floor", "burst"):
        program.scaled(f"chat-blue-{part}", minReplicaCount=0)
    graph = program.graph()
    found = roles(graph, survey(graph))
    assert [r.name for r in graph if "Deployment" in r.type and found.adds_to(graph, survey(graph), r)] == []


def test_what_sleeps_comes_back_by_poll_node_and_start_and_its_burst_is_not_waited_for():
    program = Endpoint()
    program.group("floor", 2, program.subnets("us-east-1a", "us-east-1b"))
    program.slot("blue", 0)
    program.scaled("chat-blue-floor", idleReplicaCount=0, minReplicaCount=2, maxReplicaCount=2)
    program.scaled("chat-blue-burst", minReplicaCount=0, maxReplicaCount=8)
    found = result(program)
    # Room on the running floor costs nothing.
    assert found.rto(INFRASTRUCTURE) == GRACE + TOLERATION + POLL + 0 + START
    assert found.noted("'chat-blue-burst' adds to Deployment 'chat-blue-floor'")
    # Without nodes that run, nobody assures the cold start.
    program.group("spot", 0, capacityType="SPOT")
    alone = Endpoint()
    alone.group("spot", 3, capacityType="SPOT")
    alone.slot("blue", 0)
    alone.scaled("chat-blue-floor", idleReplicaCount=0, minReplicaCount=2, maxReplicaCount=2)
    assert result(alone).rto(INFRASTRUCTURE) == math.inf


def with_idle_green(**paused: Any) -> Endpoint:
    program = in_service()
    program.slot("green", 0)
    program.scaled("chat-green-burst", minReplicaCount=0, maxReplicaCount=8, own=paused)
    return program


@pytest.mark.parametrize("paused", [{}, PAUSED], ids=["burst scales", "burst is paused"])
@pytest.mark.parametrize("disruption", [*LOCAL, APPLICATION])
def test_the_idle_slot_is_neither_capacity_nor_a_broken_floor(paused, disruption):
    blue, both = result(in_service()), result(with_idle_green(**paused))
    assert both.rto(disruption) == blue.rto(disruption)
    assert [step.name for step in both.of(disruption)] == [step.name for step in blue.of(disruption)]
    assert both.noted("Deployment 'chat-green-floor' is in slot 'green', which is idle")


def test_a_slot_is_not_idle_because_another_endpoint_serves():
    program = in_service()
    program.slot("green", 0, endpoint="other", service=False)
    program.scaled("chat-green-burst", minReplicaCount=0)
    assert result(program).rto(ZONE) == GRACE + TOLERATION + POLL + START


def test_two_slots_that_are_both_off_are_judged_for_themselves():
    program = Endpoint()
    for slot in ("blue", "green"):
        program.slot(slot, 0)
        program.scaled(f"chat-{slot}-burst", minReplicaCount=0)
    assert result(program).rto(ZONE) == GRACE + TOLERATION + POLL + START


def test_a_slot_of_unknown_size_is_not_idle():
    program = in_service()
    program.slot("green", UNKNOWN)
    assert isinstance(result(program).rto(ZONE), Unsettled)


def standby(floor: int) -> Endpoint:
    program = with_idle_green()
    west = program.kubernetes(program.eks("west", region="us-west-2"))
    program.slot("blue", 1, west)
    program.held("chat-blue-floor", floor, west)
    program.scaled("chat-blue-burst", west, minReplicaCount=0)
    program.slot("green", 0, west)
    program.scaled("chat-green-burst", west, minReplicaCount=0)
    return program


def test_another_region_takes_over_with_the_slot_in_service():
    found = result(standby(1))
    # Held at one, and nothing there grows: no autoscaler is waited for.
    assert found.recover(REGION) == 0
    assert "1 replicas run there already (for 2 here)" in found.terms(REGION)
    # Each region is the other's; bursts and idle slots take over from nobody.
    assert {step.urn.rsplit("::", 1)[-1] for step in found.of(REGION)} == {"chat-blue-floor", "chat-blue-floor-west"}


def test_a_slot_that_is_idle_in_both_regions_asks_for_no_takeover():
    program = standby(1)
    graph = program.graph()
    seen = survey(graph)
    idle = {r.name for r in graph if "Deployment" in r.type and roles(graph, seen).idle(graph, seen, r)}
    assert idle == {f"chat-green-{part}{end}" for part in ("floor", "burst") for end in ("", "-west")}
