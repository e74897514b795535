"""A real Kubernetes control plane per region on fake nodes, as child processes on the loopback address."""
