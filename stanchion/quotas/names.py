"""What the table of counters is called, and the keys of its items."""

# One item for each counter and region: gateways of a region add to their own, and read all.
PARTITION_KEY = "counter"
SORT_KEY = "region"
# Seconds since 1970, by which DynamoDB removes a counter whose window is long over.
TIME_TO_LIVE = "remove_at"
AMOUNT = "used"


def quota_table(environment: str) -> str:
    """The table of an environment's counters, a global table."""
    return f"{environment}-quotas"
