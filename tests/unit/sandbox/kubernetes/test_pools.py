from collections import Counter
from typing import Any

from sandbox.kubernetes.instances import instance_type
from sandbox.kubernetes.node_processes import runs_processes
from sandbox.kubernetes.nodes import CapacityType, Engine, Taint
from sandbox.kubernetes.pool import Pool
from sandbox.kubernetes.pools import EMPTY_SECONDS, Existing, plan
from stanchion.serving.instances import InstanceType

ZONES = ("us-east-1a", "us-east-1b", "us-east-1c")
SPOT = Taint("stanchion.dev/spot", "true")
NOW = 1000.0


def kind(name: str) -> InstanceType:
    found = instance_type(name)
    assert found is not None
    return found


TYPES = (kind("m7i.xlarge"), kind("m7i.4xlarge"))


def floor(name: str = "floor", zones: tuple[str, ...] = ZONES, nodes: int = 3) -> Pool:
    return Pool(name, Engine.AUTO_MODE, zones, TYPES, floor=nodes)


def burst(name: str = "burst", **more: Any) -> Pool:
    return Pool(
        name,
        Engine.AUTO_MODE,
        ZONES,
        TYPES,
        CapacityType.SPOT,
        taints=(SPOT,),
        dynamic=True,
        **{"most_cpu": 64, **more},
    )


def there(pool: Pool, zone: str, number: int = 0, *, created: float = 0.0, command: bool = False) -> Existing:
    more = {"stanchion.dev/runs": "processes"} if command else {}
    return Existing(pool.node(f"{pool.name}-{zone}-{number}", zone, pool.types[0], more), pool.label, created)


def pod(cpu: str = "1500m", **spec: Any) -> dict[str, Any]:
    tolerations = [{"key": SPOT.key, "operator": "Exists"}]
    container = {"name": "c", "resources": {"requests": {"cpu": cpu}}}
    return {"spec": {"containers": [container], "tolerations": tolerations, **spec}}


COMMAND = {"stanchion.dev/runs": "processes"}


def test_a_floor_is_there_at_once_and_spread_over_its_zones():
    decided = plan([floor(nodes=4)], [], [], {}, NOW)
    assert Counter(node.zone for node in decided.create) == {ZONES[0]: 2, ZONES[1]: 1, ZONES[2]: 1}
    assert len({node.name for node in decided.create}) == 4


def test_a_lost_node_of_a_floor_is_replaced_in_the_zone_that_lacks_it():
    pool = floor()
    decided = plan([pool], [there(pool, ZONES[0]), there(pool, ZONES[2])], [], {}, NOW)
    assert [node.zone for node in decided.create] == [ZONES[1]]


def test_a_smaller_floor_gives_up_empty_nodes_first():
    pool = floor(nodes=1)
    nodes = [there(pool, zone) for zone in ZONES]
    decided = plan([pool], nodes, [], {nodes[1].node.name: 1.0, nodes[2].node.name: 5.0}, NOW)
    assert decided.remove == [nodes[2].node.name, nodes[1].node.name]


def test_a_pool_that_is_gone_takes_its_nodes_along():
    gone = burst()
    assert plan([], [there(gone, ZONES[0])], [], {}, NOW).remove == [f"burst-{ZONES[0]}-0"]


def test_no_pod_waits_no_node_comes():
    assert plan([burst()], [], [], {}, NOW).create == []


def test_waiting_pods_get_as_few_nodes_as_they_fit_on_one_zone_after_the_other():
    # Two pods of 1.5 vCPUs fit on 3.92.
    decided = plan([burst()], [], [pod()] * 6, {}, NOW)
    assert [node.instance_type for node in decided.create] == ["m7i.xlarge"] * 3
    assert {node.zone for node in decided.create} == set(ZONES)


def test_a_large_pod_gets_a_larger_type_and_one_that_fits_nowhere_none():
    assert [node.instance_type for node in plan([burst()], [], [pod("10")], {}, NOW).create] == ["m7i.4xlarge"]
    assert plan([burst()], [], [pod("100")], {}, NOW).create == []


def test_limits_of_a_pool_hold():
    assert len(plan([burst(most_cpu=8)], [], [pod("3")] * 6, {}, NOW).create) == 2
    assert len(plan([burst(most_nodes=1)], [], [pod("3")] * 6, {}, NOW).create) == 1


def test_the_heavier_pool_is_tried_first_and_the_other_when_that_is_full():
    spot, other = burst("spot", weight=50, most_cpu=4), burst("other", weight=10)
    made = plan([other, spot], [], [pod("3")] * 2, {}, NOW).create
    assert [node.labels["karpenter.sh/nodepool"] for node in made] == ["spot", "other"]


def test_a_pod_goes_where_it_wants_to_be():
    decided = plan([burst()], [], [pod(nodeSelector={"topology.kubernetes.io/zone": ZONES[2]})], {}, NOW)
    assert [node.zone for node in decided.create] == [ZONES[2]]


def test_a_pod_that_does_not_tolerate_spot_gets_no_spot_node():
    assert plan([burst()], [], [{"spec": {"containers": []}}], {}, NOW).create == []


def test_a_node_that_just_came_is_waited_for():
    pool = burst()
    new = there(pool, ZONES[0], created=NOW - 1)
    assert plan([pool], [new], [pod()], {}, NOW).create == []
    old = there(pool, ZONES[0], created=NOW - 60)
    assert len(plan([pool], [old], [pod()], {}, NOW).create) == 1


def test_a_node_of_a_burst_goes_when_it_was_empty_for_a_while():
    pool = burst()
    nodes = [there(pool, zone) for zone in ZONES]
    empty = {nodes[0].node.name: EMPTY_SECONDS, nodes[1].node.name: EMPTY_SECONDS - 1}
    assert plan([pool], nodes, [], empty, NOW).remove == [nodes[0].node.name]


def test_a_pod_with_a_command_gets_process_nodes_in_every_zone_of_a_floor_which_stays_as_large():
    pools = [floor(f"floor-{zone}", (zone,), 1) for zone in ZONES]
    fakes = [there(pool, pool.zones[0]) for pool in pools]
    decided = plan(pools, fakes, [pod(nodeSelector=COMMAND)], {}, NOW)
    assert {node.zone for node in decided.create} == set(ZONES)
    assert all(runs_processes(node) for node in decided.create)
    both = [*fakes, *(there(pool, pool.zones[0], 1, command=True) for pool in pools)]
    after = plan(pools, both, [], {each.node.name: 9.0 for each in both[3:]}, NOW)
    assert sorted(after.remove) == sorted(each.node.name for each in fakes)
    assert after.create == []


def test_a_burst_of_pods_with_a_command_is_made_of_process_nodes():
    made = plan([burst()], [], [pod(nodeSelector=COMMAND)] * 2, {}, NOW).create
    assert len(made) == 1
    assert runs_processes(made[0])


def test_pods_without_a_command_start_no_process():
    pools = [floor(), burst()]
    made = plan(pools, [there(pools[0], zone) for zone in ZONES], [pod()], {}, NOW).create
    assert not any(runs_processes(node) for node in made)
