"""The pod of a gateway: no rights but to look where pods are, a folder for events, and a slow way out."""

import json
from dataclasses import dataclass

import pulumi
from pulumi_kubernetes.core.v1 import (
    AffinityArgs,
    CapabilitiesArgs,
    ConfigMapProjectionArgs,
    ConfigMapVolumeSourceArgs,
    ContainerArgs,
    ContainerPortArgs,
    EmptyDirVolumeSourceArgs,
    EnvVarArgs,
    EnvVarSourceArgs,
    HTTPGetActionArgs,
    KeyToPathArgs,
    LifecycleArgs,
    LifecycleHandlerArgs,
    NodeAffinityArgs,
    NodeSelectorArgs,
    NodeSelectorRequirementArgs,
    NodeSelectorTermArgs,
    ObjectFieldSelectorArgs,
    PodSecurityContextArgs,
    PodSpecArgs,
    PodTemplateSpecArgs,
    ProbeArgs,
    ProjectedVolumeSourceArgs,
    ResourceRequirementsArgs,
    SeccompProfileArgs,
    SecurityContextArgs,
    ServiceAccountTokenProjectionArgs,
    SleepActionArgs,
    VolumeArgs,
    VolumeMountArgs,
    VolumeProjectionArgs,
)
from pulumi_kubernetes.meta.v1 import ObjectMetaArgs

from components.serving.nodes_of_pods import tolerations
from components.serving.placement import CAPACITY_TYPE
from components.serving.priority import Share
from components.serving.server_pod import LOCAL_COMMAND, USER
from components.serving.spread import spread
from stanchion.serving.gateway_configuration import VARIABLE
from stanchion.serving.gateway_places import ACCOUNT, GATEWAY, INTERNAL_PORT, PUBLIC_PORT

CONFIGURATION_FILE = "gateway.json"
CONFIGURATION_FOLDER = "/etc/stanchion"
STATE_FOLDER = "/var/lib/stanchion-gateway"
# Where clients of the API look for who they are (Kubernetes documentation, accessing the API from a pod).
API_FOLDER = "/var/run/secrets/kubernetes.io/serviceaccount"
TOKEN_SECONDS = 3600
# Until the load balancer has heard that the pod leaves.
LEAVES_WITHIN = 10
# After it is told to end: it says so, answers what it has, and sends its events.
ENDS_WITHIN = 15
# Events of some hours that Firehose does not take, at 1,000 a second of 1 KB each for half an hour.
SPOOL_GIB = 2
# What the gateway needs on the local cloud, where volumes are folders that it finds by variables.
_LOCAL_ADDRESSES = "198.18.0.0/15=127.18.0.0/15"


