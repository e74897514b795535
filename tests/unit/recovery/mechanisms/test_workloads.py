"""Whole figures of pods: 350 s with all defaults, what spread saves, what nodes cost, and what is not said."""

import math
import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from stanchion.graph import SECRET, UNKNOWN, GraphBuilder, ResourceGraph, Unsettled
from stanchion.recovery.findings import Phase
from stanchion.recovery.term import rank
from tests.unit.recovery.mechanisms.kubernetes.program import (
    APPLICATION,
    COMPUTE,
    HOST,
    INFRASTRUCTURE,
    REGION,
    STARTS,
    ZONE,
    ZONES,
    Program,
    Result,
    result,
    spread,
    tolerating,
)

SCALED = "keda.sh/v1alpha1:ScaledObject"
LOCAL = (INFRASTRUCTURE, ZONE)
APART = {"topologySpreadConstraints": [spread(HOST), spread(ZONES)]}


def alone(version: str | None = "1.34", **own):
    """One workload, no nodes in the program, a start of 20 s."""
    program = Program(version=version)
    program.deployment(annotations=STARTS, **own)
    return result(program)


@pytest.mark.parametrize("disruption", LOCAL)
@pytest.mark.parametrize(
    ("version", "tolerations", "seconds"),
    [
        ("1.34", None, 50 + 300),
        ("1.31", None, 40 + 300),
        (None, None, 50 + 300),
        ("1.34", tolerating(10), 50 + 10),
        ("1.28", tolerating(0), 40),
    ],
)
def test_one_replica_waits_for_grace_and_toleration_and_starts(disruption, version, tolerations, seconds):
    assert alone(version, pods={"tolerations": tolerations}).rto(disruption) == seconds + 20


def test_an_unknown_version_is_remarked():
    assert alone(None).noted("version of the cluster is not known")
    assert not alone("1.34").noted("version of the cluster")


@pytest.mark.parametrize("disruption", LOCAL)
@pytest.mark.parametrize("replicas", [2, 3, 10])
def test_replicas_that_are_apart_keep_serving(disruption, replicas):
    found = alone(replicas=replicas, pods=APART)
    assert found.rto(disruption) == 50
    assert any("keep serving" in name for name in found.terms(disruption))


def test_apart_over_hosts_is_not_apart_over_zones():
    found = alone(replicas=3, pods={"topologySpreadConstraints": [spread(HOST)]})
    assert (found.rto(INFRASTRUCTURE), found.rto(ZONE)) == (50, 370)


@pytest.mark.parametrize(
    "pods",
    [
        {},
        {"topologySpreadConstraints": [spread(HOST, whenUnsatisfiable="ScheduleAnyway", minDomains=None)]},
        {"topologySpreadConstraints": [spread(HOST, labelSelector={"matchLabels": {"app": "other"}})]},
    ],
)
def test_many_replicas_that_may_lie_on_one_host_are_as_one(pods):
    assert alone(replicas=5, pods=pods).rto(INFRASTRUCTURE) == 370


def test_two_hosts_are_assumed_where_no_node_is_in_the_program_and_it_is_said():
    loose = {"topologySpreadConstraints": [spread(HOST, minDomains=None)]}
    found = alone(replicas=2, pods=loose)
    assert found.rto(INFRASTRUCTURE) == 50
    assert found.noted("is assumed")
    assert found.noted("nothing is said about their capacity")


@pytest.mark.parametrize(
    ("own", "path"),
    [
        ({"replicas": UNKNOWN}, "spec.replicas"),
        ({"replicas": SECRET}, "spec.replicas"),
        ({"replicas": "two"}, "spec.replicas"),
        ({"pods": {"tolerations": UNKNOWN}}, "spec.template.spec.tolerations"),
        (
            {"replicas": 2, "pods": {"topologySpreadConstraints": UNKNOWN}},
            "spec.template.spec.topologySpreadConstraints",
        ),
    ],
)
def test_what_is_not_known_fails_closed_and_is_named(own, path):
    found = alone(**own)
    assert found.missing(INFRASTRUCTURE) == found.missing(ZONE) == path


def test_no_replica_and_nothing_that_starts_one_serves_nobody():
    found = alone(replicas=0)
    assert found.steps == []
    assert found.noted("serves nobody")


def test_a_standby_is_judged_for_a_region_only():
    program = Program()
    program.deployment(labels={"stanchion.dev/standby": "true"})
    assert result(program).steps == []


