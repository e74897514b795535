"""The control plane: who reaches it, who administers it, what is encrypted and logged, and who makes nodes."""

import json
from dataclasses import replace
from typing import Any

import pulumi
import pytest

from components.alarm import AlarmTopicsArgs
from components.serving.access import ADMINISTRATOR_POLICY, VIEWER_POLICY
from components.serving.cluster import Cluster, ClusterArgs, Engine, Support
from tests.recorder import ACCOUNT, Recording, provider, record

DEPLOY = f"arn:aws:iam::{ACCOUNT}:role/deploy"
ON_CALL = f"arn:aws:iam::{ACCOUNT}:role/on-call"
KEY = f"arn:aws:kms:us-west-2:{ACCOUNT}:key/mrk-1"
ARGS = ClusterArgs(
    cluster_name="prod",
    kubernetes_version="1.35",
    subnet_ids=["subnet-a", "subnet-b", "subnet-c"],
    key_arn=KEY,
    account_id=ACCOUNT,
    administrators=[DEPLOY],
    log_retention_days=60,
    alarm_topics=AlarmTopicsArgs(critical="arn:critical", warning="arn:warning", info="arn:info"),
    keep=True,
)


def recorded(**changes: Any) -> Recording:
    args = replace(ARGS, **changes)
    return record(lambda: Cluster("local", args, pulumi.ResourceOptions(provider=provider("us-west-2"))))


def control_plane(**changes: Any) -> dict[str, Any]:
    return recorded(**changes).one("aws:eks/cluster:Cluster").inputs


def attached(recording: Recording) -> set[str]:
    return {r.inputs["policyArn"].rpartition("/")[2] for r in recording.all("RolePolicyAttachment")}


def test_access_comes_from_entries_and_not_from_having_made_it() -> None:
    assert control_plane()["accessConfig"] == {
        "authenticationMode": "API",
        "bootstrapClusterCreatorAdminPermissions": False,
    }
    recording = recorded(viewers=[ON_CALL])
    granted = {r.inputs["principalArn"]: r.inputs for r in recording.all("AccessPolicyAssociation")}
    assert {who: said["policyArn"] for who, said in granted.items()} == {
        DEPLOY: ADMINISTRATOR_POLICY,
        ON_CALL: VIEWER_POLICY,
    }
    assert {r.inputs["principalArn"] for r in recording.all("AccessEntry")} == {DEPLOY, ON_CALL}


def test_a_policy_is_given_to_a_principal_that_is_in_already() -> None:
    recording = recorded()
    association = recording.one("AccessPolicyAssociation")
    assert recording.one("AccessEntry").urn in association.property_dependencies["principalArn"]


def test_without_allowed_ranges_the_api_is_not_on_the_internet() -> None:
    network = control_plane()["vpcConfig"]
    assert (network["endpointPrivateAccess"], network["endpointPublicAccess"]) == (True, False)
    assert "publicAccessCidrs" not in network


def test_with_ranges_it_is_reached_from_them_and_still_from_inside() -> None:
    network = control_plane(allowed_cidrs=["192.0.2.0/24"])["vpcConfig"]
    assert network["endpointPrivateAccess"] is True
    assert (network["endpointPublicAccess"], network["publicAccessCidrs"]) == (True, ["192.0.2.0/24"])


@pytest.mark.parametrize("cidr", ["0.0.0.0/0", "::/0"])
def test_the_whole_internet_is_refused_as_a_range(cidr: str) -> None:
    with pytest.raises(ValueError, match=rf"allowed_cidrs '{cidr}', which is the whole internet"):
        recorded(allowed_cidrs=["192.0.2.0/24", cidr])


def test_a_cluster_that_nobody_could_administer_is_refused() -> None:
    with pytest.raises(ValueError, match=r"no administrators.*IAM role that deploys"):
        recorded(administrators=[])


def test_secrets_are_encrypted_with_the_regions_key() -> None:
    assert control_plane()["encryptionConfig"] == {"resources": ["secrets"], "provider": {"keyArn": KEY}}


