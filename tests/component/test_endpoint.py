"""An online endpoint: slots, what rollouts own, how it scales, and what it promises when something is lost."""

import functools
import re
from dataclasses import replace
from typing import Any

import pulumi
import pulumi_kubernetes
import pytest

from components.serving.auto_mode import AutoMode, AutoModeArgs
from components.serving.cluster import Cluster, ClusterArgs
from components.serving.endpoint import OnlineEndpoint
from components.serving.kubeconfig import kubeconfig
from components.serving.node_pools import PoolArgs
from components.serving.placement import Accelerator
from components.serving.protocol import Kind
from stanchion.recovery.disruption import Disruption
from stanchion.recovery.estimate import Estimate, Verdict, estimate
from stanchion.recovery.objectives import Objective, TierObjectives
from stanchion.recovery.settings import Settings
from stanchion.serving.slots import DEPLOYED_FIELDS
from tests.component.endpoint_args import ENDPOINT, VARIANT, recorded, variant
from tests.component.judged import broken_rules
from tests.recorder import ACCOUNT, Recorded, Recording, kubernetes, provider, record

QUANTIZED = variant(variant="quantized")
KINDS = {
    "Deployment": "kubernetes:apps/v1:Deployment",
    "HorizontalPodAutoscaler": "kubernetes:autoscaling/v2:HorizontalPodAutoscaler",
    "ScaledObject": "kubernetes:keda.sh/v1alpha1:ScaledObject",
}


def named(recording: Recording, kind: str) -> dict[str, dict[str, Any]]:
    return {each.inputs["metadata"]["name"]: each.inputs for each in recording.all(kind)}


def at(inputs: dict[str, Any], path: str) -> Any:
    """What a path of Pulumi's ignored changes names; KeyError or IndexError when it names nothing."""
    value: Any = inputs
    for key, number, quoted in re.findall(r'([A-Za-z]+)|\[(\d+)\]|\["([^"]+)"\]', path):
        value = value[int(number)] if number else value[key or quoted]
    return value


def test_each_variant_has_two_slots_behind_a_service_each_and_one_autoscaler_of_its_floor() -> None:
    recording = recorded(VARIANT, QUANTIZED)
    slots = {f"support-assistant-{v}-{s}" for v in ("full", "quantized") for s in ("blue", "green")}
    assert set(named(recording, "Service")) == slots
    assert set(named(recording, "PodDisruptionBudget")) == slots
    assert set(named(recording, "Deployment")) == {f"{slot}-{share}" for slot in slots for share in ("floor", "burst")}
    assert set(named(recording, "ScaledObject")) == {f"{slot}-burst" for slot in slots}
    assert set(named(recording, "HorizontalPodAutoscaler")) == {
        "support-assistant-full-floor",
        "support-assistant-quantized-floor",
    }


def test_blue_serves_first_and_green_is_empty() -> None:
    recording = recorded()
    replicas = {name: inputs["spec"]["replicas"] for name, inputs in named(recording, "Deployment").items()}
    assert replicas == {
        "support-assistant-full-blue-floor": 2,
        "support-assistant-full-blue-burst": 0,
        "support-assistant-full-green-floor": 0,
        "support-assistant-full-green-burst": 0,
    }
    (floor,) = named(recording, "HorizontalPodAutoscaler").values()
    assert floor["spec"]["scaleTargetRef"]["name"] == "support-assistant-full-blue-floor"
    green = named(recording, "ScaledObject")["support-assistant-full-green-burst"]
    assert green["metadata"]["annotations"] == {"autoscaling.keda.sh/paused-replicas": "0"}


def test_a_changed_floor_changes_one_object() -> None:
    """Beside what rollouts own, which Pulumi leaves alone."""

    def declared(floor: int) -> dict[str, Any]:
        found: dict[str, Any] = {}
        for each in recorded(variant(floor=floor), QUANTIZED).resources:
            inputs = dict(each.inputs)
            if each.kind == "Deployment":
                inputs["spec"] = {**inputs["spec"], "replicas": None}
            found[each.name] = inputs
        return found

    before, after = declared(2), declared(3)
    assert {name for name in before if before[name] != after[name]} == {"local-full-floor"}


