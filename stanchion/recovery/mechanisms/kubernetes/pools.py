"""Pools of nodes, in one shape: EKS managed node groups, Karpenter NodePools, and those that Auto Mode brings along."""

from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from stanchion.graph import Resource, ResourceGraph, Setting, Unsettled
from stanchion.recovery.mechanisms.kubernetes.clusters import Clusters
from stanchion.recovery.mechanisms.kubernetes.objects import (
    EC2_NODE_CLASS,
    EKS_CLUSTER,
    NODE_CLASS,
    NODE_GROUP,
    NODE_POOL,
    mapping,
    object_name,
    texts,
)
from stanchion.recovery.mechanisms.kubernetes.quantities import cores, count, size
from stanchion.recovery.mechanisms.kubernetes.reservations import LAUNCH_TEMPLATE, Reservation, Reservations
from stanchion.recovery.mechanisms.kubernetes.spread import CAPACITY_TYPE, ZONE
from stanchion.recovery.placement import placement_of

INSTANCE_TYPE = "node.kubernetes.io/instance-type"


@dataclass(frozen=True, slots=True)
class Pool:
    """A pool of nodes.

    Args:
        resource: what declares it.
        label: how people call it: `node group 'gpu'`.
        cluster: the key of its cluster.
        region: where it lies.
        spot: whether its nodes may be spot instances.
        only_spot: whether they can be nothing else.
        floor: nodes that run whatever the demand is and are no spot instances.
        floor_at: the setting that says so.
        ceiling: the most nodes it may have; None when no setting of nodes limits it.
        ceiling_cpu: the most vCPUs it may have; None when no setting of vCPUs limits it.
        zones: the zones of its nodes; None for any zone of the cluster.
        balanced: whether it spreads its floor over its zones (Auto Scaling does, best effort).
        labels: values its nodes may have by label; a label that may have any value is not among them.
        taints: keys, values and effects that keep pods away which do not tolerate them.
        repair: whether a node that stays not ready is replaced.
        types: instance types, as far as settings name them.
        reservations: reserved capacity that its nodes can use.
    """

    resource: Resource
    label: str
    cluster: str
    region: str | Unsettled
    spot: bool | Unsettled
    only_spot: bool | Unsettled
    floor: float | Unsettled
    floor_at: Setting
    ceiling: float | Unsettled | None
    zones: frozenset[str] | Unsettled | None
    balanced: bool
    labels: Mapping[str, frozenset[str] | Unsettled]
    taints: tuple[Setting, ...] | Unsettled
    repair: bool | Unsettled
    types: tuple[str, ...] = ()
    reservations: tuple[Reservation, ...] = ()
    ceiling_cpu: float | Unsettled | None = None


def pools_of(graph: ResourceGraph, clusters: Clusters) -> Mapping[str, tuple[Pool, ...]]:
    """The pools of every cluster, by its key."""
    reservations = Reservations(graph)
    found: dict[str, list[Pool]] = defaultdict(list)
    for pool in _all(graph, clusters, reservations):
        found[pool.cluster].append(pool)
    return {key: tuple(pools) for key, pools in found.items()}


def _all(graph: ResourceGraph, clusters: Clusters, reservations: Reservations) -> Iterator[Pool]:
    for resource in graph.of_type(NODE_GROUP):
        yield _node_group(graph, clusters, reservations, resource)
    node_classes = _node_classes(graph, clusters)
    for resource in graph.of_type(NODE_POOL):
        pool = _node_pool(graph, clusters, reservations, node_classes, resource)
        if pool:
            yield pool
    for resource in graph.of_type(EKS_CLUSTER):
        compute = resource.at("computeConfig")
        if compute["enabled"].flag(False) is True and texts(compute["nodePools"]) != ():
            yield _auto_mode(graph, resource)


