from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from sandbox.kubernetes.process_node.processes import Ended
from sandbox.kubernetes.process_node.statuses import PodStatus

NOW = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)


def ended(code: int) -> Ended:
    return Ended(code, NOW, NOW + timedelta(seconds=7), "why")


def pod(policy: str = "Always", **parts: Any) -> dict[str, Any]:
    spec = {
        "restartPolicy": policy,
        "containers": [{"name": "server", "image": "example.com/a"}],
        "readinessGates": [{"conditionType": "example.com/attached"}],
        **parts.pop("spec", {}),
    }
    return {"spec": spec, **parts}


def running(policy: str = "Always") -> PodStatus:
    status = PodStatus.of(pod(policy, spec={"readinessGates": []}), "198.18.0.1")
    status.initialized = True
    status.containers[0].runs()
    return status


def condition(status: PodStatus, kind: str) -> dict[str, Any]:
    return next(each for each in status.document()["conditions"] if each["type"] == kind)


def test_a_pod_that_has_just_come():
    status = PodStatus.of(pod(), "198.18.0.1")
    document = status.document()
    assert document["phase"] == "Pending"
    assert document["containerStatuses"][0]["state"] == {"waiting": {"reason": "ContainerCreating"}}
    assert condition(status, "Initialized")["status"] == "False"
    assert condition(status, "Ready")["message"] == "containers with unready status: [server]"


def test_a_pod_is_ready_when_its_containers_are_and_its_gates_are_open():
    status = running()
    status.gates = ("example.com/attached",)
    status.containers[0].ready = status.containers[0].started = True
    assert condition(status, "ContainersReady")["status"] == "True"
    assert condition(status, "Ready")["reason"] == "ReadinessGatesNotReady"
    opened = {"conditions": [{"type": "example.com/attached", "status": "True"}]}
    status.see_gates(pod(status=opened))
    assert condition(status, "Ready")["status"] == "True"
    # What no longer holds is taken away by the patch.
    assert condition(status, "Ready")["reason"] is None
    status.see_gates(pod())
    assert condition(status, "Ready")["status"] == "False"


@pytest.mark.parametrize(
    ("policy", "code", "phase"),
    [
        ("Always", 0, "Running"),
        ("OnFailure", 0, "Succeeded"),
        ("OnFailure", 1, "Running"),
        ("Never", 0, "Succeeded"),
        ("Never", 1, "Failed"),
    ],
)
def test_the_phase_of_a_pod_whose_container_has_ended(policy: str, code: int, phase: str):
    status = running(policy)
    assert status.phase == "Running"
    status.containers[0].ends(ended(code))
    assert status.phase == phase


def test_a_pod_that_was_told_to_end_has_ended_well_or_not():
    status = running()
    status.containers[0].ends(ended(143))
    status.over = True
    assert status.phase == "Failed"
    status.containers[0].ends(ended(0))
    assert status.phase == "Succeeded"


def test_how_a_container_ended_is_told_while_it_waits_and_runs_again():
    status = running()
    container = status.containers[0]
    container.ends(ended(137))
    terminated = {
        "exitCode": 137,
        "signal": 9,
        "reason": "Error",
        "message": "why",
        "startedAt": "2026-01-02T03:04:05Z",
        "finishedAt": "2026-01-02T03:04:12Z",
    }
    assert container.document()["state"] == {"terminated": terminated}
    container.waits("CrashLoopBackOff", "later")
    assert container.document()["state"] == {"waiting": {"reason": "CrashLoopBackOff", "message": "later"}}
    assert container.document()["lastState"] == {"terminated": terminated}
    assert status.phase == "Running"
    container.runs()
    assert "running" in container.document()["state"]
    assert container.document()["lastState"] == {"terminated": terminated}


def test_when_a_condition_changed_is_kept_until_it_changes_again():
    status = running()
    first = condition(status, "Ready")["lastTransitionTime"]
    status._changed["Ready"] = ("False", "2026-01-01T00:00:00Z")
    assert condition(status, "Ready")["lastTransitionTime"] == "2026-01-01T00:00:00Z"
    status.containers[0].ready = True
    assert condition(status, "Ready")["lastTransitionTime"] >= first


def test_a_node_that_was_started_anew_goes_on_counting():
    before = {
        "phase": "Running",
        "startTime": "2026-01-01T00:00:00Z",
        "conditions": [{"type": "Ready", "status": "True", "lastTransitionTime": "2026-01-01T00:00:09Z"}],
        "containerStatuses": [
            {"name": "server", "restartCount": 2, "state": {"running": {"startedAt": "2026-01-01T00:00:05Z"}}}
        ],
    }
    status = PodStatus.of(pod(status=before), "198.18.0.1")
    document = status.document()
    assert not status.was_over
    assert document["startTime"] == "2026-01-01T00:00:00Z"
    assert document["containerStatuses"][0]["restartCount"] == 3
    assert document["containerStatuses"][0]["lastState"]["terminated"]["exitCode"] == 137


def test_a_pod_that_had_ended_before_is_known():
    assert PodStatus.of(pod(status={"phase": "Succeeded"}), "198.18.0.1").was_over
