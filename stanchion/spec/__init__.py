"""The environment document: what a team says about an environment, read and checked before anything is touched."""

from stanchion.spec.environment import Cloud, Environment, Retention
from stanchion.spec.loader import environment_names, load_environment, load_text
from stanchion.spec.network import Nat
from stanchion.spec.problem import Problem, SpecError
from stanchion.spec.storage import ArchiveClass, BucketPolicy, Tiering
from stanchion.spec.tiers import AUTO, DISRUPTIONS, Decide, Disruption, Objectives, Tier
from stanchion.spec.units import Duration, Money

__all__ = [
    "AUTO",
    "DISRUPTIONS",
    "ArchiveClass",
    "BucketPolicy",
    "Cloud",
    "Decide",
    "Disruption",
    "Duration",
    "Environment",
    "Money",
    "Nat",
    "Objectives",
    "Problem",
    "Retention",
    "SpecError",
    "Tier",
    "Tiering",
    "environment_names",
    "load_environment",
    "load_text",
]
