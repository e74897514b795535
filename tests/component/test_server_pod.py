"""The pod of a model server: its loader and its server, rights, room, and what the local cloud makes of it."""

import json
from typing import Any

import pytest

from components.serving.protocol import Kind
from components.serving.server_pod import cold_start_annotations
from tests.component.endpoint_args import GIB, IMAGE, MIB, SHA256, VARIANT, recorded, variant
from tests.recorder import Recording


def pod(recording: Recording, part: str = "full-blue-floor") -> dict[str, Any]:
    return recording.one("Deployment", f"local-{part}").inputs["spec"]["template"]


def containers(spec: dict[str, Any]) -> list[dict[str, Any]]:
    return [*spec["initContainers"], *spec["containers"]]


def test_it_meets_the_strictest_pod_security_standard() -> None:
    spec = pod(recorded())["spec"]
    whole = spec["securityContext"]
    assert whole["runAsNonRoot"]
    assert whole["runAsUser"] > 0
    assert whole["seccompProfile"] == {"type": "RuntimeDefault"}
    for each in containers(spec):
        own = each["securityContext"]
        assert own["allowPrivilegeEscalation"] is False
        assert own["capabilities"] == {"drop": ["ALL"]}
        assert own["readOnlyRootFilesystem"]
    allowed = {"configMap", "csi", "downwardAPI", "emptyDir", "ephemeral", "persistentVolumeClaim", "projected"}
    assert all(set(volume) - {"name"} <= allowed for volume in spec["volumes"])


def test_nothing_in_it_can_ask_the_api() -> None:
    spec = pod(recorded())["spec"]
    assert spec["automountServiceAccountToken"] is False
    assert spec["enableServiceLinks"] is False
    assert spec["serviceAccountName"] == "support-assistant"


def test_the_server_comes_first_and_both_are_told_of_the_version_first() -> None:
    spec = pod(recorded())["spec"]
    assert spec["containers"][0]["name"] == "server"
    for each in containers(spec):
        assert [variable["name"] for variable in each["env"][:2]] == [
            "STANCHION_WEIGHTS_URI",
            "STANCHION_WEIGHTS_SHA256",
        ]
        assert [variable["value"] for variable in each["env"][:2]] == ["s3://models/support-llm/2026-05", SHA256]
        assert each["image"] == IMAGE


def test_another_image_may_load_the_weights() -> None:
    other = f"registry.example/python@sha256:{'c' * 64}"
    spec = pod(recorded(variant(loader_image=other)))["spec"]
    assert [each["image"] for each in containers(spec)] == [other, IMAGE]


def test_memory_has_no_room_above_what_is_asked_for() -> None:
    for each in containers(pod(recorded())["spec"]):
        assert each["resources"]["limits"]["memory"] == each["resources"]["requests"]["memory"] == "24Gi"
        assert "cpu" not in each["resources"]["limits"]


def test_disk_for_the_weights_is_asked_for_so_that_a_node_has_it() -> None:
    spec = pod(recorded())["spec"]
    asked = int(spec["containers"][0]["resources"]["requests"]["ephemeral-storage"].removesuffix("Mi"))
    assert asked * MIB > 16 * GIB


def test_accelerators_are_the_servers_alone() -> None:
    loader, server = containers(pod(recorded())["spec"])
    assert server["resources"]["limits"]["nvidia.com/gpu"] == server["resources"]["requests"]["nvidia.com/gpu"] == "1"
    assert "nvidia.com/gpu" not in loader["resources"]["requests"]
    plain = pod(recorded(variant(accelerator=None, accelerators=0), kind=Kind.PREDICTOR))["spec"]
    assert "nvidia.com/gpu" not in json.dumps(plain)


def test_a_language_model_has_memory_that_its_workers_share() -> None:
    spec = pod(recorded())["spec"]
    (shared,) = [volume for volume in spec["volumes"] if volume.get("emptyDir", {}).get("medium") == "Memory"]
    mounts = {mount["name"]: mount["mountPath"] for mount in spec["containers"][0]["volumeMounts"]}
    assert mounts[shared["name"]] == "/dev/shm"
    predictor = pod(recorded(variant(accelerator=None, accelerators=0), kind=Kind.PREDICTOR))["spec"]
    assert "Memory" not in json.dumps(predictor["volumes"])


