"""The pod of a model server: a loader that fetches its weights, and the server, with no rights it does not need."""

import json
from dataclasses import dataclass

import pulumi
from pulumi_kubernetes.core.v1 import (
    CapabilitiesArgs,
    ContainerArgs,
    ContainerPortArgs,
    EmptyDirVolumeSourceArgs,
    EnvVarArgs,
    PodSecurityContextArgs,
    PodSpecArgs,
    PodTemplateSpecArgs,
    ResourceRequirementsArgs,
    SeccompProfileArgs,
    SecurityContextArgs,
    VolumeArgs,
    VolumeMountArgs,
)
from pulumi_kubernetes.meta.v1 import ObjectMetaArgs

from components.serving import probes, protocol, weights
from components.serving.drain import Drain
from components.serving.nodes_of_pods import affinity, tolerations
from components.serving.priority import Share, priority_class
from components.serving.protocol import PROTOCOLS, Kind
from components.serving.slot import Slot
from components.serving.spread import spread
from components.serving.variant import VariantArgs, by_digest
from stanchion.serving.slots import VERSION_LABEL

# By these a process node of the local cloud runs the pod; nothing else reads them.
LOCAL_COMMAND, LOCAL_INIT = "stanchion.dev/local-command", "stanchion.dev/local-init"
# Nobody in particular, and the owner of the volumes.
USER = 10001
# What processes of one server share with each other; NCCL and the workers of vLLM need it (vLLM documentation,
# deployment on Kubernetes). It counts as memory of the pod.
SHARED_MEMORY = "2Gi"
# Room for caches that a server compiles for itself.
TEMPORARY_GIB = 10


