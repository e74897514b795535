"""Rows of Amazon ECR: repositories, their lifecycle and their replication."""

import json
from collections.abc import Iterator, Mapping
from typing import Any

from sandbox.provider.context import CallError, Context
from sandbox.provider.errors import ProviderError
from sandbox.provider.row import Call, Example, Need, Problem, Ref, Row, TagCalls
from sandbox.provider.rules import at_least_one, one_of
from sandbox.provider.rules import found as found_at
from sandbox.provider.values import Properties

REPOSITORY = "aws:ecr/repository:Repository"
GONE = frozenset({"RepositoryNotFoundException", "LifecyclePolicyNotFoundException"})


def create_repository(context: Context) -> Properties:
    """Creates the repository; encryption is fixed from here on."""
    encryption = (context["encryptionConfigurations"] or [{}])[0]
    scanning = context["imageScanningConfiguration"] or {}
    answer = context.call(
        "create_repository",
        repositoryName=context["name"],
        imageTagMutability=context["imageTagMutability"],
        imageScanningConfiguration={"scanOnPush": bool(scanning.get("scanOnPush", False))},
        encryptionConfiguration={
            key: value
            for key, value in {
                "encryptionType": encryption.get("encryptionType", "AES256"),
                "kmsKey": encryption.get("kmsKey"),
            }.items()
            if value
        },
        tags=[{"Key": key, "Value": value} for key, value in (context["tagsAll"] or {}).items()] or None,
    )
    context.tags_sent = True
    return _state(context, answer["repository"])


def read_repository(context: Context) -> Properties | None:
    """The repository as properties."""
    found = context.call("describe_repositories", repositoryNames=[context.id])["repositories"]
    return _state(context, found[0]) if found else None


def _state(context: Context, found: dict[str, Any]) -> Properties:
    state: Properties = {
        "id": found["repositoryName"],
        "name": found["repositoryName"],
        "arn": found["repositoryArn"],
        "registryId": found["registryId"],
        "repositoryUrl": found["repositoryUri"],
        "imageTagMutability": found.get("imageTagMutability", "MUTABLE"),
        "forceDelete": context["forceDelete"],
    }
    if context["imageScanningConfiguration"] is not None:
        state["imageScanningConfiguration"] = {
            "scanOnPush": bool(found.get("imageScanningConfiguration", {}).get("scanOnPush", False))
        }
    encryption = found.get("encryptionConfiguration") or {"encryptionType": "AES256"}
    state["encryptionConfigurations"] = [{key: value for key, value in encryption.items() if value}]
    return {name: value for name, value in state.items() if value is not None}


def update_repository(context: Context) -> None:
    """Sets what can be changed."""
    if "imageTagMutability" in context.changed:
        context.call(
            "put_image_tag_mutability",
            repositoryName=context.id,
            imageTagMutability=context["imageTagMutability"],
        )
    if "imageScanningConfiguration" in context.changed:
        scanning = context.inputs.get("imageScanningConfiguration") or {}
        context.call(
            "put_image_scanning_configuration",
            repositoryName=context.id,
            imageScanningConfiguration={"scanOnPush": bool(scanning.get("scanOnPush", False))},
        )


def delete_repository(context: Context) -> None:
    """Deletes the repository; only `forceDelete` takes its images along."""
    try:
        context.call("delete_repository", repositoryName=context.id, force=context["forceDelete"] is True)
    except CallError as error:
        if error.code != "RepositoryNotEmptyException":
            raise
        raise ProviderError(
            f"the repository {context.id} has images, so it was not deleted: remove them, "
            "or set forceDelete and run `up` before `destroy`"
        ) from error


def one_encryption(inputs: Mapping[str, Any]) -> list[Problem]:
    """There is one encryption, and only KMS has a key."""
    found = inputs.get("encryptionConfigurations")
    if not isinstance(found, list) or not found:
        return []
    if len(found) > 1:
        return [Problem("encryptionConfigurations", f"expected one encryption, got {len(found)}")]
    entry = found[0]
    if isinstance(entry, Mapping) and entry.get("kmsKey") and entry.get("encryptionType", "AES256") == "AES256":
        return [Problem("encryptionConfigurations[0].kmsKey", "the encryptionType AES256 has no key; use KMS")]
    return []


def lifecycle(inputs: Mapping[str, Any]) -> list[Problem]:
    """What ECR refuses in a lifecycle policy; the emulator takes any text."""
    try:
        rules = json.loads(inputs["policy"])["rules"]
        found = [reason for rule in rules for reason in _wrong_in(rule)]
        priorities = [rule["rulePriority"] for rule in rules]
    except (KeyError, TypeError, ValueError):
        if not isinstance(inputs.get("policy"), str):
            return []
        found, priorities = ['it has a list "rules" with rulePriority, selection and action each'], []
    if len(set(priorities)) < len(priorities):
        found.append("two rules have the same rulePriority")
    return [Problem("policy", f"Invalid parameter at 'LifecyclePolicyText': {reason}") for reason in found]