# Nodes in the program


def with_nodes(*groups, zones=("us-east-1a", "us-east-1b"), **own):
    program = Program()
    subnets = program.subnets(*zones)
    for name, least, inputs in groups:
        program.group(name, least, subnets, **inputs)
    program.deployment(annotations=STARTS, **own)
    return result(program)


SPOT = {"capacityType": "SPOT"}


@pytest.mark.parametrize("disruption", LOCAL)
@pytest.mark.parametrize(
    ("groups", "bounded"),
    [
        ([("floor", 2, {})], True),
        ([("one", 1, {})], False),
        ([("spot", 4, SPOT)], False),
        # Spot bursts above a floor: the floor counts.
        ([("floor", 2, {}), ("spot", 0, SPOT)], True),
        ([("cold", 0, {})], False),
    ],
)
def test_one_replica_needs_a_node_that_runs(disruption, groups, bounded):
    found = with_nodes(*groups, pods={"tolerations": tolerating(10)}).rto(disruption)
    queue = 10 * (6 * len(groups) - 1) if disruption is ZONE else 0
    assert found == (50 + 10 + queue + 20 if bounded else math.inf)


@pytest.mark.parametrize("disruption", LOCAL)
def test_spot_alone_has_no_bound_however_many_replicas_are_apart(disruption):
    assert with_nodes(("spot", 4, SPOT), replicas=9, pods=APART).rto(disruption) == math.inf
    assert with_nodes(("spot", 4, SPOT), ("floor", 2, {}), replicas=9, pods=APART).rto(disruption) == 50


def test_spot_beside_a_floor_is_remarked_unless_pods_are_spread_over_capacity_types():
    groups = [("spot", 0, SPOT), ("floor", 2, {})]
    assert with_nodes(*groups, replicas=2, pods=APART).noted("evictions stop")
    both = {"topologySpreadConstraints": [*APART["topologySpreadConstraints"], spread("karpenter.sh/capacity-type")]}
    assert not with_nodes(*groups, replicas=2, pods=both).noted("evictions stop")
    assert not with_nodes(groups[1], replicas=2, pods=APART).noted("evictions stop")


def test_without_min_domains_a_floor_must_be_in_two_zones():
    loose = {"topologySpreadConstraints": [spread(HOST, minDomains=None), spread(ZONES, minDomains=None)]}
    two = with_nodes(("floor", 2, {}), replicas=2, pods=loose)
    assert (two.rto(INFRASTRUCTURE), two.rto(ZONE)) == (50, 50)
    one = with_nodes(("floor", 2, {}), replicas=2, pods=loose, zones=("us-east-1a",))
    assert (one.rto(INFRASTRUCTURE), one.rto(ZONE)) == (50, math.inf)
    assert one.noted("minDomains")


def test_a_zone_s_nodes_are_evicted_one_every_ten_seconds():
    found = with_nodes(("floor", 2, {"most": 4}))
    assert found.rto(ZONE) == 50 + 300 + 30 + 20
    assert found.rto(INFRASTRUCTURE) == 50 + 300 + 20


@pytest.mark.parametrize(("repair", "seconds"), [(True, 50 + 1800 + 20), (False, math.inf)])
def test_pods_that_are_never_evicted_wait_for_node_repair(repair, seconds):
    forever = {"tolerations": [{"operator": "Exists"}]}
    groups = [("floor", 2, {"nodeRepairConfig": {"enabled": repair}})]
    assert with_nodes(*groups, pods=forever).rto(INFRASTRUCTURE) == seconds


# Identity and disks


@pytest.mark.parametrize(("repair", "expected"), [(True, 50 + 1800 + 20), (False, math.inf), (UNKNOWN, None)])
def test_a_stateful_set_waits_until_the_silent_node_is_given_up(repair, expected):
    groups = [("floor", 2, {"nodeRepairConfig": {"enabled": repair}})]
    found = with_nodes(*groups, kind="StatefulSet", pods={"tolerations": tolerating(10)}).rto(INFRASTRUCTURE)
    assert isinstance(found, Unsettled) if expected is None else found == expected


def test_a_deployment_with_a_disk_waits_as_well():
    claim = {"volumes": [{"name": "data", "persistentVolumeClaim": {"claimName": "data"}}]}
    assert with_nodes(("floor", 2, {}), pods=claim).rto(INFRASTRUCTURE) == math.inf
    assert isinstance(alone(pods=claim).rto(INFRASTRUCTURE), Unsettled)


