"""The namespace of gateways: who gets in, whom they reach, and what they may read of the cluster."""

from typing import Any

import pulumi

from components.serving.gateway_namespace import GatewayNamespace, GatewayNamespaceArgs
from tests.recorder import Recording, kubernetes, record


def recorded() -> Recording:
    args = GatewayNamespaceArgs(vpc_cidr="10.20.0.0/16")
    return record(lambda: GatewayNamespace("prod", args, pulumi.ResourceOptions(providers=[kubernetes()])))


def policies() -> dict[str, dict[str, Any]]:
    return {each.inputs["metadata"]["name"]: each.inputs["spec"] for each in recorded().all("NetworkPolicy")}


def test_it_says_that_gateways_run_there_and_lets_pods_do_nothing_special() -> None:
    labels = recorded().one("Namespace").inputs["metadata"]["labels"]
    assert labels["stanchion.dev/role"] == "gateway"
    assert labels["pod-security.kubernetes.io/enforce"] == "restricted"


def test_clients_come_from_the_vpc_only_and_nothing_is_open_by_default() -> None:
    found = policies()
    assert (found["deny-all"]["policyTypes"], found["deny-all"].get("ingress")) == (["Ingress", "Egress"], None)
    (vpc, inside) = found["in"]["ingress"]
    assert vpc["from"] == [{"ipBlock": {"cidr": "10.20.0.0/16"}}]
    assert [each["port"] for each in vpc["ports"]] == [8080, 8081]
    # The autoscaler and other gateways ask for demand and nothing else.
    assert [each["port"] for each in inside["ports"]] == [8081]


def test_it_reaches_models_and_the_cache_and_https() -> None:
    egress = policies()["out"]["egress"]
    models = next(each for each in egress if any("namespaceSelector" in peer for peer in each.get("to", [])))
    assert models["to"] == [{"namespaceSelector": {"matchLabels": {"kubernetes.io/metadata.name": "endpoints"}}}]
    anywhere = [each["ports"] for each in egress if "to" not in each]
    assert {port["port"] for ports in anywhere for port in ports} == {53, 443}


def test_gateways_may_look_where_pods_are_and_change_nothing() -> None:
    roles = recorded().all("Role")
    assert {role.inputs["metadata"]["namespace"] for role in roles} == {"endpoints", "gateway"}
    for role in roles:
        for rule in role.inputs["rules"]:
            assert rule["verbs"] == ["get", "list", "watch"]
            assert "secrets" not in rule["resources"]
    for binding in recorded().all("RoleBinding"):
        assert binding.inputs["subjects"] == [{"kind": "ServiceAccount", "name": "gateway", "namespace": "gateway"}]
