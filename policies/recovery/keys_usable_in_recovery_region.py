"""What recovery reads can be decrypted where recovery happens."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from policies.reading.examples import bucket, part
from policies.rule import Example, Group, Program, Rule, Severity, Thresholds, Violation
from stanchion.graph import UNKNOWN, GraphBuilder, Resource, ResourceGraph, Setting, Unsettled
from stanchion.recovery.declared import declared
from stanchion.recovery.reading.buckets import BUCKETS
from stanchion.recovery.reading.keys import KEYS, region_of_key

_DEMAND = "the data can be decrypted in the recovery region"


@dataclass(frozen=True, slots=True)
class Use:
    """A key that something in a region is encrypted with.

    Args:
        key: the setting that names it.
        region: where it is needed.
        what: what is encrypted, as a clause.
        required: whether none set is an error.
        lost: the region it has to outlive, where only that one can be told.
    """

    key: Setting
    region: str | Unsettled
    what: str
    required: bool = False
    lost: str | Unsettled | None = None


def check(program: Program, _: Thresholds) -> Iterable[Violation]:
    """Keys of replicas and copies that lie in another region than these, are disabled, or are missing."""
    for type_, uses in _USES.items():
        for resource in program.of_type(type_):
            for use in uses(program, resource):
                yield from _judge(program, use)


def _judge(program: Program, use: Use) -> Iterable[Violation]:
    if not use.key.is_set:
        if use.required:
            yield Violation.at(use.key, f"{use.what} names no KMS key of the other region, so nothing is copied.")
        return
    region = region_of_key(program.graph, use.key)
    if isinstance(region, Unsettled):
        region = _declared_region(program.graph, use.key.resource) or region
    if region is None:
        return
    # A destination of another program: its region is not told here, but the key must not be lost with the source.
    if isinstance(region, str) and isinstance(use.region, Unsettled) and isinstance(use.lost, str):
        if region != use.lost:
            return
        yield Violation.unsettled(use.region, f"a key in {region} can be used there")
    elif isinstance(region, Unsettled) or isinstance(use.region, Unsettled):
        gap = region if isinstance(region, Unsettled) else use.region
        yield Violation.unsettled(gap, _DEMAND)  # pyright: ignore[reportArgumentType]
    elif region != use.region:
        yield Violation.at(
            use.key,
            f"{use.what} in {use.region} is encrypted with a key in {region}: a key can't be used from another region, "
            "and it is gone when that one is.",
        )
    for key in program.graph.reference(use.key, *KEYS).resources:
        enabled = key.at("enabled" if key.type == KEYS[1] else "isEnabled").flag(True)
        if enabled is False:
            yield Violation.at(key, f"KMS key '{key.name}' is disabled, and {use.what} in {use.region} needs it.")


def _declared_region(graph: ResourceGraph, resource: Resource) -> str | None:
    """Where the key lies that a replica is declared to have, as long as the key itself is not known.

    A key of another stack has no ARN before that is deployed, and no edge leads there; its alias has one.
    """
    parts = str(declared(graph, resource, "replica-key")).split(":")
    return parts[3] if parts[:3] == ["arn", "aws", "kms"] and len(parts) > 5 else None


def _replication(program: Program, config: Resource) -> Iterable[Use]:
    rules = config.at("rules").each()
    for rule in () if isinstance(rules, Unsettled) else rules:
        destination = rule["destination"]
        selected = rule["sourceSelectionCriteria"]["sseKmsEncryptedObjects"]["status"].value == "Enabled"
        key = destination["encryptionConfiguration"]["replicaKmsKeyId"]
        region = _region_of_bucket(program, config, destination["bucket"])
        lost = program.graph.region_of(config)
        yield Use(key, region, f"the replica that '{config.name}' makes", required=selected, lost=lost)


def _region_of_bucket(program: Program, config: Resource, setting: Setting) -> str | Unsettled:
    found = program.graph.reference(setting, *BUCKETS)
    if found.resources:
        # Replication may stay in its region; where only edges are known, the destination is not the source.
        sources = {r.urn for r in program.graph.reference(config.at("bucket"), *BUCKETS).resources}
        others = [r for r in found.resources if r.urn not in sources] or list(found.resources)
        regions = {program.graph.region_of(r) for r in others}
        if len(regions) == 1:
            return regions.pop()
    return found.unsettled or Unsettled(setting.resource.urn, setting.path, "names no bucket whose region is known")


def _table(_: Program, table: Resource) -> Iterable[Use]:
    replicas = table.at("replicas").each()
    for replica in () if isinstance(replicas, Unsettled) else replicas:
        yield Use(replica["kmsKeyArn"], replica["regionName"].text(), f"a replica of table '{table.name}'")


def _secret(_: Program, secret: Resource) -> Iterable[Use]:
    replicas = secret.at("replicas").each()
    for replica in () if isinstance(replicas, Unsettled) else replicas:
        yield Use(replica["kmsKeyId"], replica["region"].text(), f"a replica of secret '{secret.name}'")


def _backups(program: Program, replication: Resource) -> Iterable[Use]:
    source = program.graph.reference(replication.at("sourceDbInstanceArn"), "aws:rds/instance:Instance").one
    encrypted = source is not None and source.at("storageEncrypted").flag(False) is True
    yield Use(
        replication.at("kmsKeyId"),
        program.graph.region_of(replication),
        f"automated backups that '{replication.name}' replicates",
        required=encrypted,
    )


def _file_system(_: Program, replication: Resource) -> Iterable[Use]:
    destination = replication.at("destination")
    region = destination["region"]
    if region.is_set:
        yield Use(destination["kmsKeyId"], region.text(), f"the replica that '{replication.name}' makes")


def _own_region(key: str, what: str) -> Callable[[Program, Resource], Iterable[Use]]:
    def uses(program: Program, resource: Resource) -> Iterable[Use]:
        yield Use(resource.at(key), program.graph.region_of(resource), f"{what} '{resource.name}'")

    return uses


_USES: dict[str, Callable[[Program, Resource], Iterable[Use]]] = {
    "aws:s3/bucketReplicationConfig:BucketReplicationConfig": _replication,
    "aws:dynamodb/table:Table": _table,
    "aws:dynamodb/tableReplica:TableReplica": _own_region("kmsKeyArn", "table replica"),
    "aws:secretsmanager/secret:Secret": _secret,
    "aws:rds/instanceAutomatedBackupsReplication:InstanceAutomatedBackupsReplication": _backups,
    "aws:rds/instance:Instance": _own_region("kmsKeyId", "database"),
    "aws:rds/cluster:Cluster": _own_region("kmsKeyId", "database cluster"),
    "aws:efs/replicationConfiguration:ReplicationConfiguration": _file_system,
    "aws:backup/vault:Vault": _own_region("kmsKeyArn", "backup vault"),
    "aws:ebs/snapshotCopy:SnapshotCopy": _own_region("kmsKeyId", "snapshot copy"),
    "aws:ec2/amiCopy:AmiCopy": _own_region("kmsKeyId", "image copy"),
}


def _program(key_region: str) -> ResourceGraph:
    builder = GraphBuilder()
    source, copy = bucket(builder, "lake"), bucket(builder, "lake-copy", region="us-west-2")
    key = builder.add("aws:kms/key:Key", "data", {"multiRegion": True}, region=key_region)
    rule = {
        "status": "Enabled",
        "sourceSelectionCriteria": {"sseKmsEncryptedObjects": {"status": "Enabled"}},
        "destination": {
            "bucket": copy.ref("arn"),
            "encryptionConfiguration": {"replicaKmsKeyId": key.ref("arn")},
        },
    }
    part(builder, "BucketReplicationConfig", source, "lake", {"rules": [rule]})
    return builder.graph()


def _from_outside(key_region: str) -> ResourceGraph:
    builder = GraphBuilder()
    source = bucket(builder, "lake")
    destination = {
        "bucket": "arn:aws:s3:::copy",
        "encryptionConfiguration": {"replicaKmsKeyId": f"arn:aws:kms:{key_region}:111122223333:key/1234"},
    }
    rules = [{"status": "Enabled", "destination": destination}]
    part(builder, "BucketReplicationConfig", source, "lake", {"rules": rules})
    return builder.graph()


def _table_of_another_stack(alias_region: str) -> ResourceGraph:
    builder = GraphBuilder()
    replica = {"regionName": "us-west-2", "kmsKeyArn": UNKNOWN}
    alias = f"arn:aws:kms:{alias_region}:111122223333:alias/data"
    builder.add("aws:dynamodb/table:Table", "keys", {"replicas": [replica], "tags": {"stanchion:replica-key": alias}})
    return builder.graph()


def _vault(key: str) -> ResourceGraph:
    builder = GraphBuilder()
    builder.add("aws:backup/vault:Vault", "copies", {"kmsKeyArn": key}, region="us-west-2")
    return builder.graph()


RULE = Rule(
    id="recovery-keys-usable-in-recovery-region",
    group=Group.RECOVERY,
    severity=Severity.CRITICAL,
    description="Replicas and copies are encrypted with an enabled key of the region they lie in: a key works in its "
    "own region only, so data under a key of the lost region is lost with it.",
    remediation="Use a key of the destination region, such as an aws.kms.ReplicaKey of a multi-Region key, or AWS's "
    "own key of the service.",
    source="S3 user guide: replicating encrypted objects; KMS developer guide: multi-Region keys; Amazon RDS API: "
    "StartDBInstanceAutomatedBackupsReplication, KmsKeyId",
    check=check,
    passing=(
        Example("the replica's key lies beside it", lambda: _program("us-west-2")),
        Example("the replica is another program's, and its key is not lost", lambda: _from_outside("us-west-2")),
        Example("AWS's own key exists in each region", lambda: _vault("alias/aws/backup")),
        Example(
            "the replica's key is not deployed yet, and its alias says where it will lie",
            lambda: _table_of_another_stack("us-west-2"),
        ),
    ),
    failing=(
        Example("the replica's key stays behind", lambda: _program("us-east-1"), ("lake",)),
        Example("so says the alias of a key to come", lambda: _table_of_another_stack("us-east-1"), ("keys",)),
        Example("the replica's key is lost with its source", lambda: _from_outside("us-east-1"), ("lake",)),
        Example(
            "the vault's key lies in another region",
            lambda: _vault("arn:aws:kms:us-east-1:111122223333:key/1234"),
            ("copies",),
        ),
    ),
)
