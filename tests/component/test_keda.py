"""KEDA: twice, on nodes that stay, with the rights it needs and an eye on one namespace."""

from typing import Any

import pulumi
import pytest

from components.serving.keda import VERSION, Keda, KedaArgs
from tests.component.judged import broken_rules
from tests.recorder import Recording, kubernetes, record


def recorded(**changes: Any) -> Recording:
    options = pulumi.ResourceOptions
    return record(lambda: Keda("local", KedaArgs(**changes), options(provider=kubernetes())))


def values(**changes: Any) -> dict[str, Any]:
    return recorded(**changes).one("Release").inputs["values"]


def test_the_chart_has_a_version_and_a_release_that_failed_is_taken_away() -> None:
    release = recorded().one("Release").inputs
    assert (release["chart"], release["version"], release["atomic"]) == ("keda", VERSION, True)
    assert (release["name"], release["namespace"]) == ("keda", "keda")
    assert recorded(version="2.20.2").one("Release").inputs["version"] == "2.20.2"


def test_each_part_runs_twice_and_one_of_them_may_go() -> None:
    found = values()
    for part in ("operator", "metricsServer", "webhooks"):
        assert found[part]["replicaCount"] == 2
        (spread,) = found["topologySpreadConstraints"][part]
        assert spread["topologyKey"] == "topology.kubernetes.io/zone"
    assert found["podDisruptionBudget"] == {
        part: {"maxUnavailable": 1} for part in ("operator", "metricServer", "webhooks")
    }


def test_it_never_stands_on_spot() -> None:
    found = values()
    assert "tolerations" not in found
    (term,) = found["affinity"]["nodeAffinity"]["requiredDuringSchedulingIgnoredDuringExecution"]["nodeSelectorTerms"]
    assert term["matchExpressions"] == [{"key": "karpenter.sh/capacity-type", "operator": "NotIn", "values": ["spot"]}]
    assert found["priorityClassName"] == "system-cluster-critical"


def test_it_sees_the_endpoints_and_no_secret_and_scales_nothing_but_deployments() -> None:
    found = values()
    assert found["watchNamespace"] == "endpoints"
    assert found["rbac"]["enabledCustomScaledRefKinds"] is False
    assert found["permissions"]["operator"]["restrict"]["secret"]


def test_every_part_asks_for_what_it_uses() -> None:
    for part in values()["resources"].values():
        assert part["limits"]["memory"] == part["requests"]["memory"]
        assert part["requests"]["cpu"]


def test_its_namespace_is_as_strict_as_the_endpoints() -> None:
    recording = recorded()
    labels = recording.one("Namespace").inputs["metadata"]["labels"]
    assert labels["pod-security.kubernetes.io/enforce"] == "restricted"
    assert recording.one("Namespace").urn in recording.one("Release").dependencies


def test_one_replica_or_all_namespaces_are_refused() -> None:
    with pytest.raises(ValueError, match="has 1 replica of each part; allowed: 2 or more"):
        recorded(replicas=1)
    with pytest.raises(ValueError, match="watches every namespace; name the one of the endpoints"):
        recorded(watched="")


def test_it_breaks_no_rule() -> None:
    assert broken_rules(recorded()) == []
