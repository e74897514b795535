from typing import Any

import pytest

from sandbox.kubernetes_provider.readiness import NotReadyError, missing_now, wait_ready
from sandbox.kubernetes_provider.waiting import Patience
from tests.unit.kubernetes_provider.api_stub import StubApi, cluster_of

SLICES = "/apis/discovery.k8s.io/v1/namespaces/default/endpointslices"
CRD = ("apiextensions.k8s.io/v1", "CustomResourceDefinition")
ALL_UPDATED = {"desiredNumberScheduled": 2, "updatedNumberScheduled": 2}


def thing(version: str, kind: str, spec: Any = None, status: Any = None, generation: int = 2) -> dict[str, Any]:
    metadata = {"name": "a", "namespace": "default", "uid": "u", "generation": generation}
    found = {"apiVersion": version, "kind": kind, "metadata": metadata, "spec": spec or {}}
    return found | {"status": {"observedGeneration": 2, **(status or {})}}


def deployment(**status: Any) -> dict[str, Any]:
    conditions = [{"type": "Available", "status": "True"}]
    return thing("apps/v1", "Deployment", {"replicas": 3}, {"conditions": conditions, **status})


def condition(kind: str, status: str = "True", **more: str) -> dict[str, Any]:
    return {"conditions": [{"type": kind, "status": status, **more}]}


def missing(live: dict[str, Any], api: StubApi | None = None) -> str | None:
    return missing_now(cluster_of(api or StubApi()), live, {})


@pytest.mark.parametrize(
    "live",
    [
        deployment(updatedReplicas=3, availableReplicas=3),
        thing("apps/v1", "Deployment", {"replicas": 0}, {"observedGeneration": 0}),
        thing("apps/v1", "Deployment", {"replicas": 3, "paused": True}),
        thing("apps/v1", "StatefulSet", {"replicas": 2}, {"updatedReplicas": 2, "readyReplicas": 2}),
        thing("apps/v1", "StatefulSet", {"replicas": 0}),
        thing("apps/v1", "StatefulSet", {"replicas": 2, "updateStrategy": {"type": "OnDelete"}}, {"readyReplicas": 2}),
        thing(
            *("apps/v1", "StatefulSet"),
            {"replicas": 2, "updateStrategy": {"rollingUpdate": {"partition": 2}}},
            {"readyReplicas": 2},
        ),
        thing("apps/v1", "DaemonSet", {}, ALL_UPDATED),
        thing("batch/v1", "Job", {}, condition("Complete")),
        thing("batch/v1", "Job", {"suspend": True}),
        thing("v1", "Pod", {}, {"phase": "Succeeded"}),
        thing("v1", "Pod", {}, {"phase": "Running", **condition("Ready")}),
        thing("v1", "Service", {"selector": {}}),
        thing("v1", "Service", {"selector": {"a": "b"}, "clusterIP": "None"}),
        thing("v1", "Service", {"selector": {"a": "b"}, "type": "ExternalName"}),
        thing("v1", "PersistentVolumeClaim", {}, {"phase": "Bound"}),
        thing("v1", "PersistentVolume", {}, {"phase": "Available"}),
        thing("v1", "ResourceQuota", {"hard": {"pods": "1"}}, {"hard": {"pods": "1"}}),
        thing("v1", "Namespace", {}, {"phase": "Active"}),
        thing(*CRD, {}, condition("Established")),
        thing("v1", "ConfigMap"),
        thing("example.com/v1", "Deployment", {"replicas": 3}),
    ],
    ids=lambda live: live["kind"],
)
def test_what_is_ready(live: dict[str, Any]):
    assert missing(live) is None


