"""By which values other resources may name a resource: ids, ARNs, names and addresses."""

from collections.abc import Iterator

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


def identities(resource: Resource) -> Iterator[str]:
    """Known identities, each once; nothing for what the deployment will make up."""
    seen: set[str] = set()
    for properties in (resource.inputs, resource.outputs):
        for key in _KEYS:
            value = properties.get(key)
            if isinstance(value, str) and value and value not in seen:
                seen.add(value)
                yield value
                # Only S3 has ARNs that follow from the name alone; they are known before the bucket is there.
                if key == "bucket" and resource.type.startswith("aws:s3/bucket") and resource.kind.startswith("Bucket"):
                    arn = f"arn:aws:s3:::{value}"
                    seen.add(arn)
                    yield arn
    if resource.type.startswith("kubernetes:"):
        metadata = resource.inputs.get("metadata")
        name = metadata.get("name") if isinstance(metadata, dict) else None  # pyright: ignore[reportUnknownMemberType, reportUnknownVariableType]
        if isinstance(name, str) and name:
            yield name