def _wrong_in(rule: Mapping[str, Any]) -> Iterator[str]:
    number, selection = rule["rulePriority"], rule["selection"]
    status, count = selection["tagStatus"], selection["countType"]
    lists = [name for name in ("tagPrefixList", "tagPatternList") if selection.get(name)]
    if rule["action"]["type"] != "expire":
        yield f"rule {number} has another action than expire"
    if status not in ("tagged", "untagged", "any"):
        yield f"rule {number} has a tagStatus other than tagged, untagged and any"
    if status == "tagged" and len(lists) != 1:
        yield f"rule {number} is for tagged images and needs either tagPrefixList or tagPatternList"
    if status in ("untagged", "any") and lists:
        yield f"rule {number} is for {status} images, which takes no {lists[0]}"
    if count not in ("imageCountMoreThan", "sinceImagePushed"):
        yield f"rule {number} has a countType other than imageCountMoreThan and sinceImagePushed"
    if (count == "sinceImagePushed") != (selection.get("countUnit") == "days"):
        yield f"rule {number} has countUnit days if, and only if, its countType is sinceImagePushed"
    if not isinstance(selection["countNumber"], int) or selection["countNumber"] < 1:
        yield f"rule {number} has a countNumber below 1"


def elsewhere(inputs: Mapping[str, Any]) -> list[Problem]:
    """A registry does not replicate into itself."""
    own = inputs.get("region")
    return [
        Problem(where, f"the registry lies in {own} itself; images replicate to other regions")
        for where, region in found_at(inputs, "replicationConfiguration.rules.destinations.region")
        if region == own and isinstance(region, str)
    ]


EXPIRE_UNTAGGED = (
    '{"rules": [{"rulePriority": 1, "selection": {"tagStatus": "untagged", "countType": "sinceImagePushed", '
    '"countUnit": "days", "countNumber": %d}, "action": {"type": "expire"}}]}'
)

ROWS = (
    Row(
        type=REPOSITORY,
        service="ecr",
        cfn="AWS::ECR::Repository",
        cfn_names={"name": "RepositoryName"},
        # A list here, an object there.
        uncheck=frozenset({"encryptionConfigurations"}),
        create=(create_repository,),
        read=(read_repository,),
        update=(update_repository,),
        delete=(delete_repository,),
        id=("name",),
        replace=frozenset({"name", "encryptionConfigurations"}),
        defaults={"imageTagMutability": "MUTABLE"},
        sticky=frozenset({"encryptionConfigurations"}),
        # Without a key of one's own it is AWS's.
        nested_computed=frozenset({"encryptionConfigurations.kmsKey"}),
        provider_only=frozenset({"forceDelete"}),
        gone=GONE,
        taken=frozenset({"RepositoryAlreadyExistsException"}),
        tags=TagCalls(
            add="tag_resource",
            remove="untag_resource",
            read="list_tags_for_resource",
            target=("resourceArn", "arn"),
            tags="tags",
            keys="tagKeys",
        ),
        unsupported={"imageTagMutabilityExclusionFilters": "the local cloud has one mutability per repository"},
        rules=(
            at_least_one("name"),
            one_of("imageTagMutability", "MUTABLE", "IMMUTABLE"),
            one_of("encryptionConfigurations.encryptionType", "AES256", "KMS", "KMS_DSSE"),
            one_encryption,
        ),
        example=Example(
            inputs={
                "name": "team/first",
                "imageTagMutability": "IMMUTABLE",
                "imageScanningConfiguration": {"scanOnPush": True},
                "encryptionConfigurations": [{"encryptionType": "KMS", "kmsKey": Ref("key", "arn")}],
                "tags": {"a": "1", "b": "1"},
            },
            update={
                "imageScanningConfiguration": {"scanOnPush": False},
                "imageTagMutability": None,
                "tags": {"a": "2"},
            },
            replace={"encryptionConfigurations": [{"encryptionType": "AES256"}]},
            needs={"key": Need("aws:kms/key:Key", {"deletionWindowInDays": 7})},
        ),
    ),
    Row(
        type="aws:ecr/lifecyclePolicy:LifecyclePolicy",
        service="ecr",
        create=(
            Call(
                "put_lifecycle_policy",
                params={"repositoryName": "repository", "lifecyclePolicyText": "policy"},
                fill=False,
            ),
        ),
        read=(
            Call(
                "get_lifecycle_policy",
                params={"repositoryName": "$id"},
                fill=False,
            ),
        ),
        update=(
            Call(
                "put_lifecycle_policy",
                params={"repositoryName": "repository", "lifecyclePolicyText": "policy"},
                fill=False,
            ),
        ),
        delete=(Call("delete_lifecycle_policy", params={"repositoryName": "$id"}, fill=False),),
        id=("repository",),
        names={"repository": "repositoryName", "policy": "lifecyclePolicyText"},
        replace=frozenset({"repository"}),
        json=frozenset({"policy"}),
        gone=GONE,
        rules=(lifecycle,),
        example=Example(
            inputs={"repository": Ref("repository", "name"), "policy": EXPIRE_UNTAGGED % 14},
            update={"policy": EXPIRE_UNTAGGED % 7},
            replace={"repository": "another"},
            needs={"repository": Need(REPOSITORY, {"name": "team/lifecycle"})},
        ),
    ),
    Row(
        type="aws:ecr/replicationConfiguration:ReplicationConfiguration",
        service="ecr",
        cfn="AWS::ECR::ReplicationConfiguration",
        # Recorded only, so that there is nothing to call; Check and Diff work as for every other type.
        create=(),
        read=(),
        delete=(),
        id=(),
        sets=frozenset({"replicationConfiguration.rules.destinations"}),
        rules=(elsewhere,),
        example=Example(
            inputs={
                "replicationConfiguration": {
                    "rules": [
                        {
                            "destinations": [{"region": "eu-west-1", "registryId": "000000000000"}],
                            "repositoryFilters": [{"filter": "team/", "filterType": "PREFIX_MATCH"}],
                        }
                    ]
                }
            },
        ),
    ),
)
