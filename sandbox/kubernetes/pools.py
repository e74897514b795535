"""Fake nodes for the pools of a cluster: a very simple stand-in for Karpenter and for EKS's managed node groups.

It keeps the floor of every pool, starts a node where a waiting pod would fit, and takes a node of a dynamic pool away
when it has been empty for a while. A pod with a command gets a node that runs it as a process. It does not consolidate,
expire, repair, weigh prices or ask disruption budgets: the real Karpenter does (`python -m sandbox.kubernetes build
karpenter`), and is what drills run.
"""

import secrets
import threading
import time
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from sandbox.kubernetes.api import Api
from sandbox.kubernetes.fitting import Resources, admits, fits, left_on, requests, take
from sandbox.kubernetes.instances import instance_type
from sandbox.kubernetes.node_processes import NodeProcesses, runs_processes
from sandbox.kubernetes.nodes import CapacityType, Engine, FakeNodes, Node, Taint
from sandbox.kubernetes.plane_folder import PlaneFolder
from sandbox.kubernetes.pool import KEPT, NODE_GROUP_LABEL, NODE_POOL_LABEL, Pool, from_node_group, from_node_pool
from sandbox.kubernetes.process_node.placement import RUNS
from stanchion.errors import StanchionError

NodeGroups = Sequence[Mapping[str, Any]]

_NODE_POOLS = "/apis/karpenter.sh/v1/nodepools"
_NODES, _PODS = "/api/v1/nodes", "/api/v1/pods"
_LOOK_SECONDS = 1.0
# So long a new node gets to take the pods it was started for, before another is started for them.
_NEW_SECONDS = 5.0
# A process that has not registered by then does not come any more; its log says why.
_REGISTER_SECONDS = 60.0
_STARTING = Taint("stanchion.dev/starting", "true")
# Auto Mode waits as long as the pool says; nobody waits ten minutes for that here.
EMPTY_SECONDS = 60.0


@dataclass(frozen=True)
class Existing:
    """A node of a pool that is there.

    Args:
        node: what it was made as, as far as a pod can ask for it.
        label: which pool it is of.
        created: when, in seconds since 1970; 0 when it is not known.
        pods: those on it that still run.
    """

    node: Node
    label: tuple[str, str]
    created: float = 0.0
    pods: tuple[Mapping[str, Any], ...] = ()


@dataclass
class Plan:
    """What has to be done.

    Args:
        create: nodes to start.
        remove: names of nodes to take away.
    """

    create: list[Node] = field(default_factory=list[Node])
    remove: list[str] = field(default_factory=list[str])


def plan(
    pools: Sequence[Pool],
    existing: Sequence[Existing],
    waiting: Sequence[Mapping[str, Any]],
    empty_for: Mapping[str, float],
    now: float,
) -> Plan:
    """Decide about nodes.

    Args:
        pools: of the cluster.
        existing: the nodes of pools, those of pools that are gone among them.
        waiting: pods that the scheduler found no node for.
        empty_for: seconds for which a node has had no pod of its own, by name; those that have one are not in it.
        now: in seconds since 1970.
    """
    decided = Plan()
    by_label = {pool.label: [each for each in existing if each.label == pool.label] for pool in pools}
    decided.remove += [each.node.name for each in existing if each.label not in by_label]
    for pool in pools:
        mine = by_label[pool.label]
        for _ in range(pool.floor - len(mine)):
            decided.create.append(_new(pool, mine, decided.create))
        # One that runs processes was started for pods that a fake one would only run in name.
        spare = sorted(
            mine, key=lambda each: (runs_processes(each.node), -empty_for.get(each.node.name, 0.0), each.node.name)
        )[: len(mine) - pool.floor]
        if pool.dynamic:
            spare = [each for each in spare if empty_for.get(each.node.name, 0.0) >= EMPTY_SECONDS]
        decided.remove += [each.node.name for each in spare]
    _swap(decided, pools, existing, waiting)
    _serve(decided, pools, existing, waiting, now)
    return decided


def _swap(
    decided: Plan, pools: Sequence[Pool], existing: Sequence[Existing], waiting: Sequence[Mapping[str, Any]]
) -> None:
    """Let every floor that takes a waiting pod with a command have a node that runs it; a fake one goes for it later.

    All floors at once, so that such pods have all zones to be spread over.
    """
    commands = [pod for pod in waiting if has_command(pod)]
    for pool in (pool for pool in pools if commands and not pool.dynamic):
        mine = [each for each in existing if each.label == pool.label]
        if any(runs_processes(each.node) for each in mine):
            continue
        node = next((found for pod in commands if (found := _node_for(pool, mine, [], pod, requests(pod)))), None)
        if node is not None:
            decided.create.append(node)


