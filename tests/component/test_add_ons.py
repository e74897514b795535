"""Add-ons: which ones an engine needs, pinned versions, and rights for those that call AWS only."""

import json
import re

import pulumi
import pytest

from components.serving.add_on_versions import ANY_VERSION, BY_VERSION, AddOn, version_of
from components.serving.add_ons import AddOns, AddOnsArgs, after_nodes, before_nodes
from components.serving.cluster import Engine
from tests.recorder import ACCOUNT, Recording, provider, record


def recorded(add_ons: list[AddOn], versions: dict[str, str] | None = None, version: str = "1.35") -> Recording:
    args = AddOnsArgs("prod", ACCOUNT, version, add_ons, versions or {})
    return record(lambda: AddOns("local", args, pulumi.ResourceOptions(provider=provider("us-west-2"))))


def test_auto_mode_gets_none_of_what_it_has_built_in() -> None:
    installed = {*before_nodes(Engine.AUTO_MODE), *after_nodes(Engine.AUTO_MODE)}
    built_in = {AddOn.VPC_CNI, AddOn.KUBE_PROXY, AddOn.COREDNS, AddOn.POD_IDENTITY, AddOn.EBS_CSI}
    assert not installed & built_in
    assert installed == {AddOn.METRICS_SERVER, AddOn.OBSERVABILITY}


def test_node_groups_get_all_and_the_network_before_the_nodes() -> None:
    before, after = before_nodes(Engine.NODE_GROUPS), after_nodes(Engine.NODE_GROUPS)
    assert {*before, *after} == set(AddOn) - {AddOn.S3_CSI}, "weights are fetched, and nothing is mounted"
    assert not set(before) & set(after)
    assert AddOn.VPC_CNI in before
    assert AddOn.COREDNS in after, "it needs a node to run on, and would be waited for"


@pytest.mark.parametrize("kubernetes", sorted(BY_VERSION))
@pytest.mark.parametrize("add_on", AddOn)
def test_every_add_on_has_a_version_for_every_version_of_kubernetes(add_on: AddOn, kubernetes: str) -> None:
    assert re.fullmatch(r"v\d+\.\d+\.\d+-eksbuild\.\d+", version_of(add_on, kubernetes))


@pytest.mark.parametrize("kubernetes", sorted(BY_VERSION))
def test_the_proxy_has_the_version_of_its_cluster(kubernetes: str) -> None:
    assert version_of(AddOn.KUBE_PROXY, kubernetes).startswith(f"v{kubernetes}.")
    assert AddOn.KUBE_PROXY not in ANY_VERSION


def test_an_unknown_version_of_kubernetes_is_refused_with_those_there_are() -> None:
    with pytest.raises(ValueError, match=r"Kubernetes '1.20'; allowed: 1.33, 1.34, 1.35, 1.36"):
        version_of(AddOn.COREDNS, "1.20")


def test_versions_are_pinned_unless_another_is_named() -> None:
    recording = recorded([AddOn.COREDNS, AddOn.S3_CSI], {"coredns": "v1.13.2-eksbuild.9"})
    versions = {r.inputs["addonName"]: r.inputs["addonVersion"] for r in recording.all("Addon")}
    assert versions == {
        "coredns": "v1.13.2-eksbuild.9",
        "aws-mountpoint-s3-csi-driver": version_of(AddOn.S3_CSI, "1.35"),
    }


def test_a_version_for_what_is_not_installed_is_refused() -> None:
    with pytest.raises(
        ValueError, match="version of add-on 'coredn', which it does not install; installed here: coredns"
    ):
        recorded([AddOn.COREDNS], {"coredn": "v1"})


def test_what_is_changed_by_hand_is_put_back() -> None:
    for add_on in recorded(list(AddOn)).all("Addon"):
        assert add_on.inputs["resolveConflictsOnUpdate"] == "OVERWRITE"


def test_only_add_ons_that_call_aws_get_a_role_and_the_one_for_weights_none() -> None:
    recording = recorded(list(AddOn))
    with_role = {r.inputs["addonName"] for r in recording.all("Addon") if r.inputs.get("podIdentityAssociations")}
    assert with_role == {"vpc-cni", "aws-ebs-csi-driver", "amazon-cloudwatch-observability"}
    assert len(recording.all("Role")) == len(with_role)
    assert not recording.all("RolePolicy")


def test_a_role_is_for_one_service_account_of_this_cluster() -> None:
    recording = recorded([AddOn.OBSERVABILITY])
    (trust,) = json.loads(recording.one("Role").inputs["assumeRolePolicy"])["Statement"]
    assert trust["Principal"] == {"Service": "pods.eks.amazonaws.com"}
    assert trust["Condition"]["StringEquals"] == {
        "aws:SourceAccount": ACCOUNT,
        "aws:RequestTag/eks-cluster-name": "prod",
        "aws:RequestTag/kubernetes-namespace": "amazon-cloudwatch",
        "aws:RequestTag/kubernetes-service-account": "cloudwatch-agent",
    }


def test_network_policies_are_enforced() -> None:
    configuration = json.loads(recorded([AddOn.VPC_CNI]).one("Addon").inputs["configurationValues"])
    assert configuration == {"enableNetworkPolicy": "true"}
