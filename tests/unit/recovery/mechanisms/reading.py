"""Reads what a mechanism found: amounts of a store's protections, and which values are missing."""

from stanchion.graph import Resource, ResourceGraph, Unsettled
from stanchion.recovery.disruption import Disruption
from stanchion.recovery.findings import Note, Protection, Store
from stanchion.recovery.mechanism import Mechanism
from stanchion.recovery.term import Amount, total

APPLICATION, INFRASTRUCTURE, ZONE, REGION = Disruption


class Found:
    """The findings of one mechanism, by the name of the store."""

    def __init__(self, mechanism: Mechanism, graph: ResourceGraph) -> None:
        self.graph = graph
        findings = list(mechanism.find(graph))
        self.stores = [finding for finding in findings if isinstance(finding, Store)]
        self.notes = [finding.text for finding in findings if isinstance(finding, Note)]
        self._protections = [finding for finding in findings if isinstance(finding, Protection)]
        assert {store.urn for store in self.stores} >= {protection.store for protection in self._protections}
        assert {graph.resources[store.urn].type for store in self.stores} <= mechanism.stores

    def names(self, store: str, disruption: Disruption) -> set[str]:
        return {protection.name for protection in self.of(store, disruption)}

    def of(self, store: str, disruption: Disruption) -> list[Protection]:
        return [p for p in self._protections if self._resource(p).name == store and p.disruption is disruption]

    def loss(self, store: str, disruption: Disruption) -> Amount | None:
        """The best loss that is known; else why it is not; None where nothing protects."""
        amounts = [total(term.amount for term in p.loss) for p in self.of(store, disruption)]
        known = [amount for amount in amounts if not isinstance(amount, Unsettled)]
        return min(known) if known else next(iter(amounts), None)

    def restore(self, store: str, disruption: Disruption, name: str) -> Amount:
        found = next(p for p in self.of(store, disruption) if p.name == name)
        return total(term.amount for term in found.restore)

    def missing(self, store: str, disruption: Disruption) -> str:
        loss = self.loss(store, disruption)
        assert isinstance(loss, Unsettled), loss
        return loss.property

    def _resource(self, protection: Protection) -> Resource:
        return self.graph.resources[protection.store]


def worse(one: Amount | None, other: Amount | None) -> bool:
    """Whether the first may lose more; what is missing or can't be told is the worst."""

    def seconds(amount: Amount | None) -> float:
        return float("inf") if amount is None or isinstance(amount, Unsettled) else amount

    return seconds(one) > seconds(other)