def test_every_disk_has_an_end_and_every_mount_a_volume() -> None:
    spec = pod(recorded())["spec"]
    assert all(volume["emptyDir"]["sizeLimit"] for volume in spec["volumes"] if "emptyDir" in volume)
    names = {volume["name"] for volume in spec["volumes"]}
    assert {mount["name"] for each in containers(spec) for mount in each["volumeMounts"]} == names


def test_a_pod_leaves_within_the_notice_and_without_a_tool_of_its_image() -> None:
    spec = pod(recorded())["spec"]
    assert spec["containers"][0]["lifecycle"] == {"preStop": {"sleep": {"seconds": 70}}}
    assert 70 < spec["terminationGracePeriodSeconds"] < 110


def test_floor_and_burst_differ_in_where_they_run_and_in_their_place_in_the_order() -> None:
    recording = recorded()
    floor, burst = pod(recording), pod(recording, "full-blue-burst")
    assert floor["metadata"]["labels"]["stanchion.dev/capacity"] == "floor"
    assert burst["metadata"]["labels"]["stanchion.dev/capacity"] == "burst"
    assert floor["spec"]["priorityClassName"] == "critical-floor"
    assert burst["spec"]["priorityClassName"] == "critical-burst"
    taints = [{each["key"] for each in made["spec"]["tolerations"]} for made in (floor, burst)]
    assert "stanchion.dev/spot" not in taints[0]
    assert "stanchion.dev/spot" in taints[1]
    assert floor["spec"]["containers"] == burst["spec"]["containers"]


def test_without_spot_the_burst_stays_off_it() -> None:
    burst = pod(recorded(spot=False), "full-blue-burst")["spec"]
    assert "stanchion.dev/spot" not in {each["key"] for each in burst["tolerations"]}
    assert "preferredDuringSchedulingIgnoredDuringExecution" not in burst["affinity"]["nodeAffinity"]


@pytest.mark.parametrize(("version", "label"), [(None, "b" * 12), ("2026-05", "2026-05")])
def test_pods_say_their_version(version: str | None, label: str) -> None:
    assert pod(recorded(variant(version=version)))["metadata"]["labels"]["stanchion.dev/version"] == label


def test_the_local_cloud_is_told_what_a_pod_runs_as() -> None:
    assert "annotations" not in pod(recorded())["metadata"]
    local = variant(local_command=["python", "-m", "server", "$(STANCHION_PORT)"], local_init=["true"])
    annotations = pod(recorded(local))["metadata"]["annotations"]
    assert json.loads(annotations["stanchion.dev/local-command"]) == local.local_command
    assert json.loads(annotations["stanchion.dev/local-init"]) == ["true"]


def test_a_predictor_starts_as_its_image_does_and_is_asked_by_its_own_protocol() -> None:
    own = variant(accelerator=None, accelerators=0, arguments=["--model", "$(STANCHION_WEIGHTS_PATH)"])
    (server,) = pod(recorded(own, kind=Kind.PREDICTOR))["spec"]["containers"]
    assert "command" not in server
    assert server["args"] == ["--model", "$(STANCHION_WEIGHTS_PATH)"]
    assert server["readinessProbe"]["httpGet"]["path"] == "/v2/health/ready"
    assert server["livenessProbe"]["httpGet"]["path"] == "/v2/health/live"
    assert {port["name"]: port["containerPort"] for port in server["ports"]} == {"http": 8080}


def test_what_a_start_consists_of_is_said_in_the_words_of_the_estimates() -> None:
    assert cold_start_annotations(VARIANT) == {
        "stanchion.dev/image-bytes": str(8 * GIB),
        "stanchion.dev/weight-bytes": str(16 * GIB),
        "stanchion.dev/load-rate": str(512 * MIB),
        "stanchion.dev/engine-init": "195s",
    }
