"""What stands in for Auto Mode's own controllers: rights over this cluster's groups, and a burst that can go again."""

import json
from typing import Any

import pulumi
import pytest

from components.serving.add_on_versions import BY_VERSION
from components.serving.node_group_controllers import (
    AUTOSCALER_TAGS,
    NodeGroupControllers,
    NodeGroupControllersArgs,
)
from stanchion.spec import KUBERNETES_VERSIONS
from tests.component.judged import broken_rules
from tests.recorder import ACCOUNT, Recording, kubernetes, provider, record

AUTOSCALER, BALANCER = "local-cluster-autoscaler", "local-aws-load-balancer-controller"


def recorded(**changes: Any) -> Recording:
    known: dict[str, Any] = {
        "cluster_name": "prod",
        "account_id": ACCOUNT,
        "region": "us-west-2",
        "vpc_id": "vpc-1",
        "kubernetes_version": "1.34",
    }
    args = NodeGroupControllersArgs(**{**known, **changes})
    options = pulumi.ResourceOptions
    return record(lambda: NodeGroupControllers("local", args, options(providers=[provider("us-west-2"), kubernetes()])))


def values(recording: Recording, name: str) -> dict[str, Any]:
    return recording.one("Release", name).inputs["values"]


def statements(recording: Recording, name: str) -> list[dict[str, Any]]:
    return json.loads(recording.one("RolePolicy", f"{name}-change").inputs["policy"])["Statement"]


def test_the_autoscaler_resizes_the_groups_of_its_own_cluster_only() -> None:
    resize, look = statements(recorded(), AUTOSCALER)
    assert resize["Condition"] == {"StringEquals": {"autoscaling:ResourceTag/k8s.io/cluster-autoscaler/prod": "owned"}}
    assert look["Resource"] == f"arn:aws:eks:us-west-2:{ACCOUNT}:nodegroup/prod/*/*"


def test_the_other_changes_members_of_target_groups_and_makes_nothing() -> None:
    recording = recorded()
    (register,) = statements(recording, BALANCER)
    assert {action.partition(":")[2] for action in register["Action"]} == {"RegisterTargets", "DeregisterTargets"}
    found = values(recording, BALANCER)
    assert found["createIngressClassResource"] is False
    assert found["enableServiceMutatorWebhook"] is False, "no Service waits for it"
    assert (found["clusterName"], found["region"], found["vpcId"]) == ("prod", "us-west-2", "vpc-1")


def test_each_gets_its_role_before_it_starts() -> None:
    recording = recorded()
    for name in (AUTOSCALER, BALANCER):
        association = recording.one("PodIdentityAssociation", name)
        assert association.inputs["namespace"] == "kube-system"
        assert association.inputs["serviceAccount"] == name.removeprefix("local-")
        assert association.urn in recording.one("Release", name).dependencies
        assert recording.one("RolePolicy", f"{name}-change").urn in association.dependencies


def test_service_accounts_are_called_what_the_roles_are_for() -> None:
    recording = recorded()
    assert values(recording, AUTOSCALER)["rbac"]["serviceAccount"]["name"] == "cluster-autoscaler"
    assert values(recording, BALANCER)["serviceAccount"]["name"] == "aws-load-balancer-controller"


def test_nodes_go_again_although_their_pods_have_weights_on_their_disks() -> None:
    assert values(recorded(), AUTOSCALER)["extraArgs"]["skip-nodes-with-local-storage"] is False


def test_both_run_twice_and_never_on_what_can_be_taken_back() -> None:
    recording = recorded()
    for name in (AUTOSCALER, BALANCER):
        found = values(recording, name)
        assert found["replicaCount"] == 2
        assert "tolerations" not in found
        assert "spot" in json.dumps(found["affinity"])
        assert found["podDisruptionBudget"] == {"maxUnavailable": 1}


@pytest.mark.parametrize("version", KUBERNETES_VERSIONS)
def test_the_autoscaler_has_the_version_of_the_cluster(version: str) -> None:
    assert values(recorded(kubernetes_version=version), AUTOSCALER)["image"]["tag"].startswith(f"v{version}.")
    assert set(AUTOSCALER_TAGS) <= set(BY_VERSION)


def test_what_could_not_work_is_refused() -> None:
    with pytest.raises(ValueError, match=r"no autoscaler for Kubernetes '1\.20'; allowed: 1\.33, 1\.34, 1\.35"):
        recorded(kubernetes_version="1.20")
    with pytest.raises(ValueError, match="has 1 replica of each controller; allowed: 2 or more"):
        recorded(replicas=1)


def test_it_breaks_no_rule() -> None:
    assert broken_rules(recorded()) == []
