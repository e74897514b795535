"""The gateways of a region: a Deployment that grows with its load, and what keeps it reachable as pods come and go."""

import hashlib
from dataclasses import dataclass, field

import pulumi
from pulumi_kubernetes.apps.v1 import (
    Deployment,
    DeploymentSpecArgs,
    DeploymentStrategyArgs,
    RollingUpdateDeploymentArgs,
)
from pulumi_kubernetes.autoscaling.v2 import (
    CrossVersionObjectReferenceArgs,
    HorizontalPodAutoscaler,
    HorizontalPodAutoscalerBehaviorArgs,
    HorizontalPodAutoscalerSpecArgs,
    HPAScalingRulesArgs,
    MetricSpecArgs,
    MetricTargetArgs,
    ResourceMetricSourceArgs,
)
from pulumi_kubernetes.core.v1 import ConfigMap, Service, ServiceAccount, ServicePortArgs, ServiceSpecArgs
from pulumi_kubernetes.meta.v1 import LabelSelectorArgs, ObjectMetaArgs
from pulumi_kubernetes.policy.v1 import PodDisruptionBudget, PodDisruptionBudgetSpecArgs
from pulumi_kubernetes.scheduling.v1 import PriorityClass

from components.alarm import AlarmTopicsArgs
from components.component import Component
from components.serving.cluster import Engine
from components.serving.endpoints_namespace import SHARED
from components.serving.gateway_alarms import GatewayEndpointArgs, gateway_alarms
from components.serving.gateway_binding import GatewayBinding, GatewayBindingArgs
from components.serving.gateway_pod import CONFIGURATION_FILE, GatewayPod
from components.serving.nodes_of_pods import bound_seconds
from components.serving.variant import by_digest
from stanchion.serving.gateway_places import (
    ACCOUNT,
    GATEWAY,
    GATEWAY_NAMESPACE,
    INTERNAL_PORT,
    PEERS,
    SERVICE_PORT,
    internal_address,
)
from stanchion.spec import Duration

# Above the floors of all tiers (components/serving/priority.py): without gateways none of them is reached.
PRIORITY = 2_000_000
# Percent of what a pod asks for. It may take more, so there is time until others are there.
BUSY_PERCENT = 60
# A wave that is over is often followed by the next.
CALM_SECONDS = 300
# A new version counts as stuck after that; nodes for it may have to come first.
PROGRESS_SECONDS = 900


@dataclass
class GatewayArgs:
    """Args of `Gateway`.

    Args:
        environment: the environment's name, a dimension of its metrics.
        configuration: what gateways are told, JSON of `stanchion.serving.gateway_configuration`.
        image: by digest.
        image_bytes: its size.
        image_bytes_per_second: how fast it comes onto a node.
        region: where it runs.
        tiers: of endpoints, the strictest first.
        endpoints: those it serves.
        alarm_topics: topics of the region.
        cpu: vCPUs that are kept for a pod, such as `1`; one process can't take much more.
        memory: of a pod, such as `512Mi`.
        floor: pods that always run.
        most: pods under load.
        deadline: of the longest request, such as `60s`.
        rto: the strictest of the RTOs of infrastructure and zone of all tiers, such as `2m`; no objective if None.
        targets: by tier, the ARN of the target group by which its clients come in.
        engine: of the cluster; decides whose controller registers the pods as targets.
        namespace: where it lies; `GatewayNamespace` makes it.
        local_command: what a pod runs as on the local cloud; not on AWS.
        traces_endpoint: of an OpenTelemetry collector, such as `http://collector.observability.svc:4318`; no traces if
            None.
    """

    environment: str
    configuration: pulumi.Input[str]
    image: pulumi.Input[str]
    image_bytes: int
    image_bytes_per_second: int
    region: str
    tiers: list[str]
    endpoints: list[GatewayEndpointArgs]
    alarm_topics: AlarmTopicsArgs
    cpu: str = "1"
    memory: str = "512Mi"
    floor: int = 2
    most: int = 10
    deadline: str = "60s"
    rto: str | None = None
    targets: dict[str, pulumi.Input[str]] = field(default_factory=dict)
    engine: Engine = Engine.AUTO_MODE
    namespace: str = GATEWAY_NAMESPACE
    local_command: list[str] = field(default_factory=list)
    traces_endpoint: str | None = None


