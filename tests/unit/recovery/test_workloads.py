from stanchion.graph import UNKNOWN, GraphBuilder, Unsettled
from stanchion.graph.builder import Handle
from stanchion.recovery.objectives import TierObjectives
from stanchion.recovery.workloads import SHARED, Workload, workloads_of

LAMBDA, BUCKET, KEY = "aws:lambda/function:Function", "aws:s3/bucket:Bucket", "aws:kms/key:Key"


def tags(workload: str, tier: str = "standard") -> dict[str, object]:
    return {"tags": {"stanchion:workload": workload, "stanchion:tier": tier}}


def names(workload: Workload) -> set[str]:
    return {urn.rsplit("::", 1)[-1] for urn in workload.members}


def test_a_workload_owns_what_says_so_and_reaches_what_that_depends_on():
    builder = GraphBuilder()
    bucket = builder.add(BUCKET, "shared", {"tags": {"stanchion:shared": "true"}})
    builder.add(LAMBDA, "search", {**tags("search"), "environment": bucket.ref("id")})
    builder.add(LAMBDA, "orders", {**tags("orders", "critical"), "environment": bucket.ref("id")})
    found = workloads_of(builder.graph(), [bucket.urn])
    assert [(w.name, w.tier, names(w)) for w in found] == [
        ("orders", "critical", {"orders", "shared"}),
        ("search", "standard", {"search", "shared"}),
    ]


def test_what_another_workload_owns_is_not_reached():
    builder = GraphBuilder()
    bucket = builder.add(BUCKET, "theirs", tags("orders"))
    builder.add(LAMBDA, "search", {**tags("search"), "environment": bucket.ref("id")})
    assert names(workloads_of(builder.graph(), [])[1]) == {"search"}


def test_a_child_belongs_to_the_workload_of_its_parent():
    builder = GraphBuilder()
    parent = builder.add(LAMBDA, "search", tags("search"))
    builder.add(BUCKET, "inside", {}, parent=parent)
    assert names(workloads_of(builder.graph(), [])[0]) == {"search", "inside"}


def test_what_nobody_owns_or_reaches_is_shared():
    builder = GraphBuilder()
    bucket = builder.add(BUCKET, "lake", {})
    builder.add(KEY, "irrelevant", {})
    (found,) = workloads_of(builder.graph(), [bucket.urn])
    assert (found.name, found.tier, names(found)) == (SHARED, None, {"lake"})


def test_a_shared_store_that_says_its_tier_is_judged_by_it():
    builder = GraphBuilder()
    bucket = builder.add(BUCKET, "lake", {"tags": {"stanchion:tier": "batch"}})
    assert workloads_of(builder.graph(), [bucket.urn])[0].tier == "batch"


def test_traffic_is_found_against_the_direction_of_the_edges():
    builder = GraphBuilder()
    target = builder.add("aws:lb/targetGroup:TargetGroup", "target", {})
    balancer = builder.add("aws:lb/loadBalancer:LoadBalancer", "front", {})
    builder.add(
        "aws:lb/listener:Listener",
        "https",
        {"loadBalancerArn": balancer.ref("arn"), "targetGroupArn": target.ref("arn")},
    )
    group = builder.add(
        "aws:globalaccelerator/endpointGroup:EndpointGroup", "east", {"endpointConfigurations": balancer.ref("arn")}
    )
    builder.add("aws:autoscaling/group:Group", "servers", {**tags("search"), "targetGroupArns": target.ref("arn")})
    (found,) = workloads_of(builder.graph(), [group.urn])
    assert names(found) == {"servers", "target", "https", "front", "east"}