@pytest.mark.parametrize(
    ("provisioner", "expected"), [("ebs.csi.aws.com", math.inf), ("efs.csi.aws.com", 50 + 1800 + 50 + 20)]
)
def test_a_disk_of_the_lost_zone_is_waited_for(provisioner, expected):
    program = Program()
    program.group("floor", 2, program.subnets("us-east-1a", "us-east-1b"), nodeRepairConfig={"enabled": True})
    program.add(
        "kubernetes:storage.k8s.io/v1:StorageClass",
        "disk",
        {"metadata": {"name": "disk"}, "provisioner": provisioner},
        provider=program.provider,
    )
    template = {"metadata": {"name": "data"}, "spec": {"storageClassName": "disk"}}
    program.deployment(kind="StatefulSet", annotations=STARTS, volumeClaimTemplates=[template])
    assert result(program).rto(ZONE) == expected


def test_replicas_of_a_stateful_set_that_are_apart_keep_serving():
    found = with_nodes(("floor", 2, {}), kind="StatefulSet", replicas=3, pods=APART)
    assert found.rto(INFRASTRUCTURE) == found.rto(ZONE) == 50


# Autoscaling


def test_from_zero_the_autoscaler_has_to_poll_too():
    program = Program()
    program.deployment(replicas=None, annotations=STARTS)
    program.object(SCALED, "api", {"scaleTargetRef": {"name": "api"}, "minReplicaCount": 0})
    assert result(program).rto(INFRASTRUCTURE) == 50 + 300 + 30 + 20


def test_the_floor_of_an_autoscaler_decides_and_not_the_number_it_took_over():
    program = Program()
    program.deployment(replicas=5, annotations=STARTS, pods=APART)
    program.object(
        "autoscaling/v2:HorizontalPodAutoscaler",
        "api",
        {"scaleTargetRef": {"kind": "Deployment", "name": "api"}, "minReplicas": 1, "maxReplicas": 9},
    )
    assert result(program).rto(INFRASTRUCTURE) == 370


# A bad version


def test_a_bad_version_is_noticed_by_its_probe_and_rolled_back_in_waves():
    container = {"readinessProbe": {"periodSeconds": 5, "failureThreshold": 2, "timeoutSeconds": 1}}
    found = alone(replicas=4, container=container)
    assert found.detect(APPLICATION) == 11
    # Of 4 one more and one less are allowed: two waves of 20 s.
    assert found.recover(APPLICATION) == 40


def test_without_a_probe_nothing_notices_a_bad_version():
    found = alone()
    assert found.of(APPLICATION, Phase.DETECT) == []
    assert found.noted("Kubernetes notices nothing")
    assert found.recover(APPLICATION) == 20


def test_recreate_ends_all_pods_first():
    assert alone(replicas=4, strategy={"type": "Recreate"}).recover(APPLICATION) == 30 + 20


@pytest.mark.parametrize(
    "own", [{"replicas": UNKNOWN}, {"strategy": UNKNOWN}, {"strategy": {"rollingUpdate": {"maxSurge": UNKNOWN}}}]
)
def test_a_rollout_that_can_not_be_told(own):
    assert isinstance(alone(**own).recover(APPLICATION), Unsettled)


def test_daemons_keep_serving_on_the_nodes_that_are_left():
    found = with_nodes(("floor", 3, {}), kind="DaemonSet")
    assert found.rto(INFRASTRUCTURE) == found.rto(ZONE) == 50
    # Without nodes in the program nobody knows whether there is a second one.
    assert alone(kind="DaemonSet").of(INFRASTRUCTURE) == []


# Another region


def regions(here, there, *, workload="search", scaled=None, name="api", nodes=None):
    program = Program()
    west = program.kubernetes(program.eks("west", region="us-west-2"))
    program.deployment(replicas=here, annotations=STARTS)
    program.deployment(
        name, replicas=there, annotations=STARTS, labels={"stanchion.dev/workload": workload}, provider=west
    )
    if scaled is not None:
        target = {"scaleTargetRef": {"name": name}, "minReplicaCount": scaled}
        program.object(SCALED, "api", target, provider=west)
    if nodes is not None:
        program.add(
            "aws:eks/nodeGroup:NodeGroup",
            "west",
            {"clusterName": "west", "scalingConfig": {"minSize": nodes, "maxSize": 4}, "instanceTypes": ["g6.xlarge"]},
            region="us-west-2",
        )
    return program