def _serve(
    decided: Plan, pools: Sequence[Pool], existing: Sequence[Existing], waiting: Sequence[Mapping[str, Any]], now: float
) -> None:
    """Start nodes for the pods that wait, as few as they fit on."""
    coming: list[tuple[Node, Resources]] = [(node, left_on(node)) for node in decided.create]
    coming += [(each.node, left_on(each.node, each.pods)) for each in existing if now - each.created < _NEW_SECONDS]
    # For a pod with a command a floor changes one of its fake nodes for one that runs processes.
    ranked = sorted(pools, key=lambda pool: (pool.dynamic, -pool.weight))
    for pod in waiting:
        asked = requests(pod)
        found = next((left for node, left in coming if fits(left, asked) and admits(node, pod)), None)
        if found is not None:
            take(found, asked)
            continue
        for pool in ranked:
            if not pool.dynamic and not has_command(pod):
                continue
            mine = [each for each in existing if each.label == pool.label and each.node.name not in decided.remove]
            node = _node_for(pool, mine, decided.create, pod, asked)
            if node is not None:
                left = left_on(node)
                take(left, asked)
                coming.append((node, left))
                decided.create.append(node)
                break


def _node_for(
    pool: Pool, mine: Sequence[Existing], new: Sequence[Node], pod: Mapping[str, Any], asked: Resources
) -> Node | None:
    """The smallest node of a pool that a pod fits on, in the zone of the fewest; None when the pool has none for it."""
    own = [*(each.node for each in mine), *(node for node in new if _is_of(node, pool))]
    more: dict[str, str] = {RUNS[0]: RUNS[1]} if has_command(pod) else {}
    if not pool.dynamic:
        if sum(runs_processes(node) for node in own) >= pool.floor:
            return None
    elif pool.most_nodes is not None and len(own) >= pool.most_nodes:
        return None
    used = sum(found.vcpus for node in own if (found := instance_type(node.instance_type)))
    kinds = sorted(pool.types, key=lambda kind: (kind.vcpus, kind.memory_mib)) if pool.dynamic else pool.types[:1]
    for kind in kinds:
        if pool.most_cpu is not None and used + kind.vcpus > pool.most_cpu:
            return None
        for zone in _fewest_first(pool, [node for node in own if more.items() <= node.labels.items()]):
            node = pool.node(_name(pool), zone, kind, more)
            if admits(node, pod) and fits(left_on(node), asked):
                return node
    return None


def _new(pool: Pool, mine: Sequence[Existing], new: Sequence[Node]) -> Node:
    """One more node of a floor."""
    own = [*(each.node for each in mine), *(node for node in new if _is_of(node, pool))]
    return pool.node(_name(pool), _fewest_first(pool, own)[0], pool.types[0])


def _fewest_first(pool: Pool, own: Sequence[Node]) -> list[str]:
    count = Counter(node.zone for node in own)
    return sorted(pool.zones, key=lambda zone: (count[zone], pool.zones.index(zone)))


def _name(pool: Pool) -> str:
    """A name that no node ever had, as with instances."""
    return f"{pool.name}-{secrets.token_hex(4)}"


def _is_of(node: Node, pool: Pool) -> bool:
    key, value = pool.label
    return node.labels.get(key) == value


