"""What the foundation of one region publishes."""

from typing import ClassVar

from stanchion.contracts.contract import Contract, Published


class NetworkOutputs(Published):
    """The VPC; subnet lists are in the order of the zones."""

    vpc_id: str
    cidr: str
    zones: list[str]
    public_subnet_ids: list[str]
    private_subnet_ids: list[str]
    isolated_subnet_ids: list[str]
    endpoint_security_group_id: str | None = None


class KeyOutputs(Published):
    """The region's data key; primary and replica share their key id, never their ARN."""

    arn: str
    key_id: str
    alias: str


class BucketOutputs(Published):
    """A bucket."""

    name: str
    arn: str


class BucketsOutputs(Published):
    """The buckets of one region by purpose."""

    raw: BucketOutputs
    curated: BucketOutputs
    archive: BucketOutputs
    models: BucketOutputs
    evidence: BucketOutputs
    access_logs: BucketOutputs


class RepositoryOutputs(Published):
    """A container repository; `url` is what an image name starts with."""

    url: str
    arn: str


class TopicsOutputs(Published):
    """ARNs of the alarm topics by severity, and of the queue that keeps what could not be delivered."""

    critical: str
    warning: str
    info: str
    dead_letter: str


class BackupVaultOutputs(Published):
    """A backup vault."""

    name: str
    arn: str


class FoundationOutputs(Contract):
    """The foundation of one region; backup vaults by tier."""

    layer: ClassVar[str] = "foundation"
    contract_version: ClassVar[str] = "1.1.0"

    account: str
    region: str
    network: NetworkOutputs
    key: KeyOutputs
    buckets: BucketsOutputs
    repositories: dict[str, RepositoryOutputs]
    topics: TopicsOutputs
    log_group: str
    backup_vaults: dict[str, BackupVaultOutputs] = {}
