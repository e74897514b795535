"""The gateways of a region: where their pods run, what they are told, and how they leave."""

import hashlib
import json
from dataclasses import replace
from typing import Any

import pulumi
import pytest

from components.alarm import AlarmTopicsArgs
from components.serving.entry import DEREGISTRATION_SECONDS
from components.serving.gateway import PRIORITY, Gateway, GatewayArgs
from components.serving.gateway_alarms import GatewayEndpointArgs
from components.serving.priority import FLOOR_BASE, MOST_TIERS, STEP
from stanchion.serving import gateway_metrics
from tests.recorder import Recording, kubernetes, provider, record

ARGS = GatewayArgs(
    environment="prod",
    configuration='{"environment": "prod"}',
    image=f"gateway@sha256:{'a' * 64}",
    image_bytes=250 << 20,
    image_bytes_per_second=125 << 20,
    region="us-west-2",
    tiers=["critical", "standard"],
    endpoints=[GatewayEndpointArgs("chat", 1500, 99.9)],
    alarm_topics=AlarmTopicsArgs("arn:critical", "arn:warning", "arn:info"),
    floor=3,
    most=12,
    rto="2m",
    targets={"critical": "arn:critical-targets", "standard": "arn:standard-targets"},
)


def recorded(**changes: Any) -> Recording:
    args = replace(ARGS, **changes)

    def build() -> Gateway:
        return Gateway("prod", args, pulumi.ResourceOptions(providers=[provider("us-west-2"), kubernetes()]))

    return record(build)


def pod(recording: Recording) -> dict[str, Any]:
    return recording.one("Deployment").inputs["spec"]["template"]


def variables(recording: Recording) -> dict[str, str]:
    return {each["name"]: each.get("value", "") for each in pod(recording)["spec"]["containers"][0]["env"]}


def test_pods_stand_apart_and_never_on_what_can_be_taken_back() -> None:
    spec = pod(recorded())["spec"]
    (zone, host) = spec["topologySpreadConstraints"]
    assert (zone["topologyKey"], zone["whenUnsatisfiable"], zone["minDomains"]) == (
        "topology.kubernetes.io/zone",
        "DoNotSchedule",
        2,
    )
    assert host["topologyKey"] == "kubernetes.io/hostname"
    (term,) = spec["affinity"]["nodeAffinity"]["requiredDuringSchedulingIgnoredDuringExecution"]["nodeSelectorTerms"]
    assert term["matchExpressions"] == [{"key": "karpenter.sh/capacity-type", "operator": "NotIn", "values": ["spot"]}]
    # A quarter of the objective, and not five minutes.
    assert {each["tolerationSeconds"] for each in spec["tolerations"]} == {30}


def test_no_model_takes_the_place_of_a_gateway() -> None:
    recording = recorded()
    assert recording.one("PriorityClass").inputs["value"] == PRIORITY > FLOOR_BASE + STEP * MOST_TIERS
    assert pod(recording)["spec"]["priorityClassName"] == "gateway"


def test_a_pod_leaves_after_its_longest_request_and_before_the_load_balancer_gives_up() -> None:
    spec = pod(recorded(deadline="60s"))["spec"]
    waits = spec["containers"][0]["lifecycle"]["preStop"]["sleep"]["seconds"]
    assert waits + 60 < spec["terminationGracePeriodSeconds"] <= DEREGISTRATION_SECONDS


def test_a_changed_configuration_makes_new_pods() -> None:
    first, second = recorded(), recorded(configuration='{"environment": "other"}')
    digests = [pod(each)["metadata"]["annotations"]["stanchion.dev/configuration"] for each in (first, second)]
    assert digests[0] == hashlib.sha256(b'{"environment": "prod"}').hexdigest()[:16]
    assert digests[0] != digests[1]
    assert second.one("ConfigMap").inputs["data"] == {"gateway.json": '{"environment": "other"}'}
    assert recorded().one("Deployment").inputs["spec"]["strategy"]["rollingUpdate"]["maxUnavailable"] == 0


def test_it_is_told_where_things_are_and_keeps_events_in_a_folder_of_its_own() -> None:
    recording = recorded()
    told = variables(recording)
    assert told["STANCHION_GATEWAY_CONFIGURATION"] == "/etc/stanchion/gateway.json"
    assert told["STANCHION_GATEWAY_FOLDER"] == "/var/lib/stanchion-gateway"
    assert "STANCHION_LOCAL" not in told
    spec = pod(recording)["spec"]
    mounts = {each["mountPath"]: each["name"] for each in spec["containers"][0]["volumeMounts"]}
    volumes = {each["name"]: each for each in spec["volumes"]}
    assert volumes[mounts["/etc/stanchion"]]["configMap"] == {"name": "gateway"}
    assert "emptyDir" in volumes[mounts["/var/lib/stanchion-gateway"]]
    (token, authority) = volumes[mounts[told["STANCHION_SERVICE_ACCOUNT"]]]["projected"]["sources"]
    assert token["serviceAccountToken"]["path"] == "token"
    assert authority["configMap"]["name"] == "kube-root-ca.crt"
    assert spec["automountServiceAccountToken"] is False