def test_logs_go_to_a_group_of_ours_that_is_there_before_eks_would_make_its_own() -> None:
    recording = recorded()
    group = recording.one("LogGroup", "local-control-plane-logs")
    assert group.inputs["name"] == "/aws/eks/prod/cluster"
    assert (group.inputs["retentionInDays"], group.inputs["kmsKeyId"]) == (60, KEY)
    cluster = recording.one("aws:eks/cluster:Cluster")
    assert group.urn in cluster.dependencies
    assert set(cluster.inputs["enabledClusterLogTypes"]) >= {"api", "audit", "authenticator"}


@pytest.mark.parametrize("keep", [True, False])
def test_what_is_kept_cannot_be_deleted_by_a_call(keep: bool) -> None:
    assert control_plane(keep=keep)["deletionProtection"] is keep


@pytest.mark.parametrize("support", Support)
def test_what_happens_at_the_end_of_support_is_said(support: Support) -> None:
    assert control_plane(support=support)["upgradePolicy"] == {"supportType": support.value}


def test_a_zone_can_be_shifted_away_from() -> None:
    assert control_plane()["zonalShiftConfig"] == {"enabled": True}


@pytest.mark.parametrize("engine", Engine)
def test_auto_mode_is_on_or_off_in_all_three_parts_and_without_pools_of_its_own(engine: Engine) -> None:
    inputs = control_plane(engine=engine)
    on = engine is Engine.AUTO_MODE
    assert inputs["computeConfig"] == ({"enabled": True, "nodePools": []} if on else {"enabled": False})
    assert inputs["kubernetesNetworkConfig"] == {"elasticLoadBalancing": {"enabled": on}}
    assert inputs["storageConfig"] == {"blockStorage": {"enabled": on}}
    assert inputs["bootstrapSelfManagedAddons"] is False


def test_only_auto_mode_gets_rights_over_instances_volumes_and_load_balancers() -> None:
    assert attached(recorded(engine=Engine.NODE_GROUPS)) == {"AmazonEKSClusterPolicy"}
    assert attached(recorded()) == {
        "AmazonEKSClusterPolicy",
        "AmazonEKSComputePolicy",
        "AmazonEKSBlockStoragePolicy",
        "AmazonEKSLoadBalancingPolicy",
        "AmazonEKSNetworkingPolicy",
    }


def test_the_role_is_for_this_cluster_only_and_complete_before_it() -> None:
    recording = recorded()
    role = recording.one("Role")
    (trust,) = json.loads(role.inputs["assumeRolePolicy"])["Statement"]
    assert trust["Principal"] == {"Service": "eks.amazonaws.com"}
    assert trust["Condition"] == {"ArnLike": {"aws:SourceArn": f"arn:aws:eks:*:{ACCOUNT}:cluster/prod"}}
    cluster = recording.one("aws:eks/cluster:Cluster")
    rights = [*recording.all("RolePolicyAttachment"), recording.one("RolePolicy")]
    assert {r.urn for r in rights} <= set(cluster.dependencies)


def test_it_may_use_one_key_and_give_it_on_to_aws_only() -> None:
    document = json.loads(recorded().one("RolePolicy").inputs["policy"])
    assert {statement["Resource"] for statement in document["Statement"]} == {KEY}
    grants = [s for s in document["Statement"] if "kms:CreateGrant" in s["Action"]]
    assert [s["Condition"] for s in grants] == [{"Bool": {"kms:GrantIsForAWSResource": "true"}}]


def test_it_tells_what_clients_and_nodes_need() -> None:
    recording = recorded()
    said = recording.outputs[recording.one("stanchion:serving:Cluster").urn]
    assert said["clusterName"] == "prod"
    assert said["endpoint"].startswith("https://")
    assert said["certificateAuthority"]
    assert said["securityGroupId"] == "local-cluster-sg"
    assert said["kubernetesVersion"] == "1.35"


def test_alarms_watch_this_clusters_control_plane() -> None:
    alarms = [r.inputs for r in recorded().all("MetricAlarm") if r.inputs["namespace"] == "AWS/EKS"]
    assert {a["dimensions"]["ClusterName"] for a in alarms} == {"prod"}
    assert {a["metricName"] for a in alarms} == {
        "apiserver_request_total_5XX",
        "apiserver_request_total_429",
        "apiserver_storage_size_bytes",
        "scheduler_pending_pods_UNSCHEDULABLE",
    }
