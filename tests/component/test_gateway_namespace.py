"""The namespace of gateways: who gets in, whom they reach, and what they may read of the cluster."""

from typing import Any

import pulumi

from components.serving.gateway_namespace import GatewayNamespace, GatewayNamespaceArgs
from tests.recorder import Recording, kubernetes, record


def recorded(collector_port: int | None = None) -> Recording:
    args = GatewayNamespaceArgs(vpc_cidr="10.20.0.0/16", collector_port=collector_port)
    return record(lambda: GatewayNamespace("prod", args, pulumi.ResourceOptions(providers=[kubernetes()])))


def policies(collector_port: int | None = None) -> dict[str, dict[str, Any]]:
    found = recorded(collector_port).all("NetworkPolicy")
    return {each.inputs["metadata"]["name"]: each.inputs["spec"] for each in found}


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
    assert anywhere(egress) == {53, 443}
    # Traces, where there is somebody who takes them.
    assert anywhere(policies(4318)["out"]["egress"]) == {53, 443, 4318}


def anywhere(egress: list[dict[str, Any]]) -> set[int]:
    """The ports at which everybody is reached."""
    return {port["port"] for each in egress if "to" not in each for port in each["ports"]}


def test_gateways_may_look_where_pods_are_and_change_nothing() -> None:
    roles = recorded().all("Role")
    assert {role.inputs["metadata"]["namespace"] for role in roles} == {"endpoints", "gateway"}
    for role in roles:
        for rule in role.inputs["rules"]:
            assert rule["verbs"] == ["get", "list", "watch"]
            assert "secrets" not in rule["resources"]
    for binding in recorded().all("RoleBinding"):
        assert binding.inputs["subjects"] == [{"kind": "ServiceAccount", "name": "gateway", "namespace": "gateway"}]