def test_a_changed_floor_that_sleeps_changes_one_object_too() -> None:
    def declared(floor: int) -> dict[str, Any]:
        made = recorded(variant(floor=floor), scale_to_zero=True)
        return {each.name: each.inputs for each in made.resources if each.kind != "Deployment"}

    before, after = declared(2), declared(3)
    assert {name for name in before if before[name] != after[name]} == {"local-full-floor"}


def test_what_rollouts_own_is_there_under_the_paths_that_pulumi_ignores() -> None:
    recording = recorded(VARIANT, QUANTIZED)
    for kind, paths in DEPLOYED_FIELDS.items():
        for path in paths:
            values = [found(each.inputs, path) for each in recording.all(kind)]
            if path.endswith('paused-replicas"]'):
                assert sorted(map(str, values)) == ["0", "0", "None", "None"], "green is paused, blue is not"
            else:
                assert None not in values, f"{path} of {kind} names nothing"
    server = recording.one("Deployment", "local-full-blue-floor").inputs
    assert [at(server, path) for path in DEPLOYED_FIELDS["Deployment"]] == [
        2,
        "b" * 12,
        VARIANT.image,
        VARIANT.image,
        "s3://models/support-llm/2026-05",
        VARIANT.weights.sha256,
        "s3://models/support-llm/2026-05",
        VARIANT.weights.sha256,
    ]


def found(inputs: dict[str, Any], path: str) -> Any:
    try:
        return at(inputs, path)
    except (KeyError, IndexError):
        return None


@pytest.mark.parametrize("kind", DEPLOYED_FIELDS)
def test_pulumi_leaves_alone_what_rollouts_own(kind: str, monkeypatch: pytest.MonkeyPatch) -> None:
    ignored: dict[str, set[str]] = {}
    register = pulumi.runtime.mocks.MockMonitor.RegisterResource

    def spy(self: Any, request: Any) -> Any:
        ignored[f"{request.type}::{request.name}"] = set(request.ignoreChanges)
        return register(self, request)

    monkeypatch.setattr(pulumi.runtime.mocks.MockMonitor, "RegisterResource", spy)
    made = recorded(VARIANT, QUANTIZED).all(kind)
    assert made
    for each in made:
        assert each.type == KINDS[kind]
        assert ignored[f"{each.type}::{each.name}"] == set(DEPLOYED_FIELDS[kind])


def test_one_service_leads_to_floor_and_burst_of_its_slot_and_to_nothing_else() -> None:
    recording = recorded(VARIANT, QUANTIZED)
    pods = {
        name: each["spec"]["template"]["metadata"]["labels"] for name, each in named(recording, "Deployment").items()
    }
    for name, service in named(recording, "Service").items():
        selector = service["spec"]["selector"].items()
        assert {pod for pod, labels in pods.items() if selector <= labels.items()} == {f"{name}-floor", f"{name}-burst"}
    for name, each in named(recording, "Deployment").items():
        selector = each["spec"]["selector"]["matchLabels"].items()
        assert [pod for pod, labels in pods.items() if selector <= labels.items()] == [name]


def test_the_budget_holds_the_floor_and_lets_the_burst_go_at_once() -> None:
    """All spot can be taken back at once, and what a budget holds back then is killed after two minutes."""
    recording = recorded()
    for name, budget in named(recording, "PodDisruptionBudget").items():
        assert budget["spec"]["selector"]["matchLabels"]["stanchion.dev/capacity"] == "floor"
        assert budget["spec"]["maxUnavailable"] == 1
        assert budget["spec"]["selector"]["matchLabels"]["stanchion.dev/slot"] == name.rpartition("-")[2]