@dataclass(frozen=True)
class Server:
    """What all pods of a variant have in common.

    Args:
        kind: of the endpoint.
        model: the name under which clients ask for it.
        service_account: whose identity reads the weights.
        region: where the bucket lies.
        drain: how a pod leaves.
        bound_seconds: how long a pod stays bound to a silent node.
        spot: whether the burst prefers spot.
        args: of the variant.
    """

    kind: Kind
    model: str
    service_account: str
    region: str
    drain: Drain
    bound_seconds: int
    spot: bool
    args: VariantArgs

    @property
    def version(self) -> str:
        """What the version label says at first."""
        args = self.args
        return args.version or args.weights.sha256[:12]

    def template(self, slot: Slot, share: Share) -> PodTemplateSpecArgs:
        """The pods of a slot's floor or burst."""
        args = self.args
        spot = self.spot and share is Share.BURST
        local = {LOCAL_COMMAND: args.local_command, LOCAL_INIT: args.local_init}
        return PodTemplateSpecArgs(
            metadata=ObjectMetaArgs(
                labels={**slot.pod_labels(share), VERSION_LABEL: self.version},
                annotations={key: json.dumps(words) for key, words in local.items() if words} or None,
            ),
            spec=PodSpecArgs(
                service_account_name=self.service_account,
                # Nothing in it asks the API; its identity on AWS comes by another token, which EKS puts in.
                automount_service_account_token=False,
                enable_service_links=False,
                priority_class_name=priority_class(slot.tier, share),
                termination_grace_period_seconds=self.drain.grace,
                security_context=PodSecurityContextArgs(
                    run_as_non_root=True,
                    run_as_user=USER,
                    run_as_group=USER,
                    fs_group=USER,
                    fs_group_change_policy="OnRootMismatch",
                    seccomp_profile=SeccompProfileArgs(type="RuntimeDefault"),
                ),
                affinity=affinity(args.pool, spot=spot),
                tolerations=tolerations(args.accelerator, self.bound_seconds, spot=spot),
                topology_spread_constraints=spread(share, slot.selector_of(share)),
                init_containers=[self._loader(slot)],
                containers=[self._server(slot)],
                volumes=[*weights.volumes(args.weights), *self._volumes()],
            ),
        )

    def _loader(self, slot: Slot) -> ContainerArgs:
        args = self.args
        subject = f"slot '{slot.names.service}'"
        return ContainerArgs(
            name="weights",
            image=by_digest(subject, args.image if args.loader_image is None else args.loader_image),
            command=weights.LOADER_COMMAND,
            env=[*weights.environment(args.weights), EnvVarArgs(name="AWS_REGION", value=self.region)],
            # As much as the server has: what comes first and ends costs nothing more.
            resources=self._resources(accelerators=False),
            security_context=_unprivileged(),
            volume_mounts=weights.loader_mounts(),
        )

    def _server(self, slot: Slot) -> ContainerArgs:
        args = self.args
        spoken = PROTOCOLS[self.kind]
        told = {
            "STANCHION_MODEL": self.model,
            "STANCHION_ENDPOINT": slot.names.endpoint,
            "STANCHION_VARIANT": slot.names.variant,
            "STANCHION_SLOT": slot.names.slot,
            "STANCHION_PORT": str(spoken.port),
            "AWS_REGION": self.region,
            **protocol.environment(self.kind),
        }
        return ContainerArgs(
            name="server",
            image=by_digest(f"slot '{slot.names.service}'", args.image),
            command=protocol.command(self.kind),
            args=protocol.arguments(self.kind, self.model, args.concurrency, args.accelerators, args.arguments) or None,
            env=[
                *weights.environment(args.weights),
                *(EnvVarArgs(name=name, value=value) for name, value in told.items()),
            ],
            ports=[ContainerPortArgs(name="http", container_port=spoken.port)],
            startup_probe=probes.startup(spoken, args.start.start_seconds),
            readiness_probe=probes.readiness(spoken),
            liveness_probe=probes.liveness(spoken),
            lifecycle=self.drain.lifecycle(),
            resources=self._resources(accelerators=True),
            security_context=_unprivileged(),
            volume_mounts=[weights.server_mount(), *self._mounts()],
        )

    def _resources(self, *, accelerators: bool) -> ResourceRequirementsArgs:
        args = self.args
        devices = {args.accelerator.value: str(args.accelerators)} if accelerators and args.accelerator else {}
        disk = f"{weights.room_mib(args.weights) + 1024}Mi"
        # No limit of CPU: a replica that is throttled while its node has time to spare is only slow.
        return ResourceRequirementsArgs(
            requests={"cpu": args.cpu, "memory": args.memory, "ephemeral-storage": disk, **devices},
            limits={"memory": args.memory, **devices},
        )

    def _volumes(self) -> list[VolumeArgs]:
        shared = EmptyDirVolumeSourceArgs(medium="Memory", size_limit=SHARED_MEMORY)
        return [
            VolumeArgs(name="tmp", empty_dir=EmptyDirVolumeSourceArgs(size_limit=f"{TEMPORARY_GIB}Gi")),
            *([VolumeArgs(name="shared-memory", empty_dir=shared)] if self.kind is Kind.LLM else []),
        ]

    def _mounts(self) -> list[VolumeMountArgs]:
        return [
            VolumeMountArgs(name="tmp", mount_path="/tmp"),  # noqa: S108  a volume of the pod
            *([VolumeMountArgs(name="shared-memory", mount_path="/dev/shm")] if self.kind is Kind.LLM else []),  # noqa: S108
        ]


def _unprivileged() -> SecurityContextArgs:
    return SecurityContextArgs(
        allow_privilege_escalation=False,
        read_only_root_filesystem=True,
        run_as_non_root=True,
        capabilities=CapabilitiesArgs(drop=["ALL"]),
    )


def cold_start_annotations(args: VariantArgs) -> dict[str, pulumi.Input[str]]:
    """What a Deployment says of the start of its pods; recovery estimates read it, and pods don't change with it."""
    return {
        "stanchion.dev/image-bytes": str(args.start.image_bytes),
        "stanchion.dev/weight-bytes": str(args.weights.size_bytes),
        "stanchion.dev/load-rate": str(args.start.bytes_per_second),
        "stanchion.dev/engine-init": f"{args.start.start_seconds}s",
    }
