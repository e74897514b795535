"""Keeps the pods of a Service registered as targets of an entry's target group."""

from dataclasses import dataclass

import pulumi
from pulumi_kubernetes.apiextensions import CustomResource

from components.component import Component
from components.serving.cluster import Engine

# The controller of Auto Mode has an API of its own (EKS user guide, migration reference, read 2026-11-23).
API_VERSIONS = {Engine.AUTO_MODE: "eks.amazonaws.com/v1", Engine.NODE_GROUPS: "elbv2.k8s.aws/v1beta1"}


@dataclass
class GatewayBindingArgs:
    """Args of `GatewayBinding`.

    Args:
        binding_name: its own; a Service has one for each target group.
        namespace: of the Service.
        service: its name.
        port: the Service's port, not the pods'.
        target_group_arn: of the tier that the Service's pods serve.
        engine: of the cluster; decides whose controller registers the pods.
    """

    binding_name: str
    namespace: pulumi.Input[str]
    service: str
    port: int
    target_group_arn: pulumi.Input[str]
    engine: Engine = Engine.AUTO_MODE


class GatewayBinding(Component):
    """A TargetGroupBinding: pods are targets by address as soon as they are ready, and leave before they end.

    With managed node groups the cluster has to run the AWS Load Balancer Controller; Auto Mode has it built in.

    Cost: nothing.
    Recovery: a new pod gets requests after it is ready, registered and healthy twice; one that ends is drained. While
        the cluster's API is gone nothing is registered, and what is registered goes on being served.
    """

    def __init__(self, name: str, args: GatewayBindingArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__(name, args, opts)
        self.binding = CustomResource(
            f"{self.name}-binding",
            api_version=API_VERSIONS[args.engine],
            kind="TargetGroupBinding",
            metadata={"name": args.binding_name, "namespace": args.namespace},
            spec={
                "serviceRef": {"name": args.service, "port": args.port},
                "targetGroupARN": args.target_group_arn,
                "targetType": "ip",
            },
            opts=self.child(),
        )
        self.register_outputs({})
