"""Quotas of vCPUs: whether the nodes that a region may need can run there at all."""

import re
from collections import defaultdict
from collections.abc import Mapping, Sequence

from stanchion.graph import Resource, ResourceGraph, Setting, Unsettled
from stanchion.recovery.mechanisms.kubernetes.objects import NODE_GROUP
from stanchion.recovery.mechanisms.kubernetes.pools import Pool
from stanchion.recovery.mechanisms.kubernetes.sources import QUOTA
from stanchion.recovery.term import UNBOUNDED, Amount, Grade, Term

SERVICE_QUOTA = "aws:servicequotas/serviceQuota:ServiceQuota"
# Classes of instance families, by the first letters of the type: on-demand and spot quota, and what it is called.
_CODES = (
    (("inf",), "L-1945791B", "L-B5D1601B", "Inf"),
    (("trn",), "L-2C3B7624", "L-6B0D517C", "Trn"),
    (("dl",), "L-6E869C2A", "L-85EED4F7", "DL"),
    (("hpc",), "L-F7808C92", "", "HPC"),
    (("mac",), "", "", "Mac"),
    (("u-", "u7"), "L-43DA4232", "", "High Memory"),
    (("g", "vt"), "L-DB2E81BA", "L-3819A6DF", "G and VT"),
    (("p5",), "L-417A185B", "L-C4BD4855", "P5"),
    (("p",), "L-417A185B", "L-7212CCBC", "P"),
    (("f",), "L-74FC7D96", "L-88CF9481", "F"),
    (("x",), "L-7295265B", "L-E3A00192", "X"),
    (("a", "c", "d", "h", "i", "m", "r", "t", "z"), "L-1216C47A", "L-34B43A08", "Standard (A, C, D, H, I, M, R, T, Z)"),
)
# Labels by which a NodePool names families or whole categories, the nearest first.
_FAMILIES = (
    "karpenter.k8s.aws/instance-family",
    "eks.amazonaws.com/instance-family",
    "karpenter.k8s.aws/instance-category",
    "eks.amazonaws.com/instance-category",
)
_SIZES = {"nano": 2.0, "micro": 2.0, "small": 2.0, "medium": 2.0, "large": 2.0, "xlarge": 4.0}
_LARGER = re.compile(r"(\d+)xlarge")


def vcpus(instance_type: str) -> float | None:
    """vCPUs of an instance type at most, by its size; None for sizes that do not tell (metal)."""
    size = instance_type.rpartition(".")[2]
    match = _LARGER.fullmatch(size)
    return 4.0 * int(match[1]) if match else _SIZES.get(size)


def quota_code(instance_type: str, *, spot: bool) -> str:
    """The quota that an instance type counts against; empty when it is none of vCPUs."""
    for prefixes, on_demand, of_spot, _ in _CODES:
        if instance_type.startswith(prefixes):
            return of_spot if spot else on_demand
    return ""


def quota_name(code: str) -> str:
    """How people call a quota: `on-demand vCPUs of class G and VT`."""
    for _, on_demand, of_spot, name in reversed(_CODES):
        if code in (on_demand, of_spot):
            return f"{'on-demand' if code == on_demand else 'spot'} vCPUs of class {name}"
    return f"vCPUs of quota {code}"


def quotas_of(graph: ResourceGraph) -> Mapping[str, Mapping[str, Resource]]:
    """The quotas that a program sets, by region and code."""
    found: dict[str, dict[str, Resource]] = defaultdict(dict)
    for quota in graph.of_type(SERVICE_QUOTA):
        region, code = graph.region_of(quota), quota.at("quotaCode").value
        if isinstance(region, str) and isinstance(code, str):
            found[region].setdefault(code, quota)
    return found