def test_a_counterpart_that_runs_takes_over_at_once():
    found = result(regions(3, 3))
    assert found.recover(REGION) == 0
    assert "3 replicas run there already (for 3 here)" in found.terms(REGION)


def test_a_smaller_counterpart_is_brought_to_size_by_its_autoscaler():
    assert result(regions(4, None, scaled=1)).recover(REGION) == 30


def test_a_counterpart_at_zero_polls_needs_a_node_and_starts():
    assert result(regions(1, None, scaled=0, nodes=1)).recover(REGION) == 30 + 0 + 20
    assert result(regions(1, None, scaled=0, nodes=0)).recover(REGION) == math.inf


def test_without_a_counterpart_nothing_is_said():
    assert alone().of(REGION) == []
    assert result(regions(1, 3, workload="other")).of(REGION) == []
    same = Program()
    same.deployment("one", labels={"app": "one"})
    same.deployment("two", labels={"app": "two"})
    assert result(same).of(REGION) == []


def test_a_region_that_can_not_be_told_has_no_counterpart():
    program = Program()
    program.eks("west", region="us-west-2")
    loose = program.add("pulumi:providers:kubernetes", "loose", {"kubeconfig": SECRET})
    program.deployment(replicas=2, provider=loose)
    program.deployment(replicas=2)
    assert result(program).of(REGION) == []


@pytest.mark.parametrize(("quota", "recovers"), [(16, True), (15, False), (UNKNOWN, None)])
def test_a_quota_of_the_other_region_is_a_term_of_its_own(quota, recovers):
    program = regions(1, 1, nodes=1)
    program.add(
        "aws:servicequotas/serviceQuota:ServiceQuota",
        "gpu",
        {"serviceCode": "ec2", "quotaCode": "L-DB2E81BA", "value": quota},
        region="us-west-2",
    )
    found = [total for step in result(program).of(REGION) if step.urn.endswith("api-west") for total in step.terms]
    amount = next(term.amount for term in found if "quota" in term.name)
    assert isinstance(amount, Unsettled) if recovers is None else amount == (0 if recovers else math.inf)


# Properties


def seconds(found: Result, disruption) -> float:
    order, amount = rank(found.rto(disruption))
    return amount if order == 0 else math.inf


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 900), st.integers(0, 900), st.sampled_from(LOCAL))
def test_a_longer_toleration_never_gives_a_shorter_rto(one, more, disruption):
    shorter, longer = (alone(pods={"tolerations": tolerating(t)}) for t in (one, one + more))
    assert seconds(shorter, disruption) <= seconds(longer, disruption)


@settings(max_examples=25, deadline=None)
@given(st.integers(1, 12), st.integers(1, 4), st.sampled_from([HOST, ZONES]), st.sampled_from(LOCAL), st.booleans())
def test_one_more_replica_never_makes_it_worse(replicas, skew, key, disruption, nodes):
    pods = {"topologySpreadConstraints": [spread(key, maxSkew=skew)]}
    groups = [("floor", 2, {})] if nodes else []
    some, more = (with_nodes(*groups, replicas=r, pods=pods) for r in (replicas, replicas + 1))
    assert seconds(more, disruption) <= seconds(some, disruption)


@settings(max_examples=20, deadline=None)
@given(st.integers(0, 4), st.integers(0, 4), st.sampled_from(LOCAL))
def test_one_more_node_never_makes_it_worse(floor, spot, disruption):
    def program(least):
        groups = [("floor", least, {"most": 9}), ("spot", spot, SPOT)]
        return with_nodes(*groups, replicas=2, pods={"topologySpreadConstraints": [spread(ZONES, minDomains=None)]})

    assert seconds(program(floor + 1), disruption) <= seconds(program(floor), disruption)


def shape(found: Result):
    steps = sorted(
        (s.urn, s.disruption, s.phase, s.name, tuple((t.name, str(t.amount)) for t in s.terms)) for s in found.steps
    )
    return steps, sorted(found.notes)


def test_the_order_of_resources_is_irrelevant():
    program = regions(3, None, scaled=0, nodes=2)
    program.group("floor", 2, program.subnets("us-east-1a", "us-east-1b"))
    program.pool("spot", ("spot",))
    program.object(
        "policy/v1:PodDisruptionBudget", "api", {"minAvailable": "100%", "selector": {"matchLabels": {"app": "api"}}}
    )
    resources = list(program.graph())
    expected = shape(Result(ResourceGraph(resources)))
    for seed in range(6):
        random.Random(seed).shuffle(resources)
        assert shape(Result(ResourceGraph(resources))) == expected


