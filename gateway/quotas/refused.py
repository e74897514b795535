"""What a client is told of its quotas."""

from gateway.refusals import RefusedError
from stanchion.quotas.decision import Decision

WARNING_HEADER = "x-stanchion-quota-warning"
QUOTA_HEADER = "x-stanchion-quota"


class QuotaError(RefusedError):
    """A quota is used up, or what is used of it can't be known: 429 with which one, and when it is worth another try.

    Args:
        decision: one that does not allow.
    """

    def __init__(self, decision: Decision) -> None:
        headers = {
            "retry-after": str(decision.retry_after),
            QUOTA_HEADER: f"{decision.quota}; limit={decision.limit:g}",
        }
        super().__init__(429, decision.code, decision.message, headers)
