"""Rows of who gets into a cluster of EKS, and as what its pods act."""

from sandbox.provider.context import Context
from sandbox.provider.row import Call, Example, Need, Ref, Row
from sandbox.provider.rows.eks import CLUSTER_NEEDS, GONE, ROLE, TAKEN, tag_calls
from sandbox.provider.rules import matches, one_of
from sandbox.provider.values import Properties

ENTRY = "aws:eks/accessEntry:AccessEntry"
PERSON = "arn:aws:iam::000000000000:role/deploy"
_POLICIES = "arn:aws:eks::aws:cluster-access-policy"
PRINCIPAL = r"arn:[\w-]+:(iam|sts)::\d{12}:(role|user|assumed-role)/.+"


def read_association(context: Context) -> Properties | None:
    """One policy among those of an entry."""
    cluster, principal, policy = context.id.split("#")
    more: dict[str, str] = {}
    while True:
        answer = context.call("list_associated_access_policies", clusterName=cluster, principalArn=principal, **more)
        for each in answer["associatedAccessPolicies"]:
            if each["policyArn"] == policy:
                return {
                    "clusterName": cluster,
                    "principalArn": principal,
                    "policyArn": policy,
                    "accessScope": {name: value for name, value in each["accessScope"].items() if value},
                    "associatedAt": each["associatedAt"].isoformat(),
                    "modifiedAt": each["modifiedAt"].isoformat(),
                }
        if "nextToken" not in answer:
            return None
        more = {"nextToken": answer["nextToken"]}


def disassociate(context: Context) -> None:
    """Take the policy from the entry; one that is gone took it along."""
    cluster, principal, policy = context.id.split("#")
    context.call("disassociate_access_policy", clusterName=cluster, principalArn=principal, policyArn=policy)


OF_ENTRY = {"clusterName": "clusterName", "principalArn": "principalArn"}
OF_ASSOCIATION = {"clusterName": "clusterName", "associationId": "associationId"}
ASSOCIATE = Call(
    "associate_access_policy",
    only=("clusterName", "principalArn", "policyArn", "accessScope"),
    result="associatedAccessPolicy",
)

ROWS = (
    Row(
        type=ENTRY,
        service="eks",
        names={"userName": "username"},
        create=(
            Call(
                "create_access_entry",
                only=("clusterName", "principalArn", "kubernetesGroups", "type", "userName"),
                result="accessEntry",
            ),
        ),
        read=(Call("describe_access_entry", OF_ENTRY, fill=False, result="accessEntry"),),
        update=(
            Call(
                "update_access_entry",
                OF_ENTRY,
                only=("kubernetesGroups", "userName"),
                result="accessEntry",
            ),
        ),
        delete=(Call("delete_access_entry", OF_ENTRY, fill=False),),
        id=("clusterName", "principalArn"),
        replace=frozenset({"clusterName", "principalArn", "type"}),
        sets=frozenset({"kubernetesGroups"}),
        defaults={"type": "STANDARD"},
        sticky=frozenset({"userName"}),
        unset={"kubernetesGroups": []},
        gone=GONE,
        taken=TAKEN,
        tags=tag_calls("accessEntryArn"),
        rules=(
            matches("principalArn", PRINCIPAL, "the ARN of a role or user"),
            one_of(
                "type", "STANDARD", "EC2_LINUX", "EC2_WINDOWS", "FARGATE_LINUX", "EC2", "HYBRID_LINUX", "HYPERPOD_LINUX"
            ),
        ),
        example=Example(
            inputs={
                "clusterName": Ref("cluster"),
                "principalArn": PERSON,
                "kubernetesGroups": ["viewers"],
                "tags": {"team": "a"},
            },
            update={"kubernetesGroups": ["editors", "viewers"], "tags": {"team": "b"}},
            replace={"principalArn": "arn:aws:iam::000000000000:role/another"},
            needs=CLUSTER_NEEDS,
        ),
    ),
    Row(
        type="aws:eks/accessPolicyAssociation:AccessPolicyAssociation",
        service="eks",
        create=(ASSOCIATE,),
        read=(read_association,),
        update=(ASSOCIATE,),
        delete=(disassociate,),
        id=("clusterName", "principalArn", "policyArn"),
        id_separator="#",
        replace=frozenset({"clusterName", "principalArn", "policyArn", "accessScope"}),
        sets=frozenset({"accessScope.namespaces"}),
        gone=GONE,
        rules=(
            matches("principalArn", PRINCIPAL, "the ARN of a role or user"),
            matches("policyArn", r"arn:[\w-]+:eks::aws:cluster-access-policy/\w+", "the ARN of an access policy"),
            one_of("accessScope.type", "cluster", "namespace"),
        ),
        example=Example(
            inputs={
                "clusterName": Ref("cluster"),
                "principalArn": Ref("entry", "principalArn"),
                "policyArn": f"{_POLICIES}/AmazonEKSEditPolicy",
                "accessScope": {"type": "namespace", "namespaces": ["endpoints"]},
            },
            replace={"policyArn": f"{_POLICIES}/AmazonEKSViewPolicy"},
            needs={
                **CLUSTER_NEEDS,
                "entry": Need(ENTRY, {"clusterName": Ref("cluster"), "principalArn": PERSON, "type": "EC2"}),
            },
        ),
    ),
    Row(
        type="aws:eks/podIdentityAssociation:PodIdentityAssociation",
        service="eks",
        create=(
            Call(
                "create_pod_identity_association",
                only=(
                    *("clusterName", "namespace", "serviceAccount", "roleArn"),
                    *("disableSessionTags", "targetRoleArn", "policy"),
                ),
                result="association",
            ),
        ),
        read=(
            Call(
                "describe_pod_identity_association",
                OF_ASSOCIATION,
                fill=False,
                result="association",
            ),
        ),
        update=(
            Call(
                "update_pod_identity_association",
                OF_ASSOCIATION,
                only=("roleArn", "disableSessionTags", "targetRoleArn", "policy"),
                result="association",
            ),
        ),
        delete=(Call("delete_pod_identity_association", OF_ASSOCIATION, fill=False),),
        id=("clusterName", "associationId"),
        id_separator=",",
        replace=frozenset({"clusterName", "namespace", "serviceAccount"}),
        json=frozenset({"policy"}),
        sticky=frozenset({"disableSessionTags"}),
        gone=GONE,
        taken=TAKEN,
        tags=tag_calls("associationArn"),
        rules=(matches("roleArn", ROLE, "the ARN of a role"),),
        example=Example(
            inputs={
                "clusterName": Ref("cluster"),
                "namespace": "endpoints",
                "serviceAccount": "support",
                "roleArn": "arn:aws:iam::000000000000:role/support",
                "tags": {"team": "a"},
            },
            update={"roleArn": "arn:aws:iam::000000000000:role/other", "tags": {"team": "b"}},
            replace={"serviceAccount": "another"},
            needs=CLUSTER_NEEDS,
        ),
    ),
)