def test_all_of_it_says_whose_it_is() -> None:
    recording = recorded()
    for each in recording.resources:
        if each.type.startswith("kubernetes:") and each.custom:
            labels = each.inputs["metadata"]["labels"]
            assert labels["stanchion.dev/workload"] == labels["stanchion.dev/endpoint"] == "support-assistant"
            assert labels["stanchion.dev/tier"] == "critical"
            assert each.inputs["metadata"]["namespace"] == "endpoints"
            assert "stanchion.dev/standby" not in labels


def test_a_standby_says_so() -> None:
    for each in recorded(standby=True).all("Deployment"):
        assert each.inputs["metadata"]["labels"]["stanchion.dev/standby"] == "true"


def test_without_replicas_above_the_floor_there_is_no_burst() -> None:
    recording = recorded(variant(max=2))
    assert set(named(recording, "Deployment")) == {
        "support-assistant-full-blue-floor",
        "support-assistant-full-green-floor",
    }
    assert not recording.all("ScaledObject")


def test_a_floor_of_nothing_is_held_by_nobody_and_all_comes_with_the_load() -> None:
    recording = recorded(variant(floor=0, max=4))
    assert not recording.all("HorizontalPodAutoscaler")
    assert recording.one("ScaledObject", "local-full-blue-burst").inputs["spec"]["maxReplicaCount"] == 4


def test_a_floor_that_may_sleep_is_held_by_keda() -> None:
    recording = recorded(scale_to_zero=True)
    assert not recording.all("HorizontalPodAutoscaler")
    floor = named(recording, "ScaledObject")["support-assistant-full-floor"]["spec"]
    assert (floor["idleReplicaCount"], floor["minReplicaCount"], floor["maxReplicaCount"]) == (0, 2, 2)
    assert floor["scaleTargetRef"]["name"] == "support-assistant-full-blue-floor"


def test_whichever_slot_is_asked_wakes_the_floor() -> None:
    """A rollout moves the target to green, and requests for green have to wake it."""
    floor = named(recorded(scale_to_zero=True), "ScaledObject")["support-assistant-full-floor"]["spec"]
    assert [each["metadata"]["url"].rpartition("/")[2] for each in floor["triggers"]] == ["blue", "green"]


def test_a_floor_may_begin_to_sleep_while_its_autoscaler_is_still_there() -> None:
    """Pulumi makes the new one before it takes the old one away, and KEDA would refuse two of them."""
    (floor,) = named(recorded(), "HorizontalPodAutoscaler").values()
    assert floor["metadata"]["annotations"] == {"validations.keda.sh/hpa-ownership": "false"}


def test_the_gateway_is_asked_for_the_demand_of_each_slot() -> None:
    objects = named(recorded(), "ScaledObject")
    urls = {name: each["spec"]["triggers"][0]["metadata"]["url"] for name, each in objects.items()}
    assert urls == {
        f"support-assistant-full-{color}-burst": "http://gateway.gateway.svc:8081/scaling/support-assistant/full/"
        f"{color}"
        for color in ("blue", "green")
    }


def test_updates_wait_for_the_floor_and_for_nothing_that_nobody_promises() -> None:
    recording = recorded()

    def skips(each: Recorded) -> bool:
        return each.inputs["metadata"].get("annotations", {}).get("pulumi.com/skipAwait") == "true"

    assert {each.name for each in recording.all("Deployment") if not skips(each)} == {
        "local-full-blue-floor",
        "local-full-green-floor",
    }
    assert all(skips(each) for each in recording.all("Service")), "a slot that does not serve has no endpoints"
    floor = recording.one("Deployment", "local-full-blue-floor").inputs["spec"]
    assert floor["strategy"]["rollingUpdate"] == {"maxSurge": "100%", "maxUnavailable": 0}
    # A node, 48 s of files at 512 MiB/s, and twice the 195 s of the engine.
    assert floor["progressDeadlineSeconds"] == 900 + 48 + 390