def _node_group(graph: ResourceGraph, clusters: Clusters, reservations: Reservations, resource: Resource) -> Pool:
    kind = resource.at("capacityType").text("ON_DEMAND")
    spot = kind if isinstance(kind, Unsettled) else kind == "SPOT"
    scaling = resource.at("scalingConfig")
    least = _least(scaling)
    name = resource.at("nodeGroupName").value
    labels: dict[str, frozenset[str] | Unsettled] = dict(_labels(resource.at("labels")))
    if isinstance(name, str):
        labels["eks.amazonaws.com/nodegroup"] = frozenset((name,))
    labels["eks.amazonaws.com/capacityType"] = kind if isinstance(kind, Unsettled) else frozenset((kind,))
    zones = _subnet_zones(graph, resource.at("subnetIds"))
    template = graph.reference(resource.at("launchTemplate")["id"], LAUNCH_TEMPLATE).one
    template = template or graph.reference(resource.at("launchTemplate")["name"], LAUNCH_TEMPLATE).one
    types = _types(resource.at("instanceTypes"), template)
    region = graph.region_of(resource)
    return Pool(
        resource,
        f"node group '{resource.name}'",
        clusters.of(graph, resource).key,
        region,
        spot,
        spot,
        0.0 if spot is True else spot if isinstance(spot, Unsettled) else least,
        scaling["minSize"],
        count(scaling["maxSize"], 0),
        zones,
        balanced=True,
        labels=labels,
        taints=resource.at("taints").each(),
        repair=resource.at("nodeRepairConfig")["enabled"].flag(False),
        types=types,
        reservations=_group_reservations(graph, reservations, template, region, types),
    )


def _least(scaling: Setting) -> float | Unsettled:
    """The floor of a node group: its minimum, or what is desired now when that is less."""
    least, desired = count(scaling["minSize"], 0), scaling["desiredSize"]
    if isinstance(least, Unsettled) or not desired.is_set:
        return least
    now = count(desired, 0)
    # What an autoscaler may have set is no reason to doubt the minimum.
    return least if isinstance(now, Unsettled) else min(least, now)


def _group_reservations(
    graph: ResourceGraph,
    reservations: Reservations,
    template: Resource | None,
    region: str | Unsettled,
    types: tuple[str, ...],
) -> tuple[Reservation, ...]:
    if not reservations:
        return ()
    found: tuple[Reservation, ...] = ()
    preference: object = "open"
    if template is not None:
        specification = template.at("capacityReservationSpecification")
        target = specification["capacityReservationTarget"]["capacityReservationId"]
        found = reservations.named_by(graph, target)
        preference = specification["capacityReservationPreference"].text("open")
        if target.is_set:
            preference = "targeted"
    return found + (reservations.open_to(region, types) if preference == "open" else ())


def _types(setting: Setting, template: Resource | None) -> tuple[str, ...]:
    types = texts(setting)
    if isinstance(types, tuple) and types:
        return types
    kind = template.at("instanceType").value if template else None
    return (kind,) if isinstance(kind, str) else ()


def _node_pool(
    graph: ResourceGraph,
    clusters: Clusters,
    reservations: Reservations,
    node_classes: Mapping[tuple[str, str], Resource],
    resource: Resource,
) -> Pool | None:
    spec = resource.at("spec")
    if closed(spec["limits"]):
        return None
    template = spec["template"]
    allowed = _requirements(template["spec"]["requirements"])
    types = allowed.get(CAPACITY_TYPE)
    spot: bool | Unsettled = (isinstance(types, frozenset) and "spot" in types) or types is None
    only_spot: bool | Unsettled = isinstance(types, frozenset) and types <= {"spot"}
    if isinstance(types, Unsettled):
        spot = only_spot = types
    replicas = spec["replicas"]
    name = object_name(resource)
    labels: dict[str, frozenset[str] | Unsettled] = dict(_labels(template["metadata"]["labels"])) | allowed
    if name:
        labels["karpenter.sh/nodepool"] = frozenset((name,))
    cluster = clusters.of(graph, resource)
    instance_types = allowed.get(INSTANCE_TYPE, frozenset[str]())
    known_types = tuple(sorted(instance_types)) if isinstance(instance_types, frozenset) else ()
    usable: tuple[Reservation, ...] = ()
    if reservations and (types is None or (isinstance(types, frozenset) and "reserved" in types)):
        reference = template["spec"]["nodeClassRef"]["name"].value
        node_class = node_classes.get((cluster.key, reference)) if isinstance(reference, str) else None
        usable = _class_reservations(graph, reservations, node_class)
    floor: float | Unsettled = 0.0
    if replicas.is_set and spot is not True:
        floor = spot if isinstance(spot, Unsettled) else count(replicas, 0)
    return Pool(
        resource,
        f"NodePool '{resource.name}'",
        cluster.key,
        cluster.region,
        spot,
        only_spot,
        floor,
        replicas,
        count(spec["limits"]["nodes"], 0) if spec["limits"]["nodes"].is_set else None,
        allowed.get(ZONE),
        balanced=False,
        labels=labels,
        taints=template["spec"]["taints"].each(),
        repair=template["spec"]["nodeClassRef"]["group"].value == "eks.amazonaws.com",
        types=known_types,
        reservations=usable,
        ceiling_cpu=cores(spec["limits"]["cpu"]) if spec["limits"]["cpu"].is_set else None,
    )


