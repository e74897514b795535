"""Tags of whatever has an ARN."""

from collections.abc import Iterator

from sandbox.eks.call import Call, Handler
from sandbox.eks.errors import not_found
from sandbox.eks.records import ClusterRecord, Document


def list_tags(call: Call) -> Document:
    """The tags of a resource."""
    return {"tags": _tagged(call)["tags"]}


def tag(call: Call) -> Document:
    """Set tags; others stay."""
    _tagged(call)["tags"] |= call["tags"]
    return {}


def untag(call: Call) -> Document:
    """Take tags away."""
    tags: Document = _tagged(call)["tags"]
    for key in call["tagKeys"]:
        tags.pop(key, None)
    return {}


def _tagged(call: Call) -> Document:
    arn = str(call["resourceArn"])
    for record in call.records.regions.get(call.region, {}).values():
        for member, resource in _resources(record):
            if resource[member] == arn:
                return resource
    raise not_found(f"resource found for ARN: {arn}")


def _resources(record: ClusterRecord) -> Iterator[tuple[str, Document]]:
    """Everything with an ARN, each with the member that holds it."""
    yield "arn", record.cluster
    for member, resources in (
        ("nodegroupArn", record.node_groups),
        ("addonArn", record.add_ons),
        ("accessEntryArn", record.entries),
        ("associationArn", record.associations),
    ):
        for resource in resources.values():
            yield member, resource


HANDLERS: dict[str, Handler] = {"ListTagsForResource": list_tags, "TagResource": tag, "UntagResource": untag}
