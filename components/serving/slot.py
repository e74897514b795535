"""One of the two places of a variant: its names, its labels, and how its pods are selected."""

from dataclasses import dataclass

from components.serving.placement import CAPACITY_LABEL
from components.serving.priority import Share
from stanchion.serving import slots
from stanchion.serving.slots import LONGEST_NAME, SlotNames, longest_name

SELECTING = ("stanchion.dev/endpoint", "stanchion.dev/variant", "stanchion.dev/slot")


@dataclass(frozen=True)
class Slot:
    """A slot as components see it.

    Args:
        names: of its objects.
        tier: of the endpoint.
    """

    names: SlotNames
    tier: str

    @property
    def in_service(self) -> bool:
        """Whether it is what serves until the first rollout."""
        return self.names.slot == slots.FIRST_SLOT

    @property
    def labels(self) -> dict[str, str]:
        """Labels of all that belongs to it; recovery objectives are looked up by workload and tier."""
        return slots.labels(self.names, self.tier)

    def pod_labels(self, share: Share) -> dict[str, str]:
        """Labels of the pods of its floor or of its burst, but for the version."""
        return slots.pod_labels(self.names, self.tier, share.value)

    @property
    def selector(self) -> dict[str, str]:
        """By which its pods are found, floor and burst: no more than is needed.

        A Deployment is replaced when its selector changes, and an endpoint may change its tier.
        """
        return {key: self.labels[key] for key in SELECTING}

    def selector_of(self, share: Share) -> dict[str, str]:
        """By which the pods of its floor, or of its burst, are found."""
        return {**self.selector, CAPACITY_LABEL: share.value}


def refuse_long(endpoint: str, variants: tuple[str, ...]) -> None:
    """Refuse a name from which some other name could not be made.

    Raises:
        ValueError: a sentence with the name that would be too long.
    """
    longest = longest_name(endpoint, variants)
    if len(longest) > LONGEST_NAME:
        raise ValueError(
            f"endpoint '{endpoint}' has objects such as '{longest}' of {len(longest)} characters; allowed: up to "
            f"{LONGEST_NAME}. Call it something of {len(endpoint) - len(longest) + LONGEST_NAME} characters or less."
        )