def closed(limits: Setting) -> bool:
    """Whether limits of a NodePool let no node start."""
    readers = {"cpu": cores, "memory": size, "nodes": size}
    return any(read(limits[key]) == 0.0 for key, read in readers.items() if limits[key].is_set)


def _node_classes(graph: ResourceGraph, clusters: Clusters) -> Mapping[tuple[str, str], Resource]:
    found: dict[tuple[str, str], Resource] = {}
    for resource in graph.of_type(EC2_NODE_CLASS, NODE_CLASS):
        name = object_name(resource)
        if name:
            found.setdefault((clusters.of(graph, resource).key, name), resource)
    return found


def _class_reservations(
    graph: ResourceGraph, reservations: Reservations, node_class: Resource | None
) -> tuple[Reservation, ...]:
    terms = node_class.at("spec")["capacityReservationSelectorTerms"].each() if node_class else ()
    if isinstance(terms, Unsettled):
        return ()
    found: dict[str, Reservation] = {}
    for term in terms:
        by_name = reservations.named_by(graph, term["id"]) if term["id"].is_set else ()
        for reservation in (*by_name, *reservations.tagged(graph, term["tags"])):
            found[reservation.resource.urn] = reservation
    return tuple(found[urn] for urn in sorted(found))


def _auto_mode(graph: ResourceGraph, cluster: Resource) -> Pool:
    """The pools that Auto Mode has built in: on-demand, of no fixed size, repaired, of three families.

    EKS user guide, built-in node pools: C, M and R from the fifth generation on.
    """
    at = cluster.at("computeConfig")["nodePools"]
    zones = _subnet_zones(graph, cluster.at("vpcConfig")["subnetIds"])
    return Pool(
        cluster,
        f"built-in pools of cluster '{cluster.name}'",
        cluster.urn,
        graph.region_of(cluster),
        spot=False,
        only_spot=False,
        floor=0.0,
        floor_at=at,
        ceiling=None,
        zones=zones,
        balanced=False,
        labels={
            CAPACITY_TYPE: frozenset(("on-demand",)),
            "eks.amazonaws.com/instance-category": frozenset(("c", "m", "r")),
        },
        taints=(),
        repair=True,
    )


def _labels(setting: Setting) -> Iterator[tuple[str, frozenset[str] | Unsettled]]:
    for key in sorted(mapping(setting.value)):
        text = setting[key].text()
        yield key, text if isinstance(text, Unsettled) else frozenset((text,))


def _requirements(setting: Setting) -> dict[str, frozenset[str] | Unsettled]:
    """What requirements leave over, by key; a key that only excludes values or compares numbers is left open."""
    items = setting.each()
    if isinstance(items, Unsettled):
        return {CAPACITY_TYPE: items, ZONE: items}
    found: dict[str, frozenset[str] | Unsettled] = {}
    excluded: dict[str, frozenset[str]] = {}
    for item in items:
        key, operator, values = item["key"].text(), item["operator"].text("In"), texts(item["values"])
        if not isinstance(key, str):
            continue
        if isinstance(values, Unsettled) or isinstance(operator, Unsettled):
            found[key] = values if isinstance(values, Unsettled) else item["operator"].wrong("an operator")
        elif operator == "In":
            before = found.get(key)
            found[key] = before & frozenset(values) if isinstance(before, frozenset) else before or frozenset(values)
        elif operator == "NotIn":
            excluded[key] = excluded.get(key, frozenset()) | frozenset(values)
    for key, values in excluded.items():
        before = found.get(key, frozenset(("spot", "on-demand", "reserved")) if key == CAPACITY_TYPE else None)
        if isinstance(before, frozenset):
            found[key] = before - values
    return found


def _subnet_zones(graph: ResourceGraph, setting: Setting) -> frozenset[str] | Unsettled:
    """The zones of subnets; two that are known are enough to tell that there is more than one."""
    found = placement_of(graph, (setting,))
    return found.gap if found.gap is not None and len(found.zones) < 2 else found.zones