def test_outputs_are_those_of_the_contract() -> None:
    made: list[OnlineEndpoint] = []

    def build() -> None:
        options = pulumi.ResourceOptions(providers=[provider("us-west-2"), kubernetes()])
        made.append(
            OnlineEndpoint("local", replace(ENDPOINT, variants=[VARIANT, variant(variant="quantized", max=2)]), options)
        )

    recording = record(build)
    published = made[0].published
    assert set(published) == {"full", "quantized"}
    full = published["full"]
    assert (full["floor"], full["max"], full["concurrency"]) == (2, 20, 16)
    assert full["cold_start_seconds"] == 130 + 48 + 195
    assert full["activation"]["green"] == "/scaling/support-assistant/full/green"
    assert full["slots"]["blue"] == {
        "service": "support-assistant-full-blue",
        "address": "http://support-assistant-full-blue.endpoints.svc:8000",
        "floor": "support-assistant-full-blue-floor",
        "burst": "support-assistant-full-blue-burst",
    }
    assert published["quantized"]["slots"]["blue"]["burst"] is None
    (outputs,) = [out for urn, out in recording.outputs.items() if urn.endswith("OnlineEndpoint::local")]
    assert outputs["protocol"] == "openai"
    assert outputs["addresses"]["full-green"] == "http://support-assistant-full-green.endpoints.svc:8000"


def test_requests_that_the_notice_of_spot_cuts_off_are_refused() -> None:
    with pytest.raises(ValueError, match="endpoint 'support-assistant' has requests of up to 600 s"):
        recorded(longest_request="10m")
    with pytest.raises(ValueError, match="Call it something of"):
        recorded(endpoint_name="e" * 60)


@pytest.mark.parametrize(
    "changes",
    [{}, {"spot": False}, {"scale_to_zero": True}, {"standby": True}, {"kind": Kind.PREDICTOR}],
    ids=str,
)
def test_it_breaks_no_rule(changes: dict[str, Any]) -> None:
    assert broken_rules(recorded(VARIANT, QUANTIZED, **changes)) == []


# What is lost, and what then.
GPUS = [f"g{generation}.{size}xlarge" for generation in ("5", "6", "6e", "4dn", "6f") for size in (1, 2, 4)]
GENERAL = [f"m{generation}.{size}xlarge" for generation in ("5", "6i", "6a", "7i", "7a") for size in (1, 2, 4)]
SUBNETS = ["subnet-a", "subnet-b", "subnet-c"]


@functools.cache
def whole() -> Recording:
    """The endpoint as most tests look at it, on a cluster of its own."""
    return on_a_cluster()


def on_a_cluster(*variants: Any, region: str = "us-west-2", floor_per_zone: int = 1, **changes: Any) -> Recording:
    """The endpoint on a cluster of its own, as two layers declare it."""
    topics = ENDPOINT.alarm_topics

    def build() -> None:
        cloud = provider(region)
        cluster = ClusterArgs("prod", "1.34", SUBNETS, "arn:key", ACCOUNT, ["arn:role"], 90, topics, keep=False)
        made = Cluster("cluster", cluster, pulumi.ResourceOptions(provider=cloud))
        config = kubeconfig(made.cluster_name, made.endpoint, made.certificate_authority, region)
        options = pulumi.ResourceOptions(providers=[cloud, pulumi_kubernetes.Provider("inside", kubeconfig=config)])
        pools = [
            PoolArgs("general", GENERAL, ["m7i.xlarge"]),
            PoolArgs(
                "gpu",
                GPUS,
                ["g6.2xlarge"],
                floor_per_zone=floor_per_zone,
                burst_cpu=64,
                overflow_cpu=64,
                accelerator=Accelerator.NVIDIA,
            ),
        ]
        zones = [f"{region}{letter}" for letter in "abc"]
        AutoMode("nodes", AutoModeArgs("prod", "sg-1", SUBNETS, zones, "arn:key", pools, topics), options)
        args = replace(ENDPOINT, variants=list(variants or (VARIANT,)), region=region, **changes)
        OnlineEndpoint("local", args, options)

    return record(build, stack=region)


