"""Reading Kubernetes objects: clusters, pods, replicas and nodes, as the mechanisms of Kubernetes compute need them."""
