"""Rows of Amazon ECR: repositories and their lifecycle."""

from typing import Any

from sandbox.provider.context import CallError, Context
from sandbox.provider.errors import ProviderError
from sandbox.provider.row import Call, Example, Need, Ref, Row, TagCalls
from sandbox.provider.rules import one_of
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


EXPIRE_UNTAGGED = (
    '{"rules": [{"rulePriority": 1, "selection": {"tagStatus": "untagged", "countType": "sinceImagePushed", '
    '"countUnit": "days", "countNumber": %d}, "action": {"type": "expire"}}]}'
)

ROWS = (
    Row(
        type=REPOSITORY,
        service="ecr",
        create=(create_repository,),
        read=(read_repository,),
        update=(update_repository,),
        delete=(delete_repository,),
        id=("name",),
        replace=frozenset({"name", "encryptionConfigurations"}),
        defaults={"imageTagMutability": "MUTABLE"},
        sticky=frozenset({"encryptionConfigurations"}),
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
            one_of(
                "imageTagMutability",
                "MUTABLE",
                "IMMUTABLE",
                "IMMUTABLE_WITH_EXCLUSION",
                "MUTABLE_WITH_EXCLUSION",
            ),
        ),
        example=Example(
            inputs={
                "name": "team/first",
                "imageTagMutability": "IMMUTABLE",
                "imageScanningConfiguration": {"scanOnPush": True},
                "tags": {"a": "1"},
            },
            update={"imageScanningConfiguration": {"scanOnPush": False}, "tags": {"a": "2"}},
            replace={"name": "team/second"},
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
        example=Example(
            inputs={"repository": Ref("repository", "name"), "policy": EXPIRE_UNTAGGED % 14},
            update={"policy": EXPIRE_UNTAGGED % 7},
            replace={"repository": "another"},
            needs={"repository": Need(REPOSITORY, {"name": "team/lifecycle"})},
        ),
    ),
)
