"""Where gateways are in a cluster, so that who makes them and who looks for them agree."""

GATEWAY_NAMESPACE = "gateway"
# The Deployment, its service account, and the Service that clients come by.
GATEWAY = "gateway"
ACCOUNT = "gateway"
# The Service by which gateways find each other; it has no address of its own.
PEERS = "gateway-peers"
# Of a pod: what clients reach, and what only the cluster does (health, metrics, demand).
PUBLIC_PORT, INTERNAL_PORT = 8080, 8081
# Of the Service, for clients.
SERVICE_PORT = 80


def internal_address(namespace: str = GATEWAY_NAMESPACE) -> str:
    """What the autoscaler asks for demand; any gateway answers for all of them."""
    return f"http://{GATEWAY}.{namespace}.svc:{INTERNAL_PORT}"


def peers(namespace: str = GATEWAY_NAMESPACE) -> str:
    """What a gateway is told of the others."""
    return f"{namespace}/{PEERS}"
