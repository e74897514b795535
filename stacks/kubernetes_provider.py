"""The provider of what lies in a region's cluster."""

import pulumi
import pulumi_kubernetes

from components.serving.kubeconfig import kubeconfig
from stanchion.layers import Place


def kubernetes_provider(
    place: Place,
    cluster_name: pulumi.Input[str],
    endpoint: pulumi.Input[str],
    certificate_authority: pulumi.Input[str],
) -> pulumi_kubernetes.Provider:
    """A provider for one cluster; the arguments are what the cluster says of itself.

    Every change is a server-side apply, so that fields which another manager set, as a rollout does, are left alone.
    """
    return pulumi_kubernetes.Provider(
        f"{place.layer}-{place.region}-kubernetes",
        kubeconfig=kubeconfig(cluster_name, endpoint, certificate_authority, str(place.region)),
        enable_server_side_apply=True,
        # A cluster that can't be reached keeps its objects: they are not forgotten as if they had been deleted.
        delete_unreachable=False,
    )
