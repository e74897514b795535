"""The environment document: its parts, how it is read, and what is said when it can't be.

A part is imported when it is first asked for: who needs a duration need not wait for all that a document may hold.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from stanchion.spec.accounts import Accounts
    from stanchion.spec.answers import CachedAnswers, HumanAnswers
    from stanchion.spec.capacity import KUBERNETES_VERSIONS, Capacity, Engine, role_arn
    from stanchion.spec.continuity import BackedUp, Continuity, VaultLock
    from stanchion.spec.endpoints import (
        RUNGS,
        BatchEndpoint,
        Endpoint,
        EndpointCapacity,
        Keys,
        OnlineEndpoint,
        Rung,
        Slo,
        Standby,
    )
    from stanchion.spec.entry import Certificates, Entry
    from stanchion.spec.environment import Cloud, Environment, Retention
    from stanchion.spec.errors import Problem, SpecError
    from stanchion.spec.functions import Functions
    from stanchion.spec.gateway import Gateway, GatewayCache, GatewayReplicas, OidcProvider
    from stanchion.spec.images import FromImage
    from stanchion.spec.loader import environment_names, load_environment, load_text, problem_at
    from stanchion.spec.models import VARIANTS, Model, Resources, Variant, VariantName, Weights
    from stanchion.spec.network import Cidrs, Nat, Network
    from stanchion.spec.payloads import Payloads
    from stanchion.spec.pools import SPOT_TYPES, Accelerator, Pool
    from stanchion.spec.quotas import EndpointQuota
    from stanchion.spec.refusal import Refusal
    from stanchion.spec.regions import Regions
    from stanchion.spec.storage import ArchiveClass, BucketPolicy, Storage, Tiering
    from stanchion.spec.tiers import AUTO, DISRUPTIONS, Decide, Disruption, Objectives, Tier
    from stanchion.spec.units import Cores, Duration, Latency, Money, Size

_NAMES = {
    "accounts": ("Accounts",),
    "answers": ("CachedAnswers", "HumanAnswers"),
    "capacity": ("KUBERNETES_VERSIONS", "Capacity", "Engine", "role_arn"),
    "continuity": ("BackedUp", "Continuity", "VaultLock"),
    "endpoints": (
        "RUNGS",
        "BatchEndpoint",
        "Endpoint",
        "EndpointCapacity",
        "Keys",
        "OnlineEndpoint",
        "Rung",
        "Slo",
        "Standby",
    ),
    "entry": ("Certificates", "Entry"),
    "environment": ("Cloud", "Environment", "Retention"),
    "errors": ("Problem", "SpecError"),
    "functions": ("Functions",),
    "gateway": ("Gateway", "GatewayCache", "GatewayReplicas", "OidcProvider"),
    "images": ("FromImage",),
    "loader": ("environment_names", "load_environment", "load_text", "problem_at"),
    "models": ("VARIANTS", "Model", "Resources", "Variant", "VariantName", "Weights"),
    "network": ("Cidrs", "Nat", "Network"),
    "payloads": ("Payloads",),
    "pools": ("SPOT_TYPES", "Accelerator", "Pool"),
    "quotas": ("EndpointQuota",),
    "refusal": ("Refusal",),
    "regions": ("Regions",),
    "storage": ("ArchiveClass", "BucketPolicy", "Storage", "Tiering"),
    "tiers": ("AUTO", "DISRUPTIONS", "Decide", "Disruption", "Objectives", "Tier"),
    "units": ("Cores", "Duration", "Latency", "Money", "Size"),
}
_WHERE = {name: module for module, names in _NAMES.items() for name in names}


def __getattr__(name: str) -> Any:
    """A name of one of the parts, from its module."""
    if name not in _WHERE:
        raise AttributeError(f"module '{__name__}' has no attribute '{name}'")
    found = getattr(import_module(f"{__name__}.{_WHERE[name]}"), name)
    globals()[name] = found
    return found


__all__ = [
    "AUTO",
    "DISRUPTIONS",
    "KUBERNETES_VERSIONS",
    "RUNGS",
    "SPOT_TYPES",
    "VARIANTS",
    "Accelerator",
    "Accounts",
    "ArchiveClass",
    "BackedUp",
    "BatchEndpoint",
    "BucketPolicy",
    "CachedAnswers",
    "Capacity",
    "Certificates",
    "Cidrs",
    "Cloud",
    "Continuity",
    "Cores",
    "Decide",
    "Disruption",
    "Duration",
    "Endpoint",
    "EndpointCapacity",
    "EndpointQuota",
    "Engine",
    "Entry",
    "Environment",
    "FromImage",
    "Functions",
    "Gateway",
    "GatewayCache",
    "GatewayReplicas",
    "HumanAnswers",
    "Keys",
    "Latency",
    "Model",
    "Money",
    "Nat",
    "Network",
    "Objectives",
    "OidcProvider",
    "OnlineEndpoint",
    "Payloads",
    "Pool",
    "Problem",
    "Refusal",
    "Regions",
    "Resources",
    "Retention",
    "Rung",
    "Size",
    "Slo",
    "SpecError",
    "Standby",
    "Storage",
    "Tier",
    "Tiering",
    "Variant",
    "VariantName",
    "VaultLock",
    "Weights",
    "environment_names",
    "load_environment",
    "load_text",
    "problem_at",
    "role_arn",
]