def quota_term(quotas: Mapping[str, Resource], pools: Sequence[Pool], region: str) -> Term | None:
    """Whether the quotas of a region let pools grow to their maximum; None when no quota of theirs is set.

    Args:
        quotas: those of the region, by code.
        pools: the pools whose pods take over.
        region: where.
    """
    wanted = needed(pools)
    for code in sorted(wanted.keys() & quotas.keys()):
        amount, value = wanted[code], quotas[code].at("value").number(0)
        for part in (amount, value):
            if isinstance(part, Unsettled):
                return Term("vCPU quota", part, Grade.NONE, QUOTA, part.urn, part.property)
        if isinstance(amount, float) and isinstance(value, float) and amount > value:
            name = f"the quota of {value:.0f} vCPUs in {region} is less than the {amount:.0f} of the largest pool size"
            return Term.of(name, UNBOUNDED, Grade.NONE, QUOTA, quotas[code].at("value"))
    met = sorted(wanted.keys() & quotas.keys())
    if not met:
        return None
    return Term.of(f"the vCPU quota in {region} suffices", 0.0, Grade.BOUND, QUOTA, quotas[met[0]].at("value"))


def needed(pools: Sequence[Pool]) -> dict[str, float | Unsettled]:
    """vCPUs by quota that pools need at their largest; pools without a limit or without known types are left out."""
    found: dict[str, float | Unsettled] = {}
    for pool in pools:
        for code, amount in demand(pool).items():
            before = found.get(code, 0.0)
            if isinstance(before, Unsettled) or amount == UNBOUNDED:
                continue
            found[code] = amount if isinstance(amount, Unsettled) else before + amount
    return found


def demand(pool: Pool) -> dict[str, Amount]:
    """vCPUs that a pool has at its largest, by the quotas that it may take them from.

    A pool of several classes, or of spot and on-demand, may take all of them from any; without a limit it is
    unbounded, and nothing is in it when no setting names types, families or categories.
    """
    found: dict[str, Amount] = {}
    # What can't be told may be either.
    purchases = {False: pool.only_spot is not True, True: pool.spot is not False}
    for of_spot in (bought for bought, may_be in purchases.items() if may_be):
        by_code: dict[str, list[str]] = defaultdict(list)
        for kind in _kinds(pool):
            if code := quota_code(kind, spot=of_spot):
                by_code[code].append(kind)
        found |= {code: _most(pool, kinds) for code, kinds in by_code.items()}
    return found


def most_vcpus(instances: float, types: Sequence[str], at: Setting) -> float | Unsettled:
    """vCPUs of so many instances when all are of the largest type.

    Args:
        instances: how many.
        types: that they may have.
        at: the setting that names the types.
    """
    sizes = [vcpus(kind) for kind in types]
    known = [size for size in sizes if size is not None]
    if not known or len(known) < len(sizes):
        why = f"has an instance type whose vCPUs its name does not tell ({', '.join(types)})"
        return Unsettled(at.resource.urn, at.path, why)
    return instances * max(known)


def _kinds(pool: Pool) -> tuple[str, ...]:
    """Instance types, or their families, or their categories: the beginning of a type tells its class."""
    if pool.types:
        return pool.types
    named = (pool.labels.get(label) for label in _FAMILIES)
    return next((tuple(sorted(values)) for values in named if isinstance(values, frozenset)), ())


def _most(pool: Pool, kinds: Sequence[str]) -> Amount:
    """The smaller one of the limits of vCPUs and of nodes."""
    bounds: list[Amount] = [] if pool.ceiling_cpu is None else [pool.ceiling_cpu]
    if isinstance(pool.ceiling, Unsettled):
        bounds.append(pool.ceiling)
    elif pool.ceiling is not None:
        at = pool.resource.at("instanceTypes" if pool.resource.type == NODE_GROUP else "spec")
        bounds.append(most_vcpus(pool.ceiling, kinds, at))
    known = [bound for bound in bounds if not isinstance(bound, Unsettled)]
    return min(known) if known else bounds[0] if bounds else UNBOUNDED
