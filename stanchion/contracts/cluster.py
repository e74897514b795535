"""What the cluster of one region publishes."""

from typing import ClassVar

from stanchion.contracts.contract import Contract, Published


class ClusterAccess(Published):
    """How the cluster is reached; who may is said by its access entries. `certificate_authority` is base64."""

    name: str
    arn: str
    endpoint: str
    certificate_authority: str
    kubernetes_version: str
    security_group_id: str


class TargetOutputs(Published):
    """What a tier's requests go to: a hostname, and the target group that its gateways belong in."""

    hostname: str
    target_group_arn: str


class EntryOutputs(Published):
    """The load balancer; `targets` by tier."""

    arn: str
    dns_name: str
    zone_id: str
    targets: dict[str, TargetOutputs]


class BatchOutputs(Published):
    """A batch endpoint: where jobs are submitted, and as what."""

    tier: str
    use_case: str
    queue_arn: str
    job_definition_arn: str


class ClusterOutputs(Contract):
    """The cluster of one region, the way into it, and the batch endpoints beside it, by name.

    `roles` are those of the pods of online endpoints, by endpoint.
    """

    layer: ClassVar[str] = "cluster"
    contract_version: ClassVar[str] = "1.0.0"

    account: str
    region: str
    engine: str
    access: ClusterAccess
    pools: list[str]
    roles: dict[str, str] = {}
    entry: EntryOutputs | None = None
    batch: dict[str, BatchOutputs] = {}