class Gateway(Component):
    """Gateways on nodes that AWS does not take back, spread over zones, behind one Service.

    A changed configuration makes new pods, which come before the old ones go; what changes by the minute is in the
    routing document and makes none.

    Cost: its floor's share of nodes always; alarms at 0.10 USD a month and its metrics at 0.30 USD each, 6 of these for
        an endpoint and some 8 beside (CloudWatch price page, from memory).
    Recovery: a lost node or zone leaves the gateways elsewhere; clients get connections to these as soon as the load
        balancer notices. What a lost pod had in flight is lost with it, and at most a second of its events.
    """

    address: pulumi.Output[str]

    def __init__(self, name: str, args: GatewayArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        refuse_few(name, args)
        super().__init__(name, args, opts)
        deadline = Duration.parse(args.deadline).seconds
        self.pod = GatewayPod(
            image=by_digest(f"gateway '{name}'", args.image),
            cpu=args.cpu,
            memory=args.memory,
            region=args.region,
            deadline_seconds=deadline,
            bound_seconds=bound_seconds(None if args.rto is None else Duration.parse(args.rto).seconds),
            configuration_digest=pulumi.Output.from_input(args.configuration).apply(_digest),
            priority_class=GATEWAY,
            local_command=args.local_command,
            traces_endpoint=args.traces_endpoint,
        )
        self.configuration = ConfigMap(
            f"{self.name}-configuration",
            metadata=self._metadata(GATEWAY, args),
            data={CONFIGURATION_FILE: args.configuration},
            opts=self.child(),
        )
        self.account = ServiceAccount(
            f"{self.name}-identity",
            metadata=self._metadata(ACCOUNT, args),
            automount_service_account_token=False,
            opts=self.child(),
        )
        self.priority = PriorityClass(
            f"{self.name}-priority",
            metadata=ObjectMetaArgs(name=GATEWAY, labels=SHARED),
            value=PRIORITY,
            global_default=False,
            preemption_policy="PreemptLowerPriority",
            description="Gateways: what every request passes.",
            opts=self.child(),
        )
        self.deployment = self._deployment(args)
        self.services = [self._service(args), self._peers(args)]
        self.budget = self._budget(args)
        self.autoscaler = self._autoscaler(args)
        self.bindings = {tier: self._binding(tier, arn, args) for tier, arn in args.targets.items()}
        gateway_alarms(self, args.environment, args.tiers, args.endpoints)
        self.address = pulumi.Output.from_input(internal_address(args.namespace))
        self.register_outputs({"address": self.address})

    def _deployment(self, args: GatewayArgs) -> Deployment:
        annotations: dict[str, pulumi.Input[str]] = {
            "stanchion.dev/image-bytes": str(args.image_bytes),
            "stanchion.dev/load-rate": str(args.image_bytes_per_second),
        }
        return Deployment(
            f"{self.name}-deployment",
            metadata=self._metadata(GATEWAY, args, annotations),
            spec=DeploymentSpecArgs(
                replicas=args.floor,
                selector=LabelSelectorArgs(match_labels=self.pod.labels),
                strategy=DeploymentStrategyArgs(
                    type="RollingUpdate",
                    rolling_update=RollingUpdateDeploymentArgs(max_surge="50%", max_unavailable=0),
                ),
                progress_deadline_seconds=PROGRESS_SECONDS,
                revision_history_limit=3,
                template=self.pod.template(),
            ),
            opts=self.child(
                # The autoscaler's.
                ignore_changes=["spec.replicas"],
                depends_on=[self.account, self.configuration, self.priority],
                custom_timeouts=pulumi.CustomTimeouts(
                    create=f"{PROGRESS_SECONDS + 60}s", update=f"{PROGRESS_SECONDS + 60}s"
                ),
            ),
        )

    def _service(self, args: GatewayArgs) -> Service:
        return Service(
            f"{self.name}-service",
            metadata=self._metadata(GATEWAY, args),
            spec=ServiceSpecArgs(
                type="ClusterIP",
                selector=self.pod.labels,
                ports=[
                    ServicePortArgs(name="http", port=SERVICE_PORT, target_port="http", app_protocol="http"),
                    ServicePortArgs(name="internal", port=INTERNAL_PORT, target_port="internal", app_protocol="http"),
                ],
            ),
            opts=self.child(depends_on=[self.deployment]),
        )

    def _peers(self, args: GatewayArgs) -> Service:
        return Service(
            f"{self.name}-peers",
            metadata=self._metadata(PEERS, args),
            spec=ServiceSpecArgs(
                cluster_ip="None",
                selector=self.pod.labels,
                ports=[ServicePortArgs(name="internal", port=INTERNAL_PORT, target_port="internal")],
            ),
            opts=self.child(depends_on=[self.deployment]),
        )

    def _budget(self, args: GatewayArgs) -> PodDisruptionBudget:
        return PodDisruptionBudget(
            f"{self.name}-budget",
            metadata=self._metadata(GATEWAY, args),
            spec=PodDisruptionBudgetSpecArgs(
                selector=LabelSelectorArgs(match_labels=self.pod.labels),
                max_unavailable=1,
                unhealthy_pod_eviction_policy="AlwaysAllow",
            ),
            opts=self.child(),
        )

    def _autoscaler(self, args: GatewayArgs) -> HorizontalPodAutoscaler:
        return HorizontalPodAutoscaler(
            f"{self.name}-autoscaler",
            metadata=self._metadata(GATEWAY, args),
            spec=HorizontalPodAutoscalerSpecArgs(
                min_replicas=args.floor,
                max_replicas=args.most,
                scale_target_ref=CrossVersionObjectReferenceArgs(
                    api_version="apps/v1", kind="Deployment", name=GATEWAY
                ),
                metrics=[
                    MetricSpecArgs(
                        type="Resource",
                        resource=ResourceMetricSourceArgs(
                            name="cpu", target=MetricTargetArgs(type="Utilization", average_utilization=BUSY_PERCENT)
                        ),
                    )
                ],
                behavior=HorizontalPodAutoscalerBehaviorArgs(
                    scale_down=HPAScalingRulesArgs(stabilization_window_seconds=CALM_SECONDS)
                ),
            ),
            opts=self.child(depends_on=[self.deployment]),
        )

    def _binding(self, tier: str, target_group_arn: pulumi.Input[str], args: GatewayArgs) -> GatewayBinding:
        return GatewayBinding(
            f"{self.name}-{tier}",
            GatewayBindingArgs(
                binding_name=f"{GATEWAY}-{tier}",
                namespace=args.namespace,
                service=GATEWAY,
                port=SERVICE_PORT,
                target_group_arn=target_group_arn,
                engine=args.engine,
            ),
            self.child(depends_on=self.services),
        )

    def _metadata(
        self, name: str, args: GatewayArgs, annotations: dict[str, pulumi.Input[str]] | None = None
    ) -> ObjectMetaArgs:
        return ObjectMetaArgs(name=name, namespace=args.namespace, labels=SHARED, annotations=annotations)


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def refuse_few(name: str, args: GatewayArgs) -> None:
    """Refuse a single gateway, and more of them than may come.

    Raises:
        ValueError: a sentence with the numbers and the fix.
    """
    if args.floor < 2:
        raise ValueError(
            f"gateway '{name}' has a floor of {args.floor}; allowed: 2 or more. Every request passes a gateway, and "
            "while the only one moves to another node nothing is served."
        )
    if args.most < args.floor:
        raise ValueError(
            f"gateway '{name}' has at most {args.most} pods and a floor of {args.floor}; allowed: most {args.floor} or "
            "more."
        )
