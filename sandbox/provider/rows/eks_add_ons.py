"""Rows of Amazon EKS: add-ons."""

from typing import Any

from sandbox.provider.context import Context
from sandbox.provider.row import Example, Ref, Row
from sandbox.provider.rows.eks import CLUSTER_NEEDS, GONE, ROLE, TAKEN, tag_calls
from sandbox.provider.rules import matches, one_of
from sandbox.provider.shapes import object_from
from sandbox.provider.values import Properties


def read_add_on(context: Context) -> Properties | None:
    """The add-on; its identities are told by the associations it made."""
    cluster, _, name = context.id.partition(":")
    addon = context.call("describe_addon", clusterName=cluster, addonName=name)["addon"]
    state = object_from(addon, context.schema.outputs, context.row.names)
    state.pop("podIdentityAssociations", None)
    identities = []
    for arn in addon.get("podIdentityAssociations", []):
        of = {"clusterName": cluster, "associationId": arn.rpartition("/")[2]}
        association = context.call("describe_pod_identity_association", **of)["association"]
        identities.append({"roleArn": association["roleArn"], "serviceAccount": association["serviceAccount"]})
    if identities:
        state["podIdentityAssociations"] = identities
    return state


def create_add_on(context: Context) -> Properties:
    """Install the add-on."""
    _add_on_call(context, "create_addon", "resolveConflictsOnCreate", tags=context["tagsAll"] or None)
    context.tags_sent = True
    return {"clusterName": context["clusterName"], "addonName": context["addonName"]}


def update_add_on(context: Context) -> None:
    """Change it; without identities in the program it has none."""
    if context.changed - {"tags", "tagsAll", "preserve", "resolveConflictsOnCreate", "resolveConflictsOnUpdate"}:
        none = [] if "podIdentityAssociations" in context.changed else None
        _add_on_call(context, "update_addon", "resolveConflictsOnUpdate", podIdentityAssociations=none)


def _add_on_call(context: Context, operation: str, conflicts_input: str, **more: Any) -> None:
    names = ("addonVersion", "configurationValues", "serviceAccountRoleArn", "namespaceConfig")
    if operation == "update_addon":
        names = names[:3]
    given = {name: context.inputs[name] for name in names if context.inputs.get(name) is not None}
    identities = context.inputs.get("podIdentityAssociations")
    if identities:
        more["podIdentityAssociations"] = [dict(each) for each in identities]
    context.call(
        operation,
        clusterName=context["clusterName"],
        addonName=context["addonName"],
        resolveConflicts=context.inputs.get(conflicts_input),
        **{**given, **more},
    )


def delete_add_on(context: Context) -> None:
    """Remove it; preserve leaves its software in the cluster."""
    cluster, _, name = context.id.partition(":")
    context.call("delete_addon", clusterName=cluster, addonName=name, preserve=context["preserve"] or None)


ROWS = (
    Row(
        type="aws:eks/addon:Addon",
        service="eks",
        names={"arn": "addonArn"},
        create=(create_add_on,),
        read=(read_add_on,),
        update=(update_add_on,),
        delete=(delete_add_on,),
        id=("clusterName", "addonName"),
        replace=frozenset({"clusterName", "addonName", "namespaceConfig"}),
        sets=frozenset({"podIdentityAssociations"}),
        json=frozenset({"configurationValues"}),
        sticky=frozenset({"addonVersion", "configurationValues", "namespaceConfig"}),
        # They are said with each call and kept nowhere.
        write_only=frozenset({"resolveConflictsOnCreate", "resolveConflictsOnUpdate", "preserve"}),
        gone=GONE,
        taken=TAKEN,
        tags=tag_calls(),
        rules=(
            one_of("resolveConflictsOnCreate", "NONE", "OVERWRITE"),
            one_of("resolveConflictsOnUpdate", "NONE", "OVERWRITE", "PRESERVE"),
            matches("podIdentityAssociations.roleArn", ROLE, "the ARN of a role"),
        ),
        example=Example(
            inputs={
                "clusterName": Ref("cluster"),
                "addonName": "metrics-server",
                "addonVersion": "v0.8.0-eksbuild.1",
                "configurationValues": '{"replicas": 2}',
                "podIdentityAssociations": [
                    {"roleArn": "arn:aws:iam::000000000000:role/metrics", "serviceAccount": "metrics"}
                ],
                "resolveConflictsOnCreate": "OVERWRITE",
                "tags": {"team": "a"},
            },
            update={
                "addonVersion": "v0.8.0-eksbuild.2",
                "configurationValues": '{"replicas": 3}',
                "podIdentityAssociations": [
                    {"roleArn": "arn:aws:iam::000000000000:role/other", "serviceAccount": "metrics"}
                ],
                "tags": {"team": "b"},
            },
            replace={"addonName": "coredns"},
            needs=CLUSTER_NEEDS,
        ),
    ),
)
