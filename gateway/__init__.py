"""The inference gateway: the one place that every request passes."""
