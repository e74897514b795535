"""EKS of the local cloud: its API, with a real Kubernetes control plane behind every cluster."""