class PoolKeeper:
    """Keeps the fake nodes of one control plane, in a thread of its own.

    Args:
        folder: of the control plane.
        region: where it is; pools that name no zones are in the first three of it.
        node_groups: gives the managed node groups of the cluster.
    """

    def __init__(self, folder: PlaneFolder, region: str, node_groups: Callable[[], NodeGroups]) -> None:
        self._folder = folder
        self._zones = tuple(f"{region}{letter}" for letter in "abc")
        self._node_groups = node_groups
        self._ended = threading.Event()
        self._thread: threading.Thread | None = None
        self._empty_since: dict[str, float] = {}
        self._processes = NodeProcesses(folder)
        self._starting: dict[str, Existing] = {}

    def start(self) -> None:
        """Begin; the control plane takes requests."""
        self._ended.clear()
        self._thread = threading.Thread(target=self._keep, daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """End; the nodes stay."""
        self._ended.set()
        if self._thread is not None:
            self._thread.join()
            self._thread = None

    def _keep(self) -> None:
        api = Api.from_kubeconfig(self._folder.direct)
        try:
            while not self._ended.wait(_LOOK_SECONDS):
                try:
                    self.look(api)
                except (StanchionError, ValueError, KeyError) as error:
                    print(f"pools of {self._folder.path.name} ({self._zones[0][:-1]}): {error}", flush=True)
        finally:
            self._processes.stop()

    def look(self, api: Api) -> None:
        """Look at pools, nodes and pods once, and do what has to be done.

        Raises:
            ApiError: the API server refused.
        """
        pools = [from_node_group(group) for group in self._node_groups()]
        pools += [pool for each in api.items(_NODE_POOLS) if (pool := from_node_pool(each, self._zones))]
        waiting = [pod for pod in api.items(_PODS, fieldSelector="spec.nodeName=") if _waits(pod)]
        existing = self._existing(api)
        existing += self._coming({each.node.name for each in existing})
        decided = plan(pools, existing, waiting, self._empty(existing), time.time())
        nodes = FakeNodes(api)
        for name in decided.remove:
            nodes.remove(name)
        nodes.register(node for node in decided.create if not runs_processes(node))
        for node in filter(runs_processes, decided.create):
            self._starting[node.name] = Existing(node, _pool_of(node.labels), time.time())
        # Those there were before a stop are started again, as a machine that boots.
        for node in [*(each.node for each in existing), *decided.create]:
            if runs_processes(node) and node.name not in decided.remove:
                self._processes.start(replace(node, taints=(*node.taints, _STARTING)))
        self._processes.collect()
        if not self._starting:
            self._admit(api)

    def _admit(self, api: Api) -> None:
        """Let pods onto new process nodes: all at once, or the first to be there would get all of them."""
        for node in api.items(_NODES, labelSelector="=".join(RUNS)):
            taints = node["spec"].get("taints") or []
            if any(taint["key"] == _STARTING.key for taint in taints):
                kept = [taint for taint in taints if taint["key"] != _STARTING.key]
                api.patch(f"{_NODES}/{node['metadata']['name']}", {"spec": {"taints": kept or None}})

    def _coming(self, there: set[str]) -> list[Existing]:
        """Nodes that were started as processes and have not registered yet."""
        begun = time.time() - _REGISTER_SECONDS
        self._starting = {
            name: each for name, each in self._starting.items() if name not in there and each.created > begun
        }
        return [replace(each, created=time.time()) for each in self._starting.values()]

    def _existing(self, api: Api) -> list[Existing]:
        found = api.items(_NODES, labelSelector="=".join(KEPT))
        if not found:
            return []
        on: dict[str, list[Mapping[str, Any]]] = {}
        for pod in api.items(_PODS, fieldSelector="spec.nodeName!=,status.phase!=Succeeded,status.phase!=Failed"):
            on.setdefault(pod["spec"]["nodeName"], []).append(pod)
        return [_read(each, tuple(on.get(each["metadata"]["name"], ()))) for each in found]

    def _empty(self, existing: Sequence[Existing]) -> dict[str, float]:
        """For how long each empty node has been so."""
        now = time.monotonic()
        empty = {each.node.name for each in existing if not each.pods}
        self._empty_since = {name: self._empty_since.get(name, now) for name in empty}
        return {name: now - since for name, since in self._empty_since.items()}


def has_command(pod: Mapping[str, Any]) -> bool:
    """Whether the pod is one that only a process node takes."""
    key, value = RUNS
    return (pod["spec"].get("nodeSelector") or {}).get(key) == value


def _waits(pod: Mapping[str, Any]) -> bool:
    """Whether the scheduler looked for a node and found none."""
    if pod["metadata"].get("deletionTimestamp"):
        return False
    conditions = (pod.get("status") or {}).get("conditions") or []
    return any(each["type"] == "PodScheduled" and each.get("reason") == "Unschedulable" for each in conditions)


def _pool_of(labels: Mapping[str, str]) -> tuple[str, str]:
    """The label that tells a node's pool."""
    return next(((key, labels[key]) for key in (NODE_POOL_LABEL, NODE_GROUP_LABEL) if key in labels), ("", ""))


def _read(document: Mapping[str, Any], pods: tuple[Mapping[str, Any], ...]) -> Existing:
    metadata, spec = document["metadata"], document["spec"]
    labels = metadata["labels"]
    own = ("node.kubernetes.io/", "node.cloudprovider.kubernetes.io/", _STARTING.key)
    taints = [t for t in spec.get("taints") or () if not t["key"].startswith(own)]
    node = Node(
        name=metadata["name"],
        zone=labels["topology.kubernetes.io/zone"],
        labels=labels,
        instance_type=labels["node.kubernetes.io/instance-type"],
        allocatable=document["status"]["allocatable"],
        taints=tuple(Taint(each["key"], each.get("value") or "", each["effect"]) for each in taints),
        capacity_type=_capacity_type(labels),
        engine=Engine.NODE_GROUPS if NODE_GROUP_LABEL in labels else Engine.AUTO_MODE,
    )
    created = time.mktime(time.strptime(metadata["creationTimestamp"], "%Y-%m-%dT%H:%M:%SZ")) - time.timezone
    return Existing(node, _pool_of(labels), created, pods)


def _capacity_type(labels: Mapping[str, str]) -> CapacityType:
    group = labels.get("eks.amazonaws.com/capacityType")
    return CapacityType[group] if group else CapacityType(labels["karpenter.sh/capacity-type"])
