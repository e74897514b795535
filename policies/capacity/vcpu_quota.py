"""What pools may start fits into the account's quotas of vCPUs."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from math import isinf

from policies.reading.spot import GROUP, LAUNCH_TEMPLATE, NODE_GROUP, NODE_POOLS
from policies.reading.vcpus import ENVIRONMENT, Taker, takers
from policies.rule import Example, Group, Program, Rule, Severity, Threshold, Thresholds, Violation
from stanchion.graph import UNKNOWN, GraphBuilder, ResourceGraph, Setting, Unsettled
from stanchion.recovery.mechanisms.kubernetes.quotas import SERVICE_QUOTA, quota_name, quotas_of
from stanchion.recovery.term import Amount

_DEMAND = "what may be started fits into the account's quota of vCPUs"
_SHOWN = 4
# A region and the code of a quota.
Key = tuple[str, str]


def check(program: Program, thresholds: Thresholds) -> Iterable[Violation]:
    """Quotas that are smaller than what takes from them together, and those of which nobody says how large they are."""
    granted: dict[Key, float] = {}
    for line in thresholds["quotas"]:
        key = _read(str(line))
        if key is None:
            yield Violation(
                f"'{line}' in `quotas` of this rule is no quota; allowed is a region, a code and a number of vCPUs, "
                f"such as '{_EXAMPLE}'.",
                unknown=True,
            )
        else:
            granted[key[0]] = key[1]
    by_quota: dict[Key, list[Taker]] = defaultdict(list)
    for taker in takers(program.graph):
        region, own = taker.region, program.own is None or taker.resource.urn in program.own
        gap = region if isinstance(region, Unsettled) and (taker.vcpus or taker.gap) else taker.gap
        if gap is not None:
            if own:
                yield Violation.unsettled(gap, f"what {taker.label} may start fits into a quota of vCPUs")
            continue
        for code in taker.vcpus:
            by_quota[str(region), code].append(taker)
    for key in sorted(by_quota):
        mine = [t for t in by_quota[key] if program.own is None or t.resource.urn in program.own]
        if mine:
            yield from _judged(program, key, by_quota[key], mine, granted)


def _judged(
    program: Program, key: Key, all_takers: Sequence[Taker], mine: Sequence[Taker], granted: dict[Key, float]
) -> Iterator[Violation]:
    region, code = key
    for taker in mine:
        amount = taker.vcpus[code]
        if not isinstance(amount, Unsettled) and isinf(amount):
            yield Violation.at(
                taker.resource,
                f"{taker.label} may start any number of {quota_name(code)} in {region}, so no quota is sure to hold "
                "it; limit its vCPUs (of a NodePool: spec.limits.cpu).",
            )
    amounts = [(taker, taker.vcpus[code]) for taker in all_takers]
    gap = next((amount for _, amount in amounts if isinstance(amount, Unsettled)), None)
    if gap is not None:
        yield Violation.unsettled(gap, f"it fits into the quota of {quota_name(code)} in {region}")
        return
    known = [(taker, amount) for taker, amount in amounts if not isinstance(amount, Unsettled) and not isinf(amount)]
    total = sum(amount for _, amount in known)
    at = max(mine, key=lambda taker: (_size(taker.vcpus[code]), taker.resource.urn)).resource
    if total == 0:
        return
    parts = sorted(known, key=lambda one: (-one[1], one[0].resource.urn))
    listed = ", ".join(f"{taker.label} {amount:g}" for taker, amount in parts[:_SHOWN])
    more = f" and {len(parts) - _SHOWN} more" if len(parts) > _SHOWN else ""
    what = f"{total:g} {quota_name(code)} may be started in {region} ({listed}{more})"
    quota = _quota(program, key, granted)
    if quota is None:
        yield Violation(
            f"{what}, and nobody says how many the account has: write '{region} {code} <vCPUs>' into `quotas` of this "
            f"rule, as `aws service-quotas get-service-quota --service-code ec2 --quota-code {code} --region {region}` "
            "has it, or declare the ServiceQuota.",
            at.urn,
            unknown=True,
        )
    elif isinstance(quota, Unsettled):
        yield Violation.unsettled(quota, f"it holds the {what}")
    elif total > quota:
        yield Violation.at(
            at,
            f"{what}, and the account's quota {code} is {quota:g}: what is above it is refused when it is needed. "
            "Raise the quota, or lower the limits.",
        )


def _size(amount: Amount) -> float:
    return -1.0 if isinstance(amount, Unsettled) else amount


def _quota(program: Program, key: Key, granted: dict[Key, float]) -> float | Unsettled | None:
    """What the configuration says the account has; else what a ServiceQuota of the program asks for."""
    for place in (key, ("*", key[1])):
        if place in granted:
            return granted[place]
    resource = quotas_of(program.graph).get(key[0], {}).get(key[1])
    if resource is None:
        return None
    value: Setting = resource.at("value")
    return value.number(0) if value.is_set else value.wrong("a number of vCPUs")


def _read(line: str) -> tuple[Key, float] | None:
    parts = line.split()
    if len(parts) != 3 or not parts[1].startswith("L-"):
        return None
    try:
        number = float(parts[2])
    except ValueError:
        return None
    return ((parts[0], parts[1]), number) if 0 <= number < float("inf") else None


_STANDARD, _STANDARD_SPOT, _GPU = "L-1216C47A", "L-34B43A08", "L-DB2E81BA"
_EXAMPLE = f"us-east-1 {_STANDARD} 256"


def _program(
    standard: object = None, spot: object = None, *, limit: object = "64", burst: object = "64"
) -> ResourceGraph:
    """A floor of three nodes in a pool each, an overflow and a burst: 48 + 64 vCPUs on demand, 64 on spot."""
    builder = GraphBuilder()
    cluster = builder.add("aws:eks/cluster:Cluster", "main", {"name": "main"})
    provider = builder.add("pulumi:providers:kubernetes", "main", {"kubeconfig": cluster.ref("endpoint")})
    for zone in "abc":
        _pool(builder, provider, f"floor-{zone}", "on-demand", ["m7i.2xlarge"], {"nodes": "2"}, replicas=1)
    _pool(builder, provider, "overflow", "on-demand", ["m7i.xlarge", "m7i.4xlarge"], {"cpu": limit})
    _pool(builder, provider, "burst", "spot", ["m7i.xlarge", "m6i.xlarge"], {"cpu": burst})
    for code, value in ((_STANDARD, standard), (_STANDARD_SPOT, spot)):
        if value is not None:
            builder.add(SERVICE_QUOTA, code, {"serviceCode": "ec2", "quotaCode": code, "value": value})
    return builder.graph()


def _pool(
    builder: GraphBuilder, provider: object, name: str, bought: str, types: list[str], limits: object, **spec: object
) -> None:
    requirements = [
        {"key": "karpenter.sh/capacity-type", "operator": "In", "values": [bought]},
        {"key": "node.kubernetes.io/instance-type", "operator": "In", "values": types},
    ]
    limited = {} if limits == {"cpu": None} else {"limits": limits}
    inputs = {
        "metadata": {"name": name},
        "spec": {"template": {"spec": {"requirements": requirements}}, **limited, **spec},
    }
    builder.add(NODE_POOLS[0], name, inputs, provider=provider)  # pyright: ignore[reportArgumentType]


def _groups(quota: float) -> ResourceGraph:
    """A node group of 4 GPUs at most, and a group that is half spot: 4 x 8 vCPUs of class G, 10 x 2 of Standard."""
    builder = GraphBuilder()
    cluster = builder.add("aws:eks/cluster:Cluster", "main", {"name": "main"})
    scaling = {"minSize": 1, "maxSize": 4}
    inputs = {"clusterName": cluster.ref("name"), "instanceTypes": ["g6.2xlarge"], "scalingConfig": scaling}
    builder.add(NODE_GROUP, "gpu", inputs)
    template = builder.add(LAUNCH_TEMPLATE, "web", {"instanceType": "m7g.large"})
    mix = {
        "instancesDistribution": {"onDemandBaseCapacity": 2, "onDemandPercentageAboveBaseCapacity": 50},
        "launchTemplate": {"launchTemplateSpecification": {"launchTemplateId": template.ref("id")}},
    }
    builder.add(GROUP, "web", {"minSize": 2, "maxSize": 12, "mixedInstancesPolicy": mix})
    # 2 + 5 of 12 on demand, 5 on spot.
    for code, value in ((_GPU, quota), (_STANDARD, 14.0), (_STANDARD_SPOT, 10.0)):
        builder.add(SERVICE_QUOTA, code, {"serviceCode": "ec2", "quotaCode": code, "value": value})
    return builder.graph()


def _jobs(most: object) -> ResourceGraph:
    builder = GraphBuilder()
    resources = {"type": "SPOT", "maxVcpus": most, "instanceTypes": ["optimal"]}
    builder.add(ENVIRONMENT, "jobs", {"computeResources": resources})
    builder.add(SERVICE_QUOTA, "spot", {"serviceCode": "ec2", "quotaCode": _STANDARD_SPOT, "value": 64})
    return builder.graph()


RULE = Rule(
    id="capacity-vcpu-quota",
    group=Group.CAPACITY,
    severity=Severity.HIGH,
    description="What node groups, NodePools, Auto Scaling groups and compute environments of Batch may start at their "
    "largest, floors, bursts and overflows together, fits into the account's quotas of vCPUs, on demand and spot: a "
    "quota refuses instances when they are needed most. A quota of which nobody says how large it is fails.",
    remediation="Say what the account has in `quotas` of this rule or as a ServiceQuota, and raise it or lower the "
    "limits where it does not suffice.",
    source="EC2 user guide: On-Demand Instance quotas and Spot Instance quotas, vCPUs by class and region; Service "
    "Quotas API: GetServiceQuota",
    check=check,
    thresholds=(
        Threshold(
            "quotas",
            (),
            "What the account has, one text each: region (or *), code of the quota, vCPUs, as in "
            f"`{_EXAMPLE}` (Service Quotas, Amazon EC2).",
        ),
    ),
    passing=(
        Example("all of it fits", lambda: _program(112, 64)),
        Example("node groups and groups that fit", lambda: _groups(32)),
        Example("jobs that fit", lambda: _jobs(64)),
        Example("a burst of nothing", lambda: _program(112, burst="0")),
    ),
    failing=(
        Example("one less than floor and overflow", lambda: _program(111, 64), ("overflow",)),
        Example("one less than the burst", lambda: _program(112, 63), ("burst",)),
        Example("nobody says how many", _program, ("overflow", "burst")),
        Example("a quota that is not known", lambda: _program(UNKNOWN, 64), (_STANDARD,)),
        Example("a pool without a limit", lambda: _program(112, 64, limit=None), ("overflow",)),
        Example("a limit that is not known", lambda: _program(112, 64, limit=UNKNOWN), ("overflow",)),
        Example("one GPU too many", lambda: _groups(31), ("gpu",)),
        Example("jobs that don't fit", lambda: _jobs(65), ("jobs",)),
        Example("jobs of unknown size", lambda: _jobs(UNKNOWN), ("jobs",)),
    ),
)
