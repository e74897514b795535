"""What one attempt costs, estimated when it ends.

A replica costs its share of its node, and takes `concurrency` requests at a time: a request pays for one of these
places for as long as a replica was busy with it. What a replica costs while it waits is nobody's, so that the estimates
of a month add up to no more than its bill. External models cost by tokens. Cached answers cost nothing, tickets what
the document says an answer of a person's costs.

An estimate that lacks a price is 0 USD with version `unknown`; the views leave it out of every mean and say how many
there were, so that it is never taken for free.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from stanchion.costs.unit_prices import UNKNOWN, TokenPrice, UnitPrices
from stanchion.events.inference import CapacityType
from stanchion.serving.instances import InstanceType

# USD and the version of the prices.
Estimate = tuple[float, str]
_MS_AN_HOUR = 3_600_000.0
_MILLION = 1_000_000.0


@dataclass(frozen=True, slots=True)
class ReplicaPrice:
    """Of one replica.

    Args:
        usd_per_hour: of its share of a node on demand; None when it is not known.
        concurrency: requests that it takes at a time.
    """

    usd_per_hour: float | None
    concurrency: int

    def __post_init__(self) -> None:
        if self.concurrency < 1 or (self.usd_per_hour is not None and not self.usd_per_hour >= 0):
            raise ValueError(f"{self} is the price of no replica")


def share_of_node(node: InstanceType, millis: int, mib: int, accelerators: int = 0) -> float:
    """The largest of the shares that a replica takes of what pods can have; above 1 where it does not fit.

    Args:
        node: of the pool.
        millis: thousandths of a vCPU.
        mib: MiB of memory.
        accelerators: of the pool's kind.
    """
    shares = [millis / node.pod_millis, mib / node.pod_mib]
    if accelerators:
        shares.append(accelerators / node.accelerators if node.accelerators else float("inf"))
    return max(shares)


def replica_usd_per_hour(
    prices: UnitPrices, region: str, types: Iterable[InstanceType], millis: int, mib: int, accelerators: int = 0
) -> float | None:
    """A replica's share of the node of its pool on which it costs least, on demand; None when no price is known.

    Args:
        prices: the list.
        region: where the pool is.
        types: of the pool; Karpenter takes the cheapest that fits.
        millis: thousandths of a vCPU.
        mib: MiB of memory.
        accelerators: of the pool's kind.
    """
    known = [
        usd * share_of_node(node, millis, mib, accelerators)
        for node in types
        if node.holds(millis, mib, accelerators) and (usd := prices.instance(node.name, region)) is not None
    ]
    return min(known, default=None)


def busy_usd(replica: ReplicaPrice, capacity: CapacityType, busy_ms: float, spot_share: float) -> float | None:
    """What the place of a request on a replica costs for a time; None when the replica's price is not known.

    Args:
        replica: its price.
        capacity: of its node; what is reserved is estimated as on demand.
        busy_ms: how long it was busy with the request.
        spot_share: of the price on demand that spot costs.
    """
    if replica.usd_per_hour is None:
        return None
    factor = spot_share if capacity == "spot" else 1.0
    return replica.usd_per_hour * factor * max(0.0, busy_ms) / _MS_AN_HOUR / replica.concurrency


def token_usd(price: TokenPrice | None, tokens_in: int, tokens_out: int) -> float | None:
    """What an external model costs; None when its price is not known."""
    if price is None:
        return None
    return (price.usd_in * tokens_in + price.usd_out * tokens_out) / _MILLION


class Estimator:
    """Estimates of attempts, with the version of the prices they are made with.

    Args:
        replicas: by a name of the caller's, such as `chat/full`.
        prices: the list.
        human_usd: of a ticket.
    """

    def __init__(self, replicas: Mapping[str, ReplicaPrice], prices: UnitPrices, human_usd: float = 0.0) -> None:
        self._replicas = replicas
        self._prices = prices
        self._human_usd = human_usd

    def busy(self, name: str, capacity: CapacityType, busy_ms: float) -> Estimate:
        """Of an attempt on a replica."""
        if capacity == "none":
            return 0.0, self._prices.version
        replica = self._replicas.get(name)
        known = None if replica is None else busy_usd(replica, capacity, busy_ms, self._prices.spot_share)
        return self._said(known)

    def tokens(self, model: str, tokens_in: int, tokens_out: int) -> Estimate:
        """Of an attempt on an external model."""
        return self._said(token_usd(self._prices.external.get(model), tokens_in, tokens_out))

    def cached(self) -> Estimate:
        """Of an answer from before."""
        return 0.0, self._prices.version

    def ticket(self) -> Estimate:
        """Of a ticket."""
        return self._human_usd, self._prices.version

    def _said(self, usd: float | None) -> Estimate:
        return (0.0, UNKNOWN) if usd is None else (usd, self._prices.version)
