"""The endpoints' namespace: no rights, no traffic but what serving needs, an order of who gets a node first."""

import ipaddress
from typing import Any

import pulumi
import pytest

from components.serving.endpoints_namespace import EndpointsNamespace, EndpointsNamespaceArgs
from components.serving.priority import Share, priority_class
from components.serving.weights import LOADER_FILE, loader_name, loader_script
from tests.component.judged import broken_rules
from tests.recorder import Recording, kubernetes, record


def recorded(**changes: Any) -> Recording:
    args = EndpointsNamespaceArgs(**{"tiers": ["critical", "standard"], **changes})
    options = pulumi.ResourceOptions
    return record(lambda: EndpointsNamespace("local", args, options(provider=kubernetes())))


def policy(recording: Recording, name: str) -> dict[str, Any]:
    return recording.one("NetworkPolicy", f"local-{name}").inputs["spec"]


def test_pods_meet_the_strictest_standard_or_don_t_run() -> None:
    labels = recorded().one("Namespace").inputs["metadata"]["labels"]
    assert labels["pod-security.kubernetes.io/enforce"] == "restricted"


def test_what_no_policy_allows_is_denied_to_all_pods_both_ways() -> None:
    whole = policy(recorded(), "deny-all")
    assert whole["podSelector"] == {}
    assert set(whole["policyTypes"]) == {"Ingress", "Egress"}
    assert "ingress" not in whole
    assert "egress" not in whole


def test_requests_come_from_gateways_and_from_nobody_else() -> None:
    (rule,) = policy(recorded(), "from-gateways")["ingress"]
    assert rule == {"from": [{"namespaceSelector": {"matchLabels": {"stanchion.dev/role": "gateway"}}}]}


def reached(recording: Recording, address: str, port: int, protocol: str = "TCP") -> bool:
    """Whether a pod may go there, as the API reads a policy."""
    for rule in policy(recording, "to-weights")["egress"]:
        if {"port": port, "protocol": protocol} not in rule["ports"]:
            continue
        if "to" not in rule:
            return True
        for peer in rule["to"]:
            block = peer["ipBlock"]
            network = ipaddress.ip_network(block["cidr"])
            inside = ipaddress.ip_address(address) in network
            if inside and not any(
                ipaddress.ip_address(address) in ipaddress.ip_network(hole) for hole in block.get("except", [])
            ):
                return True
    return False


@pytest.mark.parametrize(
    ("address", "port", "may"),
    [
        ("52.218.0.1", 443, True),  # S3
        ("169.254.170.23", 80, True),  # the pod identity agent
        ("169.254.169.254", 80, False),  # the node's metadata
        ("169.254.169.254", 443, False),
        ("10.20.4.7", 443, False),  # the cluster's API, another team's service
        ("172.20.0.1", 443, False),
        ("192.168.1.1", 443, False),
        ("52.218.0.1", 80, False),
        ("10.20.4.7", 8000, False),  # another endpoint's server
        ("fd00:ec2::23", 80, True),
    ],
)
def test_pods_reach_their_weights_and_their_identity_and_nothing_private(address: str, port: int, may: bool) -> None:
    assert reached(recorded(), address, port) is may


def test_names_are_answered_wherever_the_cluster_answers_them() -> None:
    assert reached(recorded(), "172.20.0.10", 53, "UDP")
    assert reached(recorded(), "172.20.0.10", 53, "TCP")


def test_an_interface_endpoint_of_s3_can_be_let_in() -> None:
    assert reached(recorded(https_cidrs=["10.20.0.0/16"]), "10.20.4.7", 443)


def test_no_endpoint_gets_an_address_of_its_own() -> None:
    hard = recorded().one("ResourceQuota").inputs["spec"]["hard"]
    assert hard == {"services.loadbalancers": "0", "services.nodeports": "0"}


def test_each_tier_has_a_priority_for_its_floor_and_one_for_its_burst() -> None:
    values = {each.inputs["metadata"]["name"]: each.inputs for each in recorded().all("PriorityClass")}
    assert set(values) == {priority_class(tier, share) for tier in ("critical", "standard") for share in Share}
    assert values["standard-floor"]["value"] > values["critical-burst"]["value"]
    assert not any(each["globalDefault"] for each in values.values())


def test_the_loader_is_there_under_the_name_that_pods_ask_for() -> None:
    config = recorded().one("ConfigMap").inputs
    assert config["metadata"]["name"] == loader_name()
    assert config["data"] == {LOADER_FILE: loader_script()}
    assert config["immutable"]


def test_everything_lies_in_it_and_after_it() -> None:
    recording = recorded(namespace="models")
    namespace = recording.one("Namespace")
    for kind in ("NetworkPolicy", "ResourceQuota", "ConfigMap"):
        for each in recording.all(kind):
            assert each.inputs["metadata"]["namespace"] == "models"
            assert namespace.urn in each.dependencies


def test_it_breaks_no_rule() -> None:
    assert broken_rules(recorded()) == []
