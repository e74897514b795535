"""Resource policies: who is let in, and what is refused."""

import json
from collections.abc import Iterator, Mapping
from typing import Any, cast

from stanchion.graph import SECRET, UNKNOWN, ResourceGraph, Setting, Unsettled

Statement = Mapping[str, Any]

# Conditions on these keep strangers out (S3 user guide, blocking public access: the meaning of "public"; the others are
# the same limits for other services).
_LIMITING = frozenset(
    {
        "aws:sourceip",
        "aws:sourcearn",
        "aws:sourcevpc",
        "aws:sourcevpce",
        "aws:sourceowner",
        "aws:sourceaccount",
        "aws:sourceorgid",
        "aws:sourceorgpaths",
        "aws:principalorgid",
        "aws:principalorgpaths",
        "aws:principalarn",
        "aws:principalaccount",
        "aws:userid",
        "s3:dataaccesspointarn",
        "s3:dataaccesspointaccount",
        "s3:x-amz-server-side-encryption-aws-kms-key-id",
    }
)
_EVERYBODY = ("*", "0.0.0.0/0", "::/0")

# Policies of what is not a bucket: no access block stands before them.
POLICY_TYPES = (
    "aws:sqs/queuePolicy:QueuePolicy",
    "aws:sns/topicPolicy:TopicPolicy",
    "aws:ecr/repositoryPolicy:RepositoryPolicy",
    "aws:secretsmanager/secretPolicy:SecretPolicy",
    "aws:backup/vaultPolicy:VaultPolicy",
    "aws:efs/fileSystemPolicy:FileSystemPolicy",
)


def statements(policy: Setting) -> tuple[Statement, ...] | Unsettled:
    """The statements of a policy document, written as JSON or as a mapping; nothing set has none."""
    value = policy.value
    if gap := policy.unsettled:
        return gap
    if value == "":
        return ()
    if isinstance(value, str):
        try:
            value = json.loads(value)
        except ValueError:
            return policy.wrong("a policy document")
    if value is None:
        return ()
    if not isinstance(value, dict):
        return policy.wrong("a policy document")
    found = cast("dict[str, Any]", value).get("Statement")
    if found is UNKNOWN or found is SECRET:
        return Setting(policy.resource, f"{policy.path}.Statement", found).unsettled or ()
    return tuple(s for s in (found if isinstance(found, list) else [found]) if isinstance(s, dict))


def waits_for_names(graph: ResourceGraph, policy: Setting) -> bool:
    """Whether a document is unknown since it names what is new: edges lead from it to resources of the program."""
    return policy.value is UNKNOWN and bool(graph.reference(policy).resources)


def is_public(statement: Statement) -> bool:
    """Whether it lets everybody in: an Allow for `*`, or for all but some, that no condition limits."""
    if statement.get("Effect") != "Allow":
        return False
    if "NotPrincipal" not in statement and not _for_everybody(statement.get("Principal")):
        return False
    return not any(key in _LIMITING and not _unlimited(value) for _, key, value in _conditions(statement))


def refuses_plain_http(statement: Statement) -> bool:
    """Whether it denies every action of everybody that comes without TLS."""
    if statement.get("Effect") != "Deny" or not _for_everybody(statement.get("Principal")):
        return False
    actions = _texts(statement.get("Action"))
    if not any(action == "*" or action.endswith(":*") for action in actions):
        return False
    return any(
        operator.startswith("bool") and key == "aws:securetransport" and _texts(value) == ["false"]
        for operator, key, value in _conditions(statement)
    )


def _for_everybody(principal: Any) -> bool:
    if isinstance(principal, dict):
        return any(text == "*" for value in cast("dict[str, Any]", principal).values() for text in _texts(value))
    return "*" in _texts(principal)


def _conditions(statement: Statement) -> Iterator[tuple[str, str, Any]]:
    conditions = statement.get("Condition")
    for operator, keys in conditions.items() if isinstance(conditions, dict) else ():
        for key, value in keys.items() if isinstance(keys, dict) else ():
            yield str(operator).lower(), str(key).lower(), value


def _unlimited(value: Any) -> bool:
    return any(text in _EVERYBODY for text in _texts(value))


def _texts(value: Any) -> list[str]:
    values = cast("list[Any]", value) if isinstance(value, list) else [] if value is None else [value]
    return [str(item).lower() if isinstance(item, bool) else str(item) for item in values]
