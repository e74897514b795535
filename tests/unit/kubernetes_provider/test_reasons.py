from typing import Any

from sandbox.kubernetes_provider.reasons import reasons
from tests.unit.kubernetes_provider.api_stub import StubApi, cluster_of, refusal

PODS = "/api/v1/namespaces/default/pods"
EVENTS = "/api/v1/namespaces/default/events"


def deployment(*conditions: dict[str, str]) -> dict[str, Any]:
    return {
        "kind": "Deployment",
        "metadata": {"namespace": "default", "uid": "d"},
        "spec": {"selector": {"matchLabels": {"app": "web", "a": "b"}}},
        "status": {"conditions": list(conditions)},
    }


def pod(*conditions: dict[str, str], **state: Any) -> dict[str, Any]:
    statuses = [{"name": "main", **state}] if state else []
    status = {"conditions": list(conditions), "containerStatuses": statuses}
    return {"kind": "Pod", "metadata": {"namespace": "default", "uid": "p"}, "status": status}


def said(*pods: dict[str, Any], of: dict[str, Any] | None = None, events: tuple[Any, ...] = ()) -> list[str]:
    api = StubApi()
    api.lists[PODS], api.lists[EVENTS] = list(pods), list(events)
    return reasons(cluster_of(api), of or deployment())


def test_pods_are_found_by_the_selector():
    api = StubApi()
    reasons(cluster_of(api), deployment())
    assert api.asked[0] == ("items", PODS, {"labelSelector": "a=b,app=web"})


def test_the_same_of_many_pods_is_said_once():
    lost = pod({"type": "PodScheduled", "status": "False", "message": "0/3 nodes are available"})
    assert said(lost, lost) == ["a pod is not scheduled: 0/3 nodes are available (2 pods)"]


def test_what_containers_say():
    waiting = pod(state={"waiting": {"reason": "ErrImagePull", "message": "not found"}})
    crashed = pod(
        state={"waiting": {"reason": "CrashLoopBackOff"}},
        lastState={"terminated": {"exitCode": 3, "reason": "Error"}},
    )
    assert said(waiting) == ["container main: ErrImagePull: not found"]
    assert said(crashed) == ["container main: CrashLoopBackOff", "container main ended with exit code 3 (Error)"]


def test_ready_pods_and_those_that_go_say_nothing():
    ready = pod({"type": "Ready", "status": "True"}, state={"waiting": {"reason": "X"}})
    going = pod(state={"waiting": {"reason": "X"}})
    going["metadata"]["deletionTimestamp"] = "now"
    assert said(ready, going) == []


def test_events_speak_for_who_says_nothing():
    events = (
        {"reason": "FailedMount", "message": "no volume", "lastTimestamp": "2"},
        {"reason": "Old", "message": "x"},
    )
    starting = pod({"type": "Ready", "status": "False"}, state={"waiting": {"reason": "ContainerCreating"}})
    assert said(starting, events=events) == ["Old: x", "FailedMount: no volume"]
    assert said(events=events[:1]) == ["FailedMount: no volume"]
    assert said(starting) == ["a pod is not ready and says nothing"]


def test_pods_that_can_not_be_made():
    of = deployment({"type": "ReplicaFailure", "status": "True", "message": "forbidden: exceeded quota"})
    assert said(of=of) == ["forbidden: exceeded quota"]


def test_a_pod_and_a_service_speak_for_themselves():
    lost = pod({"type": "PodScheduled", "status": "False", "reason": "Unschedulable"})
    assert said(of=lost) == ["a pod is not scheduled: Unschedulable"]
    service = {"kind": "Service", "metadata": {"namespace": "default"}, "spec": {"selector": {"a": "b"}}}
    assert said(lost, of=service) == ["a pod is not scheduled: Unschedulable"]


def test_no_answer_hides_nothing_else():
    api = StubApi()
    api.down = refusal(500, "", "no")
    assert reasons(cluster_of(api), deployment()) == []