def estimates(*recordings: Recording, rto: float = 120) -> dict[Disruption, Estimate]:
    """What the endpoint can expect, with the same objective for all that may be lost."""
    objectives = dict.fromkeys(Disruption, Objective(rto=rto))
    first, *others = [each.graph() for each in recordings]
    found = estimate(first.merged(*others), Settings(tiers={"critical": TierObjectives("critical", objectives)}))
    return {each.disruption: each for each in found.estimates if each.workload == "support-assistant"}


def counting(one: Estimate) -> list[str]:
    return [term.name for part in one.rto.parts if part.counts for term in part.terms]


@pytest.mark.parametrize("disruption", [Disruption.INFRASTRUCTURE, Disruption.ZONE])
def test_a_floor_of_two_serves_on_when_a_node_or_a_zone_is_lost(disruption: Disruption) -> None:
    lost = estimates(whole())[disruption]
    assert lost.rto.amount == 50, "until the silent node is noticed"
    assert "1 of 2 replicas keep serving" in counting(lost)
    assert lost.rto.verdict is Verdict.MET


def test_a_bad_version_is_undone_within_a_cold_start() -> None:
    back = estimates(whole())[Disruption.APPLICATION]
    names = " ".join(counting(back))
    for term in ("the image is pulled", "weights are loaded", "the engine starts", "the readiness probe succeeds"):
        assert term in names
    # The readiness probe fails (17 s), 16 s for the image and 32 s for the weights, 195 s, ready (5 s).
    assert back.rto.amount == 17 + 16 + 32 + 195 + 5


def test_a_single_replica_comes_back_on_the_floor_after_its_toleration_and_a_cold_start() -> None:
    lost = estimates(on_a_cluster(variant(floor=1, max=1)))[Disruption.INFRASTRUCTURE]
    # Noticed, bound for a quarter of the objective, room on the floor, and the start.
    assert lost.rto.amount == 50 + 30 + 16 + 32 + 195 + 5
    assert lost.rto.verdict is Verdict.BROKEN, "and it is told before anything is deployed"


def test_a_single_replica_without_nodes_that_run_has_no_bound() -> None:
    lost = estimates(on_a_cluster(variant(floor=1, max=1), floor_per_zone=0))[Disruption.ZONE]
    assert lost.rto.amount == float("inf")


def test_the_burst_promises_nothing_and_spoils_nothing() -> None:
    with_burst, without = estimates(whole()), estimates(on_a_cluster(variant(max=2)))
    for disruption in (Disruption.INFRASTRUCTURE, Disruption.ZONE):
        assert with_burst[disruption].rto.amount == without[disruption].rto.amount


def test_what_sleeps_is_woken_first() -> None:
    lost = estimates(on_a_cluster(scale_to_zero=True))[Disruption.ZONE]
    assert "KEDA polls the demand" in counting(lost)
    assert isinstance(lost.rto.amount, float)
    assert lost.rto.amount >= 5 + 195


def test_a_floor_that_runs_in_the_standby_serves_at_once_when_the_region_is_lost() -> None:
    standby = on_a_cluster(variant(floor=1), region="us-east-1", standby=True)
    lost = estimates(whole(), standby)[Disruption.REGION]
    # Nothing here says who notices, decides and shifts the traffic; that adds to what is known.
    assert lost.rto.amount == 0
    assert "1 replicas run there already (for 2 here)" in counting(lost)
    assert lost.rto.verdict is Verdict.NOT_ASSESSED


def test_a_standby_that_sleeps_adds_a_cold_start_to_the_loss_of_the_region() -> None:
    standby = on_a_cluster(variant(floor=1), region="us-east-1", standby=True, scale_to_zero=True)
    lost = estimates(whole(), standby)[Disruption.REGION]
    names = " ".join(counting(lost))
    for term in ("KEDA polls the demand", "weights are loaded", "the engine starts"):
        assert term in names
    assert lost.rto.amount == 5 + 16 + 32 + 195 + 5


def test_a_standby_is_not_judged_for_its_own_zones() -> None:
    alone = estimates(on_a_cluster(variant(floor=1), standby=True))
    assert alone.get(Disruption.ZONE) is None or alone[Disruption.ZONE].rto.amount is None