def test_on_the_local_cloud_it_is_a_process_that_finds_its_folders_by_variables() -> None:
    recording = recorded(local_command=["python", "-m", "gateway"])
    annotations = pod(recording)["metadata"]["annotations"]
    assert json.loads(annotations["stanchion.dev/local-command"]) == ["python", "-m", "gateway"]
    told = variables(recording)
    assert told["STANCHION_GATEWAY_ADDRESS"] == "$(STANCHION_POD_ADDRESS):8080"
    assert told["STANCHION_GATEWAY_CONFIGURATION"] == "$(STANCHION_VOLUME_CONFIGURATION)/gateway.json"
    assert "stanchion.dev/local-command" not in pod(recorded())["metadata"]["annotations"]


def test_health_is_asked_where_clients_do_not_reach() -> None:
    container = pod(recorded())["spec"]["containers"][0]
    ports = {each["name"]: each["containerPort"] for each in container["ports"]}
    assert ports == {"http": 8080, "internal": 8081}
    for probe in ("startupProbe", "readinessProbe", "livenessProbe"):
        assert container[probe]["httpGet"]["port"] == "internal"
    assert container["readinessProbe"]["httpGet"]["path"] == "/readyz"
    # A gateway that can't serve for now is not made anew: that would lose what it has in flight.
    assert container["livenessProbe"]["httpGet"]["path"] == "/healthz"


def test_the_autoscaler_owns_the_number_and_holds_the_floor() -> None:
    recording = recorded()
    spec = recording.one("HorizontalPodAutoscaler").inputs["spec"]
    assert (spec["minReplicas"], spec["maxReplicas"]) == (3, 12)
    deployment = recording.one("Deployment")
    assert deployment.inputs["spec"]["replicas"] == 3
    assert recording.one("PodDisruptionBudget").inputs["spec"]["maxUnavailable"] == 1


def test_each_tier_has_its_binding_to_the_same_gateways() -> None:
    bindings = {each.inputs["metadata"]["name"]: each.inputs["spec"] for each in recorded().all("TargetGroupBinding")}
    assert {name: spec["targetGroupARN"] for name, spec in bindings.items()} == {
        "gateway-critical": "arn:critical-targets",
        "gateway-standard": "arn:standard-targets",
    }
    assert {spec["serviceRef"]["name"] for spec in bindings.values()} == {"gateway"}


def test_gateways_find_each_other_by_a_service_without_an_address() -> None:
    services = {each.inputs["metadata"]["name"]: each.inputs["spec"] for each in recorded().all("Service")}
    assert services["gateway-peers"]["clusterIP"] == "None"
    assert [port["port"] for port in services["gateway-peers"]["ports"]] == [8081]


def test_alarms_are_on_what_gateways_send() -> None:
    alarms = {each.name: each.inputs for each in recorded().all("MetricAlarm")}
    assert {alarm["namespace"] for alarm in alarms.values()} == {gateway_metrics.NAMESPACE}
    assert {alarm["metricName"] for alarm in alarms.values()} <= set(gateway_metrics.UNITS)
    slow = alarms["prod-chat-slow"]
    # The document promises when answers begin; a long one that streams may take its time.
    assert (slow["metricName"], slow["extendedStatistic"], slow["threshold"]) == ("FirstByte", "p95", 1500)
    assert slow["dimensions"] == {"Environment": "prod", "Endpoint": "chat"}
    errors = alarms["prod-chat-errors"]
    # 99.9 % allow one in a thousand; at 14.4 times that a month's budget lasts two days.
    assert (errors["statistic"], errors["threshold"]) == ("Average", pytest.approx(0.0144))
    assert errors["alarmActions"] == ["arn:critical"]
    assert alarms["prod-silent"]["treatMissingData"] == "breaching"
    assert {name for name, alarm in alarms.items() if alarm["treatMissingData"] == "breaching"} == {"prod-silent"}
    assert {"prod-critical-shed", "prod-standard-shed", "prod-keys-gone", "prod-quotas-gone", "prod-cache-gone"} <= set(
        alarms
    )


def test_traces_go_where_the_document_says_and_nowhere_else() -> None:
    told = variables(recorded(traces_endpoint="http://collector.observability.svc:4318"))
    assert told["OTEL_EXPORTER_OTLP_ENDPOINT"] == "http://collector.observability.svc:4318"
    assert told["OTEL_SERVICE_NAME"] == "gateway"
    assert not [name for name in variables(recorded()) if name.startswith("OTEL_")]


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"floor": 1}, "gateway 'prod' has a floor of 1; allowed: 2 or more"),
        ({"floor": 5, "most": 4}, "at most 4 pods and a floor of 5; allowed: most 5 or more"),
        ({"image": "gateway:latest"}, "gateway 'prod' has image 'gateway:latest'; allowed: one by digest"),
    ],
)
def test_what_would_not_serve_is_refused(changes: dict[str, Any], said: str) -> None:
    with pytest.raises(ValueError, match=said):
        recorded(**changes)
