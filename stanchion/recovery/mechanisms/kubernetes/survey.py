"""What the mechanisms of Kubernetes share about a program, read once: clusters, pools, autoscalers, storage, quotas."""

from weakref import WeakKeyDictionary

from stanchion.graph import Resource, ResourceGraph
from stanchion.recovery.mechanisms.kubernetes.clusters import Cluster, Clusters
from stanchion.recovery.mechanisms.kubernetes.objects import DAEMON_SET, pod_spec
from stanchion.recovery.mechanisms.kubernetes.placement import Placement, placement
from stanchion.recovery.mechanisms.kubernetes.pools import pools_of
from stanchion.recovery.mechanisms.kubernetes.quotas import quotas_of
from stanchion.recovery.mechanisms.kubernetes.replicas import Autoscalers, Replicas
from stanchion.recovery.mechanisms.kubernetes.rollouts import Rollout, rollout
from stanchion.recovery.mechanisms.kubernetes.volumes import StorageClasses


class Survey:
    """The compute of a program. It keeps no reference to the graph, so that it goes when the graph goes."""

    def __init__(self, graph: ResourceGraph) -> None:
        self._clusters = Clusters(graph)
        self._autoscalers = Autoscalers(graph, self._clusters)
        self.pools = pools_of(graph, self._clusters)
        self.quotas = quotas_of(graph)
        self.storage = StorageClasses(graph, self._clusters)
        self._placements: dict[tuple[str, str], Placement] = {}
        self._replicas: dict[str, Replicas] = {}
        self._rollouts: dict[str, Rollout] = {}
        self._nodes: dict[str, tuple[float, Resource] | None] = {}

    def cluster(self, graph: ResourceGraph, resource: Resource) -> Cluster:
        """The cluster of an object or a node group."""
        return self._clusters.of(graph, resource)

    def replicas(self, graph: ResourceGraph, resource: Resource) -> Replicas:
        """How many replicas of a Deployment or StatefulSet run at least."""
        if resource.urn not in self._replicas:
            self._replicas[resource.urn] = self._autoscalers.replicas(graph, self._clusters, resource)
        return self._replicas[resource.urn]

    def rollout(self, graph: ResourceGraph, resource: Resource) -> Rollout:
        """How a controller replaces its pods."""
        if resource.urn not in self._rollouts:
            replicas = None if resource.type == DAEMON_SET else self.replicas(graph, resource)
            self._rollouts[resource.urn] = rollout(resource, replicas)
        return self._rollouts[resource.urn]

    def most_nodes(self, cluster: str) -> tuple[float, Resource] | None:
        """How many nodes a cluster may have, and its largest pool; None when a pool has no limit that is known."""
        if cluster not in self._nodes:
            pools = self.pools.get(cluster, ())
            known = [(pool.ceiling, pool.resource) for pool in pools if isinstance(pool.ceiling, float)]
            largest = max(known, key=lambda one: (one[0], one[1].urn), default=None)
            whole = largest is not None and len(known) == len(pools)
            self._nodes[cluster] = (sum(most for most, _ in known), largest[1]) if largest and whole else None
        return self._nodes[cluster]

    def pools_for(self, graph: ResourceGraph, resource: Resource) -> Placement | None:
        """The pools that take the pods of a controller; None when no pool of its cluster is in the program."""
        key = self.cluster(graph, resource).key
        pools = self.pools.get(key)
        if not pools:
            return None
        spec = pod_spec(resource)
        # Many controllers ask for the same nodes.
        wishes = (key, repr([spec[part].value for part in ("nodeSelector", "affinity", "tolerations")]))
        if "<unknown>" in wishes[1] or "<secret>" in wishes[1]:
            # What can't be told names its own place.
            return placement(resource, pools)
        if wishes not in self._placements:
            self._placements[wishes] = placement(resource, pools)
        return self._placements[wishes]


_SURVEYS: "WeakKeyDictionary[ResourceGraph, Survey]" = WeakKeyDictionary()


def survey(graph: ResourceGraph) -> Survey:
    """The survey of a program, made when it is first asked for."""
    found = _SURVEYS.get(graph)
    if found is None:
        found = _SURVEYS[graph] = Survey(graph)
    return found
