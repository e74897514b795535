"""The four disruptions that recovery is computed for."""

from enum import StrEnum


class Disruption(StrEnum):
    """What goes wrong. The names are those of the environment document."""

    APPLICATION = "application"
    """A bad deployment, or data that was corrupted or deleted: replicas are damaged with it."""
    INFRASTRUCTURE = "infrastructure"
    """A machine, a disk or a spot instance is gone."""
    ZONE = "zone"
    """An availability zone is gone."""
    REGION = "region"
    """A region is gone."""
