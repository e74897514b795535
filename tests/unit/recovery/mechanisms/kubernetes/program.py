"""Programs of Kubernetes objects for tests, and what the mechanisms of compute make of them."""

from typing import Any

from stanchion.graph import GraphBuilder, ResourceGraph, Unsettled
from stanchion.graph.builder import Handle
from stanchion.recovery.disruption import Disruption
from stanchion.recovery.findings import Note, Phase, Step
from stanchion.recovery.mechanisms import capacity, model_cold_start, node_groups, node_pools, workloads
from stanchion.recovery.paths import longest_path
from stanchion.recovery.term import Amount, largest, total

APPLICATION, INFRASTRUCTURE, ZONE, REGION = Disruption
COMPUTE = tuple(m.MECHANISM for m in (workloads, model_cold_start, node_groups, node_pools, capacity))
LABELS = {"app": "api"}
HOST, ZONES = "kubernetes.io/hostname", "topology.kubernetes.io/zone"


def spread(key: str = HOST, **own: Any) -> dict[str, Any]:
    """A hard constraint over a topology, as a clean program has it."""
    return {
        "topologyKey": key,
        "maxSkew": 1,
        "minDomains": 2,
        "whenUnsatisfiable": "DoNotSchedule",
        "labelSelector": {"matchLabels": LABELS},
    } | own


def tolerating(*seconds: Any) -> list[dict[str, Any]]:
    """Tolerations of unreachable and not-ready nodes."""
    keys = ("node.kubernetes.io/unreachable", "node.kubernetes.io/not-ready")
    return [
        {"key": key, "operator": "Exists", "effect": "NoExecute", "tolerationSeconds": second}
        for key in keys
        for second in seconds
    ]


class Program(GraphBuilder):
    """A cluster in one region, and what runs on it."""

    def __init__(self, region: str = "us-east-1", version: Any = "1.34") -> None:
        super().__init__(region=region)
        self.cluster = self.eks("main", version)
        self.provider = self.kubernetes(self.cluster)

    def eks(self, name: str, version: Any = "1.34", region: Any = None, **own: Any) -> Handle:
        inputs: dict[str, Any] = {"name": name} | ({"version": version} if version is not None else {}) | own
        return self.add("aws:eks/cluster:Cluster", name, inputs, region=region)

    def kubernetes(self, cluster: Handle) -> Handle:
        name = cluster.urn.rsplit("::", 1)[-1]
        return self.add("pulumi:providers:kubernetes", name, {"kubeconfig": cluster.ref("endpoint")})

    def deployment(
        self,
        name: str = "api",
        replicas: Any = 1,
        *,
        kind: str = "Deployment",
        pods: dict[str, Any] | None = None,
        labels: dict[str, Any] | None = None,
        pod_labels: dict[str, Any] | None = None,
        annotations: dict[str, Any] | None = None,
        provider: Handle | None = None,
        container: dict[str, Any] | None = None,
        **spec: Any,
    ) -> Handle:
        template = {
            "metadata": {"labels": LABELS | (pod_labels or {})},
            "spec": {"containers": [{"name": "main"} | (container or {})]},
        }
        template["spec"] |= pods or {}
        metadata = {"name": name, "namespace": "serving"}
        metadata |= {"labels": {"stanchion.dev/workload": "search"} | (labels or {}), "annotations": annotations or {}}
        number = {} if replicas is None else {"replicas": replicas}
        inputs = {"metadata": metadata, "spec": number | {"template": template} | spec}
        # Two regions may have the same object; its logical name is told apart.
        logical = name if provider is None else f"{name}-{provider.urn.rsplit('::', 1)[-1]}"
        return self.add(f"kubernetes:apps/v1:{kind}", logical, inputs, provider=provider or self.provider)

    def object(self, type_: str, name: str, spec: dict[str, Any], provider: Any = None, **own: Any) -> Handle:
        metadata = {"name": name, "namespace": "serving"} | own
        return self.add(
            f"kubernetes:{type_}", name, {"metadata": metadata, "spec": spec}, provider=provider or self.provider
        )

    def subnets(self, *zones: Any) -> list[Any]:
        made = [self.add("aws:ec2/subnet:Subnet", f"subnet-{i}", {"availabilityZone": z}) for i, z in enumerate(zones)]
        return [subnet.ref("id") for subnet in made]

    def group(self, name: str, least: Any, subnets: list[Any] | None = None, **own: Any) -> Handle:
        scaling = {"minSize": least, "desiredSize": least, "maxSize": own.pop("most", 6)}
        inputs = {"clusterName": self.cluster.ref("name"), "scalingConfig": scaling, "subnetIds": subnets or []}
        return self.add("aws:eks/nodeGroup:NodeGroup", name, inputs | own)

    def pool(self, name: str, types: tuple[str, ...] = (), replicas: Any = None, **own: Any) -> Handle:
        requirements = list(own.pop("requirements", ()))
        if types:
            requirements.append({"key": "karpenter.sh/capacity-type", "operator": "In", "values": list(types)})
        node = {"requirements": requirements} | own.pop("node", {})
        spec = {"template": {"spec": node}} | ({} if replicas is None else {"replicas": replicas}) | own
        return self.object("karpenter.sh/v1:NodePool", name, spec)


class Result:
    """What the mechanisms of compute find."""

    def __init__(self, graph: ResourceGraph) -> None:
        findings = [finding for mechanism in COMPUTE for finding in mechanism.find(graph)]
        self.steps = [finding for finding in findings if isinstance(finding, Step)]
        self.notes = [finding.text for finding in findings if isinstance(finding, Note)]

    def of(self, disruption: Disruption, phase: Phase | None = None) -> list[Step]:
        return [step for step in self.steps if step.disruption is disruption and phase in (None, step.phase)]

    def detect(self, disruption: Disruption) -> Amount:
        return largest(total(t.amount for t in step.terms) for step in self.of(disruption, Phase.DETECT))

    def recover(self, disruption: Disruption) -> Amount:
        path, _ = longest_path(self.of(disruption, Phase.RECOVER))
        return total(term.amount for step in path for term in step.terms)

    def rto(self, disruption: Disruption) -> Amount:
        return total((self.detect(disruption), self.recover(disruption)))

    def terms(self, disruption: Disruption) -> dict[str, Amount]:
        return {term.name: term.amount for step in self.of(disruption) for term in step.terms}

    def missing(self, disruption: Disruption) -> str:
        amount = self.rto(disruption)
        assert isinstance(amount, Unsettled), amount
        return amount.property

    def noted(self, text: str) -> bool:
        return any(text in note for note in self.notes)


def result(program: GraphBuilder) -> Result:
    return Result(program.graph())


# A start of 20 s that everybody can add up.
STARTS = {"stanchion.dev/restore": "20s"}