def test_an_entry_that_one_tier_shares_is_none_of_the_others_and_a_store_is_all_the_same():
    builder = GraphBuilder()
    balancer = builder.add("aws:lb/loadBalancer:LoadBalancer", "entry", {"tags": {"stanchion:shared": "true"}})
    listener = builder.add("aws:lb/listener:Listener", "https", {"loadBalancerArn": balancer.ref("arn")})
    store = builder.add(BUCKET, "store", {"tags": {"stanchion:shared": "true", "stanchion:tier": "standard"}})
    groups = {}
    for tier in ("critical", "standard"):
        own = {"tags": {"stanchion:shared": "true", "stanchion:tier": tier}}
        groups[tier] = builder.add("aws:lb/targetGroup:TargetGroup", f"targets-{tier}", own)
        action = {"type": "forward", "targetGroupArn": groups[tier].ref("arn")}
        builder.add("aws:lb/listenerRule:ListenerRule", tier, {"listenerArn": listener.ref("arn"), "actions": [action]})
    workload = {"environment": [balancer.ref("dnsName"), store.ref("id")]}
    builder.add(LAMBDA, "orders", {**tags("orders", "critical"), **workload})
    (found,) = workloads_of(builder.graph(), [])
    assert {"entry", "https", "targets-critical", "store"} <= names(found)
    assert "targets-standard" not in names(found)


def test_a_network_that_all_share_does_not_join_workloads():
    builder = GraphBuilder()
    vpc = builder.add("aws:ec2/vpc:Vpc", "vpc", {})
    subnet = builder.add("aws:ec2/subnet:Subnet", "a", {"vpcId": vpc.ref("id")})
    for name in ("search", "orders"):
        builder.add("aws:lb/loadBalancer:LoadBalancer", name, {**tags(name), "subnets": subnet.ref("id")})
    for found in workloads_of(builder.graph(), []):
        assert names(found) == {found.name, "a"}


def test_a_circle_of_dependencies_ends():
    builder = GraphBuilder()
    second = Handle(f"urn:pulumi:test::program::{BUCKET}::b")
    first = builder.add(BUCKET, "a", tags("search"), depends_on=(second,))
    builder.add(BUCKET, "b", {}, depends_on=(first,))
    assert names(workloads_of(builder.graph(), [])[0]) == {"a", "b"}


def test_two_tiers_in_one_workload_are_not_guessed_at():
    builder = GraphBuilder()
    builder.add(BUCKET, "a", tags("search"))
    builder.add(BUCKET, "b", tags("search", "critical"))
    tier = workloads_of(builder.graph(), [])[0].tier
    assert isinstance(tier, Unsettled)
    assert "'critical' on aws:s3/bucket:Bucket 'b' and 'standard'" in str(tier)


def test_an_owner_that_is_unknown_is_not_judged_as_shared_and_well():
    builder = GraphBuilder()
    bucket = builder.add(BUCKET, "lake", {"tags": {"stanchion:workload": UNKNOWN, "stanchion:tier": "batch"}})
    (found,) = workloads_of(builder.graph(), [bucket.urn])
    assert isinstance(found.tier, Unsettled)
    assert 'tags["stanchion:workload"]' in str(found.tier)


def test_a_workload_without_a_tier_is_judged_by_the_strictest():
    tiers = {name: TierObjectives(name, {}, every) for name, every in (("a", 5.0), ("b", 3.0))}
    objectives = Workload("search", None, frozenset()).objectives(tiers)
    assert isinstance(objectives, TierObjectives)
    assert objectives.drill_every == 3.0
    assert "not defined; defined are: a, b" in str(Workload("search", "c", frozenset()).objectives(tiers))
    assert "no tier is defined" in str(Workload("search", None, frozenset()).objectives({}))


def test_kubernetes_objects_say_it_in_labels():
    builder = GraphBuilder()
    metadata = {"name": "api", "labels": {"stanchion.dev/workload": "search", "stanchion.dev/tier": "critical"}}
    builder.add("kubernetes:apps/v1:Deployment", "api", {"metadata": metadata})
    (found,) = workloads_of(builder.graph(), [])
    assert (found.name, found.tier) == ("search", "critical")
