"""The kubeconfig by which a program reaches a cluster: no secret in it, a token is asked for when it is used."""

import json

import pulumi


def kubeconfig(
    cluster_name: pulumi.Input[str],
    endpoint: pulumi.Input[str],
    certificate_authority: pulumi.Input[str],
    region: str,
) -> pulumi.Output[str]:
    """A kubeconfig for the identity that runs the program.

    Args:
        cluster_name: as EKS knows it.
        endpoint: of its API server.
        certificate_authority: of the API server, in base64.
        region: where the cluster lies.

    Returns:
        A JSON document, which is YAML too. `aws eks get-token` (AWS CLI) makes tokens that live for 15 minutes.
    """
    return pulumi.Output.all(cluster_name, endpoint, certificate_authority).apply(
        lambda known: document(*known, region=region)
    )


def document(cluster_name: str, endpoint: str, certificate_authority: str, *, region: str) -> str:
    """The same of plain values."""
    command = {
        "apiVersion": "client.authentication.k8s.io/v1",
        "command": "aws",
        "args": ["eks", "get-token", "--cluster-name", cluster_name, "--region", region, "--output", "json"],
        "interactiveMode": "Never",
    }
    return json.dumps(
        {
            "apiVersion": "v1",
            "kind": "Config",
            "current-context": cluster_name,
            "clusters": [
                {
                    "name": cluster_name,
                    "cluster": {"server": endpoint, "certificate-authority-data": certificate_authority},
                }
            ],
            "users": [{"name": cluster_name, "user": {"exec": command}}],
            "contexts": [{"name": cluster_name, "context": {"cluster": cluster_name, "user": cluster_name}}],
        }
    )