@dataclass(frozen=True)
class GatewayPod:
    """What all pods of the gateway have in common.

    Args:
        image: by digest.
        cpu: that is kept for a pod; it may take more.
        memory: a pod that takes more is ended.
        region: of its AWS clients.
        deadline_seconds: the longest request.
        bound_seconds: how long a pod stays bound to a silent node.
        configuration_digest: which makes new pods when it changes.
        priority_class: its name.
        local_command: what a pod runs as on the local cloud; not there if empty.
        traces_endpoint: of an OpenTelemetry collector; no traces if None.
    """

    image: pulumi.Input[str]
    cpu: str
    memory: str
    region: str
    deadline_seconds: int
    bound_seconds: int
    configuration_digest: pulumi.Input[str]
    priority_class: str
    local_command: list[str]
    traces_endpoint: str | None = None

    @property
    def labels(self) -> dict[str, str]:
        """By which the pods are found."""
        return {"app.kubernetes.io/name": GATEWAY}

    @property
    def grace(self) -> int:
        """Seconds until a pod that leaves is killed."""
        return LEAVES_WITHIN + self.deadline_seconds + ENDS_WITHIN

    def template(self) -> PodTemplateSpecArgs:
        """Of the Deployment."""
        annotations: dict[str, pulumi.Input[str]] = {"stanchion.dev/configuration": self.configuration_digest}
        if self.local_command:
            annotations[LOCAL_COMMAND] = json.dumps(self.local_command)
        return PodTemplateSpecArgs(
            metadata=ObjectMetaArgs(labels={**self.labels, "stanchion.dev/shared": "true"}, annotations=annotations),
            spec=PodSpecArgs(
                service_account_name=ACCOUNT,
                # The one below says how long it holds, and is where the gateway looks.
                automount_service_account_token=False,
                enable_service_links=False,
                priority_class_name=self.priority_class,
                termination_grace_period_seconds=self.grace,
                security_context=PodSecurityContextArgs(
                    run_as_non_root=True,
                    run_as_user=USER,
                    run_as_group=USER,
                    fs_group=USER,
                    fs_group_change_policy="OnRootMismatch",
                    seccomp_profile=SeccompProfileArgs(type="RuntimeDefault"),
                ),
                affinity=_never_on_spot(),
                tolerations=tolerations(None, self.bound_seconds, spot=False),
                topology_spread_constraints=spread(Share.FLOOR, self.labels),
                containers=[self._container()],
                volumes=_volumes(),
            ),
        )

    def _container(self) -> ContainerArgs:
        return ContainerArgs(
            name=GATEWAY,
            image=self.image,
            env=[
                *(EnvVarArgs(name=name, value=value) for name, value in self._variables().items()),
                _field("HOSTNAME", "metadata.name"),
                _field("POD_IP", "status.podIP"),
            ],
            ports=[
                ContainerPortArgs(name="http", container_port=PUBLIC_PORT),
                ContainerPortArgs(name="internal", container_port=INTERNAL_PORT),
            ],
            # The first routing document may have to be written first; nothing else takes long.
            startup_probe=_probe("/healthz", period=2, failures=30),
            readiness_probe=_probe("/readyz", period=5, failures=2),
            liveness_probe=_probe("/healthz", period=10, failures=6),
            lifecycle=LifecycleArgs(pre_stop=LifecycleHandlerArgs(sleep=SleepActionArgs(seconds=LEAVES_WITHIN))),
            resources=ResourceRequirementsArgs(
                requests={"cpu": self.cpu, "memory": self.memory, "ephemeral-storage": f"{SPOOL_GIB + 1}Gi"},
                limits={"memory": self.memory},
            ),
            security_context=SecurityContextArgs(
                allow_privilege_escalation=False,
                read_only_root_filesystem=True,
                run_as_non_root=True,
                capabilities=CapabilitiesArgs(drop=["ALL"]),
            ),
            volume_mounts=[
                VolumeMountArgs(name="configuration", mount_path=CONFIGURATION_FOLDER, read_only=True),
                VolumeMountArgs(name="state", mount_path=STATE_FOLDER),
                VolumeMountArgs(name="api", mount_path=API_FOLDER, read_only=True),
                VolumeMountArgs(name="tmp", mount_path="/tmp"),  # noqa: S108  a volume of the pod
            ],
        )

    def _variables(self) -> dict[str, str]:
        if self.local_command:
            where = {
                VARIABLE: f"$(STANCHION_VOLUME_CONFIGURATION)/{CONFIGURATION_FILE}",
                "STANCHION_GATEWAY_FOLDER": "$(STANCHION_VOLUME_STATE)",
                "STANCHION_SERVICE_ACCOUNT": "$(STANCHION_VOLUME_API)",
                "STANCHION_POD_ADDRESSES": _LOCAL_ADDRESSES,
                "STANCHION_LOCAL": "true",
            }
            host = "$(STANCHION_POD_ADDRESS)"
        else:
            where = {
                VARIABLE: f"{CONFIGURATION_FOLDER}/{CONFIGURATION_FILE}",
                "STANCHION_GATEWAY_FOLDER": STATE_FOLDER,
                "STANCHION_SERVICE_ACCOUNT": API_FOLDER,
            }
            # In a network of its own; the network policies say who reaches it.
            host = "0.0.0.0"  # noqa: S104
        traces = {}
        if self.traces_endpoint is not None:
            traces = {"OTEL_EXPORTER_OTLP_ENDPOINT": self.traces_endpoint, "OTEL_SERVICE_NAME": GATEWAY}
        return {
            **where,
            **traces,
            "STANCHION_GATEWAY_ADDRESS": f"{host}:{PUBLIC_PORT}",
            "STANCHION_GATEWAY_INTERNAL_ADDRESS": f"{host}:{INTERNAL_PORT}",
            "AWS_REGION": self.region,
        }


def _never_on_spot() -> AffinityArgs:
    on_demand = NodeSelectorRequirementArgs(key=CAPACITY_TYPE, operator="NotIn", values=["spot"])
    return AffinityArgs(
        node_affinity=NodeAffinityArgs(
            required_during_scheduling_ignored_during_execution=NodeSelectorArgs(
                node_selector_terms=[NodeSelectorTermArgs(match_expressions=[on_demand])]
            )
        )
    )


def _volumes() -> list[VolumeArgs]:
    authority = ConfigMapProjectionArgs(name="kube-root-ca.crt", items=[KeyToPathArgs(key="ca.crt", path="ca.crt")])
    token = ServiceAccountTokenProjectionArgs(path="token", expiration_seconds=TOKEN_SECONDS)
    return [
        VolumeArgs(name="configuration", config_map=ConfigMapVolumeSourceArgs(name=GATEWAY)),
        VolumeArgs(name="state", empty_dir=EmptyDirVolumeSourceArgs(size_limit=f"{SPOOL_GIB}Gi")),
        VolumeArgs(
            name="api",
            projected=ProjectedVolumeSourceArgs(
                sources=[
                    VolumeProjectionArgs(service_account_token=token),
                    VolumeProjectionArgs(config_map=authority),
                ]
            ),
        ),
        VolumeArgs(name="tmp", empty_dir=EmptyDirVolumeSourceArgs(size_limit="256Mi")),
    ]


def _field(name: str, path: str) -> EnvVarArgs:
    return EnvVarArgs(name=name, value_from=EnvVarSourceArgs(field_ref=ObjectFieldSelectorArgs(field_path=path)))


def _probe(path: str, *, period: int, failures: int) -> ProbeArgs:
    return ProbeArgs(
        http_get=HTTPGetActionArgs(path=path, port="internal"),
        period_seconds=period,
        timeout_seconds=2,
        failure_threshold=failures,
    )
