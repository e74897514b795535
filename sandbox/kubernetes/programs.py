"""The programs of a control plane and their flags."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from sandbox.errors import SandboxError
from sandbox.kubernetes.binaries import CONTROL_PLANE
from sandbox.kubernetes.nodes import FAKE
from sandbox.kubernetes.plane_folder import (
    ETCD,
    FRONT_PROXY,
    SERVER,
    SERVICE_ADDRESSES,
    TOKEN_SIGNER,
    PlaneFolder,
    PlanePorts,
)
from sandbox.kubernetes.process_node.placement import FLAGS as PLACEMENT
from sandbox.ports import LOOPBACK

STAGES = Path(__file__).resolve().parent / "stages.yaml"
# What etcd and the API server have to answer before the others can do anything.
FIRST = ("etcd", "kube-apiserver")

# By program, by flag without its dashes.
Flags = Mapping[str, Mapping[str, str]]


@dataclass(frozen=True)
class Program:
    """One program of a control plane.

    Args:
        arguments: what follows the executable.
    """

    name: str
    arguments: tuple[str, ...]


def programs(folder: PlaneFolder, ports: PlanePorts, region: str, flags: Flags) -> tuple[Program, ...]:
    """The programs in the order they are started in.

    Args:
        flags: take the place of ours or come on top, such as `{"kube-scheduler": {"v": "2"}}`.

    Raises:
        SandboxError: there is no such program.
    """
    if unknown := sorted(set(flags) - set(CONTROL_PLANE)):
        raise SandboxError(
            f"a control plane has no program '{unknown[0]}' to give flags to; allowed: {', '.join(CONTROL_PLANE)}."
        )
    ours: Flags = {
        "etcd": _etcd(folder, ports),
        "kube-apiserver": _api_server(folder, ports),
        "kube-controller-manager": _controller_manager(folder, region),
        "kube-scheduler": _quiet_client(folder, "system:kube-scheduler"),
        "kwok": {
            "kubeconfig": str(folder.kubeconfig_of("kwok")),
            "config": str(STAGES),
            # Not all nodes: a node that no longer has the label is one whose kubelet fell silent.
            "manage-nodes-with-label-selector": "=".join(FAKE),
            "node-lease-duration-seconds": "40",
        },
    }
    return tuple(
        Program(name, tuple(f"--{flag}={value}" for flag, value in {**of, **flags.get(name, {})}.items()))
        for name, of in ours.items()
    )


def _etcd(folder: PlaneFolder, ports: PlanePorts) -> Mapping[str, str]:
    client, peer = f"https://{LOOPBACK}:{ports.etcd}", f"https://{LOOPBACK}:{ports.etcd_peer}"
    tls = folder.authority
    pair = {"cert-file": str(tls.certificate_of(ETCD)), "key-file": str(tls.key_of(ETCD))}
    # Whoever asks has to have a certificate of the authority: the loopback address is everybody's on this machine.
    guarded = {**pair, "trusted-ca-file": str(tls.certificate), "client-cert-auth": "true"}
    return {
        "name": "local",
        "data-dir": str(folder.data),
        "listen-client-urls": client,
        "advertise-client-urls": client,
        "listen-peer-urls": peer,
        "initial-advertise-peer-urls": peer,
        "initial-cluster": f"local={peer}",
        **guarded,
        **{f"peer-{flag}": value for flag, value in guarded.items()},
        # A machine that loses power loses a local cloud: nothing waits for the disk.
        "unsafe-no-fsync": "true",
        "log-level": "warn",
    }


def _api_server(folder: PlaneFolder, ports: PlanePorts) -> Mapping[str, str]:
    tls = folder.authority
    signer = str(tls.key_of(TOKEN_SIGNER))
    return {
        "etcd-servers": f"https://{LOOPBACK}:{ports.etcd}",
        "etcd-cafile": str(tls.certificate),
        "etcd-certfile": str(tls.certificate_of(ETCD)),
        "etcd-keyfile": str(tls.key_of(ETCD)),
        "bind-address": LOOPBACK,
        "secure-port": str(ports.api),
        "tls-cert-file": str(tls.certificate_of(SERVER)),
        "tls-private-key-file": str(tls.key_of(SERVER)),
        "token-auth-file": str(folder.tokens),
        "anonymous-auth": "false",
        "authorization-mode": "RBAC",
        "service-account-issuer": "https://kubernetes.default.svc",
        "service-account-key-file": signer,
        "service-account-signing-key-file": signer,
        "service-cluster-ip-range": SERVICE_ADDRESSES,
        # The service `kubernetes` would get the loopback address, which the API itself refuses as an endpoint.
        "endpoint-reconciler-type": "none",
        **PLACEMENT,
        **_aggregation(folder),
        "profiling": "false",
    }


def _aggregation(folder: PlaneFolder) -> Mapping[str, str]:
    """How servers of other groups know that it is the API server who passes on a request, and for whom."""
    tls = folder.authority
    return {
        "proxy-client-cert-file": str(tls.certificate_of(FRONT_PROXY)),
        "proxy-client-key-file": str(tls.key_of(FRONT_PROXY)),
        "requestheader-client-ca-file": str(tls.certificate),
        "requestheader-allowed-names": FRONT_PROXY,
        "requestheader-username-headers": "X-Remote-User",
        "requestheader-group-headers": "X-Remote-Group",
        "requestheader-extra-headers-prefix": "X-Remote-Extra-",
    }


def _controller_manager(folder: PlaneFolder, region: str) -> Mapping[str, str]:
    return {
        **_quiet_client(folder, "system:kube-controller-manager"),
        "cluster-name": region,
        "root-ca-file": str(folder.authority.certificate),
        "service-account-private-key-file": str(folder.authority.key_of(TOKEN_SIGNER)),
    }


def _quiet_client(folder: PlaneFolder, user: str) -> Mapping[str, str]:
    """Of a program that is alone, so elects no leader, and serves nothing itself."""
    return {
        "kubeconfig": str(folder.kubeconfig_of(user)),
        "leader-elect": "false",
        "secure-port": "0",
        "profiling": "false",
    }
