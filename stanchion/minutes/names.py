"""What the table of minutes is called, and the attributes of its key."""

# What a row is of, such as `endpoint:chat` or `parts:chat`; the minute, and for a part which one.
PARTITION_KEY = "series"
SORT_KEY = "minute"
# Seconds since 1970, by which DynamoDB removes a row.
TIME_TO_LIVE = "remove_at"


def minute_table(environment: str) -> str:
    """The table of an environment's minutes; each region has its own, of what its own gateways answered."""
    return f"{environment}-minutes"
