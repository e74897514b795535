"""An exemption: a rule that is let pass for some resources, with a reason, an owner and an end."""

from dataclasses import dataclass
from datetime import UTC, date, datetime
from fnmatch import fnmatchcase

from policies.rule import Violation


@dataclass(frozen=True, slots=True)
class Exemption:
    """One exemption.

    Args:
        rule: id of the rule.
        resource: a pattern (`*`, `?`) over URN or logical name; a violation of the program as a whole has none, and is
            covered by `*` only.
        reason: why, for whoever reads it next.
        owner: who answers for it.
        expires: the last day on which it counts.
    """

    rule: str
    resource: str
    reason: str
    owner: str
    expires: date

    def covers(self, rule: str, urn: str) -> bool:
        """Whether it is about this violation."""
        return rule == self.rule and any(fnmatchcase(text, self.resource) for text in (urn, urn.rsplit("::", 1)[-1]))

    def is_expired(self, today: date | None = None) -> bool:
        """Whether its last day is over; days end in UTC."""
        return (today or datetime.now(UTC).date()) > self.expires


def expired(exemption: Exemption) -> Violation:
    """What an exemption that is over says."""
    return Violation(
        f"the exemption of '{exemption.resource}' expired on {exemption.expires} (owner {exemption.owner}, reason: "
        f"{exemption.reason}); mend what it covered, or renew it with a new reason and date."
    )


def unused(exemption: Exemption) -> Violation:
    """What an exemption says that nothing needs."""
    return Violation(
        f"the exemption of '{exemption.resource}' (owner {exemption.owner}) covers nothing in this program; remove it "
        "if it is of no other."
    )