JUNK = [
    None,
    UNKNOWN,
    SECRET,
    "",
    "x",
    -1,
    0,
    2.5,
    float("nan"),
    float("inf"),
    True,
    [],
    [None],
    ["x"],
    {},
    {"x": {}},
    [[{}]],
]
PLACES = [
    ("kubernetes:apps/v1:Deployment", ("spec", "spec.replicas", "spec.template", "spec.template.spec", "metadata")),
    (
        "kubernetes:apps/v1:Deployment",
        ("spec.template.spec.tolerations", "spec.template.spec.containers", "spec.strategy"),
    ),
    ("kubernetes:apps/v1:Deployment", ("spec.template.spec.topologySpreadConstraints", "spec.template.spec.affinity")),
    ("kubernetes:apps/v1:Deployment", ("spec.template.spec.volumes", "spec.minReadySeconds", "metadata.annotations")),
    ("kubernetes:apps/v1:StatefulSet", ("spec", "spec.updateStrategy", "spec.volumeClaimTemplates", "spec.replicas")),
    ("kubernetes:apps/v1:DaemonSet", ("spec", "spec.updateStrategy")),
    (
        "kubernetes:karpenter.sh/v1:NodePool",
        ("spec", "spec.template", "spec.limits", "spec.replicas", "spec.disruption"),
    ),
    ("kubernetes:karpenter.k8s.aws/v1:EC2NodeClass", ("spec", "metadata")),
    ("kubernetes:keda.sh/v1alpha1:ScaledObject", ("spec", "spec.scaleTargetRef", "spec.minReplicaCount")),
    ("kubernetes:autoscaling/v2:HorizontalPodAutoscaler", ("spec", "spec.scaleTargetRef", "spec.minReplicas")),
    ("kubernetes:policy/v1:PodDisruptionBudget", ("spec", "spec.selector", "spec.minAvailable")),
    ("kubernetes:storage.k8s.io/v1:StorageClass", ("metadata", "provisioner", "parameters")),
    ("aws:eks/nodeGroup:NodeGroup", ("clusterName", "scalingConfig", "taints", "labels", "subnetIds", "instanceTypes")),
    ("aws:eks/nodeGroup:NodeGroup", ("launchTemplate", "capacityType", "nodeRepairConfig", "updateConfig")),
    ("aws:eks/cluster:Cluster", ("version", "computeConfig", "vpcConfig", "name")),
    (
        "aws:ec2/capacityReservation:CapacityReservation",
        ("instanceCount", "instanceType", "availabilityZone", "endDateType"),
    ),
    ("aws:servicequotas/serviceQuota:ServiceQuota", ("value", "quotaCode")),
]


def nested(path, value):
    head, _, rest = path.partition(".")
    return {head: nested(rest, value) if rest else value}


@pytest.mark.parametrize(("type_", "paths"), PLACES)
def test_malformed_objects_never_raise(type_, paths):
    for path in paths:
        for junk in JUNK:
            program = Program()
            program.deployment(pods=APART, replicas=2)
            program.group("nodes", 2, program.subnets("us-east-1a"))
            program.add(type_, "junk", nested(path, junk), provider=program.provider if type_.startswith("k") else None)
            Result(program.graph())


def test_a_program_without_kubernetes_has_nothing():
    builder = GraphBuilder()
    builder.add("aws:s3/bucket:Bucket", "lake", {})
    graph = builder.graph()
    assert [finding for mechanism in COMPUTE for finding in mechanism.find(graph)] == []


@pytest.mark.parametrize("disruption", LOCAL)
@pytest.mark.parametrize(
    ("groups", "expected"),
    [
        ([("one", 4, {"capacityType": UNKNOWN})], None),
        ([("one", 4, {"capacityType": UNKNOWN}), ("spot", 4, SPOT)], None),
        # One that is surely on demand settles it.
        ([("one", 4, {"capacityType": UNKNOWN}), ("floor", 2, {})], 50),
    ],
)
def test_nodes_that_may_all_be_spot_can_not_be_told(groups, expected, disruption):
    found = with_nodes(*groups, replicas=3, pods=APART).rto(disruption)
    if expected is None:
        assert isinstance(found, Unsettled)
        assert found.property == "capacityType"
    else:
        assert found == expected
