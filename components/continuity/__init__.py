"""What the platform needs to come back: the place Pulumi keeps its own state in."""
