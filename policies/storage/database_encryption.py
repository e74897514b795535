"""Databases are encrypted at rest."""

from collections.abc import Iterable
from dataclasses import dataclass

from policies.reading.examples import single
from policies.rule import Example, Group, Program, Rule, Severity, Thresholds, Violation
from stanchion.graph import UNKNOWN, Resource, ResourceGraph, Setting, Unsettled


@dataclass(frozen=True, slots=True)
class Flag:
    """Where a type says that it is encrypted.

    Args:
        path: the property, with dots for nested ones.
        default: what the service does when nothing is said.
        inherited: properties that make the copy of something else, whose encryption counts.
    """

    path: str
    default: bool = False
    inherited: tuple[str, ...] = ()


_COPIES = ("replicateSourceDb", "replicationSourceIdentifier", "snapshotIdentifier", "restoreToPointInTime")
_FLAGS = {
    "aws:rds/instance:Instance": Flag("storageEncrypted", inherited=_COPIES),
    "aws:rds/cluster:Cluster": Flag("storageEncrypted", inherited=(*_COPIES, "globalClusterIdentifier")),
    "aws:docdb/cluster:Cluster": Flag("storageEncrypted", inherited=(*_COPIES, "globalClusterIdentifier")),
    "aws:neptune/cluster:Cluster": Flag("storageEncrypted", inherited=(*_COPIES, "globalClusterIdentifier")),
    # The API takes no other value any more (Amazon Redshift API, CreateCluster: Encrypted).
    "aws:redshift/cluster:Cluster": Flag("encrypted", default=True),
    "aws:opensearch/domain:Domain": Flag("encryptAtRest.enabled"),
    "aws:elasticsearch/domain:Domain": Flag("encryptAtRest.enabled"),
    "aws:elasticache/replicationGroup:ReplicationGroup": Flag(
        "atRestEncryptionEnabled", inherited=("globalReplicationGroupId",)
    ),
}


def check(program: Program, _: Thresholds) -> Iterable[Violation]:
    """Databases that say, or leave it to a default, that they are not encrypted."""
    for type_, flag in _FLAGS.items():
        for resource in program.of_type(type_):
            yield from _judge(resource, flag)


def _judge(resource: Resource, flag: Flag) -> Iterable[Violation]:
    setting = _at(resource, flag.path)
    if not setting.is_set and any(resource.at(key).is_set for key in flag.inherited):
        return
    default = flag.default or _by_engine(resource)
    answer = setting.flag(default)
    if isinstance(answer, Unsettled):
        yield Violation.unsettled(answer, "the database is encrypted")
    elif not answer:
        yield Violation.at(setting, f"{resource.label} is not encrypted at rest, and can't be later without a new one.")


def _by_engine(resource: Resource) -> bool:
    """Valkey and serverless Aurora of the first generation are encrypted by default (API texts)."""
    return resource.at("engine").value == "valkey" or resource.at("engineMode").value == "serverless"


def _at(resource: Resource, path: str) -> Setting:
    first, *rest = path.split(".")
    setting = resource.at(first)
    for key in rest:
        setting = setting[key]
    return setting


def _instance(**inputs: object) -> ResourceGraph:
    return single("aws:rds/instance:Instance", "orders", {"engine": "postgres", **inputs})


RULE = Rule(
    id="storage-database-encryption",
    group=Group.STORAGE,
    severity=Severity.HIGH,
    description="Databases, caches and search domains are encrypted at rest: most are not unless it is said, and it "
    "can't be changed later.",
    remediation="Set storageEncrypted (atRestEncryptionEnabled, encryptAtRest) to true before the first deployment.",
    source="Amazon RDS API: CreateDBInstance, StorageEncrypted; ElastiCache API: CreateReplicationGroup, "
    "AtRestEncryptionEnabled; OpenSearch Service API: EncryptionAtRestOptions",
    check=check,
    passing=(
        Example("it is said", lambda: _instance(storageEncrypted=True)),
        Example("a replica is as its source is", lambda: _instance(replicateSourceDb="orders-primary")),
        Example(
            "Valkey is encrypted by default",
            lambda: single("aws:elasticache/replicationGroup:ReplicationGroup", "cache", {"engine": "valkey"}),
        ),
    ),
    failing=(
        Example("nothing is said", _instance, ("orders",)),
        Example("nobody knows yet", lambda: _instance(storageEncrypted=UNKNOWN), ("orders",)),
        Example("a plain domain", lambda: single("aws:opensearch/domain:Domain", "logs", {}), ("logs",)),
    ),
)