@pytest.mark.parametrize(
    ("live", "said"),
    [
        (deployment(observedGeneration=1), "its controller has not seen it yet"),
        (deployment(updatedReplicas=1), "1 of 3 pods are of this version"),
        (deployment(updatedReplicas=3, availableReplicas=2, unavailableReplicas=1), "2 of 3 pods are available"),
        (deployment(updatedReplicas=3, conditions=[]), "0 of 3 pods are available"),
        (deployment(**condition("Progressing", "False", reason="Deadline", message="x")), "Deadline: x"),
        (thing("apps/v1", "StatefulSet", {"replicas": 2}, {"updatedReplicas": 1}), "1 of 2 pods are of this version"),
        (thing("apps/v1", "StatefulSet", {"replicas": 2}, {"updatedReplicas": 2}), "0 of 2 pods are ready"),
        (thing("apps/v1", "DaemonSet", {}, {"desiredNumberScheduled": 2}), "0 of 2 pods are of this version"),
        (
            thing("apps/v1", "DaemonSet", {}, {**ALL_UPDATED, "numberUnavailable": 1}),
            "1 of 2 pods are available",
        ),
        (thing("batch/v1", "Job", {"completions": 3}, {"succeeded": 1}), "1 of 3 runs have succeeded"),
        (thing("batch/v1", "Job", {}, condition("Failed", reason="Backoff", message="x")), "Backoff: x"),
        (thing("v1", "Pod", {}, {"phase": "Pending"}), "it is pending"),
        (thing("v1", "Pod", {}, {"phase": "Failed"}), "it has failed"),
        (thing("v1", "Service", {"selector": {"a": "b"}}), "its endpoints are not there yet"),
        (thing("v1", "PersistentVolumeClaim", {"storageClassName": "x"}, {"phase": "Pending"}), "no storage class 'x'"),
        (thing("v1", "PersistentVolume", {}, {"phase": "Failed"}), "it is failed"),
        (thing("v1", "ResourceQuota", {"hard": {"pods": "1"}}), "not in force yet"),
        (thing("v1", "Namespace", {}, {"phase": "Terminating"}), "it is terminating"),
        (thing(*CRD), "it is not established yet"),
        (thing(*CRD, {}, condition("NamesAccepted", "False", reason="Taken")), "Taken"),
    ],
)  # fmt: skip
def test_what_is_missing_is_said(live: dict[str, Any], said: str):
    found = missing(live)
    assert found is not None
    assert f"{live['kind']} default/a is not ready: " in found
    assert said in found


@pytest.mark.parametrize(
    ("endpoints", "said"),
    [
        ([], None),
        ([{"conditions": {"ready": True}}, {"conditions": {"ready": False, "terminating": True}}, {}], None),
        ([{"conditions": {"ready": True}}, {"conditions": {"ready": False}}], "1 of 2 pods behind it are not ready"),
    ],
)
def test_the_pods_behind_a_service(endpoints: list[Any], said: str | None):
    api = StubApi()
    api.lists[SLICES] = [{"endpoints": endpoints}, {"endpoints": None}]
    found = missing(thing("v1", "Service", {"selector": {"a": "b"}}), api)
    assert (said or "") in (found or "")
    assert (found is None) == (said is None)


def test_a_claim_that_waits_for_its_first_pod():
    api = StubApi()
    bound_late = {"metadata": {"name": "x"}, "volumeBindingMode": "WaitForFirstConsumer"}
    api.lists["/apis/storage.k8s.io/v1/storageclasses"] = [bound_late]
    assert missing(thing("v1", "PersistentVolumeClaim", {"storageClassName": "x"}, {"phase": "Pending"}), api) is None


def test_it_waits_until_it_is_so():
    api = StubApi()
    answers = [deployment(updatedReplicas=1), deployment(updatedReplicas=3)]
    api.there["/apis/apps/v1/namespaces/default/deployments/a"] = lambda: answers.pop(0)
    found = wait_ready(cluster_of(api), deployment(observedGeneration=1), {}, Patience(20))
    assert found["status"]["updatedReplicas"] == 3


def test_it_does_not_wait_for_ever_nor_for_what_never_comes():
    api, live = StubApi(), deployment(updatedReplicas=1)
    api.there["/apis/apps/v1/namespaces/default/deployments/a"] = live
    with pytest.raises(NotReadyError, match=r"is not ready after 0\.1 s: 1 of 3 pods are of this version") as caught:
        wait_ready(cluster_of(api), live, {}, Patience(0.1))
    assert caught.value.live == live
    failed = deployment(**condition("Progressing", "False", reason="Deadline", message="x"))
    with pytest.raises(NotReadyError, match="will not get ready: Deadline: x"):
        wait_ready(cluster_of(api), failed, {}, Patience(60))


def test_nobody_waits_who_does_not_want_to():
    unwatched = {"metadata": {"annotations": {"pulumi.com/skipAwait": "true"}}}
    live = deployment()
    assert wait_ready(cluster_of(StubApi()), live, unwatched, Patience(60)) is live
    assert missing_now(cluster_of(StubApi()), live, unwatched) is None
