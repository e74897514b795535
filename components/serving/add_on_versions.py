"""Versions of EKS add-ons, by the version of Kubernetes; an update is a change of this file and of nothing else.

`aws eks describe-addon-versions --kubernetes-version <version>` says what an account can have.
"""

from enum import Enum

# Where they are from, read 2026-11-23: EKS user guide, versions of kube-proxy and CoreDNS, for what depends on the
# version of Kubernetes; the rest is what public programs of August to November 2026 pin and report as running.


class AddOn(Enum):
    """The add-ons that the platform uses, by EKS's names."""

    VPC_CNI = "vpc-cni"
    KUBE_PROXY = "kube-proxy"
    COREDNS = "coredns"
    POD_IDENTITY = "eks-pod-identity-agent"
    EBS_CSI = "aws-ebs-csi-driver"
    S3_CSI = "aws-mountpoint-s3-csi-driver"
    METRICS_SERVER = "metrics-server"
    OBSERVABILITY = "amazon-cloudwatch-observability"


ANY_VERSION = {
    AddOn.VPC_CNI: "v1.22.4-eksbuild.3",
    AddOn.POD_IDENTITY: "v1.3.10-eksbuild.3",
    AddOn.EBS_CSI: "v1.66.0-eksbuild.1",
    AddOn.S3_CSI: "v2.7.0-eksbuild.1",
    AddOn.METRICS_SERVER: "v0.9.0-eksbuild.11",
    AddOn.OBSERVABILITY: "v6.6.0-eksbuild.1",
}
BY_VERSION = {
    "1.33": {AddOn.KUBE_PROXY: "v1.33.10-eksbuild.13", AddOn.COREDNS: "v1.12.4-eksbuild.1"},
    "1.34": {AddOn.KUBE_PROXY: "v1.34.6-eksbuild.13", AddOn.COREDNS: "v1.13.2-eksbuild.4"},
    "1.35": {AddOn.KUBE_PROXY: "v1.35.3-eksbuild.18", AddOn.COREDNS: "v1.13.2-eksbuild.4"},
    "1.36": {AddOn.KUBE_PROXY: "v1.36.0-eksbuild.21", AddOn.COREDNS: "v1.14.3-eksbuild.16"},
}


def version_of(add_on: AddOn, kubernetes_version: str) -> str:
    """The version of an add-on for a version of Kubernetes.

    Raises:
        ValueError: a sentence with the version and those there are.
    """
    if kubernetes_version not in BY_VERSION:
        raise ValueError(
            f"no versions of add-ons are known for Kubernetes '{kubernetes_version}'; allowed: {', '.join(BY_VERSION)}."
            " Add it to components/serving/add_on_versions.py, or name the add-ons' versions."
        )
    return {**ANY_VERSION, **BY_VERSION[kubernetes_version]}[add_on]
