"""Which cluster an object belongs to, where that cluster lies, and how long it waits for a silent node."""

import re
from collections import deque
from dataclasses import dataclass

from stanchion.graph import Resource, ResourceGraph, Setting, Unsettled
from stanchion.recovery.declared import declared
from stanchion.recovery.mechanisms.kubernetes.objects import EKS_CLUSTER
from stanchion.recovery.mechanisms.kubernetes.sources import NODE_MONITOR
from stanchion.recovery.term import Grade, Term

GRACE_SECONDS = 50.0
OLD_GRACE_SECONDS = 40.0
# From this version on the grace is 50 s.
_LONGER_SINCE = (1, 32)
_VERSION = re.compile(r"v?(\d+)\.(\d+)")
_CLUSTER_ARN = re.compile(r"arn:aws[\w-]*:eks:([a-z0-9-]+):\d*:cluster/([\w-]+)")
_NAME = re.compile(r"--cluster-(?:name|id)[\"',=\s-]+([A-Za-z0-9][\w-]*)")
_REGION = re.compile(r"--region[\"',=\s-]+([a-z]{2}(?:-[a-z]+)+-\d)")
_ENDPOINT = re.compile(r"\.([a-z]{2}(?:-[a-z]+)+-\d)\.eks\.amazonaws\.com")


@dataclass(frozen=True, slots=True)
class Cluster:
    """A cluster: the same `key` is the same cluster.

    Args:
        key: the URN of the EKS cluster, else its ARN, else the URN of the Kubernetes provider.
        resource: the EKS cluster when it is in the program.
        region: where it lies.
    """

    key: str
    resource: Resource | None
    region: str | Unsettled

    @property
    def version(self) -> Setting | None:
        """The Kubernetes version, None when the cluster is in another program."""
        return self.resource.at("version") if self.resource else None


class Clusters:
    """The clusters of a program; each provider is looked at once."""

    def __init__(self, graph: ResourceGraph) -> None:
        self._eks = graph.of_type(EKS_CLUSTER)
        self._by_provider: dict[str, Cluster] = {}

    def of(self, graph: ResourceGraph, resource: Resource) -> Cluster:
        """The cluster of a Kubernetes object, by its provider's references, or of a node group, by its cluster name."""
        if resource.type.startswith("aws:"):
            return self._of_aws(graph, resource)
        cluster = self._of_object(graph, resource)
        region = declared(graph, resource, "region")
        if region is None or cluster.resource is not None:
            return cluster
        # A region that is written on the object finds its cluster where only one lies there.
        near = [found for found in self._eks if graph.region_of(found) == region]
        return _eks(graph, near[0]) if len(near) == 1 else Cluster(cluster.key, None, region)

    def _of_aws(self, graph: ResourceGraph, resource: Resource) -> Cluster:
        setting = resource.at("clusterName")
        reference = graph.reference(setting, EKS_CLUSTER)
        if reference.one:
            return _eks(graph, reference.one)
        region = graph.region_of(resource)
        name = reference.literal or ""
        return Cluster(f"{region if isinstance(region, str) else ''}/{name}", None, region)

    def _of_object(self, graph: ResourceGraph, resource: Resource) -> Cluster:
        provider = graph.provider_of(resource)
        key = provider.urn if provider else resource.provider
        if key not in self._by_provider:
            self._by_provider[key] = self._of_provider(graph, provider, key)
        return self._by_provider[key]

    def _of_provider(self, graph: ResourceGraph, provider: Resource | None, key: str) -> Cluster:
        unknown = Unsettled(key if provider else "", "kubeconfig", "does not tell the region of the cluster")
        if provider is not None:
            near = _nearest(graph, provider)
            if len(near) == 1:
                return _eks(graph, near[0])
            for name in ("kubeconfig", "cluster", "context"):
                text = provider.at(name).value
                told = self._of_text(graph, text, key) if isinstance(text, str) else None
                if told:
                    return told
            if near:
                return Cluster(key, None, unknown)
        # A provider that names nothing can mean the only cluster there is; with two of them it is not known which.
        return _eks(graph, self._eks[0]) if len(self._eks) == 1 else Cluster(key, None, unknown)

    def _of_text(self, graph: ResourceGraph, text: str, key: str) -> Cluster | None:
        """The cluster that a kubeconfig names: by ARN, by the arguments of `aws eks get-token`, by its endpoint."""
        arn, name, region = _CLUSTER_ARN.search(text), _NAME.search(text), _REGION.search(text)
        endpoint = _ENDPOINT.search(text)
        where = arn[1] if arn else region[1] if region else endpoint[1] if endpoint else None
        called = arn[2] if arn else name[1] if name else None
        found = [c for c in graph.named(called, EKS_CLUSTER) if where in (None, graph.region_of(c))] if called else []
        found = found or [
            c for c in self._eks if isinstance(c.at("endpoint").value, str) and c.at("endpoint").value in text
        ]
        if len(found) == 1:
            return _eks(graph, found[0])
        if where is None:
            return None
        return Cluster(f"{where}/{called}" if called else key, None, where)


def grace(cluster: Cluster, at: Resource) -> tuple[Term, str]:
    """How long the control plane waits for a silent node, and a remark when the version is not known.

    Endpoints of the node's pods are taken out at the same moment; evictions count from here.

    Args:
        cluster: whose version decides.
        at: the resource to name when no version is set anywhere.
    """
    version = cluster.version
    text = version.value if version else None
    match = _VERSION.match(text) if isinstance(text, str) else None
    amount, remark = GRACE_SECONDS, ""
    if match is None:
        remark = (
            f"the Kubernetes version of the cluster is not known here: {GRACE_SECONDS:.0f} s are counted until a "
            f"silent node is noticed ({OLD_GRACE_SECONDS:.0f} s before 1.32)"
        )
    elif (int(match[1]), int(match[2])) < _LONGER_SINCE:
        amount = OLD_GRACE_SECONDS
    place = version if version and match else at
    return Term.of("a silent node is noticed (node monitor grace)", amount, Grade.BOUND, NODE_MONITOR, place), remark


def _eks(graph: ResourceGraph, resource: Resource) -> Cluster:
    return Cluster(resource.urn, resource, graph.region_of(resource))


def _nearest(graph: ResourceGraph, provider: Resource) -> tuple[Resource, ...]:
    """The EKS clusters that a provider depends on, those with the fewest steps between them only."""
    seen = {provider.urn}
    level: deque[Resource] = deque((provider,))
    while level:
        found = tuple(resource for resource in level if resource.type == EKS_CLUSTER)
        if found:
            return found
        following: deque[Resource] = deque()
        for resource in level:
            for urn in graph.edges(resource):
                if urn not in seen and urn in graph.resources:
                    seen.add(urn)
                    following.append(graph.resources[urn])
        level = following
    return ()
