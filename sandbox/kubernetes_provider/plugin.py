"""The provider's process, one per provider instance: `python -m sandbox.kubernetes_provider.plugin`."""

from sandbox.provider.plugin import serve, without_sdk

if __name__ == "__main__":
    without_sdk()
    from sandbox.kubernetes_provider import schemas
    from sandbox.kubernetes_provider.servicer import KubernetesProvider

    serve(KubernetesProvider, schemas.load)
