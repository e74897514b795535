"""What ships models and services: container repositories and their replication."""
