"""By which values other resources may name a resource: ids, ARNs, names and addresses."""

from collections.abc import Iterator
from typing import Any

from stanchion.graph.resource import Resource

_KEYS = (
    "id",
    "arn",
    "name",
    "bucket",
    "keyId",
    "url",
    "identifier",
    "clusterIdentifier",
    "clusterName",
    "replicationGroupId",
    "globalClusterIdentifier",
    "functionName",
    "qualifiedArn",
    "domainName",
    "dnsName",
    "repositoryUrl",
)
# Of a type other than these, the property names something else: the `bucket` of a bucket's versioning, the
# `clusterIdentifier` of an instance. (Names of the types as in pulumi_aws 7.51.1.)
_OWNERS = {
    "bucket": frozenset({"Bucket", "BucketV2", "DirectoryBucket"}),
    "keyId": frozenset({"Key", "ReplicaKey", "ExternalKey", "ReplicaExternalKey"}),
    "clusterIdentifier": frozenset({"Cluster"}),
    "clusterName": frozenset({"Cluster"}),
    "replicationGroupId": frozenset({"ReplicationGroup"}),
    "globalClusterIdentifier": frozenset({"GlobalCluster"}),
    "functionName": frozenset({"Function"}),
}


def identities(resource: Resource) -> Iterator[str]:
    """Known identities, each once; nothing for what the deployment will make up."""
    inputs, outputs, kind = resource.inputs, resource.outputs, resource.kind
    seen: set[Any] = set()
    keys: list[str] = []
    for key in _KEYS:
        owners = _OWNERS.get(key)
        if owners is None or kind in owners:
            keys.append(key)
        else:
            # Parts of a resource often have its name as their id; only the whole is meant by it.
            seen.update(value for value in (inputs.get(key), outputs.get(key)) if isinstance(value, str))
    for properties in (inputs, outputs):
        for key in keys:
            value = properties.get(key)
            if isinstance(value, str) and value and value not in seen:
                seen.add(value)
                yield value
                # Only S3 has ARNs that follow from the name alone; they are known before the bucket is there.
                if key == "bucket" and resource.type.startswith("aws:s3/bucket"):
                    arn = f"arn:aws:s3:::{value}"
                    if arn not in seen:
                        seen.add(arn)
                        yield arn
    if resource.type.startswith("kubernetes:"):
        metadata = inputs.get("metadata")
        name = metadata.get("name") if isinstance(metadata, dict) else None  # pyright: ignore[reportUnknownMemberType, reportUnknownVariableType]
        if isinstance(name, str) and name:
            yield name
