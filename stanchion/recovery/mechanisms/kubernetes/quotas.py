"""Quotas of vCPUs: whether the nodes that a region may need can run there at all."""

import re
from collections import defaultdict
from collections.abc import Mapping, Sequence

from stanchion.graph import Resource, ResourceGraph, Unsettled
from stanchion.recovery.mechanisms.kubernetes.pools import Pool
from stanchion.recovery.mechanisms.kubernetes.sources import QUOTA
from stanchion.recovery.term import UNBOUNDED, Grade, Term

SERVICE_QUOTA = "aws:servicequotas/serviceQuota:ServiceQuota"
# Classes of instance families, by the first letters of the type: on-demand and spot quota.
_CODES = (
    (("inf",), "L-1945791B", "L-B5D1601B"),
    (("trn",), "L-2C3B7624", "L-6B0D517C"),
    (("dl",), "L-6E869C2A", "L-85EED4F7"),
    (("hpc",), "L-F7808C92", ""),
    (("mac",), "", ""),
    (("u-",), "L-43DA4232", ""),
    (("g", "vt"), "L-DB2E81BA", "L-3819A6DF"),
    (("p5",), "L-417A185B", "L-C4BD4855"),
    (("p",), "L-417A185B", "L-7212CCBC"),
    (("f",), "L-74FC7D96", "L-88CF9481"),
    (("x",), "L-7295265B", "L-E3A00192"),
    (("a", "c", "d", "h", "i", "m", "r", "t", "z"), "L-1216C47A", "L-34B43A08"),
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
    for prefixes, on_demand, of_spot in _CODES:
        if instance_type.startswith(prefixes):
            return of_spot if spot else on_demand
    return ""


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
        if pool.ceiling is None or not pool.types:
            continue
        sizes = [vcpus(kind) for kind in pool.types]
        code = quota_code(pool.types[0], spot=pool.only_spot is True)
        if not code:
            continue
        found[code] = _added(found.get(code, 0.0), pool, pool.ceiling, sizes)
    return found


def _added(
    before: float | Unsettled, pool: Pool, ceiling: float | Unsettled, sizes: list[float | None]
) -> float | Unsettled:
    if isinstance(before, Unsettled):
        return before
    if isinstance(ceiling, Unsettled):
        return ceiling
    known = [size for size in sizes if size is not None]
    if len(known) < len(sizes):
        why = f"has an instance type whose vCPUs its name does not tell ({', '.join(pool.types)})"
        return Unsettled(pool.resource.urn, "instanceTypes", why)
    return before + ceiling * max(known)
