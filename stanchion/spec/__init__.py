"""The environment document: its parts, how it is read, and what is said when it can't be."""

from stanchion.spec.accounts import Accounts
from stanchion.spec.continuity import BackedUp, Continuity, VaultLock
from stanchion.spec.environment import Cloud, Environment, Retention
from stanchion.spec.errors import Problem, SpecError
from stanchion.spec.loader import environment_names, load_environment, load_text, problem_at
from stanchion.spec.network import Cidrs, Nat, Network
from stanchion.spec.refusal import Refusal
from stanchion.spec.regions import Regions
from stanchion.spec.storage import ArchiveClass, BucketPolicy, Storage, Tiering
from stanchion.spec.tiers import AUTO, DISRUPTIONS, Decide, Disruption, Objectives, Tier
from stanchion.spec.units import Duration, Money

__all__ = [
    "AUTO",
    "DISRUPTIONS",
    "Accounts",
    "ArchiveClass",
    "BackedUp",
    "BucketPolicy",
    "Cidrs",
    "Cloud",
    "Continuity",
    "Decide",
    "Disruption",
    "Duration",
    "Environment",
    "Money",
    "Nat",
    "Network",
    "Objectives",
    "Problem",
    "Refusal",
    "Regions",
    "Retention",
    "SpecError",
    "Storage",
    "Tier",
    "Tiering",
    "VaultLock",
    "environment_names",
    "load_environment",
    "load_text",
    "problem_at",
]
